"""From the pre-review to the oath, and the two meetings that vote."""

from collections.abc import Callable

from branches.rules.development import limits
from branches.rules.development.checks.asking import (
    CAUTION,
    MET,
    OPEN,
    VIOLATED,
    Asking,
    Limit,
    answer,
    not_yet,
    within,
    worst,
    ymd,
)
from branches.rules.development.facts import Check, StepFact
from branches.rules.development.texts import STEPS
from branches.rules.organisations import StepOutcome
from branches.rules.votes import Ballot, VoteError, VoteKind, ballot
from periods.months import add_months

APPROVED_STEPS = (13, 17, 24)
MEETINGS = (15, 23)
MEETING = Limit("meeting_1m", 13, 15, limits.MEETING_MONTHS, "预审合格", "提交支部党员大会")
OATH = Limit("oath_1m", 17, 20, limits.OATH_MONTHS, "上级党委批复", "入党宣誓")


def pre_review_power(ask: Asking) -> Check:
    code = "pre_review_power"
    facts = [s for n in APPROVED_STEPS for s in ask.facts.of(n)]
    if not facts:
        return not_yet(code, 13, ask)
    return worst([_power(fact) for fact in facts])


def _power(fact: StepFact) -> Check:
    code, name = "pre_review_power", STEPS[fact.number].name
    if fact.decider_approves:
        text = f"“{name}”由有审批权限的党委作出。"
        return answer(code, fact.number, MET, text, day=fact.on)
    if fact.decider_approves is None:
        text = f"“{name}”没有登记由哪个党组织作出。"
        return answer(code, fact.number, CAUTION, text, day=fact.on, advice="请补登作出决定的党委。")
    text = f"“{name}”登记的党组织没有审批权限。"
    advice = "预审和审批须由有审批权限的基层党委作出，党总支只能审议，请报有审批权限的党委。"
    return answer(code, fact.number, VIOLATED, text, day=fact.on, advice=advice)


def leaving_3m(ask: Asking) -> Check:
    code, leaving, admitted = "leaving_3m", ask.facts.leaving_on, ask.facts.passed(15)
    day = admitted.on if admitted else ask.on
    if leaving is None or leaving > add_months(day, limits.LEAVING_MONTHS):
        state = MET if admitted else OPEN
        text = (
            "没有登记三个月内离开本单位的安排。"
            if leaving is None
            else f"预计 {ymd(leaving)} 离开，在三个月之后。"
        )
        return answer(code, 13, state, text, day=day)
    text = (
        f"预计 {ymd(leaving)} 离开本单位，不到三个月。" if leaving > day else f"{ymd(leaving)} 已离开本单位。"
    )
    advice = "三个月内将离开的一般不办理接收，请与转入单位衔接，由转入单位的党组织办理。"
    return answer(code, 13, CAUTION, text, day=day, advice=advice)


def meeting_1m(ask: Asking) -> Check:
    return within(MEETING, ask.facts.passed(13), ask.facts.last(15), ask)


def oath_1m(ask: Asking) -> Check:
    return within(OATH, ask.facts.passed(17), ask.facts.last(20), ask)


def quorum_half(ask: Asking) -> Check:
    return _of_meetings("quorum_half", ask, _quorum)


def yes_half(ask: Asking) -> Check:
    return _of_meetings("yes_half", ask, _majority)


def secret_one_by_one(ask: Asking) -> Check:
    return _of_meetings("secret_one_by_one", ask, _secret)


def _of_meetings(code: str, ask: Asking, judge: Callable[[StepFact], Check]) -> Check:
    meetings = [s for n in MEETINGS for s in ask.facts.of(n)]
    return worst([judge(s) for s in meetings]) if meetings else not_yet(code, 15, ask)


def _count(fact: StepFact) -> Ballot | str:
    """The vote of a meeting, or why it cannot be counted."""
    if fact.eligible is None or fact.present is None or fact.approving is None:
        return "没有登记应到会、实到会和赞成票数。"
    try:
        return ballot(
            VoteKind.ADMISSION, eligible=fact.eligible, present=fact.present, approving=fact.approving
        )
    except VoteError as error:
        return str(error)


