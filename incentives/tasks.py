"""Celery shells of incentives."""

from celery import shared_task
from django.utils import timezone

from incentives.actions.contributions import pull_entries


@shared_task
def pull_contributions() -> int:
    return pull_entries(on=timezone.localdate(), now=timezone.now()).new
