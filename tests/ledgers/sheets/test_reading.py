"""What comes out of a good workbook: types, row numbers, sheets, merged headings; and from many writers."""

import zipfile
from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.merge import MergedCellRange

from ledgers.renderers.xlsx import render_xlsx
from ledgers.sheets.cells import CellKind, RawCell, RawRow, RawSheet, Skipped, WorkbookRefused
from ledgers.sheets.gate import check_workbook
from ledgers.sheets.limits import SheetLimits
from ledgers.sheets.reading import read_sheets
from ledgers.sheets.serials import from_serial, is_date_format, is_month_format
from tests.ledgers.sample import document_of, make_ledger, topic_row
from tests.ledgers.sheets.books import (
    DATE_STYLE,
    HEAD,
    MAIN,
    STYLES,
    Book,
    Raw,
    Sheet,
    Value,
    book_of,
    error,
    formula,
    number,
    packed,
    shared,
)
from tests.ledgers.sheets.hostile.packages import parts_of, sheet_of
from tests.ledgers.sheets.roster import HEADING, PERSON, read_roster, values_of


def first_row(content: bytes) -> dict[int, RawCell]:
    return dict(read_sheets(content)[0].rows[0].cells)


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def test_values_keep_their_types() -> None:
    content = book_of(
        [
            " 文字 ",
            number("12"),
            number("1.1010119900307E+17"),
            number("32905", DATE_STYLE),
            Raw('<c r="{r}" t="b"><v>1</v></c>'),
            formula('IF(A1="",1,2)', "2"),
            Raw('<c r="{r}"><f t="shared" si="0"/><v>2</v></c>'),
            error("#DIV/0!"),
            Raw('<c r="{r}" t="str"><v>旧</v></c>'),
            Raw('<c r="{r}" t="d"><v>1990-02-01T08:30:00</v></c>'),
            Raw(
                '<c r="{r}" t="inlineStr"><is><r><t>富</t></r><rPh><t>fù</t></rPh><r><t>文本</t></r></is></c>'
            ),
            Raw('<c r="{r}" s="1"/>'),
            number("0.5", DATE_STYLE),
            number("99999999", DATE_STYLE),
        ]
    )
    assert first_row(content) == {
        1: RawCell(CellKind.TEXT, " 文字 "),
        2: RawCell(CellKind.NUMBER, "12"),
        3: RawCell(CellKind.NUMBER, "1.1010119900307E+17"),
        4: RawCell(CellKind.DATE, "32905", at("1990-02-01")),
        5: RawCell(CellKind.BOOLEAN, "TRUE"),
        6: RawCell(CellKind.FORMULA, '=IF(A1="",1,2)'),
        7: RawCell(CellKind.FORMULA, "="),
        8: RawCell(CellKind.ERROR, "#DIV/0!"),
        9: RawCell(CellKind.TEXT, "旧"),
        10: RawCell(CellKind.DATE, "1990-02-01T08:30:00", at("1990-02-01T08:30")),
        11: RawCell(CellKind.TEXT, "富文本"),
        13: RawCell(CellKind.NUMBER, "0.5"),
        14: RawCell(CellKind.NUMBER, "99999999"),
    }


def test_rows_keep_their_numbers_and_empty_ones_are_left_out() -> None:
    content = book_of(
        ["a"], [None], [None, "b"], more_rows='<row r="9"><c/><c><v>7</v></c></row><row r="99" s="1"/>'
    )
    assert read_sheets(content) == [
        RawSheet(
            "Sheet1",
            (
                RawRow(1, {1: RawCell(CellKind.TEXT, "a")}),
                RawRow(3, {2: RawCell(CellKind.TEXT, "b")}),
                RawRow(9, {2: RawCell(CellKind.NUMBER, "7")}),
            ),
        )
    ]


def test_rows_and_cells_without_places_are_counted() -> None:
    xml = sheet_of(
        "<sheetData><row><c><v>1</v></c><c/><c><v>3</v></c></row><row/><row><c><v>5</v></c></row></sheetData>"
    )
    rows = read_sheets(Book([Sheet(xml=xml)]).content())[0].rows
    assert [(row.number, {place: cell.written for place, cell in row.cells.items()}) for row in rows] == [
        (1, {1: "1", 3: "3"}),
        (3, {1: "5"}),
    ]


def test_hidden_sheets_and_charts_are_named_and_skipped() -> None:
    sheets = [
        Sheet([["参数"]], name="参数", state="hidden"),
        Sheet([["很深"]], name="很深", state="veryHidden"),
        Sheet(name="图", kind="chartsheet", xml="<chartsheet/>"),
        Sheet([["姓名"]], name="花名册\u200b"),
    ]
    read = read_sheets(Book(sheets).content())
    assert [(sheet.name, sheet.skipped, len(sheet.rows)) for sheet in read] == [
        ("参数", Skipped.HIDDEN, 0),
        ("很深", Skipped.HIDDEN, 0),
        ("图", Skipped.CHART, 0),
        ("花名册", Skipped.NO, 1),
    ]


def test_merged_areas_are_kept() -> None:
    content = book_of(["a", None], merged=["A1:B1", "C2", "A11:B11"])
    assert read_sheets(content)[0].merged == ((1, 1, 1, 2), (2, 3, 2, 3), (11, 1, 11, 2))


def test_shared_texts_are_decoded_and_readings_left_out() -> None:
    content = Book(
        [Sheet([[shared(0), shared(1)]])],
        texts=["x"],
        parts={
            "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{MAIN}">'
            "<si><r><t>富</t></r><r><t>_x000D_\n文本</t></r></si>"
            "<si><t>东京</t><rPh><t>トウキョウ</t></rPh></si></sst>"
        },
    ).content()
    assert [cell.written for cell in first_row(content).values()] == ["富\n文本", "东京"]


