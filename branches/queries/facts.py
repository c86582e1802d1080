"""The dated facts of organisations, read for many at once with a constant number of statements."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q

from branches.models import Membership, Organisation, PartyGroup, Post, Term
from branches.rules import COMMITTEE_FROM, MemberStatus, Role
from branches.rules.findings import has_committee, notice_begins, vacant_offices, whole_months_left


@dataclass
class BranchFacts:
    """What is true of one organisation on one day; counts are of its own people, not of those below it."""

    organisation: Organisation
    on: date
    full: int = 0
    probationary: int = 0
    applicants: int = 0
    own_department: int = 0
    assigned: int = 0
    groups: int = 0
    term: Term | None = None
    holders: dict[Role, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def members(self) -> int:
        return self.full + self.probationary

    @property
    def committee_due(self) -> bool:
        return self.full >= COMMITTEE_FROM

    @property
    def has_committee(self) -> bool:
        return has_committee(self.holders)

    @property
    def secretary(self) -> str:
        return "、".join(self.holders.get(Role.SECRETARY, []))

    @property
    def workers(self) -> list[str]:
        return self.holders.get(Role.WORKER, [])

    @property
    def term_ends_on(self) -> date | None:
        return self.term.runs_until if self.term else None

    @property
    def months_left(self) -> int | None:
        """Whole months until the term ends; negative once it has."""
        return whole_months_left(self.term.runs_until, on=self.on) if self.term else None

    @property
    def term_near(self) -> bool:
        """Whether the election that follows this term is to be prepared."""
        return self.term is not None and notice_begins(self.term.runs_until) <= self.on

    @property
    def vacant(self) -> list[Role]:
        """Offices a branch must have and nobody holds, in the order of Role."""
        return vacant_offices(self.holders) if self.organisation.is_branch else []


def branch_facts(organisation: Organisation, *, on: date) -> BranchFacts:
    return facts_of([organisation], on=on)[organisation.pk]


def facts_of(organisations: Iterable[Organisation], *, on: date) -> dict[int, BranchFacts]:
    """Facts by organisation id; four statements for any number of organisations."""
    facts = {o.pk: BranchFacts(o, on) for o in organisations}
    _count_people(facts, on)
    _name_holders(facts, on)
    groups = PartyGroup.objects.filter(Q(until=None) | Q(until__gt=on), since__lte=on, organisation__in=facts)
    for pk, count in groups.values_list("organisation").annotate(Count("pk")):
        facts[pk].groups = count
    for term in Term.objects.filter(elected_on__lte=on, organisation__in=facts).order_by("elected_on"):
        facts[term.organisation_id].term = term
    return facts


def _count_people(facts: dict[int, BranchFacts], on: date) -> None:
    spans = Membership.objects.at(on).filter(organisation__in=facts)
    counted = spans.values_list("organisation", "status", "member__assigned").annotate(Count("pk"))
    for pk, status, assigned, count in counted:
        one = facts[pk]
        if status == MemberStatus.FULL:
            one.full += count
            one.assigned += count if assigned else 0
            one.own_department += 0 if assigned else count
        elif status == MemberStatus.PROBATIONARY:
            one.probationary += count
        else:
            one.applicants += count


def _name_holders(facts: dict[int, BranchFacts], on: date) -> None:
    held = Post.objects.at(on).filter(organisation__in=facts)
    for pk, role, member, user in held.order_by("since", "pk").values_list(
        "organisation", "role", "member__name", "user__name"
    ):
        facts[pk].holders[Role(role)].append(member or user)
