"""run_once: one effect per job, period and scope, whoever calls and however often."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from audit.actions import record
from audit.models import AuditEvent
from jobs.actions import run_once
from jobs.models import JobRun, RunState


def effect() -> dict[str, int]:
    record("tests.effect", by=None)
    return {"made": 1}


def broken_effect() -> None:
    record("tests.effect", by=None)
    raise ZeroDivisionError


@pytest.mark.django_db
def test_effects_and_mark_are_made_once() -> None:
    run, did = run_once("tests.refresh", "2026-11", effect)
    assert (did, run.state, run.detail, run.scope) == (True, RunState.DONE, {"made": 1}, "")
    assert run.finished is not None
    assert run.finished >= run.started
    again, did = run_once("tests.refresh", "2026-11", effect)
    assert (did, again) == (False, run)
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db
def test_other_periods_and_scopes_are_runs_of_their_own() -> None:
    told = [
        run_once("tests.refresh", "2026-11", effect)[1],
        run_once("tests.refresh", "2026-12", effect)[1],
        run_once("tests.refresh", "2026-12", effect, scope="BR03")[1],
        run_once("tests.digest", "2026-12", effect)[1],
    ]
    assert told == [True, True, True, True]
    assert JobRun.objects.count() == AuditEvent.objects.count() == 4


@pytest.mark.django_db
def test_broken_effects_leave_only_a_mark_and_may_be_tried_again() -> None:
    with pytest.raises(ZeroDivisionError):
        run_once("tests.refresh", "2026-11", broken_effect)
    assert AuditEvent.objects.count() == 0
    assert JobRun.objects.get().state == RunState.FAILED
    run, did = run_once("tests.refresh", "2026-11", effect)
    assert (did, run.state) == (True, RunState.DONE)
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db
def test_a_repeated_failure_has_the_time_of_the_last() -> None:
    long_ago = timezone.now() - timedelta(days=3)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            run_once("tests.refresh", "2026-11", broken_effect)
        run = JobRun.objects.get()
        assert (run.state, run.started > long_ago) == (RunState.FAILED, True)
        JobRun.objects.update(started=long_ago)


@pytest.mark.django_db
def test_a_later_failure_never_reopens_what_is_done() -> None:
    run_once("tests.refresh", "2026-11", effect)
    run, did = run_once("tests.refresh", "2026-11", broken_effect)
    assert (did, run.state) == (False, RunState.DONE)


def check_callers_at_once() -> None:
    gate = threading.Barrier(4)
    told: list[bool] = []

    def call() -> None:
        gate.wait()
        told.append(run_once("tests.refresh", "2026-11", effect)[1])
        connections.close_all()

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sorted(told) == [False, False, False, True]
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_callers_at_once_on_sqlite() -> None:
    check_callers_at_once()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_callers_at_once_on_postgres() -> None:
    check_callers_at_once()
