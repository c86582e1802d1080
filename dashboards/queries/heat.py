"""Branch × month of the completion rate, with the list of every cell."""

from collections.abc import Iterable, Mapping

from branches.models import Organisation
from dashboards.charts import HeatCell, HeatRow
from dashboards.queries.frame import Frame
from dashboards.queries.months import percent, summed
from dashboards.rules.asked import MONTHS
from periods.months import Month
from reminders.queries.summaries import Figures


def heat_rows(
    frame: Frame,
    places: Iterable[Organisation],
    cells: Mapping[tuple[int, Month], Figures],
    whole: Mapping[Month, Figures],
) -> list[HeatRow]:
    """In tree order, the whole scope last; one's own branch is a single row."""
    rows = [
        _row(frame, place.name, place.code, {m: cells.get((place.pk, m), Figures()) for m in frame.months})
        for place in places
    ]
    return rows if frame.scope.is_branch else [*rows, _row(frame, "合计", "", whole)]


def _row(frame: Frame, name: str, code: str, figures: Mapping[Month, Figures]) -> HeatRow:
    cells = [
        _cell(
            f"{name} {month.label}",
            figures[month],
            frame.addresses.items("due", month=month, place=code),
            month=f"{month.number} 月",
        )
        for month in frame.months
    ]
    year = summed(figures[month] for month in frame.months)
    url = frame.addresses.items("due", place=code, span=MONTHS)
    return HeatRow(name, (*cells, _cell(f"{name} 12 个月合计", year, url, month="合计")), strong=not code)


def _cell(name: str, figures: Figures, url: str, *, month: str) -> HeatCell:
    value = percent(figures)
    if value is None:
        return HeatCell(None, f"{name} 没有到期的事项", month=month)
    done = figures.on_time - figures.ahead
    words = f"{name} 按时完成率 {value}%，到期 {figures.due} 项，其中按时办结 {done} 项"
    return HeatCell(value, words, url, f"{done}/{figures.due}", month)
