"""The chain of one election, who elects whom, and how many candidates; pure, no ORM, no clock.

Sources: 中国共产党支部工作条例（试行） 第二十条, 第二十一条; 关于党的基层组织任期的意见 一, 二;
中国共产党基层组织选举工作条例 第三条, 第十三条, 第十四条.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from branches.rules.basis import Basis
from branches.rules.organisations import (
    COMMITTEE_FROM,
    LONGEST_EXTENSION_YEARS,
    ElectionStepKind,
)
from periods.months import add_months, add_years

# The portal's own lead times: the documents name only the reminder half a year ahead, which is a policy rule.
REQUEST_MONTHS = 3
CANDIDATES_MONTHS = 1
# Filing and by-elections have to be prompt; the documents name no number of months.
REPORT_MONTHS = 1
BY_ELECTION_MONTHS = 2
# The superior has this long to send the reminder before it is late.
NOTICE_WINDOW_MONTHS = 1

BRANCH_RULES = "中国共产党支部工作条例（试行）"
ELECTION_RULES = "中国共产党基层组织选举工作条例"
TERM_OPINIONS = "关于党的基层组织任期的意见"


class ChainState(StrEnum):
    DONE = "done"
    LATE = "late"
    DUE = "due"
    UPCOMING = "upcoming"


@dataclass(frozen=True)
class StepGuide:
    """What one step needs, who decides, and the documents it rests on."""

    needed: tuple[str, ...]
    decided_by: str
    basis: tuple[Basis, ...]


@dataclass(frozen=True)
class ChainStep:
    """One step of a chain as it stands on a day: it can be done from `opens_on`, by `due_on`."""

    kind: ElectionStepKind
    opens_on: date
    due_on: date
    state: ChainState
    done_on: date | None = None
    days_left: int = 0


GUIDES: Mapping[ElectionStepKind, StepGuide] = {
    ElectionStepKind.NOTICE: StepGuide(
        ("上级党组织以发函、电话通知等形式提醒", "支部收到后研究换届准备"),
        "上级党组织提醒",
        (Basis(BRANCH_RULES, "第二十一条", verified=True),),
    ),
    ElectionStepKind.REQUEST: StepGuide(
        ("换届选举请示：时间、委员名额、候选人差额、选举办法要点", "需要提前或延期的，在请示中写明理由"),
        "上级党组织批复",
        (Basis(ELECTION_RULES, "第三条", verified=True), Basis(TERM_OPINIONS, "二", verified=True)),
    ),
    ElectionStepKind.CANDIDATES: StepGuide(
        ("酝酿、推荐委员候选人，人数比应选多五分之一以上", "候选人预备人选报上级审查批复"),
        "上级党组织批复",
        (Basis(ELECTION_RULES, "第十三条", verified=True),),
    ),
    ElectionStepKind.MEETING: StepGuide(
        (
            "有选举权的到会人数不少于应到会的五分之四",
            "无记名投票，赞成票超过实到会有选举权人数的一半当选",
            "预备党员和受留党察看处分的不计入有选举权人数",
        ),
        "党员大会选举委员；书记、副书记见下",
        (
            Basis(ELECTION_RULES, "第五条", verified=True),
            Basis(ELECTION_RULES, "", note="到会人数和当选票数的条号没有核对"),
        ),
    ),
    ElectionStepKind.REPORT: StepGuide(
        ("书记、副书记的选举结果报上级批准", "委员的选举结果报上级备案"),
        "上级党组织批准书记、副书记，委员备案",
        (Basis(BRANCH_RULES, "第二十一条", verified=True), Basis(ELECTION_RULES, "第十四条", verified=True)),
    ),
}


def due_days(ends_on: date, *, elected_on: date | None, notice_months: int) -> dict[ElectionStepKind, date]:
    """Last day of each step, counted back from the (extended) end; the report counts from the election."""
    return {
        ElectionStepKind.NOTICE: add_months(ends_on, -notice_months),
        ElectionStepKind.REQUEST: add_months(ends_on, -REQUEST_MONTHS),
        ElectionStepKind.CANDIDATES: add_months(ends_on, -CANDIDATES_MONTHS),
        ElectionStepKind.MEETING: ends_on,
        ElectionStepKind.REPORT: add_months(elected_on or ends_on, REPORT_MONTHS),
    }


def chain(
    ends_on: date,
    done: Mapping[ElectionStepKind, date],
    *,
    on: date,
    notice_months: int,
) -> list[ChainStep]:
    """The five steps in their order as they stand on that day.

    Each step opens on the last day of the one before; the report opens with the election. Once a later
    step is done, what came before is no longer late: it is past and can only be written down.
    """
    elected_on = done.get(ElectionStepKind.MEETING)
    due = due_days(ends_on, elected_on=elected_on, notice_months=notice_months)
    opens = add_months(ends_on, -notice_months - NOTICE_WINDOW_MONTHS)
    steps = []
    for kind in ElectionStepKind:
        if kind is ElectionStepKind.REPORT:
            opens = elected_on or ends_on
        state = _state(kind, opens, due[kind], done, on)
        steps.append(ChainStep(kind, opens, due[kind], state, done.get(kind), (due[kind] - on).days))
        opens = due[kind]
    return steps


def _state(
    kind: ElectionStepKind, opens: date, due: date, done: Mapping[ElectionStepKind, date], on: date
) -> ChainState:
    order = list(ElectionStepKind)
    if any(order.index(later) >= order.index(kind) for later in done):
        return ChainState.DONE
    if kind is ElectionStepKind.REPORT and ElectionStepKind.MEETING not in done:
        return ChainState.UPCOMING
    if on > due:
        return ChainState.LATE
    return ChainState.DUE if on >= opens else ChainState.UPCOMING


def next_of(steps: list[ChainStep]) -> ChainStep | None:
    """The first step that is not done."""
    return next((step for step in steps if step.state is not ChainState.DONE), None)


def earliest_election(ends_on: date) -> date:
    """An early election lies at most one year before the end (关于党的基层组织任期的意见 二)."""
    return add_years(ends_on, -LONGEST_EXTENSION_YEARS)


def needs_early_approval(elected_on: date, runs_until: date) -> bool:
    """Whether an election lies before the month in which it belongs."""
    return elected_on < add_months(runs_until, -CANDIDATES_MONTHS)


def committee_needed(full_members: int, *, least: int = COMMITTEE_FROM) -> bool:
    return full_members >= least


def secretary_elected_by(*, with_committee: bool) -> str:
    """Who elects secretary and deputy (中国共产党支部工作条例（试行） 第二十一条)."""
    return "支部委员会会议" if with_committee else "支部党员大会"


def by_election_day(vacant_since: date) -> date:
    """A suggested last day: the documents say promptly."""
    return add_months(vacant_since, BY_ELECTION_MONTHS)
