"""Shell around the export of long ledgers."""

from celery import shared_task
from django.utils import timezone

from jobs.actions import claim
from ledgers import actions


@shared_task(name=actions.EXPORT_JOB)
def render_ledger_job(pk: str) -> None:
    if job := claim(pk):
        actions.render_job(job, on=timezone.localdate(), as_of=timezone.now())
