"""Who is to be told a digest, and of what: pages of people, each read in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from accounts.models import User
from branches.models import BusySeason, Organisation
from branches.models.organisation import PATH_END
from notices.models import Channel, Line, Message, NoticePreference
from notices.rules import Level
from periods.occurrences import BusySeason as Season
from reminders.digest_rules import DUE_WAITS_UNTIL, horizon
from reminders.models import ReminderItem
from reminders.models.item import ReminderItemQuerySet
from reminders.notice_events import DIGEST_SERIES, DUE_TODAY, ITEM_SUBJECT, WEEKLY_DIGEST
from reminders.queries.catalogue import line_paths
from reminders.queries.keepers import Keeping, keeper_rows, keepings
from reminders.queries.plan import nearest_seasons
from reminders.rules import ItemState

PAGE = 500


@dataclass(frozen=True)
class Moment:
    """When the digest is composed, in the portal's zone."""

    on: date
    at: time
    now: datetime

    @classmethod
    def of(cls, now: datetime) -> "Moment":
        local = timezone.localtime(now)
        return cls(local.date(), local.time(), now)


@dataclass(frozen=True)
class Below:
    """What is overdue in the branches below one organisation."""

    branches: int
    items: int


@dataclass
class People:
    """One page of people with everything their digests need."""

    users: list[User]
    places: Mapping[int, Organisation]
    items: Mapping[int, list[ReminderItem]]
    keeps: dict[int, list[Keeping]] = field(default_factory=lambda: defaultdict(list))
    below: Mapping[int, Below] = field(default_factory=dict)

    def items_of(self, user: User) -> list[ReminderItem]:
        """Everything on the person's lists, the first due first."""
        found = (item for kept in self.keeps[user.pk] for item in self.items.get(kept.organisation, ()))
        return sorted(found, key=lambda item: (item.due_on, item.pk))

    def only_place(self, user: User) -> Organisation | None:
        kept = self.keeps[user.pk]
        return self.places[kept[0].organisation] if len(kept) == 1 else None

    def place_of(self, user: User, item: ReminderItem) -> str:
        """Whose item it is, where that has to be said."""
        return "" if self.only_place(user) else self.places[item.organisation_id].name

    def below_of(self, user: User) -> list[tuple[Keeping, Below]]:
        kept = (keeping for keeping in self.keeps[user.pk] if keeping.organisation in self.below)
        return [(keeping, self.below[keeping.organisation]) for keeping in kept]


# ---- who -----------------------------------------------------------------------------------------------


def without_weekly(moment: Moment, *, key: str, after: int) -> list[int]:
    """The next people whose hour has come this week, who have not been told, and who have anything open."""
    told = Message.objects.filter(recipient=OuterRef("keeper"), key=key)
    own = weekly_items(moment.on).filter(organisation=OuterRef("organisation"))
    return _page(
        moment.on, after, ~Exists(told), _hour_has_come(moment), Exists(own) | Exists(_late_below(moment.on))
    )


def without_due(moment: Moment, *, key: str, after: int) -> list[int]:
    """The next people with something due that they have not been told as due, and no digest coming soon."""
    told = Message.objects.filter(recipient=OuterRef("keeper"), key=key)
    untold = due_items(moment.on).filter(organisation=OuterRef("organisation"))
    untold = untold.filter(*_untold(OuterRef(OuterRef("keeper")), "pk", "due_on"))
    return _page(moment.on, after, ~Exists(told), _no_weekly_soon(moment), Exists(untold))


def _page(on: date, after: int, *conditions: Combinable | Q) -> list[int]:
    posts, grants = (
        rows.filter(*conditions, keeper__gt=after).values_list("keeper", flat=True)
        for rows in keeper_rows(on)
    )
    return list(posts.union(grants).order_by("keeper")[:PAGE])


def _hour_has_come(moment: Moment) -> Combinable | Q:
    """Whether the chosen weekday and time are reached; later in the week too, when the day was missed."""
    weekday, usual = moment.on.weekday(), NoticePreference()
    mine = NoticePreference.objects.filter(user=OuterRef("keeper"))
    come = Q(digest_weekday__lt=weekday) | Q(digest_weekday=weekday, digest_at__lte=moment.at)
    if (usual.digest_weekday, usual.digest_at) <= (weekday, moment.at):
        return ~Exists(mine.exclude(come))
    return Exists(mine.filter(come))


def _no_weekly_soon(moment: Moment) -> Combinable | Q:
    """What is due waits for a weekly digest of the same morning, so that both are one message."""
    weekday, usual = moment.on.weekday(), NoticePreference()
    mine = NoticePreference.objects.filter(user=OuterRef("keeper"))
    soon = mine.filter(digest_weekday=weekday, digest_at__gt=moment.at, digest_at__lte=DUE_WAITS_UNTIL)
    if weekday == usual.digest_weekday and moment.at < usual.digest_at <= DUE_WAITS_UNTIL:
        return Exists(mine) & ~Exists(soon)
    return ~Exists(soon)


