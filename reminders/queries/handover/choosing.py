"""Posts for which staff may open a handover."""

from datetime import date

from django.db.models import Exists, OuterRef

from accounts.models import User
from branches.models import Organisation, Post
from branches.models.post import PostQuerySet
from reminders.handover_rules import OPENS_DAYS_AFTER, HandoverState
from reminders.models import Handover
from reminders.queries.handover.people import with_holders

DAY_SPAN = OPENS_DAYS_AFTER


def openable_posts(user: User, *, on: date) -> PostQuerySet:
    """Posts held now or left lately, of which no handover stands; by organisation, then role."""
    places = Organisation.objects.permitted_to(user, "reminders.open_handover", on=on)
    standing = Handover.objects.exclude(state=HandoverState.CANCELLED).filter(leaver_post=OuterRef("pk"))
    held = Post.objects.filter(since__lte=on, organisation__in=places).exclude(Exists(standing))
    recent = held.not_ended(date.fromordinal(on.toordinal() - DAY_SPAN))
    return recent.select_related(*with_holders()).order_by(
        "organisation__level", "organisation__code", "role", "pk"
    )