def test_a_writer_with_prefixes_is_understood() -> None:
    sheet = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is>'
        "<x:t>姓名</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>"
    )
    assert first_row(Book([Sheet(xml=sheet)]).content()) == {1: RawCell(CellKind.TEXT, "姓名")}


def test_styles_and_properties_written_a_little_wrong_do_not_matter() -> None:
    """Some office suites write empty fills and odd dates of creation; other readers give up on them."""
    styles = STYLES.replace("<patternFill/>", "")
    book = Book([Sheet([["姓名"]])], parts={"xl/styles.xml": styles, "docProps/core.xml": "<oops"})
    with pytest.raises(TypeError):
        load_workbook(BytesIO(Book([Sheet()], parts={"xl/styles.xml": styles}).content()))
    assert first_row(book.content()) == {1: RawCell(CellKind.TEXT, "姓名")}


def test_names_of_parts_in_other_letters_are_found() -> None:
    parts = [(name.replace("worksheets", "Worksheets"), part) for name, part in parts_of(book_of(["a"]))]
    assert first_row(packed(parts)) == {1: RawCell(CellKind.TEXT, "a")}


def saved(book: Workbook) -> bytes:
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_workbook_of_openpyxl() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADING)
    sheet.append(["张三", "11010119900307001X", date(1990, 3, 7), datetime(2015, 7, 1, 9, 30)])  # noqa: DTZ001 - as Excel has it
    sheet.merged_cells.add(MergedCellRange(sheet, "A9:B9"))
    table = read_roster(saved(book))
    assert values_of(table.rows[0]) == {
        "name": "张三",
        "id_number": "11010119900307001X",
        "born": table_date(1990, 3, 7),
        "joined": table_date(2015, 7, 1),
    }


def table_date(year: int, month: int, day: int) -> object:
    return values_of(read_roster(book_of(HEADING, ["x", "1", date(year, month, day)])).rows[0])["born"]


def test_our_own_ledgers_pass_the_gate_and_are_read() -> None:
    content = render_xlsx(document_of(make_ledger([topic_row("学习"), topic_row("=1+1")])))
    check_workbook(content, "提醒台账.XLSX")
    texts = [cell.written for row in read_sheets(content)[0].rows for cell in row.cells.values()]
    assert "=1+1" in texts


def test_entries_that_large_writers_make_pass_the_gate() -> None:
    """Writers that stream mark their entries for large sizes although they are small."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts_of(book_of(HEADING, PERSON)):
            with archive.open(name, "w", force_zip64=True) as entry:
                entry.write(part if isinstance(part, bytes) else part.encode())
    assert len(read_roster(target.getvalue()).rows) == 1


def test_progress_is_told() -> None:
    seen: list[int] = []
    read_sheets(book_of(*([["a"]] * 1700)), tick=seen.append)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 1500)


def test_limits_are_those_given() -> None:
    content = book_of(*([["a", "b"]] * 30))
    assert len(read_sheets(content, limits=SheetLimits(rows=20))[0].rows) == 30  # ten more for a heading
    for limits, code in (
        (SheetLimits(rows=19), "rows"),
        (SheetLimits(columns=1), "columns"),
        (SheetLimits(cells=59), "too_much"),
        (SheetLimits(characters=59), "too_much"),
        (SheetLimits(sheets=0), "sheets"),
    ):
        with pytest.raises(WorkbookRefused) as caught:
            read_sheets(content, limits=limits)
        assert caught.value.code == code


def test_rows_of_formulas_alone_do_not_count_against_the_limit() -> None:
    typed: list[Value] = ["a"]
    computed: list[Value] = [formula("A1")]
    rows = [*[typed] * 5, *[computed] * 40]
    assert len(read_sheets(book_of(*rows), limits=SheetLimits(rows=5))[0].rows) == 45


@pytest.mark.parametrize(
    ("code", "is_date", "is_month"),
    [
        ("General", False, False),
        ("0.00", False, False),
        ("@", False, False),
        ('#,##0"元"', False, False),
        ("[Red]0", False, False),
        ("[h]:mm", False, False),
        ("yyyy\\-mm\\-dd", True, False),
        ("yyyy/m/d", True, False),
        ('yyyy"年"m"月"d"日";@', True, False),
        ('yyyy"年"m"月"', True, True),
        ("[$-804]yyyy/m", True, True),
        ("m/d", True, False),
        ("h:mm AM/PM", True, False),
        ('[DBNum1][$-804]yyyy"年"m"月"d"日"', True, False),
        ("mmm-yy", True, True),
    ],
)
def test_number_formats(code: str, is_date: bool, is_month: bool) -> None:
    assert (is_date_format(code), is_month_format(code)) == (is_date, is_month)


@pytest.mark.parametrize(
    ("value", "is_1904", "moment"),
    [
        (1, False, "1900-01-01"),
        (59, False, "1900-02-28"),
        (61, False, "1900-03-01"),
        (36526, False, "2000-01-01"),
        (1, True, "1904-01-02"),
        (2_958_465, False, "9999-12-31"),
        (36526.99999999999, False, "2000-01-02"),
    ],
)
def test_serial_numbers(value: float, is_1904: bool, moment: str) -> None:
    assert from_serial(value, date_1904=is_1904) == at(moment)


@pytest.mark.parametrize("value", [0, 0.5, -1, 2_958_466, 1e300, float("inf"), float("nan")])
def test_numbers_that_are_no_serial(value: float) -> None:
    assert from_serial(value) is None
    assert from_serial(value, date_1904=True) is None


def test_the_last_serial_of_1904_is_out_of_range() -> None:
    assert from_serial(2_958_465, date_1904=True) is None
