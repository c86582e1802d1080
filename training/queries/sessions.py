"""Reads of sessions: what is coming, one session with its people, the year."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import User
from branches.models import Membership, Organisation, Post
from branches.rules import COMMITTEE_ROLES, PARTY_MEMBER_STATUSES, Role
from records.models import Attendance
from training.models import Session, SessionBranch
from training.models.sessions import RUN_SESSION, VIEW_SESSION
from training.rules.sessions import Audience

WORKING_ROLES = (Role.WORKER, Role.SECRETARY)


@dataclass(frozen=True)
class Person:
    """One member of an invited branch whom the session is for."""

    pk: int
    name: str
    branch: int
    present: bool | None = None


@dataclass(frozen=True)
class BranchPeople:
    organisation: Organisation
    people: tuple[Person, ...]

    @property
    def present(self) -> int:
        return sum(bool(person.present) for person in self.people)


@dataclass
class SessionPage:
    session: Session
    branches: list[BranchPeople] = field(default_factory=list)
    may_run: bool = False
    # The day has come: attendance can be ticked.
    may_hold: bool = False

    @property
    def invited(self) -> int:
        return sum(len(branch.people) for branch in self.branches)

    @property
    def present(self) -> int:
        return sum(branch.present for branch in self.branches)


@dataclass
class SessionList:
    year: int
    coming: list[Session]
    past: list[Session]

    @property
    def is_empty(self) -> bool:
        return not (self.coming or self.past)

    @property
    def held(self) -> int:
        return sum(session.is_held for session in self.past)


def session_list(user: User, year: int, *, on: date) -> SessionList:
    """Sessions of the year that this person may see: those still to come first. One statement."""
    rows = list(_listed(user, on=on).filter(held_on__year=year).order_by("held_on", "starts_at", "pk"))
    coming = [row for row in rows if row.is_planned and row.held_on >= on]
    past = [row for row in reversed(rows) if row not in coming]
    return SessionList(year, coming, past)


def _listed(user: User, *, on: date) -> QuerySet[Session]:
    attended = Attendance.objects.filter(
        record__session_branch__session=OuterRef("pk"), present=True, member__user=user
    )
    return (
        Session.objects.visible_to(user, on=on)
        .select_related("organisation")
        .annotate(branch_count=Count("branches", distinct=True), was_there=Exists(attended))
    )


def session_page(session: Session, user: User, *, on: date) -> SessionPage:
    """One session with the people of the branches this reader may look into. Five statements."""
    running = Organisation.objects.permitted_to(user, RUN_SESSION, on=on)
    may_run = running.filter(pk=session.organisation_id).exists()
    invited = invited_branches(session)
    if not may_run:
        mine = Organisation.objects.permitted_to(user, VIEW_SESSION, on=on)
        invited = invited.filter(organisation__in=mine)
    rows = list(invited)
    people = people_of([row.organisation_id for row in rows], session.audience, on=session.held_on)
    there = _presence(rows)
    return SessionPage(
        session,
        [_branch(row, people.get(row.organisation_id, []), there.get(row.record_id, {})) for row in rows],
        may_run,
        may_run and session.is_planned and session.held_on <= on,
    )


def invited_branches(session: Session) -> QuerySet[SessionBranch]:
    return session.branches.select_related("organisation").order_by(
        "organisation__level", "organisation__code"
    )


def _branch(row: SessionBranch, people: list[Person], there: dict[int, tuple[str, bool]]) -> BranchPeople:
    """Before the session whom it is for, afterwards whom the record names."""
    if row.record_id is None:
        return BranchPeople(row.organisation, tuple(people))
    kept = [Person(pk, name, row.organisation_id, present) for pk, (name, present) in there.items()]
    return BranchPeople(row.organisation, tuple(kept))


def _presence(rows: Iterable[SessionBranch]) -> dict[int | None, dict[int, tuple[str, bool]]]:
    records = [row.record_id for row in rows if row.record_id]
    found: dict[int | None, dict[int, tuple[str, bool]]] = defaultdict(dict)
    if not records:
        return found
    ticks = Attendance.objects.filter(record__in=records).order_by("member__code")
    for record, member, name, present in ticks.values_list("record", "member", "member__name", "present"):
        found[record][member] = (name, present)
    return found


def people_of(places: Collection[int], audience: str, *, on: date) -> dict[int, list[Person]]:
    """Party members of these branches on that day whom a session is for, by branch in roster order.

    One statement. Someone who works for a branch without being a Party member has no class hours there.
    """
    spans: Any = Membership.objects.at(on).filter(organisation__in=places, status__in=PARTY_MEMBER_STATUSES)
    if audience != Audience.EVERYBODY:
        roles = COMMITTEE_ROLES if audience == Audience.COMMITTEE else WORKING_ROLES
        held = Post.objects.at(on).filter(organisation=OuterRef("organisation"), role__in=sorted(roles))
        mine = held.filter(Q(member=OuterRef("member")) | Q(user__member=OuterRef("member")))
        spans = spans.filter(Exists(mine))
    found: dict[int, list[Person]] = defaultdict(list)
    for place, pk, name in spans.order_by("member__code").values_list(
        "organisation", "member", "member__name"
    ):
        found[place].append(Person(pk, name, place))
    return found
