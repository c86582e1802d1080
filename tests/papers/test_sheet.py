"""Excel forms, filled by the child and opened again."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from papers.filling.parent import fill, filling_of, read_names
from tests.papers.opened import cells_of, saved, sheet_of, workbook


def filled(
    content: bytes, values: dict[str, Any], lists: Any = None, *, blank: tuple[str, ...] = ()
) -> bytes:
    return fill(content, "xlsx", filling_of(values, lists or {}, blank=blank))


def test_dates_stay_dates_numbers_numbers_and_text_is_never_a_formula() -> None:
    content = workbook(["{{ 日 }}", "{{数}}", "{{ 小数 }}"], ["{{ 文 }}", "于{{ 日 }}共{{ 数 }}人"])
    assert read_names(content, "xlsx") == ["日", "数", "小数", "文"]
    values = {"日": date(2026, 11, 18), "数": 12, "小数": Decimal("1.5"), "文": "=1+1"}
    sheet = sheet_of(filled(content, values))
    assert (sheet["A1"].value.date(), sheet["A1"].is_date) == (date(2026, 11, 18), True)
    assert (sheet["B1"].value, sheet["C1"].value) == (12, 1.5)
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")
    assert sheet["B2"].value == "于2026年11月18日共12人"


def test_a_text_with_trouble_in_it_comes_back_as_it_was() -> None:
    trouble = "<a> & ' \" { {{ 数 }}\r\n第二行\x01"
    sheet = sheet_of(filled(workbook(["{{ 文 }}", "{{ 数 }}"]), {"文": trouble, "数": 1}))
    assert sheet["A1"].value == "<a> & ' \" { {{ 数 }}\n第二行"
    assert sheet["A1"].alignment.wrap_text is True
    assert sheet["B1"].value == 1


def test_rows_of_a_list_move_what_stands_below() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["题"], ["{{ 人.名 }}", "{{ 人.日 }}", "{{ 组织 }}"], ["尾", "", ""]):
        sheet.append(row)
    sheet["A2"].font = Font(bold=True)
    sheet.merge_cells("A3:C3")
    sheet.row_dimensions[2].height, sheet.row_dimensions[3].height = 31, 17
    sheet.print_area = "A1:C3"
    people = [{"名": name, "日": date(2026, 1, day)} for day, name in enumerate("甲乙丙", start=1)]
    result = filled(saved(book), {"组织": "一支部"}, {"人": people})
    assert cells_of(result) == [
        ["题", None, None],
        ["甲", date(2026, 1, 1), "一支部"],
        ["乙", date(2026, 1, 2), "一支部"],
        ["丙", date(2026, 1, 3), "一支部"],
        ["尾", None, None],
    ]
    made = sheet_of(result)
    assert [made.cell(row, 1).font.bold for row in range(1, 6)] == [False, True, True, True, False]
    assert [area.coord for area in made.merged_cells.ranges] == ["A5:C5"]
    assert [made.row_dimensions[row].height for row in (2, 3, 4, 5)] == [31, 31, 31, 17]
    assert made.print_area == "'Sheet'!$A$1:$C$5"


def test_two_lists_on_two_sheets_and_an_empty_one() -> None:
    book = Workbook()
    book.worksheets[0].append(["{{ 人.名 }}"])
    book.create_sheet("二").append(["{{ 事.项 }}"])
    result = filled(saved(book), {}, {"人": [{"名": "甲"}, {"名": "乙"}]}, blank=("事.项",))
    sheets = load_workbook(BytesIO(result)).worksheets
    assert [[cell.value for cell in sheet["A"]] for sheet in sheets] == [["甲", "乙"], ["＿＿＿＿＿＿"]]


def test_print_header_is_filled() -> None:
    book = Workbook()
    sheet: Any = book.worksheets[0]
    sheet["A1"] = "{{ 数 }}"
    sheet.oddHeader.center.text = "{{ 组织 }}"
    content = saved(book)
    assert read_names(content, "xlsx") == ["数", "组织"]
    assert sheet_of(filled(content, {"数": 1, "组织": "甲&乙"})).oddHeader.center.text == "甲&&乙"
