"""The month list of one organisation as its page shows it (本月清单)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, When
from django.utils.http import urlencode

from accounts.models import User
from branches.access import holdings_of
from branches.models import AccessGrant, Organisation, Post
from branches.models.organisation import OrganisationQuerySet
from branches.queries.people import KEEPER_ORDER
from branches.rules import OFFICE_ROLES, GrantKind, Role
from periods.labels import day_label, span_label, week_bounds
from periods.months import Month
from reminders.buckets import is_listed
from reminders.models import ListChange, ReminderItem
from reminders.models.item import ReminderItemQuerySet
from reminders.queries.handover.banner import concerning
from reminders.queries.item_rows import Rights, Row, rows_of
from reminders.queries.overview import LISTED_KINDS
from reminders.queries.stand_ins import leave_lines, leave_shown
from reminders.rules import OPEN_STATES, SETTLED_STATES, ChangeKind, ItemState

# More places than fit a choice are reached from the overview.
PLACES_OFFERED = 60
CHANGES_SHOWN = 100
# How many urgent rows carry their reminder and a wide button on a phone.
LEADING_ROWS = 3
# What is settled needs no attention; the latest few are enough.
SETTLED_SHOWN = 3
BEGINS = "本月开始提醒"


class UnknownPlace(LookupError):
    """No such organisation for this reader."""


@dataclass(frozen=True)
class Place:
    """The organisation whose list is read, as whom, and what the reader may do there."""

    organisation: Organisation
    rights: Rights
    role: str = ""
    others: tuple[tuple[str, str], ...] = ()
    # Most lists have neither, and then nothing more is asked about them.
    has_leave: bool = True
    has_handovers: bool = True

    @property
    def is_choice(self) -> bool:
        return len(self.others) > 1

    @property
    def reads_only(self) -> bool:
        return not (self.rights.close or self.rights.send_back)


@dataclass(frozen=True)
class Stat:
    label: str
    count: int
    tone: str
    section: str


@dataclass
class Section:
    key: str
    title: str
    rows: list[Row]
    note: str = ""
    # Rows beyond this many wait behind one more tap; 0 shows all.
    fold_after: int = 0

    @property
    def first_rows(self) -> list[Row]:
        return self.rows[: self.fold_after] if self.fold_after else self.rows

    @property
    def folded_rows(self) -> list[Row]:
        return self.rows[self.fold_after :] if self.fold_after else []


@dataclass(frozen=True)
class ChangeRow:
    kind: str
    title: str
    reason: str
    dates: str
    who: str
    at: datetime


@dataclass
class MonthList:
    """`time` is past, current or future, seen from the reader's day."""

    month: Month
    time: str
    place: Place
    sections: list[Section] = field(default_factory=list)
    upcoming: list[Row] = field(default_factory=list)
    changes: list[ChangeRow] = field(default_factory=list)
    counts: list[tuple[str, int]] = field(default_factory=list)
    stats: list[Stat] = field(default_factory=list)
    # Who is away and who stands in, a sentence each.
    leave: list[str] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        return [row for section in self.sections for row in section.rows]

    @property
    def done(self) -> int:
        return sum(row.item.state == ItemState.DONE for row in self.rows)

    @property
    def total(self) -> int:
        """Items that count: what does not concern the branch is no debt."""
        return sum(row.item.state != ItemState.NOT_APPLICABLE for row in self.rows)

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 0

    @property
    def shown(self) -> list[Section]:
        return [section for section in self.sections if section.rows]

    @property
    def query(self) -> str:
        """What links of this page carry on, so that an answer comes back to the same list."""
        return list_query(self)

    @property
    def previous(self) -> str:
        return list_query(self, month=self.month.previous())

    @property
    def next(self) -> str:
        return list_query(self, month=self.month.next())

    @property
    def current(self) -> str:
        return list_query(self, plain=True)


def list_query(shown: MonthList, *, month: Month | None = None, plain: bool = False) -> str:
    """“?month=2026-10&organisation=BR03”; nothing that the page would choose by itself."""
    chosen = month or shown.month
    words = {}
    if not plain and (month or shown.time != "current"):
        words["month"] = str(chosen)
    if shown.place.is_choice:
        words["organisation"] = shown.place.organisation.code
    return f"?{urlencode(words)}" if words else ""


