"""Shells for the worker."""

from celery import current_app, shared_task
from django.utils import timezone

from jobs import actions
from jobs.models import Job


@shared_task(name="jobs.tasks.sweep_jobs")
def sweep_jobs() -> None:
    """Close what died, throw away old results, and send queued jobs whose message was lost."""
    now = timezone.now()
    actions.sweep_stale(now=now)
    actions.expire_results(now=now)
    actions.drop_leftovers(now=now)
    for job in Job.objects.forgotten(now=now):
        current_app.send_task(job.kind, [str(job.pk)])
