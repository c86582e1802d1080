"""One row of a roster file: cells into values, and what the row alone shows to be wrong."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pytest

from branches.rules import MemberStatus
from branches.rules.roster.columns import Key, columns
from branches.rules.roster.rows import RosterRow, read_rows
from ledgers.sheets.cells import CellKind, FoundTable, RawCell, SheetColumn, TableRow
from tests.factories.rosters import id_number

DAY = date(2026, 11, 22)
NUMBER = id_number("19900203")


def cell(value: Any) -> RawCell:
    if isinstance(value, RawCell):
        return value
    if isinstance(value, date):
        return RawCell(CellKind.DATE, str(value), datetime(value.year, value.month, value.day))  # noqa: DTZ001 - a cell has no zone
    return RawCell(CellKind.TEXT, value)


def read(one_branch: bool = False, **said: Any) -> RosterRow:
    given = {"name": "雷彩霞", "status": "正式党员", "organisation": "BR03"} | said
    filled = {Key(key).value: cell(value) for key, value in given.items() if value != ""}
    table = FoundTable("名册", 3, {}, {}, (TableRow(4, filled),))
    return read_rows(table, day=DAY, one_branch=one_branch)[0]


def told(row: RosterRow) -> list[tuple[str, str, str]]:
    return [(problem.column, problem.value, problem.reason) for problem in row.problems]


def test_every_column_becomes_its_value() -> None:
    row = read(
        code=" M003 ",
        name="张 三",
        id_number=NUMBER.lower(),
        status="中共预备党员",
        joined_on="2026.2.28",
        since=date(2026, 3, 1),
        home_department="烟叶科",
        assigned="√",
    )
    assert row.problems == ()
    assert dict(row.values) == {
        Key.CODE: "M003",
        Key.NAME: "张三",
        Key.ID_NUMBER: NUMBER,
        Key.BIRTH_ON: date(1990, 2, 3),
        Key.ORGANISATION: "BR03",
        Key.STATUS: MemberStatus.PROBATIONARY,
        Key.JOINED_ON: date(2026, 2, 28),
        Key.SINCE: date(2026, 3, 1),
        Key.HOME_DEPARTMENT: "烟叶科",
        Key.ASSIGNED: True,
    }


def test_a_name_in_latin_letters_keeps_its_blanks() -> None:
    assert read(name="Anna  Maria").text(Key.NAME) == "Anna Maria"


def test_a_month_alone_is_rough_and_a_birth_month_gives_way_to_the_number() -> None:
    row = read(joined_on="2010年7月", birth_on="1990年2月", id_number=NUMBER)
    assert (row.day(Key.JOINED_ON), row.rough) == (date(2010, 7, 1), frozenset({Key.JOINED_ON}))
    assert row.day(Key.BIRTH_ON) == date(1990, 2, 3)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"name": ""}, ("姓名", "", "没有填写")),
        ({"organisation": ""}, ("所在党支部", "", "没有填写")),
        ({"status": "群众"}, ("人员类别", "群众", "不在可选的范围内")),
        (
            {"id_number": "532501199002031230"},
            ("身份证号", "5325**********1230", "最后一位校验码不符，可能有数字抄错或顺序颠倒"),
        ),
        ({"id_number": "532501900203123"}, ("身份证号", "5325*******3123", "这是 15 位的旧号码")),
        (
            {"id_number": RawCell(CellKind.NUMBER, "532501199002031200")},
            ("身份证号", "5325**********1200", "号码按数字保存，末几位已经丢失"),
        ),
        ({"id_number": RawCell(CellKind.FORMULA, "=A1")}, ("身份证号", "***", "这里不是身份证号")),
        (
            {"id_number": NUMBER, "birth_on": "1990-02-04"},
            ("出生日期", "1990-02-04", "与身份证号中的 1990-02-03 不一致"),
        ),
        ({"birth_on": "1990-02-30"}, ("出生日期", "1990-02-30", "1990 年 2 月没有 30 日")),
        ({"joined_on": "2027-01-01"}, ("入党日期", "2027-01-01", "晚于名册日期 2026-11-22")),
        ({"joined_on": "1990-02-03", "birth_on": "1990-02-03"}, ("入党日期", "1990-02-03", "不晚于出生日期")),
        (
            {"joined_on": "2010-07-01", "converted_on": "2010-07-01"},
            ("转正日期", "2010-07-01", "不晚于入党日期"),
        ),
        (
            {"status": "预备党员", "converted_on": "2026-07-01"},
            ("转正日期", "2026-07-01", "预备党员没有转正日期"),
        ),
        (
            {"status": "入党积极分子", "joined_on": "2026-07-01"},
            ("入党日期", "2026-07-01", "入党积极分子尚未入党"),
        ),
        ({"name": f"雷{NUMBER}", "assigned": "也许"}, ("抽调", "也许", "看不出")),
    ],
)
def test_refused_in_words(said: Mapping[str, Any], problem: tuple[str, str, str]) -> None:
    row = read(**said)
    assert [each[:2] for each in told(row)] == [problem[:2]]
    assert told(row)[0][2].startswith(problem[2])


def test_a_number_that_strayed_into_another_column_is_masked_in_the_list() -> None:
    row = read(home_department=f"烟叶科{NUMBER}")
    assert row.written[Key.HOME_DEPARTMENT] == "烟叶科5325**********" + NUMBER[-4:]


def test_a_roster_of_one_branch_needs_no_branch() -> None:
    assert read(one_branch=True, organisation="").problems == ()
    assert [c.title for c in columns(one_branch=True) if c.required] == ["姓名", "人员类别"]


def test_no_word_means_two_columns() -> None:
    every = [word for column in columns(one_branch=False) for word in _words(column)]
    assert len(every) == len(set(every))


def _words(column: SheetColumn) -> tuple[str, ...]:
    return (column.title, *column.synonyms)
