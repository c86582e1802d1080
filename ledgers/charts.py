"""Drawings as SVG text, the same for the page and for the PDF.

Colours are presentation attributes, which paper and any viewer draw, plus classes, by which
`static/charts.css` repaints them for a dark screen. Everything passed in is escaped. Lengths are CSS
pixels of a drawing shown at its own size; wrap it in `<div class="chart-box" tabindex="0">`, which scrolls
sideways on a narrow screen instead of shrinking the words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

FONT = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC',sans-serif"
# Each tone with its colour on paper and on a light screen; charts.css holds the dark ones.
TONES = {
    "ink": "#1F2329",
    "sub": "#5B6470",
    "grid": "#DFE3E8",
    "card": "#FFFFFF",
    "blue": "#1D4E89",
    "mid": "#8FB3D4",
    "soft": "#B7CCDF",
    "tint": "#EAF1F8",
    "red": "#A81E22",
    "rose": "#F2D9D7",
    "amber": "#855200",
    "sand": "#FDF3E0",
    "green": "#1B6E43",
    "mint": "#E8F4ED",
}
SMALL, NORMAL = 12, 13


def number(value: float) -> str:
    """A coordinate with at most one decimal: 12, 12.5."""
    return f"{round(value, 1):g}"


def _paint(kind: str, tone: str | None) -> SafeString:
    return SafeString(f'{kind}="none"') if tone is None else SafeString(f'{kind}="{TONES[tone]}"')


def _classes(fill: str | None, stroke: str | None) -> str:
    """What charts.css repaints."""
    return " ".join(f"{kind}-{tone}" for kind, tone in (("f", fill), ("s", stroke)) if tone)


def text(
    x: float,
    y: float,
    words: object,
    *,
    tone: str = "sub",
    anchor: str = "start",
    size: int = NORMAL,
    bold: bool = False,
) -> SafeString:
    """One line of words; `y` is its baseline, `anchor` start, middle or end."""
    return format_html(
        '<text class="{}" x="{}" y="{}" text-anchor="{}" font-size="{}" font-weight="{}" {}>{}</text>',
        _classes(tone, None),
        number(x),
        number(y),
        anchor,
        size,
        700 if bold else 400,
        _paint("fill", tone),
        words,
    )


def line(
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    tone: str = "grid",
    width: float = 1,
    dashed: bool = False,
) -> SafeString:
    return format_html(
        '<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}" {} stroke-width="{}"{}/>',
        _classes(None, tone),
        *(number(value) for value in (*start, *end)),
        _paint("stroke", tone),
        number(width),
        SafeString(' stroke-dasharray="6 4"' if dashed else ""),
    )


def rect(
    corner: tuple[float, float],
    size: tuple[float, float],
    *,
    fill: str | None = "soft",
    stroke: str | None = None,
    radius: float = 2,
) -> SafeString:
    """A box from its upper left corner, with width and height."""
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="{}" {} {}/>',
        _classes(fill, stroke),
        *(number(value) for value in (*corner, *size, radius)),
        _paint("fill", fill),
        _paint("stroke", stroke),
    )


def circle(
    centre: tuple[float, float], radius: float, *, fill: str | None = "card", stroke: str | None = "blue"
) -> SafeString:
    return format_html(
        '<circle class="{}" cx="{}" cy="{}" r="{}" {} {} stroke-width="2"/>',
        _classes(fill, stroke),
        *(number(value) for value in (*centre, radius)),
        _paint("fill", fill),
        _paint("stroke", stroke),
    )


def path(
    points: Iterable[tuple[float, float]],
    *,
    fill: str | None = None,
    stroke: str | None = "blue",
    width: float = 2,
    dashed: bool = False,
    closed: bool = False,
) -> SafeString:
    """Straight lines through the points; `closed` makes an area of them."""
    steps = " ".join(f"{'L' if n else 'M'}{number(x)} {number(y)}" for n, (x, y) in enumerate(points))
    return format_html(
        '<path class="{}" d="{}" {} {} stroke-width="{}" stroke-linejoin="round"{}/>',
        _classes(fill, stroke),
        steps + (" Z" if closed else ""),
        _paint("fill", fill),
        _paint("stroke", stroke),
        number(width),
        SafeString(' stroke-dasharray="6 4"' if dashed else ""),
    )


def group(title: str, *parts: SafeString) -> SafeString:
    """Parts that share the words shown when the pointer rests on them."""
    return format_html("<g><title>{}</title>{}</g>", title, joined(parts))


def link(url: str, words: str, *parts: SafeString) -> SafeString:
    """Parts that open a page; `words` say which. Only inside a frame that is `linked`."""
    return format_html(
        '<a href="{}" aria-label="{}"><title>{}</title>{}</a>', url, words, words, joined(parts)
    )


def joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def frame(
    size: tuple[float, float],
    *,
    title: str,
    description: str,
    body: Iterable[SafeString],
    uid: str,
    linked: bool = False,
) -> SafeString:
    """The whole drawing; `uid` keeps the ids of several drawings on one page apart.

    A drawing is one picture to a screen reader; one with links inside is a group, whose links can be reached.
    """
    width, height = number(size[0]), number(size[1])
    return format_html(
        '<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="{}" height="{}"'
        ' role="{}" aria-labelledby="{}-t {}-d" font-family="{}">'
        '<title id="{}-t">{}</title><desc id="{}-d">{}</desc>{}</svg>',
        *(width, height, width, height, "group" if linked else "img"),
        *(uid, uid, FONT, uid, title, uid, description),
        joined(body),
    )


@dataclass(frozen=True)
class ColumnChart:
    """Whole numbers over months: columns, a second value as a step line, and the number not to fall below.

    `ticks` are the words below the columns, `years` those in a second row (empty where nothing changes),
    `names` the months as the pointer shows them.
    """

    names: Sequence[str]
    ticks: Sequence[str]
    years: Sequence[str]
    values: Sequence[int]
    line: Sequence[int]
    threshold: int
    value_name: str
    line_name: str
    threshold_name: str
    unit: str = "人"


COLUMN, BAR, LEFT, RIGHT, TOP, BOTTOM, PLOT = 52, 34, 34, 12, 56, 46, 190


def column_chart(chart: ColumnChart, *, title: str, description: str, uid: str) -> SafeString:
    """Columns with their values; those below the threshold are red and carry a mark above the value."""
    width = max(LEFT + COLUMN * len(chart.values) + RIGHT, 320)
    scale = Scale(max([*chart.values, *chart.line, chart.threshold]) + 1)
    body = [
        *_legend(chart),
        *_grid(scale, width),
        *(_column(chart, n, scale) for n in range(len(chart.values))),
        *_threshold(chart, scale, width),
        *_steps(chart, scale),
        *_ticks(chart),
    ]
    size = (width, TOP + PLOT + BOTTOM)
    return frame(size, title=title, description=description, body=body, uid=uid)


@dataclass(frozen=True)
class Scale:
    """The vertical axis from nothing to `top`."""

    top: int

    def y(self, value: float) -> float:
        return TOP + PLOT * (1 - value / self.top)

    @property
    def marks(self) -> range:
        step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if self.top / step <= 8)
        return range(0, self.top + 1, step)


def _legend(chart: ColumnChart) -> list[SafeString]:
    x = LEFT + 24 + 14 * len(chart.value_name) + 24
    return [
        rect((LEFT, 8), (14, 12), fill="soft"),
        text(LEFT + 20, 19, chart.value_name, size=SMALL),
        line((x, 14), (x + 18, 14), tone="blue", width=2.5),
        text(x + 24, 19, chart.line_name, size=SMALL),
    ]


def _grid(scale: Scale, width: float) -> list[SafeString]:
    lines = [line((LEFT, scale.y(v)), (width - RIGHT, scale.y(v))) for v in scale.marks]
    return lines + [text(LEFT - 8, scale.y(v) + 4, v, anchor="end", size=SMALL) for v in scale.marks]


def _column(chart: ColumnChart, n: int, scale: Scale) -> SafeString:
    value, middle = chart.values[n], _middle(n)
    low = value < chart.threshold
    top = scale.y(value)
    words = f"{chart.names[n]} {chart.value_name} {value} {chart.unit}"
    mark = [(middle - 5, top - 26), (middle + 5, top - 26), (middle, top - 19)]
    return group(
        f"{words}，{chart.line_name} {chart.line[n]} {chart.unit}",
        rect(
            (middle - BAR / 2, top),
            (BAR, scale.y(0) - top),
            fill="rose" if low else "soft",
            stroke="red" if low else None,
        ),
        text(middle, top - 6, value, tone="red" if low else "ink", anchor="middle", bold=True),
        *([path(mark, fill="red", stroke=None, closed=True)] if low else []),
    )


def _middle(n: int) -> float:
    return LEFT + COLUMN * (n + 0.5)


def _steps(chart: ColumnChart, scale: Scale) -> list[SafeString]:
    """The second value as a step line, its number below it wherever it begins or changes."""
    points: list[tuple[float, float]] = []
    for n, value in enumerate(chart.line):
        points += [(LEFT + COLUMN * n, scale.y(value)), (LEFT + COLUMN * (n + 1), scale.y(value))]
    changes = [0, *(n + 1 for n, (a, b) in enumerate(pairwise(chart.line)) if a != b)]
    said = [n for n in changes if chart.line[n] != chart.values[n] and chart.line[n]]
    labels = [
        text(_middle(n), scale.y(chart.line[n]) + 16, chart.line[n], tone="blue", anchor="middle", size=SMALL)
        for n in said
    ]
    return [path(points, stroke="blue", width=2.5), *labels]


def _threshold(chart: ColumnChart, scale: Scale, width: float) -> list[SafeString]:
    y = scale.y(chart.threshold)
    return [
        line((LEFT, y), (width - RIGHT, y), tone="red", width=1.5, dashed=True),
        text(LEFT, 38, chart.threshold_name, tone="red", size=SMALL),
    ]


def _ticks(chart: ColumnChart) -> list[SafeString]:
    base = TOP + PLOT
    ticks = [text(_middle(n), base + 18, t, anchor="middle", size=SMALL) for n, t in enumerate(chart.ticks)]
    return ticks + [
        text(_middle(n), base + 36, year, anchor="middle", size=SMALL)
        for n, year in enumerate(chart.years)
        if year
    ]
