"""Records: what is kept, what is counted, what is refused, and how one is taken back."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from audit.models import AuditEvent
from branches.models import Member, Membership, Organisation
from branches.rules import MemberStatus, Role
from records.actions import (
    AttendanceData,
    RecordData,
    RecordRefused,
    TalkData,
    cancel_record,
    make_record,
)
from records.models import Attendance, Record, Talk
from records.rules import RecordKind, TalkCategory, VoteCount
from tests.factories.branches import make_holder, make_member, make_organisation

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
HELD = date(2026, 11, 18)


def meeting(**fields: Any) -> RecordData:
    return RecordData(**{"kind": RecordKind.MEETING, "held_on": HELD, "topics": "讨论分工", **fields})


def test_a_meeting_keeps_what_was_typed_and_counts_the_ticks() -> None:
    branch = make_organisation()
    worker = make_holder(branch, Role.WORKER)
    came, away = make_member(branch), make_member(branch, status=MemberStatus.PROBATIONARY)
    data = meeting(
        place="会议室",
        host="张三",
        resolutions="分工如下",
        checked=("只有照片没有内容",),
        attendance=(AttendanceData(came, reason="不记"), AttendanceData(away, present=False, reason="出差")),
    )
    record = make_record(branch, data=data, by=worker, on=TODAY)
    assert (record.place, record.host, record.topics) == ("会议室", "张三", "讨论分工")
    assert (record.eligible_count, record.present_count) == (2, 1)
    assert record.checked == ["只有照片没有内容"]
    assert record.held_on == HELD
    assert record.entered_by == worker
    assert list(record.attendances.order_by("pk").values_list("member", "present", "reason")) == [
        (came.pk, True, ""),
        (away.pk, False, "出差"),
    ]
    event = AuditEvent.objects.get()
    assert (event.event, event.by) == ("records.record_made", worker)


def test_without_ticks_everybody_entitled_is_expected() -> None:
    branch = make_organisation()
    make_member(branch)
    make_member(branch, status=MemberStatus.PROBATIONARY)
    assert make_record(branch, data=meeting(), by=None, on=TODAY).eligible_count == 2
    vote = meeting(kind=RecordKind.VOTE)
    assert make_record(branch, data=vote, by=None, on=TODAY).eligible_count == 1


def test_a_vote_counts_full_members_only() -> None:
    branch = make_organisation()
    full, other = make_member(branch), make_member(branch)
    probationary = make_member(branch, status=MemberStatus.PROBATIONARY)
    data = meeting(
        kind=RecordKind.VOTE,
        attendance=(AttendanceData(full), AttendanceData(other, present=False), AttendanceData(probationary)),
        votes=(VoteCount("接收预备党员", eligible=2, present=1, yes=1, no=0, abstain=0),),
    )
    record = make_record(branch, data=data, by=None, on=TODAY)
    assert (record.eligible_count, record.present_count) == (2, 1)
    vote = record.votes.get()
    assert (vote.matter, vote.yes, vote.passed) == ("接收预备党员", 1, False)


@pytest.mark.parametrize(
    ("vote", "words"),
    [
        (VoteCount("甲", 3, 4, 1, 0, 0), "“甲”：实到人数多于应到人数，请核对。"),
        (VoteCount("乙", 5, 3, 3, 1, 0), "“乙”：赞成、反对、弃权合计多于实到人数，请核对。"),
    ],
)
def test_impossible_votes_are_refused(vote: VoteCount, words: str) -> None:
    with pytest.raises(RecordRefused, match=words):
        make_record(make_organisation(), data=meeting(kind=RecordKind.VOTE, votes=(vote,)), by=None, on=TODAY)
    assert Record.objects.count() == 0


def test_tomorrow_is_refused_and_last_year_is_not() -> None:
    branch = make_organisation()
    with pytest.raises(RecordRefused, match="日期不能晚于今天"):
        make_record(branch, data=meeting(held_on=date(2026, 11, 23)), by=None, on=TODAY)
    late = make_record(branch, data=meeting(held_on=date(2025, 12, 31)), by=None, on=TODAY)
    assert late.held_on == date(2025, 12, 31)


def test_who_was_not_in_the_branch_that_day_cannot_be_ticked() -> None:
    branch = make_organisation()
    make_member(branch)
    newcomer = make_member(branch, since=date(2026, 11, 20))
    stranger = make_member(make_organisation())
    for person in (newcomer, stranger):
        with pytest.raises(RecordRefused, match="有 1 名到会人员当天不在本支部"):
            make_record(branch, data=meeting(attendance=(AttendanceData(person),)), by=None, on=TODAY)
    assert Attendance.objects.count() == 0


def test_more_present_than_expected_is_refused() -> None:
    with pytest.raises(RecordRefused, match="实到人数多于应到人数"):
        make_record(make_organisation(), data=meeting(eligible_count=3, present_count=4), by=None, on=TODAY)


def test_a_date_alone_is_what_a_sensitive_matter_keeps() -> None:
    kept = meeting(place="某处", topics="不应保存", votes=(VoteCount("甲", 3, 3, 3, 0, 0),)).date_only()
    assert kept == RecordData(kind=RecordKind.DATE_ONLY, held_on=HELD)


def test_a_cancelled_record_is_kept_and_marked_once() -> None:
    branch = make_organisation()
    worker = make_holder(branch)
    record = make_record(branch, data=meeting(), by=worker, on=TODAY)
    first = cancel_record(record, by=worker, on=TODAY)
    marked = first.cancelled_at
    assert first.cancelled_by == worker
    second = cancel_record(record, by=None, on=TODAY)
    assert (second.cancelled_at, second.cancelled_by) == (marked, worker)
    assert list(Record.objects.standing()) == []
    assert AuditEvent.objects.filter(event="records.record_cancelled").count() == 1


def talks_of(branch: Organisation, *pairs: tuple[Member, Member], held_on: date = HELD) -> RecordData:
    talks = tuple(TalkData(a, b, category=TalkCategory.HARDSHIP) for a, b in pairs)
    return RecordData(kind=RecordKind.TALK_COVERAGE, held_on=held_on, talks=talks)


def test_talks_keep_who_when_and_what_kind() -> None:
    branch = make_organisation()
    leader, member = make_member(branch), make_member(branch)
    make_record(branch, data=talks_of(branch, (leader, member)), by=None, on=TODAY)
    talk = Talk.objects.get()
    assert (talk.talker, talk.partner, talk.held_on, talk.category) == (leader, member, HELD, "hardship")
    assert talk.organisation == branch


def test_the_same_talk_is_entered_once_and_again_after_it_was_taken_back() -> None:
    branch = make_organisation()
    leader, member = make_member(branch), make_member(branch)
    record = make_record(branch, data=talks_of(branch, (leader, member)), by=None, on=TODAY)
    with pytest.raises(RecordRefused, match="已经登记过"):
        make_record(branch, data=talks_of(branch, (leader, member)), by=None, on=TODAY)
    cancel_record(record, by=None, on=TODAY)
    make_record(branch, data=talks_of(branch, (leader, member)), by=None, on=TODAY)
    assert Talk.objects.standing().count() == 1


def test_talks_with_oneself_or_with_strangers_are_refused() -> None:
    branch = make_organisation()
    leader, stranger = make_member(branch), make_member(make_organisation())
    with pytest.raises(RecordRefused, match="不能是同一人"):
        make_record(branch, data=talks_of(branch, (leader, leader)), by=None, on=TODAY)
    with pytest.raises(RecordRefused, match="不在本支部"):
        make_record(branch, data=talks_of(branch, (leader, stranger)), by=None, on=TODAY)
    assert Talk.objects.count() == 0


@pytest.mark.parametrize(
    ("kind", "stale"),
    [(RecordKind.VOTE, True), (RecordKind.ELECTION, True), (RecordKind.MEETING, False)],
)
def test_only_what_may_change_the_list_asks_for_a_refresh(kind: RecordKind, stale: bool) -> None:
    branch = make_organisation(facts_changed=False)
    record = make_record(branch, data=meeting(kind=kind), by=None, on=TODAY)
    branch.refresh_from_db()
    assert branch.facts_changed is stale
    Organisation.objects.update(facts_changed=False)
    cancel_record(record, by=None, on=TODAY)
    branch.refresh_from_db()
    assert branch.facts_changed is stale


def test_hours_are_kept_with_one_decimal() -> None:
    branch = make_organisation()
    data = meeting(kind=RecordKind.LECTURE, hours=Decimal("1.5"))
    record = make_record(branch, data=data, by=None, on=TODAY)
    record.refresh_from_db()
    assert record.hours == Decimal("1.5")
    assert Membership.objects.count() == 0
