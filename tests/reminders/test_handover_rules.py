"""When a post is left, who comes, what is signed, and where a branch has nobody or too many."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branches.rules import EventKind
from reminders.handover_rules import (
    HandoverCause,
    KnownEnd,
    SignedLine,
    Standing,
    WorkerPost,
    content_digest,
    double_since,
    due_bounds,
    gap_since,
    grant_days,
    is_due,
    known_end,
    newcomer,
    newcomers,
    years_between,
)

ON = date(2026, 11, 18)
SINCE = date(2020, 1, 1)
DAYS = st.dates(date(2024, 1, 1), date(2034, 12, 31))


@pytest.mark.parametrize(
    ("last_day", "expected"),
    [
        (date(2026, 9, 18), False),
        (date(2026, 9, 19), True),
        (date(2026, 11, 17), True),
        (ON, True),
        (date(2027, 1, 17), True),
        (date(2027, 1, 18), False),
    ],
)
def test_sixty_days_before_and_after(last_day: date, expected: bool) -> None:
    assert is_due(last_day, ON) is expected


@given(DAYS, st.integers(-400, 400))
def test_due_is_a_window_of_days_whatever_the_month(on: date, distance: int) -> None:
    assert is_due(on + timedelta(days=distance), on) is (abs(distance) <= 60)


@given(DAYS, st.integers(1, 59))
def test_what_came_due_in_an_outage_is_still_due_after_it(last_day: date, outage: int) -> None:
    """Due on a day stays due until the post has been over for sixty days."""
    first = last_day - timedelta(days=60)
    assert is_due(last_day, first)
    assert is_due(last_day, first + timedelta(days=outage))


@given(DAYS)
def test_the_window_is_as_wide_on_every_day(on: date) -> None:
    earliest, latest = due_bounds(on)
    assert (latest - earliest).days == 120


@given(DAYS)
def test_a_leaver_has_thirty_days_from_the_day_after(last_day: date) -> None:
    since, until = grant_days(last_day)
    assert (since - last_day).days == 1
    assert (until - since).days == 29


@pytest.mark.parametrize(
    ("last_day", "since", "until"),
    [
        (date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 30)),
        (date(2028, 1, 30), date(2028, 1, 31), date(2028, 2, 29)),
        (date(2027, 1, 30), date(2027, 1, 31), date(2027, 3, 1)),
    ],
)
def test_days_of_a_grant_across_month_ends(last_day: date, since: date, until: date) -> None:
    assert grant_days(last_day) == (since, until)


def ends(
    *events: tuple[date, EventKind], until: date | None = None, assigned: bool = False, on: date = ON
) -> KnownEnd | None:
    return known_end(since=SINCE, until=until, events=events, assigned=assigned, on=on)


def test_nothing_known_ends_no_post() -> None:
    assert ends() is None
    assert ends((date(2026, 12, 1), EventKind.RETURNED)) is None


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        (EventKind.RETIRED, HandoverCause.RETIREMENT),
        (EventKind.MOVED_OUT, HandoverCause.TRANSFER),
        (EventKind.MOVED_IN, HandoverCause.POST_ENDED),
    ],
)
def test_the_event_of_the_day_after_names_the_cause(kind: EventKind, cause: HandoverCause) -> None:
    last_day = date(2026, 12, 31)
    assert ends((date(2027, 1, 1), kind), until=last_day) == KnownEnd(last_day, cause)
    assert ends((date(2027, 1, 2), kind), until=last_day) == KnownEnd(last_day, HandoverCause.POST_ENDED)


def test_a_secondment_takes_away_without_ending_the_post() -> None:
    going = (date(2026, 12, 1), EventKind.SECONDED)
    assert ends(going) == KnownEnd(date(2026, 11, 30), HandoverCause.TRANSFER)


def test_who_is_back_from_a_secondment_hands_nothing_over() -> None:
    gone = ((date(2026, 10, 1), EventKind.SECONDED), (date(2026, 11, 10), EventKind.RETURNED))
    assert ends(*gone) is None
    assert ends(*gone, on=date(2026, 11, 9)) == KnownEnd(date(2026, 9, 30), HandoverCause.TRANSFER)


def test_a_borrowed_member_returns_home() -> None:
    home = (date(2026, 12, 1), EventKind.RETURNED)
    assert ends(home, assigned=True) == KnownEnd(date(2026, 11, 30), HandoverCause.SECONDMENT_END)


def test_the_earlier_of_two_ends_counts() -> None:
    going = (date(2026, 12, 1), EventKind.SECONDED)
    assert ends(going, until=date(2026, 11, 20)) == KnownEnd(date(2026, 11, 20), HandoverCause.POST_ENDED)
    assert ends(going, until=date(2026, 12, 20)) == KnownEnd(date(2026, 11, 30), HandoverCause.TRANSFER)


def test_a_secondment_before_the_post_says_nothing_of_it() -> None:
    assert ends((SINCE, EventKind.SECONDED)) is None


@given(st.lists(st.tuples(DAYS, st.sampled_from(sorted(EventKind))), max_size=6), st.none() | DAYS, DAYS)
def test_an_end_is_never_later_than_the_post_s_own(
    events: list[tuple[date, EventKind]], until: date | None, on: date
) -> None:
    end = known_end(since=SINCE, until=until, events=events, assigned=True, on=on)
    if until is None:
        assert end is None or end.last_day >= SINCE
    else:
        assert end is not None
        assert end.last_day <= until


LAST = date(2026, 11, 30)


def standing(post: int, person: str, since: date, until: date | None = None) -> Standing:
    return Standing(post, person, since, until)


def test_the_one_who_began_around_the_last_day_takes_over() -> None:
    old = standing(1, "old", date(2019, 1, 1))
    new = standing(2, "new", date(2026, 12, 1))
    assert newcomer([old, new], leaver="leaver", last_day=LAST) == new
    assert newcomers([old, new], leaver="leaver", last_day=LAST) == [new, old]


def test_several_or_none_are_for_staff_to_choose() -> None:
    new = [standing(n, f"new{n}", date(2026, 12, n)) for n in (1, 2)]
    assert newcomer(new, leaver="leaver", last_day=LAST) is None
    assert newcomer([standing(1, "old", date(2019, 1, 1))], leaver="leaver", last_day=LAST) is None


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (date(2026, 9, 30), False),
        (date(2026, 10, 1), True),
        (date(2027, 1, 29), True),
        (date(2027, 1, 30), False),
    ],
)
def test_around_the_last_day_means_sixty_days(since: date, expected: bool) -> None:
    found = newcomer([standing(1, "new", since)], leaver="leaver", last_day=LAST)
    assert (found is not None) is expected


def test_neither_the_leaver_nor_who_left_as_well_takes_over() -> None:
    posts = [standing(1, "leaver", date(2026, 12, 1)), standing(2, "gone", date(2026, 11, 1), LAST)]
    assert newcomers(posts, leaver="leaver", last_day=LAST) == []


LINE = SignedLine("open_items", "1:2026-11:", "主题党日", "", date(2026, 11, 30), "", "")


def test_the_digest_knows_every_word_and_no_order() -> None:
    other = replace(LINE, subject="2:2026-11:")
    assert content_digest([LINE, other]) == content_digest([other, LINE])
    digests = {content_digest([LINE])}
    changed: list[SignedLine] = [
        replace(LINE, title="党课"),
        replace(LINE, detail="第四季度"),
        replace(LINE, due_on=date(2026, 12, 1)),
        replace(LINE, note="已联系"),
        replace(LINE, question="在哪里"),
        replace(LINE, part="ahead"),
    ]
    digests |= {content_digest([line]) for line in changed}
    assert len(digests) == 7
    assert all(len(digest) == 64 for digest in digests)


@given(st.text(max_size=5), st.text(max_size=5))
def test_words_do_not_slip_from_one_field_into_the_next(one: str, other: str) -> None:
    moved = replace(LINE, title=one + other, detail="")
    kept = replace(LINE, title=one, detail=other)
    assert (content_digest([moved]) == content_digest([kept])) is (other == "")


def worker(person: str, since: date, until: date | None = None) -> WorkerPost:
    return WorkerPost(person, since, until)


def test_a_gap_begins_the_day_after_the_last_worker() -> None:
    posts = [worker("a", SINCE, date(2026, 10, 31)), worker("b", SINCE, date(2026, 6, 30))]
    assert gap_since(posts, on=ON) == date(2026, 11, 1)
    assert gap_since([*posts, worker("c", ON)], on=ON) is None
    assert gap_since([*posts, worker("c", date(2026, 11, 19))], on=ON) == date(2026, 11, 1)
    assert gap_since([], on=ON) is None


@pytest.mark.parametrize(
    ("begun", "until", "expected"),
    [
        (date(2026, 10, 19), date(2026, 12, 31), None),
        (date(2026, 10, 18), date(2026, 12, 31), date(2026, 10, 18)),
        (date(2026, 11, 17), None, date(2026, 11, 17)),
    ],
)
def test_a_double_is_more_than_a_handover_takes(
    begun: date, until: date | None, expected: date | None
) -> None:
    posts = [worker("a", SINCE, until), worker("b", begun)]
    assert double_since(posts, on=ON) == expected


def test_two_posts_of_one_person_are_no_double() -> None:
    assert double_since([worker("a", SINCE), worker("a", date(2026, 1, 1))], on=ON) is None


@pytest.mark.parametrize(
    ("since", "on", "years"),
    [
        (date(2024, 2, 29), date(2025, 2, 27), 0),
        (date(2024, 2, 29), date(2025, 2, 28), 1),
        (date(2025, 11, 19), ON, 0),
        (date(2025, 11, 18), ON, 1),
    ],
)
def test_years_in_a_post(since: date, on: date, years: int) -> None:
    assert years_between(since, on) == years
