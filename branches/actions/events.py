"""Dated facts of organisations: writing one down, and marking one as wrong."""

from datetime import date

from django.db.models.functions import Now

from accounts.models import User
from branches.models import Organisation, OrganisationEvent, Term
from branches.rules import OrganisationEventKind, Refusal


class FactRefused(Refusal):
    """The fact does not fit the ones already there, or was corrected before."""


def record_fact(
    organisation: Organisation,
    kind: OrganisationEventKind,
    *,
    on: date,
    by: User | None,
    before: str = "",
    after: str = "",
    document: str = "",
    parent_before: Organisation | None = None,
    parent_after: Organisation | None = None,
    term: Term | None = None,
) -> OrganisationEvent:
    """Write one fact down; call it in the transaction of the change it tells of."""
    return OrganisationEvent.objects.create(
        organisation=organisation,
        kind=kind,
        on=on,
        before=before,
        after=after,
        document=document.strip(),
        parent_before=parent_before,
        parent_after=parent_after,
        term=term,
        entered_by=by,
    )


def mark_wrong(event: OrganisationEvent, *, reason: str, by: User | None) -> None:
    """Strike a fact through: it stays with reason, person and time. Raises FactRefused."""
    if not reason.strip():
        raise FactRefused("请填写更正原因。")
    standing = OrganisationEvent.objects.standing().filter(pk=event.pk)
    if not standing.update(corrected_at=Now(), corrected_by=by, correction_reason=reason.strip()):
        raise FactRefused("这条变动已经更正过，请刷新页面查看。")
    event.refresh_from_db()


def refuse_out_of_order(
    organisation: Organisation,
    kind: OrganisationEventKind,
    *,
    on: date,
    but: OrganisationEvent | None = None,
) -> None:
    """Facts of one kind form a chain. Raises FactRefused.

    A new fact follows the last one, on the same day at the earliest; a corrected one (`but`) stays
    strictly between its neighbours, since rows of one day are read in the order of entering.
    """
    label, others = (
        kind.label,
        OrganisationEvent.objects.standing().filter(organisation=organisation, kind=kind),
    )
    earlier, later = others, others.none()
    if but is not None:
        others = others.exclude(pk=but.pk)
        earlier, later = others.filter(on__lte=but.on), others.filter(on__gt=but.on)
    last = earlier.order_by("-on").first()
    if last and (on < last.on or (but and on == last.on)):
        raise FactRefused(f"{last.on:%Y-%m-%d} 已有“{label}”，请填之后的日期。")
    if (following := later.order_by("on").first()) and on >= following.on:
        raise FactRefused(f"{following.on:%Y-%m-%d} 还有一次“{label}”，请填之前的日期。")
    if organisation.established_on and on < organisation.established_on:
        raise FactRefused(f"日期不能早于成立日期 {organisation.established_on:%Y-%m-%d}，请核对。")
