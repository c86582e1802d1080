"""The organisation tree as one person sees it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from accounts.models import User
from branches.models import Member, Organisation
from branches.models.organisation import OrganisationQuerySet
from branches.queries.facts import BranchFacts, facts_of
from branches.rules import OrganisationKind

CODE_PREFIX = {OrganisationKind.COMMITTEE: "DW", OrganisationKind.GENERAL_BRANCH: "DZ"}
BRANCH_PREFIX, MEMBER_PREFIX = "BR", "M"


@dataclass
class TreeNode:
    """One visible organisation; `full` and `probationary` include everything visible below it."""

    organisation: Organisation
    facts: BranchFacts
    depth: int = 0
    full: int = 0
    probationary: int = 0
    children: list["TreeNode"] = field(default_factory=list)


def tree_for(user: User, *, on: date, search: str = "") -> list[TreeNode]:
    """Active organisations this person may see, parents before children; six statements.

    With `search`, only those whose name or code contains it, with the visible ones above them.
    """
    visible = Organisation.objects.visible_to(user, on=on).active(on=on)
    flat = [node for root in _roots(visible, on=on) for node in _unfold(root, 0)]
    return [node for node in flat if _matches(node, search.strip().lower())]


def node_of(organisation: Organisation, *, on: date) -> TreeNode:
    """One organisation with what stands below it; six statements."""
    below = Organisation.objects.within(organisation).active(on=on)
    rows = below | Organisation.objects.filter(pk=organisation.pk)
    root = next(node for node in _roots(rows, on=on) if node.organisation.pk == organisation.pk)
    _unfold(root, 0)
    return root


def _roots(organisations: OrganisationQuerySet, *, on: date) -> list[TreeNode]:
    """Nodes without a parent among these, each with its children by code."""
    rows = list(organisations.order_by("code"))
    facts = facts_of(rows, on=on)
    nodes = {o.pk: TreeNode(o, facts[o.pk]) for o in rows}
    roots: list[TreeNode] = []
    for node in nodes.values():
        above = nodes.get(node.organisation.parent_id or 0)
        (above.children if above else roots).append(node)
    return roots


def _unfold(node: TreeNode, depth: int) -> list[TreeNode]:
    node.depth, node.full, node.probationary = depth, node.facts.full, node.facts.probationary
    found = [node]
    for child in node.children:
        found += _unfold(child, depth + 1)
        node.full += child.full
        node.probationary += child.probationary
    return found


def _matches(node: TreeNode, search: str) -> bool:
    own = f"{node.organisation.code}\n{node.organisation.name}".lower()
    return search in own or any(_matches(child, search) for child in node.children)


def next_codes(kind: str, count: int) -> list[str]:
    """Unused codes for new organisations, following the highest number of their prefix."""
    prefix = CODE_PREFIX.get(OrganisationKind(kind), BRANCH_PREFIX)
    taken = Organisation.objects.filter(code__startswith=prefix).values_list("code", flat=True)
    return _following(prefix, taken, count, width=2)


def next_member_code() -> str:
    return next_member_codes(1)[0]


def next_member_codes(count: int, *, besides: Iterable[str] = ()) -> list[str]:
    """Unused codes for new people, following the highest number there and among `besides`."""
    taken = Member.objects.filter(code__startswith=MEMBER_PREFIX).values_list("code", flat=True)
    return _following(MEMBER_PREFIX, [*taken, *besides], count, width=3)


def _following(prefix: str, taken: Iterable[str], count: int, *, width: int) -> list[str]:
    numbers = [int(m[1]) for code in taken if (m := re.fullmatch(rf"{prefix}([0-9]{{1,9}})", code))]
    start = max(numbers, default=0) + 1
    return [f"{prefix}{number:0{width}d}" for number in range(start, start + count)]
