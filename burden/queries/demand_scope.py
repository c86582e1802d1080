"""Whose demands and load a reader looks at: all below a general branch or committee, or one's own branch.

Who answers for several branches sees them together and never one of them alone with its load.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from accounts.models import User
from branches.models import Organisation, Post
from branches.models.organisation import OrganisationQuerySet
from branches.roles import roles_with
from branches.rules import BRANCH_KINDS, OrganisationKind

VIEW_DEMAND, EDIT_DEMAND = "burden.view_demand", "burden.edit_demand"
PROPOSE, VIEW_LOAD, AGREE = "burden.propose_demand", "burden.view_load", "burden.agree_time"
UPPER_KINDS = (OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH)


@dataclass(frozen=True)
class DemandScope:
    """The chosen organisation and what else this reader could choose."""

    place: Organisation
    choices: tuple[Organisation, ...]

    @property
    def is_branch(self) -> bool:
        """Whether it is the reader's own branch."""
        return self.place.is_branch

    @property
    def query(self) -> str:
        """What a link carries so that the next page stays with the same organisation."""
        return f"?scope={self.place.code}" if len(self.choices) > 1 else ""

    @property
    def places(self) -> OrganisationQuerySet:
        return Organisation.objects.within(self.place)


def scope_of(user: User, permission: str, *, code: str, on: date) -> DemandScope | None:
    """The scope named by `code`, else the first: general branches, then committees, then one's own branch.

    One statement. None: nothing to see, or not for this reader.
    """
    choices = tuple(sorted(_choices(user, permission, on), key=_usual_first))
    place = next((place for place in choices if code in ("", place.code)), None)
    return DemandScope(place, choices) if place else None


def _usual_first(place: Organisation) -> tuple[int, str]:
    order = (OrganisationKind.GENERAL_BRANCH, OrganisationKind.COMMITTEE)
    return (order.index(OrganisationKind(place.kind)) if place.kind in order else len(order), place.code)


def _choices(user: User, permission: str, on: date) -> OrganisationQuerySet:
    upper = Organisation.objects.permitted_to(user, permission, on=on).filter(kind__in=UPPER_KINDS)
    # The post itself, not one above it: permitted_to would hand every branch down.
    held = Post.objects.at(on).held_by(user).filter(role__in=sorted(roles_with(permission)))
    own = Q(pk__in=held.values("organisation"), kind__in=sorted(BRANCH_KINDS))
    return Organisation.objects.filter(Q(pk__in=upper.values("pk")) | own).active(on=on)
