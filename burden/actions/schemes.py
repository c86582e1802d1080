"""Assessment schemes: added, given a new version of their items, retired."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from burden.actions.dated import make_room
from burden.models import AssessmentScheme, SchemeItem, SchemeVersion
from burden.rules.measures_vocabulary import ItemKind
from burden.rules.schemes import VersionRefused


@dataclass(frozen=True)
class ItemLine:
    text: str
    points: Decimal
    kind: ItemKind


@dataclass(frozen=True)
class SchemeData:
    """What it is called, what it assesses, and which measure takes its value from it, if any."""

    name: str
    about: str
    measure_code: str = ""


@dataclass(frozen=True)
class Edition:
    """The lines that hold from a day on, and what is new about them."""

    since: date
    note: str
    items: Sequence[ItemLine]


@transaction.atomic
def add_scheme(
    place: Organisation, *, data: SchemeData, edition: Edition, by: User, now: datetime
) -> AssessmentScheme:
    """Raises VersionRefused."""
    Organisation.objects.select_for_update().get(pk=place.pk)
    if AssessmentScheme.objects.filter(organisation=place, name=data.name).exists():
        raise VersionRefused(f"已经有名为“{data.name}”的考核办法，请换一个名称，或在原来的办法上改。")
    made = AssessmentScheme.objects.create(
        organisation=place, name=data.name, about=data.about, measure_code=data.measure_code
    )
    _write(made, edition, by=by, now=now)
    audit.record("burden.scheme_added", by=by, target=made, detail={"since": edition.since})
    return made


@transaction.atomic
def change_scheme(
    scheme: AssessmentScheme, *, data: SchemeData, edition: Edition, by: User, now: datetime
) -> AssessmentScheme:
    """Other words, and the items that hold from a day on. Raises VersionRefused."""
    row = AssessmentScheme.objects.select_for_update().get(pk=scheme.pk)
    if row.retired_on is not None:
        raise VersionRefused("这份考核办法已经停用，不能再改。")
    same = AssessmentScheme.objects.filter(organisation=row.organisation_id, name=data.name)
    if same.exclude(pk=row.pk).exists():
        raise VersionRefused(f"已经有名为“{data.name}”的考核办法，请换一个名称。")
    row.name, row.about, row.measure_code = data.name, data.about, data.measure_code
    row.save()
    _write(row, edition, by=by, now=now)
    audit.record("burden.scheme_changed", by=by, target=row, detail={"since": edition.since})
    return row


@transaction.atomic
def retire_scheme(scheme: AssessmentScheme, *, by: User, on: date) -> AssessmentScheme:
    """Raises VersionRefused."""
    row = AssessmentScheme.objects.select_for_update().get(pk=scheme.pk)
    if row.retired_on is not None:
        raise VersionRefused("这份考核办法已经停用。")
    row.retired_on = on
    row.save(update_fields=["retired_on"])
    audit.record("burden.scheme_retired", by=by, target=row, detail={"on": on})
    return row


def _write(scheme: AssessmentScheme, edition: Edition, *, by: User, now: datetime) -> None:
    if not edition.items:
        raise VersionRefused("请至少填一个考核项目。")
    make_room(SchemeVersion.objects.filter(scheme=scheme, replaced_at=None), since=edition.since, now=now)
    version = SchemeVersion.objects.create(scheme=scheme, since=edition.since, note=edition.note, made_by=by)
    SchemeItem.objects.bulk_create(
        SchemeItem(version=version, position=n, text=line.text, points=line.points, kind=line.kind)
        for n, line in enumerate(edition.items, start=1)
    )
