"""Terms of office: elections and their extension."""

from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.models import Organisation, Term
from branches.rules import Refusal, latest_extension, latest_term_end


class TermRefused(Refusal):
    """The term does not fit the rules or the terms already there."""


@transaction.atomic
def add_term(organisation: Organisation, *, elected_on: date, ends_on: date, by: User | None) -> Term:
    """Write down an election. Raises TermRefused.

    Source: 关于党的基层组织任期的意见 一.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    if ends_on <= elected_on:
        raise TermRefused("届满日期须晚于选举日期，请核对。")
    if ends_on > latest_term_end(elected_on):
        raise TermRefused("一届任期最长 5 年，请核对届满日期。")
    if organisation.terms.filter(elected_on=elected_on).exists():
        raise TermRefused(f"{elected_on:%Y-%m-%d} 的选举已经登记过。")
    term = Term.objects.create(organisation=organisation, elected_on=elected_on, ends_on=ends_on)
    mark_changed([organisation])
    detail = {"elected_on": elected_on, "ends_on": ends_on}
    audit.record("branches.term_added", by=by, target=organisation, detail=detail)
    return term


@transaction.atomic
def extend_term(term: Term, *, to: date, basis: str, by: User | None) -> Term:
    """Extend a term once, by one year at most, on the superior's decision. Raises TermRefused.

    Source: 关于党的基层组织任期的意见 二.
    """
    row = Term.objects.select_for_update().get(pk=term.pk)
    if row.extended_to:
        raise TermRefused(f"本届任期已延期至 {row.extended_to:%Y-%m-%d}，不能再次延期。")
    if not row.ends_on < to <= latest_extension(row.ends_on):
        latest = latest_extension(row.ends_on)
        raise TermRefused(
            f"延期须在届满之后、最多一年：请填 {row.ends_on:%Y-%m-%d} 之后至 {latest:%Y-%m-%d} 的日期。"
        )
    if not basis.strip():
        raise TermRefused("延期须经上级党组织批准，请填写批复文号或日期。")
    row.extended_to, row.extension_basis = to, basis.strip()
    row.save(update_fields=["extended_to", "extension_basis"])
    mark_changed([row.organisation_id])
    audit.record("branches.term_extended", by=by, target=row.organisation, detail={"to": to, "basis": basis})
    term.refresh_from_db()
    return term
