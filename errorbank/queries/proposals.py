"""Proposals as staff see them: the open ones by branch, and until when a finding made of one would be due."""

from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet

from accounts.models import User
from branches.models import Organisation
from branches.queries.policy import rules_for
from errorbank.models import Proposal
from errorbank.rules import Severity
from errorbank.rules.lifecycle import deadline
from errorbank.rules.limits import limits_of

CONFIRM = "errorbank.confirm_proposal"


class Deadlines(NamedTuple):
    """usual: by the entry's severity; repeated: when the same was found in this branch shortly before."""

    usual: date
    repeated: date


def open_proposals(user: User, *, on: date, organisation: str = "") -> QuerySet[Proposal]:
    """In the order of branches, the latest first."""
    rows = Proposal.objects.permitted_to(user, CONFIRM, on=on).open()
    if organisation:
        rows = rows.filter(organisation__code=organisation)
    rows = rows.select_related("organisation", "entry__published")
    return rows.order_by("organisation__code", "-happened_on", "rule", "pk")


def places_with_proposals(user: User, *, on: date) -> QuerySet[Organisation]:
    mine = Organisation.objects.permitted_to(user, CONFIRM, on=on)
    return mine.filter(proposals__in=Proposal.objects.open()).distinct().order_by("code")


def deadlines_of(proposal: Proposal, *, on: date) -> Deadlines:
    limits = limits_of(rules_for(proposal.organisation, on=on))
    wording = proposal.entry.published
    severity = Severity(wording.severity) if wording else Severity.GENERAL
    return Deadlines(deadline(on, severity, limits), deadline(on, Severity.SERIOUS, limits))
