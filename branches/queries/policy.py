"""Which rules hold for an organisation on a day.

The shipped file is the ground: a code without any row in the table is read from it, so rules can be asked
before anything was loaded. Rows of the table win; an organisation's own row wins over a general one for
itself and everything below, the nearest organisation first, and only for rules that are configurable.
A day before the first general version is answered by that first version: the documents begin at different
days and a question about an earlier past still needs a threshold.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from django.db.models import Q

from branches.models import Organisation, PolicyRule
from branches.rules import PolicySeverity
from branches.rules.basis import VERIFIED, Basis, Verification
from branches.rules.policy import Rule

RULES_FILE = Path(__file__).parent.parent / "data" / "branch_rules.yaml"
# The branch regulations are in force since late 2018; what is asked before is answered by them too.
SHIPPED_FROM = date(2018, 1, 1)
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
    """The shipped file as columns of PolicyRule, the versions of one code oldest first."""
    content = yaml.safe_load(RULES_FILE.read_text("utf-8"))
    rows = [_columns(row, content["documents"]) for row in content["rules"]]
    for row, following in pairwise(rows):
        if row["code"] == following["code"]:
            row["effective_until"] = following["effective_from"] - timedelta(days=1)
    return tuple(rows)


def shipped_rules(*, on: date) -> dict[str, Rule]:
    """What the shipped file alone says on that day; no statement."""
    return _general(_shipped_without(set()), on)


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
    dates = {"effective_from": row.get("since", SHIPPED_FROM), "effective_until": None}
    same = {name: row[name] for name in ("code", "name", "metric", "operator", "severity")}
    plain = {"configurable": row.get("configurable", False), "caution": row.get("caution", "")}
    return {**same, **dates, **bounds, **plain, "basis": basis}


def _keys(organisation: Organisation) -> list[str]:
    """Keys from the root down to the organisation itself."""
    return organisation.path.strip("/").split("/")


def _rows(keys: Iterable[str]) -> list[PolicyRule]:
    """General rows, from the file where the table has none of a code, and the own rows of these nodes."""
    found = PolicyRule.objects.filter(Q(organisation=None) | Q(organisation__key__in=keys))
    rows = list(found.select_related("organisation", "set_by").order_by("effective_from", "pk"))
    return _shipped_without({row.code for row in rows if row.organisation_id is None}) + rows


def _shipped_without(codes: Set[str]) -> list[PolicyRule]:
    return [PolicyRule(**row) for row in shipped_rows() if row["code"] not in codes]


def _general(rows: Iterable[PolicyRule], on: date) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    later: dict[str, list[tuple[date, Rule]]] = defaultdict(list)
    for row in rows:
        if row.organisation_id is None and (row.effective_from <= on or row.code not in rules):
            rules[row.code] = rule_of(row)
        elif row.organisation_id is None:
            later[row.code].append((row.effective_from, rule_of(row)))
    rules |= {code: replace(rules[code], later=tuple(coming)) for code, coming in later.items()}
    return {code: rules[code] for code in _codes() if code in rules} | rules


def _codes() -> Iterable[str]:
    """Every shipped code in the order of the file."""
    return dict.fromkeys(row["code"] for row in shipped_rows())


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


@dataclass(frozen=True)
class RuleVersion:
    """One version as it stands in the books: whose it is, since when, and why."""

    row: PolicyRule
    rule: Rule

    @property
    def is_local(self) -> bool:
        return self.row.organisation_id is not None


@dataclass(frozen=True)
class RuleRow:
    """One rule of the page: what holds on the day, and every version, the latest first."""

    rule: Rule
    current: RuleVersion
    versions: list[RuleVersion]


def rule_rows(organisation: Organisation, *, on: date) -> list[RuleRow]:
    """Every rule for one organisation with its versions; one statement."""
    keys = _keys(organisation)
    rows = _rows(keys)
    rules = _adjusted(_general(rows, on), _own(rows, on), keys)
    versions: dict[str, list[RuleVersion]] = defaultdict(list)
    for row in rows:
        versions[row.code].append(RuleVersion(row, rule_of(row)))
    return [_rule_row(rule, versions[code], keys, on) for code, rule in rules.items()]


def _rule_row(rule: Rule, versions: list[RuleVersion], keys: list[str], on: date) -> RuleRow:
    """The version in force: the nearest organisation's, else the general one."""

    def nearness(version: RuleVersion) -> int:
        return keys.index(version.row.organisation.key) if version.row.organisation else -1

    newest_first = sorted(versions, key=lambda v: (v.row.effective_from, nearness(v)), reverse=True)
    in_force = [v for v in newest_first if v.row.effective_from <= on and v.rule == rule]
    current = max(in_force, key=nearness, default=newest_first[-1])
    return RuleRow(rule, current, newest_first)


def committee_from(*, on: date) -> int:
    """From how many full members on a branch has a committee."""
    return rules_for(None, on=on)["committee_required"].number


def least_full_members(*, on: date) -> int:
    """How many full members a branch needs at least."""
    return rules_for(None, on=on)["branch_min_full_members"].number
