"""Rechecks as their pages show them: mine to do first, then all of the branches somebody looks after."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from branches.models import Organisation
from branches.queries.policy import rules_for
from errorbank.models import EntryVersion, Finding, FindingStep, Recheck
from errorbank.models.finding import RecheckQuerySet
from errorbank.queries.verifying import askable, may_verify
from errorbank.rules import RecheckMode, RecheckState, StepKind
from errorbank.rules.limits import limits_of

VERIFY, REVIEW = "errorbank.verify_recheck", "errorbank.review_finding"
MINE, WAITING, AUTOMATIC, DONE = "mine", "waiting", "automatic", "done"
LABELS = {MINE: "等我复查", WAITING: "全部待复查", AUTOMATIC: "系统核对", DONE: "已复查"}
_WHOLE = (
    "finding__organisation",
    "finding__entry__published",
    "finding__responsible_post__member",
    "verifier",
)


def rechecks_for(user: User, *, on: date) -> RecheckQuerySet:
    """Those given to this person, and those of branches this person reviews."""
    over = Organisation.objects.permitted_to(user, REVIEW, on=on)
    rows = Recheck.objects.filter(Q(verifier=user) | Q(finding__organisation__in=over))
    found: RecheckQuerySet = rows.select_related(*_WHOLE)
    return found


def rechecks_shown(user: User, show: str, *, on: date) -> QuerySet[Recheck]:
    rows = rechecks_for(user, on=on)
    if show == MINE:
        return rows.waiting().filter(verifier=user).order_by("due_on", "pk")
    if show == AUTOMATIC:
        return rows.waiting().filter(mode=RecheckMode.AUTOMATIC).order_by("due_on", "pk")
    if show == DONE:
        return rows.exclude(state=RecheckState.WAITING).order_by("-done_on", "-pk")
    # A sample that was not drawn, or not yet, waits for nobody.
    asked = Q(mode=RecheckMode.VERIFIER) | Q(verifier__isnull=False)
    return rows.waiting().filter(asked).order_by("due_on", "pk")


@dataclass(frozen=True)
class RecheckRow:
    recheck: Recheck
    on: date

    @property
    def late_days(self) -> int:
        waits = self.recheck.state == RecheckState.WAITING and self.recheck.mode != RecheckMode.AUTOMATIC
        return max((self.on - self.recheck.due_on).days, 0) if waits else 0

    @property
    def tone(self) -> str:
        if self.late_days:
            return "late"
        tones: dict[str, str] = {RecheckState.PASSED: "ok", RecheckState.FAILED: "soon"}
        return tones.get(self.recheck.state, "off" if self.recheck.state != RecheckState.WAITING else "")

    @property
    def when(self) -> str:
        """In place of a day of the answer there is none for what is not needed any more."""
        recheck = self.recheck
        if recheck.state == RecheckState.WAITING:
            return f"{recheck.due_on:%Y-%m-%d} 前复查"
        return f"{recheck.done_on:%Y-%m-%d}" if recheck.done_on else ""


@dataclass(frozen=True)
class RecheckPage:
    row: RecheckRow
    recheck: Recheck
    finding: Finding
    entry: EntryVersion | None
    submitted: FindingStep | None
    evidence: tuple[str, ...]
    # Why this reader may not answer it; empty when they may.
    refusal: str
    may_answer: bool
    may_assign: bool


def recheck_page(recheck: Recheck, user: User, *, on: date) -> RecheckPage:
    finding = recheck.finding
    person = recheck.state == RecheckState.WAITING and recheck.mode != RecheckMode.AUTOMATIC
    refusal = may_verify(recheck, user, on=on) if person else ""
    over = Organisation.objects.permitted_to(user, REVIEW, on=on).filter(pk=finding.organisation_id)
    found: dict[str, Any] = recheck.evidence or {}
    return RecheckPage(
        row=RecheckRow(recheck, on),
        recheck=recheck,
        finding=finding,
        entry=finding.entry.published if finding.entry else None,
        submitted=finding.steps.filter(kind=StepKind.SUBMITTED).order_by("-pk").first(),
        evidence=tuple(found.get("words", ())),
        refusal=refusal,
        may_answer=person and not refusal,
        may_assign=person and over.exists(),
    )


def first_day(recheck: Recheck, *, on: date) -> date:
    """From when it may be found to hold: the day on which verifiers are told of it."""
    limits = limits_of(rules_for(recheck.finding.organisation, on=on))
    return recheck.due_on - timedelta(days=limits.announce_days)


def verifiers_for(recheck: Recheck, *, on: date) -> list[tuple[str, str]]:
    """Who may be asked instead, as choices of a form."""
    return [(str(pk), f"{user.name}　{words}") for pk, (user, words) in askable(recheck, on=on).items()]
