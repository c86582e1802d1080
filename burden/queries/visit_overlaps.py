"""The overlaps of a year in words, and which of its visits could be one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from branches.calendar import work_calendar
from branches.models import Organisation
from burden.models import PlannedVisit
from burden.models.visits import FILE_VISIT
from burden.queries.visit_warnings import clash_words
from burden.queries.visits import Surroundings, day_span, surroundings
from burden.rules.visit_merging import Ground, Merge, propose_merges
from burden.rules.visit_vocabulary import VisitState
from burden.rules.visits import ClashKind, find_clashes
from reminders.wording import hours_label


@dataclass(frozen=True)
class ClashRow:
    kind: str
    words: str
    visits: Sequence[PlannedVisit]
    upcoming: bool


@dataclass(frozen=True)
class MergeRow:
    merge: Merge
    visits: Sequence[PlannedVisit]

    @property
    def days(self) -> str:
        return day_span(self.merge.since, self.merge.until)

    @property
    def hours(self) -> str:
        return hours_label(self.merge.saved_minutes)

    @property
    def key(self) -> str:
        return "-".join(str(visit.pk) for visit in self.visits)


@dataclass(frozen=True)
class OverlapPage:
    clashes: Sequence[ClashRow]
    merges: Sequence[MergeRow]

    @property
    def saved_visits(self) -> int:
        return sum(row.merge.saved_visits for row in self.merges)

    @property
    def saved_hours(self) -> str:
        return hours_label(sum(row.merge.saved_minutes for row in self.merges))


def overlap_page(user: User, year: int, *, on: date) -> OverlapPage:
    """Of all branches below the reader's offices."""
    mine = Organisation.objects.permitted_to(user, FILE_VISIT, on=on).active(on=on)
    places = list(mine.in_tree_order())
    branches = [place for place in places if place.is_branch]
    office = next((place for place in places if not place.is_branch), None)
    if office is None or not branches:
        return OverlapPage((), ())
    around = surroundings(branches, office, year=year, on=on)
    offices = {place.pk for place in places}
    return OverlapPage(_clashes(around, year, on), _merges(around, offices, year, on))


def _clashes(around: Surroundings, year: int, on: date) -> list[ClashRow]:
    """What still lies ahead first."""
    days = {look.key: look for look in around.looks}
    rows = []
    for clash in find_clashes(around.looks, around.limits, around.seasons):
        if not any(days[key].since.year == year for key in clash.visits):
            continue
        visits = [around.visits[key] for key in clash.visits if key in around.visits]
        # Told from the last of its visits: the one that could still be moved.
        last = max(clash.visits, key=lambda key: (days[key].since, key))
        names = {name: words for visit in visits for name, words in visit.clause_names.items()}
        words = f"《{around.titles[last]}》{clash_words(clash, around, last, names)}"
        ahead = days[last].since > on
        rows.append(ClashRow(str(ClashKind(clash.kind).label), words, visits, ahead))
    return sorted(rows, key=lambda row: not row.upcoming)


def _merges(around: Surroundings, offices: Collection[int], year: int, on: date) -> list[MergeRow]:
    """Among the filed visits of these offices that have not begun."""
    calendar = work_calendar()
    earliest = calendar.add_workdays(on, around.limits.notice + 1)
    ground = Ground(around.limits.gap_days, calendar, around.seasons, earliest)
    open_looks = [
        look
        for look in around.looks
        if (visit := around.visits.get(look.key))
        and visit.organisation_id in offices
        and visit.state == VisitState.FILED
        and visit.year == year
        and visit.since > on
    ]
    return [
        MergeRow(merge, sorted((around.visits[key] for key in merge.visits), key=lambda v: (v.since, v.pk)))
        for merge in propose_merges(open_looks, ground)
    ]
