"""The initiative index of a scope, month by month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboards.queries.frame import Frame
from dashboards.rules.initiative import LEAST_BRANCHES, Initiative, Share, initiative
from errorbank.queries.board import repeat_shares
from periods.months import Month
from reminders.queries.summaries import Figures, lead_days, own_records


@dataclass(frozen=True)
class IndexLine:
    month: Month
    index: Initiative

    @property
    def value(self) -> int | None:
        return self.index.value


def index_lines(frame: Frame, whole: Mapping[Month, Figures]) -> Sequence[IndexLine]:
    """Of the twelve months; three statements. Nothing for too few branches together: it would show people."""
    if not frame.scope.is_branch and len(frame.branches) < LEAST_BRANCHES:
        return []
    leads = lead_days(frame.places, frame.months)
    records = own_records(frame.places, frame.months)
    repeats = repeat_shares(frame.places, frame.months)
    return [
        IndexLine(
            month,
            initiative(
                leads.get(month, {}),
                own=_own(whole[month], records.get(month, 0)),
                repeats=Share(repeats[month].part, repeats[month].whole),
            ),
        )
        for month in frame.months
    ]


def _own(figures: Figures, records: int) -> Share:
    """What was done before anybody was reminded, and what nobody asked for, of everything done."""
    return Share(figures.early + records, figures.done + records)
