"""A proposal for many branches: worked out in the background, with progress, kept as a file for a day."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction

from accounts.models import User
from branches.models import Organisation
from branches.planning.facts import Preferences
from branches.planning.plan import ALTERNATIVES
from branches.queries.joint import report_of, scene_of
from jobs.actions import JobCancelledError, enqueue, fail, finish, progress, stop
from jobs.models import Job, JobState

JOB = "branches.tasks.plan_joint_branches"
FILE = "joint.json"
GONE = "范围内的组织已经变动，请回到联合党支部页重新测算。"


@transaction.atomic
def request_proposal(
    organisation: Organisation,
    *,
    on: date,
    chosen: list[str],
    preferences: Preferences,
    query: str,
    by: User,
) -> Job:
    """Put the proposal into the queue; one that waits already serves again."""
    User.objects.select_for_update().get(pk=by.pk)  # a second click waits and finds the first job
    parameters = {
        "organisation": organisation.pk,
        "as_of": f"{on:%Y-%m-%d}",
        "chosen": chosen,
        "preferences": asdict(preferences),
        "query": query,
    }
    waiting = Job.objects.owned_by(by).open().filter(kind=JOB, parameters=parameters).first()
    return waiting or enqueue(JOB, owner=by, parameters=parameters, total=ALTERNATIVES)


def run_proposal(job: Job) -> None:
    """Do a claimed job. Every outcome but a lost row is written to it. Raises JobLostError."""
    given = job.parameters
    organisation = Organisation.objects.filter(pk=given["organisation"]).first()
    if organisation is None:
        return fail(job, GONE)
    try:
        scene = scene_of(
            organisation,
            on=date.fromisoformat(given["as_of"]),
            chosen=given["chosen"],
            preferences=Preferences(**given["preferences"]),
        )
        report = report_of(scene, tick=lambda done: progress(job, done))
        finish(job, json.dumps(report, ensure_ascii=False).encode(), file_name=FILE)
    except JobCancelledError:
        stop(job)
    return None


def kept_report(job: Job, query: str) -> Mapping[str, Any] | None:
    """What a finished job found for exactly this question; None when it is not there any more."""
    if job.state != JobState.DONE or not job.result or job.parameters["query"] != query:
        return None
    with job.result.open("rb") as file:
        found: Mapping[str, Any] = json.load(file)
    return found
