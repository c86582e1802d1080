"""Entries and their wordings: proposed by anybody who keeps a list, reviewed and published by staff."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from branches.rules import Refusal
from errorbank.actions.entries_publish import make_current
from errorbank.actions.entries_telling import tell_decided, tell_proposed
from errorbank.models import EntryVersion, ErrorEntry
from errorbank.rules import ErrorCategory, Severity, Source, VersionState

IN_WORK = (VersionState.DRAFT, VersionState.PROPOSED, VersionState.RETURNED)
LOCAL_PREFIX = "本"


class EntryRefused(Refusal):
    """The wording or the step does not fit; str() says what to do."""


@dataclass(frozen=True)
class Wording:
    """What an entry says; shapes as in EntryVersion."""

    category: ErrorCategory
    source: Source
    severity: Severity
    problem: str
    why_wrong: str
    measure: str
    recheck_method: str
    wrong_example: str = ""
    right_example: str = ""
    basis: tuple[dict[str, Any], ...] = ()
    action_codes: tuple[str, ...] = ()
    detection: str = ""

    @classmethod
    def of(cls, version: EntryVersion) -> "Wording":
        values = {f.name: getattr(version, f.name) for f in fields(cls)}
        return cls(**{**values, "basis": tuple(version.basis), "action_codes": tuple(version.action_codes)})

    def columns(self) -> dict[str, Any]:
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {**values, "basis": list(self.basis), "action_codes": list(self.action_codes)}


@transaction.atomic
def propose_entry(
    organisation: Organisation, *, wording: Wording, by: User, on: date, note: str = "", quiet: bool = False
) -> EntryVersion:
    """A new entry of one organisation, waiting for review; `quiet` where it is reviewed in the same step."""
    entry = ErrorEntry.objects.create(code=_next_code(organisation), organisation=organisation)
    return _propose(entry, wording, by=by, on=on, note=note, quiet=quiet)


@transaction.atomic
def propose_change(
    entry: ErrorEntry, *, wording: Wording, by: User, on: date, note: str, quiet: bool = False
) -> EntryVersion:
    """Another wording of an entry; readers go on seeing the published one. Raises EntryRefused."""
    row = _locked(entry)
    if not note.strip():
        raise EntryRefused("请写明修改了什么、为什么修改。")
    waiting = row.versions.filter(state__in=IN_WORK).first()
    if waiting is not None and waiting.state == VersionState.PROPOSED:
        raise EntryRefused("这一条已有一份修改正在等待审核，请等审核后再改。")
    if row.published and Wording.of(row.published) == wording:
        raise EntryRefused("内容与现在发布的相同，没有需要修改的地方。")
    if waiting is not None:
        waiting.delete()
    return _propose(row, wording, by=by, on=on, note=note, quiet=quiet)


@transaction.atomic
def publish_version(version: EntryVersion, *, by: User, examples_reviewed: bool = False) -> EntryVersion:
    """Staff agree: readers see it from now on. Raises EntryRefused."""
    row = _waiting(version)
    row.examples_reviewed = examples_reviewed
    make_current(row, at=timezone.now(), by=by)
    audit.record("errorbank.entry_published", by=by, target=row.entry, detail={"number": row.number})
    tell_decided(row, by=by)
    return row


@transaction.atomic
def return_version(version: EntryVersion, *, note: str, by: User) -> EntryVersion:
    """Staff ask for another wording. Raises EntryRefused."""
    if not note.strip():
        raise EntryRefused("请写明需要修改的地方。")
    row = _waiting(version)
    row.state, row.review_note = VersionState.RETURNED, note.strip()[:200]
    row.reviewed_by, row.reviewed_at = by, timezone.now()
    row.save()
    audit.record("errorbank.entry_returned", by=by, target=row.entry, detail={"number": row.number})
    tell_decided(row, by=by)
    return row


@transaction.atomic
def confirm_examples(entry: ErrorEntry, *, by: User) -> ErrorEntry:
    """Somebody who knows has read the examples of the published wording. Raises EntryRefused."""
    row = _locked(entry)
    marked = row.versions.filter(state=VersionState.PUBLISHED, examples_reviewed=False)
    if not marked.update(examples_reviewed=True):
        raise EntryRefused("示例已经审核过。")
    audit.record("errorbank.examples_confirmed", by=by, target=row)
    return row


@transaction.atomic
def retire_entry(entry: ErrorEntry, *, reason: str, by: User, on: date) -> ErrorEntry:
    """Not shown any more; findings that name it keep it. Raises EntryRefused."""
    if not reason.strip():
        raise EntryRefused("请写明停用的原因。")
    row = _locked(entry)
    if row.retired_at is not None:
        raise EntryRefused("这一条已经停用。")
    row.retired_at, row.retired_reason = timezone.now(), reason.strip()[:200]
    row.save(update_fields=["retired_at", "retired_reason"])
    audit.record(
        "errorbank.entry_retired", by=by, target=row, detail={"on": on, "reason": row.retired_reason}
    )
    return row


def _propose(
    entry: ErrorEntry, wording: Wording, *, by: User, on: date, note: str, quiet: bool
) -> EntryVersion:
    made = EntryVersion.objects.create(
        entry=entry,
        number=entry.versions.count() + 1,
        state=VersionState.PROPOSED,
        made_by=by,
        change_note=note.strip()[:200],
        **wording.columns(),
    )
    audit.record("errorbank.entry_proposed", by=by, target=entry, detail={"number": made.number})
    if not quiet:
        tell_proposed([made], by=by, on=on)
    return made


def _next_code(organisation: Organisation) -> str:
    """“本12-003”: the third of organisation 12, counted under its lock."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    return f"{LOCAL_PREFIX}{organisation.pk}-{organisation.error_entries.count() + 1:03d}"


def _locked(entry: ErrorEntry) -> ErrorEntry:
    return ErrorEntry.objects.select_for_update(of=("self",)).select_related("published").get(pk=entry.pk)


def _waiting(version: EntryVersion) -> EntryVersion:
    _locked(version.entry)
    row = EntryVersion.objects.select_related("entry", "made_by").get(pk=version.pk)
    if row.state != VersionState.PROPOSED:
        raise EntryRefused(f"这份修改现在是“{VersionState(row.state).label}”，没有重复处理。")
    return row
