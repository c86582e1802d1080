"""A year day by day: whether the daily job ran every day or was off for weeks, it ends the same."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from errorbank.actions.catching_up import catch_up
from errorbank.actions.findings import accept_finding, close_finding, record_finding, submit_finding
from errorbank.actions.findings_write import FindingData as Data
from errorbank.actions.rechecks import fail_recheck, pass_recheck
from errorbank.actions.schedule import schedule_rechecks
from errorbank.models import ErrorEntry, Finding, Recheck
from errorbank.rules import FindingState, RecheckMode, RecheckState, Severity, Source
from records.actions import RecordData, make_record
from records.rules import RecordKind
from tests.effort import tries
from tests.factories.errorbank import make_entry
from tests.reminders.scene import Scene

FIRST, DAYS = date(2025, 3, 3), 365
PATTERNS = tries(normal=1, full=8)
COMMITTEE = "branch_committee_meeting"


class _UndoneError(Exception):
    """Takes a simulated year back."""


@contextmanager
def undone() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
            raise _UndoneError
    except _UndoneError:
        pass


@dataclass
class Year:
    """The same people do the same things on the same days; only the job runs or does not."""

    scene: Scene
    entries: list[ErrorEntry]
    # By day, what was chosen in the year without gaps.
    chosen: dict[date, list[Any]] = field(default_factory=dict)
    replayed: bool = False
    chance: random.Random = field(default_factory=lambda: random.Random(20250303))

    def live(self, runs: Callable[[date], bool]) -> list[Any]:
        for n in range(DAYS):
            day = FIRST + timedelta(days=n)
            if runs(day):
                schedule_rechecks(on=day)
            if n % 2:
                self.work(day)
        schedule_rechecks(on=FIRST + timedelta(days=DAYS))
        return picture()

    def work(self, day: date) -> None:
        """What people typed that day; the dice fall the same whatever the state is."""
        place = self.chance.choice([self.scene.first, self.scene.second])
        dice, entry, back = self.chance.random(), self.chance.choice(self.entries), self.chance.randrange(20)
        held = day - timedelta(days=back)
        if dice < 0.25:
            catch_up([place.pk], on=day)
            counts = (9, 3) if dice < 0.06 else (9, 8)
            data = RecordData(
                RecordKind.MEETING,
                held,
                topics="学习",
                eligible_count=counts[0],
                present_count=counts[1],
                actions=(COMMITTEE,),
            )
            make_record(place, data=data, by=None, on=day)
        elif dice < 0.36:
            own = dice > 0.34
            data_ = Data(Source.SELF_CHECK if own else Source.ROTATION, held, entry=entry, self_reported=own)
            record_finding(place, data=data_, by=self.scene.staff, on=day)
        elif dice < 0.66:
            self.settle(day, dice)
        elif dice < 0.8:
            self.verify(day, dice)

    def settle(self, day: date, dice: float) -> None:
        """The oldest unfixed finding is put off, or mended and closed."""
        finding = self.same(day, lambda: ordered(Finding.objects.unfixed())[:1])
        if finding is None:
            return
        if dice < 0.39:
            until = day + timedelta(days=25)
            accept_finding(finding, owner=self.scene.general, until=until, reason="无场地", by=None, on=day)
            return
        submit_finding(finding, text="已补", by=self.scene.worker, on=day)
        close_finding(finding, by=self.scene.staff, on=day)

    def verify(self, day: date, dice: float) -> None:
        """Whatever a verifier has to look at; what the job does is not asked for."""
        waiting = Recheck.objects.due(on=day).filter(mode=RecheckMode.VERIFIER)
        finding = self.same(day, lambda: ordered(Finding.objects.filter(rechecks__in=waiting))[:1])
        if finding is None:
            return
        recheck = waiting.get(finding=finding)
        if dice < 0.7:
            fail_recheck(recheck, result="又缺", by=self.scene.staff, on=day)
        else:
            pass_recheck(recheck, result="齐全", by=self.scene.staff, on=day)

    def same(self, day: date, choose: Callable[[], list[Finding]]) -> Finding | None:
        """What was chosen that day in the year without gaps; a finding that is missing yet is made up."""
        if not self.replayed:
            self.chosen[day] = [key_of(finding) for finding in choose()]
            return next(iter(choose()), None)
        if not self.chosen[day]:
            return None
        wanted = self.chosen[day][0]
        for place in (None, self.scene.first, self.scene.second):
            if place is not None:
                catch_up([place.pk], on=day)
            for finding in ordered(Finding.objects.all()):
                if key_of(finding) == wanted:
                    return finding
        raise AssertionError(wanted)


def key_of(finding: Finding) -> tuple[Any, ...]:
    """A finding by what it is: its row has another number when it was made late."""
    code = finding.entry.code if finding.entry else ""
    return (finding.organisation.name, code, finding.found_on, finding.happened_on, finding.source)


def ordered(rows: Any) -> list[Finding]:
    return sorted(rows.select_related("organisation", "entry"), key=key_of)


def picture() -> list[Any]:
    """Every finding with its dates, what it repeats and its rechecks."""
    found = []
    for finding in ordered(Finding.objects.all()):
        rechecks = finding.rechecks.order_by("stage").values_list(
            "stage", "state", "mode", "due_on", "done_on", "result"
        )
        before = key_of(finding.repeat_of) if finding.repeat_of else None
        steps = finding.steps.order_by("on", "kind").values_list("kind", "on")
        days = (finding.deadline_on, finding.closed_on, finding.accepted_until)
        found.append(
            (key_of(finding), finding.state, finding.severity, days, before, list(rechecks), list(steps))
        )
    return found


@pytest.fixture
def year(scene: Scene) -> Year:
    # The sample draws by code and the order goes by name: both are the same wherever this runs.
    for branch, code, name in ((scene.first, "YA", "甲党支部"), (scene.second, "YB", "乙党支部")):
        branch.code, branch.name = code, name
        branch.save()
    entries = [
        make_entry("T1"),
        make_entry("T2", severity=Severity.SERIOUS),
        make_entry("T3", detection="EB016"),
        make_entry("T4", detection="EB015", severity=Severity.SERIOUS),
    ]
    return Year(scene, entries)


def gaps(seed: int) -> Callable[[date], bool]:
    """On for some days and off for up to seven weeks, changing at random."""
    chance = random.Random(seed)
    days: set[date] = set()
    day = FIRST
    while day < FIRST + timedelta(days=DAYS):
        on, off = chance.randrange(1, 20), chance.randrange(1, 50)
        days |= {day + timedelta(days=n) for n in range(on)}
        day += timedelta(days=on + off)
    return days.__contains__


def test_a_year_with_the_job_off_for_random_days_ends_as_without_gaps(year: Year) -> None:
    chosen: dict[date, list[Any]] = {}
    with undone():
        whole = Year(year.scene, year.entries, chosen).live(lambda day: True)
    states = {recheck[1] for row in whole for recheck in row[5]}
    assert states >= {RecheckState.PASSED, RecheckState.FAILED, RecheckState.NOT_DRAWN}
    assert {row[1] for row in whole} >= {FindingState.RECHECKING, FindingState.CLOSED}
    for seed in range(PATTERNS):
        with undone():
            assert Year(year.scene, year.entries, chosen, replayed=True).live(gaps(seed)) == whole
