"""The life of findings and rechecks against an oracle that knows only the paper's words, in any order."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from branches.rules import Refusal
from errorbank.actions.findings import (
    accept_finding,
    close_finding,
    return_finding,
    start_rectifying,
    submit_finding,
)
from errorbank.actions.rechecks import fail_recheck, pass_recheck
from errorbank.actions.rechecks_settle import RecheckRefused
from errorbank.actions.schedule import schedule_rechecks
from errorbank.models import Finding, Recheck
from errorbank.rules import Severity
from tests.effort import tries
from tests.factories.errorbank import make_entry, make_finding
from tests.reminders.scene import Scene, make_scene

FIRST = date(2026, 1, 30)
STAGES = (30, 90, 180)
# Nothing is found to hold earlier than so many days before its time.
ANNOUNCED = 7


@dataclass
class Told:
    """What the oracle expects of one finding: a word for where it is, and the waiting recheck's day."""

    where: str
    deadline: date
    closed: date | None = None
    put_off: date | None = None
    passed: int = 0
    due: date | None = None
    repeats: int | None = None


@dataclass
class Oracle:
    """Serious findings of one branch about one entry. Written from the rules, not from the code."""

    found: list[Told] = field(default_factory=list)

    def record(self, day: date) -> None:
        """Within 180 days of the latest one being closed (found, while it is open) it is a repeat."""
        last = len(self.found) - 1 if self.found else None
        self.found.append(Told("open", day + timedelta(days=15), repeats=last))

    def step(self, n: int, name: str, day: date) -> bool:
        one = self.found[n]
        moves = {
            "start": {"open": "rectifying"},
            "submit": {"open": "submitted", "rectifying": "submitted"},
            "return": {"submitted": "rectifying"},
            "close": {"submitted": "rechecking"},
            "put off": {"open": "accepted", "rectifying": "accepted", "submitted": "accepted"},
        }[name]
        if one.where not in moves:
            return False
        one.where = moves[one.where]
        if name == "close":
            one.closed, one.due = day, day + timedelta(days=STAGES[0])
        if name == "put off":
            one.put_off = day + timedelta(days=10)
        return True

    def answer(self, n: int, day: date, *, holds: bool) -> None:
        one = self.found[n]
        if not holds:
            one.where, one.due = "closed", None
            self.found.append(Told("open", day + timedelta(days=15), repeats=n))
            return
        one.passed += 1
        if one.passed == len(STAGES):
            one.where, one.due = "closed", None
        elif one.closed is not None:
            one.due = max(one.closed + timedelta(days=STAGES[one.passed]), day + timedelta(days=1))

    def until(self, day: date) -> None:
        """What was put off goes on the day after, with a fresh deadline."""
        for one in self.found:
            if one.where == "accepted" and one.put_off is not None and one.put_off < day:
                one.where, one.deadline = "rectifying", one.put_off + timedelta(days=1 + 15)
                one.put_off = None


class Life(RuleBasedStateMachine):
    """`scene` and `entry` are set for the run; each example begins with no finding."""

    scene: Scene
    entry: Any

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.day, self.oracle = FIRST, Oracle()
        self.rows: list[Finding] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    @rule(days=st.integers(1, 45), runs=st.booleans())
    def time_passes(self, days: int, runs: bool) -> None:
        self.day += timedelta(days=days)
        if runs:
            schedule_rechecks(on=self.day)
            self.oracle.until(self.day)

    @precondition(lambda self: len(self.rows) < 5)
    @rule()
    def somebody_finds_it(self) -> None:
        self.oracle.until(self.day)
        self.rows.append(make_finding(self.scene.first, entry=self.entry, on=self.day))
        self.oracle.record(self.day)

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), name=st.sampled_from(["start", "submit", "return", "close", "put off"]))
    def somebody_takes_a_step(self, data: st.DataObject, name: str) -> None:
        n = data.draw(st.integers(0, len(self.rows) - 1))
        before = deepcopy(self.oracle)
        if name in ("start", "submit", "put off"):
            self.oracle.until(self.day)
        took = self.oracle.step(n, name, self.day)
        assert self._stepped(n, name) == took
        if not took:  # a refusal undoes what was settled before it, too: the next one settles it
            self.oracle = before

    def _stepped(self, n: int, name: str) -> bool:
        row, day, scene = self.rows[n], self.day, self.scene
        steps: dict[str, Callable[[], Finding]] = {
            "start": lambda: start_rectifying(row, by=scene.worker, on=day),
            "submit": lambda: submit_finding(row, text="已补", by=scene.worker, on=day),
            "return": lambda: return_finding(row, reason="缺", by=scene.staff, on=day),
            "close": lambda: close_finding(row, by=scene.staff, on=day),
            "put off": lambda: accept_finding(
                row, owner=scene.general, until=day + timedelta(days=10), reason="无", by=None, on=day
            ),
        }
        try:
            steps[name]()
        except Refusal:
            return False
        return True

    @precondition(lambda self: any(one.due for one in self.oracle.found))
    @rule(data=st.data(), holds=st.booleans())
    def a_verifier_looks(self, data: st.DataObject, holds: bool) -> None:
        waiting = [n for n, one in enumerate(self.oracle.found) if one.due]
        n = data.draw(st.sampled_from(waiting))
        recheck = Recheck.objects.waiting().get(finding=self.rows[n])
        due = self.oracle.found[n].due
        if holds and due is not None and self.day < due - timedelta(days=ANNOUNCED):
            with pytest.raises(RecheckRefused):
                pass_recheck(recheck, result="齐全", by=self.scene.staff, on=self.day)
            return
        self.oracle.until(self.day)
        if holds:
            pass_recheck(recheck, result="齐全", by=self.scene.staff, on=self.day)
        else:
            made = fail_recheck(recheck, result="又缺", by=self.scene.staff, on=self.day)
            self.rows.append(made)
        self.oracle.answer(n, self.day, holds=holds)

    @invariant()
    def it_is_where_the_oracle_says(self) -> None:
        keys = [row.pk for row in self.rows]
        found = {row.pk: row for row in Finding.objects.filter(pk__in=keys)}
        due = dict(Recheck.objects.waiting().values_list("finding", "due_on"))
        told = [
            (
                str(row.state),
                row.deadline_on,
                row.closed_on,
                row.accepted_until,
                due.get(row.pk),
                row.severity,
            )
            for row in (found[key] for key in keys)
        ]
        before = [found[key].repeat_of_id for key in keys]
        expected = [
            (one.where, one.deadline, one.closed, one.put_off, one.due, Severity.SERIOUS)
            for one in self.oracle.found
        ]
        assert told == expected
        assert before == [None if one.repeats is None else keys[one.repeats] for one in self.oracle.found]


def test_findings_and_rechecks_live_as_the_oracle_says(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    Life.scene = make_scene(monkeypatch)
    Life.entry = make_entry(severity=Severity.SERIOUS)
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=tries(normal=6, full=50),
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
