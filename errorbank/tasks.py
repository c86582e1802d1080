"""Celery shells of the error bank."""

from celery import shared_task
from django.utils import timezone

from errorbank.actions.proposals import notice_all
from errorbank.actions.schedule import schedule_rechecks


@shared_task
def schedule_due_rechecks() -> int:
    return schedule_rechecks(on=timezone.localdate()).days


@shared_task
def notice_proposals() -> int:
    return notice_all(on=timezone.localdate()).new
