"""From the application to the training: the first three stages."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

from branches.rules.development import limits
from branches.rules.development.checks.asking import (
    CAUTION,
    MET,
    OPEN,
    VIOLATED,
    Asking,
    Limit,
    answer,
    not_asked_then,
    not_yet,
    passing,
    too_new,
    within,
    ymd,
)
from branches.rules.development.facts import Check, StepFact
from branches.rules.development.texts import CROSSING_TEXT, DEV2026_SINCE
from branches.rules.organisations import StepOutcome
from periods.months import add_months, add_years

AFTER_CONSENT = range(9, 16)
AFTER_REVIEW = (12, 13, 14, 15)
TALK = Limit("talk_1m", 1, 2, limits.TALK_MONTHS, "收到入党申请书", "派人谈话")


def age_18(ask: Asking) -> Check:
    applied = ask.facts.passed(1)
    day = applied.on if applied else ask.facts.opened_on
    birth = ask.facts.birth_on
    if birth is None:
        text = f"申请日期 {ymd(day)}，没有登记出生日期。"
        return answer("age_18", 1, CAUTION, text, day=day, advice="请在党员资料中补填出生日期。")
    of_age = add_years(birth, limits.AGE_YEARS)
    text = f"{ymd(of_age)} 年满十八岁，申请日期 {ymd(day)}。"
    if of_age <= day:
        return answer("age_18", 1, MET, text, day=day)
    return answer("age_18", 1, VIOLATED, text, day=day, advice="年满十八岁后再递交入党申请书。")


def talk_1m(ask: Asking) -> Check:
    return within(TALK, ask.facts.passed(1), ask.facts.last(2), ask)


def mentor_full(ask: Asking) -> Check:
    fact = ask.facts.passed(5)
    if fact is None:
        return not_yet("mentor_full", 5, ask)
    people = fact.people_full
    if not people:
        text = f"{ymd(fact.on)} 已指定培养联系人，没有登记是谁。"
        return answer("mentor_full", 5, CAUTION, text, day=fact.on, advice="请补登培养联系人。")
    text = f"培养联系人 {len(people)} 名，其中正式党员 {sum(people)} 名。"
    if len(people) <= 2 and all(people):
        return answer("mentor_full", 5, MET, text, day=fact.on)
    advice = "请改为一至两名正式党员；本支部人手不足的，可以请上级党组织指定。"
    return answer("mentor_full", 5, VIOLATED, text, day=fact.on, advice=advice)


def review_half_year(ask: Asking) -> Check:
    """No half year without a review, from activist until target (第十一条)."""
    activist, target = ask.facts.passed(3), ask.facts.passed(7) or _earliest(ask, range(8, 26))
    if activist is None:
        return not_yet("review_half_year", 6, ask)
    end = target.on if target else ask.on
    days = [activist.on, *(s.on for s in ask.facts.of(6) if activist.on <= s.on <= end)]
    gap = _first_gap([*days, end])
    if gap is not None and (target or not ask.facts.withdrawn):
        return _review_missed(gap, target, ask)
    due = add_months(days[-1], limits.REVIEW_MONTHS)
    done = f"已考察 {len(days) - 1} 次，间隔都不超过半年"
    if target:
        return answer("review_half_year", 6, MET, f"{done}。", day=target.on)
    text = f"{done}，下一次最迟 {ymd(due)}。" if len(days) > 1 else f"首次考察最迟 {ymd(due)}。"
    return answer("review_half_year", 6, OPEN, text, day=ask.on, due_on=due)


def _first_gap(days: list[date]) -> tuple[date, date] | None:
    return next(((a, b) for a, b in pairwise(days) if b > add_months(a, limits.REVIEW_MONTHS)), None)


def _review_missed(gap: tuple[date, date], target: StepFact | None, ask: Asking) -> Check:
    due = add_months(gap[0], limits.REVIEW_MONTHS)
    wanted = f"{ymd(gap[0])} 之后，最迟 {ymd(due)} 应当考察一次"
    if any(step.on == gap[1] for step in ask.facts.of(6)):
        text = f"{wanted}，下一次考察登记在 {ymd(gap[1])}。"
        advice = "中间做过考察的请补登；没有做的请在材料中如实说明，以后按时考察。"
    else:
        text = f"{wanted}，到 {ymd(gap[1])} 没有登记。"
        advice = "做过的请补登；没有做的请尽快考察，并写入培养考察登记表。"
    day = target.on if target else ask.on
    return answer("review_half_year", 6, VIOLATED, text, day=day, advice=advice, due_on=due)


def activist_1y(ask: Asking) -> Check:
    earliest, target = limits.earliest_target(ask.facts), ask.facts.passed(7)
    if target is None:
        text = f"最早 {ymd(earliest)} 可以确定为发展对象。" if earliest else "还没有确定为入党积极分子。"
        return answer("activist_1y", 7, OPEN, text, day=ask.on)
    if earliest is None:
        text = f"{ymd(target.on)} 确定为发展对象，没有登记何时确定为入党积极分子。"
        return answer("activist_1y", 7, CAUTION, text, day=target.on, advice="请补登第 3 步。")
    text = f"最早 {ymd(earliest)} 可以确定为发展对象，实际 {ymd(target.on)}。"
    if target.on >= earliest:
        return answer("activist_1y", 7, MET, text, day=target.on)
    advice = "培养教育和考察须满一年；在原单位的培养时间可以连续计算，请附材料说明。"
    return answer("activist_1y", 7, VIOLATED, text, day=target.on, advice=advice)


def notice_5wd(ask: Asking) -> Check:
    fact = ask.facts.passed(8)
    if fact is None:
        return not_yet("notice_5wd", 8, ask)
    if too_new("notice_5wd", fact.on):
        return not_asked_then("notice_5wd", 8, fact.on)
    if fact.until is None:
        text = f"{ymd(fact.on)} 起公示，没有登记截止日期。"
        return answer("notice_5wd", 8, CAUTION, text, day=fact.on, advice="请补登公示的截止日期。")
    count = ask.calendar.workdays_between(fact.on, fact.until)
    known = ask.calendar.is_known(fact.on) and ask.calendar.is_known(fact.until)
    unsure = "" if known else "（未含调休，请按公布的放假安排核对）"
    text = f"公示 {ymd(fact.on)} 至 {ymd(fact.until)}，共 {count} 个工作日{unsure}。"
    if count >= limits.NOTICE_WORKDAYS:
        return answer("notice_5wd", 8, MET, text, day=fact.on)
    end = limits.notice_end(fact.on, ask.calendar)
    advice = f"公示应当到 {ymd(end)} 满 5 个工作日，请补足或重新公示。"
    return answer("notice_5wd", 8, VIOLATED, text, day=fact.on, advice=advice)


def consent_before_target(ask: Asking) -> Check:
    """Step 8 carries the consent of the superior committee; what follows it starts from a target."""
    code, consent = "consent_before_target", ask.facts.last(8)
    later = _earliest(ask, AFTER_CONSENT)
    if consent is None:
        return not_yet(code, 8, ask) if later is None else _consent_missing(later, ask)
    if too_new(code, consent.on):
        return not_asked_then(code, 8, consent.on)
    text = f"上级党委 {ymd(consent.on)} 同意"
    if not passing(consent):
        state = VIOLATED if later else CAUTION
        text = f"上级党委 {ymd(consent.on)} 没有同意列为发展对象。"
        return answer(code, 8, state, text, day=consent.on, advice="继续培养教育，条件成熟后再报。")
    if consent.decider_approves is False:
        advice = "同意应当由上级党委作出，党总支不能代替，请核对。"
        return answer(code, 8, CAUTION, f"{text}。", day=consent.on, advice=advice)
    if later is None or consent.on <= later.on:
        return answer(code, 8, MET, f"{text}，后续步骤都在此之后。", day=consent.on)
    text = f"{text}，第 {later.number} 步 {ymd(later.on)} 在此之前。"
    return answer(code, 8, VIOLATED, text, day=consent.on, advice="须在上级党委同意后才能列为发展对象。")


def _consent_missing(later: StepFact, ask: Asking) -> Check:
    code, target = "consent_before_target", ask.facts.passed(7)
    if too_new(code, later.on):
        return not_asked_then(code, 8, later.on)
    text = f"第 {later.number} 步已于 {ymd(later.on)} 办理，没有登记上级党委同意。"
    if target is None or target.on < DEV2026_SINCE:
        return answer(code, 8, CAUTION, text, day=later.on, advice=f"{CROSSING_TEXT}（待核实）")
    advice = "已经同意的请补登；没有报批的请先报上级党委同意。"
    return answer(code, 8, VIOLATED, text, day=later.on, advice=advice)


def _earliest(ask: Asking, numbers: range | tuple[int, ...]) -> StepFact | None:
    found = [s for s in ask.facts.steps if s.number in numbers]
    return min(found, key=lambda s: s.on, default=None)


def introducer_2(ask: Asking) -> Check:
    fact = ask.facts.passed(9)
    if fact is None:
        return not_yet("introducer_2", 9, ask)
    people = fact.people_full
    if not people:
        text = f"{ymd(fact.on)} 已确定入党介绍人，没有登记是谁。"
        return answer("introducer_2", 9, CAUTION, text, day=fact.on, advice="请补登两名入党介绍人。")
    text = f"入党介绍人 {len(people)} 名，其中可以担任的正式党员 {sum(people)} 名。"
    if len(people) == 2 and all(people):
        return answer("introducer_2", 9, MET, text, day=fact.on)
    advice = "须有两名正式党员作介绍人，受留党察看处分没有恢复权利的不能担任。"
    return answer("introducer_2", 9, VIOLATED, text, day=fact.on, advice=advice)


def introducer_discipline(ask: Asking) -> Check:
    code, fact = "introducer_discipline", ask.facts.passed(9)
    if fact is None:
        return not_yet(code, 9, ask)
    if too_new(code, fact.on):
        return not_asked_then(code, 9, fact.on)
    if fact.introducers_confirmed:
        return answer(code, 9, MET, "已核对，介绍人都不在处分影响期内。", day=fact.on)
    advice = (
        "请核对两名介绍人都不在警告、严重警告、撤销党内职务处分的影响期内；在影响期内的一般不宜担任，请更换。"
    )
    return answer(code, 9, CAUTION, "没有登记已核对介绍人不在处分影响期内。", day=fact.on, advice=advice)


def political_review_before(ask: Asking) -> Check:
    code, review = "political_review_before", ask.facts.last(10)
    later = _earliest(ask, AFTER_REVIEW)
    if review is None:
        if later is None:
            return not_yet(code, 10, ask)
        text = f"第 {later.number} 步已于 {ymd(later.on)} 办理，没有登记政治审查。"
        return answer(code, 10, CAUTION, text, day=later.on, advice="请补登政治审查的日期。")
    if review.outcome is not StepOutcome.PASSED:
        text = f"{ymd(review.on)} 政治审查没有通过。"
        return answer(code, 10, VIOLATED, text, day=review.on, advice="政治审查不合格的不能发展。")
    if later and later.on < review.on:
        text = f"政治审查 {ymd(review.on)}，第 {later.number} 步 {ymd(later.on)} 在此之前。"
        return answer(code, 10, VIOLATED, text, day=review.on, advice="须先政治审查合格，再办理接收。")
    return answer(code, 10, MET, f"{ymd(review.on)} 政治审查合格。", day=review.on)


def training_24h(ask: Asking) -> Check:
    code, training, later = "training_24h", ask.facts.passed(11), _earliest(ask, AFTER_REVIEW)
    if training is None:
        if later is None:
            return not_yet(code, 11, ask)
        text = f"第 {later.number} 步已于 {ymd(later.on)} 办理，没有登记集中培训。"
        advice = "个别特殊情况可以不培训，请在材料中写明；培训过的请补登。"
        return answer(code, 11, CAUTION, text, day=later.on, advice=advice)
    days, hours = training.days, training.hours
    if days is None and hours is None:
        text = f"{ymd(training.on)} 集中培训，没有登记天数或学时。"
        return answer(code, 11, CAUTION, text, day=training.on, advice="请补填培训天数或学时。")
    text = f"集中培训{_amount(days, hours)}，一般不少于 3 天或 24 学时。"
    if (days or 0) >= limits.TRAINING_DAYS or (hours or 0) >= limits.TRAINING_HOURS:
        return answer(code, 11, MET, text, day=training.on)
    return answer(code, 11, VIOLATED, text, day=training.on, advice="请补足培训后再办理接收。")


def _amount(days: int | None, hours: Decimal | None) -> str:
    parts = [f" {days} 天" if days is not None else "", f" {hours:f} 学时" if hours is not None else ""]
    return "、".join(filter(None, parts))
