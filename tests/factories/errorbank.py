"""Test data of the error bank."""

from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import User
from branches.models import Organisation
from errorbank.actions.entries_publish import make_current
from errorbank.actions.findings import close_finding, record_finding, submit_finding
from errorbank.actions.findings_write import FindingData
from errorbank.models import EntryVersion, ErrorEntry, Finding
from errorbank.rules import ErrorCategory, Severity, Source, VersionState

_counter = iter(range(1, 10**9))


def make_entry(code: str = "", *, organisation: Organisation | None = None, **fields: Any) -> ErrorEntry:
    """A published entry of the category meetings unless the fields say otherwise."""
    number = next(_counter)
    entry = ErrorEntry.objects.create(code=code or f"T{number:05d}", organisation=organisation)
    given = {
        "category": ErrorCategory.MEETINGS,
        "source": Source.PARTY_BUILDING_CHECK,
        "severity": Severity.GENERAL,
        "problem": f"问题表现{number}",
        "why_wrong": "不符合要求",
        "measure": "补办并说明原因",
        "recheck_method": "抽查最近三次",
        "action_codes": [],
        "detection": "",
    }
    version = EntryVersion(entry=entry, number=1, state=VersionState.PROPOSED, **{**given, **fields})
    make_current(version, at=timezone.now(), by=None)
    return entry


def make_finding(
    organisation: Organisation,
    *,
    entry: ErrorEntry | None = None,
    by: User | None = None,
    on: date = date(2026, 11, 2),
    **fields: Any,
) -> Finding:
    """A finding of that day; without an entry of its own it gets one."""
    given: dict[str, Any] = {"source": Source.PARTY_BUILDING_CHECK, "happened_on": on}
    data = FindingData(entry=entry or make_entry(), **{**given, **fields})
    return record_finding(organisation, data=data, by=by, on=on)


def make_closed(
    organisation: Organisation, *, fixer: User, closer: User, on: date = date(2026, 11, 2), **fields: Any
) -> Finding:
    """Found, fixed and closed on one day."""
    finding = make_finding(organisation, by=closer, on=on, **fields)
    submit_finding(finding, text="已补办", by=fixer, on=on)
    return close_finding(finding, by=closer, on=on)
