"""The days of a life: what runs in each, what of it is killed, and how it is made up."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from branches.actions.roster.imports import ImportDecided, commit_import
from branches.models import RosterImport
from branches.tasks import preview_roster
from jobs.actions import drop_leftovers, restart, sweep_stale
from jobs.models import Job, JobState
from ledgers.tasks import render_ledger_job
from partyaffairs.actions import reconcile, run_entry
from partyaffairs.periodic import PERIODIC, Every
from reminders.actions.handover import repack
from reminders.models import Handover
from tests.faults.killer import Killer
from tests.faults.office import START, Office, hold_clock, moment
from tests.faults.rows import Rows, business_rows

# By day in turn, several at once: what of its work is killed. The rest of the timetable has its turn too.
TURNS = (
    "refresh-month",
    "ledger export",
    "schedule-rechecks",
    "roster import",
    "open-handovers",
    "refresh-stale",
    "other",
    "handover packing",
    "reconciler",
    "roster preview",
)
AT_ONCE = 5
TIMES = 4  # so often at most is the same work killed before it is let be
STRIDE = timedelta(days=16)  # the portal is off in between: 46 days make two years
SOON = timedelta(minutes=15)
# Longer than a claim of the reconciler holds.
LATER = timedelta(minutes=15)


class Life:
    """Every day the same work; where it is killed, it is made up as the product or its people would."""

    def __init__(self, days: int, kills: bool, chance: Random) -> None:
        self.days, self.kills = days, kills
        self.killer = Killer(chance)
        self.doomed: set[str] = set()

    def live(self) -> None:
        for n in range(self.days + 1):
            # Not on the first day: what never ran is not made up.
            self.doomed = set(doomed_on(n - 1)) if n else set()
            day = START + n * STRIDE
            hold_clock(moment(day, 0, 1))
            make_up()
            self.night(day)
            hold_clock(moment(day, 9))
            office = Office(day, n)
            office.live()
            self.people(office)
            self.noon(day)

    def night(self, day: date) -> None:
        """The timetable of the day, each entry at its minute; what died is made up soon."""
        for at, name in due_on(day):
            hold_clock(at)
            if not self.done(name, partial(run_entry, name, now=at)):
                hold_clock(at + SOON)
                make_up()

    def done(self, name: str, work: Callable[[], object], revive: Callable[[], object] = bool) -> bool:
        """Whether the work came to its end. Killed where it is its turn, and again when it comes again."""
        if not (self.kills and name in self.doomed):
            work()
            return True
        for _ in range(TIMES):
            if self.killer.run(name, work):
                return True
            revive()
        return False

    def people(self, office: Office) -> None:
        self.again("refresh-stale", lambda: run_entry("refresh-stale", now=timezone.now()))
        self.pack(office)
        if self.doomed & {"roster preview", "roster import"}:
            self.roster(office)
        if "ledger export" in self.doomed:
            self.job(office.ask_for_export().pk, "ledger export", render_ledger_job)

    def again(self, name: str, work: Callable[[], object]) -> None:
        """Comes again by itself, or somebody presses the button once more."""
        if not self.done(name, work):
            work()

    def pack(self, office: Office) -> None:
        for handover in Handover.objects.running().order_by("leaver_post"):
            self.again("handover packing", partial(repack, handover, on=office.on))

    def roster(self, office: Office) -> None:
        """Previewed by the worker, then confirmed by a person, who presses again when nothing came back."""
        sent = office.send_roster()
        assert sent.job_id
        self.job(sent.job_id, "roster preview", preview_roster)

        def commit() -> None:
            with suppress(ImportDecided):
                commit_import(RosterImport.objects.get(pk=sent.pk), by=office.staff, today=office.on)

        self.again("roster import", commit)

    def job(self, pk: UUID, name: str, task: Callable[[str], object]) -> None:
        """What its worker left is given up after a while, and its owner starts it anew."""
        if not self.done(name, partial(task, str(pk)), partial(revive_job, pk)):
            task(str(pk))

    def noon(self, day: date) -> None:
        """The reconciler; killed, its claim has to grow old before another one succeeds it."""
        hold_clock(moment(day, 13))
        self.done("reconciler", make_up, lambda: hold_clock(timezone.now() + LATER))
        hold_clock(moment(day, 17))
        make_up()

    def gap(self, hours: int) -> None:
        """A day as usual; then hours without the portal, or in which every entry runs at its minute."""
        off = moment(START, 9, 50)
        for at, name in due_on(START):
            hold_clock(at)
            run_entry(name, now=at)
        hold_clock(off)
        make_up()
        Office(START, 1).live()
        back = off + timedelta(hours=hours)
        if not self.kills:
            for at, name in due_between(off, back):
                hold_clock(at)
                run_entry(name, now=at)
        hold_clock(back + SOON)
        make_up()
        for name in ("refresh-stale", "recount-summaries"):  # as every minute
            run_entry(name, now=timezone.now())

    def control(self, daily: Callable[[date], None]) -> None:
        """Nothing but one job a day, killed each time, and made up."""
        self.doomed = {"control"}
        for n in range(self.days):
            day = START + timedelta(days=n)
            hold_clock(moment(day, 9))
            self.again("control", partial(daily, day))

    def rows(self, *, days: bool = True) -> Rows:
        """Business tables, and the files people can fetch."""
        media = Path(settings.MEDIA_ROOT)
        files = sorted(f"{f.parts[-3]} {f.suffix}" for f in media.rglob("*") if f.is_file())
        return {**business_rows(days=days), "files": files}


def doomed_on(n: int) -> Iterator[str]:
    entries = sorted(PERIODIC)
    for turn in range(n * AT_ONCE, n * AT_ONCE + AT_ONCE):
        name = TURNS[turn % len(TURNS)]
        yield entries[turn // len(TURNS) % len(entries)] if name == "other" else name


def revive_job(pk: UUID) -> None:
    # Heartbeats use the database's clock, files the disk's.
    later = datetime.now(UTC) + timedelta(hours=1)
    sweep_stale(now=later)
    drop_leftovers(now=later)
    job = Job.objects.get(pk=pk)
    if job.state == JobState.STALE:
        restart(job)


def due_between(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    return sorted(
        (period.due, name)
        for name, job in PERIODIC.items()
        for period in job.recent(timezone.localtime(last))
        if first < period.due
    )


def due_on(day: date) -> list[tuple[datetime, str]]:
    """Daily entries at their minute, hourly ones in one hour of the night."""
    return sorted(
        (moment(day, 8 if job.every is Every.HOUR else job.hour, job.minute), name)
        for name, job in PERIODIC.items()
    )


def make_up() -> None:
    result = reconcile(now=timezone.now())
    assert result.failed == 0, result
