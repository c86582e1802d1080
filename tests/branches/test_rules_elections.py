"""The chain of one election, candidates and electors: pure."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branches.rules import ElectionStepKind
from branches.rules.elections import (
    GUIDES,
    ChainState,
    by_election_day,
    chain,
    earliest_election,
    needs_early_approval,
    next_of,
    secretary_elected_by,
)

K, S = ElectionStepKind, ChainState
END = date(2026, 5, 12)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def states(on: date, done: dict[ElectionStepKind, date] | None = None) -> list[ChainState]:
    return [step.state for step in chain(END, done or {}, on=on, notice_months=6)]


def test_due_days_are_counted_back_from_the_end() -> None:
    steps = {step.kind: step.due_on for step in chain(END, {}, on=END, notice_months=6)}
    assert steps == {
        K.NOTICE: date(2025, 11, 12),
        K.REQUEST: date(2026, 2, 12),
        K.CANDIDATES: date(2026, 4, 12),
        K.MEETING: END,
        K.REPORT: date(2026, 6, 12),
    }


def test_month_ends_and_29_february() -> None:
    steps = {step.kind: step.due_on for step in chain(date(2028, 8, 31), {}, on=END, notice_months=6)}
    assert steps[K.NOTICE] == date(2028, 2, 29)
    leap = {step.kind: step.due_on for step in chain(date(2028, 2, 29), {}, on=END, notice_months=6)}
    assert (leap[K.NOTICE], leap[K.CANDIDATES]) == (date(2027, 8, 29), date(2028, 1, 29))


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2025, 10, 11), [S.UPCOMING] * 5),
        (date(2025, 10, 12), [S.DUE, *[S.UPCOMING] * 4]),
        (date(2025, 11, 12), [S.DUE, S.DUE, S.UPCOMING, S.UPCOMING, S.UPCOMING]),
        (date(2025, 11, 13), [S.LATE, S.DUE, S.UPCOMING, S.UPCOMING, S.UPCOMING]),
        (date(2026, 4, 13), [S.LATE, S.LATE, S.LATE, S.DUE, S.UPCOMING]),
        (END, [S.LATE, S.LATE, S.LATE, S.DUE, S.UPCOMING]),
        (END + timedelta(days=1), [S.LATE, S.LATE, S.LATE, S.LATE, S.UPCOMING]),
    ],
)
def test_states_of_an_untouched_chain(on: date, expected: list[ChainState]) -> None:
    assert states(on) == expected


def test_a_later_step_settles_the_earlier_ones() -> None:
    asked = {K.REQUEST: date(2026, 1, 20)}
    assert states(date(2026, 3, 1), asked) == [S.DONE, S.DONE, S.DUE, S.UPCOMING, S.UPCOMING]


def test_the_report_counts_from_the_election() -> None:
    held = {K.MEETING: date(2026, 5, 8)}
    assert states(date(2026, 6, 8), held) == [S.DONE, S.DONE, S.DONE, S.DONE, S.DUE]
    assert states(date(2026, 6, 9), held)[-1] == S.LATE
    steps = chain(END, held | {K.REPORT: date(2026, 5, 20)}, on=END, notice_months=6)
    assert next_of(steps) is None


@given(end=DAYS, on=DAYS, done=st.sets(st.sampled_from(list(K))))
def test_a_chain_is_in_order_on_any_day(end: date, on: date, done: set[ElectionStepKind]) -> None:
    steps = chain(end, dict.fromkeys(done, end), on=on, notice_months=6)
    assert [step.kind for step in steps] == list(K)
    due = [step.due_on for step in steps]
    assert due == sorted(due)
    assert all(step.opens_on <= step.due_on for step in steps)
    assert all(step.state == S.DONE for step in steps if step.kind in done)
    order = [step.state for step in steps if step.state in (S.LATE, S.UPCOMING)]
    assert order == sorted(order, key=[S.LATE, S.UPCOMING].index), "nothing is late behind what is to come"


@given(end=DAYS, on=DAYS)
def test_a_day_later_nothing_is_less_pressing(end: date, on: date) -> None:
    rank = [S.UPCOMING, S.DUE, S.LATE]
    today, tomorrow = (
        [rank.index(step.state) for step in chain(end, {}, on=day, notice_months=6)]
        for day in (on, on + timedelta(days=1))
    )
    assert all(later >= now for now, later in zip(today, tomorrow, strict=True))


def test_who_elects_the_secretary() -> None:
    assert secretary_elected_by(with_committee=True) == "支部委员会会议"
    assert secretary_elected_by(with_committee=False) == "支部党员大会"


def test_early_elections() -> None:
    assert earliest_election(date(2028, 2, 29)) == date(2027, 2, 28)
    assert needs_early_approval(date(2026, 4, 11), END)
    assert not needs_early_approval(date(2026, 4, 12), END)


def test_a_by_election_is_suggested_within_two_months() -> None:
    assert by_election_day(date(2025, 12, 31)) == date(2026, 2, 28)


def test_every_step_says_what_it_needs_and_on_which_basis() -> None:
    assert set(GUIDES) == set(K)
    assert all(guide.needed and guide.decided_by and guide.basis for guide in GUIDES.values())
    unverified = [basis.sentence for guide in GUIDES.values() for basis in guide.basis if not basis.verified]
    assert unverified == ["《中国共产党基层组织选举工作条例》（待核实）"]
