"""Clocks that jump, and a portal that stood still: each period's work is done, and done once."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from backups.queries import JOB as NIGHTLY
from branches.actions.posts import end_post
from branches.models import Post
from branches.rules import Role
from errorbank.models import Recheck
from errorbank.rules import RecheckState
from jobs.actions import mark_done, note_last
from jobs.models import RunState
from partyaffairs.actions import Reconciled, reconcile, run_entry
from partyaffairs.periodic import CONTINUOUS, LAST, PERIODIC
from partyaffairs.runs import late_names
from reminders.models import Handover
from reminders.queries.anchors import MADE_FOR
from tests.box.installation import Installation
from tests.factories.errorbank import make_closed, make_entry
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
@pytest.mark.parametrize("jump", [timedelta(days=7), timedelta(days=730)], ids=["week", "two years"])
def test_after_a_clock_that_ran_ahead_what_is_new_is_worked_off(
    monkeypatch: pytest.MonkeyPatch, jump: timedelta, settings: Settings, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    set_clock(monkeypatch, NOON)
    settle()
    for moment in (NOON, NOON + jump, NOON + HOUR):
        assert worked(monkeypatch, moment).failed == 0
    assert Handover.objects.count() == 0
    recheck = new_facts(NOON.date())
    assert worked(monkeypatch, NOON + 2 * HOUR).failed == 0
    assert Handover.objects.count() == 1
    assert worked(monkeypatch, NOON + DAY).failed == 0
    recheck.refresh_from_db()
    assert recheck.state == RecheckState.PASSED
    # The anonymous channel waits until somebody has looked at what the wrong day did to its letters.
    assert late_now(NOON + DAY) == ["box-tick"]
    call_command("box_forget_future", stdout=StringIO())
    assert worked(monkeypatch, NOON + DAY).failed == 0
    assert late_now(NOON + DAY) == []


def new_facts(on: date) -> Recheck:
    """A worker leaves, and a finding is rechecked tomorrow."""
    worker = Post.objects.at(on).filter(role=Role.WORKER).order_by("pk")[0]
    staff = Post.objects.at(on).get(role=Role.GENERAL_BRANCH_STAFF).user
    assert worker.user
    assert staff
    end_post(worker, on=on + timedelta(days=3), by=staff)
    closed = make_closed(
        worker.organisation,
        fixer=worker.user,
        closer=staff,
        on=on - timedelta(days=29),
        entry=make_entry(detection="EB016"),
    )
    return closed.rechecks.get(stage=1)


def late_now(now: datetime) -> list[str]:
    """Beside the work of every minute, which is not run here."""
    for name in CONTINUOUS:
        note_last(name, LAST, state=RunState.DONE, now=now)
    mark_done(NIGHTLY, [now.date().isoformat()], detail={}, now=now)
    return late_names(now=now)


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
