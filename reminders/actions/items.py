"""Settling items of the month list: done with a record, not applicable, taken back, sent back.

Every function locks the rows it changes, so that of two people who press at once one wins and the
other is told; a second submit of the same form changes nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from errorbank.actions.catching_up import catch_up
from periods.labels import day_label
from records.actions import RecordData, cancel_record, carry_talks, make_record
from records.models import Record
from records.queries import talk_coverage
from reminders.actions.summaries import mark_recount
from reminders.actions.telling_keepers import tell_returned
from reminders.models import ItemReturn, ReminderItem
from reminders.models.item import REVISED
from reminders.rules import SETTLED_STATES, ItemState


class ItemRefusal(Exception):
    """A change of an item is refused; str() is the sentence for the reader."""


class ItemNotOpen(ItemRefusal):
    """Somebody settled it before, or a refresh took it off the list."""

    def __init__(self, item: ReminderItem) -> None:
        super().__init__(
            f"这一项已撤下（原因：{item.reason}），不用再登记。"
            if item.state == ItemState.WITHDRAWN
            else "这一项已经办结，没有重复登记。"
        )


class ItemNotSettled(ItemRefusal):
    def __init__(self) -> None:
        super().__init__("这一项尚未办结，不需要撤销。")


class DoneByFact(ItemRefusal):
    """The registered fact stands: correcting it opens the item again."""

    def __init__(self, item: ReminderItem) -> None:
        super().__init__(f"{item.reason}。登记有误的，请更正那条登记，这一项会自动恢复待办。")


class ItemNotDone(ItemRefusal):
    def __init__(self) -> None:
        super().__init__("只有已完成的事项可以退回，请刷新后再看。")


class ItemsDoNotFit(ItemRefusal):
    def __init__(self) -> None:
        super().__init__("一次活动只能办结同一支部的事项，请重新勾选。")


class ReasonMissing(ItemRefusal):
    def __init__(self) -> None:
        super().__init__("请填写原因。")


class HeldBeforePeriod(ItemRefusal):
    def __init__(self, item: ReminderItem) -> None:
        super().__init__(f"“{item.title}”从 {day_label(item.opens_on)}起办理，请核对实际日期。")


def close_item(item: ReminderItem, *, data: RecordData, by: User | None, on: date) -> ReminderItem:
    """Close one item with its record; `on` is today. Raises what close_items raises."""
    close_items([item], data=data, by=by, on=on)
    item.refresh_from_db()
    return item


@transaction.atomic
def close_items(items: Iterable[ReminderItem], *, data: RecordData, by: User | None, on: date) -> Record:
    """Close several items of one branch with one activity: one record, every item done on its true date.

    Raises ItemNotOpen when any of them is settled already (nothing is changed then), ItemsDoNotFit for
    items of different branches, HeldBeforePeriod for a date before the period, RecordRefused.
    """
    locked = _locked(items)
    _refuse_misfits(locked, data)
    named = replace(data, actions=tuple(item.action.code for item in locked))
    kept = named.date_only() if any(item.version.sensitive for item in locked) else named
    catch_up([locked[0].organisation_id], on=on)
    record = make_record(locked[0].organisation, data=kept, by=by, on=on)
    for item in locked:
        _close(item, record, by=by, on=on)
    return record


@transaction.atomic
def add_talks(item: ReminderItem, *, data: RecordData, by: User | None, on: date) -> ReminderItem:
    """Keep some talks of a coverage item; it is done as soon as nobody is missing.

    Raises ItemNotOpen, RecordRefused.
    """
    locked = _locked([item])[0]
    if not locked.is_open:
        raise ItemNotOpen(locked)
    named = replace(data, actions=(locked.action.code,))
    catch_up([locked.organisation_id], on=on)
    record = make_record(locked.organisation, data=named, by=by, on=on)
    coverage = talk_coverage(locked.organisation, year=locked.opens_on.year, on=on)
    if not coverage.missing:
        _close(locked, record, by=by, on=on)
    audit.record("reminders.talks_added", by=by, target=locked, detail={"count": len(data.talks)})
    item.refresh_from_db()
    return item


@transaction.atomic
def mark_not_applicable(item: ReminderItem, *, reason: str, by: User | None, on: date) -> ReminderItem:
    """Settle an item that does not concern this branch this time; a record sent back before falls.

    Raises ItemNotOpen, ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing
    locked = _locked([item])[0]
    if not locked.is_open:
        raise ItemNotOpen(locked)
    former = locked.record
    _settle(locked, ItemState.NOT_APPLICABLE, on=on, by=by, reason=reason.strip())
    _drop(former, by=by, on=on)
    audit.record("reminders.item_not_applicable", by=by, target=locked, detail=_named(locked, reason=reason))
    item.refresh_from_db()
    return item


