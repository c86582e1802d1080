"""What a year is reckoned from besides entries."""

from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from incentives.models import BranchCondition
from incentives.rules.contributions import IncentiveRefused


@transaction.atomic
def add_condition(
    *,
    organisation: Organisation,
    since: date,
    drive_minutes: int | None,
    altitude: int | None,
    evidence: str,
    by: User,
) -> BranchCondition:
    """Another row; the earlier ones stay and hold for their time. Raises IncentiveRefused."""
    if drive_minutes is None and altitude is None:
        raise IncentiveRefused("车程和海拔至少填一项；都没有数据的不用登记，按 1.00 计。")
    made = BranchCondition.objects.create(
        organisation=organisation,
        since=since,
        drive_minutes=drive_minutes,
        altitude=altitude,
        evidence=evidence,
        made_by=by,
    )
    audit.record("incentives.condition_added", by=by, target=organisation, detail={"since": since})
    return made
