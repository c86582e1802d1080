"""Where the elections of organisations stand: chains, reports still to be filed, vacancies."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Max

from branches.models import ElectionStep, Organisation, Post, Term
from branches.queries.facts import BranchFacts, facts_of
from branches.queries.policy import Rules, rules_of
from branches.rules import (
    COMMISSIONER_ROLES,
    COMMITTEE_ROLES,
    ElectionStepKind,
    OrganisationKind,
    Role,
    latest_extension,
)
from branches.rules.elections import (
    GUIDES,
    ChainState,
    ChainStep,
    StepGuide,
    by_election_day,
    chain,
    earliest_election,
    next_of,
    secretary_elected_by,
)
from branches.rules.votes import least_candidates
from periods.months import add_years

# Temporary branches hold no elections (中国共产党支部工作条例（试行） 第八条, not verified).
ELECTING_KINDS = [kind for kind in OrganisationKind if kind is not OrganisationKind.TEMPORARY_BRANCH]
# A report that nobody wrote down within a year is history of before the portal, not open work.
REPORT_ASKED_YEARS = 1
NOTICE_RULE = "election_notice_months"


@dataclass
class ElectionRow:
    """One organisation with its running term, and the chain that asks for something next."""

    organisation: Organisation
    term: Term | None = None
    steps: list[ChainStep] = field(default_factory=list)
    # The term before, where its election is held and the result is still to be filed.
    filing: Term | None = None
    next_step: ChainStep | None = None
    days_left: int | None = None

    @property
    def chain_term(self) -> Term | None:
        return self.filing or self.term

    @property
    def overdue(self) -> bool:
        return self.days_left is not None and self.days_left < 0

    @property
    def near(self) -> bool:
        """The chain has begun."""
        return self.next_step is not None and self.next_step.state is not ChainState.UPCOMING


def election_rows(organisations: Iterable[Organisation], *, on: date) -> list[ElectionRow]:
    """Rows by the end of the term the chain belongs to, those without a term last; three statements."""
    rows = {o.pk: ElectionRow(o) for o in organisations if o.kind in ELECTING_KINDS}
    terms: dict[int, list[Term]] = defaultdict(list)
    for term in Term.objects.filter(organisation__in=rows, elected_on__lte=on).order_by("elected_on"):
        terms[term.organisation_id].append(term)
    last = [term for found in terms.values() for term in found[-2:]]
    done, rules = _done(last), rules_of([row.organisation for row in rows.values()], on=on)
    for pk, found in terms.items():
        _fill(rows[pk], found, done, rules[pk], on)
    return sorted(rows.values(), key=lambda row: (row.term is None, _end(row), row.organisation.code))


def _fill(
    row: ElectionRow,
    terms: list[Term],
    done: dict[int, dict[ElectionStepKind, date]],
    rules: Rules,
    on: date,
) -> None:
    row.term = terms[-1]
    before = terms[-2] if len(terms) > 1 else None
    if before and _awaits_report(done[before.pk], on):
        row.filing = before
    chosen = row.filing or row.term
    notice = rules[NOTICE_RULE].number
    row.steps = chain(chosen.runs_until, done[chosen.pk], on=on, notice_months=notice)
    row.next_step = next_of(row.steps)
    row.days_left = (row.term.runs_until - on).days


def _awaits_report(done: dict[ElectionStepKind, date], on: date) -> bool:
    held = done.get(ElectionStepKind.MEETING)
    asked = held is not None and held > add_years(on, -REPORT_ASKED_YEARS)
    return asked and ElectionStepKind.REPORT not in done


def _done(terms: Iterable[Term]) -> dict[int, dict[ElectionStepKind, date]]:
    found: dict[int, dict[ElectionStepKind, date]] = defaultdict(dict)
    steps = ElectionStep.objects.filter(term__in=[term.pk for term in terms])
    for term, kind, done_on in steps.values_list("term", "kind", "done_on"):
        found[term][ElectionStepKind(kind)] = done_on
    return found


def _end(row: ElectionRow) -> date:
    return row.chain_term.runs_until if row.chain_term else date.max


@dataclass(frozen=True)
class Vacancy:
    """One office nobody holds; `since` is the first day without a holder, where it is known."""

    organisation: Organisation
    role: Role
    since: date | None
    suggested_on: date | None


def vacancies_of(organisations: Iterable[Organisation], *, on: date) -> list[Vacancy]:
    """Elected offices without a holder, by organisation; six statements."""
    facts = facts_of([o for o in organisations if o.is_branch and o.kind in ELECTING_KINDS], on=on)
    ended = Post.objects.filter(organisation__in=facts, role__in=sorted(COMMITTEE_ROLES), until__lt=on)
    last = {
        (pk, Role(role)): until + timedelta(days=1)
        for pk, role, until in ended.values_list("organisation", "role").annotate(Max("until"))
    }
    return [
        _vacancy(one.organisation, role, last.get((pk, role)))
        for pk, one in facts.items()
        for role in _missing(one, {held: day for (place, held), day in last.items() if place == pk})
    ]


def _missing(facts: BranchFacts, left: dict[Role, date]) -> list[Role]:
    """The secretary always; a commissioner who left within this term where there has to be a committee.

    Not every committee has every commissioner, so an office nobody held is no vacancy.
    """
    expected = {Role.SECRETARY}
    if facts.has_committee or facts.committee_due:
        begun = facts.term.elected_on if facts.term else date.min
        expected |= {role for role, day in left.items() if role in COMMISSIONER_ROLES and day > begun}
    return [role for role in Role if role in expected and not facts.holders.get(role)]


def _vacancy(organisation: Organisation, role: Role, since: date | None) -> Vacancy:
    return Vacancy(organisation, role, since, by_election_day(since) if since else None)


@dataclass(frozen=True)
class StepView:
    """One step of a chain with what was written down and what it needs."""

    step: ChainStep
    guide: StepGuide
    row: ElectionStep | None


@dataclass
class ElectionPage:
    """Everything the page of one term's election shows."""

    term: Term
    steps: list[StepView]
    next_step: ChainStep | None
    closed_by: Term | None
    overdue: bool
    with_committee: bool
    secretary_elected_by: str
    earliest_on: date
    latest_extension_on: date
    rules: Rules
    vacancies: list[Vacancy]

    @property
    def candidate_examples(self) -> list[tuple[int, int]]:
        """Seats a committee usually has, each with the fewest candidates."""
        usual = self.rules["committee_size_usual"]
        seats = range(int(usual.low or 0), int(usual.high or 0) + 1)
        return [(number, least_candidates(number)) for number in seats]


