"""Excel files, opened again and read cell by cell."""

from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgers.document import LedgerDocument
from ledgers.ledger import Cell, Heading, Tone
from ledgers.renderers.xlsx import CellTooLongError, render_xlsx, sheet_name, write_xlsx
from ledgers.sheets.reading import read_sheets
from ledgers.text import CELL_LIMIT
from tests.ledgers.sample import ROWS, document_of, make_ledger, topic_row


def opened(document: LedgerDocument) -> Worksheet:
    sheet = load_workbook(BytesIO(render_xlsx(document))).active
    assert isinstance(sheet, Worksheet)
    return sheet


def topic_cell(topic: str) -> tuple[object, str, bool]:
    cell = opened(document_of(make_ledger([topic_row(topic)]))).cell(5, 4)
    return cell.value, cell.data_type, bool(cell.quotePrefix)


def wall_clock(text: str) -> datetime:
    """A moment as Excel knows it, without a zone."""
    return datetime.fromisoformat(text)


def test_every_cell_comes_back() -> None:
    document = document_of(make_ledger())
    rows = list(opened(document).iter_rows(values_only=True))
    assert rows[0][0] == "支部活动台账"
    assert rows[1][0] == "填报单位：县局党总支　　统计期间：2026 年 11 月　　截至：2026-11-13 09:30"
    assert rows[2][0] == "筛选：全部记录　　共 3 条"
    assert rows[3] == ("序号", "党支部", "日期", "内容摘要", "出席人数", "学时", "金额", "状态", "登记时间")
    assert rows[4] == (
        1,
        "红土坡烟站党支部",
        wall_clock("2026-11-05T00:00"),
        "专题学习",
        12,
        1.5,
        20,
        "按时完成",
        wall_clock("2026-11-06T00:05"),
    )
    assert rows[5] == (2, "城关党支部", None, "=1+1", 0, 2, None, "已逾期", None)
    assert rows[6] == (
        3,
        None,
        wall_clock("2024-02-29T00:00"),
        "a < b & <b>粗</b>",
        None,
        None,
        0.1,
        "即将到期",
        None,
    )
    assert rows[7] == (None,) * 9
    assert rows[8][0] == "范围：县局党总支　　期间：2026 年 11 月　　筛选：全部记录"
    assert rows[9][0] == (
        f"排序：按日期先后　　截至：2026-11-13 09:30　　共 3 条　　台账版本：1　　校验值：{document.checksum}"
    )
    assert rows[10][0] == "填报人：　　　　　　　　审核人：　　　　　　　　日期：　　年　　月　　日"


