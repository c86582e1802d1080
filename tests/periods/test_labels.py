from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from periods.labels import age_label, day_label, days_left_label, period_label, said_days, week_bounds

TODAY = date(2026, 11, 13)


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("2026-11", "2026 年 11 月"),
        ("2026-01", "2026 年 1 月"),
        ("2026Q1", "2026 年第一季度"),
        ("2026Q4", "2026 年第四季度"),
        ("2026H1", "2026 年上半年"),
        ("2026H2", "2026 年下半年"),
        ("2026", "2026 年度"),
        ("2026#1", "2026 年第 1 次"),
        ("2026-06-30", "6 月 30 日"),
        ("event", "按事件"),
        ("event#3", "第 3 次"),
        ("once", "一次性"),
        ("2026Q7", "2026Q7"),
        ("2026H", "2026H"),
        ("2026-13", "2026-13"),
        ("2026-02-30", "2026-02-30"),
        ("", ""),
        ("其他", "其他"),
    ],
)
def test_a_period_is_said_as_people_say_it(key: str, label: str) -> None:
    assert period_label(key) == label


def test_a_day_names_its_weekday_and_a_foreign_year() -> None:
    assert day_label(TODAY) == "11 月 13 日 周五"
    assert day_label(TODAY, TODAY) == "11 月 13 日 周五"
    assert day_label(date(2027, 1, 31), TODAY) == "2027 年 1 月 31 日 周日"


@pytest.mark.parametrize("offset", range(-4, 3))
def test_a_week_runs_from_monday_to_sunday(offset: int) -> None:
    assert week_bounds(TODAY + timedelta(days=offset)) == (date(2026, 11, 9), date(2026, 11, 15))


@pytest.mark.parametrize(
    ("offset", "label"), [(-2, "已逾期 2 天"), (0, "今天截止"), (1, "还剩 1 天"), (3, "还剩 3 天")]
)
def test_days_left(offset: int, label: str) -> None:
    assert days_left_label(TODAY + timedelta(days=offset), TODAY) == label


@pytest.mark.parametrize(
    ("since", "label"),
    [
        (date(2026, 11, 14), "今天"),
        (TODAY, "今天"),
        (date(2026, 11, 12), "已 1 天"),
        (date(2026, 10, 14), "已 30 天"),
        (date(2026, 10, 13), "已 1 个月"),
        (date(2025, 11, 14), "已 11 个月"),
        (date(2025, 11, 13), "已 1 年"),
        (date(2024, 2, 29), "已 2 年"),
    ],
)
def test_age_in_its_largest_unit(since: date, label: str) -> None:
    assert age_label(since, TODAY) == label


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=12) | st.from_regex(r"\A[0-9]{4}[QH#-][0-9-]{0,5}\Z"))
def test_any_key_has_a_label(key: str) -> None:
    assert isinstance(period_label(key), str)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-12-31 起正式党员剩 2 人", "12 月 31 日 周四起正式党员剩 2 人"),
        ("2027-01-31 起正式党员剩 2 人", "2027 年 1 月 31 日 周日起正式党员剩 2 人"),
        ("最迟 2026-11-15，到 2026-11-22 没有", "最迟 11 月 15 日 周日，到 11 月 22 日 周日没有"),
        ("没有日期，文号 12026-11-15 与 2026-02-30", "没有日期，文号 12026-11-15 与 2026-02-30"),
        ("", ""),
    ],
)
def test_the_days_of_a_sentence_are_said(text: str, said: str) -> None:
    assert said_days(text, TODAY) == said
