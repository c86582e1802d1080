"""Leavers lose their personal data in time; ledgers keep their sums, and names where they must."""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import ExclusiveDuty, User
from audit.models import AuditEvent
from branches.ledgers.members import member_rows
from branches.models import AccessGrant, Member, MemberEvent, Membership
from branches.rules import EventKind, GrantKind, MemberStatus
from notices.models import Channel, Delivery, Message
from personal.actions.leavers import erase_leaver, erase_leavers, plan_leavers
from personal.models import Correction, Erasure
from personal.relations import ABOUT
from personal.rules import NOBODY, CorrectionSubject, Fate
from records.models import Attendance
from tests.clock import stop_clock
from tests.personal.scene import DUE, LEFT, NUMBERS, Leaving, make_leaving

pytestmark = pytest.mark.django_db
PAST = date(2024, 6, 30)


@pytest.fixture
def scene() -> Leaving:
    return make_leaving()


def past_roster() -> list[tuple[Any, ...]]:
    """The roster of a day on which they were there: everybody, whatever their status."""
    cleaned = {
        "period": f"{PAST:%Y-%m-%d}",
        "organisation": None,
        "status": [status.value for status in MemberStatus],
    }
    return [tuple(row) for row in member_rows(None, cleaned, DUE)]


def texts_about(member: Member) -> str:
    """Every text column of every row at the person and the account, whatever its name."""
    rows = [Member.objects.filter(pk=member.pk), User.objects.filter(member=member)]
    rows += [about.of_member(member.pk) for about in ABOUT]
    return "".join(str(list(found.values())) for found in rows)


def test_nothing_happens_a_day_before(scene: Leaving) -> None:
    assert plan_leavers(on=DUE - timedelta(days=1)) == []
    assert erase_leavers(on=DUE - timedelta(days=1)) == []
    assert erase_leaver(scene.kept, on=DUE - timedelta(days=1)) is None


def test_who_stands_in_a_ledger_keeps_the_name_and_loses_the_rest(scene: Leaving) -> None:
    assert len(erase_leavers(on=DUE)) == 2
    kept = Member.objects.get(pk=scene.kept.pk)
    assert (kept.name, kept.code, kept.joined_on) == ("雷彩霞", "M003", scene.kept.joined_on)
    gone = (kept.id_number_sealed, kept.id_number_digest, kept.birth_on, kept.home_department)
    assert gone == (None, None, None, "")
    account = User.objects.get(member=kept)
    assert (account.name, account.username, account.is_active) == ("雷彩霞", f"left-{account.pk}", False)
    assert account.has_usable_password() is False
    erasure = Erasure.objects.get(member=kept)
    assert (erasure.done_on, erasure.name_kept) == (DUE, True)
    assert erasure.ledgers == ["任职台账", "会议活动台账"]
    assert erasure.removed == {"messages": 1, "channels": 1}


def test_who_stands_in_none_has_no_name_left_anywhere(scene: Leaving) -> None:
    erase_leavers(on=DUE)
    nameless = Member.objects.get(pk=scene.nameless.pk)
    assert (nameless.name, nameless.code) == (NOBODY, f"离开-{nameless.pk}")
    assert (nameless.joined_on, nameless.birth_on, nameless.id_number_sealed) == (None, None, None)
    assert User.objects.get(member=nameless).name == NOBODY
    audited = AuditEvent.objects.filter(event="personal.leaver_erased").values_list("target_name", flat=True)
    assert sorted(audited) == sorted([NOBODY, "雷彩霞"])


def test_no_text_of_a_nameless_person_says_the_name(scene: Leaving) -> None:
    who = scene.nameless
    assert who.user is not None
    MemberEvent.objects.create(
        member=who,
        kind=EventKind.APPLIED,
        on=PAST,
        organisation=scene.branch,
        note="谢建平补交申请",
        corrected_at=timezone.now(),
        corrected_by=scene.staff,
        correction_reason="谢建平的日期记错了",
    )
    asked = Correction.objects.create(
        user=who.user,
        organisation=scene.branch,
        subject=CorrectionSubject.FACTS,
        words="谢建平写错了",
        asked_at=timezone.now(),
    )
    told = ("谢建平" in texts_about(who), Correction.objects.filter(pk=asked.pk).exists())
    erase_leavers(on=DUE)
    assert (told, "谢建平" in texts_about(who)) == ((True, True), False)
    assert MemberEvent.objects.filter(member=who).count() == 3


def test_who_comes_back_and_leaves_again_is_erased_again(scene: Leaving) -> None:
    erase_leavers(on=DUE)
    back, again = date(2027, 1, 5), date(2027, 9, 1)
    User.objects.filter(member=scene.kept).update(username="leicaixia", is_active=True)
    Member.objects.filter(pk=scene.kept.pk).update(birth_on=date(1990, 1, 1))
    Membership.objects.create(
        member=scene.kept, organisation=scene.branch, status=MemberStatus.FULL, since=back, until=again
    )
    assert plan_leavers(on=date(2029, 8, 31)) == []
    due = date(2029, 9, 1)
    assert [one.code for one in plan_leavers(on=due)] == ["M003"]
    assert [one.member for one in erase_leavers(on=due)] == [scene.kept]
    assert Member.objects.get(pk=scene.kept.pk).birth_on is None
    assert list(scene.kept.erasures.order_by("pk").values_list("done_on", flat=True)) == [DUE, due]
    assert (plan_leavers(on=due), erase_leaver(scene.kept, on=due)) == ([], None)


