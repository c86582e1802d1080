"""Shell around the export of long ledgers."""

from celery import shared_task
from django.utils import timezone

from jobs.actions import claim
from ledgers import actions
from ledgers.archive.actions import ARCHIVE_JOB, make_archive
from ledgers.exports.actions import forget_rows


@shared_task(name=actions.EXPORT_JOB)
def render_ledger_job(pk: str) -> None:
    if job := claim(pk):
        actions.render_job(job, on=timezone.localdate(), as_of=timezone.now())


@shared_task(name=ARCHIVE_JOB)
def make_archive_job(pk: str) -> None:
    if job := claim(pk):
        make_archive(job, on=timezone.localdate(), clock=timezone.now)


@shared_task
def forget_exported_rows() -> None:
    """Let go of the rows of old exports."""
    forget_rows(now=timezone.now())


# What a queued job is sent to.
TASKS = {actions.EXPORT_JOB: render_ledger_job, ARCHIVE_JOB: make_archive_job}
