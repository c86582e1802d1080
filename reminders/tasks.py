"""Celery shells of the refresh and the digests; names are fixed in partyaffairs/schedule.py."""

from celery import shared_task
from django.utils import timezone

from reminders.actions.digests import compose_digests
from reminders.actions.handover import open_due_handovers
from reminders.actions.refresh import refresh_due, refresh_stale
from reminders.actions.stand_ins import end_outlasting
from reminders.actions.summaries import recount_stale


@shared_task
def refresh_due_months() -> int:
    """Daily: missed months and the current one; returns how many items were made."""
    return sum(result.created for result in refresh_due(on=timezone.localdate()))


@shared_task
def refresh_stale_organisations() -> int:
    """Every minute: where facts changed; returns for how many organisations they had."""
    return refresh_stale(on=timezone.localdate())


@shared_task
def recount_stale_summaries() -> int:
    """Every minute: months whose items changed; returns for how many organisations."""
    return recount_stale()


@shared_task
def open_handovers() -> int:
    """Every hour: whoever leaves a post, known ahead or found out since; returns how many were opened."""
    return len(open_due_handovers(on=timezone.localdate()))


@shared_task
def end_stand_ins() -> int:
    """Every hour: leave that outlasts the post of the absent person; returns how many were ended."""
    return end_outlasting(on=timezone.localdate(), now=timezone.now())


@shared_task
def tell_digests() -> int:
    """Every few minutes: whoever has something to be told by now; returns how many messages were written."""
    return compose_digests(now=timezone.now())
