"""Writes on rules: the shipped ones are loaded, local ones are adjusted by a new version."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from audit import actions as audit
from branches.models import Organisation, PolicyRule
from branches.queries.policy import shipped_rows

_UPDATED = "随程序更新"
_DATES = frozenset({"effective_from", "effective_until"})


@dataclass(frozen=True, slots=True)
class LoadResult:
    added: int
    updated: int
    unchanged: int


@transaction.atomic
def load_rules(*, on: date) -> LoadResult:
    """Add the shipped rules the table has not. Running it again changes nothing.

    A version the table has not begins on its own day. A rule whose latest version reads otherwise in the
    file gets a new version from `on`. What was there stays, closed on the day before.
    """
    rows = shipped_rows()
    latest = {row.code: row for row in PolicyRule.objects.statutory().order_by("effective_from")}
    new = [row for row in rows if row["code"] not in latest]
    changed = [row for row in rows if _follows(row, latest.get(row["code"]))]
    PolicyRule.objects.bulk_create(PolicyRule(**row) for row in new)
    for row in changed:
        _follow(latest[row["code"]], row, on)
    if new or changed:
        Organisation.objects.update(facts_changed=True)
        detail = {"added": len(new), "updated": [row["code"] for row in changed]}
        audit.record("branches.rules_loaded", by=None, detail=detail)
    return LoadResult(len(new), len(changed), len(rows) - len(new) - len(changed))


def _follows(row: dict[str, Any], latest: PolicyRule | None) -> bool:
    """Whether the last version of a code in the file says something the table does not know."""
    if latest is None or row["effective_until"] is not None:
        return False
    return any(getattr(latest, name) != value for name, value in row.items() if name not in _DATES)


def _follow(latest: PolicyRule, row: dict[str, Any], on: date) -> None:
    begins = row["effective_from"]
    since = begins if begins > latest.effective_from else max(on, latest.effective_from + timedelta(days=1))
    PolicyRule.objects.filter(pk=latest.pk).update(effective_until=since - timedelta(days=1))
    PolicyRule.objects.create(**{**row, "effective_from": since}, reason=_UPDATED)
