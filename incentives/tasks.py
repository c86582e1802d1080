"""Celery shells of incentives."""

from celery import shared_task
from django.utils import timezone

from incentives.actions.contributions import pull_entries
from incentives.actions.level_years import remind_term_ends
from incentives.actions.public_notices import settle_notices


@shared_task
def pull_contributions() -> int:
    return pull_entries(on=timezone.localdate(), now=timezone.now()).new


@shared_task
def settle_public_notices() -> int:
    return settle_notices(timezone.localdate())


@shared_task
def remind_level_terms() -> int:
    return remind_term_ends(on=timezone.localdate(), now=timezone.now())
