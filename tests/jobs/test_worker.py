"""Jobs through the real queue: a lost message is sent again, and the worker takes the row."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.models import FORGOTTEN_AFTER, Job, JobState
from jobs.tasks import sweep_jobs
from ledgers.actions import EXPORT_JOB
from tests.factories.branches import make_user
from tests.services import WorkerProcess, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db(transaction=True)]


def forgotten_job() -> Job:
    """A job whose message was lost; its ledger is known to no worker, which the worker will say."""
    parameters = {"ledger": "gone", "title": "台账", "query": "", "sort": ""}
    job = Job.objects.create(kind=EXPORT_JOB, owner=make_user(), parameters=parameters)
    Job.objects.update(created=timezone.now() - FORGOTTEN_AFTER - timedelta(seconds=1))
    return job


def test_a_lost_message_is_sent_again_and_worked_on(celery_worker_process: WorkerProcess) -> None:
    job = forgotten_job()
    sweep_jobs.delay()
    wait_until(lambda: Job.objects.get(pk=job.pk).state == JobState.FAILED)
    job.refresh_from_db()
    assert (job.error, job.attempt) == ("没有名为“gone”的台账。", 1)
