"""The measure lists a reader sees, each measure with its values and where it stands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from accounts.models import User
from branches.models import Organisation
from burden.box.limits import Outcome
from burden.models import BoxAnswer, Measure, MeasureEntry, MeasureList, MeasureValue
from burden.models.measures import EDIT
from burden.rules.measures import FEATURED, Goal, Standing, rose, standing_of
from burden.rules.measures_vocabulary import (
    STANDING_STATES,
    Cadence,
    Direction,
    ListState,
    MeasureStatus,
)
from periods.months import Month

Points = Mapping[Month, Decimal]


@dataclass(frozen=True)
class MeasureRow:
    """One measure of a list as it stands on a day. `points` hold every standing value up to it."""

    entry: MeasureEntry
    points: Points
    standing: Standing
    # Its place among those adopted.
    number: int = 0

    @property
    def latest(self) -> Month | None:
        """The latest month of the list's year that has a value."""
        return self.standing.month

    @property
    def now(self) -> Decimal | None:
        return self.points[self.latest] if self.latest else None

    @property
    def now_words(self) -> str:
        return "" if self.now is None else self.entry.said(self.now)

    @property
    def change_words(self) -> str:
        """“比起点降了 24 个百分点”."""
        return "" if self.now is None else f"比起点{rose(self.entry.baseline, self.now, self.entry.unit)}"


@dataclass(frozen=True)
class ListPage:
    """A list with its rows in order, and the counts by status."""

    shown: MeasureList
    rows: Sequence[MeasureRow]
    versions: Sequence[MeasureList]

    @cached_property
    def counts(self) -> list[tuple[MeasureStatus, int]]:
        return [(status, sum(row.standing.status == status for row in self.rows)) for status in MeasureStatus]

    @property
    def featured(self) -> MeasureRow | None:
        return next((row for row in self.rows if row.entry.measure.code == FEATURED), None)

    def narrowed(self, status: str) -> list[MeasureRow]:
        return [row for row in self.rows if status in ("", row.standing.status)]


def goal_of(entry: MeasureEntry, year: int) -> Goal:
    return Goal(year, Direction(entry.direction), entry.target, entry.deadline, Cadence(entry.cadence))


def standing_lists(user: User, *, on: date) -> list[MeasureList]:
    """The last word of each year within sight: the latest year first, then the nearest organisation."""
    lists = MeasureList.objects.visible_to(user, on=on).filter(state__in=sorted(STANDING_STATES))
    return list(
        lists.select_related("organisation").order_by("-year", "-organisation__level", "organisation__code")
    )


def list_page(shown: MeasureList, *, on: date) -> ListPage:
    """Three statements, whatever the number of measures."""
    same = MeasureList.objects.public().filter(organisation=shown.organisation_id, year=shown.year)
    return ListPage(shown, list_rows(shown, on=on), list(same.order_by("-version")))


def list_rows(shown: MeasureList, *, on: date, drafts: bool = False) -> list[MeasureRow]:
    entries = shown.entries.select_related("measure").order_by("position", "pk")
    wanted = list(entries if drafts else entries.filter(adopted=True))
    values = values_of((entry.measure_id for entry in wanted), on=on)
    return [
        row_of(entry, values.get(entry.measure_id, {}), year=shown.year, on=on, number=n)
        for n, entry in enumerate(wanted, start=1)
    ]


def row_of(entry: MeasureEntry, points: Points, *, year: int, on: date, number: int = 0) -> MeasureRow:
    return MeasureRow(entry, points, standing_of(goal_of(entry, year), points, on=on), number)


def values_of(measures: Iterable[int], *, on: date) -> dict[int, dict[Month, Decimal]]:
    """Measure → month → standing value, the earliest first. One statement."""
    found: dict[int, dict[Month, Decimal]] = defaultdict(dict)
    rows = MeasureValue.objects.standing().filter(measure__in=list(measures), month__lte=on)
    for measure, month, value in rows.order_by("month").values_list("measure", "month", "value"):
        found[measure][Month.of(month)] = value
    return dict(found)


