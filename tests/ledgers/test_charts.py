"""Drawings: well-formed, escaped, said in words, and the same on paper."""

import io
from xml.etree.ElementTree import Element

import pypdf
import pytest
from defusedxml.ElementTree import fromstring
from django.contrib.staticfiles import finders

from ledgers import charts
from ledgers.charts import ColumnChart, column_chart
from ledgers.renderers.pdf import html_to_pdf

SVG = "{http://www.w3.org/2000/svg}"
SMALLEST = 12


def chart(values: list[int], line: list[int], *, names: list[str] | None = None) -> str:
    months = names or [f"2026 年 {n + 1} 月" for n in range(len(values))]
    drawing = ColumnChart(
        names=months,
        ticks=[f"{n + 1}月" for n in range(len(values))],
        years=["2026年"] + [""] * (len(values) - 1),
        values=values,
        line=line,
        threshold=3,
        value_name="月末正式党员",
        line_name="其中本部门",
        threshold_name="虚线：至少 3 人",
    )
    return column_chart(drawing, title="甘泉湾党支部人数预测", description="依次为 4、2 人", uid="one")


def parsed(svg: str) -> Element:
    root: Element = fromstring(svg)
    return root


def words(root: Element) -> list[str]:
    return [node.text or "" for node in root.iter(f"{SVG}text")]


def test_title_and_description_for_who_listens() -> None:
    root = parsed(chart([4, 2], [4, 2]))
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "one-t one-d")
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert (title.get("id"), title.text) == ("one-t", "甘泉湾党支部人数预测")
    assert (description.get("id"), description.text) == ("one-d", "依次为 4、2 人")


def test_every_column_says_its_value_and_a_low_one_is_marked() -> None:
    root = parsed(chart([4, 2, 3], [4, 2, 1]))
    groups = list(root.iter(f"{SVG}g"))
    assert [group.findtext(f"{SVG}title") for group in groups] == [
        "2026 年 1 月 月末正式党员 4 人，其中本部门 4 人",
        "2026 年 2 月 月末正式党员 2 人，其中本部门 2 人",
        "2026 年 3 月 月末正式党员 3 人，其中本部门 1 人",
    ]
    assert [group.findtext(f"{SVG}text") for group in groups] == ["4", "2", "3"]
    assert [group.find(f"{SVG}path") is not None for group in groups] == [False, True, False]
    # The own department is written where it differs from the column.
    assert [node.text for node in root.findall(f"{SVG}text") if node.get("class") == "f-blue"] == ["1"]
    assert {"月末正式党员", "其中本部门", "虚线：至少 3 人", "1月", "2026年"} <= set(words(root))


def test_nothing_passed_in_becomes_markup() -> None:
    root = parsed(chart([4], [4], names=["<script>&\"'"]))
    assert root.find(f"{SVG}g/{SVG}title") is not None
    assert (root.findtext(f"{SVG}g/{SVG}title") or "").startswith("<script>&\"' 月末")
    assert "<script" not in chart([4], [4], names=["<script>"])


def test_words_are_never_smaller_than_a_phone_can_show() -> None:
    root = parsed(chart([4] * 36, [4] * 36))
    assert min(int(node.get("font-size", "0")) for node in root.iter(f"{SVG}text")) == SMALLEST


@pytest.mark.parametrize("months", [1, 12, 24, 36])
def test_everything_lies_within_the_drawing(months: int) -> None:
    root = parsed(chart([50] * months, [0] * months))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for node in root.iter():
        for name, most in (("x", width), ("x1", width), ("x2", width), ("y", height), ("y1", height)):
            assert 0 <= float(node.get(name, 0)) <= most
    marks = [text for text in words(root) if text.isdigit()]
    assert marks[0] == "0"


def test_a_high_scale_has_few_marks() -> None:
    assert [len(charts.Scale(top).marks) <= 10 for top in (1, 4, 9, 51, 400, 5000)] == [True] * 6


def test_every_tone_is_repainted_on_a_dark_screen() -> None:
    found = finders.find("charts.css")
    assert isinstance(found, str)
    with open(found, encoding="utf-8") as sheet:
        css = sheet.read()
    assert [tone for tone in charts.TONES if f".f-{tone} " not in css or f".s-{tone} " not in css] == []


def test_primitives_carry_colour_for_paper_and_class_for_the_screen() -> None:
    assert charts.line((1, 2), (3.25, 4), tone="red", dashed=True) == (
        '<line class="s-red" x1="1" y1="2" x2="3.2" y2="4" stroke="#A81E22" stroke-width="1"'
        ' stroke-dasharray="6 4"/>'
    )
    assert charts.rect((0, 0), (5, 6), fill=None, stroke="blue") == (
        '<rect class="s-blue" x="0" y="0" width="5" height="6" rx="2" fill="none" stroke="#1D4E89"/>'
    )
    assert charts.circle((5, 6), 3) == (
        '<circle class="f-card s-blue" cx="5" cy="6" r="3" fill="#FFFFFF" stroke="#1D4E89" stroke-width="2"/>'
    )
    assert charts.path([(0, 0), (1, 1)], fill="red", stroke=None, closed=True) == (
        '<path class="f-red" d="M0 0 L1 1 Z" fill="#A81E22" stroke="none" stroke-width="2"'
        ' stroke-linejoin="round"/>'
    )


def test_the_same_drawing_is_printed() -> None:
    drawing = chart([4, 2], [4, 2])
    content = html_to_pdf(f'<!doctype html><html lang="zh-CN"><body>{drawing}</body></html>')
    text = pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert "月末正式党员" in text
    assert "虚线" in text
    assert "4" in text
