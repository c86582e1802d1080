"""What the page frame shows: the entries this person may open."""

from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urljoin

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from branches.access import may

BOARD = "dashboards:dashboard"
PAPERS = "papers:paper_list"
# (label, URL name, icon, permission); the first four stand in the phone's bottom bar.
ENTRIES = (
    ("本月清单", "reminders:month_list", "calendar-check", "reminders.close_item"),
    ("总览", "reminders:overview", "layout-grid", "reminders.view_overview"),
    ("台账", "ledgers:ledger_list", "book-open", "records.view_record"),
    ("支部", "branches:organisation_tree", "users", "branches.view_organisation"),
    ("错题库", "errorbank:finding_list", "book-check", "errorbank.view_finding"),
    ("看板", BOARD, "layout-dashboard", "dashboards.view_board"),
    ("培训", "training:session_list", "graduation-cap", "training.view_session"),
    ("减负", "burden:measure_list", "scale", "burden.view_measure"),
    ("激励", "incentives:honour_list", "award", "incentives.view_honour"),
    ("事项库", "reminders:action_list", "list-checks", "reminders.view_catalogue"),
    ("专项工作", "reminders:task_list", "send", "reminders.send_task"),
    ("交接", "reminders:handover_list", "arrow-right-left", "reminders.view_handover"),
    ("账号", "branches:account_list", "key-round", "branches.manage_account"),
    ("运行状态", "operations_page", "activity", "partyaffairs.view_operations"),
)

# Pages below another entry's address; the first entry that this person has is marked.
BELONGS = (
    ("/w/reminders/joint/", ("branches:organisation_tree",)),
    ("/w/reminders/missing/", ("reminders:overview",)),
    ("/w/reminders/packs/", ("reminders:action_list",)),
    ("/w/reminders/", ("reminders:month_list", "reminders:overview")),
    ("/w/errors/", ("errorbank:finding_list",)),
    ("/w/incentives/", ("incentives:honour_list",)),
    ("/w/papers/", ("ledgers:ledger_list",)),
    ("/w/incentives/", ("incentives:honour_list",)),
)


class AreaPage(NamedTuple):
    """`prefix`: where the addresses begin that belong to it, below the area's own; one with "/" is whole."""

    label: str
    name: str
    prefix: str
    permission: str


class Area(NamedTuple):
    """Pages below one address with a second row of links, in the order of daily use.

    guests: pages of other apps that stand here, as (address prefix, URL name of the page of the area).
    """

    address: str
    label: str
    pages: tuple[AreaPage, ...]
    guests: tuple[tuple[str, str], ...] = ()


BRANCHES = Area(
    "/w/organisations/",
    "支部工作",
    (
        AreaPage("组织与党员", "branches:organisation_tree", "", "branches.view_organisation"),
        AreaPage("结构总览", "branches:structure_overview", "structure/", "branches.view_structure"),
        AreaPage("发展党员", "branches:development_list", "development/", "branches.view_development"),
        AreaPage("换届", "branches:election_list", "elections/", "branches.view_election"),
        AreaPage("联合党支部", "branches:joint_planner", "joint/", "branches.view_joint_plan"),
        AreaPage("名册导入", "branches:roster_import", "roster/", "branches.import_roster"),
        AreaPage("规则", "branches:policy_list", "rules/", "branches.view_policy"),
        AreaPage("计算器", "branches:vote_calculator", "tools/", "branches.use_calculator"),
    ),
    (("/w/reminders/joint/", "branches:joint_planner"),),
)
# A new page of the error bank is one line here.
ERRORS = Area(
    "/w/errors/",
    "错题库",
    (
        AreaPage("问题整改", "errorbank:finding_list", "findings/", "errorbank.view_finding"),
        AreaPage("检查", "errorbank:inspection_list", "inspections/", "errorbank.view_finding"),
        AreaPage("复查", "errorbank:recheck_list", "rechecks/", "errorbank.verify_recheck"),
        AreaPage("系统提示", "errorbank:proposal_list", "proposals/", "errorbank.confirm_proposal"),
        AreaPage("数据", "errorbank:figure_overview", "figures/", "errorbank.view_finding"),
        AreaPage("错题库", "errorbank:entry_list", "", "errorbank.view_entry"),
        AreaPage("自测", "errorbank:practice_question", "practice/", "errorbank.practise"),
    ),
)
# A new page of the dashboards is one line here.
DASHBOARDS = Area(
    "/w/dashboard/",
    "看板",
    (
        AreaPage("看板", BOARD, "", "dashboards.view_board"),
        AreaPage("月度通报", "dashboards:brief_list", "briefs/", "dashboards.view_brief"),
    ),
)
# A new page of the ledgers is one line here.
LEDGERS = Area(
    "/w/ledgers/",
    "台账",
    (
        AreaPage("台账", "ledgers:ledger_list", "", "records.view_record"),
        AreaPage("导出记录", "ledgers:export_list", "exports/", "records.view_record"),
        AreaPage("年终归档", "ledgers:archive_page", "archive/", "records.view_record"),
        AreaPage("公文模板", PAPERS, "/w/papers/", "papers.fill_template"),
    ),
    (("/w/papers/", PAPERS),),
)
# A new page of burden reduction is one line here.
BURDEN = Area(
    "/w/burden/",
    "减负",
    (
        AreaPage("减负措施", "burden:measure_list", "", "burden.view_measure"),
        AreaPage("负担", "burden:load_page", "load/", "burden.view_load"),
        AreaPage("要求登记册", "burden:demand_list", "demands/", "burden.view_demand"),
        AreaPage("保障时间", "burden:agreed_time_list", "times/", "burden.view_load"),
        AreaPage("权责清单", "burden:duty_list", "duties/", "burden.view_duty"),
        AreaPage("考核办法", "burden:scheme_list", "schemes/", "burden.view_scheme"),
        AreaPage("检查计划", "burden:visit_list", "visits/", "burden.view_visit"),
        AreaPage("减负问卷", "burden:survey_list", "surveys/", "burden.view_survey"),
        AreaPage("受理台", "burden:box_desk", "box/", "burden.open_box"),
    ),
)
# A new page of incentives is one line here.
INCENTIVES = Area(
    "/w/incentives/",
    "激励",
    (
        AreaPage("我的记录", "incentives:record_mine", "", "incentives.view_own"),
        AreaPage("年度记录", "incentives:record_list", "records/", "incentives.view_record"),
        AreaPage("贡献提名", "incentives:nomination_list", "nominations/", "incentives.view_nomination"),
        AreaPage("申诉", "incentives:appeal_list", "appeals/", "incentives.view_appeal"),
        AreaPage("荣誉", "incentives:honour_list", "honours/", "incentives.view_honour"),
        AreaPage("公示", "incentives:notice_list", "notices/", "incentives.view_notice"),
        AreaPage("事迹", "incentives:story_list", "stories/", "incentives.view_honour"),
        AreaPage("我的等级", "incentives:level_mine", "levels/", "incentives.view_own"),
        AreaPage("等级认定", "incentives:level_list", "levels/people/", "incentives.view_record"),
        AreaPage("培养推荐", "incentives:reserve_list", "reserve/", "incentives.view_notice"),
        AreaPage("绩效奖金表", "incentives:sheet_list", "sheets/", "incentives.view_bonus"),
    ),
)
# A new page of training is one line here.
TRAINING = Area(
    "/w/training/",
    "培训",
    (
        AreaPage("培训", "training:session_list", "", "training.view_session"),
        AreaPage("轮训安排", "training:rotation_list", "rotation/", "training.view_rotation"),
        AreaPage("情景卡", "training:card_list", "cards/", "training.play_card"),
        AreaPage("我需要帮手", "training:help_list", "help/", "training.view_mentor"),
        AreaPage("能力图", "training:skill_mine", "skills/", "training.view_skill"),
        AreaPage("结对帮带", "training:pair_list", "pairs/", "training.view_mentor"),
        AreaPage("竞赛", "training:contest_list", "contests/", "training.view_contest"),
        AreaPage("成果库", "training:output_list", "outputs/", "training.view_output"),
    ),
)
AREAS = (BRANCHES, ERRORS, DASHBOARDS, LEDGERS, TRAINING, BURDEN, INCENTIVES)