def drafts_of(user: User, *, on: date) -> list[MeasureList]:
    drafts = MeasureList.objects.permitted_to(user, EDIT, on=on).filter(state=ListState.DRAFT)
    return list(drafts.select_related("organisation").order_by("-year", "organisation__code"))


# --- one measure -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class MonthValue:
    """What was said of a month: the standing row, and those it has replaced, the latest first."""

    month: Month
    value: MeasureValue
    before: Sequence[MeasureValue]
    entry: MeasureEntry

    @property
    def words(self) -> str:
        return self.entry.said(self.value.value)

    @property
    def earlier(self) -> list[tuple[str, str]]:
        """What stood there before it was corrected, with its evidence."""
        return [(self.entry.said(value.value), value.evidence) for value in self.before]


@dataclass(frozen=True)
class MeasurePage:
    row: MeasureRow
    of_list: MeasureList
    values: Sequence[MonthValue]
    history: Sequence[MeasureEntry]
    # Published answers that name it as what an opinion brought about.
    brought_about: int


def entry_for(measure: Measure, user: User, *, on: date) -> MeasureEntry | None:
    """What the latest issued list within sight says of it; before the first, the draft. One statement."""
    return next(iter(entries_for(measure, user, on=on)), None)


def entries_for(measure: Measure, user: User, *, on: date) -> list[MeasureEntry]:
    """What the lists within sight say of it: the latest issued one first, drafts last. One statement."""
    lists = MeasureList.objects.visible_to(user, on=on)
    entries = MeasureEntry.objects.filter(measure=measure, of_list__in=lists)
    found = list(entries.select_related("of_list__organisation", "measure"))

    def age(entry: MeasureEntry) -> tuple[bool, int, int]:
        return not entry.of_list.is_draft, entry.of_list.year, entry.of_list.version

    return sorted(found, key=age, reverse=True)


def measure_page(entries: Sequence[MeasureEntry], *, on: date) -> MeasurePage:
    """From at least one entry, as entries_for gives them; two statements."""
    entry = entries[0]
    values = month_values(entry, on=on)
    points = {line.month: line.value.value for line in reversed(values)}
    row = row_of(entry, points, year=entry.of_list.year, on=on)
    issued = [each for each in entries if not each.of_list.is_draft]
    answers = BoxAnswer.objects.filter(measure=entry.measure, outcome=Outcome.ADOPTED).count()
    return MeasurePage(row, entry.of_list, values, issued, answers)


def month_values(entry: MeasureEntry, *, on: date) -> list[MonthValue]:
    """The latest month first."""
    rows = entry.measure.measured_values.filter(month__lte=on).select_related("made_by")
    lines: dict[Month, list[MeasureValue]] = defaultdict(list)
    for value in rows.order_by("-month", "-pk"):
        lines[value.of].append(value)
    # A correction is always the newer row.
    return [MonthValue(month, found[0], found[1:], entry) for month, found in lines.items()]


def featured_of(place: Organisation, *, on: date) -> MeasureRow | None:
    """The case's own measure in the list of this organisation or the nearest above it; two statements."""
    lists = MeasureList.objects.filter(state__in=sorted(STANDING_STATES), year__lte=on.year)
    above = [place.path[: n + 1] for n, letter in enumerate(place.path) if letter == "/"]
    entry = (
        MeasureEntry.objects.filter(
            of_list__in=lists.filter(organisation__path__in=above), adopted=True, measure__code=FEATURED
        )
        .select_related("of_list", "measure")
        .order_by("-of_list__organisation__level", "-of_list__year")
        .first()
    )
    if entry is None:
        return None
    points = values_of([entry.measure_id], on=on).get(entry.measure_id, {})
    return row_of(entry, points, year=entry.of_list.year, on=on)