def election_page(term: Term, *, on: date) -> ElectionPage:
    """A constant number of statements."""
    organisation = term.organisation
    rules = rules_of([organisation], on=on)[organisation.pk]
    rows = {ElectionStepKind(s.kind): s for s in term.election_steps.select_related("entered_by")}
    done = {kind: row.done_on for kind, row in rows.items()}
    steps = chain(term.runs_until, done, on=on, notice_months=rules[NOTICE_RULE].number)
    facts = facts_of([organisation], on=on)[organisation.pk]
    later = organisation.terms.filter(elected_on__gt=term.elected_on, elected_on__lte=on)
    closed_by = later.order_by("elected_on").first()
    committee = facts.has_committee or facts.committee_due or not organisation.is_branch
    return ElectionPage(
        term=term,
        steps=[StepView(step, GUIDES[step.kind], rows.get(step.kind)) for step in steps],
        next_step=next_of(steps),
        closed_by=closed_by,
        overdue=closed_by is None and term.runs_until < on,
        with_committee=committee,
        secretary_elected_by=secretary_elected_by(with_committee=committee),
        earliest_on=earliest_election(term.ends_on),
        latest_extension_on=latest_extension(term.ends_on),
        rules=rules,
        vacancies=vacancies_of([organisation], on=on),
    )


def reply_for(organisation: Organisation, *, on: date) -> str:
    """The superior's reply to the request of the running term's chain, where it was written down."""
    term = organisation.terms.filter(elected_on__lte=on).order_by("-elected_on").first()
    kinds = [ElectionStepKind.CANDIDATES, ElectionStepKind.REQUEST]
    known = ElectionStep.objects.filter(term=term, kind__in=kinds).exclude(document="")
    found = dict(known.values_list("kind", "document"))
    return next((found[kind] for kind in reversed(kinds) if kind in found), "")
