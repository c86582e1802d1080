"""What the month list says of a handover to those who take part in it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from branches.models import Organisation
from reminders.handover_rules import FIRST_WEEK_SHOWN_DAYS, RUNNING_STATES, HandoverState
from reminders.models import Handover
from reminders.queries.handover.people import TO_BE_FOUND, handover_url


@dataclass(frozen=True)
class HandoverBanner:
    words: str
    link: str
    url: str


def handover_banners(user: User, organisation: Organisation, *, on: date) -> list[HandoverBanner]:
    """For the two who hand over and for a newcomer's first days; one statement."""
    newcomer = Q(newcomer=user.pk, newcomer_post__since__lte=on)
    running = Q(state__in=sorted(RUNNING_STATES)) & (Q(leaver=user.pk) | newcomer)
    first_days = Q(state=HandoverState.SIGNED, changed_hands_at__isnull=False) & newcomer
    rows = Handover.objects.filter(running | first_days, organisation=organisation).order_by("-pk")
    return [_banner(row) for row in rows if _is_shown(row, on)]


def _is_shown(row: Handover, on: date) -> bool:
    if row.changed_hands_at is None:
        return True
    begun = timezone.make_naive(row.changed_hands_at).date()
    return begun <= on <= begun + timedelta(days=FIRST_WEEK_SHOWN_DAYS)


def _banner(row: Handover) -> HandoverBanner:
    url = handover_url(row.pk)
    if row.state == HandoverState.SIGNED:
        return HandoverBanner("您刚接手这里的工作，先办什么已经列好。", "第一周清单", f"{url}#first-week")
    people = f"{row.leaver_name} → {row.newcomer_name or TO_BE_FOUND}"
    return HandoverBanner(f"工作交接进行中：{people}", "打开交接清单", url)