def _uncounted(code: str, fact: StepFact, why: str) -> Check:
    text = f"{ymd(fact.on)} 的支部党员大会：{why}"
    return answer(code, fact.number, CAUTION, text, day=fact.on, advice="请按会议记录补填或改正。")


def _quorum(fact: StepFact) -> Check:
    code, vote = "quorum_half", _count(fact)
    if isinstance(vote, str):
        return _uncounted(code, fact, vote)
    text = f"应到会 {vote.eligible} 人，至少到会 {vote.present_needed} 人，实到会 {vote.present} 人。"
    if vote.quorate:
        return answer(code, fact.number, MET, text, day=fact.on)
    advice = "到会人数不够，大会不能表决，请重新召开。"
    return answer(code, fact.number, VIOLATED, text, day=fact.on, advice=advice)


def _majority(fact: StepFact) -> Check:
    """Every decision needs it: to admit, convert, extend or revoke. Not passing needs none."""
    code, vote = "yes_half", _count(fact)
    if isinstance(vote, str):
        return _uncounted(code, fact, vote)
    text = f"应到会 {vote.eligible} 人，至少 {vote.approving_needed} 票赞成，实得 {vote.approving} 票。"
    refused = fact.outcome is StepOutcome.NOT_PASSED
    if vote.enough is not refused:
        return answer(code, fact.number, MET, text, day=fact.on)
    if refused:
        advice = "赞成票已经过半，登记的结果却是未通过，请核对。"
        return answer(code, fact.number, CAUTION, text, day=fact.on, advice=advice)
    advice = "赞成票不够，决议不能成立，请核对票数或结果。"
    return answer(code, fact.number, VIOLATED, text, day=fact.on, advice=advice)


def _secret(fact: StepFact) -> Check:
    code = "secret_one_by_one"
    if fact.secret_ballot:
        return answer(code, fact.number, MET, "无记名投票，逐个表决。", day=fact.on)
    if fact.secret_ballot is None:
        text = f"{ymd(fact.on)} 的支部党员大会没有登记表决方式。"
        return answer(code, fact.number, CAUTION, text, day=fact.on, advice="请补登表决方式。")
    text = f"{ymd(fact.on)} 的支部党员大会不是无记名投票、逐个表决。"
    advice = "须采取无记名投票、逐个讨论和表决，请重新召开大会。"
    return answer(code, fact.number, VIOLATED, text, day=fact.on, advice=advice)


def approval_3m(ask: Asking) -> Check:
    """Three months, six at most where there is a special reason (第二十五条)."""
    code, meeting, approved = "approval_3m", ask.facts.passed(15), ask.facts.last(17)
    if meeting is None:
        return not_yet(code, 17, ask)
    due = add_months(meeting.on, limits.APPROVAL_MONTHS)
    hard = add_months(meeting.on, limits.APPROVAL_HARD_MONTHS)
    day = approved.on if approved else ask.on
    done = f"，审批 {ymd(approved.on)}" if approved else ""
    text = f"大会通过 {ymd(meeting.on)}，审批期限 {ymd(due)}，特殊情况最迟 {ymd(hard)}{done}。"
    if approved and approved.on < meeting.on:
        return answer(code, 17, CAUTION, text, day=day, advice="两个日期先后颠倒，请核对。", due_on=due)
    if day <= due or (approved is None and ask.facts.withdrawn):
        return answer(code, 17, MET if approved else OPEN, text, day=day, due_on=due)
    if day <= hard:
        advice = "超过三个月须有特殊情况，请在批复中写明原因。"
        return answer(code, 17, CAUTION, text, day=day, advice=advice, due_on=due)
    advice = "已超过六个月的最长期限，请向上级党委说明情况并按其意见办理。"
    return answer(code, 17, VIOLATED, text, day=day, advice=advice, due_on=due)
