"""The table of periodic work: complete, true to the timetable, and its periods."""

import math
from datetime import timedelta
from typing import Any

from celery.schedules import crontab
from django.conf import settings

from backups.actions.nightly import period_of
from backups.queries import JOB
from backups.rules import NIGHTLY_AT
from partyaffairs.celery import app
from partyaffairs.periodic import CONTINUOUS, KEPT, PERIODIC, RECONCILE, RUN_ENTRY, Every, Periodic
from partyaffairs.schedule import BEAT_SCHEDULE
from tests.partyaffairs.moved import at

HOURS, DAYS = KEPT[Every.HOUR], KEPT[Every.DAY]


def test_every_entry_of_the_timetable_stands_in_one_of_the_tables() -> None:
    assert PERIODIC.keys() & CONTINUOUS.keys() == set()
    assert BEAT_SCHEDULE.keys() == PERIODIC.keys() | CONTINUOUS.keys()


def test_every_exception_says_why_and_comes_within_the_hour() -> None:
    assert [name for name, entry in CONTINUOUS.items() if not entry.why] == []
    seconds = {name: BEAT_SCHEDULE[name]["schedule"] for name in CONTINUOUS}
    often = [60.0, crontab(minute="*/5"), crontab(minute="*/10"), crontab(minute="15")]
    assert [name for name, value in seconds.items() if value not in often] == []


def times_in_three_days(value: Any) -> int:
    if isinstance(value, crontab):
        return 3 * len(value.hour) * len(value.minute)  # type: ignore[attr-defined]  # not in the stubs
    return int(timedelta(days=3).total_seconds() / value)


def test_three_days_without_a_worker_leave_a_short_queue() -> None:
    """Whatever the worker finds when it is back: of each entry the messages that have not expired."""
    days = timedelta(days=3).total_seconds()
    waiting = 0.0
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        sent, expires = times_in_three_days(entry["schedule"]), entry.get("options", {}).get("expires", days)
        assert expires <= 2 * days / sent or sent == 3, name
        waiting += math.ceil(sent * expires / days)
    assert waiting < 80


def test_the_due_time_is_that_of_the_timetable() -> None:
    for name, job in PERIODIC.items():
        hour = "*" if job.every is Every.HOUR else str(job.hour)
        assert BEAT_SCHEDULE[name]["schedule"] == crontab(minute=str(job.minute), hour=hour), name


def test_beat_sends_all_of_it_through_the_task_that_keeps_the_marks() -> None:
    sent = settings.CELERY_BEAT_SCHEDULE
    assert {name: (e["task"], e.get("args")) for name, e in sent.items()} == {
        **{name: (RUN_ENTRY, [name]) for name in BEAT_SCHEDULE},
        RECONCILE: ("partyaffairs.tasks.reconcile", None),
    }
    assert sent["box-tick"]["options"] == {"expires": 600}
    app.loader.import_default_modules()
    assert {e["task"] for e in [*BEAT_SCHEDULE.values(), *sent.values()]} - set(app.tasks) == set()


def test_what_the_backup_leaves_is_told_by_its_own_rows() -> None:
    night = CONTINUOUS["make-backup"].leaves
    assert night
    assert (night.proof, timedelta(hours=night.hour, minutes=night.minute)) == (JOB, NIGHTLY_AT)
    moments = [at(2026, 3, 11, 4, 14), at(2026, 3, 11, 4, 15), at(2026, 3, 12, 0, 0)]
    assert [night.newest(moment).key for moment in moments] == [period_of(moment) for moment in moments]


def keys(job: Periodic, *moment: int) -> tuple[int, list[str]]:
    found = [period.key for period in job.recent(at(*moment))]
    assert found == sorted(found)
    return len(found), found[-2:]


def test_periods_are_due_at_their_minute() -> None:
    hourly, daily = Periodic("", Every.HOUR, 5), Periodic("", Every.DAY, 30, 2)
    weekly, monthly = Periodic("", Every.WEEK, 0, 8, day=3), Periodic("", Every.MONTH, 0, 6, day=5)
    assert keys(hourly, 2027, 1, 1, 0, 4) == (HOURS, ["2026-12-31T22", "2026-12-31T23"])
    assert keys(hourly, 2027, 1, 1, 0, 5) == (HOURS, ["2026-12-31T23", "2027-01-01T00"])
    assert keys(daily, 2027, 3, 1, 2, 29) == (DAYS, ["2027-02-27", "2027-02-28"])
    assert keys(daily, 2027, 3, 1, 2, 30) == (DAYS, ["2027-02-28", "2027-03-01"])
    # 2027-01-06 is the Wednesday of the first week.
    assert keys(weekly, 2027, 1, 6, 7, 59) == (60, ["2026-W52", "2026-W53"])
    assert keys(weekly, 2027, 1, 6, 8, 0) == (60, ["2026-W53", "2027-W01"])
    assert keys(monthly, 2027, 1, 5, 5, 59) == (15, ["2026-11", "2026-12"])
    assert keys(monthly, 2027, 1, 5, 6, 0) == (15, ["2026-12", "2027-01"])
    assert [period.due for period in monthly.recent(at(2027, 1, 5, 6))][-1] == at(2027, 1, 5, 6)
