"""The file comes back with one more column, and everything else as it was."""

import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from ledgers.sheets.cells import RawSheet, WorkbookRefused
from ledgers.sheets.gate import check_workbook
from ledgers.sheets.limits import ERROR_HEADING
from ledgers.sheets.marking import with_error_column
from ledgers.sheets.reading import read_sheets
from tests.ledgers.sheets.books import Book, Raw, Sheet, Value, book_of, formula, row_xml
from tests.ledgers.sheets.hostile.packages import BROKEN, parts_of, sheet_of
from tests.ledgers.sheets.roster import HEADING, PERSON, read_roster


def opened(content: bytes, name: str = "Sheet1") -> Worksheet:
    check_workbook(content, "a.xlsx")
    sheet = load_workbook(BytesIO(content))[name]
    assert isinstance(sheet, Worksheet)
    return sheet


def grid(content: bytes, name: str = "Sheet1") -> list[list[object]]:
    return [[cell.value for cell in row] for row in opened(content, name).iter_rows()]


def sheet_part(content: bytes) -> str:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def test_the_column_stands_behind_the_last_filled_one() -> None:
    rows: Sequence[Sequence[Value]] = (["党员花名册"], ["姓名", "电话"], ["张三", 138], ["李四"])
    marked = with_error_column(book_of(*rows), {"Sheet1": {4: "电话没有填"}}, heading_rows={"Sheet1": 2})
    assert grid(marked) == [
        ["党员花名册", None, None],
        ["姓名", "电话", ERROR_HEADING],
        ["张三", 138, None],
        ["李四", None, "电话没有填"],
    ]


def test_every_other_byte_of_the_sheet_stays() -> None:
    content = book_of(["姓名", formula("A1")], ["张三", None], [None], ["李四", 1.5])
    marked = with_error_column(content, {"Sheet1": {4: "错"}})
    added = (
        '<cols><col min="3" max="3" width="60" customWidth="1"/></cols>',
        cell("C1", ERROR_HEADING),
        cell("C4", "错"),
    )
    rest = sheet_part(marked)
    for piece in added:
        assert rest.count(piece) == 1
        rest = rest.replace(piece, "")
    assert rest == sheet_part(content)
    unchanged = {name: part for name, part in parts_of(content) if "sheet1" not in name}
    assert {name: part for name, part in parts_of(marked) if "sheet1" not in name} == unchanged


def cell(place: str, text: str) -> str:
    spelled = text.encode("ascii", "xmlcharrefreplace").decode()
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{spelled}</t></is></c>'


def test_a_column_of_the_last_time_is_replaced() -> None:
    once = with_error_column(book_of(HEADING, PERSON, PERSON, PERSON), {"Sheet1": {2: "甲", 3: "乙"}})
    twice = with_error_column(once, {"Sheet1": {3: "丙", 4: "丁"}})
    assert [row[-1] for row in grid(twice)] == [ERROR_HEADING, None, "丙", "丁"]
    assert [len(row) for row in grid(twice)] == [5, 5, 5, 5]
    assert read_roster(twice).dropped == ()
    clean = with_error_column(twice, {"Sheet1": {}})
    assert [row[-1] for row in grid(clean)] == [ERROR_HEADING, None, None, None]


def test_what_somebody_wrote_behind_our_column_stays() -> None:
    rows: Sequence[Sequence[Value]] = (
        ["姓名", ERROR_HEADING, "备注"],
        ["张三", "旧", "留着"],
        ["李四", "旧", None],
    )
    marked = with_error_column(book_of(*rows), {"Sheet1": {2: "新"}})
    assert grid(marked) == [["姓名", ERROR_HEADING, "备注"], ["张三", "新", "留着"], ["李四", None, None]]


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|'/C calc'!A0",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "<b>&amp;\"'</b>",
        "两\n行",
        "_x0041_",
        "𠮷",
        "  blanks  ",
    ],
)
def test_texts_stay_texts(text: str) -> None:
    marked = with_error_column(book_of(["姓名"], ["张三"]), {"Sheet1": {2: text}})
    found = opened(marked)["B2"]
    assert (found.value, found.data_type) == (text if text != "_x0041_" else "_x005F_x0041_", "s")
    assert read_sheets(marked)[0].rows[1].cells[2].written == text


def test_texts_are_cleaned_and_cut() -> None:
    marked = with_error_column(
        book_of(["姓名"], ["张三"], ["李四"]), {"Sheet1": {2: "坏\x00\ud800字", 3: "长" * 9000}}
    )
    assert [row[-1] for row in grid(marked)] == [ERROR_HEADING, "坏字", "长" * 2000]


