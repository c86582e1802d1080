"""What this app tells people about. Leaf: the day is given, nothing is written here."""

from collections.abc import Collection
from datetime import date

from errorbank.models import EntryVersion, Finding, Recheck
from errorbank.rules import UNFIXED_STATES, RecheckState, VersionState
from notices.events import Event
from notices.rules import Level

FINDING_RECORDED = "errorbank.finding_recorded"
FINDING_RETURNED = "errorbank.finding_returned"
RECHECK_DUE = "errorbank.recheck_due"
ENTRY_PROPOSED = "errorbank.entry_proposed"
ENTRY_DECIDED = "errorbank.entry_decided"

_FINDING, _RECHECK, _WORDING = "finding:", "recheck:", "wording:"


def finding_subject(pk: int) -> str:
    return f"{_FINDING}{pk}"


def recheck_subject(pk: int) -> str:
    return f"{_RECHECK}{pk}"


def findings_still_open(subjects: Collection[str], on: date) -> set[str]:
    """Findings somebody still has to do something about."""
    keys = [s.removeprefix(_FINDING) for s in subjects if s.startswith(_FINDING)]
    rows = Finding.objects.filter(pk__in=keys, state__in=sorted(UNFIXED_STATES))
    return {finding_subject(pk) for pk in rows.values_list("pk", flat=True)}


def rechecks_still_open(subjects: Collection[str], on: date) -> set[str]:
    keys = [s.removeprefix(_RECHECK) for s in subjects if s.startswith(_RECHECK)]
    rows = Recheck.objects.filter(pk__in=keys, state=RecheckState.WAITING)
    return {recheck_subject(pk) for pk in rows.values_list("pk", flat=True)}


def wording_subject(pk: int) -> str:
    return f"{_WORDING}{pk}"


def wordings_still_waiting(subjects: Collection[str], on: date) -> set[str]:
    keys = [s.removeprefix(_WORDING) for s in subjects if s.startswith(_WORDING)]
    rows = EntryVersion.objects.filter(pk__in=keys, state=VersionState.PROPOSED)
    return {wording_subject(pk) for pk in rows.values_list("pk", flat=True)}


EVENTS = (
    Event(FINDING_RECORDED, "登记了需要整改的问题", Level.URGENT, "errorbank.rectify", findings_still_open),
    Event(FINDING_RETURNED, "整改结果被退回", Level.URGENT, "errorbank.rectify", findings_still_open),
    Event(RECHECK_DUE, "有复查要做", Level.DUE, "errorbank.verify_recheck", rechecks_still_open),
    Event(
        ENTRY_PROPOSED,
        "错题库有内容等待审核",
        Level.DIGEST,
        "errorbank.publish_entry",
        wordings_still_waiting,
    ),
    Event(ENTRY_DECIDED, "提出的错题内容已审核", Level.DIGEST, "errorbank.propose_entry"),
)
