"""Who decides on the wordings of an entry."""

from datetime import date

from django.db.models import Q

from accounts.models import User
from branches.models import Organisation, Post
from branches.roles import roles_with

PUBLISH = "errorbank.publish_entry"


def deciders_of(place: Organisation | None, *, on: date) -> list[User]:
    """The nearest who decide on entries of that organisation; for what ships, those at the root."""
    for above in _upwards(place, on=on):
        posts = Post.objects.at(on).filter(organisation=above, role__in=sorted(roles_with(PUBLISH)))
        held = User.objects.filter(Q(posts__in=posts) | Q(member__posts__in=posts), is_active=True)
        if found := list(held.distinct().order_by("pk")):
            return found
    return []


def _upwards(place: Organisation | None, *, on: date) -> list[Organisation]:
    if place is None:
        roots = list(Organisation.objects.active(on=on).filter(parent=None)[:2])
        return roots if len(roots) == 1 else []
    keys = place.path.rstrip("/").split("/")
    paths = ["/".join(keys[:n]) + "/" for n in range(1, len(keys) + 1)]
    return list(Organisation.objects.filter(path__in=paths).order_by("-level"))
