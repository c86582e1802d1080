"""Is a due rule sound, and how is it said in one sentence."""

from collections.abc import Callable

from periods.events import STEP, SUGGESTED, TERM_END, is_deadline
from periods.rule_parts import (
    PER_BRANCH,
    Due,
    InvalidDueRule,
    Kind,
    MonthDay,
    Offset,
    Period,
    Rule,
    read_day,
    read_due,
    read_kind,
    read_period,
    whole_numbers,
)

__all__ = ["ANCHORS", "InvalidDueRule", "check_rule", "rule_label"]

MAX_REMIND_DAYS = 366
MAX_ALERT_MONTHS = 24
MAX_COUNT = 99
MAX_OFFSET_MONTHS = 120
MAX_OFFSET_DAYS = 3660

# Events a rule may follow: code → how a sentence names the moment.
ANCHORS = {
    TERM_END: "任期届满",
    "election_held": "选举大会召开",
    "office_vacated": "职务空缺",
    "headcount_threshold_crossed": "党员人数触及规定界限",
    "unit_changed_or_away_6_months": "工作单位变动或外出满六个月",
    "worker_changed": "党务人员变动",
    "error_found": "发现问题",
    "application_received": "收到入党申请",
    "talk_done": "与申请人谈话",
    "activist_date": "确定为积极分子",
    "development_target_date": "确定为发展对象",
    "training_done": "培训结束",
    "pre_review_passed": "预审合格",
    "admission_meeting_date": "接收大会召开",
    "approval_notice_date": "批复下达",
    "probation_end": "预备期满",
    "conversion_approved": "转正批准",
    "sign_of_problem": "发现苗头",
    "development_blocked": "发展程序受阻",
    # The last day of a step, as the person's case says it.
    **{f"{STEP}{number}": "本步办理期限" for number in range(1, 26)},
}

_EVERY = {Period.MONTH: "每月", Period.QUARTER: "每季度", Period.HALF_YEAR: "每半年", Period.YEAR: "每年"}
_LAST = {Period.MONTH: "", Period.QUARTER: "季末", Period.HALF_YEAR: "6 月、12 月", Period.YEAR: "12 月"}
_FIRST = {Period.MONTH: "", Period.QUARTER: "季初", Period.HALF_YEAR: "1 月、7 月", Period.YEAR: "1 月"}


def check_rule(rule: Rule) -> None:
    """Raises InvalidDueRule, whose text is for the reader, when the rule cannot be followed."""
    kind = read_kind(rule)
    _check_number(rule.get("min_count", 1), 1, MAX_COUNT, "次数")
    for key in ("remind_days_before", "alert_before_days"):
        _check_numbers(rule, key, MAX_REMIND_DAYS, "提前提醒的天数")
    _check_numbers(rule, "alert_before_months", MAX_ALERT_MONTHS, "提前提醒的月数")
    _CHECKS[kind](rule)


def rule_label(rule: Rule) -> str:
    """One Chinese sentence without a full stop: “每月至少 1 次，最后一个工作日前”. Raises InvalidDueRule."""
    return _SENTENCES[read_kind(rule)](rule)


def _check_number(given: object, low: int, high: int, name: str) -> None:
    if isinstance(given, bool) or not isinstance(given, int) or not low <= given <= high:
        raise InvalidDueRule(f"{name}请填 {low} 至 {high} 之间的整数。")


def _check_numbers(rule: Rule, key: str, high: int, name: str) -> None:
    given = rule.get(key)
    for number in [] if given is None else given if isinstance(given, list | tuple) else [given]:
        _check_number(number, 0, high, name)


def _check_periodic(rule: Rule) -> None:
    read_period(rule)
    read_due(rule)
    if rule.get("fixed_day") not in (None, PER_BRANCH):
        raise InvalidDueRule("固定日由各支部在支部设置里填写，这里只选是否使用。")


def _check_yearly(rule: Rule) -> None:
    MonthDay.parse(rule.get("start"))
    MonthDay.parse(rule.get("end"))


def _check_dates(rule: Rule) -> None:
    days = [MonthDay.parse(given) for given in _filled_list(rule, "dates", "请至少填写一个日期。")]
    if len(set(days)) < len(days):
        raise InvalidDueRule("同一个日期填写了两次，请留下一个。")


def _check_windows(rule: Rule) -> None:
    for given in _filled_list(rule, "windows", "请至少填写一个时间段。"):
        _bounds(given)


def _check_one_off(rule: Rule) -> None:
    if read_day(rule.get("end")) < read_day(rule.get("start")):
        raise InvalidDueRule("结束日期早于开始日期，请调整其中一个。")


