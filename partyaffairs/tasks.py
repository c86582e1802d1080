"""Celery shells: one runs what the timetable says and keeps its marks, one makes up what was missed."""

from celery import shared_task
from django.utils import timezone

from partyaffairs import actions


@shared_task(name="partyaffairs.tasks.run_entry")
def run_entry(name: str) -> None:
    actions.run_entry(name, now=timezone.now())


@shared_task(name="partyaffairs.tasks.reconcile")
def reconcile() -> int:
    """Every five minutes; returns how many periods were made up."""
    return actions.reconcile(now=timezone.now()).made_up
