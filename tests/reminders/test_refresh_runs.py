"""When and how a refresh is started: daily, after a change, from a page, by command."""

import json
from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from branches.actions.facts import mark_changed
from branches.models import Organisation
from jobs.models import JobRun, RunState
from periods.months import Month
from reminders import tasks
from reminders.actions import refresh as action
from reminders.actions.catalogue import mark_scope
from reminders.actions.catalogue_load import load_catalogue
from reminders.actions.refresh import JOB, refresh, refresh_due, refresh_if_stale, refresh_stale
from reminders.models import RefreshRun, ReminderItem
from reminders.rules import RefreshTrigger
from tests.factories.branches import make_organisation, make_tree
from tests.factories.reminders import grow_tree, make_action

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 11)


def months_run() -> list[tuple[str, str]]:
    rows = RefreshRun.objects.order_by("pk").values_list("month", "trigger")
    return [(str(Month.of(month)), trigger) for month, trigger in rows]


def marked() -> list[str]:
    return list(
        JobRun.objects.filter(job=JOB, state=RunState.DONE)
        .order_by("period")
        .values_list("period", flat=True)
    )


# --- daily ---------------------------------------------------------------------------------------


def test_the_very_first_run_makes_the_current_month_only() -> None:
    make_organisation()
    make_action()
    assert [result.created for result in refresh_due(on=DAY)] == [1]
    assert months_run() == [("2026-05", RefreshTrigger.SCHEDULE)]
    assert marked() == ["2026-05"]


def test_the_same_month_is_refreshed_again_every_day() -> None:
    make_organisation()
    make_action()
    refresh_due(on=DAY)
    (result,) = refresh_due(on=date(2026, 5, 12))
    assert (result.created, result.unchanged) == (0, 1)
    assert marked() == ["2026-05"]


def test_missed_months_are_made_up_oldest_first() -> None:
    make_organisation()
    make_action()
    refresh_due(on=DAY)
    results = refresh_due(on=date(2026, 8, 3))
    assert [(str(result.month), result.created) for result in results] == [
        ("2026-06", 1),
        ("2026-07", 1),
        ("2026-08", 1),
    ]
    made_up, schedule = RefreshTrigger.MADE_UP, RefreshTrigger.SCHEDULE
    assert months_run()[1:] == [("2026-06", made_up), ("2026-07", made_up), ("2026-08", schedule)]
    assert marked() == ["2026-05", "2026-06", "2026-07", "2026-08"]
    assert [str(result.month) for result in refresh_due(on=date(2026, 8, 4))] == ["2026-08"]


def test_a_mark_of_a_month_to_come_hides_no_missed_month() -> None:
    for period in ("2026-03", "2028-05"):
        JobRun.objects.create(job=JOB, period=period, state=RunState.DONE, finished=timezone.now())
    assert [str(result.month) for result in refresh_due(on=DAY)] == ["2026-04", "2026-05"]


def test_no_more_than_two_years_are_made_up() -> None:
    JobRun.objects.create(job=JOB, period="2020-01", state=RunState.DONE, finished=timezone.now())
    months = [str(result.month) for result in refresh_due(on=DAY)]
    assert (len(months), months[0], months[-1]) == (25, "2024-05", "2026-05")


def test_months_missed_before_the_first_daily_run_are_made_up() -> None:
    make_organisation()
    make_action()
    refresh(Month(2026, 11), on=date(2026, 11, 20))
    RefreshRun.objects.update(started_at=datetime(2026, 11, 20, 9, tzinfo=UTC))
    results = refresh_due(on=date(2027, 1, 2))
    assert [(str(result.month), result.created) for result in results] == [("2026-12", 1), ("2027-01", 1)]
    assert months_run()[1:] == [("2026-12", RefreshTrigger.MADE_UP), ("2027-01", RefreshTrigger.SCHEDULE)]


def test_a_month_made_ahead_is_still_made_up() -> None:
    make_organisation()
    make_action()
    for month in (Month(2026, 11), Month(2026, 12)):
        refresh(month, on=date(2026, 11, 20))
    RefreshRun.objects.update(started_at=datetime(2026, 11, 20, 9, tzinfo=UTC))
    assert [str(result.month) for result in refresh_due(on=date(2027, 1, 2))] == ["2026-12", "2027-01"]


def test_a_refresh_that_never_finished_makes_nothing_up() -> None:
    refresh(Month(2026, 4), on=date(2026, 4, 1))
    RefreshRun.objects.update(finished_at=None)
    assert [str(result.month) for result in refresh_due(on=date(2026, 6, 1))] == ["2026-06"]


def test_a_refresh_by_hand_does_not_count_as_the_daily_one() -> None:
    refresh(Month(2026, 4), on=date(2026, 4, 1))
    assert [str(result.month) for result in refresh_due(on=DAY)] == ["2026-05"]


# --- after a change ------------------------------------------------------------------------------


def test_only_organisations_whose_facts_changed_are_refreshed() -> None:
    _, _, (first, second) = make_tree(2)
    make_action()
    refresh(Month(2026, 5), on=DAY)
    ReminderItem.objects.all().delete()
    Organisation.objects.filter(pk=first.pk).update(facts_changed=True)
    assert refresh_stale(on=DAY) == 1
    assert set(ReminderItem.objects.values_list("organisation", flat=True)) == {first.pk}
    assert RefreshRun.objects.latest("pk").trigger == RefreshTrigger.FACTS
    assert refresh_stale(on=DAY) == 0
    assert second.pk not in set(Organisation.objects.stale().values_list("pk", flat=True))


def test_what_a_refresh_above_covered_is_not_refreshed_again() -> None:
    make_tree(3)
    make_action()
    assert refresh_stale(on=DAY) == 5
    assert RefreshRun.objects.count() == 1
    assert ReminderItem.objects.count() == 3


