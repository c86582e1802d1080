from datetime import date

import pytest

from periods.events import event_occurrence
from periods.months import Month
from periods.occurrences import occurrences
from periods.rule_parts import Offset, Rule
from periods.rules import ANCHORS, InvalidDueRule, check_rule, rule_label
from tests.periods.adjusted_2026 import CALENDAR_2026

LAST = "last_workday_of_period"
FIRST = "first_workday_of_period"

SOUND: list[tuple[Rule, str]] = [
    ({"kind": "periodic", "period": "month", "due": LAST}, "每月至少 1 次，最后一个工作日前"),
    ({"kind": "periodic", "period": "month", "due": FIRST}, "每月至少 1 次，第一个工作日"),
    (
        {"kind": "periodic", "period": "month", "min_count": 2, "fixed_day": "per_branch_setting"},
        "每月至少 2 次，支部固定日",
    ),
    ({"kind": "periodic", "period": "quarter", "due": LAST}, "每季度至少 1 次，季末最后一个工作日前"),
    ({"kind": "periodic", "period": "quarter", "due": FIRST}, "每季度至少 1 次，季初第一个工作日"),
    ({"kind": "periodic", "period": "half_year"}, "每半年至少 1 次，6 月、12 月最后一个工作日前"),
    ({"kind": "periodic", "period": "year"}, "每年至少 1 次，12 月最后一个工作日前"),
    ({"kind": "yearly_window", "start": "10-01", "end": "12-31"}, "每年 10 月 1 日至 12 月 31 日"),
    (
        {"kind": "yearly_window", "start": "12-01", "end": "01-31", "min_count": 2},
        "每年 12 月 1 日至次年 1 月 31 日，至少 2 次",
    ),
    ({"kind": "yearly_window", "start": "02-29", "end": "03-01"}, "每年 2 月 29 日至 3 月 1 日"),
    ({"kind": "fixed_date", "dates": ["06-30", "12-31"]}, "每年 6 月 30 日、12 月 31 日前"),
    ({"kind": "fixed_window", "windows": [["01-01", "02-20"]]}, "每年 1 月 1 日至 2 月 20 日 1 次"),
    (
        {"kind": "fixed_window", "windows": [["01-01", "02-20"], ("06-20", "07-01")]},
        "每年 1 月 1 日至 2 月 20 日、6 月 20 日至 7 月 1 日各 1 次",
    ),
    (
        {"kind": "one_off", "start": "2026-11-02", "end": "2026-11-20"},
        "2026 年 11 月 2 日至 11 月 20 日，一次性",
    ),
    (
        {"kind": "one_off", "start": date(2026, 12, 1), "end": date(2027, 1, 8)},
        "2026 年 12 月 1 日至 2027 年 1 月 8 日，一次性",
    ),
    (
        {
            "kind": "event_offset",
            "anchor": "term_end",
            "due_offset": {"days": 0},
            "alert_before_months": [6, 3, 1],
        },
        "任期届满前完成，提前 6 个月起提醒",
    ),
    (
        {
            "kind": "event_offset",
            "anchor": "probation_end",
            "due_offset": {"months": 1},
            "alert_before_days": [30, 7],
        },
        "预备期满后 1 个月内，预备期满前 30 天起提醒",
    ),
    ({"kind": "event_offset", "anchor": "worker_changed", "due_offset": {"days": 0}}, "党务人员变动当天"),
    (
        {"kind": "event_offset", "anchor": "office_vacated", "due_offset": {"months": 2}},
        "职务空缺后 2 个月内",
    ),
    (
        {"kind": "event_offset", "anchor": "activist_date", "every": {"months": 6}},
        "确定为积极分子后每 6 个月至少 1 次",
    ),
    (
        {"kind": "event_offset", "anchor": "activist_date", "not_before": {"years": 1}},
        "确定为积极分子满 1 年后",
    ),
    (
        {"kind": "event_offset", "anchor": "talk_done", "due_offset": None},
        "与申请人谈话后及时办理，建议 3 个月内",
    ),
]

