"""Dated grants: a right for a time, for whoever inspects or stands in."""

from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import AccessGrant, Organisation
from branches.rules import GrantKind, Refusal


class GrantRefused(Refusal):
    """The grant does not fit."""


@transaction.atomic
def grant_access(
    user: User,
    organisation: Organisation,
    *,
    kind: GrantKind,
    since: date,
    until: date,
    reason: str,
    by: User | None,
) -> AccessGrant:
    """Give a right for a time. Raises GrantRefused."""
    place = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if place.dissolved_on and until > place.dissolved_on:
        raise GrantRefused(f"“{place.name}”已于 {place.dissolved_on:%Y-%m-%d} 撤销。")
    if until < since:
        raise GrantRefused("结束日期不能早于开始日期。")
    if not reason.strip():
        raise GrantRefused("请填写授权的事由。")
    same = AccessGrant.objects.filter(user=user, organisation=organisation, kind=kind)
    if same.filter(since__lte=until, until__gte=since).exists():
        raise GrantRefused("此人在这段时间已有同样的授权。")
    grant = AccessGrant.objects.create(
        user=user,
        organisation=organisation,
        kind=kind,
        since=since,
        until=until,
        reason=reason.strip(),
        granted_by=by,
    )
    detail = {
        "kind": str(kind),
        "organisation": organisation.pk,
        "since": since,
        "until": until,
        "reason": reason,
    }
    audit.record("branches.access_granted", by=by, target=user, detail=detail)
    return grant


@transaction.atomic
def end_grant(grant: AccessGrant, *, on: date, by: User | None) -> None:
    """End a grant early, with `on` as its last day; one that begins later is taken back whole.

    Raises GrantRefused.
    """
    row = AccessGrant.objects.select_for_update(of=("self",)).select_related("user").get(pk=grant.pk)
    if row.until <= on:
        raise GrantRefused(f"这项授权 {row.until:%Y-%m-%d} 已到期，不必提前结束。")
    detail = {"kind": row.kind, "organisation": row.organisation_id, "since": row.since, "on": on}
    if row.since > on:
        row.delete()
    else:
        row.until = on
        row.save(update_fields=["until"])
    audit.record("branches.access_ended", by=by, target=row.user, detail=detail)


@transaction.atomic
def move_grant_end(grant: AccessGrant, *, until: date, on: date, by: User | None) -> None:
    """Give a grant that has not run out another last day. Raises GrantRefused."""
    place = Organisation.objects.select_for_update().get(pk=grant.organisation_id)
    row = AccessGrant.objects.select_for_update(of=("self",)).select_related("user").get(pk=grant.pk)
    if row.until < on:
        raise GrantRefused(f"这项授权 {row.until:%Y-%m-%d} 已到期，请另行登记。")
    if until < max(row.since, on):
        raise GrantRefused("结束日期不能早于开始日期，也不能早于今天。")
    if place.dissolved_on and until > place.dissolved_on:
        raise GrantRefused(f"“{place.name}”已于 {place.dissolved_on:%Y-%m-%d} 撤销。")
    same = AccessGrant.objects.filter(user=row.user_id, organisation=place, kind=row.kind).exclude(pk=row.pk)
    if same.filter(since__lte=until, until__gte=row.since).exists():
        raise GrantRefused("此人在这段时间已有同样的授权。")
    detail = {"kind": row.kind, "organisation": place.pk, "old": row.until, "new": until}
    row.until = until
    row.save(update_fields=["until"])
    audit.record("branches.access_end_moved", by=by, target=row.user, detail=detail)
