"""One's own practice: what was answered, and forgetting all of it. Nothing of it is written anywhere else."""

from datetime import date

from django.db import transaction

from accounts.models import User
from branches.rules import Refusal
from errorbank.models import ErrorEntry, PracticeCard
from errorbank.rules.practice import A_WEEK, Remembered, reviewed
from periods.labels import week_bounds


class PracticeRefused(Refusal):
    """Answered before, or enough for this week."""


@transaction.atomic
def rate_entry(user: User, entry: ErrorEntry, *, remembered: Remembered, on: date) -> PracticeCard:
    """How well it was remembered decides when it comes again. Raises PracticeRefused."""
    # The person's row: two clicks at once come one after the other.
    User.objects.select_for_update().get(pk=user.pk)
    monday, _ = week_bounds(on)
    seen = PracticeCard.objects.filter(user=user, seen_on__gte=monday)
    if seen.filter(entry=entry).exists():
        raise PracticeRefused("这一题本周已经练过，没有重复记。")
    if seen.count() >= A_WEEK:
        raise PracticeRefused("本周五题已经练完，下周再来。")
    card = PracticeCard.objects.filter(user=user, entry=entry).first() or PracticeCard(user=user, entry=entry)
    card.memory, card.due_on = reviewed(card.memory, remembered, number=entry.pk, on=on)
    card.seen_on = on
    card.save()
    return card


@transaction.atomic
def forget_practice(user: User) -> int:
    """Delete everything the practice remembers of this person."""
    deleted, _ = PracticeCard.objects.filter(user=user).delete()
    return deleted
