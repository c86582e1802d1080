"""Cases as the rules need them: every standing step with what was true of its people on that day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from branches.models import DevelopmentCase, DevelopmentStep, MemberEvent, Membership, Organisation
from branches.rules import CaseState, EventKind, MemberStatus, StepOutcome
from branches.rules.development import CaseFacts, StepFact

MENTORS, INTRODUCERS = 5, 9


@dataclass(frozen=True)
class CasePicture:
    """One case with what its checks rest on. `place` is the branch the person belongs to on that day."""

    facts: CaseFacts
    steps: tuple[DevelopmentStep, ...]
    span: Membership | None

    @property
    def place(self) -> Organisation | None:
        return self.span.organisation if self.span else None


def picture_of(case: DevelopmentCase, *, on: date) -> CasePicture:
    return pictures_of([case], on=on)[case.pk]


def pictures_of(cases: Sequence[DevelopmentCase], *, on: date) -> dict[int, CasePicture]:
    """By case id; five statements for any number of cases. Each case needs its `member`."""
    steps = _steps_of(cases)
    people = {person.pk for found in steps.values() for step in found for person in step.people.all()}
    own = _spans_of({case.member_id for case in cases}, with_places=True)
    full = _spans_of(people, with_places=False)
    moved = _moves_of(case.member_id for case in cases)
    pictures = {}
    for case in cases:
        mine, spans = tuple(steps[case.pk]), own[case.member_id]
        current = decisive_span(spans, on)
        facts = CaseFacts(
            opened_on=case.opened_on,
            steps=tuple(fact_of(step, full) for step in mine),
            birth_on=case.member.birth_on,
            leaving_on=_leaving_on(spans, current),
            moved_in_on=moved.get(case.member_id),
            withdrawn=case.state == CaseState.DISCONTINUED,
        )
        pictures[case.pk] = CasePicture(facts, mine, current)
    return pictures


def _steps_of(cases: Iterable[DevelopmentCase]) -> dict[int, list[DevelopmentStep]]:
    found: dict[int, list[DevelopmentStep]] = defaultdict(list)
    rows = DevelopmentStep.objects.standing().filter(case__in=cases)
    rows = rows.select_related("decided_by").prefetch_related("people")
    for step in rows.order_by("number", "done_on", "pk"):
        found[step.case_id].append(step)
    return found


def _spans_of(members: Iterable[int], *, with_places: bool) -> dict[int, list[Membership]]:
    spans: dict[int, list[Membership]] = defaultdict(list)
    rows = Membership.objects.filter(member__in=set(members)).order_by("since")
    for span in rows.select_related("organisation") if with_places else rows:
        spans[span.member_id].append(span)
    return spans


def _moves_of(members: Iterable[int]) -> dict[int, date]:
    """The last day on which each of them moved in."""
    rows = MemberEvent.objects.standing().filter(kind=EventKind.MOVED_IN, member__in=set(members))
    return dict(rows.order_by("on").values_list("member", "on"))


def decisive_span(spans: Sequence[Membership], on: date) -> Membership | None:
    """As Membership.objects.decisive, for spans in time order."""
    begun = [span for span in spans if span.since <= on]
    return begun[-1] if begun else next(iter(spans), None)


def _leaving_on(spans: Sequence[Membership], current: Membership | None) -> date | None:
    """The first day on which the person is known not to belong to the current branch any more."""
    until = current.until if current else None
    for span in spans:
        if current and until and span.since == until and span.organisation_id == current.organisation_id:
            until = span.until
    return until


def fact_of(step: DevelopmentStep, spans: Mapping[int, Sequence[Membership]] | None = None) -> StepFact:
    """One step; `spans` of the people it names, read here for a single one."""
    asked = step.number in (MENTORS, INTRODUCERS)
    if asked and spans is None:
        spans = _spans_of((person.pk for person in step.people.all()), with_places=False)
    spans = spans or {}
    people = [_is_full(spans.get(p.pk, ()), step.done_on) for p in step.people.all()] if asked else []
    return StepFact(
        number=step.number,
        on=step.done_on,
        until=step.until_on,
        people_full=tuple(people),
        introducers_confirmed=step.introducers_confirmed,
        decider_approves=step.decided_by.approves_members if step.decided_by else None,
        outcome=StepOutcome(step.outcome),
        months=step.months,
        days=step.days,
        hours=step.hours,
        eligible=step.eligible,
        present=step.present,
        approving=step.approving,
        secret_ballot=step.secret_ballot,
    )


def _is_full(spans: Sequence[Membership], on: date) -> bool:
    return any(
        span.status == MemberStatus.FULL and span.since <= on and (span.until is None or on < span.until)
        for span in spans
    )
