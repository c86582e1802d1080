"""The page of one organisation as it stood on a past day."""

from dataclasses import dataclass, field
from datetime import date

from accounts.models import User
from branches.models import CoveredUnit, Member, Organisation, Post
from branches.queries.history import (
    GroupOn,
    TermOn,
    groups_on,
    name_on,
    parent_on,
    term_on,
    units_on,
)
from branches.queries.people import Person, people_of
from branches.queries.tree import TreeNode, past_node_of


@dataclass
class OrganisationPast:
    """Everything the page shows; without `node` the organisation did not exist on that day."""

    on: date
    name: str
    node: TreeNode | None = None
    parent_name: str = ""
    term: TermOn | None = None
    units: list[CoveredUnit] = field(default_factory=list)
    groups: list[GroupOn] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    # People whose page may be opened: who has left belongs to somebody else's branch.
    reachable: set[int] = field(default_factory=set)


def past_of(
    organisation: Organisation, user: User, *, on: date, past: date, view_members: bool
) -> OrganisationPast:
    """A constant number of statements."""
    node = past_node_of(organisation, user, on=on, past=past)
    if node is None:
        return OrganisationPast(past, name_on(organisation, on=past))
    page = OrganisationPast(past, node.name, node, node.parent_name)
    if not page.parent_name and (above := parent_on(organisation, on=past)):
        page.parent_name = name_on(above, on=past)
    page.term = term_on(organisation, on=past)
    page.units = list(units_on(organisation, on=past))
    page.groups = groups_on(organisation, on=past)
    held = Post.objects.at(past).filter(organisation=organisation).select_related("member", "user")
    page.posts = list(held.order_by("role", "since", "pk"))
    if view_members:
        page.people = people_of(organisation, on=past)
        named = Member.objects.visible_to(user, on=on).filter(pk__in=[p.member.pk for p in page.people])
        page.reachable = set(named.values_list("pk", flat=True))
    return page
