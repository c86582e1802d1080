"""How many people a vote of one branch counts today."""

from datetime import date

from branches.models import Membership, Organisation, Post
from branches.rules import COMMITTEE_ROLES, MemberStatus
from branches.rules.votes import VoteKind


def expected_voters(organisation: Organisation, kind: VoteKind, *, on: date) -> int:
    """Full members of the branch that day, or the people in its committee; one statement."""
    if kind is VoteKind.COMMITTEE_DECISION:
        held = Post.objects.at(on).filter(organisation=organisation, role__in=sorted(COMMITTEE_ROLES))
        return len(set(held.values_list("member", "user")))
    spans = Membership.objects.at(on).filter(organisation=organisation, status=MemberStatus.FULL)
    return spans.count()
