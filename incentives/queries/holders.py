"""Who holds a permission for an organisation by a post there or above."""

from datetime import date

from django.db.models import Q, QuerySet

from accounts.models import User
from branches.models import Organisation, Post
from branches.roles import roles_with


def holders_above(place: Organisation, permission: str, *, on: date) -> QuerySet[User]:
    """Holders of posts with that permission at `place` and above; whoever cannot sign in is none."""
    steps = [step for step in place.path.split("/") if step]
    above = ["".join(f"{step}/" for step in steps[: n + 1]) for n in range(len(steps))]
    posts = Post.objects.at(on).filter(organisation__path__in=above, role__in=sorted(roles_with(permission)))
    holds = Q(pk__in=posts.values("user")) | Q(member__pk__in=posts.values("member"))
    return User.objects.filter(holds, is_active=True).order_by("pk")
