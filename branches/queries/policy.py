"""Which rules hold for an organisation on a day.

The shipped file is the ground: a code without any row in the table is read from it, so rules can be asked
before anything was loaded. Rows of the table win; an organisation's own row wins over a general one for
itself and everything below, the nearest organisation first, and only for rules that are configurable.
A day before the first general version is answered by that first version: the documents begin at different
days and a question about an earlier past still needs a threshold.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models import Q

from branches.models import Organisation, PolicyRule
from branches.rules import PolicySeverity
from branches.rules.basis import VERIFIED, Basis, Verification
from branches.rules.policy import Rule

RULES_FILE = Path(__file__).parent.parent / "data" / "branch_rules.yaml"
Rules = Mapping[str, Rule]


def rules_for(organisation: Organisation | None, *, on: date) -> Rules:
    """Every rule by code as it holds on that day, in the order of the file; one statement.

    Without organisation: the general rules, before any local adjustment.
    """
    if organisation is None:
        return _general(_rows([]), on)
    return rules_of([organisation], on=on)[organisation.pk]


def rules_of(organisations: Iterable[Organisation], *, on: date) -> dict[int, Rules]:
    """Rules by organisation id, one statement for any number of organisations."""
    wanted = list(organisations)
    rows = _rows({key for o in wanted for key in _keys(o)})
    general, own = _general(rows, on), _own(rows, on)
    return {o.pk: _adjusted(general, own, _keys(o)) for o in wanted}


@cache
def shipped_rows() -> tuple[dict[str, Any], ...]:
    """The rows of the shipped file as columns of PolicyRule."""
    content = yaml.safe_load(RULES_FILE.read_text("utf-8"))
    return tuple(_columns(row, content["documents"]) for row in content["rules"])


@cache
def shipped_rules() -> Rules:
    return {row["code"]: rule_of(PolicyRule(**row)) for row in shipped_rows()}


def rule_of(row: PolicyRule) -> Rule:
    """One row as calculations read it."""
    return Rule(
        code=row.code,
        name=row.name,
        metric=row.metric,
        operator=row.operator,
        low=row.low,
        high=row.high,
        severity=PolicySeverity(row.severity),
        enabled=row.enabled,
        configurable=row.configurable,
        basis=tuple(_basis(entry) for entry in row.basis),
        caution=row.caution,
    )


def _basis(entry: Mapping[str, str]) -> Basis:
    level = Verification(entry["verification"])
    return Basis(entry["document"], entry["article"], level in VERIFIED, entry.get("note", ""), level.value)


def _columns(row: Mapping[str, Any], documents: Mapping[str, str]) -> dict[str, Any]:
    bounds = {name: Decimal(row[name]) if name in row else None for name in ("low", "high")}
    basis = [
        {
            "document": documents[entry["source"]],
            "article": entry["article"],
            "verification": entry["verification"],
            "note": entry.get("note", ""),
        }
        for entry in row["basis"]
    ]
    same = {name: row[name] for name in ("code", "name", "metric", "operator", "severity")}
    plain = {"configurable": row.get("configurable", False), "caution": row.get("caution", "")}
    return {**same, **bounds, **plain, "basis": basis}


def _keys(organisation: Organisation) -> list[str]:
    """Keys from the root down to the organisation itself."""
    return organisation.path.strip("/").split("/")


def _rows(keys: Iterable[str]) -> list[PolicyRule]:
    """General rows and the own rows of these nodes, oldest first."""
    found = PolicyRule.objects.filter(Q(organisation=None) | Q(organisation__key__in=keys))
    return list(found.select_related("organisation").order_by("effective_from", "pk"))


def _general(rows: Iterable[PolicyRule], on: date) -> dict[str, Rule]:
    rules = dict(shipped_rules())
    seen: set[str] = set()
    for row in rows:
        if row.organisation_id is None and (row.effective_from <= on or row.code not in seen):
            rules[row.code] = rule_of(row)
            seen.add(row.code)
    return rules


def _own(rows: Iterable[PolicyRule], on: date) -> dict[str, dict[str, Rule]]:
    """Adjusted rules in force on that day, by key of the organisation."""
    own: dict[str, dict[str, Rule]] = defaultdict(dict)
    for row in rows:
        if row.organisation is not None and row.effective_from <= on:
            ended = row.effective_until is not None and row.effective_until < on
            if ended:
                own[row.organisation.key].pop(row.code, None)
            else:
                own[row.organisation.key][row.code] = rule_of(row)
    return own


def _adjusted(general: Rules, own: Mapping[str, Mapping[str, Rule]], keys: Iterable[str]) -> Rules:
    rules = dict(general)
    for key in keys:
        rules |= {c: r for c, r in own.get(key, {}).items() if c in general and general[c].configurable}
    return rules
