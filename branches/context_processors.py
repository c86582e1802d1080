"""What the page frame shows: the entries this person may open."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from branches.access import may

# (label, URL name, icon, permission); the first four stand in the phone's bottom bar.
ENTRIES = (
    ("本月清单", "reminders:month_list", "calendar-check", "reminders.close_item"),
    ("总览", "reminders:overview", "layout-grid", "reminders.view_overview"),
    ("台账", "ledgers:ledger_list", "book-open", "records.view_record"),
    ("支部", "branches:organisation_tree", "users", "branches.view_organisation"),
    ("事项库", "reminders:action_list", "list-checks", "reminders.view_catalogue"),
    ("专项工作", "reminders:task_list", "send", "reminders.send_task"),
    ("交接", "reminders:handover_list", "arrow-right-left", "reminders.view_handover"),
    ("账号", "branches:account_list", "key-round", "branches.manage_account"),
)

# Pages below another entry's address; the first entry that this person has is marked.
BELONGS = (
    ("/w/reminders/joint/", ("branches:organisation_tree",)),
    ("/w/reminders/missing/", ("reminders:overview",)),
    ("/w/reminders/packs/", ("reminders:action_list",)),
    ("/w/reminders/", ("reminders:month_list", "reminders:overview")),
)

AREA = "/w/organisations/"
# Pages of other apps that stand in the branches area: (address prefix, URL name of the area page).
AREA_GUESTS = (("/w/reminders/joint/", "branches:joint_planner"),)

# The second row of links, inside the branches area: (label, URL name, address prefix that belongs to it,
# permission), in the order of daily use.
AREA_PAGES = (
    ("组织与党员", "branches:organisation_tree", "", "branches.view_organisation"),
    ("结构总览", "branches:structure_overview", "structure/", "branches.view_structure"),
    ("发展党员", "branches:development_list", "development/", "branches.view_development"),
    ("换届", "branches:election_list", "elections/", "branches.view_election"),
    ("联合党支部", "branches:joint_planner", "joint/", "branches.view_joint_plan"),
    ("名册导入", "branches:roster_import", "roster/", "branches.import_roster"),
    ("规则", "branches:policy_list", "rules/", "branches.view_policy"),
    ("计算器", "branches:vote_calculator", "tools/", "branches.use_calculator"),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The entries for the signed-in user, the one that holds this page marked active."""
    # Public pages never look at the session, so that they vary by nothing and know nobody.
    user = getattr(request, "user", None) if request.path.startswith("/w/") else None
    if user is None or not user.is_authenticated:
        return {}
    today = timezone.localdate()
    entries: list[dict[str, Any]] = [
        {"label": label, "url": reverse(name), "icon": icon, "name": name}
        for label, name, icon, permission in ENTRIES
        if may(user, permission, on=today)
    ]
    # Staff act for branches from the overview; "this month" is for who keeps one branch's list.
    if any(entry["name"] == "reminders:overview" for entry in entries):
        entries = [entry for entry in entries if entry["name"] != "reminders:month_list"]
    active = _active_name(request.path, entries)
    for entry in entries:
        entry["active"] = entry["name"] == active
    return {"navigation": entries}


def _active_name(path: str, entries: list[dict[str, Any]]) -> str:
    """The entry with the longest address above this page, its own or one it looks after."""
    owned = {entry["name"] for entry in entries}
    addresses = [(entry["url"], entry["name"]) for entry in entries]
    for address, names in BELONGS:
        addresses += [(address, name) for name in names if name in owned][:1]
    above = [(address, name) for address, name in addresses if path.startswith(address)]
    return max(above, key=lambda pair: len(pair[0]), default=("", ""))[1]


def area(request: HttpRequest) -> dict[str, Any]:
    """The pages of the branches area for the signed-in user, on pages of that area."""
    guest = next((name for start, name in AREA_GUESTS if request.path.startswith(start)), "")
    inside = guest or request.path.startswith(AREA)
    user = getattr(request, "user", None) if inside else None
    if user is None or not user.is_authenticated:
        return {}
    path = reverse(guest) if guest else request.path
    today = timezone.localdate()
    links: list[dict[str, Any]] = [
        {"label": label, "url": reverse(name), "prefix": AREA + prefix}
        for label, name, prefix, permission in AREA_PAGES
        if may(user, permission, on=today)
    ]
    here = [link for link in links if path.startswith(link["prefix"])]
    current = max(here, key=lambda link: len(link["prefix"]), default=None)
    for link in links:
        link["active"] = link is current
    return {"area": links if len(links) > 1 else []}
