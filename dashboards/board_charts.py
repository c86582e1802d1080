"""Leaf: the board's figures as drawings, each with the sentence a listener hears instead."""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from dashboards.charts import Bar, Line, bar_chart, heatmap, line_chart
from dashboards.queries.board import Board
from periods.months import Month


def charts_of(board: Board) -> dict[str, SafeString]:
    """Under the names the page shows them by; one without anything to draw is not there."""
    drawn = {"heat_chart": _heat(board), "trend_chart": _trend(board)}
    if board.problems.bars:
        drawn["bar_chart"] = problem_chart(board.problems.bars)
    if any(line.value is not None for line in board.indices):
        drawn["index_chart"] = _index(board)
    return drawn


def _heat(board: Board) -> SafeString:
    months = board.frame.months
    return heatmap(
        board.heat,
        months,
        title="各支部每月按时完成率" if not board.frame.scope.is_branch else "本支部每月按时完成率",
        description=f"{_span(months)}，按组织顺序排列；点一格看当月到期的事项。",
        uid="heat",
    )


def _trend(board: Board) -> SafeString:
    return rate_chart(board.frame.months, [line.rate for line in board.trend], target=board.frame.target)


def rate_chart(months: Sequence[Month], values: Sequence[int | None], *, target: int) -> SafeString:
    """The completion rate of months, with the target."""
    return line_chart(
        Line(months, values, "按时完成率", target=target),
        title="按时完成率走势",
        description=f"{_said(months, values, '%')}。目标 {target}%。",
        uid="trend",
    )


def _index(board: Board) -> SafeString:
    months, values = board.frame.months, [line.value for line in board.indices]
    return line_chart(
        Line(months, values, "主动性指数", unit=""),
        title="主动性指数走势",
        description=f"{_said(months, values, '')}，最高 100。",
        uid="index",
    )


def problem_chart(bars: Sequence[Bar]) -> SafeString:
    """Problems of twelve months by category, those that came back set off."""
    said = "；".join(f"{bar.name} {bar.whole} 个，其中再次出现 {bar.part} 个" for bar in bars)
    return bar_chart(
        bars,
        names=("再次出现", "其他"),
        title="近 12 个月各类问题",
        description=f"{said}。",
        uid="problems",
    )


def _span(months: Sequence[Month]) -> str:
    return f"{months[0].label}至{months[-1].label}"


def _said(months: Sequence[Month], values: Sequence[int | None], unit: str) -> str:
    said = "、".join("暂无" if value is None else f"{value}{unit}" for value in values)
    return f"{_span(months)}依次为 {said}"
