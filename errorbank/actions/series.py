"""The series of rechecks after closing: rows made one after the other, each by the answer to the last."""

from datetime import date

from branches.queries.policy import rules_for
from errorbank.detection import decidable
from errorbank.models import Finding, Recheck
from errorbank.rules import RecheckState, Severity
from errorbank.rules.limits import Limits, limits_of
from errorbank.rules.rechecks import due_on, mode_of, next_stage


def begin_series(finding: Finding, *, on: date) -> Recheck:
    """The first recheck of a finding that was just closed; call it with the finding locked."""
    return _make(finding, 1, limits_of(rules_for(finding.organisation, on=on)))


def go_on(finding: Finding, *, after: Recheck, on: date) -> Recheck | None:
    """The next recheck after a passed one, not before the day after it; None when the series is over."""
    limits = limits_of(rules_for(finding.organisation, on=on))
    stage = next_stage(after.stage, limits)
    return _make(finding, stage, limits, after=on) if stage else None


def end_series(finding: Finding) -> None:
    """What still waits is not needed any more."""
    finding.rechecks.filter(state=RecheckState.WAITING).update(state=RecheckState.CANCELLED)


def _make(finding: Finding, stage: int, limits: Limits, *, after: date | None = None) -> Recheck:
    assert finding.closed_on is not None  # noqa: S101 - only closed findings have a series
    code = finding.entry.published.detection if finding.entry and finding.entry.published else ""
    return Recheck.objects.create(
        finding=finding,
        stage=stage,
        due_on=due_on(finding.closed_on, stage, limits, after=after),
        mode=mode_of(Severity(finding.severity), decidable=decidable(code)),
    )
