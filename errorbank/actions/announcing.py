"""Telling verifiers which rechecks wait for them."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from branches.actions.facts import mark_changed
from branches.models import Post
from errorbank.models import Recheck
from errorbank.notice_events import RECHECK_DUE, recheck_subject
from errorbank.queries.verifying import candidates, may_verify
from notices.actions.outbox import Letter, LineData, tell_all
from periods.labels import day_label


@transaction.atomic
def announce(rechecks: Sequence[Recheck], *, day: date) -> int:
    """Give each a verifier who may and has the fewest waiting, and tell each verifier once a day."""
    mine: dict[int, list[Recheck]] = {}
    for recheck in rechecks:
        verifier = recheck.verifier or next(
            (user for user in candidates(recheck, on=day) if not may_verify(recheck, user, on=day)), None
        )
        # Nobody may: the page of rechecks shows it as having no verifier.
        if verifier is not None and _given(recheck, verifier):
            mine.setdefault(verifier.pk, []).append(recheck)
    if mine:
        held = Post.objects.at(day).filter(Q(user__in=mine) | Q(member__user__in=mine))
        mark_changed(set(held.values_list("organisation", flat=True)))
    tell_all([_letter(found, day) for found in mine.values()], now=timezone.now())
    return sum(len(found) for found in mine.values())


def _given(recheck: Recheck, verifier: User) -> bool:
    """False when it was answered meanwhile."""
    waiting = Recheck.objects.waiting().filter(pk=recheck.pk, announced_at=None)
    recheck.verifier, recheck.verifier_name = verifier, verifier.name
    return bool(waiting.update(verifier=verifier, verifier_name=verifier.name, announced_at=timezone.now()))


def _letter(rechecks: Sequence[Recheck], day: date) -> Letter:
    verifier = rechecks[0].verifier
    assert verifier is not None  # noqa: S101 - only assigned ones are told
    title = f"有 {len(rechecks)} 项复查请您安排"
    return Letter(
        recipient=verifier,
        event=RECHECK_DUE,
        key=f"rechecks:{day.isoformat()}",
        title=title,
        outside_title=title,
        lines=tuple(_line(recheck, day) for recheck in rechecks),
        url=reverse("errorbank:recheck_list"),
    )


def _line(recheck: Recheck, day: date) -> LineData:
    by = f"{day_label(recheck.due_on, day)}前"
    place = recheck.finding.organisation.name
    return LineData(
        text=f"{place}：{recheck.finding.problem}（{by}）",
        outside_text=f"{place}：问题复查（{by}）",
        subject=recheck_subject(recheck.pk),
        url=reverse("errorbank:recheck_detail", args=[recheck.pk]),
    )
