"""Adding and moving nodes of the tree."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from accounts.models import User
from audit import actions as audit
from branches.actions.events import record_fact, refuse_out_of_order
from branches.actions.facts import mark_changed
from branches.actions.once import refused_when_taken
from branches.actions.organisations.refusals import (
    WrongPlace,
    code_taken,
    known_fields,
    lock_roots,
    locked,
    refuse_approval,
    refuse_code,
    refuse_name,
    refuse_place,
)
from branches.models import Organisation
from branches.models.organisation import new_key
from branches.queries.tree import next_codes
from branches.rules import OrganisationEventKind


@transaction.atomic
def add_organisation(
    *,
    code: str,
    name: str,
    kind: str,
    parent: Organisation | None,
    by: User | None,
    document: str = "",
    **fields: Any,
) -> Organisation:
    """Add one node below `parent` (None: a root). Raises CodeTaken, NameTaken, WrongPlace.

    With `established_on`, the setting up is a dated fact with that document.
    """
    lock_roots()
    above = locked(parent) if parent else None
    refuse_place(kind, above)
    refuse_code(code)
    refuse_name(name, above)
    refuse_approval(kind, fields)
    made = Organisation(code=code, name=name, kind=kind, parent=above, key=new_key(), **known_fields(fields))
    made.path = (above.path if above else "") + made.key + "/"
    made.level = above.level + 1 if above else 0
    with refused_when_taken(code_taken(code)):
        made.save(force_insert=True)
    if made.established_on:
        record_fact(made, OrganisationEventKind.SET_UP, on=made.established_on, by=by, document=document)
    audit.record("branches.organisation_added", by=by, target=made, detail={"code": code, "kind": kind})
    return made


@transaction.atomic
def add_organisations(
    *, names: Iterable[str], kind: str, parent: Organisation | None, by: User | None
) -> list[Organisation]:
    """Add several nodes below `parent`, with the next free codes; all or none.

    Raises NameTaken, WrongPlace.
    """
    wanted = list(names)
    codes = next_codes(kind, len(wanted))
    return [
        add_organisation(code=code, name=name, kind=kind, parent=parent, by=by)
        for code, name in zip(codes, wanted, strict=True)
    ]


@transaction.atomic
def move_organisation(
    organisation: Organisation, *, parent: Organisation | None, on: date, by: User | None, document: str = ""
) -> Organisation:
    """Hang the organisation and everything below it under another one from that day on.

    Raises WrongPlace, Refusal.
    """
    lock_roots()
    row = locked(organisation)
    above = locked(parent) if parent else None
    if above and above.path.startswith(row.path):
        raise WrongPlace(f"“{row.name}”不能移到它自己或它的下级组织之下，请另选上级组织。")
    refuse_place(row.kind, above, height=_height(row))
    if row.parent_id != (above.pk if above else None):
        refuse_out_of_order(row, OrganisationEventKind.MOVED, on=on)
        _move(row, above)
        _record_move(row, above, on=on, by=by, document=document)
        detail = {"from": row.parent_id, "to": above.pk if above else None, "on": on}
        audit.record("branches.organisation_moved", by=by, target=row, detail=detail)
    organisation.refresh_from_db()
    return organisation


def rehang(row: Organisation, above: Organisation | None) -> None:
    """Take the last move back; the caller holds the row and marks the fact. Raises WrongPlace."""
    lock_roots()
    if above and Organisation.objects.within(row).filter(pk=above.pk).exists():
        raise WrongPlace(f"“{above.name}”现在是“{row.name}”的下级组织，请先移走。")
    refuse_place(row.kind, above, height=_height(row))
    _move(row, above)


def _record_move(
    row: Organisation, above: Organisation | None, *, on: date, by: User | None, document: str
) -> None:
    record_fact(
        row,
        OrganisationEventKind.MOVED,
        on=on,
        by=by,
        before=row.parent.name if row.parent else "",
        after=above.name if above else "",
        document=document,
        parent_before=row.parent,
        parent_after=above,
    )


def _move(row: Organisation, above: Organisation | None) -> None:
    prefix = (above.path if above else "") + row.key + "/"
    level = above.level + 1 if above else 0
    # One statement: the tree is never seen with half of a subtree moved.
    Organisation.objects.within(row).update(
        path=Concat(Value(prefix), Substr("path", len(row.path) + 1)),
        level=F("level") + (level - row.level),
        facts_changed=True,
    )
    Organisation.objects.filter(pk=row.pk).update(parent=above)
    mark_changed([row.parent_id, above])


def _height(row: Organisation) -> int:
    deepest = Organisation.objects.within(row).order_by("-level").values_list("level", flat=True)[0]
    return deepest - row.level
