"""Telling verifiers which rechecks wait for them."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from branches.actions.facts import mark_changed
from branches.models import Post
from errorbank.models import Finding, Recheck
from errorbank.notice_events import RECHECK_DUE, recheck_subject
from errorbank.queries.verifying import Askers, askers_for
from notices.actions.outbox import Letter, LineData, tell_all
from periods.labels import day_label

BATCH = 500
_GIVEN = ("verifier", "verifier_name", "announced_at")


@transaction.atomic
def announce(rechecks: Sequence[Recheck], *, day: date) -> int:
    """Give each a verifier who may and has the fewest waiting, and tell each verifier once a day.

    Who was asked before and still may keeps it; whoever lost the post, or may not any more, gives it up.
    """
    _lock(rechecks)
    asked = askers_for(rechecks, on=day)
    changed = list(_changed(rechecks, asked))
    Recheck.objects.bulk_update(changed, _GIVEN, batch_size=BATCH)
    given: dict[int, list[Recheck]] = {}
    for recheck in changed:
        if recheck.verifier is not None:
            given.setdefault(recheck.verifier.pk, []).append(recheck)
    _mark(asked.touched, day)
    tell_all([_letter(found, f"rechecks:{day}", day) for found in given.values()], now=timezone.now())
    return sum(len(found) for found in given.values())


def tell_given(recheck: Recheck, *, on: date) -> None:
    """A person gave it to another after it had been announced. Call it with the recheck locked."""
    tell_all([_letter([recheck], f"recheck:{recheck.pk}", on)], now=timezone.now())


def _lock(rechecks: Sequence[Recheck]) -> None:
    """Findings before rechecks before branches, as everywhere."""
    keys = {recheck.finding_id for recheck in rechecks}
    rows = Finding.objects.select_for_update(of=("self",)).filter(pk__in=keys)
    list(rows.order_by("pk").values_list("pk", flat=True))


def _changed(rechecks: Sequence[Recheck], asked: Askers) -> Iterator[Recheck]:
    """Those that go to somebody, or to nobody any more, with it written into them."""
    waiting = Recheck.objects.waiting().filter(pk__in=[recheck.pk for recheck in rechecks])
    standing = dict(waiting.values_list("pk", "verifier"))
    for recheck in rechecks:
        before, user = recheck.verifier_id, _verifier(recheck, asked)
        # Answered or handed on meanwhile.
        if recheck.pk not in standing or standing[recheck.pk] != before:
            continue
        after = user.pk if user else None
        if before == after and (after is None or recheck.announced_at):
            continue
        asked.hand_over(before, after)
        recheck.verifier, recheck.verifier_name = user, user.name if user else ""
        # What nobody may look at stays as it is announced: no sample leaves it out any more.
        recheck.announced_at = timezone.now() if user else recheck.announced_at
        yield recheck


def _verifier(recheck: Recheck, asked: Askers) -> User | None:
    """None while nobody may: the page of rechecks shows it as having no verifier."""
    if recheck.verifier is not None and recheck.verifier.pk in asked.askable(recheck):
        return recheck.verifier
    return next(iter(asked.staff_for(recheck)), None)


def _mark(users: Collection[int], day: date) -> None:
    if users:
        held = Post.objects.at(day).filter(Q(user__in=users) | Q(member__user__in=users))
        mark_changed(set(held.values_list("organisation", flat=True)))


def _letter(rechecks: Sequence[Recheck], key: str, day: date) -> Letter:
    verifier = rechecks[0].verifier
    assert verifier is not None  # noqa: S101 - only assigned ones are told
    title = f"有 {len(rechecks)} 项复查请您安排"
    return Letter(
        recipient=verifier,
        event=RECHECK_DUE,
        key=key,
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
