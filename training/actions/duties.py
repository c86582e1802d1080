"""Asking organisations for something by a day, settling it and taking it back.

Called inside the transaction of what asks; the month lists of those concerned follow by themselves.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from branches.actions.facts import mark_changed
from branches.models import Organisation
from training.models import Duty
from training.models.duties import NAME_LENGTH, NOTE_LENGTH, DutyQuerySet
from training.rules.duties import DutyKind


@dataclass(frozen=True)
class DutyData:
    """What the month list says of it."""

    kind: DutyKind
    subject: int
    name: str
    due_on: date
    note: str = ""
    # From when it stands on the list; without one at once.
    asked_on: date | None = None


def ask(places: Iterable[Organisation], *, data: DutyData, on: date) -> int:
    """Exactly these organisations are asked: others that were are asked no longer. Returns how many are.

    Asking again with another day or name changes what stands; what was done or dropped stands anew.
    """
    keys = {place.pk for place in places}
    before = set(_of(data.kind, data.subject).standing().values_list("organisation", flat=True))
    _drop(data.kind, data.subject, before - keys, on)
    Duty.objects.bulk_create(
        [_row(key, data, on) for key in sorted(keys)],
        update_conflicts=True,
        unique_fields=["organisation", "kind", "subject"],
        update_fields=["name", "note", "asked_on", "due_on", "done_on", "done_at", "done_by", "dropped_on"],
    )
    mark_changed(keys | before)
    return len(keys)


def settle(
    kind: DutyKind, subject: int, *, by: User | None, on: date, only: Organisation | None = None
) -> None:
    """Mark it done, everywhere or in one organisation; what is done stays as it is."""
    rows = _of(kind, subject).standing().filter(done_on=None)
    rows = rows.filter(organisation=only) if only else rows
    places = list(rows.values_list("organisation", flat=True))
    rows.update(done_on=on, done_at=timezone.now(), done_by=by)
    mark_changed(places)


@transaction.atomic
def settle_past(kind: DutyKind, *, on: date) -> int:
    """What was asked for a day that is over is done on that day; returns how many organisations that were."""
    past = Duty.objects.waiting(on=on).filter(kind=kind, due_on__lt=on)
    places = set(past.values_list("organisation", flat=True))
    past.update(done_on=F("due_on"), done_at=timezone.now())
    mark_changed(places)
    return len(places)


@transaction.atomic
def drop_past(kind: DutyKind, *, on: date) -> int:
    """What could only be done until a day that is over is asked no longer; returns how many organisations."""
    past = Duty.objects.waiting(on=on).filter(kind=kind, due_on__lt=on)
    places = set(past.values_list("organisation", flat=True))
    past.update(dropped_on=on)
    mark_changed(places)
    return len(places)


def take_back(kind: DutyKind, subject: int, *, on: date) -> None:
    """Nobody is asked any longer."""
    _drop(kind, subject, set(_of(kind, subject).standing().values_list("organisation", flat=True)), on)


def _of(kind: DutyKind, subject: int) -> DutyQuerySet:
    return Duty.objects.filter(kind=kind, subject=subject)


def _drop(kind: DutyKind, subject: int, places: Collection[int], on: date) -> None:
    _of(kind, subject).filter(organisation__in=places).update(dropped_on=on)
    mark_changed(places)


def _row(place: int, data: DutyData, on: date) -> Duty:
    return Duty(
        organisation_id=place,
        kind=data.kind,
        subject=data.subject,
        name=data.name[:NAME_LENGTH],
        note=data.note[:NOTE_LENGTH],
        asked_on=data.asked_on or on,
        due_on=data.due_on,
    )
