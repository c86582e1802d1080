"""Recruiting: the worked example, versions of the text, what comes next, where a person stands."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branches.rules import StepOutcome
from branches.rules.development import (
    CONSTRAINTS,
    STAGES,
    STEPS,
    CaseFacts,
    CheckState,
    PersonState,
    RuleVersion,
    StepFact,
    check_case,
    crossing_note,
    earliest_target,
    missing_steps,
    next_step,
    notice_end,
    person_state,
    probation_end_of,
    small_branch_notes,
    version_on,
)
from branches.rules.sources import source
from periods.calendars import WorkCalendar
from periods.months import add_months, add_years
from tests.branches.ways import DAY, case, changed, day, meeting, whole_way

PLAIN = WorkCalendar()
# The first of October 2026 to the seventh are off, the tenth is worked; the year is known.
AUTUMN = WorkCalendar(
    special={date(2026, 10, d): False for d in (1, 2, 5, 6, 7)} | {date(2026, 10, 10): True},
    known_years=frozenset({2026}),
)
EXAMPLE = source("member_development")["computed_example"]
EXTENDED, REVOKED = StepOutcome.EXTENDED, StepOutcome.REVOKED
NOT_PASSED = StepOutcome.NOT_PASSED


def upto(number: int, applied: date = date(2026, 6, 1)) -> CaseFacts:
    return case(*(s for s in whole_way(applied) if s.number <= number))


def test_the_file_has_five_stages_25_steps_and_25_constraints() -> None:
    assert [stage.code for stage in STAGES] == ["application", "activist", "target", "admission", "probation"]
    assert [s.number for stage in STAGES for s in stage.steps] == list(STEPS) == list(range(1, 26))
    assert len(CONSTRAINTS) == 25
    assert {c.code for c in CONSTRAINTS.values() if c.since} == {
        "notice_5wd",
        "consent_before_target",
        "introducer_discipline",
        "meeting_1m",
        "oath_1m",
    }
    assert {c.since for c in CONSTRAINTS.values()} == {None, date(2026, 5, 11)}


def test_every_constraint_is_answered_once_and_in_the_order_of_the_file() -> None:
    checks = check_case(case(), on=date(2026, 6, 1), calendar=PLAIN)
    assert [c.code for c in checks] == list(CONSTRAINTS)


def test_the_worked_example() -> None:
    steps = [StepFact(1, day(EXAMPLE["applied_on"]))]
    found = next_step(case(*steps), on=steps[-1].on, calendar=PLAIN)
    assert found
    assert (found.number, found.due_on) == (2, day(EXAMPLE["talk_deadline"]))

    steps += [StepFact(2, date(2026, 6, 15)), StepFact(3, day(EXAMPLE["activist_on"]))]
    assert earliest_target(case(*steps)) == day(EXAMPLE["earliest_target"])

    assert EXAMPLE["notice"] == "2027-07-12 to 2027-07-16 (5 workdays)"
    start, end = date(2027, 7, 12), date(2027, 7, 16)
    assert notice_end(start, PLAIN) == end
    steps += [StepFact(7, date(2027, 7, 10)), StepFact(8, start, until=end, decider_approves=True)]
    checks = {c.code: c for c in check_case(case(*steps), on=end, calendar=PLAIN)}
    assert checks["notice_5wd"].state is CheckState.MET
    assert checks["activist_1y"].state is CheckState.MET

    steps += [StepFact(n, date(2027, 8, 1)) for n in range(9, 13)]
    steps += [StepFact(13, day(EXAMPLE["pre_review_on"]), decider_approves=True)]
    steps += [StepFact(14, date(2027, 9, 20))]
    found = next_step(case(*steps), on=date(2027, 9, 20), calendar=PLAIN)
    assert found
    assert (found.number, found.due_on) == (15, day(EXAMPLE["meeting_deadline"]))

    steps += [meeting(15, day(EXAMPLE["meeting_on"])), StepFact(16, date(2027, 10, 20))]
    found = next_step(case(*steps), on=date(2027, 10, 20), calendar=PLAIN)
    assert found
    assert (found.number, found.due_on, found.hard_limit) == (
        17,
        day(EXAMPLE["approval_deadline"]),
        day(EXAMPLE["approval_hard_limit"]),
    )
    assert probation_end_of(case(*steps)) == day(EXAMPLE["probation_end"])


@pytest.mark.parametrize(
    ("on", "version"),
    [
        (date(2014, 5, 28), RuleVersion.DEV2014),
        (date(2026, 3, 20), RuleVersion.DEV2014),
        (date(2026, 4, 18), RuleVersion.DEV2014),
        (date(2026, 5, 10), RuleVersion.DEV2014),
        (date(2026, 5, 11), RuleVersion.DEV2026),
        (date(2026, 6, 27), RuleVersion.DEV2026),
        (date(2026, 7, 1), RuleVersion.DEV2026),
    ],
)
def test_the_day_of_the_step_chooses_the_text(on: date, version: RuleVersion) -> None:
    assert version_on(on) is version


@pytest.mark.parametrize(
    ("admitted", "version", "basis"),
    [
        (date(2025, 3, 20), RuleVersion.DEV2014, "《中国共产党发展党员工作细则（2014年）》（待核实）"),
        (date(2025, 4, 18), RuleVersion.DEV2014, "《中国共产党发展党员工作细则（2014年）》（待核实）"),
        (date(2025, 6, 27), RuleVersion.DEV2026, "《中国共产党发展党员工作细则（2026年修订）》第三十一条"),
        (date(2025, 7, 1), RuleVersion.DEV2026, "《中国共产党发展党员工作细则（2026年修订）》第三十一条"),
    ],
)
def test_the_four_conversions_around_the_new_text(admitted: date, version: RuleVersion, basis: str) -> None:
    end = add_years(admitted, 1)
    facts = case(meeting(15, admitted), meeting(23, end))
    checks = {c.code: c for c in check_case(facts, on=end, calendar=PLAIN)}
    early = checks["no_early_conversion"]
    assert (early.state, early.version) == (CheckState.MET, version)
    assert [b.sentence for b in early.basis] == [basis]
    note = crossing_note(facts, on=end)
    assert note.endswith("（待核实）") is (version is RuleVersion.DEV2026)
    assert bool(note) is (version is RuleVersion.DEV2026)


def test_a_case_under_one_text_needs_no_note() -> None:
    assert crossing_note(upto(25), on=date(2029, 12, 1)) == ""
    assert crossing_note(case(opened_on=date(2026, 5, 10)), on=date(2026, 5, 11)) != ""


@pytest.mark.parametrize(
    "applied", [date(2026, 6, 1), date(2027, 1, 31), date(2027, 8, 29), date(2028, 2, 29)]
)
def test_a_way_within_its_limits_is_never_held_against_anybody(applied: date) -> None:
    steps = whole_way(applied)
    for n, step in enumerate(steps):
        facts = case(*steps[: n + 1])
        checks = check_case(facts, on=step.last_day, calendar=PLAIN)
        found = [(c.code, c.text) for c in checks if c.state in (CheckState.VIOLATED, CheckState.CAUTION)]
        assert found == [], step
    assert {c.state for c in check_case(case(*steps), on=steps[-1].on, calendar=PLAIN)} == {CheckState.MET}


@pytest.mark.parametrize("applied", [date(2026, 6, 1), date(2027, 1, 31), date(2028, 2, 29)])
def test_the_way_is_walked_in_its_order(applied: date) -> None:
    steps = whole_way(applied)
    for n, step in enumerate(steps[:-1]):
        ahead = steps[n + 1]
        found = next_step(case(*steps[: n + 1]), on=step.last_day, calendar=PLAIN)
        assert found
        assert (found.number, found.blocked_by) == (ahead.number, ())
        assert found.not_before is None or found.not_before <= ahead.on
        assert found.due_on is None or ahead.on <= found.due_on
    assert next_step(case(*steps), on=steps[-1].on, calendar=PLAIN) is None


def test_the_first_step_of_nobody_is_the_application() -> None:
    found = next_step(case(), on=date(2026, 6, 1), calendar=PLAIN)
    assert found
    assert (found.number, found.stage.code, found.actor) == (1, "application", "本人")


@pytest.mark.parametrize(("has_committee", "actor"), [(True, "支部委员会"), (False, "支部党员大会")])
@pytest.mark.parametrize("number", [3, 7, 12])
def test_without_a_committee_the_general_meeting_decides(
    number: int, has_committee: bool, actor: str
) -> None:
    facts = upto(number - 1)
    on = max(s.last_day for s in facts.steps)
    found = next_step(facts, on=on, calendar=PLAIN, has_committee=has_committee)
    assert found
    assert (found.number, found.actor) == (number, actor)
    assert ("大会" in found.name, "委员会" in found.name) == {
        (3, True): (False, False),
        (3, False): (False, False),
        (7, True): (False, True),
        (7, False): (True, False),
        (12, True): (False, True),
        (12, False): (True, False),
    }[number, has_committee]


def test_step_8_was_a_filing_before_it_became_a_consent() -> None:
    facts = case(StepFact(3, date(2025, 1, 10)), StepFact(7, date(2026, 2, 1)))
    old = next_step(facts, on=date(2026, 5, 10), calendar=PLAIN)
    new = next_step(facts, on=date(2026, 5, 11), calendar=PLAIN)
    assert old
    assert new
    assert (old.name, new.name) == ("报上级党委备案", "报上级党委同意并公示")
    assert "2026-05-15" in new.why


def test_reviews_come_round_every_half_year() -> None:
    activist = date(2026, 8, 31)
    steps = [StepFact(1, date(2026, 7, 1)), StepFact(2, date(2026, 7, 2)), StepFact(3, activist)]
    steps += [StepFact(4, activist), StepFact(5, activist, people_full=(True,))]
    first = next_step(case(*steps), on=activist, calendar=PLAIN)
    assert first
    # Half a year after the last of August is the last of February.
    assert (first.number, first.due_on) == (6, date(2027, 2, 28))
    steps.append(StepFact(6, date(2027, 2, 10)))
    second = next_step(case(*steps), on=date(2027, 2, 10), calendar=PLAIN)
    assert second
    assert (second.number, second.due_on) == (6, date(2027, 8, 10))
    steps.append(StepFact(6, date(2027, 8, 10)))
    target = next_step(case(*steps), on=date(2027, 8, 10), calendar=PLAIN)
    assert target
    assert (target.number, target.not_before, target.waiting(on=date(2027, 8, 30))) == (
        7,
        date(2027, 8, 31),
        True,
    )
    again = next_step(case(*steps), on=date(2028, 1, 10), calendar=PLAIN)
    assert again
    assert (again.number, again.due_on) == (6, date(2028, 2, 10))


def test_a_review_of_the_probation_is_proposed_not_prescribed() -> None:
    facts = upto(20)
    admitted = facts.passed(15)
    assert admitted
    found = next_step(facts, on=max(s.on for s in facts.steps), calendar=PLAIN)
    assert found
    assert (found.number, found.due_is_advice) == (21, True)
    assert found.due_on == add_months(admitted.on, 6)
    assert "待核实" in found.why


def test_conversion_does_not_wait_for_paperwork_left_over() -> None:
    facts = case(meeting(15, date(2025, 6, 27)), StepFact(17, date(2025, 8, 1), decider_approves=True))
    before = next_step(facts, on=date(2026, 5, 26), calendar=PLAIN)
    ahead = next_step(facts, on=date(2026, 5, 27), calendar=PLAIN)
    assert before
    assert ahead
    assert (before.number, ahead.number, ahead.due_on) == (16, 22, date(2026, 6, 27))


def test_steps_passed_over_are_named() -> None:
    facts = case(StepFact(1, date(2026, 6, 1)), StepFact(3, date(2026, 7, 10)), StepFact(7, date(2027, 8, 1)))
    assert missing_steps(facts) == [2, 4, 5, 6]
    assert missing_steps(case(meeting(15, date(2026, 6, 1)))) == []
    assert missing_steps(case()) == []
    found = next_step(facts, on=date(2027, 8, 1), calendar=PLAIN)
    assert found
    assert found.number == 8


def test_nothing_is_held_against_what_lies_before_the_first_step_entered() -> None:
    checks = check_case(case(meeting(15, date(2026, 6, 1))), on=date(2026, 6, 1), calendar=PLAIN)
    before = [c for c in checks if not c.applies]
    assert {c.code for c in before} == set(list(CONSTRAINTS)[:11]) | {
        "leaving_3m",
        "meeting_1m",
        "transferred_in_postpone",
    }
    assert {c.state for c in checks} == {CheckState.OPEN, CheckState.MET}


@pytest.mark.parametrize(
    ("change", "number", "code"),
    [
        ({"people_full": (True,)}, 9, "introducer_2"),
        ({"days": 1}, 11, "training_24h"),
        ({"decider_approves": False}, 13, "pre_review_power"),
        ({"present": 5, "approving": 6}, 15, "quorum_half"),
        ({"approving": 5}, 15, "yes_half"),
        ({"secret_ballot": False}, 15, "secret_one_by_one"),
        ({"decider_approves": False}, 17, "pre_review_power"),
    ],
)
def test_what_is_wrong_holds_up_what_builds_on_it(change: dict[str, object], number: int, code: str) -> None:
    steps = [changed(s, number, change) for s in whole_way(date(2026, 6, 1))]
    ahead = {9: 12, 11: 12, 13: 14, 15: 16, 17: 18}[number]
    facts = case(*(s for s in steps if s.number < ahead))
    found = next_step(facts, on=max(s.last_day for s in facts.steps), calendar=PLAIN)
    assert found
    assert [c.code for c in found.blocked_by] == [code]


@pytest.mark.parametrize(("leaving", "blocked"), [("2027-12-30", ["leaving_3m"]), ("2027-12-31", [])])
def test_who_leaves_within_three_months_is_softly_held_up(leaving: str, blocked: list[str]) -> None:
    facts = case(*(s for s in whole_way(date(2026, 6, 1)) if s.number <= 12), leaving_on=day(leaving))
    found = next_step(facts, on=date(2027, 9, 30), calendar=PLAIN)
    assert found
    assert found.number == 13
    assert [(c.code, c.state) for c in found.blocked_by] == [(code, CheckState.CAUTION) for code in blocked]


@pytest.mark.parametrize(
    ("number", "state"),
    [
        (1, PersonState.APPLICANT),
        (2, PersonState.APPLICANT),
        (3, PersonState.ACTIVIST),
        (6, PersonState.ACTIVIST),
        (7, PersonState.ACTIVIST),
        (8, PersonState.DEVELOPMENT_TARGET),
        (12, PersonState.DEVELOPMENT_TARGET),
        (13, PersonState.PRE_REVIEWED),
        (14, PersonState.PRE_REVIEWED),
        (15, PersonState.ADMITTED_PENDING_APPROVAL),
        (16, PersonState.ADMITTED_PENDING_APPROVAL),
        (17, PersonState.PROBATIONARY),
        (23, PersonState.PROBATIONARY),
        (24, PersonState.FULL),
        (25, PersonState.FULL),
    ],
)
def test_where_a_person_stands(number: int, state: PersonState) -> None:
    assert person_state(upto(number)) is state


def test_before_2026_the_branch_alone_made_a_target() -> None:
    facts = case(StepFact(3, date(2024, 1, 10)), StepFact(7, date(2026, 5, 10)))
    assert person_state(facts) is PersonState.DEVELOPMENT_TARGET


def test_a_way_that_ended() -> None:
    assert person_state(case(StepFact(1, date(2026, 6, 1)), withdrawn=True)) is PersonState.WITHDRAWN
    assert next_step(case(withdrawn=True), on=date(2026, 6, 1), calendar=PLAIN) is None
    refused = case(meeting(15, date(2026, 6, 1), NOT_PASSED, approving=3))
    assert person_state(refused) is PersonState.REJECTED


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 9, 21), date(2026, 9, 25)),
        (date(2026, 9, 28), date(2026, 10, 9)),  # three days, the holiday, two more
        (date(2026, 10, 1), date(2026, 10, 13)),  # begins on a day off; the Saturday of the tenth is worked
        (date(2026, 10, 10), date(2026, 10, 15)),
    ],
)
def test_a_notice_runs_five_workdays(start: date, end: date) -> None:
    assert notice_end(start, AUTUMN) == end
    assert AUTUMN.workdays_between(start, end) == 5
    assert AUTUMN.workdays_between(start, end - DAY) == 4


def test_small_branches_are_told_what_to_mind() -> None:
    assert [len(small_branch_notes(n)) for n in (2, 3, 4, 6, 7)] == [4, 4, 3, 3, 1]
    assert "至少2人" in small_branch_notes(3)[1]


LIMITS = st.dates(date(2026, 5, 11), date(2036, 12, 31))


@settings(max_examples=60, deadline=None)
@given(applied=LIMITS, taken=st.integers(0, 26), later=st.integers(0, 900))
def test_what_is_due_is_never_due_before_it_may_be_done(applied: date, taken: int, later: int) -> None:
    steps = whole_way(applied)[:taken]
    on = max((s.last_day for s in steps), default=applied) + later * DAY
    found = next_step(case(*steps, opened_on=applied), on=on, calendar=PLAIN)
    if found is None:
        assert taken == 26
        return
    assert found.why
    if found.due_on and found.not_before:
        assert found.not_before <= found.due_on
    if found.hard_limit:
        assert found.due_on
        assert found.due_on <= found.hard_limit


@settings(max_examples=40, deadline=None)
@given(applied=LIMITS)
def test_any_way_within_its_limits_is_clean(applied: date) -> None:
    steps = whole_way(applied)
    for n, step in enumerate(steps):
        checks = check_case(case(*steps[: n + 1]), on=step.last_day, calendar=PLAIN)
        assert [c.code for c in checks if c.state is CheckState.VIOLATED] == []


def test_hours_are_read_as_decimals() -> None:
    facts = case(StepFact(11, date(2027, 8, 1), hours=Decimal("24.0")))
    checks = {c.code: c for c in check_case(facts, on=date(2027, 8, 1), calendar=PLAIN)}
    assert checks["training_24h"].text == "集中培训 24.0 学时，一般不少于 3 天或 24 学时。"
