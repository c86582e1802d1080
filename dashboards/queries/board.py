"""The board (看板): four questions, then how it went; every number with the address of its list.

What is overdue or due soon is true today; everything else belongs to the month looked at and the twelve that
end with it. Organisations stand in tree order, and what a branch is asked for is never put beside another's.
The number of statements does not grow with them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator

from branches.models import Organisation
from dashboards.charts import HeatRow
from dashboards.queries.frame import Frame, frame_of
from dashboards.queries.heat import heat_rows
from dashboards.queries.indices import IndexLine, index_lines
from dashboards.queries.months import Change, MonthLine, changes_between, summed
from dashboards.queries.problems import Problems, problems_of
from dashboards.queries.scope import Scope
from dashboards.queries.work import Load, Now, late_now, load_of, soon_now
from dashboards.rules.asked import Asked
from periods.months import Month
from reminders.queries.summaries import Figures, by_month, by_place

PAGE_SIZE = 50
FIRST_LINES = 3


@dataclass(frozen=True)
class FirstLine:
    """Something to do before the rest is read."""

    label: str
    tone: str
    name: str
    note: str
    url: str


@dataclass(frozen=True)
class Board:
    """Everything the page shows, but the outlook, which is asked for on its own."""

    frame: Frame
    late: Now
    soon: Now
    problems: Problems
    load: Load
    page: Page[Organisation]
    heat: Sequence[HeatRow]
    trend: Sequence[MonthLine]
    indices: Sequence[IndexLine]
    changes: Sequence[Change]

    @property
    def month(self) -> MonthLine:
        return self.trend[-1]

    @property
    def index(self) -> IndexLine | None:
        """That of the month looked at; None where too few branches stand together."""
        return self.indices[-1] if self.indices else None

    @property
    def first(self) -> list[FirstLine]:
        """What most wait for: the overdue before what is due soon."""
        lines = [("已逾期", "late", line) for line in self.late.actions[:FIRST_LINES]]
        lines += [("将到期", "soon", line) for line in self.soon.actions[:FIRST_LINES]]
        alone = self.frame.scope.is_branch
        return [
            FirstLine(
                label,
                tone,
                line.name,
                f"{line.items} 项" if alone else f"{line.items} 项 · {line.places} 个组织",
                line.url,
            )
            for label, tone, line in lines[:FIRST_LINES]
        ]

    @property
    def is_empty(self) -> bool:
        """Nothing was asked in twelve months, and nothing is open."""
        return not any(line.figures.asked for line in self.trend) and not self.late.total + self.soon.total


@dataclass(frozen=True)
class _Read:
    """The stored months: of the organisations on this page, of all together, and minutes of each branch."""

    cells: Mapping[tuple[int, Month], Figures]
    whole: Mapping[Month, Figures]
    minutes: Sequence[int]


def board_of(scope: Scope, asked: Asked, *, on: date, page: str | None = None) -> Board:
    """The same number of statements for any number of organisations up to a page, two more beyond it."""
    frame = frame_of(scope, asked, on=on)
    shown = Paginator(frame.shown, PAGE_SIZE).get_page(page)
    read = _read(frame, shown)
    return Board(
        frame=frame,
        late=late_now(frame),
        soon=soon_now(frame),
        problems=problems_of(frame),
        load=load_of(frame, read.minutes),
        page=shown,
        heat=heat_rows(frame, shown.object_list, read.cells, read.whole),
        trend=[MonthLine(month, read.whole[month], frame.addresses) for month in frame.months],
        indices=index_lines(frame, read.whole),
        changes=changes_between(frame, read.whole),
    )


def _read(frame: Frame, page: Page[Organisation]) -> _Read:
    """One organisation's rows are read once where all of them stand on the page."""
    months = list(dict.fromkeys([*frame.months, *([frame.asked.compare] if frame.asked.compare else [])]))
    branches = [place.pk for place in frame.branches]
    if page.paginator.num_pages == 1:
        cells = by_place(frame.places, months, on=frame.on)
        whole = {
            month: summed(figures for (_, of), figures in cells.items() if of == month) for month in months
        }
        own = cells
    else:
        here = frame.places.filter(pk__in=[place.pk for place in page.object_list])
        cells = by_place(here, frame.months, on=frame.on)
        whole = by_month(frame.places, months, on=frame.on)
        own = by_place(frame.places, [frame.month], on=frame.on)
    return _Read(cells, whole, [own.get((pk, frame.month), Figures()).minutes for pk in branches])
