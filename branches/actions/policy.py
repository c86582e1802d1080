"""Writes on rules: the shipped ones are loaded, local ones are adjusted by a new version."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.models import Organisation, PolicyRule
from branches.queries.policy import rule_of, rules_for, shipped_rows
from branches.rules import Refusal
from branches.rules.basis import Basis
from branches.rules.policy import Rule

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


class RuleRefused(Refusal):
    """The adjustment does not fit the rule or its versions."""


@dataclass(frozen=True)
class Adjustment:
    """What an organisation sets: its bounds (None where the rule has none) and whether the rule is on."""

    enabled: bool
    low: Decimal | None
    high: Decimal | None


@transaction.atomic
def adjust_rule(
    organisation: Organisation,
    *,
    code: str,
    adjustment: Adjustment,
    since: date,
    reason: str,
    by: User | None,
) -> PolicyRule:
    """Set a local rule for an organisation and everything below it, from a day on.

    A new version is written; the one before it stays and ends on the day before. Raises RuleRefused.
    """
    row = Organisation.objects.select_for_update().get(pk=organisation.pk)
    rule = _adjustable(row, code, since)
    _refuse_bounds(rule, adjustment)
    if not reason.strip():
        raise RuleRefused("请填写调整原因。")
    if (rule.enabled, rule.low, rule.high) == (adjustment.enabled, adjustment.low, adjustment.high):
        raise RuleRefused("与当日已有的规定相同，没有需要保存的改动。")
    _close_before(row, code, since)
    made = PolicyRule.objects.create(
        code=code,
        organisation=row,
        effective_from=since,
        name=rule.name,
        metric=rule.metric,
        operator=rule.operator,
        low=adjustment.low,
        high=adjustment.high,
        severity=rule.severity,
        configurable=True,
        enabled=adjustment.enabled,
        basis=[_entry(basis) for basis in rule.basis],
        caution=rule.caution,
        reason=reason.strip(),
        set_by=by,
    )
    mark_changed(Organisation.objects.within(row))
    detail = {"code": code, "since": since, "enabled": adjustment.enabled, "text": rule_of(made).text}
    audit.record("branches.rule_adjusted", by=by, target=row, detail={**detail, "reason": reason.strip()})
    return made


def _adjustable(organisation: Organisation, code: str, since: date) -> Rule:
    rule = rules_for(organisation, on=since).get(code)
    if rule is None or not rule.configurable:
        raise RuleRefused("这项规则由文件规定，不能在本单位调整。")
    if organisation.is_branch:
        raise RuleRefused("规则由上级组织统一调整，请在党总支或党委的规则页办理。")
    return rule


def _refuse_bounds(rule: Rule, adjustment: Adjustment) -> None:
    given, wanted = (adjustment.low, adjustment.high), (rule.low, rule.high)
    if any((value is None) != (bound is None) for value, bound in zip(given, wanted, strict=True)):
        raise RuleRefused("请按规则的形式填写数值。")
    if any(value is not None and not 1 <= value <= rule.largest for value in given):
        raise RuleRefused(f"数值请填 1 至 {rule.largest}。")
    if adjustment.low is not None and adjustment.high is not None and adjustment.low > adjustment.high:
        raise RuleRefused("下限不能大于上限。")
    if not adjustment.enabled and not rule.switchable:
        raise RuleRefused("这项规则不能停用，可以调整数值。")


def _close_before(organisation: Organisation, code: str, since: date) -> None:
    own = PolicyRule.objects.filter(organisation=organisation, code=code).order_by("-effective_from")
    latest = own.first()
    if latest is None:
        return
    if latest.effective_from >= since:
        day = latest.effective_from
        raise RuleRefused(f"已有自 {day:%Y-%m-%d} 起的调整，新的调整请从之后的日期起。")
    PolicyRule.objects.filter(pk=latest.pk).update(effective_until=since - timedelta(days=1))


def _entry(basis: Basis) -> dict[str, str]:
    return {
        "document": basis.document,
        "article": basis.article,
        "verification": basis.verification,
        "note": basis.note,
    }
