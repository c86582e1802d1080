"""What the words of a demand say, and how often and how long it is asked."""

from decimal import Decimal

import pytest

from reminders.demand_rules import (
    DemandKind,
    Nature,
    Per,
    action_demand,
    budget_minutes,
    minutes_a_month,
    times_a_year,
)
from reminders.demand_text import likeness, limits_hit, mentions, read_number
from reminders.queries.demand_lint import limits
from reminders.rules import ActionKind, Category


@pytest.mark.parametrize(
    ("times", "per", "yearly", "monthly"),
    [
        (1, Per.WORKDAY, 250, "208.3"),
        (2, Per.WEEK, 104, "86.7"),
        (1, Per.MONTH, 12, "10.0"),
        (1, Per.QUARTER, 4, "3.3"),
        (3, Per.HALF_YEAR, 6, "5.0"),
        (1, Per.YEAR, 1, "0.8"),
    ],
)
def test_a_frequency_is_times_a_year_and_minutes_a_month(
    times: int, per: Per, yearly: int, monthly: str
) -> None:
    assert times_a_year(times, per) == yearly
    assert minutes_a_month(10, times_a_year(times, per)) == Decimal(monthly)


def test_agreed_hours_are_a_budget_by_the_workdays_of_the_month() -> None:
    assert budget_minutes(Decimal("4"), 20) == 960
    assert budget_minutes(Decimal("2.5"), 18) == 540


@pytest.mark.parametrize(
    ("kind", "category", "candidate", "expected"),
    [
        (ActionKind.STATUTORY, Category.MEETING, False, (DemandKind.ACTION, Nature.CORE)),
        (ActionKind.STATUTORY, Category.PLANNING, True, (DemandKind.REPORT, Nature.FORMALITY)),
        (ActionKind.STATUTORY, Category.RECRUITMENT, True, (DemandKind.ACTION, Nature.FORMALITY)),
        (ActionKind.LOCAL, Category.MEETING, False, (DemandKind.MEETING, Nature.CORE)),
        (ActionKind.LOCAL, Category.INFORMATION, False, (DemandKind.ENTRY, Nature.FORMALITY)),
        (ActionKind.LOCAL, Category.CARE, False, (DemandKind.OTHER, Nature.CORE)),
    ],
)
def test_what_an_action_asks_follows_from_its_category(
    kind: str, category: str, candidate: bool, expected: tuple[DemandKind, Nature]
) -> None:
    assert action_demand(kind, category, candidate) == expected


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("消防安全自查", "消防安全检查情况上报", "消防安全"),
        ("党课", "2026年第四季度讲党课", "党课"),
        ("主题党日", "主题党日活动记录表", "主题党日"),
        ("党课", "2026年第四季度微党课比赛", ""),
        ("全年党课", "专题党课", ""),
        ("安全检查", "卫生检查", ""),
        ("烟叶收购", "烟叶种植", ""),
        ("2026年度工作总结", "党支部工作总结报送", "总结"),
        ("消防安全自查", "支部标准化规范化建设自查", ""),
        ("半年工作小结", "年度工作报告", ""),
        ("做好工作", "开展工作", ""),
        ("１１月学习打卡", "学习打卡", "学习打卡"),
    ],
)
def test_names_that_mean_the_same_share_enough_letters(one: str, other: str, shared: str) -> None:
    assert likeness(one, other) == likeness(other, one) == shared


def hits(text: str, kind: str = "task") -> list[tuple[str, str]]:
    return [(limit.code, found) for limit, found in limits_hit(text, kind, limits())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("撰写不少于5000字的总结", [("doc_length_special", "5000字")]),
        ("不得少于 5000 字", [("doc_length_special", "5000 字")]),
        ("不要求 5000 字", []),
        ("不上传照片", []),
        ("方案 1.2 万字", [("doc_length_special", "1.2 万字")]),
        ("总结不超过 4000 字", []),
        ("材料 12 页", [("doc_pages_2019", "12 页")]),
        ("主要负责人讲话 90 分钟", [("main_report_minutes", "讲话 90 分钟")]),
        ("讲话两小时", [("main_report_minutes", "讲话两小时")]),
        ("讲话 1 小时，讨论 90 分钟", []),
        ("召开推进会一天", [("other_meeting_days", "会一天")]),
        ("召开推进会半天", []),
        ("报送贯彻落实情况", [("no_followup_docs", "贯彻落实情况")]),
        ("每人写心得体会一篇", [("no_photo_scoring", "心得体会")]),
        ("上传现场照片", [("app_no_forced_photo_upload", "照片")]),
        ("不要求上传照片，无需截图", []),
        ("在群内接龙", [("app_no_checkin", "接龙")]),
        ("统计学习时长", [("app_no_learning_time_scoring", "学习时长")]),
        ("通报登录率", [("app_no_forced_install", "登录率")]),
        ("请填报统计表", [("no_frequent_forms", "填报")]),
        ("看一遍制度，查一遍灭火器", []),
    ],
)
def test_a_text_is_held_against_the_stated_limits(text: str, expected: list[tuple[str, str]]) -> None:
    assert hits(text) == expected


def test_a_kind_alone_can_be_against_a_limit() -> None:
    assert hits("党建平台", "check_in") == [("app_no_checkin", "")]


def test_what_is_said_not_to_be_asked_for_is_not_asked_for() -> None:
    assert not mentions("不得要求拍照", "拍照")
    assert mentions("不得迟到，现场拍照", "拍照")
    assert mentions("不要拍照；会后拍照", "拍照")


def test_every_limit_says_its_document_and_what_is_not_verified() -> None:
    assert len(limits()) == 11
    assert [limit.code for limit in limits() if "（待核实）" not in limit.basis] == []
    assert limits()[0].basis == "《整治形式主义为基层减负若干规定》第一部分（待核实）"


@pytest.mark.parametrize(
    ("text", "number"), [("4000", "4000"), ("1.5", "1.5"), ("半", "0.5"), ("十", "10"), ("两千", "2000")]
)
def test_numbers_are_read_in_digits_and_in_words(text: str, number: str) -> None:
    assert read_number(text) == Decimal(number)
