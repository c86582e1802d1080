"""Who may look whether it still holds: never who fixed it, nor anybody of that branch where it is serious."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Count, Q

from accounts.models import User
from branches.models import Membership, Organisation, Post
from branches.rules import Role
from errorbank.models import Recheck
from errorbank.queries.keeping import fixers
from errorbank.rules import RecheckState, Severity


def may_verify(recheck: Recheck, user: User, *, on: date) -> str:
    """Empty when the user may answer it, else why not."""
    finding = recheck.finding
    if user.pk in fixers(finding):
        return "整改人不能复查自己的整改，请由他人复查。"
    if finding.severity == Severity.SERIOUS and _is_of(user, finding.organisation_id, on=on):
        return "严重问题须由其他支部或党总支的人员复查。"
    return ""


def _is_of(user: User, organisation: int, *, on: date) -> bool:
    """By a post in that branch, or as one of its members."""
    posts = Post.objects.at(on).held_by(user).filter(organisation=organisation)
    spans = Membership.objects.at(on).filter(member__user=user, organisation=organisation)
    return posts.exists() or spans.exists()


def staff_for(recheck: Recheck, *, on: date) -> list[User]:
    """Staff above the branch who may, who has least to do first; rechecks are no new burden for branches."""
    above = _above(recheck.finding.organisation.path)
    posts = Post.objects.at(on).filter(role=Role.GENERAL_BRANCH_STAFF, organisation__in=above)
    users = User.objects.filter(Q(posts__in=posts) | Q(member__posts__in=posts), is_active=True)
    waiting = Count("rechecks", filter=Q(rechecks__state=RecheckState.WAITING), distinct=True)
    found = users.distinct().annotate(waiting=waiting).order_by("waiting", "pk")
    return [user for user in found if not may_verify(recheck, user, on=on)]


def askable(recheck: Recheck, *, on: date) -> Mapping[int, tuple[User, str]]:
    """Who may be asked, by key, and as whom: staff above, workers and secretaries of branches beside it."""
    found = {user.pk: (user, "党总支工作人员") for user in staff_for(recheck, on=on)}
    for post in _beside(recheck, on=on):
        user = post.user or (post.member.user if post.member else None)
        if user is None or not user.is_active or user.pk in found or may_verify(recheck, user, on=on):
            continue
        found[user.pk] = (user, f"{post.organisation.name}{post.get_role_display()}")
    return found


def _beside(recheck: Recheck, *, on: date) -> Sequence[Post]:
    place = recheck.finding.organisation
    if place.parent_id is None:
        return []
    held = Post.objects.at(on).filter(
        role__in=[Role.WORKER, Role.SECRETARY], organisation__parent=place.parent_id
    )
    posts = held.exclude(organisation=place).select_related("user", "member__user", "organisation")
    return list(posts.order_by("organisation__code", "role", "pk"))


def _above(path: str) -> list[int]:
    """The organisation of that path and those above it."""
    keys = path.rstrip("/").split("/")
    paths = ["/".join(keys[:n]) + "/" for n in range(1, len(keys) + 1)]
    return list(Organisation.objects.filter(path__in=paths).values_list("pk", flat=True))
