"""The daily run: idempotent, makes up, never looks ahead; who is asked and what is drawn."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from branches.models import Organisation
from branches.rules import Role
from errorbank.actions.findings import accept_finding
from errorbank.actions.rechecks import assign_verifier
from errorbank.actions.rechecks_settle import RecheckRefused
from errorbank.actions.schedule import JOB, schedule_rechecks
from errorbank.models import EntryVersion, Finding, Recheck
from errorbank.rules import FindingState, RecheckMode, RecheckState, Severity
from errorbank.rules.limits import Limits
from errorbank.rules.rechecks import due_on, is_drawn, next_stage
from jobs.actions import mark_done
from jobs.models import JobRun
from notices.models import Message
from tests.factories.branches import make_holder
from tests.factories.errorbank import make_closed, make_entry, make_finding
from tests.reminders.scene import ON, Scene

SERIOUS: dict[str, Any] = {"severity": Severity.SERIOUS}


def closed(scene: Scene, day: date, **fields: Any) -> Finding:
    return make_closed(scene.first, fixer=scene.worker, closer=scene.staff, on=day, **fields)


def command(capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    call_command("schedule_rechecks", json=True, **options)
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_a_second_run_changes_nothing(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    closed(scene, ON - timedelta(days=30), **SERIOUS)
    nothing = {"decided": 0, "failed": 0, "left_out": 0, "announced": 0, "resumed": 0, "given_up": 0}
    on = {"on": ON.isoformat()}
    assert command(capsys) == {**on, **nothing, "days": 1, "announced": 1}
    assert command(capsys) == {**on, **nothing, "days": 0}
    assert Message.objects.filter(recipient=scene.staff, event="errorbank.recheck_due").count() == 1


def test_missed_days_are_made_up_in_one_run(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    command(capsys, on="2026-11-01")
    finding = closed(scene, date(2026, 10, 5), entry=make_entry(detection="EB016"))
    told = command(capsys, on="2026-11-10")
    assert (told["days"], told["decided"]) == (9, 1)
    first = finding.rechecks.get(stage=1)
    assert (first.state, first.done_on) == (RecheckState.PASSED, date(2026, 11, 4))
    assert JobRun.objects.filter(job="errorbank.rechecks").count() == 10


def test_a_mark_of_a_day_to_come_stops_nothing(scene: Scene) -> None:
    schedule_rechecks(on=ON - timedelta(days=2))
    ahead = ON + timedelta(days=400)
    mark_done(JOB, [ahead.isoformat()], detail={}, now=timezone.now())
    closed(scene, ON - timedelta(days=30), entry=make_entry(detection="EB016"))
    told = schedule_rechecks(on=ON)
    assert (told.days, told.decided) == (2, 1)


def test_a_day_to_come_is_refused(scene: Scene) -> None:
    with pytest.raises(CommandError, match="还没有到"):
        call_command("schedule_rechecks", on=(ON + timedelta(days=1)).isoformat())


def test_the_first_run_ever_settles_what_was_due_before(scene: Scene) -> None:
    finding = closed(scene, ON - timedelta(days=100), entry=make_entry(detection="EB016"))
    assert schedule_rechecks(on=ON).decided == 2
    days = list(finding.rechecks.order_by("stage").values_list("done_on", flat=True))
    assert days == [ON - timedelta(days=70), ON - timedelta(days=10), None]


def test_what_was_put_off_goes_on_the_day_after(scene: Scene) -> None:
    finding = make_finding(scene.first, by=scene.staff, on=ON - timedelta(days=20))
    until = ON - timedelta(days=5)
    accept_finding(
        finding,
        owner=scene.general,
        until=until,
        reason="无场地",
        by=scene.staff,
        on=ON - timedelta(days=20),
    )
    assert schedule_rechecks(on=until).resumed == 0
    assert schedule_rechecks(on=ON).resumed == 1
    finding.refresh_from_db()
    assert (finding.state, finding.deadline_on) == (
        FindingState.RECTIFYING,
        until + timedelta(days=1 + 30),
    )


def test_a_dissolved_branch_is_not_looked_at_any_more(scene: Scene) -> None:
    finding = closed(scene, ON - timedelta(days=40), **SERIOUS)
    Organisation.objects.filter(pk=scene.first.pk).update(dissolved_on=ON - timedelta(days=2))
    assert schedule_rechecks(on=ON).given_up == 1
    finding.refresh_from_db()
    assert (finding.state, finding.rechecks.get().state) == (FindingState.CLOSED, RecheckState.CANCELLED)


@pytest.mark.parametrize("severity", [Severity.GENERAL, Severity.SERIOUS])
def test_what_data_no_longer_tells_people_look_at(scene: Scene, severity: Severity) -> None:
    entry = make_entry(detection="EB016", severity=severity)
    finding = closed(scene, ON - timedelta(days=30), entry=entry)
    EntryVersion.objects.filter(entry=entry).update(detection="")
    assert schedule_rechecks(on=ON).decided == 0
    modes = {Severity.GENERAL: RecheckMode.SAMPLE, Severity.SERIOUS: RecheckMode.VERIFIER}
    assert finding.rechecks.get(stage=1).mode == modes[severity]


def test_serious_ones_are_for_people_outside(scene: Scene) -> None:
    finding = closed(scene, ON - timedelta(days=30), **SERIOUS)
    recheck = finding.rechecks.get()
    assert recheck.mode == RecheckMode.VERIFIER
    for user in (scene.worker, make_holder(scene.first, Role.SECRETARY)):
        with pytest.raises(RecheckRefused):
            assign_verifier(recheck, user=user, by=scene.staff, on=ON)
    schedule_rechecks(on=ON)
    recheck.refresh_from_db()
    assert recheck.verifier == scene.staff


def test_without_anybody_who_may_it_waits_without_a_verifier(scene: Scene) -> None:
    finding = make_closed(
        scene.first, fixer=scene.staff, closer=scene.worker, on=ON - timedelta(days=30), **SERIOUS
    )
    assert schedule_rechecks(on=ON).announced == 0
    assert Recheck.objects.waiting().get(finding=finding).verifier is None


@pytest.mark.parametrize("percent", [0, 30, 100])
def test_samples_are_near_their_percentage_and_always_the_same(percent: int) -> None:
    limits = Limits(sample_percent=percent)
    drawn = [is_drawn(f"B{n}/EB{n % 83}/2026-11-18", 1, limits) for n in range(5000)]
    assert abs(sum(drawn) - 50 * percent) <= (100 if 0 < percent < 100 else 0)
    assert drawn == [is_drawn(f"B{n}/EB{n % 83}/2026-11-18", 1, limits) for n in range(5000)]


def test_stages_lengthen_and_a_late_answer_leaves_a_day() -> None:
    limits = Limits()
    day = date(2026, 8, 31)
    assert [due_on(day, stage, limits) for stage in (1, 2, 3)] == [
        date(2026, 9, 30),
        date(2026, 11, 29),
        date(2027, 2, 27),
    ]
    assert due_on(day, 2, limits, after=date(2026, 12, 5)) == date(2026, 12, 6)
    assert [next_stage(n, limits) for n in (0, 1, 2, 3)] == [1, 2, 3, None]
