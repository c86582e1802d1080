"""Whose figures a reader may see together: an organisation with everything below it, or one's own branch.

A branch by itself is only for who holds a post on it. Who answers for several sees them side by side and
the whole, never one of them alone with its load or its initiative: a branch's worker is one person.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from accounts.models import User
from branches.models import Organisation, Post
from branches.models.organisation import OrganisationQuerySet
from branches.roles import roles_with
from branches.rules import BRANCH_KINDS, OrganisationKind
from reminders.queries.overview import LISTED_KINDS

VIEW, OVERSEE = "dashboards.view_board", "dashboards.oversee_board"
UPPER_KINDS = (OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH)


class UnknownScope(LookupError):
    """No such scope for this reader."""


@dataclass(frozen=True)
class Scope:
    """The chosen organisation and what else this reader could choose."""

    place: Organisation
    choices: tuple[Organisation, ...]

    @property
    def code(self) -> str:
        return self.place.code

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def is_branch(self) -> bool:
        """Whether it is the reader's own branch."""
        return self.place.is_branch

    @property
    def is_choice(self) -> bool:
        return len(self.choices) > 1

    @property
    def places(self) -> OrganisationQuerySet:
        """Everybody in it who keeps a list or ever kept one: what a dissolved branch did still counts."""
        if self.is_branch:
            return Organisation.objects.filter(pk=self.place.pk)
        return Organisation.objects.within(self.place).filter(kind__in=sorted(LISTED_KINDS))

    def branches(self, *, on: date) -> OrganisationQuerySet:
        """Its branches as they stand on that day."""
        return self.places.branches().active(on=on)


def scope_of(user: User, *, code: str, on: date) -> Scope | None:
    """The scope named by `code`, or the widest. One statement. None: nothing to see; raises UnknownScope."""
    choices = tuple(_choices(user, on))
    if not code:
        return Scope(choices[0], choices) if choices else None
    place = next((place for place in choices if place.code == code), None)
    if place is None:
        raise UnknownScope(code)
    return Scope(place, choices)


def _choices(user: User, on: date) -> OrganisationQuerySet:
    """In tree order, so that the widest stands first."""
    if not user.is_active:
        return Organisation.objects.none()
    overseen = Organisation.objects.permitted_to(user, OVERSEE, on=on).filter(kind__in=UPPER_KINDS)
    # The post itself, not one above it: permitted_to would hand every branch down.
    held = Post.objects.at(on).held_by(user).filter(role__in=sorted(roles_with(VIEW)))
    own = Q(pk__in=held.values("organisation"), kind__in=sorted(BRANCH_KINDS))
    found = Organisation.objects.filter(Q(pk__in=overseen.values("pk")) | own)
    return found.active(on=on).in_tree_order()
