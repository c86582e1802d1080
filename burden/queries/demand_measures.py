"""What the portal itself can say of measures, from the register, the special tasks and the agreed hours."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlencode

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.urls import reverse

from branches.calendar import work_calendar
from branches.models import Organisation, Post
from branches.models.organisation import OrganisationQuerySet
from branches.queries.policy import rules_for
from branches.rules import Role
from burden.rules.measured import Measured
from periods.months import Month
from periods.rule_parts import read_day
from reminders.demand_rules import DemandKind
from reminders.models import ActionVersion, AgreedTime, SpecialTask
from reminders.queries.demand_lint import NOTICE
from reminders.queries.demands import DemandLine, reaching, register
from reminders.queries.special_tasks import notice_workdays

_TENTH = Decimal("0.1")


def lead_time(place: Organisation, month: Month, on: date) -> Measured | None:
    """Per cent of the special tasks sent in the month that left the branches too few workdays."""
    sent = ActionVersion.objects.filter(
        action__special_task__sent_at__date__range=(month.first, min(month.last, on)),
        action__organisation__path__startswith=place.path,
    )
    rows = sent.annotate(day=TruncDate("action__special_task__sent_at")).order_by("pk")
    tasks = {
        action: (day, read_day(rule.get("end")))
        for action, rule, day in rows.values_list("action", "due_rule", "day")
    }
    if not tasks:
        return None
    least, calendar = rules_for(place, on=min(month.last, on))[NOTICE].number, work_calendar()
    short = sum(notice_workdays(on=day, end=end, calendar=calendar) < least for day, end in tasks.values())
    value = (Decimal(100 * short) / len(tasks)).quantize(Decimal(1), ROUND_HALF_UP)
    words = f"{month.label}发出专项工作 {len(tasks)} 项，其中 {short} 项留给支部不足 {least} 个工作日。"
    return Measured(value, words, reverse("reminders:task_list"))


def cut_summaries(place: Organisation, month: Month, on: date) -> Measured | None:
    """Reports asked of a branch in the year: what stands in the register, and special tasks of the year."""
    day = min(month.last, on)
    branches = _branches(place, day).count()
    if not branches:
        return None
    lines = _lines(place, day, DemandKind.REPORT)
    catalogue = sum((line.times_a_year or Decimal(0) for line in lines), Decimal(0))
    outside = Decimal(0)
    for demand in reaching(place).at(day).filter(kind=DemandKind.REPORT).select_related("organisation"):
        met = _branches(place, day).within(demand.organisation).count()
        outside += demand.times_a_year * met / branches
    tasks = Decimal(_sent_reports(place, month, day)) / branches
    value = (catalogue + outside + tasks).quantize(_TENTH, ROUND_HALF_UP)
    words = (
        f"{day:%Y-%m-%d} 平均每个支部：事项库全年 {catalogue:f} 篇，"
        f"系统外在册全年 {outside.quantize(_TENTH)} 篇，今年发出的专项工作 {tasks.quantize(_TENTH)} 篇。"
    )
    return Measured(value, words, _register(DemandKind.REPORT))


def form_catalogue(place: Organisation, month: Month, on: date) -> Measured | None:
    """Forms asked for that stand in the register without a basis: in no catalogue of forms."""
    day = min(month.last, on)
    forms = [line for line in register(place, on=day) if line.kind is DemandKind.FORM]
    loose = [line for line in forms if not line.basis]
    names = "、".join(line.name for line in loose)[:120]
    words = f"{day:%Y-%m-%d} 在册报表 {len(forms)} 份，其中没有写明依据的 {len(loose)} 份"
    return Measured(
        Decimal(len(loose)), f"{words}：{names}。" if names else f"{words}。", _register(DemandKind.FORM)
    )


def no_checkin(place: Organisation, month: Month, on: date) -> Measured | None:
    """Check-ins asked for, in the portal's register and in special tasks."""
    day = min(month.last, on)
    found = [line.name for line in register(place, on=day) if line.kind is DemandKind.CHECK_IN]
    names = f"：{'、'.join(found)[:150]}" if found else ""
    words = f"{day:%Y-%m-%d} 在册的打卡签到类要求 {len(found)} 项{names}。本系统没有打卡签到。"
    return Measured(Decimal(len(found)), words, _register(DemandKind.CHECK_IN))


def time_guarantee(place: Organisation, month: Month, on: date) -> Measured | None:
    """Hours a week agreed with line managers, of all workers on average."""
    day = min(month.last, on)
    workers = Post.objects.at(day).filter(role=Role.WORKER, organisation__in=_branches(place, day))
    if not (number := workers.count()):
        return None
    agreed = AgreedTime.objects.at(day).filter(post__in=workers)
    found = agreed.aggregate(people=Count("post", distinct=True), hours=Sum("hours_a_week"))
    hours = found["hours"] or Decimal(0)
    value = (hours / number).quantize(_TENTH, ROUND_HALF_UP)
    words = f"{day:%Y-%m-%d} {number} 名党务工作者中 {found['people']} 名已商定，合计每周 {hours} 小时。"
    return Measured(value, words, reverse("burden:agreed_time_list"))


def _branches(place: Organisation, day: date) -> OrganisationQuerySet:
    return Organisation.objects.within(place).branches().active(on=day)


def _lines(place: Organisation, day: date, kind: DemandKind) -> list[DemandLine]:
    """Lines of the catalogue; what is asked elsewhere meets some branches only."""
    return [line for line in register(place, on=day) if line.kind is kind and line.source == "action"]


def _sent_reports(place: Organisation, month: Month, day: date) -> int:
    """How many branches special tasks of the year asked for a report, each counted once."""
    tasks = SpecialTask.objects.filter(
        demand_kind=DemandKind.REPORT,
        withdrawn_at=None,
        sent_at__date__range=(date(month.year, 1, 1), day),
    )
    through = SpecialTask.targets.through.objects.filter(specialtask__in=tasks)
    return through.filter(organisation__in=_branches(place, day)).count()


def _register(kind: DemandKind) -> str:
    return f"{reverse('burden:demand_list')}?{urlencode({'kind': kind.value})}"
