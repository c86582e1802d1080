"""What was missed while the portal stood still is made up: each period once, and twice changes nothing."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from pytest_django import Settings

from accounts.models import SignIn
from branches.rules import Role
from jobs.models import JobRun, RunState
from notices.models import Line, Message
from partyaffairs.actions import Reconciled, reconcile, run_entry
from partyaffairs.operations import work_of
from partyaffairs.periodic import KEPT, LAST, PERIODIC, RECONCILE, Every
from partyaffairs.runs import late_names
from partyaffairs.tasks import reconcile as reconcile_task
from tests.factories.branches import make_holder, make_organisation
from tests.partyaffairs.moved import at, set_clock

pytestmark = pytest.mark.django_db

# Before this moment all went well.
LAST_WELL = at(2026, 3, 10, 9, 50)
OWN = [name for name, job in PERIODIC.items() if not job.later_counts]
Row = tuple[str, str, str]


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def rows() -> list[Row]:
    """What proves the periods; of the daily tick only the newest day does."""
    found = JobRun.objects.exclude(period=LAST).exclude(job="burden.box_tick")
    return sorted(found.values_list("job", "period", "state"))


def begin(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, LAST_WELL)
    reconcile(now=LAST_WELL)


def come_back(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Reconciled:
    return reconcile(now=set_clock(monkeypatch, now))


def never_down(monkeypatch: pytest.MonkeyPatch, until: datetime) -> list[Row]:
    """The same time with a worker that runs every entry at its minute."""
    due = [
        (period.due, name)
        for name, job in PERIODIC.items()
        for period in job.recent(until)
        if period.due > LAST_WELL
    ]
    for moment, name in sorted(due):
        run_entry(name, now=set_clock(monkeypatch, moment))
    return rows()


@pytest.mark.parametrize("gap", [timedelta(hours=1), timedelta(days=1)], ids=["hour", "day"])
def test_a_short_gap_ends_with_the_rows_of_no_gap(monkeypatch: pytest.MonkeyPatch, gap: timedelta) -> None:
    begin(monkeypatch)
    came_back = come_back(monkeypatch, LAST_WELL + gap)
    made_up = rows()
    JobRun.objects.all().delete()
    begin(monkeypatch)
    before = len(rows())
    assert never_down(monkeypatch, LAST_WELL + gap) == made_up
    ticks = int(gap >= timedelta(days=1))
    assert came_back == Reconciled(made_up=len(made_up) - before + ticks)


def days(first: datetime, last: datetime) -> Iterable[str]:
    while first <= last:
        yield first.strftime("%Y-%m-%d")
        first += timedelta(days=1)


def hours(first: datetime, last: datetime) -> Iterable[str]:
    while first <= last:
        yield first.strftime("%Y-%m-%dT%H")
        first += timedelta(hours=1)


def months(last: datetime) -> Iterable[str]:
    first = datetime(2026, 3, 1, tzinfo=last.tzinfo)
    while first <= last:
        yield first.strftime("%Y-%m")
        first = (first + timedelta(days=31)).replace(day=1)


def expected(now: datetime) -> list[Row]:
    """Spelled out without the table's own arithmetic; `now` is late in the day and past all minutes."""
    every_hour = list(hours(max(LAST_WELL, now - timedelta(hours=KEPT[Every.HOUR] - 1)), now))
    every_day = list(days(max(LAST_WELL, now - timedelta(days=KEPT[Every.DAY] - 1)), now))
    found = [
        (job.proof or name, key, "done")
        for name, job in PERIODIC.items()
        if not job.later_counts
        for key in (every_hour if job.every is Every.HOUR else every_day)
    ]
    return sorted([*found, *(("reminders.refresh_month", month, "done") for month in months(now))])


