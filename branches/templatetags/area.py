"""The second row of links inside the branches area."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone

from branches.access import may

register = template.Library()

# (label, URL name, address prefix that belongs to it, permission), in the order of daily use.
PAGES: tuple[tuple[str, str, str, str], ...] = (
    ("组织与党员", "branches:organisation_tree", "", "branches.view_organisation"),
    ("名册导入", "branches:roster_import", "roster/", "branches.import_roster"),
    ("结构总览", "branches:structure_overview", "structure/", "branches.view_structure"),
    ("联合党支部", "branches:joint_planner", "joint/", "branches.view_joint_plan"),
    ("发展党员", "branches:development_list", "development/", "branches.view_development"),
    ("换届", "branches:election_list", "elections/", "branches.view_election"),
    ("规则", "branches:policy_list", "rules/", "branches.view_policy"),
    ("计算器", "branches:vote_calculator", "tools/", "branches.use_calculator"),
)


@register.inclusion_tag("branches/_area_links.html", takes_context=True)
def area_links(context: template.Context) -> dict[str, Any]:
    """The pages of this area that the person may open, the current one marked."""
    request = context["request"]
    base, today = reverse("branches:organisation_tree"), timezone.localdate()
    links = [
        {"label": label, "url": reverse(name), "prefix": base + prefix}
        for label, name, prefix, permission in PAGES
        if may(request.user, permission, on=today)
    ]
    here = [link for link in links if request.path.startswith(link["prefix"])]
    current = max(here, key=lambda link: len(link["prefix"]), default=None)
    for link in links:
        link["active"] = "yes" if link is current else ""
    return {"links": links if len(links) > 1 else []}
