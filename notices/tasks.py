"""Celery shells; names are fixed in partyaffairs/schedule.py."""

from celery import shared_task
from django.utils import timezone

from notices.actions.delivery import deliver_due
from notices.actions.inbox import forget_old_messages


@shared_task
def deliver_notices() -> int:
    """Every minute, in as many workers as there are; returns how many messages left."""
    return deliver_due().sent


@shared_task
def forget_messages() -> int:
    return forget_old_messages(now=timezone.now())
