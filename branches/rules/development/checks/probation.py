"""Probation, conversion, and the day from which membership counts."""

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
    passing,
    within,
    worst,
    ymd,
)
from branches.rules.development.facts import Check
from periods.months import add_months

CONVERSION_APPROVAL = Limit(
    "conversion_approval_3m", 23, 24, limits.APPROVAL_MONTHS, "大会讨论转正", "上级党委审批"
)
# The text says “及时”; after a month the portal asks.
TIMELY_MONTHS = 1


def probation_1y(ask: Asking) -> Check:
    code, admitted, stated = "probation_1y", ask.facts.passed(15), ask.facts.stated_probation_end
    end = limits.first_probation_end(ask.facts)
    if admitted is None or end is None:
        return not_yet(code, 15, ask)
    text = f"支部党员大会 {ymd(admitted.on)} 通过，预备期至 {ymd(end)}。"
    if stated is None or stated in {end, limits.probation_end_of(ask.facts)}:
        return answer(code, 15, MET, text, day=admitted.on)
    text = f"{text[:-1]}，材料上写的是 {ymd(stated)}。"
    advice = "预备期为一年，从支部党员大会通过之日算起，请核对批复。"
    return answer(code, 15, VIOLATED, text, day=admitted.on, advice=advice)


def no_early_conversion(ask: Asking) -> Check:
    code, end = "no_early_conversion", limits.probation_end_of(ask.facts)
    converted = ask.facts.passed(23)
    if converted is None:
        return _conversion_ahead(ask)
    if end is None:
        text = f"{ymd(converted.on)} 讨论转正，没有登记何时接收为预备党员。"
        return answer(code, 23, CAUTION, text, day=converted.on, advice="请补登第 15 步。")
    text = f"预备期至 {ymd(end)}，{ymd(converted.on)} 讨论转正。"
    if converted.on >= end:
        return answer(code, 23, MET, text, day=converted.on)
    return answer(code, 23, VIOLATED, text, day=converted.on, advice="预备期没有满，不能提前转正。")


def _conversion_ahead(ask: Asking) -> Check:
    code, end = "no_early_conversion", limits.probation_end_of(ask.facts)
    if end is None or any(not passing(s) for s in ask.facts.of(23) if s.on >= end):
        return not_yet(code, 23, ask)
    text = f"预备期至 {ymd(end)}，期满后应当及时讨论转正。"
    late = ask.on > add_months(end, TIMELY_MONTHS) and not ask.facts.withdrawn
    if late and limits.latest_postponed(ask.facts) is None:
        advice = "预备期已满，请尽快召开支部党员大会讨论。"
        return answer(code, 23, CAUTION, text, day=ask.on, advice=advice, due_on=end)
    return answer(code, 23, OPEN, text, day=ask.on, due_on=end)


def extension_once(ask: Asking) -> Check:
    code, found = "extension_once", limits.extensions(ask.facts)
    if not found:
        done = ask.facts.passed(23)
        text = "没有延长预备期。"
        return answer(code, 23, MET if done else OPEN, text, day=done.on if done else ask.on)
    last = found[-1]
    least, most = limits.EXTENSION_MONTHS
    if len(found) > 1:
        text = f"预备期已延长 {len(found)} 次。"
        advice = "只能延长一次；仍不具备条件的，应当取消预备党员资格。"
        return answer(code, 23, VIOLATED, text, day=last.on, advice=advice)
    if last.months is None:
        text = f"{ymd(last.on)} 决定延长预备期，没有登记延长几个月。"
        return answer(code, 23, CAUTION, text, day=last.on, advice="请补填延长的月数（6 至 12 个月）。")
    text = f"{ymd(last.on)} 决定延长预备期 {last.months} 个月，可延长 {least} 至 {most} 个月。"
    if least <= last.months <= most:
        return answer(code, 23, MET, text, day=last.on)
    return answer(code, 23, VIOLATED, text, day=last.on, advice="请按不少于半年、不超过一年重新决定。")


def conversion_approval_3m(ask: Asking) -> Check:
    found = limits.rounds(ask.facts)
    if not found:
        return not_yet("conversion_approval_3m", 24, ask)
    return worst([within(CONVERSION_APPROVAL, meeting, approved, ask) for meeting, approved in found])


def seniority_date(ask: Asking) -> Check:
    code, end = "seniority_date", limits.probation_end_of(ask.facts)
    stated, approved = ask.facts.stated_seniority_from, ask.facts.passed(24)
    if end is None:
        return not_yet(code, 24, ask)
    text = f"预备期满转正的，党龄从 {ymd(end)} 算起。"
    day = approved.on if approved else ask.on
    if stated is not None and stated != end:
        text = f"{text[:-1]}，材料上写的是 {ymd(stated)}。"
        advice = "党龄从预备期满转为正式党员之日算起，不从大会或批复之日算起，请核对。"
        return answer(code, 24, VIOLATED, text, day=day, advice=advice)
    converted = approved is not None and ask.facts.passed(23) is not None
    return answer(code, 24, MET if converted else OPEN, text, day=day)


def transferred_in_postpone(ask: Asking) -> Check:
    code, latest = "transferred_in_postpone", limits.latest_postponed(ask.facts)
    held = ask.facts.last(23)
    day = held.on if held else ask.on
    if ask.facts.passed(15) is None:
        return not_yet(code, 23, ask)
    if latest is None:
        text = "不是预备期内转入的，没有推迟讨论的情形。"
        return answer(code, 23, MET, text, day=day, applies=False)
    done = f"，实际 {ymd(held.on)}" if held else ""
    text = f"预备期内转入，讨论转正最迟 {ymd(latest)}{done}。"
    if day <= latest or (held is None and ask.facts.withdrawn):
        return answer(code, 23, MET if held else OPEN, text, day=day, due_on=latest)
    advice = "推迟讨论不能超过六个月，请尽快召开支部党员大会；转正时间仍自预备期满之日算起。"
    return answer(code, 23, VIOLATED, text, day=day, advice=advice, due_on=latest)
