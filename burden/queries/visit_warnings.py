"""What an office sees before a visit is filed: what it runs into, what it costs, what is known already."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from branches.calendar import work_calendar
from branches.models import Organisation
from burden.models import PlannedVisit
from burden.queries.visit_frequency import frequency_words
from burden.queries.visits import Surroundings, key_of, surroundings
from burden.rules.visit_vocabulary import VisitMode
from burden.rules.visits import Clash, ClashKind, Look, clashes_of, find_clashes
from ledgers.registry import find_ledger
from periods.labels import period_label
from reminders.demand_rules import DemandKind
from reminders.queries.demand_lint import KNOWN, DemandDraft, DemandWarning, ledger_holding, lint

NEW, LIGHTER = "new", "lighter"


@dataclass(frozen=True)
class VisitData:
    """A visit as it is asked for. `department`: an office; `clauses` and `materials`: one a line."""

    department: str
    title: str
    basis: str
    since: date
    until: date
    people: int
    minutes: int
    targets: Sequence[Organisation]
    categories: Sequence[str] = ()
    clauses: str = ""
    materials: str = ""
    mode: str = VisitMode.ON_SITE.value

    def fill(self, visit: PlannedVisit) -> PlannedVisit:
        """Write everything but the targets onto the row."""
        visit.year = self.since.year
        visit.department, visit.title, visit.basis = self.department, self.title, self.basis
        visit.since, visit.until, visit.mode = self.since, self.until, self.mode
        visit.people, visit.minutes = self.people, self.minutes
        visit.categories, visit.clauses, visit.materials = list(self.categories), self.clauses, self.materials
        return visit


def visit_warnings(
    data: VisitData, *, place: Organisation, visit: PlannedVisit | None = None, on: date
) -> list[DemandWarning]:
    """Everything to be said before filing; `visit`: the row that this data replaces."""
    around = surroundings(data.targets, place, year=data.since.year, on=on)
    row = data.fill(PlannedVisit(organisation=place))
    clauses = row.clause_names
    key = key_of(visit) if visit else NEW
    own = Look(key, data.since, data.until, frozenset(around.places), frozenset(clauses), data.minutes)
    looks = [own, *(look for look in around.looks if look.key != key)]
    found = clashes_of(key, find_clashes(looks, around.limits, around.seasons))
    warned = [DemandWarning(clash.kind, clash_words(clash, around, key, clauses)) for clash in found]
    lighter = frequency_words(
        data.department, clauses, data.since.year, data.targets, besides=visit.pk if visit else None, on=on
    )
    warned += [DemandWarning(LIGHTER, words) for words in lighter]
    return [*warned, *_linted(data, place, on)]


def _linted(data: VisitData, place: Organisation, on: date) -> Iterator[DemandWarning]:
    """What every demand is looked at for; materials are answered line by line instead."""
    draft = DemandDraft(
        name=data.title,
        asker=data.department,
        kind=DemandKind.INSPECTION,
        minutes=data.minutes,
        start=on,
        # A branch is ready when the visit begins.
        end=data.since,
        text=f"{data.basis}\n{data.materials}",
    )
    found = lint(draft, place=place, on=on, calendar=work_calendar())
    return (warning for warning in found if warning.code != KNOWN)


def clash_words(clash: Clash, around: Surroundings, key: str, clauses: dict[str, str]) -> str:
    """One sentence for who looks at the visit `key`."""
    who = f"涉及{around.names(clash.places)}。"
    others = "".join(f"《{around.titles[other]}》" for other in clash.visits if other != key)
    quarter = period_label(clash.quarter) if clash.quarter else ""
    if clash.kind == ClashKind.GAP:
        apart = f"与{others}只隔 {clash.number} 天" if clash.number else f"与{others}日子重叠"
        return f"{apart}，少于 {around.limits.gap_days} 天，{who}"
    if clash.kind == ClashKind.SAME_CLAUSE:
        clause = clauses.get(clash.clause, clash.clause)
        most = around.limits.same_clause
        return f"{quarter}对同一支部第 {clash.number} 次查“{clause}”，超过 {most} 次（另有{others}），{who}"
    if clash.kind == ClashKind.TOO_MANY:
        most = around.limits.per_quarter
        return f"{quarter}同一支部要接受 {clash.number} 次检查，超过 {most} 次（另有{others}），{who}"
    seasons = {row.name for place in clash.places for row in around.named_seasons[place]}
    return f"有 {clash.number} 天在业务旺季（{'、'.join(sorted(seasons))}），{who}"


# --- what the portal has already -------------------------------------------------------------------------


@dataclass(frozen=True)
class Material:
    """One line of what is asked; `slug`, `ledger`: the ledger that has it, empty where none does."""

    words: str
    slug: str = ""
    ledger: str = ""


def materials_of(lines: Iterable[str]) -> list[Material]:
    return [_material(line) for line in lines]


def _material(line: str) -> Material:
    slug = ledger_holding(line)
    return Material(line, slug, find_ledger(slug).title) if slug else Material(line)


def covering(branches: Sequence[Organisation]) -> Organisation | None:
    """The nearest organisation with all these branches at or below it."""
    if not branches:
        return None
    shared = branches[0].path.strip("/").split("/")
    for branch in branches[1:]:
        keys = branch.path.strip("/").split("/")
        shared = [one for one, other in zip(shared, keys, strict=False) if one == other]
    return Organisation.objects.filter(key__in=shared).order_by("-level").first()
