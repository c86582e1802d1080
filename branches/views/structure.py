"""Which branches have too few members, which will, and what is behind it."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from branches.access import SignedInRequest, holdings_on, may, requires
from branches.queries.structure import OutlookPage, Structure, StructureRow, outlook_page, structure_for
from branches.roles import holders_of
from branches.rules.outlook import OutlookLevel
from branches.views.pages import permitted
from branches.views.settling import with_pages
from ledgers.charts import ColumnChart, column_chart
from periods.months import FIRST_YEAR, LAST_YEAR

SPANS = (12, 24, 36)
LAST_ASKED_YEAR = LAST_YEAR - 4


@dataclass(frozen=True)
class LookDay:
    """The day a page looks from: today without a question, else `day`; `problem` says what was wrong."""

    day: date
    typed: str = ""
    problem: str = ""


@require_safe
@requires("branches.view_structure")
def structure_overview(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    look = look_day(request, today=today)
    structure = structure_for(request.user, today=today, on=look.day)
    level, in_tree = request.GET.get("level", ""), request.GET.get("order") == "code"
    context = {
        "structure": structure,
        "rows": _shown(structure, level, in_tree=in_tree),
        "level": level if level in OutlookLevel.values else "",
        "in_tree": in_tree,
        "may_plan": may(request.user, "branches.view_joint_plan", on=today),
        "look": look,
        "today": today,
    }
    return render(request, "branches/structure_overview.html", context)


@require_safe
@requires("branches.view_organisation")
def organisation_outlook(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    organisation = permitted(request, pk, "branches.view_organisation", on=today)
    look, months = look_day(request, today=today), _months(request)
    held = holdings_on(request.user, organisation, on=today)
    context = {"organisation": organisation, "look": look, "today": today, "months": months, "spans": SPANS}
    gone = organisation.dissolved_on is not None and organisation.dissolved_on <= look.day
    if organisation.is_branch and not gone:
        named = bool(held & holders_of("branches.view_member"))
        page = outlook_page(organisation, on=look.day, months=months, named=named)
        findings = with_pages(page.outlook.findings, held)
        context |= {"page": page, "outlook": page.outlook, "findings": findings, "chart": chart_of(page)}
    return render(request, "branches/organisation_outlook.html", context)


def look_day(request: SignedInRequest, *, today: date) -> LookDay:
    """Read `?on=`, any day past or future."""
    typed = request.GET.get("on", "").strip()[:10]
    if not typed:
        return LookDay(today)
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return LookDay(today, typed, "没有认出日期，请写成“2026-11-13”这样的形式；下面是今天的情况。")
    if not FIRST_YEAR <= day.year <= LAST_ASKED_YEAR:
        text = f"请填 {FIRST_YEAR} 年至 {LAST_ASKED_YEAR} 年之间的日期；下面是今天的情况。"
        return LookDay(today, typed, text)
    return LookDay(day, typed)


def _months(request: SignedInRequest) -> int:
    asked = request.GET.get("months", "")
    return next((span for span in SPANS if str(span) == asked), SPANS[0])


def _shown(structure: Structure, level: str, *, in_tree: bool) -> list[StructureRow]:
    rows = [row for row in structure.rows if level not in OutlookLevel.values or row.outlook.level == level]
    return sorted(rows, key=lambda row: row.organisation.code) if in_tree else rows


def chart_of(page: OutlookPage) -> SafeString:
    """Full members of each month end as columns, the own department as a line, the least number dashed."""
    outlook = page.outlook
    figures = outlook.months
    drawing = ColumnChart(
        names=[figure.month.label for figure in figures],
        ticks=[f"{figure.month.number}月" for figure in figures],
        years=[
            f"{figure.month.year}年" if n == 0 or figure.month.number == 1 else ""
            for n, figure in enumerate(figures)
        ],
        values=[figure.full for figure in figures],
        line=[figure.own for figure in figures],
        threshold=outlook.least,
        value_name="月末正式党员",
        line_name="其中本部门",
        threshold_name=f"虚线：至少 {outlook.least} 人",
    )
    counts = "、".join(str(figure.full) for figure in figures)
    description = (
        f"{figures[0].month.label}至{figures[-1].month.label}各月末正式党员依次为 {counts} 人，"
        f"设立党支部至少 {outlook.least} 人。"
    )
    return column_chart(drawing, title=f"{outlook.name}人数预测", description=description, uid="outlook")
