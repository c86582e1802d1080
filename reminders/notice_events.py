"""What this app tells people about. Leaf: the day is given, nothing is written here."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from branches.models import Organisation
from branches.models.organisation import PATH_END
from notices.events import Event
from notices.rules import Level
from reminders.models import Handover, ReminderItem, SpecialTask, StandIn

WEEKLY_DIGEST = "reminders.weekly_digest"
DUE_TODAY = "reminders.due_today"
ITEM_RETURNED = "reminders.item_returned"
TASK_SENT = "reminders.task_sent"
TASK_WITHDRAWN = "reminders.task_withdrawn"
HANDOVER_OPENED = "reminders.handover_opened"
HANDOVER_WAITS = "reminders.handover_waits"
STAND_IN_BEGINS = "reminders.stand_in_begins"

# The newest digest is the one worth sending. The second name is for whom the digest does not reach outside
# the portal while what is due does: they are told what is due beside it.
DIGEST_SERIES = "reminders.digest"
DIGEST_INSIDE_SERIES = "reminders.digest_inside"

ITEM_SUBJECT = "item:"
_OVERDUE, _TASK, _HANDOVER, _STAND_IN = "overdue:", "task:", "handover:", "stand_in:"


def item_subject(pk: int) -> str:
    return f"{ITEM_SUBJECT}{pk}"


def overdue_subject(organisation: int) -> str:
    """What is overdue in the branches below one organisation, as a number."""
    return f"{_OVERDUE}{organisation}"


def task_subject(pk: int) -> str:
    return f"{_TASK}{pk}"


def handover_subject(pk: int) -> str:
    return f"{_HANDOVER}{pk}"


def stand_in_subject(pk: int) -> str:
    return f"{_STAND_IN}{pk}"


def list_still_open(subjects: Collection[str], on: date) -> set[str]:
    """Items nobody has settled, and general branches with something overdue below them."""
    below = ReminderItem.objects.overdue(on=on).annotate(
        scope=OuterRef("path"), scope_end=Concat(OuterRef("path"), Value(PATH_END))
    )
    below = below.filter(organisation__path__gt=F("scope"), organisation__path__lt=F("scope_end"))
    places = Organisation.objects.filter(Exists(below))
    items = _among(subjects, ITEM_SUBJECT, ReminderItem.objects.unsettled())
    return items | _among(subjects, _OVERDUE, places)


def task_still_open(subjects: Collection[str], on: date) -> set[str]:
    return _among(subjects, _TASK, SpecialTask.objects.filter(withdrawn_at=None))


def handover_still_open(subjects: Collection[str], on: date) -> set[str]:
    return _among(subjects, _HANDOVER, Handover.objects.running())


def stand_in_still_open(subjects: Collection[str], on: date) -> set[str]:
    return _among(subjects, _STAND_IN, StandIn.objects.filter(grant__until__gte=on))


def _among(subjects: Collection[str], prefix: str, standing: QuerySet[Any]) -> set[str]:
    """Which subjects with this prefix name one of the rows; one query, none without such a subject."""
    keys = [subject.removeprefix(prefix) for subject in subjects if subject.startswith(prefix)]
    if not keys:
        return set()
    return {f"{prefix}{pk}" for pk in standing.filter(pk__in=keys).values_list("pk", flat=True)}


EVENTS = (
    Event(WEEKLY_DIGEST, "每周汇总", Level.DIGEST, "reminders.close_item", list_still_open),
    Event(DUE_TODAY, "到期提醒", Level.DUE, "reminders.close_item", list_still_open),
    Event(ITEM_RETURNED, "事项退回", Level.URGENT, "reminders.close_item", list_still_open),
    Event(TASK_SENT, "新的专项工作", Level.URGENT, "reminders.close_item", task_still_open),
    Event(TASK_WITHDRAWN, "专项工作撤回", Level.URGENT, "reminders.close_item"),
    Event(HANDOVER_OPENED, "工作交接开始", Level.URGENT, "reminders.view_handover", handover_still_open),
    Event(HANDOVER_WAITS, "工作交接待办", Level.URGENT, "reminders.view_handover", handover_still_open),
    Event(STAND_IN_BEGINS, "请假代办", Level.URGENT, "reminders.close_item", stand_in_still_open),
)
