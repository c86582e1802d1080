"""What stored data points at: noticed by night, decided by a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from branches.rules import BRANCH_KINDS, Refusal
from errorbank.actions.findings import record_finding
from errorbank.actions.findings_write import FindingData
from errorbank.detection import Batch, Detector, Hit, all_detectors, hits_of
from errorbank.models import ErrorEntry, Finding, Proposal
from errorbank.rules import ProposalState, Source

# What is older is nobody's news; the window in which a repeat counts as one.
LOOKS_BACK_DAYS = 180
BATCH = 200


class ProposalRefused(Refusal):
    """It was decided before, or the decision lacks something."""


@dataclass(frozen=True)
class Noticed:
    new: int = 0
    gone: int = 0


def notice_all(*, on: date) -> Noticed:
    """Ask every detector about every branch that exists on that day; a second run changes nothing.

    Batch by batch, each committed by itself: memory stays that of one batch.
    """
    branches = Organisation.objects.active(on=on).filter(kind__in=sorted(BRANCH_KINDS))
    keys = list(branches.order_by("pk").values_list("pk", flat=True))
    ended = Proposal.objects.open().filter(organisation__dissolved_on__lte=on)
    new, gone = 0, ended.update(state=ProposalState.GONE)
    for start in range(0, len(keys), BATCH):
        places = Organisation.objects.filter(pk__in=keys[start : start + BATCH]).select_related("parent")
        done = notice(list(places.order_by("pk")), on=on)
        new, gone = new + done.new, gone + done.gone
    return Noticed(new, gone)


@transaction.atomic
def notice(
    places: Sequence[Organisation], *, on: date, detectors: Iterable[Detector] | None = None
) -> Noticed:
    """Write down what shows in these branches and was not there, and what no longer shows."""
    asked = list(all_detectors().values() if detectors is None else detectors)
    entries = _entries(detector.code for detector in asked)
    since = on - timedelta(days=LOOKS_BACK_DAYS)
    batch = Batch(places)
    found: dict[tuple[int, str, str], Proposal] = {}
    for detector in asked:
        entry = entries.get(detector.code)
        if entry is None:
            continue
        for hit in hits_of(detector, batch, since=since, on=on):
            found[hit.organisation, detector.code, hit.subject[:60]] = _proposal(hit, detector, entry, on)
    mine = Proposal.objects.filter(organisation__in=places, rule__in=[detector.code for detector in asked])
    known = set(mine.values_list("organisation", "rule", "subject"))
    rows = [row for key, row in found.items() if key not in known]
    Proposal.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
    return Noticed(len(rows), _settle_gone(mine, asked, set(found), since))


def _entries(codes: Iterable[str]) -> dict[str, ErrorEntry]:
    """By detector: the shipped entry that is in use."""
    return {entry.code: entry for entry in ErrorEntry.objects.in_use().filter(code__in=list(codes))}


def _proposal(hit: Hit, detector: Detector, entry: ErrorEntry, on: date) -> Proposal:
    return Proposal(
        organisation_id=hit.organisation,
        rule=detector.code,
        entry=entry,
        subject=hit.subject[:60],
        words=hit.words[:300],
        happened_on=hit.happened_on,
        noticed_on=on,
    )


def _settle_gone(
    mine: QuerySet[Proposal], asked: Sequence[Detector], seen: set[tuple[int, str, str]], since: date
) -> int:
    """Open ones that no longer show were mended before anybody looked; shown again they are open again."""
    states = [detector.code for detector in asked if detector.is_state]
    known = mine.filter(state__in=[ProposalState.OPEN, ProposalState.GONE])
    # An event before the window is not looked for any more; a state that lasts is.
    known = known.filter(Q(happened_on__gte=since) | Q(rule__in=states))
    gone, back = [], []
    for pk, place, rule, subject, state in known.values_list(
        "pk", "organisation", "rule", "subject", "state"
    ):
        shows = (place, rule, subject) in seen
        if state == ProposalState.OPEN and not shows:
            gone.append(pk)
        elif state == ProposalState.GONE and shows:
            back.append(pk)
    # What a person decided meanwhile stays decided.
    settled = Proposal.objects.open().filter(pk__in=gone).update(state=ProposalState.GONE)
    Proposal.objects.filter(pk__in=back, state=ProposalState.GONE).update(state=ProposalState.OPEN)
    return settled


@transaction.atomic
def confirm_proposal(proposal: Proposal, *, data: FindingData | None = None, by: User, on: date) -> Finding:
    """It is a problem: a finding with the entry's words. Raises ProposalRefused, FindingRefused."""
    row = _locked(proposal)
    given = data or FindingData(source=Source.DETECTION, happened_on=row.happened_on)
    given = replace(given, entry=row.entry, subject=row.subject, detail=given.detail or row.words)
    made = record_finding(row.organisation, data=given, by=by, on=on)
    _decide(row, ProposalState.CONFIRMED, by=by, reason="", finding=made)
    return made


@transaction.atomic
def dismiss_proposal(proposal: Proposal, *, reason: str, by: User, on: date) -> Proposal:
    """It is no problem, and why. Raises ProposalRefused."""
    if not reason.strip():
        raise ProposalRefused("请写明为什么不是问题，以后同样的情况便于判断。")
    row = _locked(proposal)
    _decide(row, ProposalState.DISMISSED, by=by, reason=reason.strip(), finding=None)
    return row


def _locked(proposal: Proposal) -> Proposal:
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("organisation", "entry__published")
    row = rows.get(pk=proposal.pk)
    if row.state != ProposalState.OPEN:
        raise ProposalRefused(f"这条提示现在是“{ProposalState(row.state).label}”，没有重复处理。")
    return row


def _decide(row: Proposal, state: ProposalState, *, by: User, reason: str, finding: Finding | None) -> None:
    row.state, row.reason, row.finding = state, reason[:200], finding
    row.decided_by, row.decided_at = by, timezone.now()
    row.save()
    detail = {"rule": row.rule, "state": str(state)}
    audit.record("errorbank.proposal_decided", by=by, target=row.organisation, detail=detail)
