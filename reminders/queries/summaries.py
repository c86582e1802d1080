"""Months counted by organisation: what each number means, and the items behind it.

An item belongs to the month its `due_on` lies in.

* asked: neither withdrawn nor not applicable. on_time: done until the day it was due. done_late: done after
  it. open: asked and not done. These three add up to asked.
* due: asked and due until `on`, that day included; in a past month all, in a coming month none.
* rate, the completion rate: of what is due, the per cent done on time.
* early: done before the portal reminded of it (done_on < remind_on).
* lead: days from being done to being due; negative when late.
* overdue: open and due before `on`. It changes with the date, so it is not stored: the open items are asked.

`places` is a query set of organisations and goes into the statement. The stored rows are as fresh as the last
`reminders.actions.summaries.recount_stale`: a page calls it for its scope before it reads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum, TextChoices
from django.db.models.functions import TruncMonth

from branches.models import Organisation
from branches.rules import OrganisationKind
from periods.months import Month
from records.models import Record
from reminders.models import LeadDays, MonthSummary, ReminderItem
from reminders.models.item import ReminderItemQuerySet
from reminders.rules import OPEN_STATES, ActionKind, ItemState

SOON_DAYS = 14
# Every state by name, and not "all but two": the index of the list has the state before the day.
ASKED_STATES = frozenset({*OPEN_STATES, ItemState.DONE})
_COUNTS = ("asked", "on_time", "done_late", "open", "not_applicable", "early", "minutes")


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one month. `ahead`: done on time but not yet due; part of on_time, not of the rate."""

    asked: int = 0
    due: int = 0
    on_time: int = 0
    done_late: int = 0
    open: int = 0
    not_applicable: int = 0
    early: int = 0
    minutes: int = 0
    ahead: int = 0

    @property
    def done(self) -> int:
        return self.on_time + self.done_late

    @property
    def rate(self) -> Decimal | None:
        """Per cent from 0 to 100; None while nothing is due."""
        return Decimal(100 * (self.on_time - self.ahead)) / self.due if self.due else None


@dataclass(frozen=True)
class ActionCount:
    """Open items of one action, and of how many organisations."""

    action_id: int
    name: str
    items: int
    places: int


@dataclass(frozen=True)
class LoadRow:
    """What one asker asks by one action in a month."""

    asker: str
    action_id: int
    action: str
    items: int
    minutes: int


class Behind(TextChoices):
    """A number whose items can be listed."""

    ASKED = "asked", "应办"
    DUE = "due", "已到期"
    ON_TIME = "on_time", "按时办结"
    DONE_LATE = "done_late", "逾期办结"
    OPEN = "open", "未办结"
    NOT_APPLICABLE = "not_applicable", "不适用"
    EARLY = "early", "提醒前办结"
    LATE = "late", "已逾期"
    SOON = "soon", "14 天内到期"


# --- the stored months ---------------------------------------------------------------------------


def by_place(
    places: QuerySet[Organisation], months: Sequence[Month], *, on: date
) -> dict[tuple[int, Month], Figures]:
    """By organisation and month, only where something is asked or not applicable. At most two statements."""
    rows = _stored(places, months).values_list("organisation", "month", *_COUNTS)
    known = {month.first: month for month in months}
    coming = _coming(places, months, on).values_list("organisation").annotate(**_COMING)
    ahead = {place: (asked, done) for place, asked, done in coming}
    # Many cells are alike, and thousands of them are read.
    figures = cache(_figures)
    return {
        (row[0], known[row[1]]): figures(row[2:], _later(row[1], row[2:], ahead.get(row[0], _NONE), on))
        for row in rows
    }


def by_month(places: QuerySet[Organisation], months: Sequence[Month], *, on: date) -> dict[Month, Figures]:
    """All places together; every month asked for has its figures. At most two statements."""
    sums = [Sum(name) for name in _COUNTS]
    rows = _stored(places, months).values_list("month").annotate(*sums)
    found = {row[0]: row[1:] for row in rows}
    coming = _coming(places, months, on).aggregate(**_COMING)
    ahead = coming["asked"], coming["done"]
    nothing = (0,) * len(_COUNTS)
    return {
        month: _figures(counts, _later(month.first, counts, ahead, on))
        for month in months
        for counts in [found.get(month.first, nothing)]
    }


