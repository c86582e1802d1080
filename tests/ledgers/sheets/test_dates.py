"""Dates as offices write them: each day of 1921–2030 in every writing, and what is refused and how."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers.sheets.cells import CellKind, ParsedDate, RawCell, ValueProblem
from ledgers.sheets.dates import parse_date
from ledgers.sheets.reading import read_sheets
from tests.ledgers.sheets.books import DATE_STYLE, LONG_DATE_STYLE, MONTH_STYLE, Book, Raw, Sheet, number

DIGITS = "〇一二三四五六七八九"
quick = settings(deadline=None)  # a shared machine is slow at times
days = st.dates(min_value=date(1921, 1, 1), max_value=date(2030, 12, 31))


def text(written: str) -> RawCell:
    return RawCell(CellKind.TEXT, written)


def typed(written: str) -> RawCell:
    return RawCell(CellKind.NUMBER, written)


def chinese(value: int) -> str:
    tens, ones = divmod(value, 10)
    head = {0: "", 1: "十"}.get(tens, f"{DIGITS[tens]}十") if tens else ""
    return head + (DIGITS[ones] if ones else "")


def chinese_year(year: int, zero: str = "〇") -> str:
    return "".join(DIGITS[int(digit)] for digit in str(year)).replace("〇", zero)


def wide(written: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in written)


TO_THE_DAY: dict[str, Callable[[date], str]] = {
    "1990.2.3": lambda d: f"{d.year}.{d.month}.{d.day}",
    "1990.02.03": lambda d: f"{d:%Y.%m.%d}",
    "1990/2/3": lambda d: f"{d.year}/{d.month}/{d.day}",
    "1990-02-03": str,
    "1990—2—3": lambda d: f"{d.year}—{d.month}—{d.day}",
    "1990、2、3": lambda d: f"{d.year}、{d.month}、{d.day}",
    "1990 2 3": lambda d: f"{d.year} {d.month} {d.day}",
    "1990年2月3日": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "1990 年 2 月 3 号": lambda d: f" {d.year} 年 {d.month} 月 {d.day} 号 ",
    "1990年2月3": lambda d: f"{d.year}年{d.month}月{d.day}",
    "1990年02.03": lambda d: f"{d:%Y年%m.%d}",
    "19900203": lambda d: f"{d:%Y%m%d}",
    "１９９０．２．３": lambda d: wide(f"{d.year}.{d.month}.{d.day}"),
    "1990-02-03 00:00:00": lambda d: f"{d} 00:00:00",
    "1990-02-03T08:30:00.000Z": lambda d: f"{d}T08:30:00.000Z",
    "1990年2月3日8:30": lambda d: f"{d.year}年{d.month}月{d.day}日8:30",
    "一九九〇年二月三日": lambda d: f"{chinese_year(d.year)}年{chinese(d.month)}月{chinese(d.day)}日",
    "一九九零年二月三日": lambda d: f"{chinese_year(d.year, '零')}年{chinese(d.month)}月{chinese(d.day)}日",
    "一九九○年二月三日": lambda d: f"{chinese_year(d.year, '○')}年{chinese(d.month)}月{chinese(d.day)}日",
    "一九九0年二月三日": lambda d: f"{chinese_year(d.year, '0')}年{chinese(d.month)}月{chinese(d.day)}日",
    "1990年二月三日": lambda d: f"{d.year}年{chinese(d.month)}月{chinese(d.day)}日",
    "一九九〇年二月廿三日": lambda d: (
        f"{chinese_year(d.year)}年{chinese(d.month)}月"
        f"{chinese(d.day).replace('二十', '廿').replace('三十', '卅')}日"
    ),
    "with zero-width marks": lambda d: f"\u200b{d.year}\ufeff-{d.month}-{d.day}\u202c",
}
TO_THE_MONTH: dict[str, Callable[[date], str]] = {
    "1990-02": lambda d: f"{d:%Y-%m}",
    "1990.2": lambda d: f"{d.year}.{d.month}",
    "1990/2": lambda d: f"{d.year}/{d.month}",
    "199002": lambda d: f"{d:%Y%m}",
    "1990年2月": lambda d: f"{d.year}年{d.month}月",
    "1990年2月份": lambda d: f"{d.year}年{d.month}月份",
    "1990年2": lambda d: f"{d.year}年{d.month}",
    "一九九〇年二月": lambda d: f"{chinese_year(d.year)}年{chinese(d.month)}月",
    "二零二四年五月": lambda d: f"{chinese_year(d.year, '零')}年{chinese(d.month)}月",
}


@pytest.mark.parametrize("write", TO_THE_DAY.values(), ids=TO_THE_DAY)
@quick
@given(day=days)
def test_every_day_in_every_writing(write: Callable[[date], str], day: date) -> None:
    assert parse_date(text(write(day))) == ParsedDate(day)


@pytest.mark.parametrize("write", TO_THE_MONTH.values(), ids=TO_THE_MONTH)
@quick
@given(day=days)
def test_a_month_becomes_its_first_and_says_so(write: Callable[[date], str], day: date) -> None:
    written = write(day)
    first = day.replace(day=1)
    assert parse_date(text(written)) == ParsedDate(first, False, f"“{written}”没有写日，按 {first} 计")


@quick
@given(day=days)
def test_numbers_that_are_written_dates(day: date) -> None:
    first = day.replace(day=1)
    assert parse_date(typed(f"{day:%Y%m%d}")) == ParsedDate(day)
    month = parse_date(typed(f"{day:%Y%m}"))
    assert month is not None
    assert (month.day, month.precise) == (first, False)
    two_places = parse_date(typed(f"{day:%Y.%m}")) if day.month != 10 else ParsedDate(first, False)
    assert two_places is not None
    assert (two_places.day, two_places.precise) == (first, False)


@quick
@given(day=days, seconds=st.integers(0, 86_399))
def test_serial_numbers_of_both_epochs(day: date, seconds: int) -> None:
    for epoch, is_1904 in ((date(1899, 12, 30), False), (date(1904, 1, 1), True)):
        serial = (day - epoch).days
        for written in (str(serial), f"{serial + seconds / 86_400!r}"):
            parsed = parse_date(typed(written), date_1904=is_1904)
            assert parsed == ParsedDate(day, note=f"“{written}”是 Excel 的日期序号，读作 {day}")


@pytest.mark.parametrize("is_1904", [False, True])
def test_every_real_date_of_either_epoch_comes_through_the_child(is_1904: bool) -> None:
    epoch = date(1904, 1, 1) if is_1904 else date(1899, 12, 30)
    every = [date(1921, 1, 1) + timedelta(days=day) for day in range(40_177)]
    sheets = [
        Sheet([_real((day - epoch).days) for day in every[start : start + 5000]], name=f"表{start}")
        for start in range(0, len(every), 5000)
    ]
    read = read_sheets(Book(sheets, date_1904=is_1904).content())
    assert [sheet.date_1904 for sheet in read] == [is_1904] * 9
    cells = [[parse_date(cell) for cell in row.cells.values()] for sheet in read for row in sheet.rows]
    assert cells == [[ParsedDate(day), ParsedDate(day)] for day in every]
    assert every[-1] == date(2030, 12, 31)


def _real(serial: int) -> list[Raw]:
    """The date, and the same day at six in the evening in another format."""
    return [number(str(serial), DATE_STYLE), number(f"{serial}.75", LONG_DATE_STYLE)]


def test_a_date_shown_as_a_month_is_a_month() -> None:
    rows = [[number("32905", MONTH_STYLE), number("32906", MONTH_STYLE)]]  # 1 and 2 February 1990
    cells = read_sheets(Book([Sheet(rows)]).content())[0].rows[0].cells
    assert parse_date(cells[1]) == ParsedDate(
        date(1990, 2, 1), False, "“1990-02-01”没有写日，按 1990-02-01 计"
    )
    assert parse_date(cells[2]) == ParsedDate(date(1990, 2, 2))


@pytest.mark.parametrize("written", ["", "—", "-", "/", "无", "暂无"])
def test_nothing_is_nothing(written: str) -> None:
    assert parse_date(text(written)) is None
    assert parse_date(None) is None


CHECK = "请核对后写成 1990-02-03 这样的日期"
WRITE = "请写成 1990-02-03 这样的日期"
AS_TEXT = "请先把这一列的单元格格式设为“文本”，再重新填写完整的号码"


@pytest.mark.parametrize(
    ("cell", "reason", "advice"),
    [
        (text("1990-02-30"), "1990 年 2 月没有 30 日", CHECK),
        (text("1900-02-29"), "1900 年 2 月没有 29 日", CHECK),
        (text("二〇二三年二月二十九日"), "2023 年 2 月没有 29 日", CHECK),
        (text("19900431"), "1990 年 4 月没有 31 日", CHECK),
        (text("1990-02-00"), "1990 年 2 月没有 0 日", CHECK),
        (text("1990年13月"), "没有 13 月", CHECK),
        (text("1990.0"), "没有 0 月", CHECK),
        (text("0000.1.1"), "年份 0 不在 1900—2199 之间", CHECK),
        (text("1890-01-01"), "年份 1890 不在 1900—2199 之间", CHECK),
        (text("9999年12月31日"), "年份 9999 不在 1900—2199 之间", CHECK),
        (text("90.2.3"), "年份要写四位", WRITE),
        (text("1990"), "只有年份，没有月份", "请至少写到月，如 1990-02"),
        (text("一九九〇年"), "只有年份，没有月份", "请至少写到月，如 1990-02"),
        (text("3/2/1990"), "看不懂这个日期", WRITE),
        (text("1990.2-1993.6"), "看不懂这个日期", WRITE),
        (text("1990年2月上旬"), "看不懂这个日期", WRITE),
        (text("2月3日"), "看不懂这个日期", WRITE),
        (text("8:30"), "看不懂这个日期", WRITE),
        (text("张三"), "看不懂这个日期", WRITE),
        (text("33000"), "这是 Excel 的日期序号，不是日期", f"请把单元格设为日期格式，或{WRITE[1:]}"),
        (typed("1990"), "只有年份，没有月份", "请至少写到月，如 1990-02"),
        (typed("1990.1"), "存成了数字，分不清是 1 月还是 10 月", "请写成 1990-01 或 1990-10"),
        (typed("1990.0203"), "看不懂这个日期", WRITE),
        (typed("0"), "看不懂这个日期", WRITE),
        (typed("-33000"), "看不懂这个日期", WRITE),
        (typed("1.1010119900307E+17"), "号码存成了数字，15 位以后的数字已经丢失", AS_TEXT),
        (RawCell(CellKind.BOOLEAN, "TRUE"), "这不是日期", WRITE),
        (RawCell(CellKind.DATE, "1", datetime(1899, 12, 31)), "年份 1899 不在 1900—2199 之间", CHECK),  # noqa: DTZ001 - as Excel has it
    ],
)
def test_what_is_no_date_is_refused_with_what_to_write(cell: RawCell, reason: str, advice: str) -> None:
    with pytest.raises(ValueProblem) as caught:
        parse_date(cell)
    assert (caught.value.value, caught.value.reason, caught.value.advice) == (cell.shown, reason, advice)


def parsed_or_refused(cell: RawCell) -> ParsedDate | ValueProblem | None:
    try:
        return parse_date(cell)
    except ValueProblem as problem:
        return problem


def is_sane(found: ParsedDate | ValueProblem | None) -> bool:
    return not isinstance(found, ParsedDate) or 1900 <= found.day.year <= 2199


@quick
@given(st.text(max_size=30) | st.from_regex(r"[0-9一二十〇年月日./ -]{1,14}", fullmatch=True))
def test_any_text_is_a_date_or_a_problem(written: str) -> None:
    assert is_sane(parsed_or_refused(text(written)))


NUMBERS = r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})([eE][+-]?[0-9]{1,3})?"


@quick
@given(st.from_regex(NUMBERS, fullmatch=True))
def test_any_number_is_a_date_or_a_problem(written: str) -> None:
    found = parsed_or_refused(typed(written))
    assert found is not None
    assert is_sane(found)
