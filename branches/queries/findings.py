"""Findings of organisations: of branches from their outlook, of those above from what is below them."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Count

from branches.models import Membership, Organisation
from branches.queries.outlook import outlook_of
from branches.queries.policy import rules_of
from branches.rules import BRANCH_KINDS, PARTY_MEMBER_STATUSES, OrganisationKind
from branches.rules.findings import Finding, findings_above

# Which rule bounds the members of everything below.
KIND_RULES = {
    OrganisationKind.GENERAL_BRANCH: "general_branch_range",
    OrganisationKind.COMMITTEE: "party_committee_min",
}


def findings_of(organisation: Organisation, *, on: date) -> tuple[Finding, ...]:
    """What the rules say of one organisation on that day, the pressing first."""
    if organisation.is_branch:
        return outlook_of([organisation], on=on)[organisation.pk].findings
    return tuple(findings_above_of([organisation], on=on)[organisation.pk])


def findings_above_of(organisations: Iterable[Organisation], *, on: date) -> dict[int, list[Finding]]:
    """Findings of organisations that have branches below them; three statements for any number."""
    above = [o for o in organisations if o.kind in KIND_RULES]
    rules = rules_of(above, on=on)
    members = _members_by_path(on) if above else []
    branches = _branch_paths(on) if above else []
    return {
        o.pk: findings_above(
            sum(count for path, count in members if path.startswith(o.path)),
            sum(path.startswith(o.path) for path in branches),
            rules[o.pk],
            kind_rule=KIND_RULES[OrganisationKind(o.kind)],
            on=on,
        )
        for o in above
    }


def _members_by_path(on: date) -> list[tuple[str, int]]:
    spans = Membership.objects.at(on).filter(status__in=sorted(PARTY_MEMBER_STATUSES))
    return list(spans.values_list("organisation__path").annotate(Count("pk")))


def _branch_paths(on: date) -> list[str]:
    active = Organisation.objects.active(on=on).filter(kind__in=sorted(BRANCH_KINDS))
    return list(active.values_list("path", flat=True))
