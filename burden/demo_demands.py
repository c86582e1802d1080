"""What is asked of the branches of the demo elsewhere, hours agreed, and a task sent over a warning."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from branches.calendar import work_calendar
from branches.demo import DemoTree
from branches.models import Organisation, Post
from branches.rules import Role
from periods.months import Month
from records.rules import RecordKind
from reminders.actions.agreed_times import AgreementData, agree_time
from reminders.actions.demands import DemandData, add_demand, end_demand, propose_demand
from reminders.actions.tasks_special import SentOver, TaskData, send_task
from reminders.demand_rules import DemandKind, Per, nature_of
from reminders.queries.demand_lint import DemandDraft, lint

# The register was begun so many months before the as-of day.
BEGUN = 14
REASON = "全市统一部署，通知今天才到；已请各支部只看现场、不写材料。"
SECOND_BRANCHES = ("BR02", "BR05", "BR06", "BR09", "BR12")
USUAL = ("每周五下午", "每周三下午", "每周一上午")


@dataclass(frozen=True)
class Told:
    """Something asked outside the portal; `ended`: so many months before the as-of day it was dropped."""

    name: str
    asker: str
    kind: DemandKind
    per: Per
    minutes: int
    times: int = 1
    basis: str = ""
    own: bool = False
    ended: int | None = None
    why: str = ""


DEMANDS = (
    Told("学习平台打卡", "学习平台", DemandKind.CHECK_IN, Per.WORKDAY, 6,
         ended=2, why="取消打卡，改为按学习记录自动汇总"),
    Told("安全生产月报", "安全管理科", DemandKind.FORM, Per.MONTH, 25, basis="公司安全管理办法"),
    Told("党员先锋岗统计表", "综合办公室", DemandKind.FORM, Per.QUARTER, 40),
    Told("周工作群接龙", "综合办公室", DemandKind.CHECK_IN, Per.WEEK, 5),
    Told("月度党建小结", "党总支", DemandKind.REPORT, Per.MONTH, 45, own=True,
         ended=5, why="小结由系统按记录汇总，不再另写"),
    Told("每月宣传信息一篇", "党总支", DemandKind.REPORT, Per.MONTH, 40, own=True),
    Told("公司月度例会", "公司办公室", DemandKind.MEETING, Per.MONTH, 60, basis="公司会议制度"),
    Told("工会台账更新", "工会", DemandKind.ENTRY, Per.QUARTER, 30, basis="工会工作要点"),
    Told("文明单位复查迎检", "文明办", DemandKind.INSPECTION, Per.YEAR, 240, basis="文明单位管理办法"),
)  # fmt: skip


def load(tree: DemoTree) -> None:
    """Enter what is asked elsewhere, the hours agreed with line managers, and one task over a warning."""
    since = Month.of(tree.as_of).plus(-BEGUN).first
    for told in DEMANDS:
        _demand(tree, told, since)
    _proposal(tree)
    _agreements(tree, since)
    _task(tree)


def _demand(tree: DemoTree, told: Told, since: date) -> None:
    demand = add_demand(tree.general, data=_data(told, since), by=tree.staff)
    if told.ended is not None:
        until = Month.of(tree.as_of).plus(-told.ended).last
        end_demand(demand, until=until, reason=told.why, by=tree.staff, on=since)


def _data(told: Told, since: date) -> DemandData:
    return DemandData(
        name=told.name,
        asker=told.asker,
        kind=told.kind,
        nature=nature_of(told.kind),
        times=told.times,
        per=told.per,
        minutes=told.minutes,
        since=since,
        basis=told.basis,
        own=told.own,
    )


def _proposal(tree: DemoTree) -> None:
    """What a worker named and staff have not looked at."""
    told = Told("烟叶收购日报", "烟叶生产科", DemandKind.FORM, Per.WEEK, 20, basis="收购季口头通知")
    branch = tree.branches["BR03"]
    propose_demand(branch, data=_data(told, tree.as_of), by=tree.workers["BR03"])


def _agreements(tree: DemoTree, since: date) -> None:
    """Most branches have agreed hours; some of them began with less and agreed again."""
    for n, (code, branch) in enumerate(tree.branches.items()):
        post = _worker(branch, tree.as_of)
        if post is None or n % 5 == 3:
            continue
        begun = max(since, post.since)
        said = AgreementData(Decimal("2"), "本部门负责人", begun, USUAL[n % len(USUAL)])
        agree_time(post, data=said, by=tree.staff)
        later = Month.of(tree.as_of).plus(-3).first
        if code in SECOND_BRANCHES and later > begun:
            again = AgreementData(Decimal("3.5"), "本部门负责人", later, USUAL[n % len(USUAL)])
            agree_time(post, data=again, by=tree.staff)


def _worker(branch: Organisation, on: date) -> Post | None:
    return Post.objects.at(on).filter(organisation=branch, role=Role.WORKER).order_by("pk").first()


def _task(tree: DemoTree) -> None:
    """Sent at short notice although it was said so, with the reason."""
    calendar = work_calendar()
    end = calendar.add_workdays(tree.as_of, 2)
    chosen = list(tree.branches.values())[:4]
    name, why, steps = "岁末消防安全排查", "上级安全通知", ["对照清单看一遍现场", "发现问题当场整改"]
    draft = DemandDraft(name, "党总支", DemandKind.TASK, 40, tree.as_of, end, "\n".join((why, *steps)))
    warnings = lint(draft, place=tree.general, on=tree.as_of, calendar=calendar)
    data = TaskData(
        token="de3a0d5" + "0" * 9,
        name=name,
        why=why,
        start=tree.as_of,
        end=max(end, tree.as_of + timedelta(days=1)),
        minutes=draft.minutes,
        record_kind=RecordKind.DATE_ONLY,
        steps=steps,
    )
    over = SentOver(warnings, REASON if warnings else "")
    send_task(tree.general, data=data, targets=chosen, by=tree.staff, on=tree.as_of, over=over)