@pytest.mark.parametrize(
    "now",
    [at(2026, 4, 10, 9, 50), at(2026, 5, 10, 9, 50), at(2026, 10, 10, 9, 50), at(2027, 4, 10, 9, 50)],
    ids=["1 month", "2 months", "7 months", "13 months"],
)
def test_a_long_gap_is_made_up_whole_and_only_once(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    begin(monkeypatch)
    first = come_back(monkeypatch, now)
    assert (rows() == expected(now), first.failed) == (True, 0)
    every = list(JobRun.objects.order_by("pk").values())
    again = come_back(monkeypatch, now)
    assert again == Reconciled()
    kept = list(JobRun.objects.order_by("pk").values())
    assert [row for row in kept if row["job"] != RECONCILE] == [r for r in every if r["job"] != RECONCILE]


def test_made_up_rows_say_so_and_those_of_the_worker_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch)
    run_entry("end-sessions", now=set_clock(monkeypatch, at(2026, 3, 10, 10, 5)))
    come_back(monkeypatch, at(2026, 3, 10, 12, 20))
    found = JobRun.objects.filter(job="end-sessions").order_by("period").values_list("period", "detail")
    made_up: dict[str, Any] = {"made_up": True}
    assert list(found) == [
        ("2026-03-10T09", {"count": 0}),
        ("2026-03-10T10", {"count": 0}),
        ("2026-03-10T11", made_up),
        ("2026-03-10T12", {"made_up": True, "count": 0}),
    ]


def test_what_is_just_due_is_left_to_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch)
    assert come_back(monkeypatch, at(2026, 3, 10, 10, 11)) == Reconciled()
    assert come_back(monkeypatch, at(2026, 3, 10, 10, 12)) == Reconciled(made_up=1)


def test_the_oldest_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch)
    newest = JobRun.objects.order_by("-pk").values_list("pk", flat=True)[0]
    come_back(monkeypatch, at(2026, 3, 11, 0, 45))
    made = JobRun.objects.filter(pk__gt=newest).order_by("pk").values_list("job", flat=True)
    assert list(dict.fromkeys(made)) == [
        "open-handovers",
        "end-stand-ins",
        "end-sessions",
        "forget-rosters",
        "settle-past-sessions",
        "close-rotation-doors",
        "settle-public-notices",
        "refresh-month",
    ]


def test_the_effects_are_made_up_with_the_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch)
    SignIn.objects.create(unknown_name="0" * 64, outcome=SignIn.Outcome.REFUSED, at=at(2025, 1, 1))
    come_back(monkeypatch, at(2026, 4, 20, 12))
    assert SignIn.objects.count() == 0
    newest = JobRun.objects.filter(job="forget-sign-ins").order_by("-period")[0]
    assert (newest.period, newest.detail["count"]) == ("2026-04-20", 1)


def test_what_breaks_holds_up_nothing_else_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch)
    with monkeypatch.context() as broken:
        broken.setattr("accounts.actions.SIGN_INS_KEPT", None)
        result = come_back(broken, at(2026, 3, 12, 9, 50))
    assert result.failed == 1
    found = JobRun.objects.filter(job="forget-sign-ins").order_by("period")
    assert list(found.values_list("period", "state")) == [
        ("2026-03-10", RunState.DONE),
        ("2026-03-12", RunState.FAILED),
    ]
    assert JobRun.objects.filter(job="forget-exports", state=RunState.DONE).count() == 3
    assert come_back(monkeypatch, at(2026, 3, 12, 9, 55)) == Reconciled(made_up=2)
    assert set(found.values_list("state", flat=True)) == {RunState.DONE}


def test_only_one_reconciles_at_a_time_and_a_dead_one_is_succeeded(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch)
    later = at(2026, 3, 11, 9, 50)
    claims = JobRun.objects.filter(job=RECONCILE)
    claims.update(state=RunState.RUNNING, started=later - timedelta(minutes=5))
    assert come_back(monkeypatch, later) == Reconciled()
    claims.update(started=later - timedelta(minutes=9, seconds=59))
    assert come_back(monkeypatch, later) == Reconciled()
    claims.update(started=later - timedelta(minutes=10), detail={"begun": "open-handovers"})
    newest = JobRun.objects.order_by("-pk").values_list("pk", flat=True)[0]
    assert come_back(monkeypatch, later).made_up > 0
    assert (claims.get().state, claims.get().detail) == (RunState.DONE, {})
    # What the dead one was at may have killed it: the others come first.
    made = list(JobRun.objects.filter(pk__gt=newest).order_by("pk").values_list("job", flat=True))
    assert (made[0], made[-1]) == ("end-stand-ins", "open-handovers")


