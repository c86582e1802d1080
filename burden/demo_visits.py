"""The plan of visits of the demo: this year with what runs into each other, and next year's drafts.

Every day counts from the case's as-of day: before it (negative) or after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from branches.calendar import work_calendar
from branches.demo import DemoTree
from branches.models import Organisation
from burden.actions.visit_merging import merge_visits
from burden.actions.visit_ratings import rate_visit
from burden.actions.visits import (
    VisitRefused,
    cancel_visit,
    carry_out,
    change_visit,
    copy_year,
    file_visit,
    register_visit,
)
from burden.models import PlannedVisit
from burden.queries.visit_warnings import VisitData
from burden.rules.visit_vocabulary import Extra, Grade, VisitMode
from errorbank.actions.inspections import InspectionData
from errorbank.models import Inspection
from errorbank.rules import ErrorCategory, Source

# Filed so many days before.
FILED_BEFORE = 30
REASON = "年度工作要点已经排定，时间不便再动；已请各支部只准备清单所列材料。"
REPLACES = "当月的文字小结"
PARTY_OFFICE, FINANCE, DISCIPLINE, GENERAL_OFFICE = "党建工作部", "财务部", "纪检部门", "综合办公室"
STATIONS = ("BR01", "BR02", "BR03", "BR04", "BR05", "BR06", "BR07", "BR08", "BR09", "BR10", "BR11")


@dataclass(frozen=True)
class Told:
    """A visit of `days` workdays that begins so many days from the as-of day."""

    start: int
    department: str
    title: str
    categories: Sequence[ErrorCategory]
    branches: Sequence[str]
    days: int = 1
    minutes: int = 120
    materials: str = ""
    clauses: str = ""
    online: bool = False
    basis: str = "年度党建工作要点"


HALF_YEAR = Told(
    -140, PARTY_OFFICE, "半年党建工作检查", (ErrorCategory.MEETINGS, ErrorCategory.ORGANIZATIONAL_LIFE),
    STATIONS, days=3, minutes=180, materials="三会一课记录\n主题党日台账\n上半年工作小结",
)  # fmt: skip
OPEN_AFFAIRS = Told(
    -133, GENERAL_OFFICE, "党务公开专项检查", (ErrorCategory.INTEGRITY_IDEOLOGY,), STATIONS[:6], minutes=90,
    materials="党务公开目录",
)  # fmt: skip
MUTUAL = Told(
    -45, PARTY_OFFICE, "三季度支部互查", (ErrorCategory.ORGANIZATIONAL_LIFE,),
    ("BR01", "BR02", "BR03", "BR05", "BR08", "BR11"), minutes=150,
)  # fmt: skip
DUES = tuple(
    Told(
        start, FINANCE, f"{name}党费收缴线上核对", (ErrorCategory.DUES,), STATIONS, minutes=15, online=True,
        basis="党费收缴管理规定",
    )
    for start, name in ((-268, "一季度"), (-177, "二季度"), (-86, "三季度"))
)  # fmt: skip
NOTES = Told(
    -20, PARTY_OFFICE, "学习笔记检查", (ErrorCategory.MEMBER_MANAGEMENT,), STATIONS, minutes=60,
    materials="学习笔记",
)  # fmt: skip
COMING = (
    Told(
        14, PARTY_OFFICE, "年度党建考核",
        (ErrorCategory.MEETINGS, ErrorCategory.ORGANIZATIONAL_LIFE, ErrorCategory.MEMBER_MANAGEMENT),
        (*STATIONS, "BR12", "BR13"), days=3, minutes=180,
        materials="党员名册\n三会一课记录\n谈心谈话记录\n本支部特色做法（一页以内）",
    ),
    Told(
        18, DISCIPLINE, "组织生活专项督查", (ErrorCategory.MEETINGS,), STATIONS[:8], minutes=120,
        materials="三会一课记录\n问题整改台账", basis="年度监督工作计划",
    ),
    Told(
        21, FINANCE, "年终党费核对", (ErrorCategory.DUES,), STATIONS, minutes=60, clauses="党务经费使用",
        basis="党费收缴管理规定",
    ),
)  # fmt: skip
GRADES = (Grade.HELPFUL, Grade.SO_SO, Grade.HELPFUL, Grade.BURDEN, Grade.HELPFUL, Grade.SO_SO)


class Plan:
    def __init__(self, tree: DemoTree) -> None:
        self.tree, self.calendar = tree, work_calendar()

    def day(self, start: int) -> date:
        return self.calendar.on_or_before(self.tree.as_of + timedelta(days=start))

    def data(self, told: Told) -> VisitData:
        since = self.day(told.start)
        until = self.calendar.add_workdays(since, told.days - 1)
        return VisitData(
            department=told.department,
            title=told.title,
            basis=told.basis,
            since=since,
            until=min(until, date(since.year, 12, 31)),
            people=2 if told.online else 3,
            minutes=told.minutes,
            targets=[self.tree.branches[code] for code in told.branches],
            categories=[str(category) for category in told.categories],
            clauses=told.clauses,
            materials=told.materials,
            mode=(VisitMode.ONLINE if told.online else VisitMode.ON_SITE).value,
        )

    def file(self, told: Told) -> PlannedVisit:
        on = min(self.day(told.start - FILED_BEFORE), self.tree.as_of)
        return file_visit(
            self.tree.general,
            data=self.data(told),
            by=self.tree.staff,
            on=on,
            over_reason=REASON,
            replaces=REPLACES,
        )

    def look(self, told: Told, visit: PlannedVisit) -> Inspection:
        """Carry it out on its day, where the error bank has no inspection of it."""
        data = InspectionData(
            source=Source.PARTY_BUILDING_CHECK,
            title=told.title,
            since=visit.since,
            until=visit.until,
            targets=[self.tree.branches[code] for code in told.branches],
            inspectors=told.department,
            clauses="、".join(visit.clause_names.values()),
        )
        return register_visit(visit, data=data, by=self.tree.staff, on=visit.until)


def load(tree: DemoTree) -> None:
    """The inspections of the error bank are loaded; the tour among them was never filed."""
    plan = Plan(tree)
    looks = {look.title: look for look in Inspection.objects.filter(organisation=tree.general)}
    _merged(plan, looks["党建工作检查"])
    mutual = plan.file(MUTUAL)
    carry_out(mutual, looks["季度互查"], by=tree.staff)
    _rate(plan, looks["季度互查"], MUTUAL.branches[:3])
    for told in DUES:
        look = plan.look(told, plan.file(told))
        _rate(plan, look, told.branches)
    notes = plan.file(NOTES)
    cancelled_on = plan.day(NOTES.start - 10)
    reason = "按减负要求，不再把学习笔记作为检查内容。"
    cancel_visit(notes, reason=reason, by=tree.staff, on=cancelled_on)
    _coming(plan)
    _next_year(plan)
    _date_back(tree)


def _merged(plan: Plan, look: Inspection) -> None:
    """Two offices in one week of July: one visit."""
    visits = [plan.file(HALF_YEAR), plan.file(OPEN_AFFAIRS)]
    on = plan.day(HALF_YEAR.start - 20)
    kept = merge_visits(visits, since=look.since, until=look.until, by=plan.tree.staff, on=on)
    carry_out(kept, look, by=plan.tree.staff)


def _rate(plan: Plan, look: Inspection, codes: Sequence[str]) -> None:
    on = min(look.until + timedelta(days=2), plan.tree.as_of)
    for n, code in enumerate(codes):
        branch: Organisation = plan.tree.branches[code]
        extra = Extra.YES if n == 4 else Extra.NO
        grade = GRADES[(n + look.until.month) % len(GRADES)]
        rate_visit(look, branch, grade=grade, extra=extra, by=plan.tree.workers[code], on=on)


def _coming(plan: Plan) -> None:
    """What lies ahead runs into each other; the last was moved a few days once."""
    *others, last = COMING
    for told in others:
        plan.file(told)
    visit = plan.file(replace(last, start=last.start + 4))
    why = "月末支部忙于总结，提前几天。"
    change_visit(
        visit,
        data=plan.data(last),
        by=plan.tree.staff,
        on=plan.tree.as_of,
        why=why,
        over_reason=REASON,
        replaces=REPLACES,
    )


def _next_year(plan: Plan) -> None:
    year = plan.tree.as_of.year + 1
    try:
        copy_year(plan.tree.general, year, by=plan.tree.staff, on=plan.tree.as_of)
    except VisitRefused:
        # Early in a year nothing of it has been filed yet.
        return


def _date_back(tree: DemoTree) -> None:
    """What was typed in its own time, not when the demo is loaded."""
    for visit in PlannedVisit.objects.exclude(filed_on=None):
        PlannedVisit.objects.filter(pk=visit.pk).update(made_at=_morning(visit.filed_on or tree.as_of))
    for look in Inspection.objects.filter(planned_visits__isnull=False).distinct():
        Inspection.objects.filter(pk=look.pk).update(made_at=_morning(look.until))


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9, 30)))
