"""What the address of the board and of its lists may say."""

from datetime import date

import pytest

from dashboards.rules.asked import Asked, read_asked
from dashboards.rules.asked_lists import UNKNOWN, UnreadableList, read_findings, read_list
from periods.months import Month

ON = date(2026, 11, 18)
NOW = Month(2026, 11)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ({}, Asked(NOW)),
        ({"month": "2026-02"}, Asked(Month(2026, 2))),
        ({"month": "", "compare": ""}, Asked(NOW)),
        ({"month": "2026-02", "compare": "2025-02"}, Asked(Month(2026, 2), Month(2025, 2))),
        ({"compare": "2026-10"}, Asked(NOW, Month(2026, 10))),
    ],
)
def test_months_are_read(typed: dict[str, str], asked: Asked) -> None:
    assert read_asked(typed, on=ON) == asked


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"month": "'"}, "没有认出月份“'”，请写成“2026-11”这样的形式。下面是 2026 年 11 月的情况。"),
        ({"month": "2026-12"}, "2026 年 12 月还没有到，请选当月或以前的月份。下面是 2026 年 11 月的情况。"),
        ({"month": "1999-12"}, "请选 2000 年以后的月份。下面是 2026 年 11 月的情况。"),
        ({"compare": "2027-01"}, "2027 年 1 月还没有到，请选当月或以前的月份。下面没有作对比。"),
        ({"compare": "2026-11"}, "对比的月份和查看的月份相同，请换一个月份；下面没有作对比。"),
    ],
)
def test_what_cannot_be_read_falls_back_with_a_sentence(typed: dict[str, str], sentence: str) -> None:
    assert read_asked(typed, on=ON) == Asked(NOW, None, (sentence,))


def test_a_month_has_neighbours_and_two_years_are_offered() -> None:
    asked = Asked(Month(2026, 10), Month(2023, 1))
    assert (asked.earlier, asked.later(on=ON), Asked(NOW).later(on=ON)) == (Month(2026, 9), NOW, None)
    assert (asked.at(Month(2023, 1)).compare, asked.at(NOW)) == (None, Asked(NOW, Month(2023, 1)))
    offered = asked.offered(on=ON)
    assert (len(offered), offered[0], offered[-2:]) == (25, NOW, [Month(2024, 12), Month(2023, 1)])


def test_a_list_is_read_as_its_number_wrote_it() -> None:
    asked = read_list({"figure": "due", "month": "2026-10", "span": "12", "action": "7"}, on=ON)
    assert (asked.figure, asked.first, asked.month, asked.action) == (
        "due",
        Month(2025, 11),
        Month(2026, 10),
        7,
    )
    assert read_list({"figure": "late", "month": "2026-10"}, on=ON).month is None
    assert read_findings({"figure": "found"}, on=ON).month == NOW


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, UNKNOWN),
        ({"figure": "nothing"}, UNKNOWN),
        ({"figure": "late", "action": "x"}, UNKNOWN),
        ({"figure": "late", "action": "９"}, UNKNOWN),
        ({"figure": "late", "action": "9" * 30}, UNKNOWN),
        ({"figure": "due", "month": "2026-13"}, "没有认出月份“2026-13”，请写成“2026-11”这样的形式。"),
        ({"figure": "due", "month": "2026-12"}, "2026 年 12 月还没有到，请选当月或以前的月份。"),
    ],
)
def test_a_list_that_cannot_be_read_says_what_to_do(typed: dict[str, str], sentence: str) -> None:
    with pytest.raises(UnreadableList) as refused:
        read_list(typed, on=ON)
    assert str(refused.value) == sentence
