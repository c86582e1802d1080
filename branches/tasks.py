from celery import shared_task
from django.utils import timezone

from branches.actions import posts


@shared_task
def end_sessions_without_post() -> int:
    return posts.end_sessions_without_post(on=timezone.localdate())
