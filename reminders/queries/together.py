"""Which other items one activity may close: offered on the record form, never guessed."""

from datetime import date

from django.db.models import Q

from periods.labels import period_label
from periods.months import Month
from records.rules import RecordKind
from reminders.models import ReminderItem
from reminders.queries.item_detail import short_of_hours
from reminders.rules import ConditionCode

# A themed Party day may hold a lecture, a meeting and study hours; nothing else shares a record.
SHARING_KINDS = frozenset({RecordKind.MEETING, RecordKind.LECTURE, RecordKind.ACTIVITY})
OFFERED_KINDS = SHARING_KINDS | {RecordKind.HOURS}
# Meetings of a part of the branch are no part of what the whole branch does together.
APART = (ConditionCode.HAS_COMMITTEE, ConditionCode.HAS_GROUPS)


def offered_with(item: ReminderItem, *, on: date) -> list[ReminderItem]:
    """Other open items of the branch that are listed today or due this month, by due date.

    One activity does a duty once: of each other action the item due first, of the item's own action none.
    Hours that somebody still lacks are explained on a form of their own. One query, and two for each item
    with least hours.
    """
    if item.version.record_kind not in SHARING_KINDS or _apart(item):
        return []
    this_month = Q(due_on__range=(Month.of(on).first, Month.of(on).last))
    found = (
        ReminderItem.objects.filter(organisation=item.organisation_id, opens_on__lte=on, subject="")
        .filter(this_month | Q(remind_on__lte=on))
        .unsettled()
        .exclude(action=item.action_id)
        .filter(version__record_kind__in=sorted(OFFERED_KINDS), version__sensitive=False)
        .select_related("version")
        .order_by("due_on", "pk")
    )
    first: dict[int, ReminderItem] = {}
    for other in found:
        if not _apart(other):
            first.setdefault(other.action_id, other)
    return [other for other in first.values() if not short_of_hours(other, on=on)]


def offer_label(item: ReminderItem, *, on: date) -> str:
    """“党课（2026 年第四季度）”; the title alone for the current month and what has no calendar period."""
    if item.period == str(Month.of(on)) or not item.period[:1].isdigit():
        return item.title
    return f"{item.title}（{period_label(item.period)}）"


def _apart(item: ReminderItem) -> bool:
    return any(condition in APART for condition in item.version.applies_when)
