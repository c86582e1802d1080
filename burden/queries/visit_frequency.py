"""Where an office may come less often next year, and what staff decided on it.

For each general branch, office and clause: the visits that were carried out up to a day, with what they found
there. A category counts its own findings; an own line, which no finding names, counts all of the inspection.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from branches.models import Organisation
from branches.rules import OrganisationKind
from burden.models import FrequencyDecision, PlannedVisit
from burden.models.visits import FILE_VISIT
from burden.rules.visit_frequency import CLEAN_IN_A_ROW, ends_clean, fewer, fewer_words
from burden.rules.visit_vocabulary import Decision, VisitState
from burden.rules.visits import OWN_CLAUSE
from errorbank.models import Finding

# (general branch, office, clause)
Key = tuple[int, str, str]


@dataclass(frozen=True)
class Proposal:
    """`year`: the one for which less is proposed; `times`: visits of the year before it."""

    organisation: Organisation
    department: str
    clause: str
    clause_name: str
    year: int
    times: int
    visits: Sequence[PlannedVisit]
    decision: FrequencyDecision | None = None

    @property
    def fewer(self) -> int:
        return fewer(self.times)

    @property
    def words(self) -> str:
        return fewer_words(self.times)

    @property
    def key(self) -> str:
        return f"{self.organisation.pk}|{self.department}|{self.clause}"


def proposals(places: Iterable[Organisation], year: int, *, on: date) -> list[Proposal]:
    """What is proposed for that year from the year before and earlier, decided or not; six statements."""
    generals = {place.pk: place for place in places if place.kind == OrganisationKind.GENERAL_BRANCH}
    runs = _runs(generals.values(), year, on)
    decisions = {
        (row.organisation_id, row.department, row.clause): row
        for row in FrequencyDecision.objects.filter(organisation__in=generals, year=year).select_related("by")
    }
    found = []
    for key, run in runs.items():
        times = sum(visit.year == year - 1 for visit, _ in run)
        if times and ends_clean([number for _, number in run]):
            place, department, clause = key
            visits = [visit for visit, _ in run[-CLEAN_IN_A_ROW:]]
            name = visits[-1].clause_names[clause]
            found.append(
                Proposal(generals[place], department, clause, name, year, times, visits, decisions.get(key))
            )
    return sorted(found, key=lambda row: (row.organisation.code, row.department, row.clause))


def _runs(generals: Iterable[Organisation], year: int, on: date) -> dict[Key, list[tuple[PlannedVisit, int]]]:
    """Visits carried out before that year, the earliest first, with what each found in the clause there.

    One inspection that carried out two visits looked once.
    """
    visits = list(_carried_out(year, on))
    met = _generals_met(visits, list(generals))
    found = _found(visits, list(generals), on)
    runs: dict[Key, list[tuple[PlannedVisit, int]]] = defaultdict(list)
    for visit in visits:
        for place in sorted(met[visit.pk]):
            for clause in visit.clause_names:
                number = found[
                    visit.inspection_id or 0, place, "" if clause.startswith(OWN_CLAUSE) else clause
                ]
                runs[place, visit.department, clause].append((visit, number))
    return runs


def _carried_out(year: int, on: date) -> QuerySet[PlannedVisit]:
    done = PlannedVisit.objects.filter(state=VisitState.DONE, year__lt=year, inspection__until__lte=on)
    return done.select_related("inspection").order_by("inspection__since", "inspection", "pk")


def _generals_met(visits: Sequence[PlannedVisit], generals: Sequence[Organisation]) -> Mapping[int, set[int]]:
    pairs = PlannedVisit.targets.through.objects.filter(plannedvisit__in=visits)
    met: dict[int, set[int]] = defaultdict(set)
    for visit, path in pairs.values_list("plannedvisit", "organisation__path"):
        met[visit].update(place.pk for place in generals if path.startswith(place.path))
    return met


def _found(
    visits: Sequence[PlannedVisit], generals: Sequence[Organisation], on: date
) -> Counter[tuple[int, int, str]]:
    """(inspection, general branch, category) → findings; "" for all categories."""
    rows = Finding.objects.filter(
        inspection__in={visit.inspection_id for visit in visits if visit.inspection_id}, found_on__lte=on
    )
    counted: Counter[tuple[int, int, str]] = Counter()
    for inspection, path, category in rows.values_list("inspection", "organisation__path", "category"):
        for place in generals:
            if inspection is not None and path.startswith(place.path):
                counted[inspection, place.pk, category] += 1
                counted[inspection, place.pk, ""] += 1
    return counted


def generals_of(user: User, *, on: date) -> list[Organisation]:
    """General branches on which this person may decide."""
    mine = Organisation.objects.permitted_to(user, FILE_VISIT, on=on).active(on=on)
    return list(mine.filter(kind=OrganisationKind.GENERAL_BRANCH).in_tree_order())


def frequency_words(
    department: str,
    clauses: Mapping[str, str],
    year: int,
    branches: Iterable[Organisation],
    *,
    besides: int | None,
    on: date,
) -> list[str]:
    """What was agreed or is proposed on coming less often, for who files such a visit."""
    above = _generals_above(branches)
    found = proposals(above, year, on=on)
    mine = [row for row in found if row.department == department and row.clause in clauses]
    if not mine:
        return []
    filed = _filed_already(department, year, above, besides)
    return [words for row in mine if (words := _words(row, filed[row.organisation.pk, row.clause]))]


def _words(row: Proposal, filed: int) -> str:
    why = f"“{row.clause_name}”已连续 {CLEAN_IN_A_ROW} 次检查没有发现问题"
    if row.decision is None:
        return f"{why}，建议{row.words}，{row.organisation.name}还没有决定。"
    if row.decision.decision == Decision.ACCEPTED and filed >= row.fewer:
        return f"{why}，已同意{row.words}；{row.year} 年已备案 {filed} 次，这次是多出来的。"
    return ""


def _filed_already(
    department: str, year: int, generals: Sequence[Organisation], besides: int | None
) -> Counter[tuple[int, str]]:
    rows = PlannedVisit.objects.standing().filter(department=department, year=year)
    visits = [visit for visit in rows if visit.pk != besides]
    met = _generals_met(visits, generals)
    return Counter(
        (place, clause) for visit in visits for place in met[visit.pk] for clause in visit.clause_names
    )


def _generals_above(branches: Iterable[Organisation]) -> list[Organisation]:
    keys = {key for branch in branches for key in branch.path.strip("/").split("/")}
    generals = Organisation.objects.filter(key__in=keys, kind=OrganisationKind.GENERAL_BRANCH)
    return list(generals.in_tree_order())
