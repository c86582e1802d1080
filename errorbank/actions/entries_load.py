"""Bring the shipped entries into the database, as wordings that are never edited."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from audit import actions as audit
from errorbank.actions.entries_publish import make_current
from errorbank.detection import decidable
from errorbank.models import EntryVersion, ErrorEntry
from errorbank.rules import VersionState

ENTRIES = Path(__file__).parent.parent / "data" / "error_bank.yaml"
_UPDATED = "随程序更新"
_SAME_NAME = (
    "category",
    "source",
    "severity",
    "problem",
    "why_wrong",
    "wrong_example",
    "right_example",
    "measure",
    "recheck_method",
    "basis",
)


@dataclass(frozen=True, slots=True)
class LoadResult:
    added: int
    updated: int
    unchanged: int
    left_alone: int


@transaction.atomic
def load_entries(*, path: Path = ENTRIES) -> LoadResult:
    """Add what the file has and the database has not. Running it again changes nothing.

    A shipped wording that changed becomes the next version; one that people have reworded stays theirs.
    """
    rows = yaml.safe_load(path.read_text("utf-8"))["entries"]
    known = {
        entry.code: entry
        for entry in ErrorEntry.objects.filter(organisation=None).select_related("published")
    }
    counts = {"added": 0, "updated": 0, "unchanged": 0, "left_alone": 0}
    for row in rows:
        counts[_load(row, known.get(row["code"]))] += 1
    if counts["added"] or counts["updated"]:
        audit.record("errorbank.entries_loaded", by=None, detail=counts)
    return LoadResult(**counts)


def _load(row: dict[str, Any], entry: ErrorEntry | None) -> str:
    wanted = {name: row[name] for name in _SAME_NAME}
    wanted |= {"action_codes": row["actions"], "detection": row["code"] if decidable(row["code"]) else ""}
    if entry is None:
        entry = ErrorEntry.objects.create(code=row["code"])
        _publish(entry, wanted, note="")
        return "added"
    current = entry.published
    if current is not None and all(getattr(current, name) == value for name, value in wanted.items()):
        return "unchanged"
    if entry.versions.exclude(made_by=None).exists():
        return "left_alone"
    _publish(entry, wanted, note=_UPDATED)
    return "updated"


def _publish(entry: ErrorEntry, fields: dict[str, Any], *, note: str) -> None:
    number = entry.versions.count() + 1
    version = EntryVersion(
        entry=entry, number=number, state=VersionState.PROPOSED, change_note=note, **fields
    )
    make_current(version, at=timezone.now(), by=None)
