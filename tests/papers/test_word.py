"""Word forms, filled by the child and opened again."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from docx.shared import Pt

from papers.filling.parent import ValuesMissing, fill, filling_of, read_names
from tests.papers.opened import document, lines_of, opened, rows_of, saved, with_part

TROUBLE = "<b>&amp; 'a' \"b\" {x} {{ 地点 }} {% if %}\r\n第二行\t跳\x0b完"
TROUBLE_SHOWN = "<b>&amp; 'a' \"b\" {x} {{ 地点 }} {% if %}\n第二行\t跳完"


def filled(
    content: bytes, values: dict[str, Any], lists: Any = None, *, blank: tuple[str, ...] = ()
) -> bytes:
    return fill(content, "docx", filling_of(values, lists or {}, blank=blank))


def test_paragraphs_table_header_and_footer_are_filled() -> None:
    content = document(
        "{{会议日期}}在{{ 地点 }}",
        rows=[["人数", "{{ 人数 }}"]],
        header="{{ 组织 }}记录",
        footer="共{{ 学时 }}学时",
    )
    assert read_names(content, "docx") == ["会议日期", "地点", "人数", "组织", "学时"]
    values = {
        "会议日期": date(2026, 2, 9),
        "地点": "会议室",
        "人数": 0,
        "组织": "一支部",
        "学时": Decimal("2.50"),
    }
    made = filled(content, values)
    assert lines_of(made) == ["2026年2月9日在会议室"]
    assert rows_of(made) == [["人数", "0"]]
    section = opened(made).sections[0]
    assert (section.header.paragraphs[0].text, section.footer.paragraphs[0].text) == (
        "一支部记录",
        "共2.5学时",
    )


def test_a_name_split_into_runs_takes_the_look_of_its_beginning() -> None:
    made = Document()
    paragraph = made.add_paragraph()
    for n, text in enumerate(("在{", "{ 地", "点 }", "}召开，", "{{ 地点 }}")):
        paragraph.add_run(text).font.size = Pt(10 + n)
    result = opened(filled(saved(made), {"地点": "会议室"})).paragraphs[0]
    assert result.text == "在会议室召开，会议室"
    assert [(run.text, run.font.size.pt) for run in result.runs if run.text and run.font.size] == [
        ("在会议室", 10.0),
        ("召开，", 13.0),
        ("会议室", 14.0),
    ]


def test_what_somebody_registered_stays_text() -> None:
    content = document("议题：{{ 议题 }}。", rows=[["{{ 人.名 }}", "{{ 地点 }}"]])
    made = filled(content, {"议题": TROUBLE, "地点": "甲"}, {"人": [{"名": TROUBLE}, {"名": "{{ 人.名 }}"}]})
    assert lines_of(made) == [f"议题：{TROUBLE_SHOWN}。"]
    assert rows_of(made) == [[TROUBLE_SHOWN, "甲"], ["{{ 人.名 }}", "甲"]]


def test_a_row_stands_once_for_each_of_its_list_and_keeps_its_place() -> None:
    rows = [
        ["姓名", "原因", "组织"],
        ["{{ 人.名 }}", "因{{ 人.因 }}", "{{ 组织 }}"],
        ["以下", "空白", "{{ 组织 }}"],
    ]
    people = [{"名": "甲", "因": "病"}, {"名": "乙", "因": "差"}, {"名": "丙", "因": "假"}]
    made = filled(document(rows=rows), {"组织": "一支部"}, {"人": people})
    assert rows_of(made) == [
        ["姓名", "原因", "组织"],
        ["甲", "因病", "一支部"],
        ["乙", "因差", "一支部"],
        ["丙", "因假", "一支部"],
        ["以下", "空白", "一支部"],
    ]


def test_two_lists_in_two_tables_and_a_table_inside_a_row() -> None:
    made = Document()
    for name in ("甲", "乙"):
        made.add_table(rows=1, cols=1).cell(0, 0).text = "{{ " + name + ".名 }}"
    inner = made.add_table(rows=1, cols=1).cell(0, 0).add_table(rows=1, cols=1)
    inner.cell(0, 0).text = "{{ 甲.名 }}"
    lists = {"甲": [{"名": "一"}, {"名": "二"}], "乙": [{"名": "三"}]}
    result = filled(saved(made), {}, lists)
    assert (rows_of(result), rows_of(result, 1)) == ([["一"], ["二"]], [["三"]])
    nested = opened(result).tables[2].cell(0, 0).tables[0]
    assert [row.cells[0].text for row in nested.rows] == ["一", "二"]


def test_what_is_missing_is_named_and_may_be_left_for_the_pen() -> None:
    content = document("{{ 主持 }}{{ 地点 }}", rows=[["{{ 人.名 }}", "{{ 人.因 }}"], ["{{ 事.项 }}", ""]])
    people = {"人": [{"名": "甲", "因": "病"}, {"名": "乙", "因": ""}]}
    with pytest.raises(ValuesMissing) as refused:
        filled(content, {"主持": "", "地点": "甲地"}, people)
    assert refused.value.names == ("主持", "人.因", "事.项")
    assert str(refused.value) == "还没有登记：“主持”、“人.因”、“事.项”"
    made = filled(content, {"地点": "甲地"}, people, blank=("主持", "人.因", "事.项"))
    assert lines_of(made) == ["＿＿＿＿＿＿甲地"]
    assert rows_of(made) == [["甲", "病"], ["乙", "＿＿＿＿＿＿"], ["＿＿＿＿＿＿", ""]]


def test_everything_else_stays_byte_for_byte() -> None:
    content = with_part(document("{{ 地点 }}"), "word/custom.bin", b"\x00anything")
    made = filled(content, {"地点": "甲"})
    with ZipFile(BytesIO(content)) as before, ZipFile(BytesIO(made)) as after:
        assert before.namelist() == after.namelist()
        changed = [name for name in before.namelist() if before.read(name) != after.read(name)]
    assert set(changed) <= {"word/document.xml", "word/header1.xml", "word/footer1.xml"}


def test_the_same_values_give_the_same_file() -> None:
    content = document("{{ 地点 }}")
    assert filled(content, {"地点": "甲"}) == filled(content, {"地点": "甲"})


def test_a_footnote_is_filled_once_and_properties_never() -> None:
    """Two sections must not mean two rounds, in which a registered text would be read as a form."""
    made = Document()
    made.add_paragraph("正文{{ 甲 }}")
    made.add_section()
    made.core_properties.title = "{{ 甲 }}"
    note = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:footnote w:id="1">'
        "<w:p><w:r><w:t>注：{{ 甲 }}</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    content = with_part(saved(made), "word/footnotes.xml", note.encode())
    assert read_names(content, "docx") == ["甲"]
    result = filled(content, {"甲": "{{ 甲 }}"})
    with ZipFile(BytesIO(result)) as parts:
        assert "注：{{ 甲 }}<" in parts.read("word/footnotes.xml").decode()
    assert opened(result).core_properties.title == "{{ 甲 }}"
