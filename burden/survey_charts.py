"""Leaf: the drawings of the survey, the same on the page and on paper, made of published groups alone."""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from burden.rules.survey_results import Reading, Step
from ledgers.charts import SMALL, circle, frame, group, line, path, rect, text

WIDTH, NAME, ROW, BAR = 300, 118, 26, 16
# The longest bar leaves room for its numbers.
LONGEST = 90
LEFT, COLUMN, TOP, PLOT, BOTTOM = 40, 88, 44, 150, 34
MARKS = (0, 25, 50, 75, 100)
STRUGGLING, INITIATIVE = ("疲于应付", "amber"), ("主动作为", "green")


def reading_chart(reading: Reading, *, uid: str) -> SafeString:
    """One bar for each group of a question, from worst to best, with its share and about how many."""
    most = max(line_.share for line_ in reading.lines)
    body: list[SafeString] = []
    for n, shown in enumerate(reading.lines):
        y, wide = n * ROW + 4, LONGEST * shown.share / most
        words = f"{shown.share}%　约 {shown.about} 人"
        body.append(
            group(
                f"{shown.words}：{words}",
                text(NAME - 8, y + 13, shown.words, tone="ink", anchor="end", size=SMALL),
                rect((NAME, y), (wide, BAR), fill="grid" if shown.merged else "soft", stroke="sub"),
                text(NAME + wide + 6, y + 13, words, tone="ink", size=SMALL),
            )
        )
    said = "；".join(f"{shown.words} {shown.share}%" for shown in reading.lines)
    size = (WIDTH, len(reading.lines) * ROW + 4)
    return frame(size, title=reading.question.ask, description=f"{said}。", body=body, uid=uid)


def trend_chart(steps: Sequence[Step], *, uid: str) -> SafeString:
    """Shares of both ends of the scale over the rounds; a point that is not shown apart is left out."""
    width = max(LEFT + COLUMN * len(steps), WIDTH)
    body = [*_legend(), *_grid(width)]
    body += [
        text(_x(n), TOP + PLOT + 20, one.label, anchor="middle", size=SMALL) for n, one in enumerate(steps)
    ]
    body += _series(steps, [one.struggling for one in steps], STRUGGLING, below=True)
    body += _series(steps, [one.initiative for one in steps], INITIATIVE, below=False)
    size = (width, TOP + PLOT + BOTTOM)
    title = "从“疲于应付”到“主动作为”"
    return frame(size, title=title, description=_said(steps), body=body, uid=uid)


def _said(steps: Sequence[Step]) -> str:
    def share(value: int | None) -> str:
        return "未单列" if value is None else f"{value}%"

    return "；".join(
        f"{one.label}：疲于应付 {share(one.struggling)}，主动作为 {share(one.initiative)}" for one in steps
    )


def _x(n: int) -> float:
    return LEFT + COLUMN * (n + 0.5)


def _y(share: int) -> float:
    return TOP + PLOT * (1 - share / 100)


def _legend() -> list[SafeString]:
    parts: list[SafeString] = []
    for n, (name, tone) in enumerate((INITIATIVE, STRUGGLING)):
        x = LEFT + 110 * n
        parts.append(line((x, 14), (x + 18, 14), tone=tone, width=2.5, dashed=bool(n)))
        parts.append(text(x + 24, 18, name, tone=tone, size=SMALL))
    return parts


def _grid(width: float) -> list[SafeString]:
    lines = [line((LEFT, _y(mark)), (width - 8, _y(mark))) for mark in MARKS]
    return lines + [text(LEFT - 6, _y(mark) + 4, f"{mark}%", anchor="end", size=SMALL) for mark in MARKS]


def _series(
    steps: Sequence[Step], values: Sequence[int | None], kind: tuple[str, str], *, below: bool
) -> list[SafeString]:
    """Neighbouring points are joined; where one is missing the line is open."""
    name, tone = kind
    parts: list[SafeString] = []
    for n, value in enumerate(values):
        before = values[n - 1] if n else None
        if value is not None and before is not None:
            joined = [(_x(n - 1), _y(before)), (_x(n), _y(value))]
            parts.append(path(joined, stroke=tone, width=2.5, dashed=below))
    for n, value in enumerate(values):
        if value is not None:
            at = _y(value) + (18 if below else -10)
            parts.append(
                group(
                    f"{steps[n].label} {name} {value}%",
                    circle((_x(n), _y(value)), 4, stroke=tone),
                    text(_x(n), at, f"{value}%", tone=tone, anchor="middle", size=SMALL, bold=True),
                )
            )
    return parts
