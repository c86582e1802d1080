"""Leaf: the drawing of a measure over months with its target, for the page, the board and paper alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from django.utils.safestring import SafeString

from branches.rules.policy import plain
from ledgers.charts import NORMAL, SMALL, circle, frame, group, line, path, rect, text
from periods.months import Month, month_range

# The latest months that are drawn; the table below holds them all.
MONTHS = 24
# Up to so many months every value stands beside its point, beyond it those that changed.
SAID_ALL = 13
LEFT, RIGHT, TOP, HEIGHT, BOTTOM, WIDTH = 36, 12, 60, 150, 40, 340
STEPS = tuple(Decimal(step) * 10**power for power in range(7) for step in ("1", "2", "2.5", "5"))
MARKS = 5


@dataclass(frozen=True)
class Trend:
    """Values by month, held against a target; `unit` stands behind every number."""

    name: str
    unit: str
    points: Mapping[Month, Decimal]
    target: Decimal
    target_words: str
    baseline: Decimal | None = None
    target_name: str = "目标"

    def said(self, value: Decimal) -> str:
        return f"{plain(value)}{'' if self.unit == '%' else ' '}{self.unit}"


@dataclass(frozen=True)
class _Plot:
    months: Sequence[Month]
    step: Decimal
    marks: int

    def x(self, month: Month) -> float:
        room = WIDTH - LEFT - RIGHT
        return LEFT + room * (self.months.index(month) + 0.5) / len(self.months)

    def y(self, value: Decimal) -> float:
        return TOP + HEIGHT * (1 - float(value / (self.step * self.marks)))


def trend_chart(drawn: Trend, *, title: str, uid: str) -> SafeString:
    """Needs at least one point."""
    plot = _plot(drawn)
    shown = {month: value for month, value in drawn.points.items() if month in plot.months}
    body = [*_grid(plot), *_bounds(drawn, plot), *_ticks(plot)]
    body.append(path([(plot.x(m), plot.y(v)) for m, v in sorted(shown.items())], stroke="blue", width=2.5))
    body += _marks(drawn, plot, dict(sorted(shown.items())))
    said = "、".join(f"{month.label} {drawn.said(value)}" for month, value in sorted(shown.items()))
    words = f"{said}。{drawn.target_name}{drawn.target_words}。"
    size = (WIDTH, TOP + HEIGHT + BOTTOM)
    return frame(size, title=title, description=words, body=body, uid=uid)


def _plot(drawn: Trend) -> _Plot:
    last = max(drawn.points)
    months = list(month_range(max(min(drawn.points), last.plus(1 - MONTHS)), last))
    shown = [value for month, value in drawn.points.items() if month in months]
    top = max([*shown, drawn.target, drawn.baseline or Decimal(0), Decimal(1)])
    step = next(step for step in STEPS if top / step <= MARKS)
    marks = int((top / step).to_integral_value(ROUND_CEILING))
    return _Plot(months, step, max(marks, 2))


def _grid(plot: _Plot) -> list[SafeString]:
    parts = []
    for n in range(plot.marks + 1):
        y = plot.y(plot.step * n)
        parts.append(line((LEFT, y), (WIDTH - RIGHT, y)))
        parts.append(text(LEFT - 6, y + 4, plain(plot.step * n), anchor="end", size=SMALL))
    return parts


def _bounds(drawn: Trend, plot: _Plot) -> list[SafeString]:
    """Where it began, and where it is to be: dashed lines, their words above the plot."""
    y = plot.y(drawn.target)
    parts = [line((LEFT, y), (WIDTH - RIGHT, y), tone="amber", width=1.5, dashed=True)]
    words = f"虚线：{drawn.target_name} {drawn.target_words}"
    parts.append(text(LEFT, 14, words, tone="amber", size=NORMAL))
    if drawn.baseline is not None:
        y = plot.y(drawn.baseline)
        parts.append(line((LEFT, y), (WIDTH - RIGHT, y), tone="sub", dashed=True))
        parts.append(text(LEFT, 32, f"灰线：起点 {drawn.said(drawn.baseline)}", size=NORMAL))
    return parts


def _ticks(plot: _Plot) -> list[SafeString]:
    base, every = TOP + HEIGHT, 1 if len(plot.months) <= SAID_ALL else 3
    parts = []
    for n, month in enumerate(plot.months):
        # From the end, so that the latest month is always named.
        if (len(plot.months) - 1 - n) % every == 0:
            parts.append(text(plot.x(month), base + 16, month.number, anchor="middle", size=SMALL))
        if month.number == 1 or n == 0:
            room = next((later for later in plot.months[n + 1 :] if later.number == 1), None)
            if room is None or plot.months.index(room) - n > len(plot.months) / 8:
                parts.append(text(plot.x(month) - 4, base + 33, f"{month.year} 年", size=SMALL))
    return parts


def _marks(drawn: Trend, plot: _Plot, shown: Mapping[Month, Decimal]) -> list[SafeString]:
    months, parts = list(shown), []
    for n, month in enumerate(months):
        x, y = plot.x(month), plot.y(shown[month])
        new = n == 0 or shown[month] != shown[months[n - 1]]
        inside = [circle((x, y), 3.5 if new else 2)]
        if new or len(months) <= SAID_ALL:
            said = plain(shown[month])
            wide = 8 * len(said) + 4
            # Behind the number, so that no line runs through it.
            inside.insert(0, rect((x - wide / 2, y - 20), (wide, 13), fill="card"))
            inside.append(text(x, y - 9, said, tone="ink", anchor="middle", size=SMALL))
        parts.append(group(f"{month.label}{drawn.name} {drawn.said(shown[month])}", *inside))
    return parts
