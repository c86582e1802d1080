"""Months counted once: what the numbers mean, and that every write reaches them."""

from datetime import date
from decimal import Decimal

import pytest

from branches.models import Organisation
from periods.months import Month
from records.actions import RecordData
from records.rules import RecordKind
from reminders.actions.items import close_item, mark_not_applicable, undo_item
from reminders.actions.refresh import refresh
from reminders.actions.summaries import mark_recount, rebuild, recount_stale
from reminders.models import LeadDays, MonthSummary, ReminderItem, SummaryMark
from reminders.queries.summaries import Figures, by_month, by_place, items_behind, lead_days, load
from reminders.rules import ItemState
from tests.factories.branches import make_organisation, make_tree
from tests.factories.reminders import make_action
from tests.reminders.scene import done, make_item

pytestmark = pytest.mark.django_db
MAY, JUNE = Month(2026, 5), Month(2026, 6)
TODAY = date(2026, 6, 12)
EVERYWHERE = Organisation.objects.all()


def make_month() -> Organisation:
    """June, as it stands on the twelfth: one item of every fate."""
    branch, action = make_organisation(), make_action(minutes=30)
    fates = [
        (date(2026, 6, 5), done(date(2026, 5, 20))),
        (date(2026, 6, 8), done(date(2026, 6, 8))),
        (date(2026, 6, 9), done(date(2026, 6, 11))),
        (date(2026, 6, 10), {}),
        (date(2026, 6, 12), {"state": ItemState.RETURNED}),
        (date(2026, 6, 20), done(date(2026, 6, 12))),
        (date(2026, 6, 30), {}),
        (date(2026, 6, 30), {"state": ItemState.NOT_APPLICABLE, "reason": "无"}),
        (date(2026, 6, 30), {"state": ItemState.WITHDRAWN, "reason": "无"}),
    ]
    for n, (due_on, fate) in enumerate(fates):
        make_item(branch, action, due_on=due_on, subject=f"member:{n}", **fate)
    return branch


def test_a_month_in_numbers() -> None:
    branch = make_month()
    rebuild()
    figures = by_place(EVERYWHERE, [MAY, JUNE], on=TODAY)
    june = Figures(
        asked=7, due=5, on_time=3, done_late=1, open=3, not_applicable=1, early=1, minutes=210, ahead=1
    )
    assert figures == {(branch.pk, JUNE): june}
    assert by_month(EVERYWHERE, [MAY, JUNE], on=TODAY) == {MAY: Figures(), JUNE: june}
    assert june.rate == Decimal(40)
    assert Figures().rate is None
    assert lead_days(EVERYWHERE, [MAY, JUNE]) == {MAY: {}, JUNE: {16: 1, 0: 1, -2: 1, 8: 1}}