def test_a_dressed_workbook_keeps_its_dress() -> None:
    """Styles, widths, comments, choices, tables, formulas, filters and hidden sheets are still there."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["姓名", "人数"])
    sheet.append(["张三", "=1+1"])
    sheet["A1"].font = sheet["B1"].font = Font(bold=True)
    sheet["A2"].fill = PatternFill("solid", fgColor="FFFFFF00")
    sheet["A2"].comment = Comment("批注", "某人")
    sheet.column_dimensions["A"].width = 33
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = "A1:B2"
    sheet.add_data_validation(DataValidation(type="list", formula1='"甲,乙"', sqref="A2:A9"))
    sheet.add_table(Table(displayName="T1", ref="A1:B2"))
    book.create_sheet("参数").sheet_state = "hidden"
    target = BytesIO()
    book.save(target)
    marked = opened(with_error_column(target.getvalue(), {"Sheet": {2: "错"}}), "Sheet")
    assert [marked["A2"].value, marked["B2"].value, marked["C2"].value] == ["张三", "=1+1", "错"]
    assert marked["C1"].font.bold is True  # the heading is dressed as its neighbour
    assert marked["A2"].fill.fgColor.rgb == "FFFFFF00"
    assert marked["A2"].comment is not None
    assert (marked.column_dimensions["A"].width, marked.column_dimensions["C"].width) == (33, 60)
    assert (marked.freeze_panes, marked.auto_filter.ref) == ("A2", "A1:B2")
    assert [str(choice.sqref) for choice in marked.data_validations.dataValidation] == ["A2:A9"]
    assert marked.tables["T1"].ref == "A1:B2"
    assert marked.parent is not None
    assert marked.parent["参数"].sheet_state == "hidden"


def test_styled_cells_and_columns_behind_the_table_make_room() -> None:
    wide = "".join('<c s="1"/>' for _ in range(6))
    xml = sheet_of(
        '<dimension ref="A1:H3"/><cols><col min="1" max="16384" width="9"/></cols><sheetData>'
        f'<row r="1" spans="1:8"><c r="A1"><v>1</v></c>{wide}</row>'
        '<row r="2" s="1" customFormat="1" spans="1:8"/>'
        "<row r='3' spans='1:8'><c r='A3'><v>3</v></c></row>"
        '<row r="4" spans="1:8"></row></sheetData>'
    )
    marked = with_error_column(Book([Sheet(xml=xml)]).content(), {"Sheet1": {2: "乙", 3: "丙", 4: "丁"}})
    assert [row[:2] for row in grid(marked)] == [[1, ERROR_HEADING], [None, "乙"], [3, "丙"], [None, "丁"]]
    part = sheet_part(marked)
    assert [part.count(word) for word in ("<dimension", "spans=", "<col ", 's="1"')] == [0, 0, 1, 6]


def test_a_writer_with_prefixes_and_one_with_wide_letters() -> None:
    plain = str(Sheet([["姓名"], ["张三"]]).part)
    prefixed = (
        plain.replace("<", "<x:")
        .replace("<x:/", "</x:")
        .replace("<x:?", "<?")
        .replace(" xmlns=", " xmlns:x=")
    )
    wide = plain.encode("utf-16")
    for xml in (prefixed, wide.replace("UTF-8".encode("utf-16-le"), "UTF-16".encode("utf-16-le"))):
        marked = with_error_column(Book([Sheet(xml=xml)]).content(), {"Sheet1": {2: "错"}})
        assert grid(marked) == [["姓名", ERROR_HEADING], ["张三", "错"]]


def test_several_sheets_each_have_their_own_column() -> None:
    sheets = [
        Sheet([["a"], ["b"]], name="一"),
        Sheet([["a", "b"]], name="二"),
        Sheet([["c"]], name="三 & 四"),
    ]
    marked = with_error_column(
        Book(sheets).content(),
        {"一": {2: "甲"}, "三 & 四": {1: "丙", 7: "没有这一行"}},
        heading_rows={"三 & 四": 9},
    )
    assert grid(marked, "一") == [["a", ERROR_HEADING], ["b", "甲"]]
    assert grid(marked, "二") == [["a", "b"]]
    assert grid(marked, "三 & 四") == [["c", "丙"]]


def test_five_thousand_rows_come_back() -> None:
    content = book_of(HEADING, *([PERSON] * 5000))
    texts = {row: f"第 {row} 行有错" for row in range(2, 5002)}
    marked = with_error_column(content, {"Sheet1": texts})
    cells = [row.cells[5].written for row in read_sheets(marked)[0].rows]
    assert cells == [ERROR_HEADING, *texts.values()]


@pytest.mark.parametrize(
    ("content", "sheet"),
    [
        (book_of(["a"]), "别的表"),
        (Book([Sheet(xml="<oops")]).content(), "Sheet1"),
        (book_of(["a"], ["b"], more_rows=row_xml(1, ["c"])), "Sheet1"),
        (b"PK\x03\x04", "Sheet1"),
    ],
)
def test_what_cannot_be_marked_is_said(content: bytes, sheet: str) -> None:
    with pytest.raises(WorkbookRefused) as caught:
        with_error_column(content, {sheet: {1: "错"}})
    assert str(caught.value) == BROKEN


def test_dates_are_untouched() -> None:
    content = book_of(["出生日期"], [Raw('<c r="{r}" s="1"><v>32905</v></c>')])
    before: RawSheet = read_sheets(content)[0]
    after = read_sheets(with_error_column(content, {"Sheet1": {2: "错"}}))[0]
    assert after.rows[1].cells[1] == before.rows[1].cells[1]
    assert after.rows[1].cells[1].moment == datetime.fromisoformat("1990-02-01")
