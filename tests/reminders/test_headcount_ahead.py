"""A headcount that falls below the least number is listed ahead, with the day and the number left."""

from datetime import date, timedelta
from typing import Any

import pytest
import yaml

import branches.demo as seed
from accounts.models import User
from branches.models import Membership, Organisation, PolicyRule
from branches.queries.policy import shipped_rows
from periods.months import Month
from reminders.actions.catalogue_load import load_catalogue
from reminders.actions.refresh import refresh
from reminders.actions.refresh_steps import RefreshResult
from reminders.models import ReminderItem
from reminders.queries.item_rows import Rights
from reminders.queries.month_list import Place, month_list
from reminders.rules import ItemState
from tests.factories.branches import make_member, make_organisation
from tests.factories.reminders import make_action

pytestmark = pytest.mark.django_db
DAY, NEXT, THEN = date(2026, 5, 11), date(2026, 5, 20), date(2026, 5, 21)
AHEAD: dict[str, Any] = {
    "kind": "event_offset",
    "anchor": "headcount_threshold_crossed",
    "due_offset": {"months": 1},
    "known_ahead": {"due_before": {"days": 1}, "alert_before_months": [36]},
}


def run(on: date = DAY) -> RefreshResult:
    return refresh(Month.of(on), on=on)


def item() -> ReminderItem:
    return ReminderItem.objects.get()


@pytest.fixture
def branch() -> Organisation:
    return make_organisation("A")


def leaving(branch: Organisation, count: int, until: date, full: int) -> None:
    members = [make_member(branch) for _ in range(full)]
    Membership.objects.filter(member__in=members[:count]).update(until=until)


@pytest.mark.parametrize(
    ("until", "due"), [(date(2026, 11, 11), date(2026, 11, 10)), (date(2026, 6, 1), date(2026, 5, 29))]
)
def test_a_fall_known_ahead_is_due_before_its_day(branch: Organisation, until: date, due: date) -> None:
    leaving(branch, 2, until, full=4)
    make_action("x", due_rule=AHEAD)
    assert run().created == 1
    found = item()
    assert (found.due_on, found.note) == (due, f"{until} 起正式党员剩 2 人，不足 3 人")
    assert found.remind_on <= DAY


def test_a_fall_beyond_the_horizon_is_not_listed_yet(branch: Organisation) -> None:
    leaving(branch, 2, date(2026, 11, 12), full=4)
    make_action("x", due_rule=AHEAD)
    assert [run(day).created for day in (DAY, date(2026, 5, 12))] == [0, 1]


def test_the_due_day_stays_when_the_day_has_come(branch: Organisation) -> None:
    leaving(branch, 2, date(2026, 6, 1), full=4)
    make_action("x", due_rule=AHEAD)
    run()
    result = run(date(2026, 6, 2))
    assert (result.moved, item().due_on, item().note) == (
        0,
        date(2026, 5, 29),
        "2026-06-01 起正式党员不足规定人数，现有 2 人",
    )


def test_a_fall_known_only_afterwards_has_its_month(branch: Organisation) -> None:
    leaving(branch, 1, date(2026, 4, 20), full=3)
    make_action("x", due_rule=AHEAD)
    run()
    assert (item().due_on, item().note) == (
        date(2026, 5, 20),
        "2026-04-20 起正式党员不足规定人数，现有 2 人",
    )


def test_a_newcomer_settles_the_fall_ahead_and_a_correction_takes_it_back(branch: Organisation) -> None:
    leaving(branch, 2, date(2026, 7, 1), full=4)
    other = make_organisation("B")
    leaving(other, 2, date(2026, 7, 1), full=4)
    make_action("x", due_rule=AHEAD)
    run()
    make_member(branch, since=NEXT)
    Membership.objects.filter(organisation=other).update(until=None)
    result = run(THEN)
    assert (result.done, result.withdrawn) == (1, 1)
    states = ReminderItem.objects.values_list("organisation__code", "state", "done_on").order_by(
        "organisation__code"
    )
    assert list(states) == [("A", ItemState.DONE, NEXT), ("B", ItemState.WITHDRAWN, None)]


def test_the_horizon_comes_from_the_rules(branch: Organisation) -> None:
    leaving(branch, 2, DAY + timedelta(days=300), full=4)
    make_action("x", due_rule=AHEAD)
    assert run().created == 0
    shipped = next(row for row in shipped_rows() if row["code"] == "outlook_horizon_months")
    PolicyRule.objects.create(**shipped | {"low": 12, "high": 12, "effective_from": date(2020, 1, 1)})
    assert run().created == 1


def test_the_case_shows_its_two_branches_in_october() -> None:
    """The paper's own: two full members will be left on 2025-12-31 (BR06) and on 2025-11-30 (BR07)."""
    on = date(2025, 10, 31)
    case = yaml.safe_load(seed.CASE.read_text("utf-8"))
    seed.load(case, as_of=on, shift=seed.Shift(0), by=User.objects.create_superuser("admin", name="管理员"))
    load_catalogue(on=on)
    refresh(Month.of(on), on=on)
    found = ReminderItem.objects.filter(action__code="branch_setup_change").order_by("organisation__code")
    assert list(found.values_list("organisation__code", "due_on", "note")) == [
        ("BR06", date(2025, 12, 30), "2025-12-31 起正式党员剩 2 人，不足 3 人"),
        ("BR07", date(2025, 11, 28), "2025-11-30 起正式党员剩 2 人，不足 3 人"),
    ]
    for code in ("BR06", "BR07"):
        place = Place(Organisation.objects.get(code=code), Rights(close=True))
        shown = month_list(place, Month.of(on), on=on)
        rows = [row for row in shown.rows if row.item.action.code == "branch_setup_change"]
        assert [(row.is_listed(on), "起正式党员剩 2 人" in row.note) for row in rows] == [(True, True)]
