"""The drawings of the board: every value written, every cell with its words, well-formed, escaped."""

from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from dashboards.charts import Bar, HeatCell, HeatRow, Line, bar_chart, heatmap, line_chart
from periods.months import Month, month_range

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = list(month_range(Month(2025, 12), Month(2026, 11)))
HOSTILE = "<b>&\"'支部"


def drawn(svg: str) -> Element:
    root: Element = fromstring(svg)
    return root


def words(root: Element) -> list[str]:
    return [node.text or "" for node in root.iter(f"{SVG}text")]


def row(name: str, values: list[int | None], *, url: str = "") -> HeatRow:
    return HeatRow(name, [HeatCell(v, f"{name} {v}", url if v is not None else "") for v in values])


def heat(*rows: HeatRow) -> Element:
    return drawn(heatmap(rows, MONTHS, title=HOSTILE, description="说明", uid="heat"))


def test_every_cell_of_the_map_has_its_number_and_its_words() -> None:
    root = heat(row(HOSTILE, [100, 94, 80, 60, 0, None, *[7] * 7]))
    assert words(root)[-13:] == ["100", "94", "80", "60", "0", "–", *["7"] * 7]
    assert next(root.iter(f"{SVG}g")).findtext(f"{SVG}title") == HOSTILE
    assert (root.get("role"), root.findtext(f"{SVG}title")) == ("img", HOSTILE)
    assert words(root)[:4] == ["合计", "12 月", "2025", "1 月"]


def test_a_cell_with_an_address_is_a_link_and_the_map_no_longer_one_picture() -> None:
    root = heat(row("甲", [90, None, *[70] * 11], url="/w/?a=1&b=2"))
    links = list(root.iter(f"{SVG}a"))
    assert (root.get("role"), len(links)) == ("group", 12)
    assert (links[0].get("href"), links[0].get("aria-label")) == ("/w/?a=1&b=2", "甲 90")


@pytest.mark.parametrize(
    ("value", "step"), [(100, 0), (95, 0), (94, 1), (90, 1), (89, 2), (80, 2), (79, 3), (60, 3), (59, 4)]
)
def test_steps_are_those_of_the_legend(value: int, step: int) -> None:
    assert HeatCell(value, "").step == step


def test_a_long_name_is_shortened_and_said_whole() -> None:
    name = "一二三四五六七八九十一二三四党支部"
    root = heat(row(name, [1] * 13))
    assert [word for word in words(root) if word.startswith("一二")] == ["一二三四五六七八九十一二…"]
    assert next(root.iter(f"{SVG}g")).findtext(f"{SVG}title") == name


def test_a_line_has_every_value_and_breaks_where_nothing_is_known() -> None:
    values = [None, 80, 90, None, 100, 0, *[None] * 6]
    chart = Line(MONTHS, values, "完成率", target=90)
    root = drawn(line_chart(chart, title="走势", description="说明", uid="trend"))
    said = [group.findtext(f"{SVG}title") for group in root.iter(f"{SVG}g")]
    assert said == [
        "2026 年 1 月完成率 80%",
        "2026 年 2 月完成率 90%",
        "2026 年 4 月完成率 100%",
        "2026 年 5 月完成率 0%",
    ]
    assert len(list(root.iter(f"{SVG}path"))) == 2
    assert "虚线：目标 90%" in words(root)
    assert [float(c.get("cy", "")) for c in root.iter(f"{SVG}circle")] == [76, 61, 46, 196]


def test_no_word_stands_outside_the_drawing_or_on_another_year() -> None:
    for first in range(12):
        months = list(month_range(Month(2025, 1).plus(first), Month(2025, 12).plus(first)))
        svg = line_chart(Line(months, [50] * 12, "x"), title="t", description="d", uid="u")
        root = drawn(svg)
        years = [node for node in root.iter(f"{SVG}text") if "月起" in (node.text or "")]
        places = [float(node.get("x", "")) for node in years]
        assert 1 <= len(years) <= 2
        assert all(0 <= x <= float(root.get("width", "")) - 96 for x in places)
        assert len(places) == 1 or places[1] - places[0] >= 110


def test_bars_say_the_whole_and_the_part() -> None:
    bars = [Bar("三会一课", 8, 2), Bar(HOSTILE, 3, 0)]
    svg = bar_chart(bars, names=("再次出现", "其他"), title="t", description="d", uid="b")
    root = drawn(svg)
    assert words(root) == ["再次出现", "其他", "三会一课", "8，再次出现 2", HOSTILE, "3"]
    widths = [float(node.get("width", "")) for node in root.iter(f"{SVG}rect")][2:]
    assert widths == [59, 177, 88.5]
    assert drawn(bar_chart([], names=("a", "b"), title="t", description="d", uid="b")) is not None
