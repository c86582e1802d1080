"""Findings as their pages show them: the list with its filters, one finding, and what a reader may do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When

from accounts.models import User
from branches.access import holdings_on
from branches.models import Organisation, Post
from branches.roles import holders_of
from errorbank.models import EntryVersion, Finding, FindingStep, Inspection, Recheck
from errorbank.queries.keeping import fixers
from errorbank.rules import (
    UNFIXED_STATES,
    ErrorCategory,
    FindingState,
    Severity,
    Source,
    StepKind,
)
from periods.labels import day_label

VIEW, RECTIFY = "errorbank.view_finding", "errorbank.rectify"
REVIEW, RECORD = "errorbank.review_finding", "errorbank.record_finding"
ALL, UNSETTLED, OVERDUE = "all", "", "overdue"
DONE_STATES = frozenset({FindingState.RECHECKING, FindingState.CLOSED})
_TONES = {
    FindingState.OPEN: "",
    FindingState.RECTIFYING: "",
    FindingState.SUBMITTED: "soon",
    FindingState.RECHECKING: "ok",
    FindingState.CLOSED: "ok",
    FindingState.ACCEPTED: "off",
}


@dataclass(frozen=True)
class FindingFilter:
    """What the address asks for; a word nobody knows asks for nothing.

    state: a FindingState, OVERDUE, ALL, or empty for whatever is not settled.
    """

    state: str = UNSETTLED
    category: str = ""
    severity: str = ""
    source: str = ""
    organisation: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "FindingFilter":
        return cls(
            state=_known(asked.get("state", ""), [*FindingState.values, OVERDUE, ALL]),
            category=_known(asked.get("category", ""), ErrorCategory.values),
            severity=_known(asked.get("severity", ""), Severity.values),
            source=_known(asked.get("source", ""), Source.values),
            organisation=asked.get("organisation", "")[:32],
        )

    @property
    def is_narrowed(self) -> bool:
        return self != FindingFilter()

    def narrow(self, rows: QuerySet[Finding]) -> QuerySet[Finding]:
        """By everything but the state."""
        wanted = {
            "category": self.category,
            "severity": self.severity,
            "source": self.source,
            "organisation__code": self.organisation,
        }
        return rows.filter(**{name: value for name, value in wanted.items() if value})

    def of_state(self, rows: QuerySet[Finding], *, on: date) -> QuerySet[Finding]:
        if self.state == OVERDUE:
            return rows.filter(_late(on))
        if self.state == UNSETTLED:
            return rows.exclude(state__in=sorted(DONE_STATES))
        return rows if self.state == ALL else rows.filter(state=self.state)

    def order(self) -> tuple[str | Case, ...]:
        """What was done, the latest first; what is to be done, the earliest; what is put off, after it."""
        done = self.state == ALL or self.state in DONE_STATES
        put_off = Case(When(state=FindingState.ACCEPTED, then=1), default=0)
        return ("-found_on", "-pk") if done else (put_off, "deadline_on", "pk")


def _known(word: str, words: Collection[str]) -> str:
    return word if word in words else ""


def _late(on: date) -> Q:
    return Q(state__in=sorted(UNFIXED_STATES), deadline_on__lt=on)


@dataclass(frozen=True)
class FindingRow:
    """One finding in a list."""

    finding: Finding
    on: date

    @property
    def late_days(self) -> int:
        """Days over the deadline while the branch still has something to do; 0 otherwise."""
        late = (self.on - self.finding.deadline_on).days
        return max(late, 0) if self.finding.state in UNFIXED_STATES else 0

    @property
    def tone(self) -> str:
        return "late" if self.late_days else _TONES[FindingState(self.finding.state)]

    @property
    def when(self) -> str:
        finding = self.finding
        if finding.closed_on:
            return f"{finding.closed_on:%Y-%m-%d} 销号"
        if finding.accepted_until:
            return f"暂缓至 {finding.accepted_until:%Y-%m-%d}"
        return f"期限 {day_label(finding.deadline_on, self.on)}"


@dataclass(frozen=True)
class Stat:
    state: str
    label: str
    count: int
    tone: str = ""


def findings_of(user: User, asked: FindingFilter, *, on: date) -> QuerySet[Finding]:
    rows = asked.of_state(asked.narrow(Finding.objects.visible_to(user, on=on)), on=on)
    return rows.select_related("organisation").order_by(*asked.order())


def finding_stats(user: User, asked: FindingFilter, *, on: date) -> list[Stat]:
    """How many of each state under the other filters; one statement."""
    rows = asked.narrow(Finding.objects.visible_to(user, on=on))
    wanted: dict[str, Q] = {
        UNSETTLED: ~Q(state__in=sorted(DONE_STATES)),
        OVERDUE: _late(on),
        **{state.value: Q(state=state) for state in FindingState},
    }
    counts = rows.aggregate(**{f"n_{name}": Count("pk", filter=q) for name, q in wanted.items()})
    shown = (
        (UNSETTLED, "未了结", ""),
        (OVERDUE, "已逾期", "late"),
        (FindingState.SUBMITTED.value, "待审核", "soon"),
        (FindingState.RECHECKING.value, "复查中", ""),
        (FindingState.ACCEPTED.value, "条件不具备", ""),
        (FindingState.CLOSED.value, "已销号", ""),
    )
    return [Stat(name, label, counts[f"n_{name}"], tone) for name, label, tone in shown]


def places_of(user: User, *, on: date) -> list[Organisation]:
    """Branches whose findings the user may read."""
    mine = Organisation.objects.permitted_to(user, VIEW, on=on).branches().active(on=on)
    return list(mine.in_tree_order())


# --- one finding ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FindingRights:
    """What this reader may do now. `fixer`: worked on it and so cannot approve it."""

    start: bool = False
    submit: bool = False
    review: bool = False
    accept: bool = False
    reassign: bool = False
    fixer: bool = False
    waits_for: str = ""


@dataclass(frozen=True)
class FindingPage:
    row: FindingRow
    entry: EntryVersion | None
    steps: list[FindingStep]
    rechecks: list[Recheck]
    repeats: list[Finding]
    rights: FindingRights

    @property
    def submitted(self) -> FindingStep | None:
        """What the branch last said came of it."""
        return next((s for s in reversed(self.steps) if s.kind == StepKind.SUBMITTED), None)

    @property
    def returned(self) -> FindingStep | None:
        """Why it was sent back, while it is being mended again."""
        last = next(
            (s for s in reversed(self.steps) if s.kind in (StepKind.RETURNED, StepKind.SUBMITTED)), None
        )
        back = last is not None and last.kind == StepKind.RETURNED
        return last if back and self.row.finding.state in UNFIXED_STATES else None


def finding_page(finding: Finding, user: User, *, on: date) -> FindingPage:
    """`finding` with its relations as VISIBLE_WITH selects them."""
    return FindingPage(
        row=FindingRow(finding, on),
        entry=finding.entry.published if finding.entry else None,
        steps=list(finding.steps.select_related("by").order_by("pk")),
        rechecks=list(finding.rechecks.order_by("stage")),
        repeats=list(finding.repeats.order_by("pk")),
        rights=rights_of(finding, user, on=on),
    )


VISIBLE_WITH = (
    "organisation",
    "inspection",
    "entry__published",
    "responsible_post",
    "responsible_post__member",
    "accepted_owner",
    "repeat_of",
    "made_by",
)


def rights_of(finding: Finding, user: User, *, on: date) -> FindingRights:
    held = holdings_on(user, finding.organisation, on=on)
    state = FindingState(finding.state)
    rectify, review = bool(held & holders_of(RECTIFY)), bool(held & holders_of(REVIEW))
    unfixed, submitted = state in UNFIXED_STATES, state == FindingState.SUBMITTED
    return FindingRights(
        start=rectify and state == FindingState.OPEN,
        submit=rectify and unfixed,
        review=review and submitted,
        accept=review and (unfixed or submitted),
        reassign=review and (unfixed or submitted),
        fixer=review and submitted and user.pk in fixers(finding),
        waits_for=_waits_for(state, rectify=rectify and not review, review=review),
    )


def _waits_for(state: FindingState, *, rectify: bool, review: bool) -> str:
    """Whose turn it is, where it is not the reader's."""
    if state in UNFIXED_STATES:
        return "" if rectify else "等党支部整改并提交结果。"
    if state == FindingState.SUBMITTED:
        return "" if review else "整改结果已提交，等党总支审核。"
    if state == FindingState.RECHECKING:
        return "已销号，按计划复查，不用再报送材料。"
    if state == FindingState.ACCEPTED:
        return "目前条件不具备，暂缓期间不计逾期；到期后继续整改。"
    return "复查已结束，没有要办的了。"