def lead_days(places: QuerySet[Organisation], months: Sequence[Month]) -> dict[Month, dict[int, int]]:
    """How many items were done so many days before they were due. One statement."""
    stored = LeadDays.objects.filter(organisation__in=_keys(places), month__in=_firsts(months))
    found: dict[Month, dict[int, int]] = {month: {} for month in months}
    for first, days, items in stored.values_list("month", "days").annotate(Sum("items")):
        found[Month.of(first)][days] = items
    return found


def own_records(places: QuerySet[Organisation], months: Sequence[Month]) -> dict[Month, int]:
    """Standing records that answer no item, by the month they were held in. One statement."""
    found = dict.fromkeys(months, 0)
    if not months:
        return found
    own = Record.objects.standing().filter(
        self_started=True,
        organisation__in=_keys(places),
        held_on__range=(min(months).first, max(months).last),
    )
    for first, count in own.values_list(TruncMonth("held_on")).annotate(Count("pk")):
        if (month := Month.of(first)) in found:
            found[month] = count
    return found


def _stored(places: QuerySet[Organisation], months: Iterable[Month]) -> QuerySet[MonthSummary]:
    return MonthSummary.objects.filter(organisation__in=_keys(places), month__in=_firsts(months))


def _keys(places: QuerySet[Organisation]) -> QuerySet[Organisation, Any]:
    return places.order_by().values("pk")


def _firsts(months: Iterable[Month]) -> list[date]:
    return [month.first for month in months]


_NONE = (0, 0)
_COMING = {"asked": Count("pk"), "done": Count("pk", filter=Q(state=ItemState.DONE))}


def _coming(places: QuerySet[Organisation], months: Iterable[Month], on: date) -> ReminderItemQuerySet:
    """What is due later in the month of `on`: asked, but not yet counted in the rate."""
    current = Month.of(on)
    if current not in months or on == current.last:
        return ReminderItem.objects.none()
    return _asked(places).filter(due_on__gt=on, due_on__lte=current.last)


def _later(first: date, counts: Sequence[int], ahead: tuple[int, int], on: date) -> tuple[int, int]:
    """Of a month's items: how many are not due by `on`, and how many of them are done."""
    if first > on:
        asked, on_time = counts[:2]
        return asked, on_time
    return ahead if (first.year, first.month) == (on.year, on.month) else _NONE


def _figures(counts: Sequence[int], later: tuple[int, int]) -> Figures:
    """`counts` in the order of _COUNTS, which is that of the fields but for `due` and `ahead`."""
    asked, *others = counts
    return Figures(*(asked, asked - later[0], *others, later[1]))


# --- the items themselves ------------------------------------------------------------------------


def items_behind(
    places: QuerySet[Organisation], *, figure: str, month: Month | None, on: date
) -> ReminderItemQuerySet:
    """The items a number counts, of one month or of all. Raises ValueError for a figure that is no Behind."""
    items = ReminderItem.objects.filter(_holds(Behind(figure), on), organisation__in=_keys(places))
    return items if month is None else items.filter(due_on__range=(month.first, month.last))


def late_by_action(places: QuerySet[Organisation], *, on: date) -> list[ActionCount]:
    """What is overdue now, the most frequent action first. One statement."""
    return _by_action(items_behind(places, figure=Behind.LATE, month=None, on=on))


def soon_by_action(places: QuerySet[Organisation], *, on: date, days: int = SOON_DAYS) -> list[ActionCount]:
    """What is open and due from today until so many days from now. One statement."""
    open_items = ReminderItem.objects.unsettled().filter(organisation__in=_keys(places))
    return _by_action(open_items.filter(due_on__range=(on, on + timedelta(days=days))))


def late_counts(places: QuerySet[Organisation], *, on: date) -> dict[int, int]:
    """How many items are overdue now, by organisation; only where there are any. One statement."""
    late = items_behind(places, figure=Behind.LATE, month=None, on=on)
    return dict(late.values_list("organisation").annotate(Count("pk")))


