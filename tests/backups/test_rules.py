"""Names, retention, members and states: pure."""

import tomllib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups import PORTAL_VERSION
from backups.rules import (
    RETENTION,
    BackupState,
    Retention,
    file_name,
    is_member,
    kept,
    moment_of,
    size_label,
    state_of,
)
from tests.services import ROOT

SHANGHAI = timezone(timedelta(hours=8))
FIRST = datetime(2024, 1, 1, 4, 15, tzinfo=SHANGHAI)
# Some nights are missed, some days have several.
NIGHTS = st.lists(st.integers(0, 24 * 800), min_size=1, max_size=120, unique=True).map(
    lambda hours: sorted(FIRST + timedelta(hours=n) for n in hours)
)
POLICIES = st.builds(Retention, st.integers(1, 14), st.integers(0, 8), st.integers(0, 12))


def test_daily_for_two_weeks_weekly_for_two_months_monthly_for_a_year() -> None:
    nights = [FIRST + timedelta(days=n) for n in range(731)]  # up to 31 December 2025
    stay = kept(nights)
    days = [one.date() for one in sorted(stay, reverse=True)]
    last = nights[-1].date()
    assert days[:14] == [last - timedelta(days=n) for n in range(14)]
    sundays = [day for day in (last - timedelta(days=n) for n in range(60)) if day.isoweekday() == 7][:7]
    assert set(sundays) <= set(days)
    months = {(day.year, day.month) for day in days}
    assert months == {(2025, month) for month in range(1, 13)}
    assert len(days) == 14 + 6 + 9  # one of the Sundays is a day of the fortnight; three months are there


@given(NIGHTS, POLICIES)
def test_the_newest_stays_and_never_more_than_the_sum(nights: list[datetime], policy: Retention) -> None:
    stay = kept(nights, policy)
    assert max(nights) in stay
    assert stay <= set(nights)
    assert len(stay) <= policy.daily + policy.weekly + policy.monthly
    assert kept(stay, policy) == stay


@given(NIGHTS, POLICIES)
def test_deleting_every_night_ends_as_deleting_once(nights: list[datetime], policy: Retention) -> None:
    there: frozenset[datetime] = frozenset()
    for night in nights:
        there = kept(there | {night}, policy)
    assert there == kept(nights, policy)


@given(NIGHTS)
def test_each_of_the_last_periods_keeps_its_newest(nights: list[datetime]) -> None:
    stay = kept(nights)
    for number, period in (
        (RETENTION.daily, "%Y-%m-%d"),
        (RETENTION.weekly, "%G-%V"),
        (RETENTION.monthly, "%Y-%m"),
    ):
        newest = {one.strftime(period): one for one in nights}
        assert {newest[name] for name in sorted(newest)[-number:]} <= stay


def test_a_name_says_its_moment() -> None:
    assert file_name(FIRST) == "portal-20240101-041500.backup"
    assert moment_of("portal-20240101-041500.backup", SHANGHAI) == FIRST
    for other in ("portal-20240101.backup", "portal-20241301-041500.backup", "a.backup", ".unfinished"):
        assert moment_of(other, UTC) is None


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("database", True),
        ("box/spool", True),
        ("manifest.json", True),
        ("media/study/2026/方案.pdf", True),
        ("media/..a", True),
        ("box/key", False),
        ("box/keys", False),
        ("box/survey", False),
        ("secret_key", False),
        ("media", False),
        ("media/", False),
        ("media/../x", False),
        ("media//x", False),
        ("/media/x", False),
        ("media/a\\b", False),
        ("media/a\nb", False),
        ("media/" + "汉" * 86, False),
        ("media/\ud800", False),
    ],
)
def test_names_a_backup_may_hold(name: str, is_one: bool) -> None:
    assert is_member(name) is is_one


def test_state_and_sizes() -> None:
    now = FIRST + timedelta(hours=36)
    assert state_of(None, failed=False, now=now) == BackupState.NONE
    assert state_of(FIRST, failed=False, now=now) == BackupState.GOOD
    assert state_of(FIRST, failed=False, now=now + timedelta(seconds=1)) == BackupState.OLD
    assert state_of(FIRST, failed=True, now=now) == BackupState.FAILED
    assert [size_label(n) for n in (0, 1023, 2048, 5 << 20, 3 << 40)] == [
        "0 B",
        "1023 B",
        "2 KB",
        "5.0 MB",
        "3.0 TB",
    ]


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == PORTAL_VERSION