@cache
def _url(name: str) -> str:
    """Two dozen on every page; the pages of a running portal stay where they are."""
    return reverse(name)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The entries for the signed-in user, the one that holds this page marked active."""
    # Public pages never look at the session, so that they vary by nothing and know nobody.
    user = getattr(request, "user", None) if request.path.startswith("/w/") else None
    if user is None or not user.is_authenticated:
        return {}
    today = timezone.localdate()
    entries: list[dict[str, Any]] = [
        {"label": label, "url": _url(name), "icon": icon, "name": name}
        for label, name, icon, permission in ENTRIES
        if may(user, permission, on=today)
    ]
    # Staff act for branches from the overview; "this month" is for who keeps one branch's list.
    if any(entry["name"] == "reminders:overview" for entry in entries):
        entries = [entry for entry in entries if entry["name"] != "reminders:month_list"]
        # Who looks after many branches begins with all of them at once; a worker with the own list.
        entries.sort(key=lambda entry: entry["name"] != BOARD)
    active = _active_name(request.path, entries)
    for entry in entries:
        entry["active"] = entry["name"] == active
    return {"navigation": entries, "may_search": may(user, "dashboards.search", on=today)}


def _active_name(path: str, entries: list[dict[str, Any]]) -> str:
    """The entry with the longest address above this page, its own or one it looks after."""
    owned = {entry["name"] for entry in entries}
    addresses = [(entry["url"], entry["name"]) for entry in entries]
    for address, names in BELONGS:
        addresses += [(address, name) for name in names if name in owned][:1]
    above = [(address, name) for address, name in addresses if path.startswith(address)]
    return max(above, key=lambda pair: len(pair[0]), default=("", ""))[1]


def area(request: HttpRequest) -> dict[str, Any]:
    """The pages of the area this page stands in, for the signed-in user."""
    inside, guest = _area_of(request.path)
    user = getattr(request, "user", None) if inside else None
    if inside is None or user is None or not user.is_authenticated:
        return {}
    path = _url(guest) if guest else request.path
    today = timezone.localdate()
    links: list[dict[str, Any]] = [
        {"label": page.label, "url": _url(page.name), "prefix": urljoin(inside.address, page.prefix)}
        for page in inside.pages
        if may(user, page.permission, on=today)
    ]
    here = [link for link in links if path.startswith(link["prefix"])]
    current = max(here, key=lambda link: len(link["prefix"]), default=None)
    for link in links:
        link["active"] = link is current
    return {"area": links if len(links) > 1 else [], "area_label": inside.label}


def _area_of(path: str) -> tuple[Area | None, str]:
    """The area of an address, and the page of the area that a guest's address stands for."""
    for found in AREAS:
        guest = next((name for start, name in found.guests if path.startswith(start)), "")
        if guest or path.startswith(found.address):
            return found, guest
    return None, ""