def test_each_entry_is_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch)
    later = at(2026, 3, 10, 10, 20)
    claims, seen = JobRun.objects.filter(job=RECONCILE), []

    def work(**_: Any) -> list[Any]:
        seen.append(claims.values_list("started", "detail").get())
        return []

    monkeypatch.setattr("reminders.tasks.open_due_handovers", work)
    monkeypatch.setattr("reminders.tasks.end_outlasting", lambda **when: len(work(**when)))
    monkeypatch.setattr("partyaffairs.actions.monotonic", count(0, 300).__next__)
    come_back(monkeypatch, later)
    assert seen == [
        (later + timedelta(seconds=300), {"begun": "open-handovers"}),
        (later + timedelta(seconds=600), {"begun": "end-stand-ins"}),
    ]


def test_who_was_succeeded_stops_and_leaves_the_claim_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch)
    later = at(2026, 3, 11, 9, 50)
    claims = JobRun.objects.filter(job=RECONCILE)

    def slow(**_: Any) -> list[Any]:
        claims.update(started=later + timedelta(minutes=11))
        return []

    monkeypatch.setattr("reminders.tasks.open_due_handovers", slow)
    assert come_back(monkeypatch, later) == Reconciled(made_up=24)
    assert not JobRun.objects.filter(job="forget-exports", period="2026-03-11").exists()
    assert (claims.get().state, claims.get().finished) == (RunState.RUNNING, LAST_WELL)


def test_work_that_takes_too_long_starves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch)
    claims = JobRun.objects.filter(job=RECONCILE)
    exports = JobRun.objects.filter(job="forget-exports", period="2026-03-11")

    def endless(**_: Any) -> None:
        raise SoftTimeLimitExceeded

    with monkeypatch.context() as slow:
        slow.setattr("reminders.tasks.open_due_handovers", endless)
        for minute, there in ((50, False), (55, True)):
            with pytest.raises(SoftTimeLimitExceeded):
                come_back(slow, at(2026, 3, 11, 9, minute))
            assert (claims.get().state, claims.get().finished) == (RunState.FAILED, LAST_WELL)
            assert exports.exists() == there
    assert come_back(monkeypatch, at(2026, 3, 11, 10)) == Reconciled(made_up=24)
    assert claims.get().state == RunState.DONE


def test_what_failed_goes_behind_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch)
    order: list[str] = []

    def broken(name: str) -> Callable[..., None]:
        def work(**_: Any) -> None:
            order.append(name)
            raise ZeroDivisionError

        return work

    monkeypatch.setattr("reminders.tasks.open_due_handovers", broken("handovers"))
    monkeypatch.setattr("reminders.tasks.end_outlasting", broken("stand-ins"))
    come_back(monkeypatch, at(2026, 3, 10, 10, 20))
    JobRun.objects.filter(job="open-handovers", state=RunState.FAILED).update(started=at(2099, 1, 1))
    come_back(monkeypatch, at(2026, 3, 10, 10, 25))
    assert order == ["handovers", "stand-ins", "stand-ins", "handovers"]


def test_work_with_rows_of_its_own_is_made_up_and_fails_visibly(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch)
    rechecks = JobRun.objects.filter(job="errorbank.rechecks").order_by("period")
    with monkeypatch.context() as broken:
        broken.setattr("errorbank.tasks.schedule_rechecks", None)
        broken.setattr("burden.tasks.tick", None)
        assert come_back(broken, at(2026, 3, 12, 9, 50)).failed == 2
        failed = {span.label: span.words for span in work_of(now=at(2026, 3, 12, 9, 50)).failed}
    assert failed == {"匿名直通车每日整理": "3 月 12 日", "安排复查": "3 月 12 日"}
    assert come_back(monkeypatch, at(2026, 3, 12, 9, 55)) == Reconciled(made_up=3)
    assert list(rechecks.values_list("period", "state", "detail__made_up")) == [
        ("2026-03-10", RunState.DONE, None),
        ("2026-03-11", RunState.DONE, True),
        ("2026-03-12", RunState.DONE, True),
    ]
    work = work_of(now=at(2026, 3, 12, 9, 55))
    assert work.failed == []
    made_up = {span.label: span.words for span in work.made_up}
    assert made_up["安排复查"] == "3 月 11 日至 3 月 12 日，共 2 次"
    assert made_up["匿名直通车每日整理"] == "3 月 12 日"


