"""What is to be done: open items, what begins in the next weeks, tasks taken on, recruiting cases."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse

from branches.models import DevelopmentCase, Member, Organisation
from branches.queries.development import next_words
from periods.labels import day_label, period_label
from reminders.handover_rules import AHEAD_DAYS, Part
from reminders.models import ReminderItem
from reminders.queries.handover.parts.findings import SUBJECTS
from reminders.queries.handover.parts.foreseen import subject_of
from reminders.queries.handover.parts.lines import Bundle, PackLine, joined
from reminders.queries.item_rows import last_returns
from reminders.rules import EVENT_PERIOD, ONCE_PERIOD, ActionKind, ItemState

# The action of the catalogue that asks for a handover; its item is done by the signatures.
THIS_CHANGE = "handover"


def open_items(bundle: Bundle) -> list[ReminderItem]:
    """Open items this post answers for, and those nobody answers for; one statement.

    Without the catalogue's own item about this very change of hands.
    """
    mine = Q(responsible_post=bundle.post) | Q(responsible_post=None)
    items = ReminderItem.objects.filter(mine, organisation=bundle.place).unsettled()
    items = items.exclude(subject=f"post:{bundle.post.pk}", action__code=THIS_CHANGE)
    return list(items.select_related("version__action", "action").order_by("due_on", "pk"))


def item_lines(bundle: Bundle) -> Iterator[PackLine]:
    """Open items, those that begin within the next weeks, and special tasks."""
    returned = last_returns([item.pk for item in bundle.items if item.state == ItemState.RETURNED])
    for item in bundle.items:
        part = _part_of(item, bundle.on)
        if part is None or item.subject.startswith(SUBJECTS):
            continue
        sent_back = returned.get(item.pk)
        why = f"已退回：{sent_back.checklist_line}" if sent_back and not item.version.sensitive else ""
        timeless = item.period == ONCE_PERIOD or item.period.startswith(EVENT_PERIOD)
        period = "" if timeless else period_label(item.period)
        begins = f"{day_label(item.opens_on)}起办理" if part is Part.AHEAD else ""
        note = "" if item.version.sensitive else item.note
        yield PackLine(
            part,
            subject_of(item.action_id, item.period, item.subject),
            item.title,
            joined([why, period, begins, note]),
            item.due_on,
            reverse("reminders:item_detail", args=[item.pk]),
        )


def _part_of(item: ReminderItem, on: date) -> Part | None:
    if item.action.kind == ActionKind.SPECIAL_TASK:
        return Part.PROMISES
    if min(item.opens_on, item.remind_on) <= on or item.state == ItemState.RETURNED:
        return Part.OPEN_ITEMS
    return Part.AHEAD if item.opens_on <= on + timedelta(days=AHEAD_DAYS) else None


def recruiting_lines(bundle: Bundle) -> Iterator[PackLine]:
    """Everybody on the way into the Party: the next step, by when, and what stands in the way."""
    here = Organisation.objects.filter(pk=bundle.place.pk)
    people = Member.objects.of_organisations(here, on=bundle.on)
    cases = DevelopmentCase.objects.ongoing().filter(member__in=people).select_related("member")
    for case in cases.order_by("next_due_on", "pk"):
        yield PackLine(
            Part.RECRUITING,
            f"case:{case.pk}",
            f"{case.member.name}：{next_words(case, bundle.on)}",
            case.blocked,
            case.next_due_on,
            reverse("branches:development_detail", args=[case.pk]),
        )
