"""Every detector: what it points at, what just does not count, and that other branches stay out of it.

A row of BREAKS makes a branch either break the rule (True) or stay on the edge of it (False).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import yaml
from django.utils import timezone

from branches.models import CoveredUnit, DevelopmentCase, Member, Membership, Organisation, Term
from branches.rules import CaseState, ElectionStepKind, MemberStatus, Role
from errorbank.detection import all_detectors, hits_of
from errorbank.detection.contents import CHECKPOINTS
from errorbank.models import Inspection
from errorbank.rules import Source
from records.actions import AttendanceData, RecordData, TalkData, make_record
from records.models import Record, Vote
from records.rules import RecordKind, VoteCount
from reminders.actions.catalogue_load import CATALOGUE
from tests.factories.branches import make_group, make_member, make_post
from tests.factories.errorbank import make_closed, make_entry, make_finding
from tests.reminders.scene import ON, Scene

GENERAL, COMMITTEE, PARTY_DAY = "branch_general_meeting", "branch_committee_meeting", "themed_party_day"
GROUP, REPORT, LECTURE = "party_group_meeting", "annual_report_to_members", "party_lecture"
DAY = timedelta(days=1)
YEAR_BEGINS, YEAR_ENDS = date(2026, 1, 1), date(2026, 12, 31)
NEW_YEAR = date(2027, 1, 5)


@dataclass(frozen=True)
class Ground:
    """Where it is to happen, and whom the table needs besides."""

    place: Organisation
    scene: Scene


Break = Callable[[Ground, bool], object]


def keep(place: Organisation, day: date, code: str, *, typed: date | None = None, **fields: Any) -> Record:
    given: dict[str, Any] = {"kind": RecordKind.MEETING, "topics": "学习", **fields}
    record = make_record(place, data=RecordData(held_on=day, actions=(code,), **given), by=None, on=NEW_YEAR)
    moment = timezone.make_aware(datetime.combine(typed or day, time(9, 0)))
    Record.objects.filter(pk=record.pk).update(entered_at=moment)
    return record


def people(place: Organisation, count: int, **fields: Any) -> list[Member]:
    return [make_member(place, **fields) for _ in range(count)]


# ---- structure --------------------------------------------------------------------------------------------


def too_few(ground: Ground, breaks: bool) -> None:
    people(ground.place, 2 if breaks else 3)


def borrowed(ground: Ground, breaks: bool) -> None:
    people(ground.place, 2 if breaks else 3)
    people(ground.place, 1, assigned=True)


def units(ground: Ground, breaks: bool) -> None:
    for number in range(6 if breaks else 5):
        CoveredUnit.objects.create(organisation=ground.place, name=f"单位{number}")


def leaving(ground: Ground, breaks: bool) -> None:
    first, second, *_ = people(ground.place, 4)
    ends = {first: date(2027, 2, 1), second: date(2027, 2, 1) if breaks else date(2027, 8, 1)}
    for member, day in ends.items():
        Membership.objects.filter(member=member).update(until=day)


def term(ground: Ground, ends_on: date) -> Term:
    return Term.objects.create(
        organisation=ground.place, elected_on=ends_on - timedelta(days=1095), ends_on=ends_on
    )


def term_over(ground: Ground, breaks: bool) -> None:
    term(ground, ON - DAY if breaks else ON)


def unprepared(ground: Ground, breaks: bool) -> None:
    made = term(ground, ON + timedelta(days=90))
    if not breaks:
        made.election_steps.create(kind=ElectionStepKind.NOTICE, done_on=ON)


def vacant(ground: Ground, breaks: bool) -> None:
    make_post(ground.place, Role.SECRETARY, until=ON - timedelta(days=61 if breaks else 60))


def no_committee(ground: Ground, breaks: bool) -> None:
    people(ground.place, 7 if breaks else 6)


def deputy(ground: Ground, breaks: bool) -> None:
    people(ground.place, 4 if breaks else 5)
    make_post(ground.place, Role.DEPUTY_SECRETARY)


def small_group(ground: Ground, breaks: bool) -> None:
    found = people(ground.place, 3)
    make_group(ground.place, leader=found[0], members=found[: 2 if breaks else 3])


# ---- meetings and their contents --------------------------------------------------------------------------


def no_general_meeting(ground: Ground, breaks: bool) -> None:
    keep(ground.place, date(2026, 5, 4), PARTY_DAY)
    keep(ground.place, date(2026, 10, 1) if breaks else date(2026, 9, 30), GENERAL)


def no_committee_meeting(ground: Ground, breaks: bool) -> None:
    make_post(ground.place, Role.ORGANISATION_COMMISSIONER)
    for month in range(4, 10):
        keep(ground.place, date(2026, month, 28), COMMITTEE)
    keep(ground.place, date(2026, 11, 1) if breaks else date(2026, 10, 31), COMMITTEE)


def committee_below_half(ground: Ground, breaks: bool) -> None:
    keep(ground.place, ON, COMMITTEE, eligible_count=5, present_count=2 if breaks else 3)


def no_counts(ground: Ground, breaks: bool) -> None:
    counts: dict[str, Any] = {} if breaks else {"eligible_count": 5, "present_count": 5}
    keep(ground.place, ON, GENERAL, resolutions="同意", **counts)


def typed_late(ground: Ground, breaks: bool) -> None:
    keep(ground.place, ON - timedelta(days=31 if breaks else 30), GENERAL, typed=ON)


def one_lecturer(ground: Ground, breaks: bool) -> None:
    for month, host in ((3, "甲"), (6, "甲"), (9, "甲" if breaks else "乙")):
        keep(
            ground.place, date(2026, month, 10), LECTURE, kind=RecordKind.LECTURE, host=host, title=str(month)
        )


def no_group(ground: Ground, breaks: bool) -> None:
    make_group(ground.place, since=date(2026, 9, 2) if breaks else date(2026, 9, 1))
    keep(ground.place, date(2026, 9, 1), GROUP)


def absent(ground: Ground, breaks: bool) -> None:
    person = make_member(ground.place)
    for month in (7, 8, 9):
        came = month == 9 and not breaks
        keep(ground.place, date(2026, month, 1), GENERAL, attendance=(AttendanceData(person, came),))


def about_nothing(ground: Ground, breaks: bool) -> None:
    keep(ground.place, ON, PARTY_DAY, kind=RecordKind.ACTIVITY, topics="", title="" if breaks else "学党章")


def no_party_day(ground: Ground, breaks: bool) -> None:
    for month in range(4, 10):
        keep(ground.place, date(2026, month, 28), PARTY_DAY)
    keep(ground.place, date(2026, 11, 1) if breaks else date(2026, 10, 31), PARTY_DAY)


def talks_at_once(ground: Ground, breaks: bool) -> None:
    """Of five, four or three within a week; the others in spring."""
    one, *others = people(ground.place, 6)
    days = [YEAR_ENDS - DAY * n for n in range(4 if breaks else 3)]
    days += [date(2026, 3, 2) + DAY * 20 * n for n in range(5 - len(days))]
    talks = tuple(TalkData(one, other, day) for other, day in zip(others, days, strict=True))
    keep(ground.place, YEAR_ENDS, "talks", kind=RecordKind.TALK_COVERAGE, talks=talks, topics="")


def hours(ground: Ground, breaks: bool) -> None:
    person = make_member(ground.place)
    for day, given in ((YEAR_BEGINS, 16), (date(2026, 8, 3), 8), (YEAR_ENDS, "7.5" if breaks else "8")):
        ticks = (AttendanceData(person, True),)
        keep(ground.place, day, LECTURE, kind=RecordKind.LECTURE, hours=Decimal(given), attendance=ticks)


def no_report(ground: Ground, breaks: bool) -> None:
    keep(ground.place, YEAR_BEGINS, GENERAL)
    keep(ground.place, NEW_YEAR if breaks else YEAR_ENDS, REPORT)


# ---- votes ------------------------------------------------------------------------------------------------


def too_many_voters(ground: Ground, breaks: bool) -> None:
    people(ground.place, 3)
    people(ground.place, 1, status=MemberStatus.PROBATIONARY)
    record = keep(ground.place, ON, GENERAL, kind=RecordKind.VOTE, eligible_count=3, present_count=3)
    number = 4 if breaks else 3
    Vote.objects.create(record=record, matter="接收", eligible=number, present=number, yes=number)


def few_at_election(ground: Ground, breaks: bool) -> None:
    """Ten full members and a probationary one, who counts for nothing."""
    full, guests = people(ground.place, 10), people(ground.place, 1, status=MemberStatus.PROBATIONARY)
    came = set(full[: 7 if breaks else 8]) | set(guests)
    ticks = tuple(AttendanceData(one, one in came) for one in (*full, *guests))
    keep(ground.place, ON, "branch_election", kind=RecordKind.ELECTION, attendance=ticks)


def carried_by_half(ground: Ground, breaks: bool) -> None:
    votes = (VoteCount("接收预备党员", 12, 9, 6 if breaks else 7, 0, 0),)
    counts: dict[str, Any] = {"eligible_count": 12, "present_count": 9}
    keep(ground.place, ON, GENERAL, kind=RecordKind.VOTE, votes=votes, resolutions="表决通过", **counts)


# ---- development ------------------------------------------------------------------------------------------

Step = tuple[int, date, dict[str, Any]]
VOTED = {"eligible": 12, "present": 10, "approving": 10, "secret_ballot": True}
JUNE = date(2026, 6, 1)


def walked(place: Organisation, *steps: Step, state: CaseState = CaseState.ONGOING) -> DevelopmentCase:
    """A case of somebody of this branch with these steps alone."""
    case = DevelopmentCase.objects.create(
        member=make_member(place, status=MemberStatus.ACTIVIST), opened_on=JUNE, state=state
    )
    for number, day, fields in steps:
        mentors = fields.pop("people", ())
        case.steps.create(number=number, done_on=day, **fields).people.set(mentors)
    return case


def two_steps(first: Step, then: int, good: date, off: timedelta, **fields: Any) -> Break:
    """The second step on the last good day, or a day beyond it."""

    def make(ground: Ground, breaks: bool) -> None:
        number, day, held = first
        walked(ground.place, (number, day, {**held}), (then, good + off if breaks else good, {**fields}))

    return make


def one_step(number: int, good: dict[str, Any], bad: dict[str, Any], day: date = JUNE) -> Break:
    def make(ground: Ground, breaks: bool) -> None:
        walked(ground.place, (number, day, {**(bad if breaks else good)}))

    return make


def mentor(ground: Ground, breaks: bool) -> None:
    status = MemberStatus.PROBATIONARY if breaks else MemberStatus.FULL
    walked(ground.place, (5, JUNE, {"people": people(ground.place, 2, status=status)}))


def no_consent(ground: Ground, breaks: bool) -> None:
    consent: list[Step] = [] if breaks else [(8, JUNE, {})]
    walked(ground.place, (7, JUNE - DAY, {}), *consent, (9, JUNE, {}))


def no_power(ground: Ground, breaks: bool) -> None:
    Organisation.objects.filter(pk=ground.scene.committee.pk).update(approves_members=True)
    decider = ground.scene.general if breaks else ground.scene.committee
    walked(ground.place, (17, JUNE, {"decided_by": decider}))


def not_converted(ground: Ground, breaks: bool) -> None:
    """Probation ended 31 or 30 days ago."""
    walked(ground.place, (15, date(2025, 10, 18 if breaks else 19), {**VOTED}))


def rushed(ground: Ground, breaks: bool) -> None:
    people(ground.place, 4)
    for day in (JUNE, JUNE + DAY, JUNE + timedelta(days=30 if breaks else 31)):
        walked(ground.place, (15, day, {**VOTED}))


# ---- rectification ----------------------------------------------------------------------------------------


def check(ground: Ground, day: date) -> None:
    made = Inspection.objects.create(
        organisation=ground.scene.general,
        source=Source.PARTY_BUILDING_CHECK,
        title="检查",
        since=day,
        until=day,
        made_by=ground.scene.staff,
    )
    made.targets.add(ground.place)


def typed_before_a_check(ground: Ground, breaks: bool) -> None:
    day = date(2026, 11, 10)
    check(ground, day)
    for n in range(4):
        keep(ground.place, day - DAY * (60 + n), GENERAL, typed=day - DAY * (7 if breaks else 8))


def checked_often(ground: Ground, breaks: bool) -> None:
    for day in (date(2026, 10, 1), date(2026, 10, 20), date(2026, 11, 2) if breaks else date(2026, 9, 30)):
        check(ground, day)


def again(ground: Ground, breaks: bool) -> None:
    entry, closed_on = make_entry(), date(2026, 5, 22)
    scene = ground.scene
    make_closed(ground.place, fixer=scene.worker, closer=scene.staff, on=closed_on, entry=entry)
    make_finding(ground.place, entry=entry, on=closed_on + timedelta(days=180 if breaks else 181))


def overdue(ground: Ground, breaks: bool) -> None:
    make_finding(ground.place, on=JUNE, deadline_on=ON - DAY if breaks else ON)


BREAKS: dict[str, Break] = {
    "EB001": too_few,
    "EB002": borrowed,
    "EB003": units,
    "EB004": leaving,
    "EB005": term_over,
    "EB006": unprepared,
    "EB008": few_at_election,
    "EB010": vacant,
    "EB011": no_committee,
    "EB012": deputy,
    "EB013": small_group,
    "EB014": no_general_meeting,
    "EB015": no_committee_meeting,
    "EB016": committee_below_half,
    "EB017": no_counts,
    "EB018": typed_late,
    "EB019": one_lecturer,
    "EB021": no_group,
    "EB022": too_many_voters,
    "EB023": absent,
    "EB024": about_nothing,
    "EB025": no_party_day,
    "EB032": talks_at_once,
    "EB044": two_steps((1, JUNE, {}), 2, date(2026, 7, 1), DAY),
    "EB045": mentor,
    "EB046": two_steps((3, date(2025, 8, 1), {}), 7, date(2026, 8, 1), -DAY),
    "EB047": one_step(
        8, {"until_on": date(2026, 10, 23)}, {"until_on": date(2026, 10, 22)}, day=date(2026, 10, 19)
    ),
    "EB048": no_consent,
    "EB050": two_steps((10, JUNE, {}), 12, JUNE, -DAY),
    "EB051": one_step(11, {"hours": Decimal(24)}, {"hours": Decimal("23.5")}),
    "EB052": no_power,
    "EB053": two_steps((13, JUNE, {}), 15, date(2026, 7, 1), DAY, **VOTED),
    "EB054": one_step(15, {**VOTED}, {**VOTED, "secret_ballot": False}),
    "EB055": one_step(15, {**VOTED, "approving": 7}, {**VOTED, "approving": 6}),
    "EB056": two_steps((15, date(2026, 5, 15), {**VOTED}), 17, date(2026, 11, 15), DAY),
    "EB057": two_steps((17, JUNE, {}), 20, date(2026, 7, 1), DAY),
    "EB058": two_steps((15, date(2025, 6, 27), {**VOTED}), 23, date(2026, 6, 27), -DAY, **VOTED),
    "EB059": not_converted,
    "EB062": rushed,
    "EB063": hours,
    "EB076": no_report,
    "EB077": typed_before_a_check,
    "EB078": checked_often,
    "EB080": again,
    "EB082": overdue,
}
# What is only told once the year is over.
YEARLY = {"EB032", "EB063", "EB076"}


def broken(code: str, places: Iterable[Organisation]) -> set[str]:
    on = NEW_YEAR if code in YEARLY else ON
    found = hits_of(all_detectors()[code], list(places), since=on - timedelta(days=180), on=on)
    return {place.name for place in places if place.pk in {hit.organisation for hit in found}}


def test_every_detector_stands_in_the_table() -> None:
    assert sorted(BREAKS) == sorted(all_detectors())


@pytest.mark.parametrize("code", sorted(BREAKS))
def test_what_breaks_the_rule_is_seen_and_what_just_keeps_it_is_not(scene: Scene, code: str) -> None:
    mine = [scene.first, scene.second]
    BREAKS[code](Ground(scene.first, scene), False)
    BREAKS[code](Ground(scene.second, scene), True)
    assert broken(code, mine) == {scene.second.name}
    BREAKS[code](Ground(scene.foreign_branch, scene), True)
    assert broken(code, mine) == {scene.second.name}
    assert broken(code, [scene.first]) == set()
    assert broken(code, [*mine, scene.foreign_branch]) == {scene.second.name, scene.foreign_branch.name}


def test_votes_of_a_record_count_as_those_of_a_step_and_of_one_day_once(scene: Scene) -> None:
    carried_by_half(Ground(scene.first, scene), False)
    carried_by_half(Ground(scene.second, scene), True)
    assert broken("EB055", [scene.first, scene.second]) == {scene.second.name}
    walked(scene.second, (15, ON, {**VOTED, "approving": 6}))
    found = hits_of(all_detectors()["EB055"], [scene.second], since=JUNE, on=ON)
    assert [hit.subject.partition(":")[0] for hit in found] == ["case"]


@pytest.mark.parametrize("said", ["表决未通过", "已讨论"])
def test_a_vote_that_nobody_says_was_carried_is_no_error(scene: Scene, said: str) -> None:
    carried_by_half(Ground(scene.first, scene), True)
    Record.objects.update(resolutions=said)
    assert broken("EB055", [scene.first]) == set()


def test_hours_are_looked_at_where_the_catalogue_asks_for_them(scene: Scene) -> None:
    actions = yaml.safe_load(CATALOGUE.read_text("utf-8"))["actions"]
    rule = next(one["due_rule"] for one in actions if one["code"] == "member_training_hours")
    asked = {**rule["checkpoints"], "12-31": rule["min_hours"]}
    assert asked == {f"{month:02}-{day:02}": least for (month, day), least in CHECKPOINTS.items()}
    hours(Ground(scene.first, scene), False)
    detector = all_detectors()["EB063"]
    assert hits_of(detector, [scene.first], since=YEAR_BEGINS, on=NEW_YEAR) == []
    Record.objects.filter(held_on=date(2026, 8, 3)).update(hours=Decimal("7.5"))
    found = hits_of(detector, [scene.first], since=YEAR_BEGINS, on=NEW_YEAR)
    assert [(hit.subject, hit.words) for hit in found] == [
        ("2026-09", "截至 2026-09-30，1 名党员集中学习不足 24 学时"),
        ("2026-12", "截至 2026-12-31，1 名党员集中学习不足 32 学时"),
    ]
    assert hits_of(detector, [scene.first], since=YEAR_BEGINS, on=date(2026, 9, 30)) == []


def test_hours_attended_elsewhere_count_and_who_was_converted_is_still_asked(scene: Scene) -> None:
    hours(Ground(scene.first, scene), True)
    Record.objects.filter(held_on=date(2026, 8, 3)).update(organisation=scene.second)
    assert broken("EB063", [scene.first]) == {scene.first.name}
    Record.objects.filter(held_on=date(2026, 8, 3)).update(hours=Decimal(9))
    assert broken("EB063", [scene.first]) == set()
    Record.objects.filter(held_on=date(2026, 8, 3)).update(hours=Decimal(8))
    span = Membership.objects.get(organisation=scene.first, status=MemberStatus.FULL)
    Membership.objects.create(
        member=span.member, organisation=scene.first, status=MemberStatus.FULL, since=date(2026, 7, 1)
    )
    Membership.objects.filter(pk=span.pk).update(status=MemberStatus.PROBATIONARY, until=date(2026, 7, 1))
    assert broken("EB063", [scene.first]) == {scene.first.name}
