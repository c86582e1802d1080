"""Celery shell of the nightly backup; the name is fixed in partyaffairs/schedule.py."""

from celery import shared_task
from django.utils import timezone

from backups.actions import make_nightly


@shared_task
def make_nightly_backup() -> str:
    """Every hour: last night's backup, when it is not there yet; returns its name."""
    made = make_nightly(now=timezone.localtime())
    return made.file.name if made else ""
