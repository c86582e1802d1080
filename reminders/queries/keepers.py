"""Who keeps which organisation's list on a day: by a post, or standing in for somebody.

Narrower than the right to close items, which reaches down the tree: staff keep the list of the general
branch, not those of its thirty branches.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from branches.models import AccessGrant, Organisation, Post
from branches.roles import grants_with, roles_with
from reminders.models import StandIn

PERMISSION = "reminders.close_item"
OVERVIEW = "reminders.view_overview"


@dataclass(frozen=True, slots=True)
class Keeping:
    """One person's list of one organisation; `oversees` who may also open the overview below it."""

    user: int
    organisation: int
    oversees: bool = False


def keeper_rows(on: date) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """Posts and grants by which a list is kept, each with its `keeper`, a user's key.

    Only accounts that may sign in and organisations that exist. Who is on leave keeps nothing while
    somebody with a working account stands in.
    """
    places = Organisation.objects.active(on=on)
    people = User.objects.filter(is_active=True, pk=OuterRef("keeper"))
    posts = Post.objects.at(on).filter(role__in=sorted(roles_with(PERMISSION)), organisation__in=places)
    posts = posts.annotate(keeper=Coalesce("user", "member__user")).filter(
        Exists(people), ~Exists(absent(on))
    )
    grants = AccessGrant.objects.at(on).filter(kind__in=sorted(grants_with(PERMISSION)))
    grants = grants.filter(organisation__in=places).annotate(keeper=F("user"))
    return posts, grants.filter(Exists(people), ~Exists(absent(on)))


def absent(on: date) -> QuerySet[StandIn]:
    """Leave of the outer row's `keeper` from its organisation."""
    return away(on).filter(organisation=OuterRef("organisation"), holder=OuterRef("keeper"))


def away(on: date) -> QuerySet[Any]:
    """Leave of that day with its `holder`, while the one who stands in can sign in."""
    holder = Coalesce("absent_post__user", "absent_post__member__user")
    return StandIn.objects.at(on).filter(grant__user__is_active=True).annotate(holder=holder)


def keepings(
    *,
    on: date,
    users: Collection[int] | None = None,
    organisations: Iterable[Organisation] | QuerySet[Organisation] | None = None,
) -> list[Keeping]:
    """Of these people, or of these organisations, in a fixed order; one statement."""
    narrow: dict[str, Any] = {} if users is None else {"keeper__in": users}
    if organisations is not None:
        narrow["organisation__in"] = organisations
    posts, grants = (rows.filter(**narrow) for rows in keeper_rows(on))
    held = posts.values_list("keeper", "organisation", "role").union(
        grants.values_list("keeper", "organisation", "kind")
    )
    overseers = roles_with(OVERVIEW)
    found: dict[tuple[int, int], bool] = {}
    for user, place, capacity in held:
        found[user, place] = found.get((user, place), False) or capacity in overseers
    return [Keeping(user, place, oversees) for (user, place), oversees in sorted(found.items())]


def may_keep(user: User, organisation: Organisation, *, on: date) -> bool:
    """Whether somebody may close its items, from above too."""
    return Organisation.objects.permitted_to(user, PERMISSION, on=on).filter(pk=organisation.pk).exists()


def away_from(user: User, organisation: Organisation, *, on: date) -> bool:
    """Whether somebody is on leave from it, with another one standing in."""
    return away(on).filter(holder=user.pk, organisation=organisation).exists()