def test_many_changes_are_one_refresh_of_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action, "ALL_AT_ONCE", 2)
    for _ in range(4):
        make_organisation()
    assert refresh_stale(on=DAY) == 3
    assert list(RefreshRun.objects.values_list("scope", flat=True)) == [None]
    assert not Organisation.objects.stale().exists()


def test_a_page_refreshes_a_stale_branch_once() -> None:
    branch = make_organisation()
    make_action()
    result = refresh_if_stale(branch, on=DAY)
    assert result is not None
    assert result.created == 1
    assert refresh_if_stale(branch, on=DAY) is None


def test_a_page_refreshes_once_when_something_above_changed() -> None:
    _, general, (branch, other) = make_tree(2)
    refresh(Month(2026, 5), on=DAY)
    make_action()
    mark_scope(general)
    results = [refresh_if_stale(branch, on=DAY) for _ in range(3)]
    assert [result is not None for result in results] == [True, False, False]
    assert set(ReminderItem.objects.values_list("organisation", flat=True)) == {branch.pk}
    assert refresh_if_stale(other, on=DAY) is not None
    # The general branch waits for the task, which no page of a branch has to repeat.
    assert list(Organisation.objects.stale()) == [general]


def test_a_change_of_an_organisation_above_that_reaches_nobody_below_asks_no_page_to_refresh() -> None:
    _, general, (branch, _) = make_tree(2)
    refresh(Month(2026, 5), on=DAY)
    mark_changed([general])
    assert [refresh_if_stale(branch, on=DAY) for _ in range(3)] == [None] * 3


def test_a_page_leaves_a_large_tree_to_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    committee, general, (branch, _) = make_tree(2)
    make_action()
    monkeypatch.setattr(action, "ALL_AT_ONCE", 3)
    assert refresh_if_stale(committee, on=DAY) is None
    assert refresh_if_stale(general, on=DAY) is not None
    Organisation.objects.update(facts_changed=True)
    assert refresh_if_stale(branch, on=DAY) is not None


def test_a_page_asks_once_when_nothing_changed() -> None:
    _, _, (branch, other) = make_tree(2)
    refresh(Month(2026, 5), on=DAY)
    Organisation.objects.filter(pk=other.pk).update(facts_changed=True)
    with CaptureQueriesContext(connection) as queries:
        assert refresh_if_stale(branch, on=DAY) is None
    assert len(queries) == 1


# --- statements ----------------------------------------------------------------------------------


@pytest.mark.parametrize("branches", [2, 200])
def test_the_number_of_statements_does_not_grow_with_the_branches(branches: int) -> None:
    grow_tree(branches)
    load_catalogue(on=DAY)
    with CaptureQueriesContext(connection) as queries:
        result = refresh(Month(2026, 5), on=DAY)
    assert (result.branches, len(queries)) == (branches, 73)


# --- tasks and command ---------------------------------------------------------------------------


def test_the_tasks_have_the_names_of_the_timetable() -> None:
    make_organisation()
    make_action()
    assert tasks.refresh_stale_organisations.name == "reminders.tasks.refresh_stale_organisations"
    assert tasks.refresh_stale_organisations() == 1
    assert tasks.refresh_due_months.name == "reminders.tasks.refresh_due_months"
    assert tasks.refresh_due_months() == 0
    assert marked() == [str(Month.of(timezone.localdate()))]


def test_the_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, (first, _) = make_tree(2)
    make_action()
    month = str(Month.of(timezone.localdate()))
    call_command("refresh_reminders", "--json", "--organisation", first.code)
    told = json.loads(capsys.readouterr().out)
    seconds = told.pop("seconds")
    assert isinstance(seconds, float)
    assert told == {
        "month": month,
        "created": 1,
        "moved": 0,
        "withdrawn": 0,
        "restored": 0,
        "carried_over": 0,
        "done": 0,
        "unchanged": 0,
        "branches": 1,
    }


def test_the_command_says_it_in_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: DAY)
    make_organisation()
    make_action()
    call_command("refresh_reminders", "--month", "2026-05")
    said = capsys.readouterr().out
    counted = "新增 1 项，改期 0 项，办结 0 项，取消 0 项，恢复 0 项，结转 0 项，未变 0 项"
    assert said.startswith(f"2026-05：1 个支部，{counted}，用时 ")


def test_the_command_reaches_two_years_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: DAY)
    call_command("refresh_reminders", "--month", "2024-05")
    with pytest.raises(CommandError) as caught:
        call_command("refresh_reminders", "--month", "2024-04")
    assert str(caught.value) == "2024 年 4 月太早，清单最早补到 2024 年 5 月，请核对月份。"
    assert caught.value.returncode == 1
    assert months_run() == [("2024-05", RefreshTrigger.COMMAND)]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--month", "2026-13"], "没有认出月份“2026-13”，请写成“2026-11”这样的形式。"),
        (["--month", "x"], "没有认出月份“x”，请写成“2026-11”这样的形式。"),
        (["--organisation", "NOBODY"], "没有编号为“NOBODY”的组织。"),
        (["--month", "2199-12"], "2199 年 12 月还没有到，清单最多提前一个月生成。"),
    ],
)
def test_the_command_refuses_in_one_line(arguments: list[str], line: str) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("refresh_reminders", *arguments)
    assert str(caught.value) == line
    assert not RefreshRun.objects.exists()


def test_a_run_has_a_beginning_and_an_end() -> None:
    refresh(Month(2026, 5), on=DAY)
    run = RefreshRun.objects.get()
    assert isinstance(run.finished_at, datetime)
    assert run.finished_at >= run.started_at
