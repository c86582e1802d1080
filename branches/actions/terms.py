"""Terms of office: elections and their extension."""

from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.actions.events import record_fact
from branches.actions.facts import mark_changed
from branches.models import ElectionStep, Organisation, Term
from branches.rules import (
    ElectionStepKind,
    OrganisationEventKind,
    Refusal,
    latest_extension,
    latest_term_end,
)
from branches.rules.elections import earliest_election, needs_early_approval


class TermRefused(Refusal):
    """The term does not fit the rules or the terms already there."""


@transaction.atomic
def add_term(
    organisation: Organisation, *, elected_on: date, ends_on: date, by: User | None, document: str = ""
) -> Term:
    """Write down an election: a new term begins, and the chain of the term before is closed.

    `document` is the superior's reply to the request; an early election needs it. Raises TermRefused.
    Source: 关于党的基层组织任期的意见 一, 二.
    """
    row = Organisation.objects.select_for_update().get(pk=organisation.pk)
    _refuse_term(row, elected_on=elected_on, ends_on=ends_on, document=document)
    before = term_before(row, elected_on)
    term = Term.objects.create(organisation=row, elected_on=elected_on, ends_on=ends_on)
    if before:
        ElectionStep.objects.get_or_create(
            term=before,
            kind=ElectionStepKind.MEETING,
            defaults={"done_on": elected_on, "document": document.strip(), "entered_by": by},
        )
    record_fact(
        row,
        OrganisationEventKind.ELECTED,
        on=elected_on,
        by=by,
        before=f"{before.runs_until:%Y-%m-%d}" if before else "",
        after=f"{ends_on:%Y-%m-%d}",
        document=document,
        term=term,
    )
    mark_changed([row])
    detail = {"elected_on": elected_on, "ends_on": ends_on}
    audit.record("branches.term_added", by=by, target=row, detail=detail)
    return term


@transaction.atomic
def extend_term(term: Term, *, to: date, basis: str, on: date, by: User | None) -> Term:
    """Extend a term once, by one year at most, on the superior's decision of the day `on`.

    Raises TermRefused. Source: 关于党的基层组织任期的意见 二.
    """
    row = Term.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=term.pk)
    if row.extended_to:
        raise TermRefused(f"本届任期已延期至 {row.extended_to:%Y-%m-%d}，不能再次延期。")
    refuse_extension(row, to=to, basis=basis, on=on)
    row.extended_to, row.extension_basis = to, basis.strip()
    row.save(update_fields=["extended_to", "extension_basis"])
    record_fact(
        row.organisation,
        OrganisationEventKind.TERM_EXTENDED,
        on=on,
        by=by,
        before=f"{row.ends_on:%Y-%m-%d}",
        after=f"{to:%Y-%m-%d}",
        document=basis,
        term=row,
    )
    mark_changed([row.organisation_id])
    audit.record("branches.term_extended", by=by, target=row.organisation, detail={"to": to, "basis": basis})
    term.refresh_from_db()
    return term


def term_before(organisation: Organisation, elected_on: date, *, but: Term | None = None) -> Term | None:
    """The term that an election on that day ends; `but` is the election itself."""
    others = organisation.terms.exclude(pk=but.pk) if but else organisation.terms.all()
    return others.filter(elected_on__lt=elected_on).order_by("-elected_on").first()


def refuse_extension(term: Term, *, to: date, basis: str, on: date) -> None:
    latest = latest_extension(term.ends_on)
    if not term.ends_on < to <= latest:
        raise TermRefused(
            f"延期须在届满之后、最多一年：请填 {term.ends_on:%Y-%m-%d} 之后至 {latest:%Y-%m-%d} 的日期。"
        )
    if not basis.strip():
        raise TermRefused("延期须经上级党组织批准，请填写批复文号或日期。")
    if on < term.elected_on:
        raise TermRefused(f"批复日期不能早于本届选举日期 {term.elected_on:%Y-%m-%d}，请核对。")


def _refuse_term(organisation: Organisation, *, elected_on: date, ends_on: date, document: str) -> None:
    refuse_term_days(elected_on, ends_on)
    if organisation.terms.filter(elected_on=elected_on).exists():
        raise TermRefused(f"{elected_on:%Y-%m-%d} 的选举已经登记过。")
    before = term_before(organisation, elected_on)
    if before is None:
        return
    if elected_on < (earliest := earliest_election(before.ends_on)):
        raise TermRefused(
            f"上届 {before.ends_on:%Y-%m-%d} 届满，提前换届最多提前一年，选举日期最早为 {earliest:%Y-%m-%d}。"
        )
    if needs_early_approval(elected_on, before.runs_until) and not document.strip():
        raise TermRefused(
            f"上届 {before.runs_until:%Y-%m-%d} 届满，提前一个月以上换届须经上级批准，请填写批复文号。"
        )


def refuse_term_days(elected_on: date, ends_on: date) -> None:
    if ends_on <= elected_on:
        raise TermRefused("届满日期须晚于选举日期，请核对。")
    if ends_on > latest_term_end(elected_on):
        raise TermRefused("一届任期最长 5 年，请核对届满日期。")
