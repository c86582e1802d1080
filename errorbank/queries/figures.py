"""What the figures are counted from: findings, steps and answered rechecks until a day; three statements."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from accounts.models import User
from branches.access import may
from branches.models import Organisation
from errorbank.models import Finding, FindingStep, Recheck
from errorbank.rules import ErrorCategory, RecheckState, StepKind
from errorbank.rules.figures import (
    FIGURES,
    PILES,
    Case,
    Check,
    Share,
    Span,
    days_to_close,
    pass_share,
    state_by,
)

COMPARE, VIEW = "errorbank.view_figures", "errorbank.view_finding"
RECHECKED = "rechecked"
_FIELDS = (
    "pk",
    "organisation",
    "category",
    "found_on",
    "happened_on",
    "closed_on",
    "deadline_on",
    "self_reported",
    "repeat_of",
)


@dataclass(frozen=True)
class Scope:
    """Whose figures a page shows. Only overseers see branches side by side; others one of their own."""

    places: list[Organisation]
    chosen: Organisation | None
    compares: bool

    @property
    def counted(self) -> list[Organisation]:
        return [self.chosen] if self.chosen else self.places


def scope_for(user: User, code: str, *, on: date) -> Scope | None:
    """None when the organisation asked for is not the reader's."""
    compares = may(user, COMPARE, on=on)
    mine = Organisation.objects.permitted_to(user, COMPARE if compares else VIEW, on=on)
    places = list((mine if compares else mine.branches()).in_tree_order())
    chosen = next((place for place in places if place.code == code), None)
    if code and chosen is None:
        return None
    if not compares and chosen is None:
        chosen = places[0] if places else None
    return Scope(places, chosen, compares)


@dataclass(frozen=True)
class Picture:
    """Everything counted until the end of a span. `own`: what branches reported themselves, kept apart."""

    span: Span
    cases: list[Case]
    own: list[Case]
    checks: list[Check]
    _known: dict[str, list[Case]] = field(default_factory=dict, compare=False, repr=False)

    def of(self, figure: str) -> list[Case]:
        """Looked for once: a page says the same figure in its tiles, tables and charts."""
        if figure not in self._known:
            holds = FIGURES[figure].holds
            self._known[figure] = [case for case in self.cases if holds(case, self.span)]
        return self._known[figure]

    @property
    def repeats(self) -> Share:
        return Share(len(self.of("repeated")), len(self.of("occurred")))

    @property
    def passes(self) -> Share:
        return pass_share(self.checks)

    @property
    def days(self) -> float | None:
        return days_to_close(self.of("closed_year"))

    def within(self, category: str) -> "Picture":
        """All of it without a category."""
        return self.by("category")[category] if category else self

    def by(self, column: Literal["place", "category"]) -> "defaultdict[Any, Picture]":
        """Each place's or category's own picture; whoever has nothing gets an empty one. Every row is read
        once and not once a place: their number grows with the places and with the years."""
        parts: defaultdict[Any, Picture] = defaultdict(lambda: Picture(self.span, [], [], []))
        for case in self.cases:
            parts[getattr(case, column)].cases.append(case)
        for case in self.own:
            parts[getattr(case, column)].own.append(case)
        for check in self.checks:
            parts[getattr(check, column)].checks.append(check)
        return parts


def picture_of(places: Iterable[Organisation], span: Span) -> Picture:
    """As it stood at the end of the span; three statements."""
    keys = [place.pk for place in places]
    steps = _steps(keys, span.day)
    found = Finding.objects.filter(organisation__in=keys, found_on__lte=span.day).order_by("pk")
    cases = [_case(row, steps[row.pk], span.day) for row in found.only(*_FIELDS)]
    return Picture(
        span,
        [case for case in cases if not case.self_reported],
        [case for case in cases if case.self_reported],
        _checks(keys, span),
    )


class _Step(NamedTuple):
    kind: StepKind
    deadline_on: date | None


def _steps(places: list[int], day: date) -> dict[int, list[_Step]]:
    rows = FindingStep.objects.filter(finding__organisation__in=places, on__lte=day)
    found: dict[int, list[_Step]] = defaultdict(list)
    for finding, kind, until in rows.order_by("on", "pk").values_list("finding", "kind", "deadline_on"):
        found[finding].append(_Step(StepKind(kind), until))
    return found


def _case(row: Finding, steps: list[_Step], day: date) -> Case:
    deadlines = [step.deadline_on for step in steps if step.deadline_on]
    return Case(
        pk=row.pk,
        place=row.organisation_id,
        category=row.category,
        found_on=row.found_on,
        happened_on=row.happened_on,
        closed_on=row.closed_on if row.closed_on and row.closed_on <= day else None,
        deadline_on=deadlines[-1] if deadlines else row.deadline_on,
        self_reported=row.self_reported,
        is_repeat=row.repeat_of_id is not None,
        state=state_by(step.kind for step in steps),
    )


def _checks(places: list[int], span: Span) -> list[Check]:
    """Answers within the twelve months; what the sample left out was not answered."""
    answered = Recheck.objects.filter(
        finding__organisation__in=places,
        finding__self_reported=False,
        state__in=[RecheckState.PASSED, RecheckState.FAILED],
        done_on__range=(span.window.first, span.day),
    )
    fields = ("finding", "finding__organisation", "finding__category", "state")
    rows = answered.order_by("pk").values_list(*fields)
    return [Check(pk, place, category, state == RecheckState.PASSED) for pk, place, category, state in rows]


@dataclass(frozen=True)
class Line:
    """One row of a table: a category or a branch."""

    key: str
    name: str
    picture: Picture

    @property
    def opened(self) -> int:
        return len(self.picture.of("open"))

    @property
    def overdue(self) -> int:
        return len(self.picture.of("overdue"))

    @property
    def closed(self) -> int:
        return len(self.picture.of("closed"))

    @property
    def piles(self) -> list[tuple[str, str, int]]:
        """Key, name and number of each part of what happened within twelve months."""
        span, rows = self.picture.span, self.picture.of("occurred")
        return [(pile.key, pile.name, sum(pile.holds(case, span) for case in rows)) for pile in PILES]


def lines_by_category(picture: Picture) -> list[Line]:
    """Every category that has anything, in the order of the bank."""
    parts = picture.by("category")
    lines = [Line(c.value, str(c.label), parts[c.value]) for c in ErrorCategory]
    return [line for line in lines if line.picture.cases or line.picture.checks]


def lines_by_branch(picture: Picture, places: Iterable[Organisation], *, on: date) -> list[Line]:
    """In tree order, never by number; dissolved ones only where they have a history."""
    parts = picture.by("place")
    lines = [(place, Line(place.code, place.name, parts[place.pk])) for place in places]
    return [line for place, line in lines if line.picture.cases or _stands(place, on)]


def _stands(place: Organisation, on: date) -> bool:
    return place.is_branch and (place.dissolved_on is None or place.dissolved_on > on)


def chosen_cases(picture: Picture, figure: str, category: str) -> list[int]:
    """The findings behind one number, as keys."""
    rows = picture.within(category)
    if figure == RECHECKED:
        return list(dict.fromkeys(check.finding for check in rows.checks))
    if figure == "own":
        return [case.pk for case in rows.own]
    pile = next((pile for pile in PILES if pile.key == figure), None)
    if pile is not None:
        return [case.pk for case in rows.of("occurred") if pile.holds(case, rows.span)]
    return [case.pk for case in rows.of(figure)]
