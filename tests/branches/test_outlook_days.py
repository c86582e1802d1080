"""The projection against a naive simulation that walks day by day through raw events."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branches.actions.members import add_event, add_member
from branches.models import Organisation
from branches.queries.outlook import outlook_of
from branches.queries.policy import shipped_rules
from branches.rules import Event, EventKind, MemberStatus, membership_spans
from branches.rules.findings import horizon_end
from branches.rules.headcount import Stay, planned_return, project
from branches.rules.outlook import OutlookLevel, last_day, level_of, month_figures
from periods.months import Month, add_months
from tests.factories.branches import make_organisation

HERE, THERE = 1, 2
DAY = timedelta(days=1)
RULES = shipped_rules(on=date(2026, 1, 1))
# Days on which sums of months go wrong.
AWKWARD = [
    *(date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2024, 8, 31), date(2024, 12, 31)),
    *(date(2025, 1, 31), date(2025, 2, 28), date(2025, 8, 29), date(2025, 8, 30), date(2025, 8, 31)),
]
days = st.one_of(st.sampled_from(AWKWARD), st.dates(date(2023, 6, 1), date(2026, 6, 30)))


@dataclass(frozen=True)
class Life:
    """One invented member as raw facts; every day but the first is optional."""

    begins: date
    status: MemberStatus
    extension: int = 0
    converts: date | None = None
    leaves: date | None = None
    leaves_by: EventKind = EventKind.MOVED_OUT
    comes_back: date | None = None
    assigned: bool = False
    returns: date | None = None

    def events(self) -> list[Event]:
        """What would be entered; a day before the one it must follow is left out."""
        found = [Event(EventKind.REGISTERED, self.begins, HERE, self.status)]
        if self.status == MemberStatus.PROBATIONARY and self.converts and self.converts > self.begins:
            found.append(Event(EventKind.CONVERTED, self.converts))
        if self.leaves and self.leaves > found[-1].on:
            found.append(Event(self.leaves_by, self.leaves))
            if self.comes_back and self.comes_back > self.leaves:
                found.append(Event(EventKind.MOVED_IN, self.comes_back, HERE))
        return found


lives = st.builds(
    Life,
    begins=days,
    status=st.sampled_from([MemberStatus.FULL, MemberStatus.PROBATIONARY]),
    extension=st.sampled_from([0, 0, 6, 9, 12]),
    converts=st.none() | days,
    leaves=st.none() | days,
    leaves_by=st.sampled_from([EventKind.MOVED_OUT, EventKind.RETIRED, EventKind.DECEASED]),
    comes_back=st.none() | days,
    assigned=st.booleans(),
    returns=st.none() | days,
).filter(lambda life: life.leaves_by != EventKind.DECEASED or life.comes_back is None)


def stays_of(number: int, life: Life, on: date) -> list[Stay]:
    """The stays as the query builds them."""
    returns = [(life.returns, EventKind.RETURNED)] if life.returns else []
    day = planned_return(returns, on=on) if life.assigned else None
    ends, spans = add_months(life.begins, 12 + life.extension), membership_spans(life.events())
    starts = {span.until: span for span in spans}
    arrived = {span: starts[span.since].since if span.since in starts else span.since for span in spans}
    return [
        Stay(
            number,
            span.status,
            span.since,
            span.until,
            assigned=life.assigned,
            probation_ends=ends if span.status == MemberStatus.PROBATIONARY else None,
            returns_on=day if day and day > arrived[span] else None,
        )
        for span in spans
    ]


def walked(life: Life, on: date, end: date) -> dict[date, MemberStatus | None]:
    """What the person is here at the end of each day from `on`: one day after the other, no sums."""
    happens: dict[date, list[Event]] = defaultdict(list)
    for event in life.events():
        happens[event.on].append(event)
    ends, found = add_months(life.begins, 12 + life.extension), {}
    status: MemberStatus | None = None
    since, here, returned_since, day = life.begins, False, False, min(life.begins, on)
    while day <= end:
        for event in happens[day]:
            if event.kind in (EventKind.REGISTERED, EventKind.MOVED_IN):
                here, status, since, returned_since = True, event.status or status, day, False
            elif event.kind is EventKind.CONVERTED:
                status = MemberStatus.FULL
            else:
                here = False
        if life.assigned and life.returns == day and day > on and day > since:
            returned_since = True
        shown = status if here and not returned_since else None
        if shown == MemberStatus.PROBATIONARY and on < ends <= day:
            shown = MemberStatus.FULL
        if day >= on:
            found[day] = shown
        day += DAY
    return found


@settings(max_examples=120, deadline=None)
@given(st.lists(lives, max_size=8), days, st.integers(1, 14))
def test_every_day_is_as_if_walked(people: list[Life], on: date, months: int) -> None:
    end = max(last_day(on, months), horizon_end(on, RULES))
    stays = [stay for number, life in enumerate(people) for stay in stays_of(number, life, on)]
    projection = project(stays, on=on, end=end)
    walks = [walked(life, on, end) for life in people]
    full: dict[date, int] = {}
    day = on
    while day <= end:
        statuses = [walk[day] for walk in walks]
        own = sum(
            s == MemberStatus.FULL and not life.assigned for s, life in zip(statuses, people, strict=True)
        )
        full[day] = statuses.count(MemberStatus.FULL)
        count = projection.at(day)
        assert (count.full, count.probationary, count.own) == (
            full[day],
            statuses.count(MemberStatus.PROBATIONARY),
            own,
        )
        day += DAY
    horizon = horizon_end(on, RULES)
    lowest = min(number for day, number in full.items() if day <= horizon)
    assert projection.lowest_full(horizon) == lowest
    fall = projection.first(lambda count: count.full < 3)
    assert (fall[0] if fall else None) == next((day for day, number in full.items() if number < 3), None)
    own_now = projection.now.own
    assert level_of(projection, RULES) == naive_level(full[on], lowest, own_now)
    figures = month_figures(projection, months)
    assert [figure.full for figure in figures] == [full[figure.month.last] for figure in figures]
    assert figures[0].month == Month.of(on)


def naive_level(now: int, lowest: int, own: int) -> OutlookLevel:
    if now < 3:
        return OutlookLevel.BREACH
    if lowest < 3:
        return OutlookLevel.IMMINENT
    if lowest == 3:
        return OutlookLevel.NO_BUFFER
    return OutlookLevel.BORROWED if own < 3 else OutlookLevel.OK


@settings(max_examples=60, deadline=None)
@given(st.lists(lives, max_size=8), days)
def test_own_members_left_after_departures(people: list[Life], on: date) -> None:
    """Own full members of today who are still full members here at the horizon."""
    horizon = horizon_end(on, RULES)
    stays = [stay for number, life in enumerate(people) for stay in stays_of(number, life, on)]
    walks = [(life, walked(life, on, horizon)) for life in people if not life.assigned]
    left = sum(walk[on] == MemberStatus.FULL and walk[horizon] == MemberStatus.FULL for _, walk in walks)
    assert project(stays, on=on, end=horizon).own_after_departures(horizon) == left


def test_expected_conversion_counts_and_a_late_one_does_not() -> None:
    on = date(2025, 2, 28)
    due = Stay(1, MemberStatus.PROBATIONARY, date(2024, 2, 29), probation_ends=date(2025, 3, 1))
    late = Stay(2, MemberStatus.PROBATIONARY, date(2024, 2, 28), probation_ends=date(2025, 2, 28))
    projection = project([due, late], on=on, end=date(2025, 12, 31))
    assert (projection.now.full, projection.now.probationary) == (0, 2)
    assert [(c.on, c.member, c.expected) for c in projection.changes] == [(date(2025, 3, 1), 1, True)]
    assert projection.at(date(2025, 12, 31)).probationary == 1


@pytest.mark.parametrize(
    ("events", "day"),
    [
        ([], None),
        ([(date(2026, 1, 31), EventKind.RETURNED)], date(2026, 1, 31)),
        ([(date(2025, 10, 31), EventKind.RETURNED)], None),
        ([(date(2025, 1, 1), EventKind.SECONDED), (date(2026, 1, 31), EventKind.RETURNED)], None),
        (
            [
                (date(2025, 1, 1), EventKind.SECONDED),
                (date(2025, 6, 30), EventKind.RETURNED),
                (date(2026, 2, 28), EventKind.RETURNED),
            ],
            date(2026, 2, 28),
        ),
    ],
)
def test_only_a_return_to_the_own_department_takes_a_member_away(
    events: list[tuple[date, EventKind]], day: date | None
) -> None:
    assert planned_return(events, on=date(2025, 10, 31)) == day


@pytest.mark.parametrize("seed", range(4))
def test_the_query_reads_what_was_entered(db: None, seed: int) -> None:
    """Random lives entered through the actions, two branches, and the figures of every month."""
    random, on = Random(seed), date(2025, 1, 31)
    here, there = make_organisation("BR01"), make_organisation("BR02")
    people = [random_life(random, on) for _ in range(14)]
    for number, life in enumerate(people):
        enter(number, life, here, there)
    outlook = outlook_of([here, there], on=on, months=14)[here.pk]
    end = last_day(on, 14)
    walks = [walked(life, on, end) for life in people]
    for figure in outlook.months:
        statuses = [walk[figure.month.last] for walk in walks]
        assert (figure.full, figure.probationary) == (
            statuses.count(MemberStatus.FULL),
            statuses.count(MemberStatus.PROBATIONARY),
        )
    assert outlook.full_now == sum(walk[on] == MemberStatus.FULL for walk in walks)


def random_life(random: Random, on: date) -> Life:
    """A life that the actions accept: plans are in the future, everything else in the past."""
    status = random.choice([MemberStatus.FULL, MemberStatus.PROBATIONARY])
    begins = random.choice([date(2024, 1, 31), date(2024, 2, 29), date(2024, 5, 31), date(2023, 8, 31)])
    extension = random.choice([0, 6, 12]) if status == MemberStatus.PROBATIONARY else 0
    assigned = random.random() < 0.4
    return Life(
        begins=begins,
        status=status,
        extension=extension,
        leaves=on + timedelta(days=random.randrange(1, 420)) if random.random() < 0.4 else None,
        leaves_by=random.choice([EventKind.MOVED_OUT, EventKind.RETIRED]),
        assigned=assigned,
        returns=date(2025, 6, 30) if assigned and random.random() < 0.5 else None,
    )


def enter(number: int, life: Life, here: Organisation, there: Organisation) -> None:
    member = add_member(
        code=f"M{number}",
        name=f"党员{number}",
        organisation=here,
        status=life.status,
        since=life.begins,
        joined_on=life.begins,
        assigned=life.assigned,
        by=None,
    )
    if life.extension:
        extended = add_months(life.begins, 11)
        add_event(member, kind=EventKind.PROBATION_EXTENDED, on=extended, months=life.extension, by=None)
    if life.returns and (life.leaves is None or life.returns < life.leaves):
        add_event(member, kind=EventKind.RETURNED, on=life.returns, by=None)
    if life.leaves:
        retires_to = there if life.leaves_by is EventKind.RETIRED and number % 2 else None
        add_event(member, kind=life.leaves_by, on=life.leaves, organisation=retires_to, by=None)