def _check_event(rule: Rule) -> None:
    if rule.get("anchor") not in ANCHORS:
        raise InvalidDueRule("请选择从哪件事算起。")
    for key in ("due_offset", "due_before", "not_before", "hard_limit_offset"):
        _check_offset(rule, key)
    if rule.get("known_ahead"):
        _check_event({"anchor": rule.get("anchor"), **rule["known_ahead"]})
    if rule.get("every") and _check_offset(rule, "every") in (None, Offset()):
        raise InvalidDueRule("重复间隔至少为 1 天。")


def _check_offset(rule: Rule, key: str) -> Offset | None:
    offset = Offset.read(rule.get(key))
    if offset and min(offset.months, offset.days) < 0:
        raise InvalidDueRule("时限请从事件当天起往后算，填 0 或更大的数。")
    if offset and (offset.months > MAX_OFFSET_MONTHS or offset.days > MAX_OFFSET_DAYS):
        raise InvalidDueRule("时限最长可填 10 年。")
    return offset


def _filled_list(rule: Rule, key: str, otherwise: str) -> list[object]:
    given = rule.get(key)
    if not isinstance(given, list | tuple) or not given:
        raise InvalidDueRule(otherwise)
    return list(given)


def _bounds(given: object) -> tuple[MonthDay, MonthDay]:
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise InvalidDueRule("每个时间段请填开始和结束两个日期。")
    return MonthDay.parse(given[0]), MonthDay.parse(given[1])


def _say_periodic(rule: Rule) -> str:
    period = read_period(rule)
    times = f"{_EVERY[period]}至少 {rule.get('min_count', 1)} 次"
    if rule.get("fixed_day") == PER_BRANCH:
        return f"{times}，支部固定日"
    if read_due(rule) is Due.FIRST_WORKDAY:
        return f"{times}，{_FIRST[period]}第一个工作日"
    return f"{times}，{_LAST[period]}最后一个工作日前"


def _say_yearly(rule: Rule) -> str:
    count = rule.get("min_count", 1)
    times = f"，至少 {count} 次" if count != 1 else ""
    return f"每年 {_span(MonthDay.parse(rule.get('start')), MonthDay.parse(rule.get('end')))}{times}"


def _say_dates(rule: Rule) -> str:
    days = "、".join(MonthDay.parse(given).label for given in rule.get("dates", ()))
    return f"每年 {days}前"


def _say_windows(rule: Rule) -> str:
    spans = [_span(*_bounds(given)) for given in rule.get("windows", ())]
    return f"每年 {'、'.join(spans)}{'各' if len(spans) > 1 else ''} 1 次"


def _span(start: MonthDay, end: MonthDay) -> str:
    return f"{start.label}至{'' if end < start else ' '}{'次年 ' if end < start else ''}{end.label}"


def _say_one_off(rule: Rule) -> str:
    start, end = read_day(rule.get("start")), read_day(rule.get("end"))
    year = f"{end.year} 年 " if end.year != start.year else ""
    return f"{start.year} 年 {MonthDay.of(start).label}至 {year}{MonthDay.of(end).label}，一次性"


def _say_event(rule: Rule) -> str:
    moment = ANCHORS.get(str(rule.get("anchor")), "事件发生")
    return "，".join([_say_limit(rule, moment), *_say_alerts(rule, moment)])


def _say_limit(rule: Rule, moment: str) -> str:
    step, allowed = Offset.read(rule.get("every")), Offset.read(rule.get("not_before"))
    if step:
        return f"{moment}后每 {step.label}至少 1 次"
    if allowed:
        return f"{moment}满 {allowed.label}后"
    offset = Offset.read(rule.get("due_offset"))
    if offset is None:
        return f"{moment}后及时办理，建议 {SUGGESTED.label}内"
    if offset == Offset():
        return f"{moment}前完成" if is_deadline(rule) else f"{moment}当天"
    return f"{moment}后 {offset.label}内"


def _say_alerts(rule: Rule, moment: str) -> list[str]:
    months, days = (whole_numbers(rule.get(f"alert_before_{unit}")) for unit in ("months", "days"))
    if months:
        return [f"提前 {max(months)} 个月起提醒"]
    return [f"{moment}前 {max(days)} 天起提醒"] if days else []


_CHECKS: dict[Kind, Callable[[Rule], None]] = {
    Kind.PERIODIC: _check_periodic,
    Kind.YEARLY_WINDOW: _check_yearly,
    Kind.FIXED_DATE: _check_dates,
    Kind.FIXED_WINDOW: _check_windows,
    Kind.ONE_OFF: _check_one_off,
    Kind.EVENT_OFFSET: _check_event,
}

_SENTENCES: dict[Kind, Callable[[Rule], str]] = {
    Kind.PERIODIC: _say_periodic,
    Kind.YEARLY_WINDOW: _say_yearly,
    Kind.FIXED_DATE: _say_dates,
    Kind.FIXED_WINDOW: _say_windows,
    Kind.ONE_OFF: _say_one_off,
    Kind.EVENT_OFFSET: _say_event,
}
