"""How an item is told: in the portal by its name, outside only which kind of matter and by when."""

from datetime import date

from django.urls import reverse

from notices.actions.outbox import LineData
from reminders.digest_rules import Matter, matter_words
from reminders.models import ReminderItem
from reminders.notice_events import item_subject
from reminders.queries.anchors import PROPOSED_DAY
from reminders.queries.item_rows import category_label
from reminders.rules import ItemState


def item_line(item: ReminderItem, *, on: date, place: str = "") -> LineData:
    """`place` is said where somebody keeps several lists."""
    return LineData(
        text=matter_words(matter_of(item, item.title, place), on),
        outside_text=matter_words(matter_of(item, outside_name(item), place), on),
        subject=item_subject(item.pk),
        url=reverse("reminders:item_detail", args=[item.pk]),
    )


def matter_of(item: ReminderItem, name: str = "", place: str = "") -> Matter:
    return Matter(
        name=name,
        due_on=item.due_on,
        place=place,
        returned=item.state == ItemState.RETURNED,
        advised=item.note == PROPOSED_DAY,
    )


def outside_name(item: ReminderItem) -> str:
    """The name that may leave the portal: one of the shipped catalogue, without the person it concerns.

    What somebody typed may hold anything, and a sensitive matter is nobody's business outside.
    """
    version = item.version
    shipped = version.organisation_id is None and not version.sensitive
    return version.name if shipped else f"一项{category_label(item)}"
