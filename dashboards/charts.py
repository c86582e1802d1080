"""Leaf: the drawings of the board and of the monthly brief, the same for the page and for paper.

Small enough for a phone, except the map of branches and months: a narrow screen shows that one as a list.
Every value stands beside its mark, so that nothing is said by colour alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from ledgers.charts import NORMAL, SMALL, circle, frame, group, line, link, path, rect, text
from periods.months import Month

# Least per cent of each step, its words, fill, and the tone of the number on it.
STEPS = (
    (95, "95–100", "blue", "card"),
    (90, "90–94", "mid", "ink"),
    (80, "80–89", "soft", "ink"),
    (60, "60–79", "tint", "ink"),
    (0, "0–59", "card", "ink"),
)
NAME_WIDTH, CELL, ROW, GAP, HEAT_TOP, LEGEND = 184, 58, 31, 3, 44, 40
LONGEST_NAME = 13


@dataclass(frozen=True)
class HeatCell:
    """One month of one row: the completion rate as a whole number, None where nothing was due.

    `words` say everything, `fraction` is what the rate was made of: “11/12”,
    `month` its head in a list.
    """

    value: int | None
    words: str
    url: str = ""
    fraction: str = ""
    month: str = ""

    @property
    def step(self) -> int:
        """The number of its step in STEPS."""
        found = (n for n, (least, *_) in enumerate(STEPS) if self.value is not None and self.value >= least)
        return next(found, len(STEPS) - 1)

    @property
    def shown(self) -> str:
        return "–" if self.value is None else str(self.value)


@dataclass(frozen=True)
class HeatRow:
    """A branch in tree order, or the whole (`strong`); the last cell is that of all months together."""

    name: str
    cells: Sequence[HeatCell]
    strong: bool = False

    @property
    def single(self) -> Sequence[HeatCell]:
        """Those of single months."""
        return self.cells[:-1]


def heatmap(
    rows: Sequence[HeatRow], months: Sequence[Month], *, title: str, description: str, uid: str
) -> SafeString:
    """Branch × month; the cells open their lists where they have an address."""
    width = NAME_WIDTH + CELL * (len(months) + 1) + 8
    body = [*_heat_head(months), *_heat_legend(HEAT_TOP + ROW * len(rows) + 12)]
    for n, row in enumerate(rows):
        body += _heat_row(row, HEAT_TOP + ROW * n)
    size = (width, HEAT_TOP + ROW * len(rows) + LEGEND)
    linked = any(cell.url for row in rows for cell in row.cells)
    return frame(size, title=title, description=description, body=body, uid=uid, linked=linked)


def _heat_head(months: Sequence[Month]) -> list[SafeString]:
    parts = [text(_cell_middle(len(months)), 36, "合计", anchor="middle", size=SMALL)]
    for n, month in enumerate(months):
        parts.append(text(_cell_middle(n), 36, f"{month.number} 月", anchor="middle", size=SMALL))
        if n == 0 or month.number == 1:
            parts.append(text(_cell_middle(n), 18, month.year, anchor="middle", size=SMALL))
    return parts


def _cell_middle(n: int) -> float:
    return NAME_WIDTH + CELL * n + (CELL - GAP) / 2 + (8 if n == 12 else 0)


def _heat_row(row: HeatRow, y: float) -> list[SafeString]:
    name = row.name if len(row.name) <= LONGEST_NAME else f"{row.name[: LONGEST_NAME - 1]}…"
    label = text(NAME_WIDTH - 10, y + 20, name, tone="ink", anchor="end", bold=row.strong)
    return [group(row.name, label), *(_heat_cell(cell, n, y) for n, cell in enumerate(row.cells))]


def _heat_cell(cell: HeatCell, n: int, y: float) -> SafeString:
    _, _, fill, tone = STEPS[cell.step]
    middle = _cell_middle(n)
    corner, size = (middle - (CELL - GAP) / 2, y), (CELL - GAP, ROW - GAP)
    parts = [
        rect(corner, size, fill=None if cell.value is None else fill, stroke="grid", radius=3),
        text(middle, y + 19, cell.shown, tone="sub" if cell.value is None else tone, anchor="middle"),
    ]
    return link(cell.url, cell.words, *parts) if cell.url else group(cell.words, *parts)


def _heat_legend(y: float) -> list[SafeString]:
    parts = [text(NAME_WIDTH - 10, y + 11, "按时完成率（%）", anchor="end", size=SMALL)]
    for n, (_, words, fill, _) in enumerate(reversed(STEPS)):
        x = NAME_WIDTH + 84 * n
        parts += [
            rect((x, y), (16, 12), fill=fill, stroke="grid"),
            text(x + 21, y + 11, words, size=SMALL),
        ]
    x = NAME_WIDTH + 84 * len(STEPS)
    return [*parts, text(x, y + 11, "– 没有到期的事项", size=SMALL)]


# A year below the months takes the room of so many.
YEAR_POINTS = 5
# A number below a point lower than this would stand among the months.
LOWEST_BELOW = 12
POINT, PLOT_LEFT, PLOT_TOP, PLOT_HEIGHT = 26, 32, 46, 150


@dataclass(frozen=True)
class Line:
    """0 to 100 over months, None where there is nothing; `target` draws a dashed line with its words."""

    months: Sequence[Month]
    values: Sequence[int | None]
    name: str
    unit: str = "%"
    target: int | None = None


def line_chart(drawn: Line, *, title: str, description: str, uid: str) -> SafeString:
    width = PLOT_LEFT + POINT * len(drawn.months) + 6
    body = [*_line_grid(width), *_line_target(drawn, width), *_line_runs(drawn), *_line_ticks(drawn.months)]
    body += [_line_point(drawn, n, value) for n, value in enumerate(drawn.values) if value is not None]
    return frame(
        (width, PLOT_TOP + PLOT_HEIGHT + 44), title=title, description=description, body=body, uid=uid
    )


def _line_x(n: int) -> float:
    return PLOT_LEFT + POINT * (n + 0.5)


def _line_y(value: float) -> float:
    return PLOT_TOP + PLOT_HEIGHT * (1 - value / 100)


def _line_grid(width: float) -> list[SafeString]:
    marks = range(0, 101, 25)
    lines = [line((PLOT_LEFT, _line_y(mark)), (width - 6, _line_y(mark))) for mark in marks]
    return lines + [text(PLOT_LEFT - 6, _line_y(mark) + 4, mark, anchor="end", size=SMALL) for mark in marks]


def _line_target(drawn: Line, width: float) -> list[SafeString]:
    if drawn.target is None:
        return []
    y = _line_y(drawn.target)
    return [
        line((PLOT_LEFT, y), (width - 6, y), tone="amber", width=1.5, dashed=True),
        text(width - 6, 12, f"虚线：目标 {drawn.target}{drawn.unit}", tone="amber", anchor="end", size=SMALL),
    ]


def _line_runs(drawn: Line) -> list[SafeString]:
    """A line through neighbours; a month without a value interrupts it."""
    runs: list[list[tuple[float, float]]] = [[]]
    for n, value in enumerate(drawn.values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((_line_x(n), _line_y(value)))
    return [path(run, stroke="blue", width=2.5) for run in runs if len(run) > 1]


def _line_point(drawn: Line, n: int, value: int) -> SafeString:
    """The number on the side of its point where the line is not: below in a valley, else above."""
    beside = [v for v in (*drawn.values[max(n - 1, 0) : n], *drawn.values[n + 1 : n + 2]) if v is not None]
    below = value > LOWEST_BELOW and sum(beside) > value * len(beside)
    y = _line_y(value) + (18 if below else -9)
    return group(
        f"{drawn.months[n].label}{drawn.name} {value}{drawn.unit}",
        # Behind the number, so that no line runs through it.
        rect((_line_x(n) - 11, y - 10), (22, 12), fill="card"),
        circle((_line_x(n), _line_y(value)), 3.5),
        text(_line_x(n), y, value, tone="ink", anchor="middle", size=SMALL),
    )


def _line_ticks(months: Sequence[Month]) -> list[SafeString]:
    base = PLOT_TOP + PLOT_HEIGHT
    parts = [
        text(_line_x(n), base + 18, month.number, anchor="middle", size=SMALL)
        for n, month in enumerate(months)
    ]
    years = [(n, month) for n, month in enumerate(months) if n == 0 or month.number == 1]
    # Two years close together have no room; the later one says more.
    years = years[-1:] if years[-1][0] < YEAR_POINTS else years
    return parts + [
        text(_line_x(n) - 6, base + 36, f"{month.year} 年 {month.number} 月起", size=SMALL)
        for n, month in years
        if n <= len(months) - YEAR_POINTS or n == 0
    ]


BAR_LEFT, BAR_WIDTH, BAR_ROW, BAR_HEIGHT, BAR_TOP = 4, 236, 46, 18, 30
# Room for a longer number with its unit.
AMOUNT_WIDTH = 250


@dataclass(frozen=True)
class Bar:
    """A whole and the part of it that is set off."""

    name: str
    whole: int
    part: int


def bar_chart(
    bars: Sequence[Bar], *, names: tuple[str, str], title: str, description: str, uid: str
) -> SafeString:
    """One bar a row, its name above; `names` say what the set-off part and the rest are."""
    most = max((bar.whole for bar in bars), default=1) or 1
    body = [*_bar_legend(names)]
    for n, bar in enumerate(bars):
        body.append(_bar(bar, BAR_TOP + BAR_ROW * n, BAR_WIDTH / most, names))
    size = (PLOT_LEFT + POINT * 12 + 6, BAR_TOP + BAR_ROW * len(bars) + 4)
    return frame(size, title=title, description=description, body=body, uid=uid)


def amount_chart(bars: Sequence[Bar], *, unit: str, title: str, description: str, uid: str) -> SafeString:
    """Bars without parts: nothing to explain, the amount with its unit beside each."""
    most = max((bar.whole for bar in bars), default=1) or 1
    body = [_amount(bar, BAR_ROW * n, AMOUNT_WIDTH / most, unit) for n, bar in enumerate(bars)]
    size = (PLOT_LEFT + POINT * 12 + 6, BAR_ROW * len(bars) + 4)
    return frame(size, title=title, description=description, body=body, uid=uid)


def _amount(bar: Bar, y: float, unit: float, words: str) -> SafeString:
    width = max(unit * bar.whole, 1)
    return group(
        f"{bar.name} {bar.whole} {words}",
        text(BAR_LEFT, y + 14, bar.name, tone="ink", size=NORMAL),
        rect((BAR_LEFT, y + 20), (width, BAR_HEIGHT), fill="mid", stroke="sub", radius=0),
        text(BAR_LEFT + width + 7, y + 34, f"{bar.whole} {words}", size=SMALL),
    )


def _bar_legend(names: tuple[str, str]) -> list[SafeString]:
    x = BAR_LEFT + 18 + 13 * len(names[0]) + 20
    return [
        rect((BAR_LEFT, 4), (14, 12), fill="mid", stroke="sub"),
        text(BAR_LEFT + 19, 15, names[0], size=SMALL),
        rect((x, 4), (14, 12), fill="tint", stroke="sub"),
        text(x + 19, 15, names[1], size=SMALL),
    ]


def _bar(bar: Bar, y: float, unit: float, names: tuple[str, str]) -> SafeString:
    rest = bar.whole - bar.part
    parts = [text(BAR_LEFT, y + 14, bar.name, tone="ink", size=NORMAL)]
    x = float(BAR_LEFT)
    for count, fill in ((bar.part, "mid"), (rest, "tint")):
        if count:
            parts.append(rect((x, y + 20), (unit * count, BAR_HEIGHT), fill=fill, stroke="sub", radius=0))
            x += unit * count
    words = f"{bar.whole}" if not bar.part else f"{bar.whole}，{names[0]} {bar.part}"
    parts.append(text(x + 7, y + 34, words, size=SMALL))
    return group(f"{bar.name} {names[0]} {bar.part}，{names[1]} {rest}", *parts)