def test_dates_and_numbers_are_real() -> None:
    sheet = opened(document_of(make_ledger()))
    kinds = [(cell.data_type, cell.number_format) for cell in sheet[5]]
    assert kinds == [
        ("n", "0"),
        ("s", "General"),
        ("d", "yyyy-mm-dd"),
        ("s", "General"),
        ("n", "0"),
        ("n", "0.0##"),
        ("n", "0.00####"),
        ("s", "General"),
        ("d", "yyyy-mm-dd hh:mm"),
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_what_begins_like_a_formula_stays_text(start: str) -> None:
    text = f"{start}cmd|' /C calc'!A0"
    assert topic_cell(text) == (text, "s", True)


@pytest.mark.parametrize("text", ["\r=1+1", "\n=1+1", " =1+1", "#N/A", "TRUE", "0012", "2026-11-13", "1e5"])
def test_text_that_looks_like_something_else_stays_text(text: str) -> None:
    value, kind, _ = topic_cell(text)
    assert (value, kind) == (text.replace("\r", "\n"), "s")


def test_titles_and_headings_are_no_formulas_either() -> None:
    ledger = make_ledger(title="=1+1", heading=lambda user, cleaned, on: Heading("=2", "期", "2026-11"))
    sheet = opened(document_of(ledger))
    assert (sheet["A1"].value, sheet["A1"].data_type) == ("=1+1", "s")


def test_control_characters_are_shown_and_coded_text_is_kept() -> None:
    assert topic_cell("a\x00\x0b\ud800\uffff") == ("a␀␋\ufffd\ufffd", "s", False)
    # Excel would read _x0041_ as “A”; the coded underscore makes it show what was typed.
    assert topic_cell("_x0041_") == ("_x005F_x0041_", "s", False)


def test_a_text_of_the_limit_fits_and_one_more_is_refused() -> None:
    longest = "长" * CELL_LIMIT
    assert topic_cell(longest) == (longest, "s", False)
    with pytest.raises(CellTooLongError) as caught:
        render_xlsx(document_of(make_ledger([topic_row("短"), topic_row(longest + "长")])))
    assert str(caught.value) == "第 2 行“内容摘要”有 32768 个字，超过单元格 32767 字的上限，请先缩短再导出。"


def test_the_limit_counts_as_excel_does() -> None:
    with pytest.raises(CellTooLongError):
        topic_cell("𠮷" * (CELL_LIMIT // 2 + 1))


def test_the_sheet_is_ready_to_read_and_to_print() -> None:
    sheet = opened(document_of(make_ledger()))
    assert (sheet.title, sheet.freeze_panes, sheet.auto_filter.ref) == ("支部活动台账", "A5", "A4:I7")
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize or 0)) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$4:$4"
    assert sheet.oddFooter is not None
    assert (sheet.oddFooter.center.text, sheet.oddFooter.left.text) == (
        "第 &P 页 / 共 &N 页",
        "内部资料 注意保管",
    )
    assert sorted(str(each) for each in sheet.merged_cells.ranges) == [
        *("A10:I10", "A11:I11", "A1:I1", "A2:I2", "A3:I3", "A9:I9"),
    ]


def test_the_head_is_styled_and_columns_are_wide_enough() -> None:
    sheet = opened(document_of(make_ledger()))
    head = sheet["D4"]
    assert (head.font.b, head.fill.fgColor.rgb) == (True, "FFEEF2F6")
    widths = {letter: sheet.column_dimensions[letter].width for letter in "ABCDI"}
    assert widths == {"A": 8.0, "B": 24.2, "C": 13.75, "D": 41.8, "I": 19.8}


def test_long_text_wraps_in_a_taller_row() -> None:
    sheet = opened(document_of(make_ledger([topic_row("短"), topic_row("学" * 50), topic_row("学" * 9000)])))
    assert [sheet.row_dimensions[row].height for row in (5, 6, 7)] == [None, 48.0, 409.0]
    assert sheet["D6"].alignment.wrap_text is True


def test_an_empty_ledger_says_so() -> None:
    sheet = opened(document_of(make_ledger([])))
    assert (sheet["A5"].value, sheet.auto_filter.ref) == ("本期没有记录", "A4:I5")


def test_the_file_names_the_portal_and_no_person() -> None:
    content = render_xlsx(document_of(make_ledger()))
    properties = load_workbook(BytesIO(content)).properties
    assert (properties.title, properties.creator, properties.lastModifiedBy) == (
        "支部活动台账",
        "党务工作台",
        "党务工作台",
    )
    assert [
        name for name in ZipFile(BytesIO(content)).namelist() if "vba" in name or "external" in name
    ] == []


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a[b]:c*d?e/f\\g", "a b  c d e f g"),
        ("台" * 40, "台" * 31),
        ("'引'", "引"),
        ("/", "台账"),
        ("", "台账"),
    ],
)
def test_sheet_names(title: str, name: str) -> None:
    assert sheet_name(title) == name


def test_the_same_moment_is_the_wall_clock_of_the_portal() -> None:
    document = document_of(make_ledger(ROWS[:1]))
    assert opened(document)["I5"].value == wall_clock("2026-11-06T00:05")


def test_equal_documents_give_equal_bytes() -> None:
    first, second = (render_xlsx(document_of(make_ledger())) for _ in range(2))
    assert first == second
    with ZipFile(BytesIO(first)) as made:
        assert {entry.date_time for entry in made.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = load_workbook(BytesIO(first)).properties
    assert properties.created == properties.modified == wall_clock("2026-11-13T01:30")


def test_states_keep_their_tone_and_formula_like_states_stay_text() -> None:
    late = (*topic_row("学习")[:6], Cell("=late", Tone.LATE), None)
    sheet = opened(document_of(make_ledger([topic_row("学习"), late])))
    fonts = [(sheet.cell(row, 8).font.b, sheet.cell(row, 8).font.color) for row in (5, 6)]
    assert [(bold, color.rgb if color else None) for bold, color in fonts] == [
        (False, "FF1B6E43"),
        (True, "FFA81E22"),
    ]
    assert (sheet.cell(6, 8).value, sheet.cell(6, 8).data_type, sheet.cell(6, 8).quotePrefix) == (
        "=late",
        "s",
        True,
    )


def test_every_cell_of_the_table_is_framed() -> None:
    sheet = opened(document_of(make_ledger()))
    assert {cell.border.bottom.style for row in sheet["A4:I7"] for cell in row} == {"thin"}


def test_the_writer_tells_how_far_it_is_and_may_be_stopped() -> None:
    document = document_of(make_ledger([topic_row("学习")] * 1200))
    seen: list[int] = []
    write_xlsx(document, BytesIO(), tick=seen.append)
    assert seen == [500, 1000, 1200]


def test_another_reader_sees_the_same() -> None:
    """The engine's own reader of uploads is written apart from any writer."""
    (sheet,) = read_sheets(render_xlsx(document_of(make_ledger())))
    assert [row.cells[2].written for row in sheet.rows[4:7] if 2 in row.cells] == [
        "红土坡烟站党支部",
        "城关党支部",
    ]
