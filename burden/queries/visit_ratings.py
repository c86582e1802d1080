"""What branches say of visits: what one branch may still say, and the sums that may be shown."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from branches.models import Organisation
from burden.models import PlannedVisit, VisitRating
from burden.models.visits import FILE_VISIT, RATE_VISIT
from burden.queries.visits import office_looks
from burden.rules.suppression import Group, total
from burden.rules.visit_ratings import Batch, Rating, batches
from burden.rules.visit_vocabulary import Extra, Grade
from errorbank.models import Inspection
from periods.months import Month

NAMELESS = "未写明部门"
# A visit is rated in its own quarter or the next.
OPEN_MONTHS = 6


def quarter_number(day: date) -> int:
    return (day.month + 2) // 3


def rated_since(on: date) -> date:
    """A visit that ended before this day is rated no more: the first day of the quarter before."""
    first = Month(on.year, quarter_number(on) * 3 - 2)
    return first.plus(-3).first


def department_of(inspection: Inspection, visits: Sequence[PlannedVisit]) -> str:
    """The office as the plan names it, else as the inspection does."""
    named = visits[0].department if visits else inspection.inspectors
    return "".join(named.split()) or NAMELESS


@dataclass(frozen=True)
class ToRate:
    """One visit of a branch that may be rated or changed; `rating`: what the branch said."""

    inspection: Inspection
    branch: Organisation
    rating: VisitRating | None


def open_looks(user: User, *, on: date) -> list[ToRate]:
    """What this person's branches may rate today, the latest first; three statements."""
    branches = Organisation.objects.permitted_to(user, RATE_VISIT, on=on).branches()
    rows = office_looks().filter(until__gte=rated_since(on), until__lte=on)
    pairs = Inspection.targets.through.objects.filter(inspection__in=rows, organisation__in=branches)
    shown = pairs.select_related("inspection", "organisation").order_by("-inspection__until", "-inspection")
    said = {
        (row.inspection_id, row.branch_id): row
        for row in VisitRating.objects.filter(branch__in=branches, inspection__in=rows)
    }
    found = [
        ToRate(pair.inspection, pair.organisation, said.get((pair.inspection_id, pair.organisation_id)))
        for pair in shown
    ]
    return [row for row in found if row.rating is None or may_change(row.rating, on=on)]


def may_change(rating: VisitRating, *, on: date) -> bool:
    """Until the quarter in which it was given ends."""
    return (rating.year, rating.quarter) == (on.year, quarter_number(on))


@dataclass(frozen=True)
class DepartmentRow:
    organisation: str
    department: str
    batches: Sequence[Batch]


def published_ratings(user: User, year: int, *, on: date) -> list[DepartmentRow]:
    """Sums by registering organisation and office; never over organisations, never of an open quarter."""
    places = Organisation.objects.permitted_to(user, FILE_VISIT, on=on)
    rows = VisitRating.objects.filter(organisation__in=places, year=year).select_related("organisation")
    found: dict[tuple[str, str, str], dict[int, list[Rating]]] = defaultdict(lambda: defaultdict(list))
    for row in rows.order_by("pk"):
        key = (row.organisation.code, row.organisation.name, row.department)
        found[key][row.quarter].append((Grade(row.grade), Extra(row.extra)))
    closed = closed_quarters(year, on=on)
    shown = [
        DepartmentRow(name, department, batches(said, closed=closed))
        for (_, name, department), said in sorted(found.items())
    ]
    return [row for row in shown if row.batches]


def closed_quarters(year: int, *, on: date) -> int:
    if year != on.year:
        return 4 if year < on.year else 0
    return quarter_number(on) - 1


@dataclass(frozen=True)
class BatchWords:
    """One batch in words: its quarters, what was said of the visits, and of materials."""

    label: str
    about: int
    grades: Sequence[str]
    extras: Sequence[str]


@dataclass(frozen=True)
class DepartmentWords:
    organisation: str
    department: str
    batches: Sequence[BatchWords]


def shown_rows(rows: Sequence[DepartmentRow]) -> list[DepartmentWords]:
    return [
        DepartmentWords(row.organisation, row.department, [_batch_words(batch) for batch in row.batches])
        for row in rows
    ]


def _batch_words(batch: Batch) -> BatchWords:
    grades: Mapping[str, str] = dict(Grade.choices)
    extras: Mapping[str, str] = dict(Extra.choices)
    return BatchWords(
        batch.label,
        total(batch.grades),
        [_group_words(group, grades) for group in batch.grades],
        [_group_words(group, extras) for group in batch.extras],
    )


def _group_words(group: Group, labels: Mapping[str, str]) -> str:
    """“有帮助或一般：约 10 份”; one group of everything says nothing."""
    if len(group.keys) == len(labels):
        return f"份数还少，不分列（约 {group.about} 份）"
    return f"{'或'.join(labels[key] for key in group.keys)}：约 {group.about} 份"
