"""Who mends what is found in a branch, and who did."""

from collections.abc import Collection
from datetime import date

from branches.models import AccessGrant, Organisation, Post
from branches.roles import grants_with, roles_with
from branches.rules import Role
from errorbank.models import Finding, FindingStep
from errorbank.rules import StepKind

RECTIFY = "errorbank.rectify"


def keepers_of(organisations: Collection[int], *, on: date) -> dict[int, set[int]]:
    """Who mends what is found there, as users' keys by organisation: by a post of its own or standing in."""
    posts = Post.objects.at(on).filter(organisation__in=organisations, role__in=sorted(roles_with(RECTIFY)))
    grants = AccessGrant.objects.at(on).filter(
        organisation__in=organisations, kind__in=sorted(grants_with(RECTIFY))
    )
    found: dict[int, set[int]] = {}
    rows = [
        *posts.values_list("organisation", "user", "member__user"),
        *((place, user, None) for place, user in grants.values_list("organisation", "user")),
    ]
    for place, own, by_member in rows:
        if (key := own or by_member) is not None:
            found.setdefault(place, set()).add(key)
    return found


def answering_post(organisation: Organisation, *, on: date) -> Post | None:
    """Who answers for a finding unless somebody is named: the worker, else the secretary."""
    held = Post.objects.at(on).filter(organisation=organisation, role__in=[Role.WORKER, Role.SECRETARY])
    posts = sorted(
        held.select_related("member", "user"), key=lambda post: (post.role != Role.WORKER, post.pk)
    )
    return posts[0] if posts else None


def fixers(finding: Finding) -> set[int]:
    """Users who worked on it: whoever started or submitted, and who answers for it."""
    return fixers_of([finding])[finding.pk]


def fixers_of(findings: Collection[Finding]) -> dict[int, set[int]]:
    """By finding; one statement where the posts that answer were read with them."""
    found: dict[int, set[int]] = {finding.pk: set() for finding in findings}
    steps = FindingStep.objects.filter(
        finding__in=list(found), kind__in=[StepKind.STARTED, StepKind.SUBMITTED]
    )
    for pk, user in steps.exclude(by=None).values_list("finding", "by"):
        found[pk].add(user)
    for finding in findings:
        if (post := finding.responsible_post) is not None:
            answers = (post.user_id, post.member.user_id if post.member else None)
            found[finding.pk] |= {user for user in answers if user is not None}
    return found
