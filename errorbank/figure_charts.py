"""Leaf: the drawings of the figures. Every number stands in its bar; the tables of the page hold the same."""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from errorbank.rules.figures import PILES
from ledgers.charts import SMALL, frame, group, line, rect, text
from periods.months import Month

LEFT, WIDEST, LEAST_CELL = 8, 720, 20
ROW, BAR, TOP = 50, 22, 58
TREND_COLUMN, TREND_BAR, TREND_PLOT, TREND_TOP = 58, 20, 150, 44
Row = tuple[str, Sequence[tuple[str, str, int]]]


def piles_chart(rows: Sequence[Row], *, title: str, description: str, uid: str) -> SafeString:
    """One bar a category: its name above, its states side by side."""
    most = max((sum(n for _, _, n in piles) for _, piles in rows), default=1) or 1
    unit = max(LEAST_CELL, min(60, (WIDEST - 60) // most))
    width = max(LEFT + unit * most + 50, 320)
    body = [*_pile_legend()]
    for n, (name, piles) in enumerate(rows):
        body += _bar(name, piles, TOP + n * ROW, unit)
    size = (width, TOP + len(rows) * ROW + 6)
    return frame(size, title=title, description=description, body=body, uid=uid)


def _pile_legend() -> list[SafeString]:
    """In two rows, so that a phone shows it whole."""
    parts = []
    for n, pile in enumerate(PILES):
        x, y = LEFT + 100 * (n % 3), 6 + 22 * (n // 3)
        parts += [
            rect((x, y), (14, 12), fill=pile.tone, stroke="sub"),
            text(x + 18, y + 11, pile.name, size=SMALL),
        ]
    return parts


def _bar(name: str, piles: Sequence[tuple[str, str, int]], y: float, unit: float) -> list[SafeString]:
    parts, x = [text(LEFT, y + 12, name, tone="ink")], float(LEFT)
    tones = {pile.key: pile.tone for pile in PILES}
    for key, label, count in piles:
        if count:
            cell = [
                rect((x, y + 18), (unit * count, BAR), fill=tones[key], stroke="sub", radius=0),
                text(x + unit * count / 2, y + 34, count, tone="ink", anchor="middle", bold=True),
            ]
            parts.append(group(f"{name} {label} {count} 个", *cell))
            x += unit * count
    total = sum(count for _, _, count in piles)
    return [*parts, text(x + 8, y + 34, f"共 {total}", size=SMALL)]


def trend_chart(
    rows: Sequence[tuple[Month, int, int]], *, title: str, description: str, uid: str
) -> SafeString:
    """Two columns a month: found and closed."""
    most = max((max(found, closed) for _, found, closed in rows), default=1) or 1
    base = TREND_TOP + TREND_PLOT
    width = 2 * LEFT + TREND_COLUMN * len(rows)
    body = [
        rect((LEFT, 6), (14, 12), fill="soft", stroke="sub"),
        text(LEFT + 18, 17, "发现", size=SMALL),
        rect((LEFT + 60, 6), (14, 12), fill="mint", stroke="green"),
        text(LEFT + 78, 17, "销号", size=SMALL),
        line((LEFT, base), (width - LEFT, base)),
    ]
    for n, (month, found, closed) in enumerate(rows):
        x = LEFT + TREND_COLUMN * n + (TREND_COLUMN - 2 * TREND_BAR - 4) / 2
        body += [
            _column(x, found, most, f"{month.label}发现 {found} 个", "soft", "sub"),
            _column(x + TREND_BAR + 4, closed, most, f"{month.label}销号 {closed} 个", "mint", "green"),
            text(x + TREND_BAR + 2, base + 18, f"{month.number} 月", anchor="middle", size=SMALL),
        ]
        if n == 0 or month.number == 1:
            body.append(text(x + TREND_BAR + 2, base + 36, f"{month.year}", anchor="middle", size=SMALL))
    return frame((width, base + 44), title=title, description=description, body=body, uid=uid)


def _column(x: float, count: int, most: int, words: str, fill: str, stroke: str) -> SafeString:
    height = TREND_PLOT * count / most
    top = TREND_TOP + TREND_PLOT - height
    parts = [text(x + TREND_BAR / 2, top - 5, count, tone="ink", anchor="middle", size=SMALL)]
    if count:
        parts.append(rect((x, top), (TREND_BAR, height), fill=fill, stroke=stroke))
    return group(words, *parts)
