"""Celery shells of the dashboards; names are fixed in partyaffairs/schedule.py."""

from celery import shared_task
from django.utils import timezone

from dashboards.actions.briefs import prepare_due


@shared_task
def prepare_briefs() -> int:
    """Daily: briefs of the last month, and of missed ones; returns how many were prepared."""
    return prepare_due(on=timezone.localdate(), now=timezone.now())
