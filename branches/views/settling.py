"""Where a finding is settled: the page that helps with it, for who may open that page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from branches.roles import holders_of
from branches.rules import GrantKind, Role
from branches.rules.findings import Finding, FindingCode

SIZES = frozenset(
    {
        FindingCode.HEADCOUNT_BREACH,
        FindingCode.HEADCOUNT_IMMINENT,
        FindingCode.HEADCOUNT_LATER,
        FindingCode.NO_BUFFER,
        FindingCode.NOMINAL_BRANCH,
        FindingCode.BRANCH_SPAN,
    }
)
ELECTIONS = frozenset({FindingCode.TERM_EXPIRING, FindingCode.OFFICE_VACANT})
DEVELOPMENT = frozenset({FindingCode.CONVERSION_DUE})
# (findings, label, URL name, permission)
PAGES = (
    (SIZES, "联合党支部规划", "branches:joint_planner", "branches.view_joint_plan"),
    (ELECTIONS, "换届", "branches:election_list", "branches.view_election"),
    (DEVELOPMENT, "发展党员", "branches:development_list", "branches.view_development"),
)


@dataclass(frozen=True)
class SettledFinding:
    """A finding with the page where it is settled; no address when there is none for this person."""

    finding: Finding
    label: str = ""
    url: str = ""


def with_pages(findings: Iterable[Finding], held: frozenset[Role | GrantKind]) -> list[SettledFinding]:
    """Every finding with its page, for who holds `held` on the organisation."""
    return [_with_page(finding, held) for finding in findings]


def _with_page(finding: Finding, held: frozenset[Role | GrantKind]) -> SettledFinding:
    for codes, label, name, permission in PAGES:
        if finding.code in codes and held & holders_of(permission):
            return SettledFinding(finding, label, reverse(name))
    return SettledFinding(finding)
