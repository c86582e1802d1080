"""Pure rules: where events lead, which histories are impossible, terms and posts."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branches.rules import (
    Event,
    EventError,
    EventKind,
    MemberStatus,
    OrganisationKind,
    Role,
    Span,
    latest_extension,
    membership_spans,
    overlaps,
    probation_end,
    refuse_future,
    role_fits,
    roles_for,
    usual_term_end,
)

FULL, PROBATIONARY = MemberStatus.FULL, MemberStatus.PROBATIONARY
DAY = date(2020, 1, 10)
LATER, LATEST = date(2021, 1, 10), date(2022, 1, 10)


def registered(on: date = DAY, place: int = 1, status: MemberStatus = FULL) -> Event:
    return Event(EventKind.REGISTERED, on, place, status)


def test_a_life_from_application_to_full_member() -> None:
    events = [
        Event(EventKind.CONVERTED, date(2024, 6, 1)),
        Event(EventKind.APPLIED, date(2020, 1, 1), 1),
        Event(EventKind.TALKED, date(2020, 1, 20)),
        Event(EventKind.ACTIVIST, date(2021, 1, 1)),
        Event(EventKind.DEVELOPMENT_TARGET, date(2022, 1, 1)),
        Event(EventKind.ADMITTED, date(2023, 5, 30)),
        Event(EventKind.APPROVED, date(2023, 6, 30)),
    ]
    assert membership_spans(events) == [
        Span(1, MemberStatus.APPLICANT, date(2020, 1, 1), date(2021, 1, 1)),
        Span(1, MemberStatus.ACTIVIST, date(2021, 1, 1), date(2022, 1, 1)),
        Span(1, MemberStatus.DEVELOPMENT_TARGET, date(2022, 1, 1), date(2023, 5, 30)),
        Span(1, PROBATIONARY, date(2023, 5, 30), date(2024, 6, 1)),
        Span(1, FULL, date(2024, 6, 1)),
    ]


def test_moving_to_another_branch_on_one_day_leaves_no_gap() -> None:
    events = [registered(), Event(EventKind.MOVED_IN, LATER, 2), Event(EventKind.MOVED_OUT, LATER)]
    assert membership_spans(events) == [Span(1, FULL, DAY, LATER), Span(2, FULL, LATER)]


def test_coming_back_after_years_away_keeps_the_status() -> None:
    events = [registered(), Event(EventKind.MOVED_OUT, LATER), Event(EventKind.MOVED_IN, LATEST, 1)]
    assert membership_spans(events) == [Span(1, FULL, DAY, LATER), Span(1, FULL, LATEST)]


def test_a_retired_member_is_taken_over_by_another_branch() -> None:
    assert membership_spans([registered(), Event(EventKind.RETIRED, LATER, 7)]) == [
        Span(1, FULL, DAY, LATER),
        Span(7, FULL, LATER),
    ]


def test_the_branch_someone_leaves_is_not_where_they_go() -> None:
    assert membership_spans([registered(), Event(EventKind.MOVED_OUT, LATER, 1)]) == [
        Span(1, FULL, DAY, LATER)
    ]


def test_who_left_the_party_may_apply_again() -> None:
    events = [registered(), Event(EventKind.LEFT, LATER), Event(EventKind.APPLIED, LATEST, 1)]
    assert membership_spans(events)[-1] == Span(1, MemberStatus.APPLICANT, LATEST)


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        (
            [registered(status=MemberStatus.DEVELOPMENT_TARGET), Event(EventKind.CONVERTED, LATER)],
            "2021-01-10“转为正式党员”与此前身份“发展对象”不符，请核对日期和先后顺序。",
        ),
        (
            [Event(EventKind.CONVERTED, DAY, 1)],
            "2020-01-10“转为正式党员”与此前身份“尚无身份”不符，请核对日期和先后顺序。",
        ),
        (
            [registered(), Event(EventKind.PROBATION_EXTENDED, LATER)],
            "2021-01-10“延长预备期”与此前身份“正式党员”不符，请核对日期和先后顺序。",
        ),
        (
            [registered(), Event(EventKind.DECEASED, LATER), Event(EventKind.MOVED_IN, LATEST, 1)],
            "此人已登记去世，不能再有 2022-01-10 的“组织关系转入”，请核对日期。",
        ),
        ([registered(), registered(LATER)], "此人已经登记入册，不能再次登记。"),
        (
            [registered(), Event(EventKind.MOVED_OUT, LATER), Event(EventKind.RETIRED, LATEST)],
            "2022-01-10“退休”之前，此人不在任何支部，请核对日期。",
        ),
        ([Event(EventKind.APPLIED, DAY)], "“递交入党申请书”需要填写所在支部。"),
        ([Event(EventKind.MOVED_IN, DAY, 1)], "“组织关系转入”需要填写当时的身份（正式党员、预备党员等）。"),
        (
            [Event(EventKind.TALKED, DAY), registered(LATER)],
            "2020-01-10“入党申请人谈话”早于登记入册，请核对日期。",
        ),
    ],
)
def test_impossible_histories_are_refused_in_words(events: list[Event], sentence: str) -> None:
    with pytest.raises(EventError) as refused:
        membership_spans(events)
    assert str(refused.value) == sentence


HISTORIES = st.lists(
    st.builds(
        Event,
        kind=st.sampled_from(EventKind),
        on=st.dates(date(2010, 1, 1), date(2030, 12, 31)),
        organisation=st.one_of(st.none(), st.integers(1, 3)),
        status=st.one_of(st.none(), st.sampled_from(MemberStatus)),
    ),
    max_size=8,
)


@given(HISTORIES)
def test_spans_never_overlap_and_only_the_last_is_open(events: list[Event]) -> None:
    try:
        spans = membership_spans([registered(date(2009, 1, 1), status=MemberStatus.APPLICANT), *events])
    except EventError:
        return
    for before, after in itertools.pairwise(spans):
        assert before.until is not None
        assert before.since < before.until <= after.since
    assert all(span.until is None or span.since < span.until for span in spans)


@given(HISTORIES, st.randoms())
def test_the_order_of_entry_changes_nothing(events: list[Event], random: object) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands over a random.Random

    def outcome(given_events: list[Event]) -> list[Span] | None:
        try:
            return membership_spans(given_events)
        except EventError:
            return None

    # Two events of one kind on one day have no order of their own; the database allows only one.
    if len({(event.kind, event.on) for event in events}) == len(events):
        assert outcome(shuffled) == outcome(events)


@pytest.mark.parametrize("kind", list(EventKind))
def test_only_leaving_may_be_entered_ahead(kind: EventKind) -> None:
    plannable = {
        EventKind.MOVED_IN,
        EventKind.MOVED_OUT,
        EventKind.SECONDED,
        EventKind.RETURNED,
        EventKind.RETIRED,
    }
    refuse_future(Event(kind, DAY), today=DAY)
    if kind in plannable:
        refuse_future(Event(kind, LATER), today=DAY)
        return
    with pytest.raises(EventError) as refused:
        refuse_future(Event(kind, LATER), today=DAY)
    assert str(refused.value) == f"“{kind.label}”的日期 2021-01-10 还没有到，请在办理之后登记。"


@pytest.mark.parametrize(
    ("admitted", "extended", "end"),
    [
        (date(2023, 5, 30), 0, date(2024, 5, 30)),
        (date(2024, 2, 29), 0, date(2025, 2, 28)),
        (date(2023, 8, 31), 6, date(2025, 2, 28)),
        (date(2023, 5, 30), 12, date(2025, 5, 30)),
    ],
)
def test_probation_lasts_a_year_and_its_extension(admitted: date, extended: int, end: date) -> None:
    assert probation_end(admitted, extended) == end


def test_terms_last_three_years_and_of_a_committee_five() -> None:
    assert usual_term_end(date(2024, 2, 29), OrganisationKind.BRANCH) == date(2027, 2, 28)
    assert usual_term_end(date(2024, 3, 8), OrganisationKind.GENERAL_BRANCH) == date(2027, 3, 8)
    assert usual_term_end(date(2024, 3, 8), OrganisationKind.COMMITTEE) == date(2029, 3, 8)
    assert latest_extension(date(2027, 3, 8)) == date(2028, 3, 8)


def test_offices_stand_where_they_belong() -> None:
    party_offices = [
        Role.SECRETARY,
        Role.DEPUTY_SECRETARY,
        Role.ORGANISATION_COMMISSIONER,
        Role.PUBLICITY_COMMISSIONER,
        Role.DISCIPLINE_COMMISSIONER,
    ]
    apart = [Role.ADMINISTRATOR, Role.RECIPIENT, Role.AUDITOR]
    assert roles_for(OrganisationKind.BRANCH) == [Role.WORKER, *party_offices]
    assert roles_for(OrganisationKind.GENERAL_BRANCH) == [
        *party_offices,
        Role.GENERAL_BRANCH_STAFF,
        *apart,
    ]
    assert roles_for(OrganisationKind.COMMITTEE) == [*party_offices, Role.COMMITTEE_STAFF, *apart]
    assert not role_fits(Role.ADMINISTRATOR, OrganisationKind.JOINT_BRANCH)


RANGES = st.tuples(st.dates(DAY, LATEST), st.one_of(st.none(), st.integers(0, 400)))


@given(RANGES, RANGES)
def test_overlap_is_a_shared_day(one: tuple[date, int | None], other: tuple[date, int | None]) -> None:
    def days(span: tuple[date, int | None]) -> set[date]:
        length = 2000 if span[1] is None else span[1]
        return {span[0] + timedelta(days=n) for n in range(length + 1)}

    def end(span: tuple[date, int | None]) -> date | None:
        return None if span[1] is None else span[0] + timedelta(days=span[1])

    assert overlaps(one[0], end(one), other[0], end(other)) == bool(days(one) & days(other))
