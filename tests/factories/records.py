"""Test data of the records app."""

from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from branches.models import Member, Organisation
from records.models import Attendance, Record, RecordAction, Talk
from records.rules import RecordKind


def moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9)))


def make_held(
    organisation: Organisation,
    *codes: str,
    on: date,
    entered: date | None = None,
    kind: str = RecordKind.MEETING,
    present: tuple[Member, ...] = (),
    **fields: Any,
) -> Record:
    """A record of that day, typed on the same day unless `entered` says otherwise."""
    record = Record.objects.create(organisation=organisation, kind=kind, held_on=on, **fields)
    Record.objects.filter(pk=record.pk).update(entered_at=moment(entered or on))
    RecordAction.objects.bulk_create(RecordAction(record=record, action_code=code) for code in codes)
    Attendance.objects.bulk_create(Attendance(record=record, member=member) for member in present)
    return record


def make_talk(
    talker: Member, partner: Member, organisation: Organisation, *, on: date, **fields: Any
) -> Talk:
    entered = fields.pop("entered", None) or on
    talk = Talk.objects.create(
        organisation=organisation, talker=talker, partner=partner, held_on=on, **fields
    )
    Talk.objects.filter(pk=talk.pk).update(entered_at=moment(entered))
    return talk
