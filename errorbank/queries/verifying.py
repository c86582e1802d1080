"""Who may look whether it still holds."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Count, Q

from accounts.models import User
from branches.models import Organisation, Post
from branches.rules import Role
from errorbank.models import Recheck
from errorbank.queries.keeping import fixers
from errorbank.rules import RecheckState, Severity


def may_verify(recheck: Recheck, user: User, *, on: date) -> str:
    """Empty when the user may answer it, else why not: never the fixer, nor of that branch if serious."""
    finding = recheck.finding
    if user.pk in fixers(finding):
        return "整改人不能复查自己的整改，请由他人复查。"
    own = Post.objects.at(on).held_by(user).filter(organisation=finding.organisation_id)
    if finding.severity == Severity.SERIOUS and own.exists():
        return "严重问题须由其他支部或党总支的人员复查。"
    return ""


def candidates(recheck: Recheck, *, on: date) -> Sequence[User]:
    """Staff above the branch, who has least to do first; rechecks are no new burden for branches."""
    path = recheck.finding.organisation.path
    posts = Post.objects.at(on).filter(role=Role.GENERAL_BRANCH_STAFF, organisation__in=_above(path))
    users = User.objects.filter(Q(posts__in=posts) | Q(member__posts__in=posts), is_active=True)
    waiting = Count("rechecks", filter=Q(rechecks__state=RecheckState.WAITING), distinct=True)
    return list(users.distinct().annotate(waiting=waiting).order_by("waiting", "pk"))


def _above(path: str) -> list[int]:
    """The organisation of that path and those above it."""
    keys = path.rstrip("/").split("/")
    paths = ["/".join(keys[:n]) + "/" for n in range(1, len(keys) + 1)]
    return list(Organisation.objects.filter(path__in=paths).values_list("pk", flat=True))
