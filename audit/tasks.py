"""Shell around the sealer for the worker."""

from celery import shared_task

from audit import actions


@shared_task(name="audit.tasks.seal_events")
def seal_events() -> int:
    return actions.seal_events()