# --- inspections --------------------------------------------------------------------------------


def inspections_of(user: User, *, on: date) -> QuerySet[Inspection]:
    """With how many findings each led to that the reader may see, and how many are still open."""
    seen = Finding.objects.visible_to(user, on=on)
    mine = Q(findings__in=seen)
    open_ones = mine & ~Q(findings__state__in=sorted(DONE_STATES))
    rows = Inspection.objects.permitted_to(user, VIEW, on=on).annotate(
        found=Count("findings", filter=mine, distinct=True),
        unsettled=Count("findings", filter=open_ones, distinct=True),
    )
    return rows.select_related("organisation").order_by("-until", "-pk")


@dataclass(frozen=True)
class TargetRow:
    """One branch that was looked at, with what was found there."""

    organisation: Organisation
    findings: list[FindingRow]


def inspection_targets(inspection: Inspection, user: User, *, on: date) -> list[TargetRow]:
    """The targets this reader may see; two statements."""
    places = Organisation.objects.permitted_to(user, VIEW, on=on)
    found = Finding.objects.filter(inspection=inspection, organisation__in=places)
    rows: dict[int, list[FindingRow]] = {}
    for finding in found.order_by("pk"):
        rows.setdefault(finding.organisation_id, []).append(FindingRow(finding, on))
    targets = Organisation.objects.filter(
        Exists(places.filter(pk=OuterRef("pk"))), Q(inspected_by=inspection) | Q(pk__in=rows)
    ).distinct()
    return [TargetRow(place, rows.get(place.pk, [])) for place in targets.in_tree_order()]


def notice_rows(inspection: Inspection, organisation: Organisation) -> list[Finding]:
    """The findings of one branch in one inspection, in the order they were written down."""
    found = Finding.objects.filter(inspection=inspection, organisation=organisation)
    return list(found.order_by("pk"))


def posts_of(organisation: Organisation, *, on: date) -> QuerySet[Post]:
    """Who may answer for a finding there."""
    held: Any = Post.objects.at(on).filter(organisation=organisation).select_related("member", "user")
    found: QuerySet[Post] = held.order_by("role", "pk")
    return found
