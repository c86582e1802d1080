"""The duty list an organisation settles, as a whole and from a day on."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from burden.actions.dated import make_room
from burden.models import DutyItem, DutyVersion
from burden.rules.duties import DutyLine
from burden.rules.schemes import VersionRefused


@transaction.atomic
def settle_duties(
    place: Organisation, *, lines: Sequence[DutyLine], since: date, note: str, by: User, now: datetime
) -> DutyVersion:
    """The lines that hold from that day; the version before stays readable. Raises VersionRefused."""
    if not lines:
        raise VersionRefused("请至少填一行。")
    row = Organisation.objects.select_for_update().get(pk=place.pk)
    make_room(DutyVersion.objects.standing().filter(organisation=row), since=since, now=now)
    made = DutyVersion.objects.create(organisation=row, since=since, note=note, made_by=by)
    DutyItem.objects.bulk_create(
        DutyItem(
            version=made,
            position=n,
            kind=line.kind,
            text=line.text,
            decides=line.decides,
            basis=line.basis,
            verified=line.verified,
        )
        for n, line in enumerate(lines, start=1)
    )
    audit.record("burden.duties_settled", by=by, target=row, detail={"since": since, "lines": len(lines)})
    return made
