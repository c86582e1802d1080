"""The organisation tree as one person sees it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from accounts.models import User
from branches.models import Member, Organisation
from branches.models.organisation import OrganisationQuerySet
from branches.queries.facts import BranchFacts, facts_of
from branches.queries.history import names_on, parents_on
from branches.rules import OrganisationKind

CODE_PREFIX = {OrganisationKind.COMMITTEE: "DW", OrganisationKind.GENERAL_BRANCH: "DZ"}
BRANCH_PREFIX, MEMBER_PREFIX = "BR", "M"


@dataclass
class TreeNode:
    """One visible organisation; `full` and `probationary` include everything visible below it.

    `name` is the name of the day that was asked for.
    """

    organisation: Organisation
    facts: BranchFacts
    name: str
    depth: int = 0
    full: int = 0
    probationary: int = 0
    children: list["TreeNode"] = field(default_factory=list)
    # Empty where the superior is not among the nodes.
    parent_name: str = ""


def tree_for(user: User, *, on: date, search: str = "") -> list[TreeNode]:
    """Active organisations this person may see, parents before children; five statements.

    With `search`, only those whose name or code contains it, with the visible ones above them.
    """
    visible = Organisation.objects.visible_to(user, on=on).active(on=on)
    return _flat(_roots(visible, on=on), search)


def past_tree_for(user: User, *, on: date, past: date, search: str = "") -> list[TreeNode]:
    """What this person may see today as it stood on a past day: names, places and numbers of that day.

    Two statements more than tree_for.
    """
    return _flat(_past_roots(user, on=on, past=past), search)


def past_node_of(organisation: Organisation, user: User, *, on: date, past: date) -> TreeNode | None:
    """One organisation with what stood below it on a past day; None when it did not exist on it."""
    found = _flat(_past_roots(user, on=on, past=past), "")
    return next((node for node in found if node.organisation.pk == organisation.pk), None)


def _past_roots(user: User, *, on: date, past: date) -> list[TreeNode]:
    visible = Organisation.objects.visible_to(user, on=on).active(on=past)
    rows = list(visible.order_by("code"))
    return _hung(rows, names_on(rows, on=past), parents_on(rows, on=past), on=past)


def _flat(roots: list[TreeNode], search: str) -> list[TreeNode]:
    flat = [node for root in roots for node in _unfold(root, 0)]
    return [node for node in flat if _matches(node, search.strip().lower())]


def node_of(organisation: Organisation, *, on: date) -> TreeNode:
    """One organisation with what stands below it; five statements."""
    below = Organisation.objects.within(organisation).active(on=on)
    rows = below | Organisation.objects.filter(pk=organisation.pk)
    root = next(node for node in _roots(rows, on=on) if node.organisation.pk == organisation.pk)
    _unfold(root, 0)
    return root


def _roots(organisations: OrganisationQuerySet, *, on: date) -> list[TreeNode]:
    """Nodes without a parent among these, each with its children by code."""
    rows = list(organisations.order_by("code"))
    return _hung(rows, {o.pk: o.name for o in rows}, {o.pk: o.parent_id for o in rows}, on=on)


def _hung(
    rows: Iterable[Organisation], names: Mapping[int, str], parents: Mapping[int, int | None], *, on: date
) -> list[TreeNode]:
    facts = facts_of(rows, on=on)
    nodes = {o.pk: TreeNode(o, facts[o.pk], names[o.pk]) for o in rows}
    roots: list[TreeNode] = []
    for node in nodes.values():
        above = nodes.get(parents[node.organisation.pk] or 0)
        (above.children if above else roots).append(node)
        node.parent_name = above.name if above else ""
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
    own = f"{node.organisation.code}\n{node.name}".lower()
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