def test_a_closed_account_opened_again_owes_no_code_and_no_duty(scene: Leaving) -> None:
    User.objects.filter(member=scene.kept).update(
        exclusive_duty=ExclusiveDuty.AUDITOR, second_factor_since=timezone.now()
    )
    erase_leavers(on=DUE)
    account = User.objects.get(member=scene.kept)
    assert (account.exclusive_duty, account.second_factor_since) == ("", None)


def test_ledgers_keep_their_sums_and_the_names_the_law_needs(scene: Leaving) -> None:
    before = past_roster()
    attended = list(Attendance.objects.values_list("record__title", "member__name", "present"))
    erase_leavers(on=DUE)
    after = past_roster()
    assert len(after) == len(before) == 3
    names = [[str(getattr(row[1], "text", row[1])) for row in rows] for rows in (before, after)]
    assert [set(found) for found in names] == [
        {"雷彩霞", "谢建平", "龙在田"},
        {"雷彩霞", NOBODY, "龙在田"},
    ]
    assert list(Attendance.objects.values_list("record__title", "member__name", "present")) == attended
    assert Membership.objects.filter(member=scene.nameless).count() == 1


def test_nobody_else_is_touched_and_nothing_is_done_twice(scene: Leaving) -> None:
    before = Member.objects.filter(pk=scene.staying.pk).values().get()
    assert len(erase_leavers(on=DUE)) == 2
    assert erase_leavers(on=DUE) == []
    assert erase_leaver(scene.kept, on=DUE) is None
    assert Member.objects.filter(pk=scene.staying.pk).values().get() == before
    counts = (Channel.objects.count(), Message.objects.count(), Delivery.objects.count())
    assert counts == (0, 0, 0)


def test_who_came_back_or_still_works_here_stays(scene: Leaving) -> None:
    assert scene.kept.user is not None
    Membership.objects.create(
        member=scene.nameless, organisation=scene.branch, status=MemberStatus.APPLICANT, since=LEFT
    )
    AccessGrant.objects.create(
        user=scene.kept.user,
        organisation=scene.branch,
        kind=GrantKind.STAND_IN,
        since=LEFT,
        until=DUE,
        reason="代办",
        granted_by=scene.staff,
    )
    assert plan_leavers(on=DUE) == []
    assert erase_leaver(scene.kept, on=DUE) is None
    assert erase_leaver(scene.nameless, on=DUE) is None
    assert [one.code for one in plan_leavers(on=DUE + timedelta(days=1))] == ["M003"]


def test_who_runs_the_portal_is_never_closed_out(scene: Leaving) -> None:
    account = User.objects.filter(member=scene.kept)
    account.update(is_superuser=True, exclusive_duty=ExclusiveDuty.ADMINISTRATOR)
    Member.objects.filter(pk=scene.nameless.pk).update(user=None)
    assert [one.code for one in plan_leavers(on=DUE)] == ["M004"]
    assert erase_leaver(scene.kept, on=DUE) is None
    assert [one.member for one in erase_leavers(on=DUE)] == [scene.nameless]


def test_a_night_takes_only_so_many(scene: Leaving) -> None:
    assert len(erase_leavers(on=DUE, most=1)) == 1
    assert len(erase_leavers(on=DUE, most=1)) == 1


def test_the_dry_run_says_whose_and_changes_nothing(scene: Leaving, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_clock(monkeypatch, DUE)
    out = StringIO()
    call_command("erase_leavers", dry_run=True, stdout=out)
    assert out.getvalue().splitlines() == [
        "M003　2024-11-20 离开　清除个人信息，台账保留姓名（任职台账、会议活动台账）",
        "M004　2024-11-20 离开　清除个人信息，姓名一并匿名",
        "试运行，没有改动：到期 2 人，其中台账保留姓名 1 人，匿名 1 人。",
    ]
    assert Erasure.objects.count() == 0
    assert [one.fate for one in plan_leavers(on=DUE)] == [Fate.NAME_KEPT, Fate.ANONYMOUS]


def test_the_command_does_it(scene: Leaving, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_clock(monkeypatch, DUE)
    out = StringIO()
    call_command("erase_leavers", stdout=out)
    assert out.getvalue().splitlines()[-1] == "已清除 2 人，其中台账保留姓名 1 人，匿名 1 人。"
    dumped = str(list(Member.objects.values()) + list(User.objects.values()))
    assert [text for text in (*NUMBERS, "谢建平") if text in dumped] == []
