"""Telling people of their months of a rotation, and of what has changed; nobody is told of their own act."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notices.actions.outbox import Letter, LineData, tell_all
from training.actions.rotation_turns import open_turns
from training.models import RotationPlan
from training.notice_events import ROTATION_TURN

# Person to month to the names of the branches.
Told = Mapping[int, Mapping[int, str]]


def told_now(plan: RotationPlan, *, on: date) -> Told:
    """What those who go know today; nothing before the plan is published. Two statements."""
    if not plan.is_published:
        return {}
    return _standing(plan, on=on)


def _standing(plan: RotationPlan, *, on: date) -> Told:
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for slot in open_turns(plan, on=on).prefetch_related("visits__organisation").order_by("month"):
        names = sorted(visit.organisation.name for visit in slot.visits.all())
        found[slot.user_id][slot.month] = "、".join(names)
    return found


def tell_turns(plan: RotationPlan, before: Told, *, by: User, on: date) -> None:
    """One letter for each person whose months or branches differ from `before`."""
    now = _standing(plan, on=on)
    url = reverse("training:rotation_detail", args=[plan.pk])
    people = User.objects.filter(pk__in={*now, *before} - {by.pk}, is_active=True).order_by("pk")

    def letters() -> Iterator[Letter]:
        for user in people:
            lines = _changes(before.get(user.pk, {}), now.get(user.pk, {}))
            if lines:
                yield Letter(
                    recipient=user,
                    event=ROTATION_TURN,
                    key=f"rotation:{plan.pk}:{plan.revision}",
                    title=f"{plan.year} 年轮训{'有变动' if before.get(user.pk) else '安排'}",
                    outside_title="轮训安排",
                    lines=tuple(LineData(text=line, outside_text=short, url=url) for line, short in lines),
                    url=url,
                    organisation=plan.organisation,
                )

    tell_all(letters(), now=timezone.now())


def _changes(before: Mapping[int, str], now: Mapping[int, str]) -> list[tuple[str, str]]:
    """Lines for the portal and for outside, by month."""
    lines = []
    for month in sorted({*before, *now}):
        if month not in now:
            lines.append((f"{month} 月不用去了，已改由他人。", f"{month} 月有变动"))
        elif now[month] != before.get(month):
            lines.append((f"{month} 月请到：{now[month]}。", f"{month} 月轮训"))
    return lines