@transaction.atomic
def undo_item(item: ReminderItem, *, by: User | None, on: date) -> ReminderItem:
    """Open a settled item again; its record falls unless other items stand on it.

    Raises ItemNotSettled, DoneByFact.
    """
    locked = _locked([item])[0]
    if locked.state not in SETTLED_STATES:
        raise ItemNotSettled
    if locked.settled_by:
        raise DoneByFact(locked)
    record = locked.record
    locked.state = ItemState.RETURNED if locked.returns.exists() else ItemState.OPEN
    _clear(locked)
    _drop(record, by=by, on=on)
    # What was settled was left alone by the refresh; now it may have to be withdrawn.
    mark_changed([locked.organisation_id])
    audit.record("reminders.item_undone", by=by, target=locked, detail=_named(locked))
    item.refresh_from_db()
    return item


@transaction.atomic
def return_item(item: ReminderItem, *, checklist_line: str, reason: str, by: User) -> ReminderItem:
    """Send a finished item back. Its record stays until the branch closes the item anew; a fact that closed
    it does not close it again, only one registered from now on.

    Raises ItemNotDone, ReasonMissing.
    """
    if not (checklist_line.strip() and reason.strip()):
        raise ReasonMissing
    locked = _locked([item])[0]
    if locked.state != ItemState.DONE:
        raise ItemNotDone
    record, closed_by = locked.record, locked.done_by
    locked.state = ItemState.RETURNED
    _clear(locked)
    ReminderItem.objects.filter(pk=locked.pk).update(record=record)
    entry = ItemReturn.objects.create(item=locked, checklist_line=checklist_line, reason=reason, by=by)
    # As after an undo: the refresh left it alone as long as it was done.
    mark_changed([locked.organisation_id])
    detail = _named(locked, checklist_line=checklist_line, reason=reason)
    audit.record("reminders.item_returned", by=by, target=locked, detail=detail)
    now = timezone.now()
    tell_returned(entry, closed_by=closed_by, on=timezone.localdate(now), now=now)
    item.refresh_from_db()
    return item


def _locked(items: Iterable[ReminderItem]) -> list[ReminderItem]:
    """The rows as they are now, locked in one order so that two submits never wait for each other; their
    months are counted anew.

    Their records are locked too: whether other items stand on one is asked by one person at a time. The lock
    (FOR NO KEY UPDATE) lets the refresh note differences of these items meanwhile.
    """
    keys = {item.pk for item in items}
    rows = ReminderItem.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys)
    found = list(rows.select_related("version", "action", "organisation", "record").order_by("pk"))
    if records := {item.record_id for item in found if item.record_id}:
        list(Record.objects.select_for_update(no_key=True).filter(pk__in=records).order_by("pk"))
    mark_recount(item.organisation_id for item in found)
    return found


def _refuse_misfits(items: list[ReminderItem], data: RecordData) -> None:
    if not items or len({item.organisation_id for item in items}) != 1:
        raise ItemsDoNotFit
    for item in items:
        if not item.is_open:
            raise ItemNotOpen(item)
        if not item.may_be_done_on(data.held_on):
            raise HeldBeforePeriod(item)


def _close(item: ReminderItem, record: Record, *, by: User | None, on: date) -> None:
    former = item.record
    _settle(item, ItemState.DONE, on=record.held_on, by=by, record=record)
    _drop(former, by=by, on=on, heir=record)
    detail = _named(item, record=record.pk, done_on=record.held_on)
    audit.record("reminders.item_closed", by=by, target=item, detail=detail)


def _settle(
    item: ReminderItem,
    state: ItemState,
    *,
    on: date,
    by: User | None,
    record: Record | None = None,
    reason: str = "",
) -> None:
    item.state, item.done_on, item.reason, item.record = state, on, reason, record
    item.done_by, item.done_at = by, timezone.now()
    item.revise(at=item.done_at)
    item.save(update_fields=["state", "done_on", "reason", "record", "done_by", "done_at", *REVISED])


def _clear(item: ReminderItem) -> None:
    item.done_on = item.done_at = item.done_by = item.record = None
    item.reason = item.settled_by = ""
    item.revise(at=timezone.now())
    cleared = ["state", "done_on", "reason", "settled_by", "record", "done_by", "done_at"]
    item.save(update_fields=[*cleared, *REVISED])


def _drop(record: Record | None, *, by: User | None, on: date, heir: Record | None = None) -> None:
    """Cancel a record on which no finished or returned item stands any more.

    The record that replaces it takes over its talks: they were held, and nobody types them again.
    """
    if record is None or record.items.exists():
        return
    if heir is not None:
        carry_talks(record, into=heir)
    cancel_record(record, by=by, on=on)


def _named(item: ReminderItem, **more: object) -> dict[str, object]:
    return {"item": item.title, "period": item.period, **more}
