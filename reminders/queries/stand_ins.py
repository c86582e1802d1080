"""Leave: who is away, who stands in, who may arrange it, and who could be asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from branches.models import Membership, Organisation, Post
from branches.queries.people import KEEPER_ORDER
from branches.roles import roles_with
from branches.rules import Role
from reminders.models import StandIn
from reminders.queries.keepers import PERMISSION as KEEPS
from reminders.stand_in_rules import SHOWN_BEFORE, leave_line

VIEW = "reminders.view_stand_in"
ARRANGE = "reminders.arrange_stand_in"
ARRANGE_ANY = "reminders.arrange_any_stand_in"


@dataclass(frozen=True)
class Candidate:
    """Somebody who could stand in, and why just this person."""

    user: User
    why: str

    @property
    def label(self) -> str:
        return f"{self.user.name}（{self.why}）"


def stand_ins_for(user: User, *, on: date) -> QuerySet[StandIn]:
    """What this person may read, the last to end first, so that what is over comes last. `may_change` marks
    those this person may end or move. One statement."""
    mine = Exists(changeable_by(user, on=on).filter(pk=OuterRef("pk")))
    seen = StandIn.objects.permitted_to(user, VIEW, on=on).annotate(may_change=mine)
    return _with_people(seen).order_by("-grant__until", "-grant__since", "pk")


def changeable_by(user: User, *, on: date) -> QuerySet[StandIn]:
    """Not over, and one's own, or of an organisation whose leave this person arranges."""
    posts = arrangeable_posts(user, on=on).order_by()
    return StandIn.objects.filter(grant__until__gte=on, absent_post__in=posts)


def arrangeable_posts(user: User, *, on: date) -> QuerySet[Post]:
    """Posts by which a list is kept, held today or later: one's own, and for staff everybody's below."""
    own = Organisation.objects.permitted_to(user, ARRANGE, on=on)
    any_below = Organisation.objects.permitted_to(user, ARRANGE_ANY, on=on)
    mine = Q(organisation__in=own) & (Q(user=user) | Q(member__user=user))
    kept = Post.objects.not_ended(on).filter(
        mine | Q(organisation__in=any_below),
        role__in=sorted(roles_with(KEEPS)),
        organisation__in=Organisation.objects.active(on=on),
    )
    people = kept.select_related("organisation", "user", "member__user")
    return people.order_by("organisation__level", "organisation__code", "role", "pk")


def candidates(post: Post, *, by: User, on: date) -> list[Candidate]:
    """People of the same organisation, its keepers first; for staff also the workers nearby. Two or three
    statements."""
    holder = post.user_id or (post.member.user_id if post.member else None)
    found = {c.user.pk: c for c in [*_colleagues(post, on=on), *_neighbours(post, by=by, on=on)][::-1]}
    return [c for c in list(found.values())[::-1] if c.user.pk != holder]


def _colleagues(post: Post, *, on: date) -> Iterable[Candidate]:
    held = (
        Post.objects.at(on).filter(organisation=post.organisation_id).select_related("user", "member__user")
    )
    order: list[str] = [*KEEPER_ORDER, Role.GENERAL_BRANCH_STAFF]
    known = [row for row in held if row.role in order and _account(row)]
    for row in sorted(known, key=lambda row: (order.index(row.role), row.pk)):
        if account := _account(row):
            yield Candidate(account, row.get_role_display())
    spans = Membership.objects.at(on).filter(organisation=post.organisation_id, member__user__is_active=True)
    for span in spans.select_related("member__user").order_by("member__code"):
        if span.member.user:
            yield Candidate(span.member.user, span.get_status_display())


def _neighbours(post: Post, *, by: User, on: date) -> Iterable[Candidate]:
    """Workers of the other branches of the staff who arrange it."""
    places = Organisation.objects.permitted_to(by, ARRANGE_ANY, on=on)
    if not places.filter(pk=post.organisation_id).exists():
        return
    near = Post.objects.at(on).filter(organisation__in=places, role=Role.WORKER)
    near = near.exclude(organisation=post.organisation_id).select_related(
        "organisation", "user", "member__user"
    )
    for row in near.order_by("organisation__level", "organisation__code", "pk"):
        if account := _account(row):
            yield Candidate(account, f"{row.organisation.name} · {row.get_role_display()}")


def _account(post: Post) -> User | None:
    account = post.user or (post.member.user if post.member else None)
    return account if account and account.is_active else None


def leave_shown(*, on: date) -> QuerySet[StandIn]:
    """Leave of that day and of the two weeks after it."""
    return StandIn.objects.filter(grant__until__gte=on, grant__since__lte=on + SHOWN_BEFORE)


def leave_lines(organisation: Organisation, *, on: date) -> list[str]:
    """Leave of that day and of the two weeks after it, for the month list. One statement."""
    rows = _with_people(leave_shown(on=on).filter(organisation=organisation)).order_by("grant__since", "pk")
    return [
        leave_line(row.absent_post.holder_name, row.grant.user.name, row.grant.since, row.grant.until)
        for row in rows
    ]


def _with_people(rows: QuerySet[StandIn]) -> QuerySet[StandIn]:
    return rows.select_related(
        "organisation", "grant__user", "absent_post__user", "absent_post__member", "arranged_by"
    )
