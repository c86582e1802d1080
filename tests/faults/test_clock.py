"""Clocks that jump, and a portal that stood still: each period's work is done, and done once."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from partyaffairs.actions import Reconciled, reconcile, run_entry
from partyaffairs.periodic import PERIODIC
from reminders.queries.anchors import MADE_FOR
from tests.box.installation import Installation
from tests.faults.lives import copied, lived
from tests.faults.office import START, settle
from tests.faults.rows import Rows, business_rows, differences
from tests.partyaffairs.moved import at, set_clock

HOUR, DAY, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=31)
NOON = at(2027, 3, 10, 12, 36)
# A day always; in the full run also 1 hour; 1, 2, 7 and 13 months.
NOTICED = {"reminders.RefreshRun", "reminders.ListChange"}
HOURS = (1, 31 * 24, 59 * 24, 212 * 24, 395 * 24)
GAPS = [24, *(pytest.param(hours, marks=pytest.mark.full) for hours in HOURS)]


def told(rows: Rows, hours: int) -> Rows:
    """Without what says truly which run noticed a thing and when, and what came and went meanwhile.

    One daily tick of the anonymous channel stands for all the days before it, and letters bear the month in
    which they were let out; a message says its days as one does on the day it is written. What a new post
    asks for is asked for within a quarter of its beginning, and not years later.
    """
    kept = {table: found for table, found in rows.items() if table not in NOTICED}
    drop(kept, "jobs.JobRun", lambda row: "burden.box_tick" in row)
    drop(kept, "reminders.HandoverLine", lambda row: "state='settled'" in row)
    for table, said in (("burden.BoxLetter", r"month=[^)]*\)"), ("notices.Line", r"（[^）]*前）")):
        # Behind the sharp sign stands a sum of the whole row.
        kept[table] = [re.sub(rf"{said}| #\w+$", "", row) for row in kept[table]]
    if timedelta(hours=hours) > MADE_FOR:
        drop(kept, "reminders.ReminderItem", lambda row: "period='event', subject='post:" in row)
        drop(kept, "reminders.MonthSummary", lambda row: f"month={START.replace(day=1)!r}" in row)
    return kept


def drop(rows: Rows, table: str, told: Callable[[str], bool]) -> None:
    rows[table] = [row for row in rows[table] if not told(row)]


@pytest.mark.parametrize("hours", GAPS)
def test_what_was_missed_is_made_up_exactly(start: Installation, tmp_path: Path, hours: int) -> None:
    on = lived(copied(start, tmp_path / "on"), "gap", str(hours), "plain", "1")["rows"]
    off = lived(copied(start, tmp_path / "off"), "gap", str(hours), "off", "1")["rows"]
    assert differences(told(on, hours), told(off, hours)) == {}


def worked(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Reconciled:
    """The whole timetable and the reconciler, with this clock."""
    set_clock(monkeypatch, now)
    for name in PERIODIC:
        run_entry(name, now=now)
    return reconcile(now=now)


@pytest.mark.django_db
@pytest.mark.parametrize("jump", [HOUR, DAY, MONTH], ids=["hour", "day", "month"])
def test_a_clock_that_goes_back_and_forth_does_nothing_twice(
    monkeypatch: pytest.MonkeyPatch, jump: timedelta, settings: Settings, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    set_clock(monkeypatch, NOON)
    settle()
    for moment in (NOON - jump, NOON):
        worked(monkeypatch, moment)
    rows = business_rows()
    for moment in (NOON - jump, NOON):
        assert worked(monkeypatch, moment).failed == 0
    # Marks of hours that were let go of may come again, effects may not.
    made = differences(rows, business_rows())
    made.pop("jobs.JobRun", None)
    assert made == {}
    assert worked(monkeypatch, NOON + jump).failed == 0
