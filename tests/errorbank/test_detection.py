"""What stored data points at: hit, not hit, the day on the edge; once, and gone when mended."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import timezone

from branches.models import Organisation, PartyGroup
from errorbank.actions.entries_load import ENTRIES, load_entries
from errorbank.actions.proposals import LOOKS_BACK_DAYS, dismiss_proposal, notice, notice_all
from errorbank.detection import all_detectors, hits_of
from errorbank.models import ErrorEntry, Inspection, Proposal
from errorbank.rules import ProposalState, Source
from records.actions import AttendanceData, RecordData, TalkData, cancel_record, make_record
from records.models import Record
from records.rules import RecordKind
from tests.factories.branches import make_member
from tests.factories.errorbank import make_entry, make_finding
from tests.reminders.scene import ON, Scene

TABLE = Path(__file__).parents[2] / "docs" / "detection.md"
GENERAL, COMMITTEE, PARTY_DAY = "branch_general_meeting", "branch_committee_meeting", "themed_party_day"
GROUP = "party_group_meeting"


def keep(place: Organisation, day: date, code: str, *, typed: date | None = None, **fields: Any) -> Record:
    """A record typed on the day it was held unless `typed` says otherwise."""
    given: dict[str, Any] = {"kind": RecordKind.MEETING, "topics": "学习", **fields}
    record = make_record(place, data=RecordData(held_on=day, actions=(code,), **given), by=None, on=ON)
    moment = timezone.make_aware(datetime.combine(typed or day, time(9, 0)))
    Record.objects.filter(pk=record.pk).update(entered_at=moment)
    return record


def seen(code: str, place: Organisation, *, on: date = ON, since: date | None = None) -> list[str]:
    """Subjects the detector points at."""
    start = since or on - timedelta(days=LOOKS_BACK_DAYS)
    return [hit.subject for hit in hits_of(all_detectors()[code], [place], since=start, on=on)]


def test_the_table_names_every_entry_and_says_who_decides_it() -> None:
    rows = [line.split(" | ") for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| EB")]
    shipped = yaml.safe_load(ENTRIES.read_text("utf-8"))["entries"]
    assert [row[0].removeprefix("| ") for row in rows] == [entry["code"] for entry in shipped]
    assert {row[0].removeprefix("| ") for row in rows if row[2] == "decided"} == set(all_detectors())
    assert [row[0] for row in rows if len(row[3]) < 20] == []


def test_every_detector_is_marked_in_the_shipped_bank(db: None) -> None:
    load_entries()
    marked = {
        entry.code
        for entry in ErrorEntry.objects.select_related("published")
        if entry.published and entry.published.detection == entry.code
    }
    assert marked == set(all_detectors())


def test_a_quarter_without_a_general_meeting(scene: Scene) -> None:
    keep(scene.first, date(2026, 5, 4), PARTY_DAY)
    assert seen("EB014", scene.first) == ["2026Q3"]
    keep(scene.first, date(2026, 9, 30), GENERAL)
    assert seen("EB014", scene.first) == []


def test_a_quarter_counts_from_the_day_after_its_end(scene: Scene) -> None:
    keep(scene.first, date(2026, 5, 4), PARTY_DAY)
    assert seen("EB014", scene.first, on=date(2026, 9, 30)) == []
    assert seen("EB014", scene.first, on=date(2026, 10, 1)) == ["2026Q3"]


def test_nothing_is_missing_before_records_were_kept(scene: Scene) -> None:
    assert seen("EB014", scene.first) == []
    keep(scene.first, date(2026, 7, 2), PARTY_DAY)
    assert seen("EB014", scene.first) == []


def test_nothing_is_missing_where_the_branch_did_not_exist(scene: Scene) -> None:
    keep(scene.first, date(2026, 5, 4), PARTY_DAY)
    scene.first.established_on = date(2026, 8, 1)
    assert seen("EB014", scene.first) == []
    scene.first.established_on, scene.first.dissolved_on = None, date(2026, 9, 30)
    assert seen("EB014", scene.first) == []


@pytest.mark.parametrize(("present", "hit"), [(2, True), (3, False)])
def test_a_committee_below_half(scene: Scene, present: int, hit: bool) -> None:
    record = keep(scene.first, ON, COMMITTEE, eligible_count=5, present_count=present)
    assert seen("EB016", scene.first) == ([f"record:{record.pk}"] if hit else [])


def test_half_of_a_committee_is_not_below_half(scene: Scene) -> None:
    keep(scene.first, ON, COMMITTEE, eligible_count=4, present_count=2)
    assert seen("EB016", scene.first) == []


def test_resolutions_without_counts(scene: Scene) -> None:
    record = keep(scene.first, ON, GENERAL, resolutions="一致通过")
    keep(scene.first, ON, GENERAL, resolutions="通过", eligible_count=5, present_count=5)
    keep(scene.first, ON, GENERAL)
    assert seen("EB017", scene.first) == [f"record:{record.pk}"]


@pytest.mark.parametrize(("days", "hit"), [(30, False), (31, True)])
def test_typed_long_after(scene: Scene, days: int, hit: bool) -> None:
    day = ON - timedelta(days=days)
    record = keep(scene.first, day, GENERAL, typed=ON)
    assert seen("EB018", scene.first) == ([f"record:{record.pk}"] if hit else [])


def test_lectures_by_one_person_or_twice_the_same(scene: Scene) -> None:
    def lecture(month: int, host: str, title: str) -> None:
        day = date(2026, month, 10)
        keep(scene.first, day, "party_lecture", kind=RecordKind.LECTURE, host=host, title=title, topics="")

    lecture(3, "甲", "一")
    lecture(6, "甲", "二")
    assert seen("EB019", scene.first) == []
    lecture(9, "甲", "三")
    assert seen("EB019", scene.first) == ["2026"]
    lecture(10, "乙", "四")
    assert seen("EB019", scene.first) == []
    lecture(11, "乙", "二")
    assert seen("EB019", scene.first) == ["2026"]
    assert seen("EB019", scene.first, since=date(2026, 11, 11)) == []


def test_group_meetings_need_a_group_on_that_day(scene: Scene) -> None:
    keep(scene.first, date(2026, 9, 10), GROUP)
    keep(scene.first, date(2026, 10, 10), GROUP)
    PartyGroup.objects.create(organisation=scene.first, name="第一党小组", since=date(2026, 10, 10))
    assert seen("EB021", scene.first) == ["2026-09-10"]


def test_three_absences_in_a_row_are_one_run(scene: Scene) -> None:
    person = make_member(scene.first)

    def meeting(day: date, *, present: bool) -> None:
        keep(scene.first, day, GENERAL, attendance=(AttendanceData(person, present=present),))

    meeting(date(2026, 6, 1), present=True)
    for month in (7, 8):
        meeting(date(2026, month, 1), present=False)
    assert seen("EB023", scene.first) == []
    meeting(date(2026, 9, 1), present=False)
    subject = [f"member:{person.pk}:2026-07-01"]
    assert seen("EB023", scene.first) == subject
    meeting(date(2026, 10, 1), present=False)
    assert seen("EB023", scene.first) == subject
    meeting(date(2026, 11, 1), present=True)
    assert seen("EB023", scene.first) == []


def test_a_party_day_about_nothing(scene: Scene) -> None:
    record = keep(scene.first, ON, PARTY_DAY, kind=RecordKind.ACTIVITY, topics="")
    keep(scene.first, ON, PARTY_DAY, kind=RecordKind.ACTIVITY, topics="", title="学习党章")
    assert seen("EB024", scene.first) == [f"record:{record.pk}"]


def test_talks_of_a_finished_year_within_one_week(scene: Scene) -> None:
    people = [make_member(scene.first, since=date(2020, 1, 1)) for _ in range(6)]
    talks = tuple(
        TalkData(people[0], other, date(2025, 12, 10) + timedelta(days=n))
        for n, other in enumerate(people[1:])
    )
    keep(scene.first, date(2025, 12, 20), "talks", kind=RecordKind.TALK_COVERAGE, talks=talks, topics="")
    assert seen("EB032", scene.first, on=date(2026, 1, 5)) == ["2025"]
    assert seen("EB032", scene.first, on=date(2025, 12, 31)) == []


def test_records_typed_in_the_week_before_a_check(scene: Scene) -> None:
    day = date(2026, 11, 10)
    check = Inspection.objects.create(
        organisation=scene.general,
        source=Source.PARTY_BUILDING_CHECK,
        title="检查",
        since=day,
        until=day,
        made_by=scene.staff,
    )
    check.targets.add(scene.first)
    for n in range(3):
        keep(scene.first, day - timedelta(days=60 + n), GENERAL, typed=day - timedelta(days=2))
    assert seen("EB077", scene.first) == []
    keep(scene.first, day - timedelta(days=70), GENERAL, typed=day - timedelta(days=7))
    assert seen("EB077", scene.first) == [f"inspection:{check.pk}"]
    for n in range(4):
        keep(scene.first, day - timedelta(days=20 + n), GENERAL, typed=day - timedelta(days=20 + n))
    assert seen("EB077", scene.first) == []


def test_a_deadline_is_over_on_the_day_after(scene: Scene) -> None:
    finding = make_finding(scene.first, by=scene.staff, on=ON - timedelta(days=30))
    assert seen("EB082", scene.first, on=finding.deadline_on) == []
    assert seen("EB082", scene.first, on=finding.deadline_on + timedelta(days=1)) == [f"finding:{finding.pk}"]


def test_what_shows_is_proposed_once_and_goes_when_mended(scene: Scene) -> None:
    make_entry("EB017", detection="EB017")
    record = keep(scene.first, ON, GENERAL, resolutions="一致通过")
    keep(scene.foreign_branch, ON, GENERAL, resolutions="一致通过")
    assert (notice_all(on=ON).new, notice_all(on=ON).new) == (2, 0)
    row = Proposal.objects.get(organisation=scene.first)
    assert (row.subject, row.state) == (f"record:{record.pk}", ProposalState.OPEN)
    cancel_record(record, by=None, on=ON)
    assert notice([scene.first], on=ON).gone == 1
    row.refresh_from_db()
    assert row.state == ProposalState.GONE


def test_what_was_dismissed_is_not_proposed_again(scene: Scene) -> None:
    make_entry("EB017", detection="EB017")
    keep(scene.first, ON, GENERAL, resolutions="一致通过")
    notice_all(on=ON)
    dismiss_proposal(Proposal.objects.get(), reason="人数在附件", by=scene.staff, on=ON)
    assert notice_all(on=ON + timedelta(days=1)).new == 0
    assert Proposal.objects.get().state == ProposalState.DISMISSED


def test_a_state_that_ended_goes_however_old(scene: Scene) -> None:
    make_entry("EB001", detection="EB001")
    row = Proposal.objects.create(
        organisation=scene.first,
        rule="EB005",
        entry=make_entry("EB005"),
        subject="2026",
        words="任期已满",
        happened_on=ON - timedelta(days=300),
        noticed_on=ON - timedelta(days=300),
    )
    notice([scene.first], on=ON)
    row.refresh_from_db()
    assert row.state == ProposalState.GONE


@pytest.mark.parametrize("code", sorted(all_detectors()))
def test_a_detector_asks_as_often_for_three_branches_as_for_one(
    scene: Scene, code: str, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for place in (scene.first, scene.second, scene.foreign_branch):
        keep(place, date(2026, 5, 4), GROUP, resolutions="一致通过")
        make_member(place)
    since = ON - timedelta(days=LOOKS_BACK_DAYS)
    detector = all_detectors()[code]
    with django_assert_max_num_queries(60) as one:
        hits_of(detector, [scene.first], since=since, on=ON)
    with django_assert_max_num_queries(len(one)):
        hits_of(detector, [scene.first, scene.second, scene.foreign_branch], since=since, on=ON)
