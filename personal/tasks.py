"""Celery shells; names are fixed in partyaffairs/schedule.py."""

from celery import shared_task
from django.utils import timezone

from personal.actions import leavers


@shared_task
def forget_leavers() -> int:
    """Nightly: erase who left long ago; a missed night is made up by the next."""
    return len(leavers.erase_leavers(on=timezone.localdate()))


@shared_task
def forget_tries() -> int:
    return leavers.forget_tries(now=timezone.now())
