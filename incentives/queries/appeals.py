"""Appeals a person sees, and who answers them."""

from datetime import date

from django.db.models import Q, QuerySet

from accounts.models import User
from branches.models import Organisation, Post
from branches.roles import roles_with
from incentives.models import AnnualRecord, Appeal
from incentives.models.appeals import ANSWER_APPEAL


def appeals_for(user: User, *, on: date) -> QuerySet[Appeal]:
    """Waiting ones first, those due soonest on top, then the latest."""
    related = ("organisation", "user", "entry", "answered_by")
    found = Appeal.objects.visible_to(user, on=on).select_related(*related)
    return found.order_by("-state", "due_on", "-pk")


def answerers_of(place: Organisation, *, on: date) -> QuerySet[User]:
    """Who may answer for this organisation: holders of posts there and above."""
    steps = [step for step in place.path.split("/") if step]
    above = ["".join(f"{step}/" for step in steps[: n + 1]) for n in range(len(steps))]
    posts = Post.objects.at(on).filter(
        organisation__path__in=above, role__in=sorted(roles_with(ANSWER_APPEAL))
    )
    holds = Q(pk__in=posts.values("user")) | Q(member__pk__in=posts.values("member"))
    return User.objects.filter(holds, is_active=True).order_by("pk")


def grader_of(row: Appeal) -> int | None:
    """Who wrote the contested entry down, or issued the sheet in which the contested year stands."""
    if row.entry is not None:
        return row.entry.made_by_id
    issued = AnnualRecord.objects.filter(user=row.user_id, sheet__year=row.year).order_by("-sheet__version")
    return issued.values_list("sheet__issued_by", flat=True).first()


def others_than(user: User, row: Appeal, *, on: date) -> QuerySet[User]:
    """Who else might answer it."""
    return answerers_of(row.organisation, on=on).exclude(pk__in=[user.pk, row.user_id])
