"""Celery shells of training."""

from celery import shared_task
from django.utils import timezone

from training.actions.duties import drop_past, settle_past
from training.actions.mentors import forget_helps
from training.actions.rotation import close_doors_of_leavers
from training.rules.duties import DutyKind


@shared_task
def settle_past_sessions() -> int:
    """A session whose day is over asks nothing more of the branches; attendance is the organiser's matter."""
    return settle_past(DutyKind.SESSION, on=timezone.localdate())


@shared_task
def close_doors_of_rotation_leavers() -> int:
    """Who left the branches in a rotation month looks into them no longer; a month gone asks nothing."""
    drop_past(DutyKind.ROTATION, on=timezone.localdate())
    return close_doors_of_leavers(on=timezone.localdate())


@shared_task
def forget_closed_helps() -> int:
    """Who asked for help is kept no longer than the count of topics needs it."""
    return forget_helps(on=timezone.localdate())
