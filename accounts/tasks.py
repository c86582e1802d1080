from celery import shared_task
from django.utils import timezone

from accounts import actions


@shared_task
def forget_old_sign_ins() -> int:
    return actions.forget_sign_ins(now=timezone.now())
