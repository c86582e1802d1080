"""From when and by when each step may and must be taken, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from branches.rules.development import limits
from branches.rules.development.facts import CaseFacts, StepFact
from branches.rules.development.texts import RuleVersion, version_on
from periods.calendars import WorkCalendar
from periods.months import add_months


@dataclass(frozen=True, slots=True)
class Window:
    """not_before to due_on, at most hard_limit; advice: the text names no day, the portal proposes one."""

    why: str
    not_before: date | None = None
    due_on: date | None = None
    hard_limit: date | None = None
    advice: bool = False


@dataclass(frozen=True, slots=True)
class Ahead:
    facts: CaseFacts
    on: date
    calendar: WorkCalendar

    @property
    def revised(self) -> bool:
        return version_on(self.on) is RuleVersion.DEV2026


def _talk(ahead: Ahead) -> Window:
    applied = ahead.facts.passed(1)
    if applied is None:
        return Window("收到入党申请书后一个月内派人谈话。")
    return Window(
        f"{applied.on:%Y-%m-%d} 收到入党申请书，一个月内派人谈话。",
        due_on=add_months(applied.on, limits.TALK_MONTHS),
    )


def _activist_review(ahead: Ahead) -> Window:
    activist = ahead.facts.passed(3)
    if activist is None:
        return Window("入党积极分子每半年考察一次。")
    due = limits.review_due(ahead.facts, 6, start=activist.on)
    return Window("入党积极分子每半年考察一次，写入培养考察登记表。", due_on=due)


def _target(ahead: Ahead) -> Window:
    earliest, activist = limits.earliest_target(ahead.facts), ahead.facts.passed(3)
    if earliest is None or activist is None:
        return Window("培养教育和考察满一年后，方可研究确定为发展对象。")
    why = f"{activist.on:%Y-%m-%d} 确定为入党积极分子，培养教育和考察满一年后方可研究。"
    return Window(why, not_before=earliest)


def _consent(ahead: Ahead) -> Window:
    if not ahead.revised:
        return Window("研究讨论后报上级党委备案。")
    end = limits.notice_end(ahead.on, ahead.calendar)
    return Window(f"报上级党委同意后公示，不少于 5 个工作日；如果今天开始公示，{end:%Y-%m-%d} 可以结束。")


def _after_notice(why: str) -> Callable[[Ahead], Window]:
    def window(ahead: Ahead) -> Window:
        consent = ahead.facts.passed(8)
        noticed = consent is not None and version_on(consent.on) is RuleVersion.DEV2026
        return Window(why, not_before=consent.last_day if consent and noticed else None)

    return window


def _meeting(ahead: Ahead) -> Window:
    reviewed = ahead.facts.passed(13)
    if reviewed is None or not ahead.revised:
        return Window("预审合格后，及时提交支部党员大会讨论。")
    why = f"{reviewed.on:%Y-%m-%d} 预审合格，一个月内提交支部党员大会讨论。"
    return Window(why, due_on=add_months(reviewed.on, limits.MEETING_MONTHS))


def _form(ahead: Ahead) -> Window:
    meeting = _meeting(ahead)
    return Window(
        "预审合格后填写，介绍人写明意见，大会之前完成。", due_on=meeting.due_on, advice=bool(meeting.due_on)
    )


def _approval(ahead: Ahead) -> Window:
    meeting = ahead.facts.passed(15)
    if meeting is None:
        return Window("大会通过后三个月内审批，特殊情况不超过六个月。")
    return Window(
        f"{meeting.on:%Y-%m-%d} 大会通过，三个月内审批，特殊情况不超过六个月。",
        due_on=add_months(meeting.on, limits.APPROVAL_MONTHS),
        hard_limit=add_months(meeting.on, limits.APPROVAL_HARD_MONTHS),
    )


def _interview(ahead: Ahead) -> Window:
    approval = _approval(ahead)
    return Window(
        "审批之前，由党委派人同发展对象谈话。",
        due_on=approval.due_on,
        hard_limit=approval.hard_limit,
        advice=bool(approval.due_on),
    )


def _oath(ahead: Ahead) -> Window:
    approved = ahead.facts.passed(17)
    if approved is None or not ahead.revised:
        return Window("批复之后组织入党宣誓。")
    why = f"{approved.on:%Y-%m-%d} 批复，一般在一个月内宣誓。"
    return Window(why, due_on=add_months(approved.on, limits.OATH_MONTHS))


def _after_approval(why: str) -> Callable[[Ahead], Window]:
    def window(ahead: Ahead) -> Window:
        approved = ahead.facts.passed(17)
        due = add_months(approved.on, limits.OATH_MONTHS) if approved else None
        return Window(why, due_on=due, advice=bool(due))

    return window


def probation_since(facts: CaseFacts, admitted: StepFact) -> date:
    """From when reviews of the probation running now are counted."""
    extended = limits.extensions(facts)
    return max(extended[-1].on, admitted.on) if extended else admitted.on


def _probation_review(ahead: Ahead) -> Window:
    admitted, end = ahead.facts.passed(15), limits.probation_end_of(ahead.facts)
    if admitted is None or end is None:
        return Window("预备期内继续教育和考察。")
    due = limits.review_due(ahead.facts, 21, start=probation_since(ahead.facts, admitted))
    why = f"预备期至 {end:%Y-%m-%d}，期间继续教育和考察，参照每半年一次（待核实）写入登记表。"
    return Window(why, due_on=min(due, end), advice=True)


def _application(ahead: Ahead) -> Window:
    end = limits.probation_end_of(ahead.facts)
    if end is None:
        return Window("预备期满时，本人提出转正申请。")
    return Window(f"预备期至 {end:%Y-%m-%d}，本人在期满前后提出书面申请。", due_on=end, advice=True)


def _conversion(ahead: Ahead) -> Window:
    end, latest = limits.probation_end_of(ahead.facts), limits.latest_postponed(ahead.facts)
    if end is None:
        return Window("预备期满后及时讨论。")
    if latest:
        why = f"预备期至 {end:%Y-%m-%d}，预备期内转入，讨论转正最多推迟六个月。"
        return Window(why, not_before=end, due_on=latest, hard_limit=latest)
    why = f"预备期至 {end:%Y-%m-%d}，期满后及时召开大会讨论，不得提前。"
    return Window(why, not_before=end, due_on=add_months(end, 1), advice=True)


def _conversion_approval(ahead: Ahead) -> Window:
    meeting = ahead.facts.last(23)
    if meeting is None:
        return Window("大会讨论后三个月内审批。")
    return Window(
        f"{meeting.on:%Y-%m-%d} 大会讨论，三个月内审批。",
        due_on=add_months(meeting.on, limits.APPROVAL_MONTHS),
    )


def _plain(why: str) -> Callable[[Ahead], Window]:
    return lambda ahead: Window(why)


WINDOWS: dict[int, Callable[[Ahead], Window]] = {
    1: _plain("本人向党组织递交书面申请，须年满十八岁。"),
    2: _talk,
    3: _plain("采取党员推荐、群团组织推优等方式产生人选，研究确定。"),
    4: _plain("确定入党积极分子后，报上级党委备案。"),
    5: _plain("指定一至两名正式党员作培养联系人。"),
    6: _activist_review,
    7: _target,
    8: _consent,
    9: _after_notice("确定两名正式党员作入党介绍人。"),
    10: _after_notice("政治审查合格，方可继续发展。"),
    11: _after_notice("集中培训一般不少于 3 天或 24 学时。"),
    12: _after_notice("对发展对象进行审查，合格的报上级党委预审。"),
    13: _plain("由有审批权限的党委预审，合格的发给入党志愿书。"),
    14: _form,
    15: _meeting,
    16: _interview,
    17: _approval,
    18: _after_approval("批准后报再上一级党委组织部门备案。"),
    19: _after_approval("批准后编入党支部和党小组。"),
    20: _oath,
    21: _probation_review,
    22: _application,
    23: _conversion,
    24: _conversion_approval,
    25: _plain("材料齐全后归档，入党志愿书等存入本人档案。"),
}


def window_of(facts: CaseFacts, number: int, *, on: date, calendar: WorkCalendar) -> Window:
    return WINDOWS[number](Ahead(facts, on, calendar))
