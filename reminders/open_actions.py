"""What somebody has to do just now, for the error bank below this floor."""

from collections.abc import Collection
from datetime import date

from accounts.models import User
from errorbank.open_actions import register
from reminders.models import ReminderItem


@register
def codes(user: User, on: date) -> Collection[str]:
    """Of open items that the user may close; one statement."""
    mine = ReminderItem.objects.permitted_to(user, "reminders.close_item", on=on).unsettled()
    return set(mine.order_by().values_list("action__code", flat=True).distinct())
