"""A count that was tampered with is found and mended."""

import json
from datetime import date
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from branches.models import Organisation
from periods.months import Month
from reminders.actions.summaries import mark_recount, rebuild, recount_stale
from reminders.actions.summaries_check import Difference, check_summaries
from reminders.models import LeadDays, MonthSummary, ReminderItem
from reminders.rules import ItemState
from tests.factories.branches import make_organisation
from tests.factories.reminders import make_action
from tests.reminders.scene import done, make_item

pytestmark = pytest.mark.django_db
MAY, JUNE = Month(2026, 5), Month(2026, 6)


@pytest.fixture
def branch() -> Organisation:
    """Counted: one item of May done in time, one of June open; beside another branch."""
    branch, other, action = make_organisation("A", name="甲支部"), make_organisation("B"), make_action()
    for place in (branch, other):
        make_item(place, action, due_on=date(2026, 5, 20), period="2026-05", **done(date(2026, 5, 11)))
        make_item(place, action, due_on=date(2026, 6, 20), period="2026-06")
    rebuild()
    return branch


def told(**options: Any) -> tuple[dict[str, Any], str]:
    out, error = StringIO(), ""
    try:
        call_command("check_summaries", json=True, stdout=out, **options)
    except CommandError as refused:
        error = str(refused)
    return json.loads(out.getvalue()), error


def test_nothing_is_told_where_all_agrees(branch: Organisation) -> None:
    checked = check_summaries()
    assert (checked.organisations, checked.waiting, checked.differences) == (2, 0, ())
    out = StringIO()
    call_command("check_summaries", stdout=out)
    assert out.getvalue() == "核对 2 个组织，待重新统计 0 个。\n月度汇总与事项一致。\n"


def tamper_count(branch: Organisation) -> None:
    MonthSummary.objects.filter(organisation=branch, month=MAY.first).update(minutes=1)


def tamper_days(branch: Organisation) -> None:
    LeadDays.objects.filter(organisation=branch).update(days=40)


def lose_row(branch: Organisation) -> None:
    MonthSummary.objects.filter(organisation=branch, month=MAY.first).delete()


def invent_days(branch: Organisation) -> None:
    LeadDays.objects.create(organisation=branch, month=MAY.first, days=3, items=1)


def write_past_the_actions(branch: Organisation) -> None:
    ReminderItem.objects.filter(organisation=branch, due_on__lt=JUNE.first).update(minutes=99)


@pytest.mark.parametrize("tamper", [tamper_count, tamper_days, lose_row, invent_days, write_past_the_actions])
def test_a_tampered_row_is_found_and_mended(branch: Organisation, tamper: Any) -> None:
    tamper(branch)
    assert check_summaries().differences == (Difference("A", "甲支部", MAY, MAY, 1),)
    found, error = told()
    assert found == {
        "organisations": 2,
        "waiting": 0,
        "mended": 0,
        "differences": [{"code": "A", "first": "2026-05", "last": "2026-05", "months": 1}],
    }
    assert error == "有 1 个组织的月度汇总与事项不一致，加 --mend 可以重新统计。"
    found, error = told(mend=True)
    assert (found["mended"], error) == (1, "有 1 个组织的月度汇总与事项不一致，已按事项重新统计。")
    assert told() == ({"organisations": 2, "waiting": 0, "mended": 0, "differences": []}, "")


def test_several_months_are_told_as_a_span(branch: Organisation) -> None:
    MonthSummary.objects.filter(organisation=branch).update(minutes=1)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("check_summaries", stdout=out)
    assert "A 甲支部：2026 年 5 月至 2026 年 6 月，2 个月不一致" in out.getvalue()


def test_what_waits_for_its_recount_is_no_difference(branch: Organisation) -> None:
    ReminderItem.objects.filter(organisation=branch).update(minutes=99)
    mark_recount([branch])
    checked = check_summaries()
    assert (checked.waiting, checked.differences) == (1, ())
    assert recount_stale() == 1
    assert (check_summaries().waiting, check_summaries().differences) == (0, ())


def fill(branch: Organisation) -> None:
    """What the migration does with the items of a filled database."""
    migration = import_module("reminders.migrations.0006_fill_summaries")
    MonthSummary.objects.all().delete()
    LeadDays.objects.all().delete()
    assert len(check_summaries().differences) == 2
    late = make_action()
    make_item(branch, late, due_on=date(2024, 2, 29), period="2024-02", **done(date(2024, 3, 2)))
    make_item(branch, late, due_on=date(2026, 6, 30), state=ItemState.NOT_APPLICABLE, reason="没有")
    make_item(branch, make_action(), due_on=date(2026, 6, 30), state=ItemState.WITHDRAWN, reason="停用")
    migration.count(apps, connection.schema_editor())
    assert check_summaries().differences == ()
    assert MonthSummary.objects.filter(organisation=branch).count() == 3
    assert LeadDays.objects.get(organisation=branch, month=date(2024, 2, 1)).days == -2


def test_a_filled_database_is_counted_by_its_migration(branch: Organisation) -> None:
    fill(branch)


@pytest.mark.postgres
def test_a_filled_database_is_counted_by_its_migration_on_postgresql(branch: Organisation) -> None:
    fill(branch)


@pytest.mark.postgres
@pytest.mark.parametrize("tamper", [tamper_count, tamper_days, lose_row, invent_days])
def test_a_tampered_row_is_found_on_postgresql(branch: Organisation, tamper: Any) -> None:
    tamper(branch)
    assert check_summaries(mend=True).differences == (Difference("A", "甲支部", MAY, MAY, 1),)
    assert check_summaries().differences == ()
