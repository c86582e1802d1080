"""Writes of the catalogue: adopt, switch off, adjust, add. History stays: every change is dated."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from periods.rules import check_rule
from reminders.frequency import CENTRAL, cadence_of, lowers_minimum
from reminders.models import Action, ActionVersion, Adoption
from reminders.queries.catalogue import CatalogueRow, catalogue_row
from reminders.rules import ActionKind, ConditionCode
from reminders.wording import basis_line, local_basis

_COPIED = (
    "name",
    "category",
    "basis_level",
    "applies_when",
    "legal_basis",
    "minimal_record",
    "common_mistakes",
    "record_kind",
    "default_adopted",
    "sensitive",
    "burden_candidate",
)


class CatalogueRefusal(Exception):
    """A change of the catalogue is refused; str() is the sentence for the reader."""


class ActionOutOfReach(CatalogueRefusal):
    def __init__(self) -> None:
        super().__init__("这个事项不在该组织的事项库里，请刷新页面。")


class AlreadyAdopted(CatalogueRefusal):
    def __init__(self) -> None:
        super().__init__("这个事项在所选日期已经采纳。")


class AlreadyOff(CatalogueRefusal):
    def __init__(self) -> None:
        super().__init__("这个事项在所选日期没有采纳，不用再停用。")


class ActionExists(CatalogueRefusal):
    def __init__(self, name: str) -> None:
        super().__init__(f"事项库里已经有“{name}”，没有重复加入；如内容不同，请换一个名称。")


class DateInPast(CatalogueRefusal):
    def __init__(self) -> None:
        super().__init__("生效日期请选今天或以后；过去的清单保持原样。")


class VersionInForce(CatalogueRefusal):
    def __init__(self, valid_from: date) -> None:
        super().__init__(f"{valid_from:%Y-%m-%d} 的版本已经生效，请选明天或以后的日期。")


class BelowCentralMinimum(CatalogueRefusal):
    """basis_level is central: its count per period, or its time limit, is a floor."""

    def __init__(self, shipped: ActionVersion) -> None:
        super().__init__(
            f"依据{basis_line(shipped.legal_basis)}，这个事项的次数和时限不能低于规定，请调高次数或缩短周期。"
        )


@dataclass(frozen=True)
class Adjustment:
    """What staff may change of an action; due_rule is whole, in the shape periods.rules checks."""

    due_rule: dict[str, Any]
    minutes: int
    steps: Sequence[str]
    note: str = ""


@dataclass(frozen=True)
class NewAction:
    name: str
    category: str
    due_rule: dict[str, Any]
    minutes: int
    record_kind: str
    why: str
    applies_when: Sequence[str] = (ConditionCode.ALL.value,)
    minimal_record: str = ""
    steps: Sequence[str] = field(default_factory=tuple)


def adopt_action(
    action: Action, *, organisation: Organisation, valid_from: date, reason: str, by: User, on: date
) -> Adoption:
    """From a day on the organisation and those below it adopt the action.

    Raises AlreadyAdopted, DateInPast, ActionOutOfReach.
    """
    return _decide(action, organisation, adopted=True, valid_from=valid_from, reason=reason, by=by, on=on)


def switch_off_action(
    action: Action, *, organisation: Organisation, valid_from: date, reason: str, by: User, on: date
) -> Adoption:
    """From a day on the action makes no new items there. Raises AlreadyOff, DateInPast, ActionOutOfReach."""
    return _decide(action, organisation, adopted=False, valid_from=valid_from, reason=reason, by=by, on=on)


@transaction.atomic
def _decide(
    action: Action,
    organisation: Organisation,
    *,
    adopted: bool,
    valid_from: date,
    reason: str,
    by: User,
    on: date,
) -> Adoption:
    row = _reachable(action, organisation, valid_from=valid_from, on=on)
    if row.is_adopted is adopted:
        raise AlreadyAdopted if adopted else AlreadyOff
    adoption, _ = Adoption.objects.update_or_create(
        action=action,
        organisation=organisation,
        valid_from=valid_from,
        defaults={"adopted": adopted, "reason": reason, "made_by": by},
    )
    event = "reminders.action_adopted" if adopted else "reminders.action_switched_off"
    detail = {"organisation": organisation.code, "valid_from": valid_from, "reason": reason}
    audit.record(event, by=by, target=action, detail=detail)
    mark_scope(organisation)
    return adoption


@transaction.atomic
def adjust_action(
    action: Action,
    *,
    organisation: Organisation,
    valid_from: date,
    changes: Adjustment,
    by: User,
    on: date,
) -> ActionVersion:
    """Make a version of the action for this organisation and those below it, valid from a day.

    A version that is not yet in force on that day is replaced. Raises BelowCentralMinimum, VersionInForce,
    DateInPast, ActionOutOfReach, and InvalidDueRule for an unsound rule.
    """
    row = _reachable(action, organisation, valid_from=valid_from, on=on)
    check_rule(changes.due_rule)
    _refuse_below_minimum(action, changes.due_rule, on=valid_from)
    content = {name: getattr(row.version, name) for name in _COPIED}
    content |= {
        "due_rule": changes.due_rule,
        "cadence": cadence_of(changes.due_rule),
        "minutes": changes.minutes,
        "steps": list(changes.steps),
        "change_note": changes.note,
        "made_by": by,
    }
    version = _put_version(action, organisation, valid_from, content, on=on)
    detail = {
        "organisation": organisation.code,
        "valid_from": valid_from,
        "before": row.version.due_rule,
        "after": changes.due_rule,
        "minutes": [row.version.minutes, changes.minutes],
    }
    audit.record("reminders.action_adjusted", by=by, target=action, detail=detail)
    mark_scope(organisation)
    return version


@transaction.atomic
def add_action(
    organisation: Organisation, *, data: NewAction, valid_from: date, by: User, on: date
) -> Action:
    """Add an action of the organisation's own; adopted from the day it begins.

    An organisation's own action is known by its name: the code is made of both, so a form submitted twice
    makes one action, without a token in the form, and two actions of one name never stand side by side.
    Raises ActionExists, DateInPast, and InvalidDueRule for an unsound rule.
    """
    if valid_from < on:
        raise DateInPast
    check_rule(data.due_rule)
    action, made = Action.objects.get_or_create(
        code=own_code(organisation, data.name),
        defaults={"kind": ActionKind.LOCAL, "organisation": organisation},
    )
    if not made:
        raise ActionExists(data.name)
    ActionVersion.objects.create(
        action=action,
        organisation=organisation,
        valid_from=valid_from,
        name=data.name,
        category=data.category,
        cadence=cadence_of(data.due_rule),
        basis_level="company_practice",
        due_rule=data.due_rule,
        applies_when=list(data.applies_when),
        legal_basis=local_basis(data.why),
        minimal_record=data.minimal_record,
        steps=list(data.steps),
        minutes=data.minutes,
        record_kind=data.record_kind,
        default_adopted=True,
        made_by=by,
    )
    audit.record("reminders.action_added", by=by, target=action, detail={"name": data.name, "why": data.why})
    mark_scope(organisation)
    return action


def own_code(organisation: Organisation, name: str) -> str:
    """The code of the action this organisation adds under that name."""
    return f"local-{sha256(f'{organisation.key} {name}'.encode()).hexdigest()[:16]}"


def mark_scope(organisation: Organisation) -> None:
    """Have the refresh look again at the organisation and everything below it."""
    Organisation.objects.within(organisation).update(facts_changed=True)


def _reachable(action: Action, organisation: Organisation, *, valid_from: date, on: date) -> CatalogueRow:
    if valid_from < on:
        raise DateInPast
    row = catalogue_row(action, organisation, on=valid_from)
    if row is None:
        raise ActionOutOfReach
    return row


def _refuse_below_minimum(action: Action, rule: dict[str, Any], *, on: date) -> None:
    """The floor is the shipped version's rule, however it was adjusted since."""
    shipped = (
        action.versions.filter(organisation=None, valid_from__lte=on)
        .order_by(F("valid_from").desc(), "-pk")
        .first()
    )
    if shipped and shipped.basis_level == CENTRAL and lowers_minimum(rule, shipped.due_rule):
        raise BelowCentralMinimum(shipped)


def _put_version(
    action: Action, organisation: Organisation, valid_from: date, content: dict[str, Any], *, on: date
) -> ActionVersion:
    own = ActionVersion.objects.filter(action=action, organisation=organisation, valid_from=valid_from)
    if valid_from <= on and own.exists():
        raise VersionInForce(valid_from)
    version, _ = ActionVersion.objects.update_or_create(
        action=action, organisation=organisation, valid_from=valid_from, defaults=content
    )
    return version
