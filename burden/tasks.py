"""Periodic work of burden reduction. Nothing here names a letter or an answer, or says how many came."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from burden.actions.box_recipients import retire
from burden.actions.survey_answers import beat_ballots
from burden.box.actions import beat, tick

TICK_AT = timedelta(hours=2, minutes=40)


@shared_task
def survey_beat() -> None:
    """Rewrite the box of the running survey, so that its times say nothing."""
    beat_ballots()


@shared_task
def box_tick() -> None:
    """The daily tick of the anonymous channel; who receives no more loses the key first."""
    retire(on=timezone.localdate())
    tick((timezone.localtime() - TICK_AT).date())


@shared_task
def box_beat() -> None:
    """Rewrite the spool, and make up a tick that was missed while the machine was off."""
    beat()
    retire(on=timezone.localdate())
    tick((timezone.localtime() - TICK_AT).date())
