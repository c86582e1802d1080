"""What the month list says of a handover to those who take part in it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from branches.models import Organisation
from reminders.handover_rules import FIRST_WEEK_SHOWN_DAYS, RUNNING_STATES, HandoverState
from reminders.models import Handover, HandoverSignature
from reminders.queries.handover.people import TO_BE_FOUND, handover_url


@dataclass(frozen=True)
class HandoverBanner:
    words: str
    link: str
    url: str


def handover_banners(user: User, organisation: Organisation, *, on: date) -> list[HandoverBanner]:
    """For the two who hand over, on every list they open, and for a newcomer's first days on the list
    that was taken over; one statement."""
    signed = HandoverSignature.objects.filter(handover=OuterRef("pk"), user=user.pk)
    rows = concerning(user, on=on).exclude(~Q(organisation=organisation), state=HandoverState.SIGNED)
    found = rows.select_related("organisation").annotate(has_signed=Exists(signed)).order_by("-pk")
    return [_banner(row, user, organisation) for row in found if _is_shown(row, on)]


def concerning(user: User, *, on: date) -> QuerySet[Handover]:
    """Running ones in which this person takes part, and signed ones they took over."""
    newcomer = Q(newcomer=user.pk, newcomer_post__since__lte=on)
    running = Q(state__in=sorted(RUNNING_STATES)) & (Q(leaver=user.pk) | newcomer)
    return Handover.objects.filter(running | Q(state=HandoverState.SIGNED) & newcomer)


def _is_shown(row: Handover, on: date) -> bool:
    if row.changed_hands_at is None:
        return True
    begun = timezone.make_naive(row.changed_hands_at).date()
    return begun <= on <= begun + timedelta(days=FIRST_WEEK_SHOWN_DAYS)


def _banner(row: Handover, user: User, shown: Organisation) -> HandoverBanner:
    url = handover_url(row.pk)
    if row.state == HandoverState.SIGNED:
        return HandoverBanner("您刚接手这里的工作，先办什么已经列好。", "第一周清单", f"{url}#first-week")
    place = "" if row.organisation_id == shown.pk else f"{row.organisation.name}"
    people = f"{row.leaver_name} → {row.newcomer_name or TO_BE_FOUND}"
    return HandoverBanner(f"{place}工作交接进行中：{people}{_asked(row, user)}", "打开交接清单", url)


def _asked(row: Handover, user: User) -> str:
    """What waits for this reader, if anything."""
    is_leaver = row.leaver_id == user.pk
    match row.state:
        case HandoverState.OPEN if is_leaver:
            return "，等您核对"
        case HandoverState.CHECKED if not is_leaver:
            return "，等您逐条确认"
        case HandoverState.CONFIRMED if not vars(row)["has_signed"]:
            return "，等您签字"
    return ""