UNSOUND: list[tuple[Rule, str]] = [
    ({}, "请选择一种期限：按周期、每年窗口、固定日期、按事件或一次性。"),
    ({"kind": ["periodic"]}, "请选择一种期限：按周期、每年窗口、固定日期、按事件或一次性。"),
    ({"kind": "periodic", "period": "week"}, "周期请选月、季度、半年或年。"),
    ({"kind": "periodic", "period": "month", "due": "soon"}, "截止日请选第一个工作日或最后一个工作日。"),
    ({"kind": "periodic", "period": "month", "min_count": 0}, "次数请填 1 至 99 之间的整数。"),
    ({"kind": "periodic", "period": "month", "min_count": True}, "次数请填 1 至 99 之间的整数。"),
    (
        {"kind": "periodic", "period": "month", "fixed_day": 15},
        "固定日由各支部在支部设置里填写，这里只选是否使用。",
    ),
    (
        {"kind": "periodic", "period": "month", "remind_days_before": [10, 367]},
        "提前提醒的天数请填 0 至 366 之间的整数。",
    ),
    (
        {"kind": "periodic", "period": "month", "remind_days_before": -1},
        "提前提醒的天数请填 0 至 366 之间的整数。",
    ),
    (
        {"kind": "periodic", "period": "month", "remind_days_before": "10"},
        "提前提醒的天数请填 0 至 366 之间的整数。",
    ),
    (
        {"kind": "event_offset", "anchor": "term_end", "alert_before_months": [25]},
        "提前提醒的月数请填 0 至 24 之间的整数。",
    ),
    (
        {"kind": "yearly_window", "start": "02-30", "end": "03-01"},
        "没有认出日期“02-30”，请写成“06-30”这样的月日。",
    ),
    (
        {"kind": "yearly_window", "start": "10-01"},
        "没有认出日期“None”，请写成“06-30”这样的月日。",
    ),
    ({"kind": "fixed_date", "dates": []}, "请至少填写一个日期。"),
    ({"kind": "fixed_date", "dates": "06-30"}, "请至少填写一个日期。"),
    ({"kind": "fixed_date", "dates": ["06-30", "06-30"]}, "同一个日期填写了两次，请留下一个。"),
    ({"kind": "fixed_window"}, "请至少填写一个时间段。"),
    ({"kind": "fixed_window", "windows": ["01-01"]}, "每个时间段请填开始和结束两个日期。"),
    (
        {"kind": "one_off", "start": "2026-11-31", "end": "2026-12-01"},
        "没有认出日期“2026-11-31”，请写成“2026-11-20”这样的年月日。",
    ),
    (
        {"kind": "one_off", "start": "2026-12-01", "end": "2026-11-30"},
        "结束日期早于开始日期，请调整其中一个。",
    ),
    ({"kind": "event_offset", "anchor": "full_moon"}, "请选择从哪件事算起。"),
    (
        {"kind": "event_offset", "anchor": "term_end", "due_offset": {"days": -3}},
        "时限请从事件当天起往后算，填 0 或更大的数。",
    ),
    ({"kind": "event_offset", "anchor": "term_end", "due_offset": 30}, "时限请用天、月或年来写。"),
    (
        {"kind": "event_offset", "anchor": "term_end", "due_offset": {"days": 1.5}},
        "这里请填整数，现在是“1.5”。",
    ),
    (
        {"kind": "event_offset", "anchor": "term_end", "due_offset": {"years": 11}},
        "时限最长可填 10 年。",
    ),
    (
        {"kind": "event_offset", "anchor": "activist_date", "every": {"days": 10**12}},
        "时限最长可填 10 年。",
    ),
    ({"kind": "event_offset", "anchor": "activist_date", "every": {"months": 0}}, "重复间隔至少为 1 天。"),
    ({"kind": "event_offset", "anchor": "activist_date", "every": {"weeks": 2}}, "重复间隔至少为 1 天。"),
]


@pytest.mark.parametrize(("rule", "sentence"), SOUND)
def test_a_sound_rule_passes_and_is_said_in_one_sentence(rule: Rule, sentence: str) -> None:
    check_rule(rule)
    assert rule_label(rule) == sentence


@pytest.mark.parametrize(("rule", "sentence"), UNSOUND)
def test_an_unsound_rule_is_refused_with_what_to_do(rule: Rule, sentence: str) -> None:
    with pytest.raises(InvalidDueRule) as refused:
        check_rule(rule)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("rule", [rule for rule, _ in SOUND])
def test_what_passes_the_check_can_be_computed(rule: Rule) -> None:
    found = occurrences(rule, month=Month(2026, 12), calendar=CALENDAR_2026)
    if rule["kind"] == "event_offset":
        found = [event_occurrence(rule, anchor=date(2026, 11, 2), calendar=CALENDAR_2026, number=1)]
    assert all(each.opens_on <= each.remind_on <= each.due_on for each in found)


def test_unknown_keys_are_ignored() -> None:
    rule = {"kind": "periodic", "period": "month", "note": "…", "max_people": 2, "coverage": {"a": [1]}}
    check_rule(rule)
    assert rule_label(rule) == "每月至少 1 次，最后一个工作日前"


def test_every_anchor_can_be_said() -> None:
    rules = [{"kind": "event_offset", "anchor": anchor, "due_offset": {"days": 7}} for anchor in ANCHORS]
    assert [rule_label(rule) for rule in rules] == [f"{moment}后 7 天内" for moment in ANCHORS.values()]


@pytest.mark.parametrize(
    ("offset", "label"),
    [
        (Offset(months=12), "1 年"),
        (Offset(months=18), "18 个月"),
        (Offset(days=7), "7 天"),
        (Offset(months=1, days=3), "1 个月零 3 天"),
    ],
)
def test_an_offset_is_said_in_its_own_unit(offset: Offset, label: str) -> None:
    assert offset.label == label
