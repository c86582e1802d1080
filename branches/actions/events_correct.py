"""Corrections of dated facts of organisations: the wrong row stays, what follows from it is mended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from audit import actions as audit
from branches.actions.events import FactRefused, mark_wrong, record_fact, refuse_out_of_order
from branches.actions.facts import mark_changed
from branches.actions.organisations import close, lock_roots, rehang, reopen
from branches.actions.terms import refuse_extension, refuse_term_days, term_before
from branches.models import CoveredUnit, ElectionStep, Organisation, OrganisationEvent, Term
from branches.rules import ElectionStepKind, OrganisationEventKind


@dataclass(frozen=True)
class FactData:
    """What is right instead: the day, the new name of a renaming, the end of a term or an extension."""

    on: date
    name: str = ""
    until: date | None = None
    document: str = ""


@transaction.atomic
def correct_organisation_event(
    event: OrganisationEvent,
    *,
    reason: str,
    by: User | None,
    replacement: FactData | None,
    today: date | None = None,
) -> OrganisationEvent | None:
    """Mark a fact as entered wrongly, and enter what is right instead of it (None: it never happened).

    Names, superiors, units, terms and days of the organisation follow. Posts and groups that ended with a
    dissolution stay ended. Raises FactRefused, Refusal; then nothing is written.
    """
    if event.kind == OrganisationEventKind.MOVED:
        # Before the row itself, as where something is moved: otherwise two people could wait for each other.
        lock_roots()
    organisation = Organisation.objects.select_for_update().get(pk=event.organisation_id)
    if replacement and today and replacement.on > today:
        raise FactRefused("日期还没有到，请填已经发生的日期。")
    mark_wrong(event, reason=reason, by=by)
    entered = _MENDING[OrganisationEventKind(event.kind)](organisation, event, replacement, by)
    mark_changed([organisation])
    detail = {
        "kind": event.kind,
        "on": event.on,
        "reason": reason,
        "replacement": entered.pk if entered else None,
    }
    audit.record("branches.organisation_event_corrected", by=by, target=organisation, detail=detail)
    return entered


@transaction.atomic
def correct_term(
    term: Term, *, elected_on: date, ends_on: date, reason: str, by: User | None, today: date | None = None
) -> OrganisationEvent | None:
    """Correct the days of an election, also of one that was written down without a fact."""
    kind = OrganisationEventKind.ELECTED
    event = term.events.standing().filter(kind=kind).first() or record_fact(
        term.organisation, kind, on=term.elected_on, by=None, after=f"{term.ends_on:%Y-%m-%d}", term=term
    )
    data = FactData(elected_on, until=ends_on, document=event.document)
    return correct_organisation_event(event, reason=reason, by=by, replacement=data, today=today)


Mending = Callable[[Organisation, OrganisationEvent, FactData | None, User | None], OrganisationEvent | None]


def _mend_set_up(
    row: Organisation, event: OrganisationEvent, data: FactData | None, by: User | None
) -> OrganisationEvent | None:
    if data and row.dissolved_on and data.on >= row.dissolved_on:
        raise FactRefused(f"成立日期须早于撤销日期 {row.dissolved_on:%Y-%m-%d}，请核对。")
    _set(row, established_on=data.on if data else None)
    return _again(event, data, by) if data else None


def _mend_rename(
    row: Organisation, event: OrganisationEvent, data: FactData | None, by: User | None
) -> OrganisationEvent | None:
    if data:
        refuse_out_of_order(row, OrganisationEventKind.RENAMED, on=data.on, but=event)
    if data and not data.name.strip():
        raise FactRefused("请填写更名后的名称。")
    made = _again(event, data, by, after=data.name.strip()) if data else None
    chain = _chain(row, OrganisationEventKind.RENAMED)
    name = min([*chain, event], key=lambda e: e.on).before
    for fact in chain:
        if fact.before != name:
            OrganisationEvent.objects.filter(pk=fact.pk).update(before=name)
        name = fact.after
    _set(row, name=name)
    return made


def _mend_move(
    row: Organisation, event: OrganisationEvent, data: FactData | None, by: User | None
) -> OrganisationEvent | None:
    """The day can be mended; where it went is mended by taking the last move back and moving anew."""
    if data:
        refuse_out_of_order(row, OrganisationEventKind.MOVED, on=data.on, but=event)
        return _again(event, data, by)
    if any(fact.on > event.on for fact in _chain(row, OrganisationEventKind.MOVED)):
        raise FactRefused("之后还调整过上级，请先更正之后的一次。")
    rehang(row, event.parent_before)
    return None


def _mend_joining(
    row: Organisation, event: OrganisationEvent, data: FactData | None, by: User | None
) -> OrganisationEvent | None:
    unit = _unit(row.units.filter(name=event.after, since=event.on).order_by("-pk").first())
    if data is None and unit.until:
        raise FactRefused(f"“{unit.name}”之后已经划出，请先更正划出的一条。")
    if data is None:
        unit.delete()
        return None
    if unit.until and data.on >= unit.until:
        raise FactRefused(f"“{unit.name}”已于 {unit.until:%Y-%m-%d} 划出，请填之前的日期。")
    CoveredUnit.objects.filter(pk=unit.pk).update(since=data.on)
    return _again(event, data, by)


def _mend_leaving(
    row: Organisation, event: OrganisationEvent, data: FactData | None, by: User | None
) -> OrganisationEvent | None:
    unit = _unit(row.units.filter(name=event.before, until=event.on).order_by("-pk").first())
    if data is None and row.units.filter(name=unit.name, until=None).exists():
        raise FactRefused(f"“{unit.name}”之后又已并入，请先更正并入的一条。")
    if data and unit.since and data.on <= unit.since:
        raise FactRefused(f"“{unit.name}”于 {unit.since:%Y-%m-%d} 并入，请填之后的日期。")
    CoveredUnit.objects.filter(pk=unit.pk).update(until=data.on if data else None)
    return _again(event, data, by) if data else None


def _mend_dissolving(
    row: Organisation, event: OrganisationEvent, data: FactData | None, by: User | None
) -> OrganisationEvent | None:
    reopen(row)
    if data is None:
        return None
    close(row, on=data.on, reason=data.document or event.document)
    return _again(event, data, by)


def _mend_election(
    row: Organisation, event: OrganisationEvent, data: FactData | None, by: User | None
) -> OrganisationEvent | None:
    term = event.term
    if term is None:
        raise FactRefused("这次选举的任期已经更正过，请刷新页面查看。")
    if data is None:
        _take_back(row, term)
        return None
    ends_on = data.until or term.ends_on
    refuse_term_days(data.on, ends_on)
    if row.terms.exclude(pk=term.pk).filter(elected_on=data.on).exists():
        raise FactRefused(f"{data.on:%Y-%m-%d} 的选举已经登记过。")
    if term_before(row, data.on, but=term) != _before(term):
        raise FactRefused("选举日期不能越过前后两届的选举，请核对。")
    if term.extended_to:
        refuse_extension(
            term_of(ends_on, data.on), to=term.extended_to, basis=term.extension_basis, on=data.on
        )
    _chain_step(term).update(done_on=data.on)
    Term.objects.filter(pk=term.pk).update(elected_on=data.on, ends_on=ends_on)
    return _again(event, data, by, after=f"{ends_on:%Y-%m-%d}")


def _mend_extension(
    row: Organisation, event: OrganisationEvent, data: FactData | None, by: User | None
) -> OrganisationEvent | None:
    term = event.term
    if term is None:
        raise FactRefused("这次延期的任期已经更正过，请刷新页面查看。")
    if data is None:
        Term.objects.filter(pk=term.pk).update(extended_to=None, extension_basis="")
        return None
    to, basis = data.until or term.extended_to or term.ends_on, data.document or event.document
    refuse_extension(term, to=to, basis=basis, on=data.on)
    Term.objects.filter(pk=term.pk).update(extended_to=to, extension_basis=basis.strip())
    return _again(event, data, by, after=f"{to:%Y-%m-%d}")


def term_of(ends_on: date, elected_on: date) -> Term:
    """A term as it would be, not saved."""
    return Term(elected_on=elected_on, ends_on=ends_on)


def _take_back(row: Organisation, term: Term) -> None:
    """An election that never was: its term goes, the rows that tell of it stay struck through."""
    if row.terms.filter(elected_on__gt=term.elected_on).exists():
        raise FactRefused("之后还登记过选举，请先更正之后的一次。")
    if term.election_steps.exists():
        raise FactRefused("本届已登记换届环节，请先在换届页面撤回这些环节。")
    if term.events.standing().exists():
        raise FactRefused("本届已登记延期，请先更正延期的一条。")
    _chain_step(term).delete()
    term.events.update(term=None)
    term.delete()


def _chain_step(term: Term) -> QuerySet[ElectionStep]:
    """The step of the chain before that this election closed."""
    return ElectionStep.objects.filter(
        term=_before(term), kind=ElectionStepKind.MEETING, done_on=term.elected_on
    )


def _before(term: Term) -> Term | None:
    return term_before(term.organisation, term.elected_on)


def _unit(unit: CoveredUnit | None) -> CoveredUnit:
    if unit is None:
        raise FactRefused("这个单位之后另有变动，请先更正之后的一条。")
    return unit


def _chain(row: Organisation, kind: OrganisationEventKind) -> list[OrganisationEvent]:
    return list(row.events.standing().filter(kind=kind).order_by("on", "pk"))


def _again(
    event: OrganisationEvent, data: FactData, by: User | None, *, after: str | None = None
) -> OrganisationEvent:
    """The same fact with its right day and words."""
    return record_fact(
        event.organisation,
        OrganisationEventKind(event.kind),
        on=data.on,
        by=by,
        before=event.before,
        after=event.after if after is None else after,
        document=data.document or event.document,
        parent_before=event.parent_before,
        parent_after=event.parent_after,
        term=event.term,
    )


def _set(row: Organisation, **fields: object) -> None:
    Organisation.objects.filter(pk=row.pk).update(**fields)


_MENDING: dict[OrganisationEventKind, Mending] = {
    OrganisationEventKind.SET_UP: _mend_set_up,
    OrganisationEventKind.RENAMED: _mend_rename,
    OrganisationEventKind.MOVED: _mend_move,
    OrganisationEventKind.UNIT_JOINED: _mend_joining,
    OrganisationEventKind.UNIT_LEFT: _mend_leaving,
    OrganisationEventKind.DISSOLVED: _mend_dissolving,
    OrganisationEventKind.ELECTED: _mend_election,
    OrganisationEventKind.TERM_EXTENDED: _mend_extension,
}