def place_of(user: User, *, code: str, on: date) -> Place:
    """The organisation named by `code`, or the reader's own. Two queries. Raises UnknownPlace."""
    mine = list(_places(user, code, on)[:PLACES_OFFERED])
    held = _held(user, on)
    if code:
        found = next((o for o in mine if o.code == code), None)
    else:
        found = min(mine, key=lambda o: _nearness(o, held), default=None)
    if found is None:
        raise UnknownPlace
    others = tuple((o.code, o.name) for o in sorted(mine, key=lambda o: (o.level, o.code)))
    marks = vars(found)
    role = _role(found, held, user, on)
    return Place(found, rights_on(found), role, others, marks["has_leave"], marks["has_handovers"])


def _places(user: User, code: str, on: date) -> OrganisationQuerySet:
    """Organisations with a list that this user may read, the one asked for first.

    A dissolved one is not offered, but who asks for it by its code still reads its history.
    """
    readable = Organisation.objects.permitted_to(user, "reminders.view_item", on=on).filter(
        Q(code=code) | Q(pk__in=Organisation.objects.active(on=on).values("pk"))
    )
    asked = Case(When(code=code, then=0), default=1, output_field=IntegerField())
    listed = (
        with_rights(readable, user, on=on)
        .filter(kind__in=sorted(LISTED_KINDS))
        .annotate(
            has_leave=Exists(leave_shown(on=on).filter(organisation=OuterRef("pk"))),
            has_handovers=Exists(concerning(user, on=on)),
        )
    )
    return listed.order_by(asked, "level", "code")


def _held(user: User, on: date) -> list[tuple[int, str]]:
    """The user's posts and grants of that day as (organisation, role or grant kind)."""
    posts = Post.objects.at(on).held_by(user).values_list("organisation", "role")
    grants = AccessGrant.objects.at(on).held_by(user).values_list("organisation", "kind")
    return list(posts.union(grants))


def _nearness(organisation: Organisation, held: list[tuple[int, str]]) -> tuple[int, int, str]:
    """Whose list somebody keeps first: by KEEPER_ORDER, a stand-in last, then the tree's order."""
    order: list[str] = [*KEEPER_ORDER, GrantKind.STAND_IN]
    ranks = [order.index(role) for place, role in held if place == organisation.pk and role in order]
    return min(ranks, default=len(order)), organisation.level, organisation.code


def with_rights(organisations: OrganisationQuerySet, user: User, *, on: date) -> OrganisationQuerySet:
    """Mark each organisation with what this user may do to its items; nothing once it is dissolved."""

    def may(permission: str) -> Exists:
        permitted = Organisation.objects.permitted_to(user, permission, on=on).active(on=on)
        return Exists(permitted.filter(pk=OuterRef("pk")))

    return organisations.annotate(
        may_close=may("reminders.close_item"), may_return=may("reminders.return_item")
    )


def rights_on(organisation: Organisation) -> Rights:
    marks = vars(organisation)
    return Rights(close=marks["may_close"], send_back=marks["may_return"])


def _role(organisation: Organisation, held: list[tuple[int, str]], user: User, on: date) -> str:
    """In which capacity the reader stands here: the post on it, else the grant, else the office above."""
    here = {role for place, role in held if place == organisation.pk}
    here = here or {holding for holding in holdings_of(user, on=on) if holding in OFFICE_ROLES}
    labels = [*Role.choices, *GrantKind.choices]
    return next((str(label) for value, label in labels if value in here), "")


def month_list(place: Place, month: Month, *, on: date) -> MonthList:
    """The list of that month as it stands on a day. The number of queries never grows with the items."""
    current = Month.of(on)
    time = "current" if month == current else "past" if month < current else "future"
    shown = MonthList(month, time, place)
    items = list(_items(shown, on).for_list().order_by("due_on", "pk"))
    rows = rows_of(items, place.organisation, rights=place.rights, on=on)
    {"current": _sort_current, "past": _sort_past, "future": _sort_future}[time](shown, rows, on)
    changes = _changes(place.organisation, month)
    shown.changes = [change_row(change, on) for change in changes[:CHANGES_SHOWN]]
    shown.counts = _counts(shown, items, changes)
    shown.leave = leave_lines(place.organisation, on=on) if time == "current" and place.has_leave else []
    _mark_leading(shown)
    return shown


def _items(shown: MonthList, on: date) -> ReminderItemQuerySet:
    items = ReminderItem.objects.filter(organisation=shown.place.organisation)
    in_month = (shown.month.first, shown.month.last)
    due_or_done = Q(due_on__range=in_month) | Q(done_on__range=in_month)
    if shown.time == "current":
        waiting = Q(state__in=sorted(OPEN_STATES)) & (Q(opens_on__lte=shown.month.last) | is_listed(on=on))
        return items.filter(waiting | Q(state__in=sorted(SETTLED_STATES)) & due_or_done)
    if shown.time == "past":
        return items.filter(due_or_done).exclude(state=ItemState.WITHDRAWN)
    known = Q(due_on__range=in_month) | Q(remind_on__range=in_month)
    return items.filter(known, state__in=sorted(OPEN_STATES))


