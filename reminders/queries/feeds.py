"""Calendar links: whose they are, and what they show on a day."""

from datetime import date, datetime, time

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.models import User
from branches.models import AccessGrant, Organisation, Post
from branches.models.organisation import OrganisationQuerySet
from branches.roles import grants_with, roles_with
from reminders.feed_rules import (
    CANCELLED_FOR,
    CANCELLED_STATES,
    SHOWN_STATES,
    Content,
    Entry,
    digest_of,
    window,
)
from reminders.models import CalendarFeed, ReminderItem

USE = "reminders.use_feed"
# What somebody typed may hold anything, a person's name too: as in messages, it does not leave the portal.
_MATTER = Case(When(version__organisation=None, then=F("version__name")), default=Value(""))
_FIELDS = (
    "pk",
    "revision",
    "changed_at",
    "state",
    "due_on",
    "minutes",
    "matter",
    "version__category",
    "version__sensitive",
    "organisation__name",
)


def feeds_of(user: User) -> QuerySet[CalendarFeed]:
    """The links in use, the oldest first."""
    return CalendarFeed.objects.of(user).in_use().order_by("made_at", "pk")


def feed_behind(token: str) -> CalendarFeed | None:
    """The link with this token, with its person; None when nobody may read it (any more). One statement.

    `installation` on it is the key of the organisation entered first: random, never changed, never deleted,
    and the same whatever becomes of secrets and addresses.
    """
    first = Organisation.objects.order_by("pk").values("key")[:1]
    usable = CalendarFeed.objects.in_use().filter(digest=digest_of(token), user__is_active=True)
    return usable.select_related("user").annotate(installation=first).first()


def kept_by(user: User, *, on: date) -> OrganisationQuerySet:
    """Organisations on which this person holds a post or stands in on that day.

    Not those below them: staff of a general branch would get every branch's dates into their own calendar.
    """
    posts = Post.objects.at(on).held_by(user).filter(role__in=sorted(roles_with(USE)))
    grants = AccessGrant.objects.at(on).held_by(user).filter(kind__in=sorted(grants_with(USE)))
    permitted = Organisation.objects.permitted_to(user, USE, on=on).active(on=on)
    return permitted.filter(Q(pk__in=posts.values("organisation")) | Q(pk__in=grants.values("organisation")))


def feed_content(feed: CalendarFeed, *, on: date) -> Content:
    """What a link from feed_behind shows on that day. One statement, however many items."""
    rows = _shown(feed.user, on=on).annotate(matter=_MATTER).order_by("due_on", "pk").values_list(*_FIELDS)
    return Content(vars(feed)["installation"] or "", [Entry(*row) for row in rows])


def _shown(user: User, *, on: date) -> QuerySet[ReminderItem]:
    """What falls away is told for a while; what was never shown need not be."""
    since = timezone.make_aware(datetime.combine(on - CANCELLED_FOR, time.min))
    fallen = Q(state__in=sorted(CANCELLED_STATES), revision__gt=0, changed_at__gte=since)
    places = kept_by(user, on=on).values("pk")
    items = ReminderItem.objects.filter(organisation__in=places, due_on__range=window(on))
    return items.filter(Q(state__in=sorted(SHOWN_STATES)) | fallen)
