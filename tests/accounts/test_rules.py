import pytest

from accounts.rules import (
    LONG,
    READABLE,
    SHORT,
    SessionLimits,
    first_password,
    is_recent,
    limits_for,
    session_is_over,
)

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("limits", "began", "seen", "over"),
    [
        (SHORT, 0, 0, False),
        (SHORT, 30 * MINUTE - 1, 30 * MINUTE - 1, False),
        (SHORT, 30 * MINUTE, 30 * MINUTE, True),
        (SHORT, 12 * HOUR - 1, MINUTE, False),
        (SHORT, 12 * HOUR, 0, True),
        (LONG, 29 * DAY, 29 * DAY, False),
        (LONG, 30 * DAY - 1, 30 * DAY - 1, False),
        (LONG, 30 * DAY, 0, True),
    ],
)
def test_a_session_ends_idle_or_old(limits: SessionLimits, began: float, seen: float, over: bool) -> None:
    now = 1_800_000_000.0
    assert session_is_over(limits, began=now - began, seen=now - seen, now=now) is over


def test_staff_have_the_short_limits() -> None:
    assert (limits_for(short_session=True), limits_for(short_session=False)) == (SHORT, LONG)


@pytest.mark.parametrize(
    ("age", "recent"), [(None, False), (0, True), (15 * MINUTE - 1, True), (15 * MINUTE, False), (-5, False)]
)
def test_a_password_counts_as_given_again_for_15_minutes(age: float | None, recent: bool) -> None:
    now = 1_800_000_000.0
    assert is_recent(None if age is None else now - age, now=now) is recent


def test_a_first_password_can_be_read_from_paper() -> None:
    groups = first_password().split("-")
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert set("".join(groups)) - set(READABLE) == set()
    assert set(READABLE) & set("0o1lib82zs5uv") == set()


def test_first_passwords_differ() -> None:
    assert len({first_password() for _ in range(200)}) == 200
