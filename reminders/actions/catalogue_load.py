"""Bring the shipped catalogue into the database, as versions that are never edited."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

import audit.actions as audit
from branches.models import Organisation
from reminders.models import Action, ActionVersion
from reminders.rules import ActionKind

CATALOGUE = Path(__file__).parent.parent / "data" / "statutory_actions.yaml"
# The branch regulations, on which most of the catalogue rests, are in force since late 2018; an earlier
# start lets the refresh make up any month a portal can hold.
SHIPPED_FROM = date(2018, 1, 1)
_UPDATED = "随程序更新"
_SAME_NAME = (
    "category",
    "cadence",
    "basis_level",
    "due_rule",
    "applies_when",
    "legal_basis",
    "minimal_record",
    "steps",
    "common_mistakes",
    "minutes",
    "record_kind",
    "default_adopted",
)


@dataclass(frozen=True, slots=True)
class LoadResult:
    added: int
    updated: int
    unchanged: int


@transaction.atomic
def load_catalogue(*, on: date, path: Path = CATALOGUE) -> LoadResult:
    """Add what the file has and the database has not. Running it again changes nothing.

    An action the database does not know is valid since SHIPPED_FROM when the catalogue is new, else since
    `on`; a changed one gets a new version from `on`. What the file no longer has stays.
    """
    rows = yaml.safe_load(path.read_text("utf-8"))["actions"]
    latest = _latest_versions()
    first = SHIPPED_FROM if not latest else on
    made = [version for row in rows if (version := _missing(row, latest.get(row["code"]), first, on))]
    ActionVersion.objects.bulk_create(made)
    if made:
        Organisation.objects.update(facts_changed=True)
        audit.record("reminders.catalogue_loaded", by=None, detail={"versions": len(made)})
    added = sum(version.action.code not in latest for version in made)
    return LoadResult(added, len(made) - added, len(rows) - len(made))


def _latest_versions() -> dict[str, ActionVersion]:
    """The last shipped version of each action, by code."""
    shipped = ActionVersion.objects.filter(organisation=None, action__kind=ActionKind.STATUTORY)
    return {v.action.code: v for v in shipped.select_related("action").order_by("valid_from")}


def _missing(
    row: Mapping[str, Any], latest: ActionVersion | None, first: date, on: date
) -> ActionVersion | None:
    fields = _fields(row)
    if latest is None:
        action, _ = Action.objects.get_or_create(code=row["code"], defaults={"kind": ActionKind.STATUTORY})
        return ActionVersion(action=action, valid_from=first, **fields)
    if all(getattr(latest, name) == value for name, value in fields.items()):
        return None
    # Two changed files on one day: the second must not edit what the first one said.
    since = max(on, latest.valid_from + timedelta(days=1))
    return ActionVersion(action=latest.action, valid_from=since, change_note=_UPDATED, **fields)


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a version, as the database gives them back."""
    fields = {name: row[name] for name in _SAME_NAME}
    flags = {name: bool(row.get(name, False)) for name in ("sensitive", "burden_candidate")}
    return {"name": row["name_zh"], **fields, **flags}