def _sort_current(shown: MonthList, rows: Sequence[Row], on: date) -> None:
    monday, sunday = week_bounds(on)
    waiting = [row for row in rows if row.is_open]
    listed = [row for row in waiting if row.is_listed(on)]
    overdue = [row for row in listed if row.item.due_on < on]
    week = [row for row in listed if on <= row.item.due_on <= sunday]
    later = [row for row in listed if row.item.due_on > sunday]
    settled = sorted((row for row in rows if not row.is_open), key=_settled_order)
    shown.upcoming = [row for row in waiting if not row.is_listed(on)]
    shown.sections = [
        Section("overdue", "已逾期", overdue),
        Section("week", "本周", week, span_label(monday, sunday)),
        Section("later", "之后", later),
        Section("done", "已完成", settled, fold_after=SETTLED_SHOWN),
    ]
    shown.stats = [
        Stat("已逾期", len(overdue), "late" if overdue else "", "overdue"),
        Stat("本周待办", len(week), "", "week"),
        Stat("后续待办", len(later), "", "later"),
        Stat("已完成", shown.done, "ok", "done"),
    ]


def _sort_past(shown: MonthList, rows: Sequence[Row], on: date) -> None:
    left = [row for row in rows if row.is_open]
    settled = sorted((row for row in rows if not row.is_open), key=_settled_order)
    done = [row for row in settled if row.item.state == ItemState.DONE]
    late = [row for row in done if row.item.done_on and row.item.done_on > row.item.due_on]
    shown.sections = [Section("left", "尚未完成", left), Section("done", "已办结", settled)]
    shown.stats = [
        Stat("尚未完成", len(left), "late" if left else "", "left"),
        Stat("按时完成", len(done) - len(late), "ok", "done"),
        Stat("逾期完成", len(late), "", "done"),
        Stat("不适用", len(settled) - len(done), "", "done"),
    ]


def _sort_future(shown: MonthList, rows: Sequence[Row], on: date) -> None:
    shown.sections = [Section("known", "目前已知", list(rows))]


def _settled_order(row: Row) -> tuple[int, int]:
    """The latest first."""
    return -(row.item.done_on or row.item.due_on).toordinal(), -row.pk


def _mark_leading(shown: MonthList) -> None:
    urgent = [row for row in shown.rows if row.is_open and row.urgent]
    for row in urgent[:LEADING_ROWS]:
        row.lead = True


def _changes(organisation: Organisation, month: Month) -> list[ListChange]:
    """What a month's list has that the last had not, kind by kind, the latest first. One query."""
    found = list(
        ListChange.objects.filter(organisation=organisation, month=month.first)
        .select_related("item__version", "by")
        .order_by("-at", "-pk")
    )
    order = list(ChangeKind)
    return sorted(found, key=lambda change: order.index(ChangeKind(change.kind)))


def _counts(
    shown: MonthList, items: Sequence[ReminderItem], changes: Sequence[ListChange]
) -> list[tuple[str, int]]:
    """The numbers of the top line: each kind of change, then older items that begin to be reminded."""
    numbers = Counter(ChangeKind(change.kind) for change in changes)
    counts = [(str(kind.label), numbers[kind]) for kind in ChangeKind if numbers[kind]]
    changed = {change.item_id for change in changes}
    begun = sum(item.pk not in changed and _begins_in(shown.month, item) for item in items)
    # A past month is read without what was reminded in it and is due later, so it has no such number.
    return [*counts, (BEGINS, begun)] if begun and shown.time != "past" else counts


def _begins_in(month: Month, item: ReminderItem) -> bool:
    """Whether reminding begins in that month; not for what was settled before."""
    settled_before = item.done_on is not None and item.done_on < item.remind_on
    return month.first <= item.remind_on <= month.last and not settled_before


def change_row(change: ListChange, on: date) -> ChangeRow:
    return ChangeRow(
        ChangeKind(change.kind).label,
        change.item.title,
        change.reason,
        _moved(change.old_due_on, change.new_due_on, on),
        str(change.by) if change.by else "系统",
        change.at,
    )


def _moved(old: date | None, new: date | None, on: date) -> str:
    return f"{day_label(old, on)} → {day_label(new, on)}" if old and new and old != new else ""


def row_of(item: ReminderItem, *, rights: Rights, on: date) -> Row:
    """One row by itself, as the list would show it."""
    return rows_of([item], item.organisation, rights=rights, on=on)[0]
