"""The leaver's way back to the own handover, and its end."""

from datetime import date

from branches.actions.grants import end_grant, grant_access
from branches.models import AccessGrant
from branches.rules import GrantKind
from reminders.handover_rules import grant_days
from reminders.models import Handover

REASON = "离任后 30 天内办理本人的工作交接"


def ensure_grant(row: Handover, *, on: date) -> None:
    """Give the leaver the days after the last one; once, and moved where the last day moved.

    One grant serves every handover of this person in this organisation. Given before the last day, so that
    nobody is locked out between the end of the post and the next run.
    """
    since, until = grant_days(row.last_day)
    if row.leaver is None or until < on:
        return
    grant = row.grant
    if grant is not None and grant.organisation_id == row.organisation_id:
        if grant.since == since or grant.since <= on:
            return
        release_grant(row, on=on)
    same = AccessGrant.objects.filter(user=row.leaver, organisation=row.organisation, kind=GrantKind.HANDOVER)
    if same.filter(since__lte=until, until__gte=since).exists():
        return
    row.grant = grant_access(
        row.leaver,
        row.organisation,
        kind=GrantKind.HANDOVER,
        since=since,
        until=until,
        reason=REASON,
        by=None,
    )
    row.save(update_fields=["grant"])


def release_grant(row: Handover, *, on: date) -> None:
    """End it with this day, unless another handover of the same person still needs it."""
    grant = row.grant
    if grant is None:
        return
    others = Handover.objects.running().filter(leaver=row.leaver_id, organisation=row.organisation_id)
    other = others.exclude(pk=row.pk).filter(grant=None).order_by("pk").first()
    if other is not None:
        _pass_on(row, other)
    elif grant.until > on:
        end_grant(grant, on=on, by=None)
        row.refresh_from_db(fields=["grant"])


def _pass_on(row: Handover, other: Handover) -> None:
    grant = row.grant
    row.grant = None
    row.save(update_fields=["grant"])
    other.grant = grant
    other.save(update_fields=["grant"])
