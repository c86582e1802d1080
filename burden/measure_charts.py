"""Leaf: a measure of a list, and an assessment scheme, as drawings."""

from decimal import Decimal

from django.utils.safestring import SafeString

from branches.rules.policy import plain
from burden.charts import Trend, trend_chart
from burden.queries.measures import MeasureRow
from burden.queries.schemes import SchemeLine


def chart_of(row: MeasureRow, *, uid: str) -> SafeString:
    """Its values against baseline and target; only for a row that has values."""
    entry = row.entry
    drawn = Trend(entry.indicator, entry.unit, row.points, entry.target, entry.target_words, entry.baseline)
    return trend_chart(drawn, title=f"{entry.name}：{entry.indicator}走势", uid=uid)


def scheme_chart(line: SchemeLine) -> SafeString:
    """The share of points that only count traces, month by month; nothing before its first day."""
    points = line.points()
    if not points:
        return SafeString("")
    limit = line.limit
    words = f"不高于 {plain(limit)}%" if limit is not None else ""
    drawn = Trend("留痕分值占比", "%", points, limit or Decimal(0), words, target_name="提醒线")
    return trend_chart(drawn, title=f"{line.scheme.name}：留痕分值占比走势", uid="scheme")
