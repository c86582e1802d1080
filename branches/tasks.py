from celery import shared_task
from django.utils import timezone

from branches.actions import joint_job, posts
from branches.actions.roster import imports
from jobs.actions import claim


@shared_task
def end_sessions_without_post() -> int:
    return posts.end_sessions_without_post(on=timezone.localdate())


@shared_task(name=imports.PREVIEW_JOB)
def preview_roster(pk: str) -> None:
    if job := claim(pk):
        imports.preview_import(job, on=timezone.localdate())


@shared_task
def forget_old_rosters() -> int:
    return imports.forget_old_imports(now=timezone.now())


@shared_task(name=joint_job.JOB)
def plan_joint_branches(pk: str) -> None:
    if job := claim(pk):
        joint_job.run_proposal(job)
