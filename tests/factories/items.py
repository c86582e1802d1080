"""Items of the month list without a refresh: one line per item, dates as the test wants them."""

from datetime import date, timedelta
from typing import Any

from branches.models import Organisation
from periods.months import Month
from records.rules import RecordKind
from reminders.models import Action, ReminderItem
from reminders.rules import ItemState
from tests.factories.reminders import make_action

MISTAKES = [
    {"mistake": "只有照片没有内容", "rectification": "补写内容"},
    {"mistake": "日期随意", "rectification": "固定日期"},
]
VERSION_FIELDS = (
    "applies_when",
    "basis_level",
    "common_mistakes",
    "due_rule",
    "legal_basis",
    "minimal_record",
    "sensitive",
    "steps",
)
BASIS = [
    {"source": "branch", "document": "支部工作条例", "article": "第十六条", "verified": True},
    {
        "source": "branch",
        "document": "党员教育条例",
        "article": None,
        "verified": False,
        "note": "条号未核实",
    },
]


def make_item(
    organisation: Organisation,
    *,
    name: str = "主题党日",
    kind: str = RecordKind.DATE_ONLY,
    due: date = date(2026, 11, 30),
    opens: date | None = None,
    remind: date | None = None,
    action: Action | None = None,
    period: str = "",
    **fields: Any,
) -> ReminderItem:
    """An open item of the month it is due in, listed from the first of that month."""
    month = Month.of(due)
    given = {key: fields.pop(key) for key in VERSION_FIELDS if key in fields}
    if action is None:
        texts = {"common_mistakes": MISTAKES, "legal_basis": BASIS, "steps": ["定主题", "开展", "登记"]}
        action = make_action(name=name, record_kind=kind, **{**texts, **given})
    opens = opens or min(month.first, due)
    return ReminderItem.objects.create(
        organisation=organisation,
        action=action,
        version=action.versions.get(),
        period=period or str(month),
        opens_on=opens,
        remind_on=remind or opens,
        due_on=due,
        minutes=fields.pop("minutes", 30),
        **fields,
    )


def make_done(organisation: Organisation, *, done_on: date, **fields: Any) -> ReminderItem:
    due = fields.pop("due", done_on + timedelta(days=1))
    return make_item(organisation, due=due, state=ItemState.DONE, done_on=done_on, **fields)