def test_a_longer_gap_is_told_to_administrators_once(monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_organisation(code="GB")
    chief = make_holder(root, Role.ADMINISTRATOR)
    make_holder(root, Role.GENERAL_BRANCH_STAFF)
    begin(monkeypatch)
    come_back(monkeypatch, at(2026, 3, 10, 15, 29))
    assert Message.objects.filter(event="partyaffairs.made_up").count() == 0
    come_back(monkeypatch, at(2026, 3, 11, 15, 35))
    come_back(monkeypatch, at(2026, 3, 11, 15, 40))
    told = Message.objects.get(event="partyaffairs.made_up")
    made_up = JobRun.objects.filter(detail__has_key="since").count()
    assert (told.recipient, told.url) == (chief, "/w/operations/")
    assert Line.objects.get(message=told).text == (
        "2026 年 3 月 10 日 15:29至2026 年 3 月 11 日 15:35后台任务没有运行，"
        f"期间应做的 {made_up} 次已经补办，请在运行状态页核对。"
    )


def mark(job: str, period: str, now: datetime) -> None:
    JobRun.objects.create(job=job, period=period, state=RunState.DONE, finished=now)


@pytest.mark.parametrize("runs", [["reconcile"], ["end-sessions", "forget-tries", "make-backup"]])
def test_marks_of_periods_to_come_are_let_go_of(monkeypatch: pytest.MonkeyPatch, runs: list[str]) -> None:
    begin(monkeypatch)
    monkeypatch.setattr("backups.tasks.make_nightly", lambda now: None)
    ahead = LAST_WELL + timedelta(days=730)
    marks = {
        ("end-sessions", "2026-03-10T10"),
        ("forget-tries", "2028-03-09"),
        ("backups.nightly", "2028-03-09"),
        ("burden.box_tick", "2028-03-09"),
    }
    for job, period in marks:
        mark(job, period, ahead)
    now = set_clock(monkeypatch, LAST_WELL + timedelta(minutes=1))
    if runs == ["reconcile"]:
        assert reconcile(now=now) == Reconciled()
    else:
        for name in runs:
            run_entry(name, now=now)
    left = JobRun.objects.filter(finished=ahead).values_list("job", "period")
    assert list(left) == [("burden.box_tick", "2028-03-09")]


def test_a_worker_a_little_ahead_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch)
    run_entry("open-handovers", now=set_clock(monkeypatch, at(2026, 3, 10, 10, 2)))
    come_back(monkeypatch, at(2026, 3, 10, 9, 58))
    assert JobRun.objects.filter(job="open-handovers", period="2026-03-10T10").exists()


def test_ends_to_come_count_as_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch)
    ahead = LAST_WELL + timedelta(days=730)
    mark("deliver-notices", LAST, ahead)
    now = LAST_WELL + timedelta(minutes=5)
    assert "deliver-notices" in late_names(now=now)
    come_back(monkeypatch, now)
    assert JobRun.objects.get(job="deliver-notices").finished == now


def test_continuous_work_keeps_its_last_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for minute in (1, 2):
        run_entry("seal-audit", now=set_clock(monkeypatch, at(2026, 3, 10, 9, minute)))
    run = JobRun.objects.get(job="seal-audit")
    assert (run.period, run.state, run.finished) == (LAST, RunState.DONE, at(2026, 3, 10, 9, 2))
    with monkeypatch.context() as broken:
        broken.setattr("audit.actions.BATCH", None)
        broken.setattr("audit.actions._seal_batch", None)
        with pytest.raises(TypeError):
            run_entry("seal-audit", now=at(2026, 3, 10, 9, 3))
    run.refresh_from_db()
    assert run.state == RunState.FAILED


def test_the_task_returns_how_many_were_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, LAST_WELL)
    assert reconcile_task() == len(PERIODIC)
    assert reconcile_task() == 0