def _late_below(on: date) -> QuerySet[ReminderItem]:
    path = "organisation__path"
    end = Concat(OuterRef(path), Value(PATH_END))
    return ReminderItem.objects.overdue(on=on).filter(**{f"{path}__gt": OuterRef(path), f"{path}__lt": end})


# ---- what ----------------------------------------------------------------------------------------------


def weekly_items(on: date) -> ReminderItemQuerySet:
    """Open items that are late, due this week or in the two after it; those sent back whenever due."""
    return ReminderItem.objects.unsettled().filter(Q(due_on__lte=horizon(on)) | Q(state=ItemState.RETURNED))


def due_items(on: date) -> ReminderItemQuerySet:
    return ReminderItem.objects.unsettled().filter(due_on__lte=on)


def people_of_page(page: Sequence[int], items: ReminderItemQuerySet, *, on: date) -> People:
    """Four statements."""
    users = User.objects.filter(pk__in=page).select_related("notice_preference").order_by("pk")
    found = keepings(on=on, users=page)
    places = Organisation.objects.in_bulk({keeping.organisation for keeping in found})
    listed: dict[int, list[ReminderItem]] = defaultdict(list)
    for item in items.filter(organisation__in=places).select_related("version", "action"):
        listed[item.organisation_id].append(item)
    people = People(list(users), places, listed)
    for keeping in found:
        people.keeps[keeping.user].append(keeping)
    return people


def untold_pairs(page: Sequence[int], *, on: date) -> set[tuple[int, int]]:
    """Of these people, who has not been told which item as due. One statement."""
    of = "organisation__reminder_items"
    untold = _untold(OuterRef("keeper"), of, f"{of}__due_on")
    # One filter: conditions of the same item, not of any of the organisation's.
    posts, grants = (
        rows.filter(*untold, keeper__in=page, **{f"{of}__in": due_items(on)}).values_list("keeper", of)
        for rows in keeper_rows(on)
    )
    return set(posts.union(grants))


def _untold(keeper: OuterRef, item: str, due_on: str) -> list[Combinable | Q]:
    """Conditions of an item nobody told this person as due: neither by a line on its day or later, nor by a
    message of that time which only counts it among those it has no room for."""
    subject = Concat(Value(ITEM_SUBJECT), Cast(OuterRef(item), CharField()))
    lines = Line.objects.filter(_tells_due("message__", keeper, OuterRef(due_on)), subject=subject).exclude(
        subject=""
    )
    counted = Message.objects.filter(_tells_due("", keeper, OuterRef(due_on)), more__gt=0)
    return [~Exists(lines), ~Exists(counted)]


def _tells_due(prefix: str, keeper: OuterRef, due_on: OuterRef) -> Q:
    """A weekly digest that stays inside tells nobody outside, so what is due is told beside it."""
    event = Q(**{f"{prefix}event": DUE_TODAY})
    weekly = Q(**{f"{prefix}event": WEEKLY_DIGEST, f"{prefix}series": DIGEST_SERIES})
    since = Q(**{f"{prefix}recipient": keeper, f"{prefix}made_at__date__gte": due_on})
    return (event | weekly) & since


def late_below(places: Iterable[int], *, on: date) -> dict[int, Below]:
    """How many branches below each of these have something overdue, and how much. One statement."""
    path = "path"
    below = ReminderItem.objects.overdue(on=on).filter(
        organisation__path__gt=OuterRef(path), organisation__path__lt=Concat(OuterRef(path), Value(PATH_END))
    )
    counted = below.order_by().annotate(one=Value(1)).values("one")
    items = Subquery(counted.annotate(n=Count("pk")).values("n"))
    branches = Subquery(counted.annotate(n=Count("organisation", distinct=True)).values("n"))
    rows = Organisation.objects.filter(pk__in=places).annotate(
        late_items=Coalesce(items, 0), late_branches=Coalesce(branches, 0)
    )
    found = rows.filter(late_items__gt=0).values_list("pk", "late_branches", "late_items")
    return {pk: Below(late, n) for pk, late, n in found}


# ---- how -----------------------------------------------------------------------------------------------


def in_season(places: Iterable[Organisation], *, on: date) -> set[int]:
    """Which of these are in a busy season, their own or the nearest one above. One statement."""
    paths = {place.pk: place.path for place in places}
    above = {path for place in places for path in line_paths(place)}
    seasons: dict[str, list[Season]] = defaultdict(list)
    for row in BusySeason.objects.filter(organisation__path__in=above).select_related("organisation"):
        seasons[row.organisation.path].append(Season(row.starts, row.ends))
    return {pk for pk, path in paths.items() if any(s.covers(on) for s in nearest_seasons(seasons, path))}


def weekly_is_not_enough(page: Sequence[int]) -> set[int]:
    """Who has a way out of the portal that takes what is due and not the weekly digest. One statement."""
    weekly = Message(event=WEEKLY_DIGEST, level=Level.DIGEST)
    due = Message(event=DUE_TODAY, level=Level.DUE)
    channels = Channel.objects.in_use().filter(user__in=page)
    return {channel.user_id for channel in channels if channel.takes(due) and not channel.takes(weekly)}
