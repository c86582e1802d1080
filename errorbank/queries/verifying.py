"""Who may look whether it still holds: never who fixed it, nor anybody of that branch where it is serious."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count

from accounts.models import User
from branches.models import Membership, Post
from branches.rules import Role
from errorbank.models import Recheck
from errorbank.queries.keeping import fixers, fixers_of
from errorbank.rules import Severity


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


@dataclass
class Askers:
    """Who may be asked about some rechecks, read for all of them at once; `waiting` counts what each has."""

    on: date
    fixers: Mapping[int, set[int]]
    staff: Mapping[str, list[User]]
    beside: Mapping[int, list[Post]]
    belongs: set[tuple[int, int]]
    waiting: Counter[int]
    touched: set[int] = field(default_factory=set)

    def hand_over(self, before: int | None, after: int | None) -> None:
        """One goes from somebody to somebody; who has least is told from that."""
        for user, change in ((before, -1), (after, 1)):
            if user is not None:
                self.waiting[user] += change
                self.touched.add(user)

    def may(self, recheck: Recheck, user: User) -> bool:
        """As may_verify."""
        finding = recheck.finding
        of_branch = (user.pk, finding.organisation_id) in self.belongs
        return user.pk not in self.fixers[finding.pk] and not (
            finding.severity == Severity.SERIOUS and of_branch
        )

    def staff_for(self, recheck: Recheck) -> list[User]:
        """Staff above the branch who may, the least busy first; rechecks are no new burden for branches."""
        people = {
            user.pk: user for path in _paths(recheck.finding.organisation.path) for user in self.staff[path]
        }
        found = [user for user in people.values() if self.may(recheck, user)]
        return sorted(found, key=lambda user: (self.waiting[user.pk], user.pk))

    def askable(self, recheck: Recheck) -> dict[int, tuple[User, str]]:
        """By key, and as whom: staff above, workers and secretaries of branches beside it."""
        found = {user.pk: (user, "党总支工作人员") for user in self.staff_for(recheck)}
        place = recheck.finding.organisation
        for post in self.beside[place.parent_id] if place.parent_id else ():
            user = _holder(post)
            if user is None or post.organisation_id == place.pk or user.pk in found:
                continue
            if self.may(recheck, user):
                found[user.pk] = (user, f"{post.organisation.name}{post.get_role_display()}")
        return found


def askers_for(rechecks: Collection[Recheck], *, on: date) -> Askers:
    """Seven statements for any number of rechecks that carry their finding with organisation and post."""
    findings = {recheck.finding_id: recheck.finding for recheck in rechecks}
    places = {finding.organisation_id: finding.organisation for finding in findings.values()}
    staff = _staff({path for place in places.values() for path in _paths(place.path)}, on)
    beside = _beside({place.parent_id for place in places.values() if place.parent_id}, on)
    users = {user.pk for found in staff.values() for user in found}
    held = Recheck.objects.waiting().filter(verifier__in=users)
    return Askers(
        on=on,
        fixers=fixers_of(findings.values()),
        staff=staff,
        beside=beside,
        belongs=_belonging(places, on),
        waiting=Counter(dict(held.values_list("verifier").annotate(Count("pk")))),
    )


def askable(recheck: Recheck, *, on: date) -> Mapping[int, tuple[User, str]]:
    return askers_for([recheck], on=on).askable(recheck)


def _staff(paths: Collection[str], on: date) -> Mapping[str, list[User]]:
    """By the path of the organisation they work for."""
    posts = Post.objects.at(on).filter(role=Role.GENERAL_BRANCH_STAFF, organisation__path__in=paths)
    found: dict[str, list[User]] = defaultdict(list)
    for post in posts.select_related("user", "member__user", "organisation"):
        if (user := _holder(post)) is not None:
            found[post.organisation.path].append(user)
    return found


def _beside(parents: Collection[int], on: date) -> Mapping[int, list[Post]]:
    """Workers and secretaries, by the organisation above their branch."""
    held = Post.objects.at(on).filter(
        role__in=[Role.WORKER, Role.SECRETARY], organisation__parent__in=parents
    )
    found: dict[int, list[Post]] = defaultdict(list)
    posts = held.select_related("user", "member__user", "organisation")
    for post in posts.order_by("organisation__code", "role", "pk"):
        found[post.organisation.parent_id or 0].append(post)
    return found


def _belonging(places: Collection[int], on: date) -> set[tuple[int, int]]:
    """User and branch: by a post in it, or as one of its members."""
    posts = Post.objects.at(on).filter(organisation__in=places)
    spans = Membership.objects.at(on).filter(organisation__in=places).exclude(member__user=None)
    found = set(spans.values_list("member__user", "organisation"))
    for own, through, place in posts.values_list("user", "member__user", "organisation"):
        found |= {(user, place) for user in (own, through) if user is not None}
    return found


def _holder(post: Post) -> User | None:
    user = post.user or (post.member.user if post.member else None)
    return user if user is not None and user.is_active else None


def _paths(path: str) -> list[str]:
    """The path of the organisation and those above it."""
    keys = path.rstrip("/").split("/")
    return ["/".join(keys[:n]) + "/" for n in range(1, len(keys) + 1)]
