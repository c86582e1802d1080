"""Everything about one item: its record, its changes, its returns, and the hours a record form shows."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import User
from branches.models import Organisation
from records.models import Record, Talk, Vote
from records.queries import hours_by_member, hours_of, member_name
from records.rules import RecordKind
from reminders.models import ItemReturn, ReminderItem
from reminders.queries.item_rows import Rights, Row
from reminders.queries.month_list import ChangeRow, change_row, rights_on, row_of, with_rights
from reminders.rules import OFFICE_CONDITIONS

PERSON = "member:"


@dataclass(frozen=True)
class ItemDetail:
    row: Row
    record: Record | None
    shared_with: list[str]
    absent: list[str]
    present: list[str]
    votes: list[Vote]
    talks: list[Talk]
    returns: list[ItemReturn]
    changes: list[ChangeRow]

    @property
    def entered_late(self) -> bool:
        """Whether it was typed on a later day than it was held."""
        if self.record is None:
            return False
        entered = self.record.entered_at.astimezone(timezone.get_current_timezone())
        return entered.date() > self.record.held_on

    @property
    def resolutions_label(self) -> str:
        of_hours = self.record is not None and self.record.kind == RecordKind.HOURS
        return "未达学时的原因和安排" if of_hours else "决议（结果）"


@dataclass(frozen=True)
class HoursRow:
    name: str
    hours: Decimal
    enough: bool


@dataclass(frozen=True)
class HoursTable:
    minimum: int
    rows: list[HoursRow]

    @property
    def short(self) -> int:
        return sum(not row.enough for row in self.rows)


def rights_of(item: ReminderItem, user: User, *, on: date) -> Rights:
    marked = with_rights(Organisation.objects.filter(pk=item.organisation_id), user, on=on)
    return rights_on(marked.get())


def item_detail(item: ReminderItem, *, rights: Rights, on: date) -> ItemDetail:
    record = item.record
    changes = item.changes.select_related("item__version", "by").order_by("at", "pk")
    attendances = list(record.attendances.select_related("member").order_by("member__code")) if record else []
    others = record.items.exclude(pk=item.pk).select_related("version").order_by("pk") if record else []
    return ItemDetail(
        row=row_of(item, rights=rights, on=on),
        record=record,
        shared_with=[other.title for other in others],
        absent=[
            f"{a.member.name}（{a.reason}）" if a.reason else a.member.name
            for a in attendances
            if not a.present
        ],
        present=[a.member.name for a in attendances if a.present],
        votes=list(record.votes.order_by("pk")) if record else [],
        talks=list(record.talks.select_related("talker", "partner").order_by("pk")) if record else [],
        returns=list(item.returns.select_related("by").order_by("-at", "-pk")),
        changes=[change_row(change, on) for change in changes],
    )


def hours_table(item: ReminderItem, *, on: date) -> HoursTable:
    """Hours so far of those the item is about: one person, the committee, or every member."""
    rule: dict[str, Any] = item.version.due_rule
    minimum = int(rule.get("min_hours") or rule.get("or_min_hours") or 0)
    year = item.opens_on.year
    if item.subject.startswith(PERSON):
        pk = int(item.subject.removeprefix(PERSON))
        total = hours_by_member([pk], year=year, on=on).get(pk, Decimal(0))
        return HoursTable(minimum, [HoursRow(member_name(pk), total, total >= minimum)])
    people = hours_of(item.organisation, year=year, on=on)
    if not OFFICE_CONDITIONS.isdisjoint(item.version.applies_when):
        people = [person for person in people if person.on_committee]
    return HoursTable(minimum, [HoursRow(p.name, p.hours, p.hours >= minimum) for p in people])


def short_of_hours(item: ReminderItem, *, on: date) -> list[str]:
    """Who has not yet the hours this item demands of everybody; nobody when it demands none. Two queries."""
    if item.version.record_kind != RecordKind.HOURS or not item.version.due_rule.get("min_hours"):
        return []
    return [row.name for row in hours_table(item, on=on).rows if not row.enough]
