"""Writes of the register: what is asked outside the portal is entered, proposed, decided, changed, ended."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from branches.rules import Refusal
from reminders.demand_rules import DemandState
from reminders.models import OutsideDemand


class DemandRefusal(Refusal):
    """A change of the register is refused; str() is the sentence for the reader."""


class DemandExists(DemandRefusal):
    def __init__(self, name: str) -> None:
        super().__init__(f"登记册里已经有同一单位提出的“{name}”，没有重复登记；如内容不同，请换一个名称。")


class AlreadyDecided(DemandRefusal):
    def __init__(self) -> None:
        super().__init__("这一条已经核对过了，请刷新页面。")


class NotStanding(DemandRefusal):
    def __init__(self) -> None:
        super().__init__("这一条已经不在册，不能再改。")


class EndsBeforeStart(DemandRefusal):
    def __init__(self, since: date) -> None:
        super().__init__(f"最后一天请选 {since:%Y-%m-%d} 或以后。")


class ChangeTooEarly(DemandRefusal):
    def __init__(self, since: date) -> None:
        super().__init__(f"这一条从 {since:%Y-%m-%d} 起登记，变化的日期请选这一天或以后。")


@dataclass(frozen=True)
class DemandData:
    """What is asked, by whom, how often and how long it takes; `own`: the organisation asks it itself."""

    name: str
    asker: str
    kind: str
    nature: str
    times: int
    per: str
    minutes: int
    since: date
    basis: str = ""
    verified: bool = False
    own: bool = False


@transaction.atomic
def add_demand(organisation: Organisation, *, data: DemandData, by: User) -> OutsideDemand:
    """Enter a demand that counts from its first day on. Raises DemandExists."""
    demand = _make(organisation, data, by=by, state=DemandState.STANDING, decided_by=by)
    audit.record("reminders.demand_added", by=by, target=demand, detail=_detail(demand))
    return demand


@transaction.atomic
def propose_demand(organisation: Organisation, *, data: DemandData, by: User) -> OutsideDemand:
    """A branch says what is asked of it; it counts when staff have looked at it. Raises DemandExists."""
    demand = _make(organisation, data, by=by, state=DemandState.PROPOSED)
    audit.record("reminders.demand_proposed", by=by, target=demand, detail=_detail(demand))
    return demand


@transaction.atomic
def decide_demand(demand: OutsideDemand, *, accepted: bool, reason: str, by: User) -> OutsideDemand:
    """Take a proposal into the register, or say why not. Raises AlreadyDecided."""
    state = DemandState.STANDING if accepted else DemandState.DECLINED
    changed = OutsideDemand.objects.proposed().filter(pk=demand.pk)
    if not changed.update(state=state, reason=reason, decided_by=by):
        raise AlreadyDecided
    demand.refresh_from_db()
    event = "reminders.demand_accepted" if accepted else "reminders.demand_declined"
    audit.record(event, by=by, target=demand, detail={"reason": reason})
    return demand


@transaction.atomic
def change_demand(demand: OutsideDemand, *, data: DemandData, by: User, on: date) -> OutsideDemand:
    """What holds from `data.since` on: a correction from its first day, else a new row that follows it.

    Raises NotStanding, ChangeTooEarly, DemandExists.
    """
    held = _held(demand, on=on)
    if data.since < held.since:
        raise ChangeTooEarly(held.since)
    if held.until is not None and data.since > held.until:
        raise NotStanding
    _refuse_twin(held.organisation, data, but=held)
    if data.since == held.since:
        for name, value in asdict(data).items():
            setattr(held, name, value)
        held.save()
        changed = held
    else:
        until = held.until
        held.until = data.since - timedelta(days=1)
        held.save(update_fields=["until"])
        changed = _create(
            held.organisation,
            data,
            by=by,
            state=DemandState.STANDING,
            decided_by=by,
            follows=held,
            until=until,
        )
    audit.record("reminders.demand_changed", by=by, target=changed, detail=_detail(changed))
    return changed


@transaction.atomic
def end_demand(demand: OutsideDemand, *, until: date, reason: str, by: User, on: date) -> OutsideDemand:
    """`until` is the last day on which it is asked. Raises NotStanding, EndsBeforeStart."""
    held = _held(demand, on=on)
    if until < held.since:
        raise EndsBeforeStart(held.since)
    held.until, held.reason = until, reason
    held.save(update_fields=["until", "reason"])
    audit.record("reminders.demand_ended", by=by, target=held, detail={"reason": reason, "until": until})
    return held


def _held(demand: OutsideDemand, *, on: date) -> OutsideDemand:
    """The row, locked, while it stands or will stand."""
    rows = OutsideDemand.objects.select_for_update(of=("self",)).select_related("organisation")
    held = rows.get(pk=demand.pk)
    if held.state != DemandState.STANDING or (held.until is not None and held.until < on):
        raise NotStanding
    return held


def _make(organisation: Organisation, data: DemandData, **fields: Any) -> OutsideDemand:
    # Two who enter the same at once: the second waits and is told.
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    _refuse_twin(organisation, data)
    return _create(organisation, data, **fields)


def _create(organisation: Organisation, data: DemandData, *, by: User, **fields: Any) -> OutsideDemand:
    return OutsideDemand.objects.create(organisation=organisation, made_by=by, **asdict(data), **fields)


def _refuse_twin(organisation: Organisation, data: DemandData, but: OutsideDemand | None = None) -> None:
    """The same name by the same asker for the same organisation, proposed or standing."""
    twins = OutsideDemand.objects.filter(organisation=organisation, name=data.name, asker=data.asker)
    if but:
        twins = twins.exclude(pk=but.pk)
    if twins.waiting_or_at(data.since).exists():
        raise DemandExists(data.name)


def _detail(demand: OutsideDemand) -> dict[str, object]:
    names = ("name", "asker", "kind", "nature", "times", "per", "minutes", "since")
    return {name: getattr(demand, name) for name in names}