def load(places: QuerySet[Organisation], month: Month, *, on: date) -> list[LoadRow]:
    """Minutes of what is asked in the month, by who asks and by action: askers in the order of ASKERS, their
    actions by minutes. One statement."""
    items = items_behind(places, figure=Behind.ASKED, month=month, on=on)
    rows = items.values_list(
        "action", "action__kind", "action__organisation__kind", "version__basis_level"
    ).annotate(Max("version__name"), Count("pk"), Sum("minutes"))
    summed: dict[tuple[str, int], list[Any]] = {}
    for action, kind, place, basis, name, count, minutes in rows:
        line = summed.setdefault((asker_of(kind, place, basis), action), [name, 0, 0])
        line[1] += count
        line[2] += minutes
    found = [LoadRow(asker, action, *line) for (asker, action), line in summed.items()]
    return sorted(found, key=lambda row: (ASKERS.index(row.asker), -row.minutes, row.action))


CENTRAL_ASKS, CUSTOM, COMMITTEE_ASKS = "中央规定动作", "上级要求和惯例", "上级党委"
GENERAL_ASKS, OWN, TASKS = "党总支", "支部自定", "专项工作"
ASKERS = (CENTRAL_ASKS, CUSTOM, COMMITTEE_ASKS, GENERAL_ASKS, OWN, TASKS)
# Levels of a basis that no central document stands behind.
_CUSTOMARY = frozenset({"local_frequency", "company_practice"})
_BY_PLACE: dict[str, str] = {
    OrganisationKind.COMMITTEE: COMMITTEE_ASKS,
    OrganisationKind.GENERAL_BRANCH: GENERAL_ASKS,
}


def asker_of(kind: str, place: str | None, basis: str) -> str:
    """Who asks: the sender's kind for what was added in the portal, the basis for what ships with it."""
    if kind == ActionKind.SPECIAL_TASK:
        return TASKS
    if kind == ActionKind.LOCAL:
        return sender_asks(place)
    return CUSTOM if basis in _CUSTOMARY else CENTRAL_ASKS


def sender_asks(place: str | None) -> str:
    """Who asks by what was added in the portal, by the kind of the organisation that added it."""
    return _BY_PLACE.get(place or "", OWN)


def asked_by(asker: str) -> Q:
    """The items of one asker, as `load` sorts them; of a word that is none of ASKERS nothing."""
    local = Q(action__kind=ActionKind.LOCAL)
    central = Q(action__kind=ActionKind.STATUTORY) & ~Q(version__basis_level__in=sorted(_CUSTOMARY))
    known = {
        CENTRAL_ASKS: central,
        CUSTOM: Q(action__kind=ActionKind.STATUTORY, version__basis_level__in=sorted(_CUSTOMARY)),
        OWN: local & ~Q(action__organisation__kind__in=sorted(_BY_PLACE)),
        TASKS: Q(action__kind=ActionKind.SPECIAL_TASK),
        **{words: local & Q(action__organisation__kind=kind) for kind, words in _BY_PLACE.items()},
    }
    return known.get(asker, Q(pk__in=()))


def _by_action(items: ReminderItemQuerySet) -> list[ActionCount]:
    rows = items.values_list("action").annotate(
        Max("version__name"), Count("pk"), Count("organisation", distinct=True)
    )
    return sorted((ActionCount(*row) for row in rows), key=lambda row: (-row.items, row.name, row.action_id))


def _asked(places: QuerySet[Organisation]) -> ReminderItemQuerySet:
    return ReminderItem.objects.filter(state__in=sorted(ASKED_STATES), organisation__in=_keys(places))


def _holds(figure: Behind, on: date) -> Q:
    is_open = Q(state__in=sorted(OPEN_STATES))
    done = Q(state=ItemState.DONE)
    asked = Q(state__in=sorted(ASKED_STATES))
    return {
        Behind.ASKED: asked,
        Behind.DUE: asked & Q(due_on__lte=on),
        Behind.ON_TIME: done & Q(done_on__lte=F("due_on")),
        Behind.DONE_LATE: done & Q(done_on__gt=F("due_on")),
        Behind.OPEN: is_open,
        Behind.NOT_APPLICABLE: Q(state=ItemState.NOT_APPLICABLE),
        Behind.EARLY: done & Q(done_on__lt=F("remind_on")),
        Behind.LATE: is_open & Q(due_on__lt=on),
        Behind.SOON: is_open & Q(due_on__range=(on, on + timedelta(days=SOON_DAYS))),
    }[figure]
