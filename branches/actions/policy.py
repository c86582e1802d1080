"""Writes on rules: the shipped ones are loaded, local ones are adjusted by a new version."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from audit import actions as audit
from branches.models import Organisation, PolicyRule
from branches.queries.policy import shipped_rows

# Earlier than any fact a question can be about; a changed document begins on its own day.
SHIPPED_FROM = date(1921, 7, 23)
_UPDATED = "随程序更新"


@dataclass(frozen=True, slots=True)
class LoadResult:
    added: int
    updated: int
    unchanged: int


@transaction.atomic
def load_rules(*, on: date) -> LoadResult:
    """Add the shipped rules the table has not. Running it again changes nothing.

    A rule whose row in the file changed gets a new version from `on`; the old one stays and is closed.
    """
    rows = shipped_rows()
    latest = {row.code: row for row in PolicyRule.objects.statutory().order_by("effective_from")}
    new = [row for row in rows if row["code"] not in latest]
    changed = [row for row in rows if row["code"] in latest and _differs(latest[row["code"]], row)]
    PolicyRule.objects.bulk_create(PolicyRule(effective_from=SHIPPED_FROM, **row) for row in new)
    for row in changed:
        _follow(latest[row["code"]], row, on)
    if new or changed:
        Organisation.objects.update(facts_changed=True)
        detail = {"added": len(new), "updated": [row["code"] for row in changed]}
        audit.record("branches.rules_loaded", by=None, detail=detail)
    return LoadResult(len(new), len(changed), len(rows) - len(new) - len(changed))


def _differs(row: PolicyRule, columns: dict[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in columns.items())


def _follow(latest: PolicyRule, columns: dict[str, Any], on: date) -> None:
    since = max(on, latest.effective_from + timedelta(days=1))
    PolicyRule.objects.filter(pk=latest.pk).update(effective_until=since - timedelta(days=1))
    PolicyRule.objects.create(effective_from=since, reason=_UPDATED, **columns)
