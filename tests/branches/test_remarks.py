"""What the numbers of a branch mean, in words."""

from datetime import date

import pytest

from branches.remarks import (
    committee_remark,
    departure_remark,
    headcount_remark,
    term_remark,
    vacancy_remark,
    whole_months_left,
)
from branches.rules import Role

ON = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("ends_on", "months"),
    [
        (date(2026, 11, 22), 0),
        (date(2026, 11, 21), -1),
        (date(2026, 12, 21), 0),
        (date(2026, 12, 22), 1),
        (date(2027, 5, 22), 6),
        (date(2025, 11, 22), -12),
    ],
)
def test_whole_months_left(ends_on: date, months: int) -> None:
    assert whole_months_left(ends_on, on=ON) == months


@pytest.mark.parametrize(
    ("full", "own", "level"), [(2, 2, "late"), (4, 2, "soon"), (3, 3, "soon"), (4, 4, None), (4, 3, None)]
)
def test_headcount(full: int, own: int, level: str | None) -> None:
    remark = headcount_remark(full, own)
    assert (remark.level if remark else None) == level


@pytest.mark.parametrize(
    ("full", "has", "level"), [(7, False, "soon"), (7, True, None), (6, True, "soon"), (6, False, None)]
)
def test_committee(full: int, has: bool, level: str | None) -> None:
    remark = committee_remark(full, has_committee=has)
    assert (remark.level if remark else None) == level


@pytest.mark.parametrize(
    ("ends_on", "text"),
    [
        (None, "还没有登记任期，请补充最近一次选举的日期。"),
        (date(2026, 11, 1), "任期已于 2026-11-01 届满，请尽快换届或办理延期批复。"),
        (date(2026, 12, 1), "任期本月内届满，请抓紧换届。"),
        (date(2027, 1, 30), "任期 2027-01-30 届满，还有 2 个月，请着手准备换届。"),
    ],
)
def test_term_of_an_extended_committee(ends_on: date | None, text: str) -> None:
    remark = term_remark(ends_on, extended=True, on=ON)
    assert remark is not None
    assert remark.text == text


def test_a_distant_term_needs_no_word() -> None:
    assert term_remark(date(2027, 5, 22), extended=False, on=ON) is None


def test_departures_say_who_is_left() -> None:
    assert departure_remark(4, []) is None
    remark = departure_remark(4, [(date(2027, 1, 31), 2)])
    assert remark is not None
    assert remark.text == "2027-01-31 起将有 2 名正式党员离开，届时剩 2 人，不足 3 人，请提前商定调整办法。"
    enough = departure_remark(6, [(date(2027, 1, 31), 1)])
    assert enough is not None
    assert (enough.level, enough.text) == ("soon", "2027-01-31 起将有 1 名正式党员离开，届时剩 5 人。")


def test_vacancies_are_named() -> None:
    assert vacancy_remark([]) is None
    remark = vacancy_remark([Role.WORKER, Role.SECRETARY])
    assert remark is not None
    assert (remark.level, remark.text) == ("late", "空缺：党务工作者、书记。")
