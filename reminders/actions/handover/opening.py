"""Handovers open by themselves, follow what becomes known, and fall when their cause does."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation, Post
from branches.rules import HANDED_OVER_ROLES, Refusal
from reminders.actions.handover.ending import cancel
from reminders.actions.handover.granting import ensure_grant
from reminders.actions.handover.packing import pack
from reminders.actions.handover.people import attach, detach
from reminders.actions.handover.refusals import HandoverRefused, locked
from reminders.actions.handover.signing import give_items
from reminders.actions.handover.telling import tell_newcomer, tell_opened
from reminders.handover_rules import (
    DAY,
    OPENS_DAYS_AFTER,
    RUNNING_STATES,
    HandoverCause,
    HandoverState,
    KnownEnd,
    is_due,
)
from reminders.models import Handover, ReminderItem
from reminders.queries.handover.causes import PostEnd, post_end, post_ends
from reminders.queries.handover.people import account_of, others_in, with_holders

logger = logging.getLogger(__name__)
T = TypeVar("T")


def open_due_handovers(*, on: date) -> list[Handover]:
    """The hourly run: follow the running ones, open what is due, hand on what came late. Idempotent.

    Returns what was opened. What came due while the portal stood still is found by the next run.
    """
    running = list(Handover.objects.running().order_by("pk"))
    ends = {found.post.pk: found for found in post_ends(on=on)}
    others = others_in(running)
    for handover in running:
        # One that somebody ended in this very moment has no end here any more.
        if found := ends.get(handover.leaver_post_id):
            _alone(partial(_follow, handover, found, others[handover.pk], on=on), f"handover {handover.pk}")
    made = [
        _alone(partial(_open_due, found, on=on), f"post {found.post.pk}") for found in _due(ends.values(), on)
    ]
    _hand_on_late(on)
    return [handover for handover in made if handover is not None]


def _alone(work: Callable[[], T], name: str) -> T | None:
    """One that is refused keeps nobody else's handover waiting; it is asked again with the next run."""
    try:
        return work()
    except Refusal as refusal:
        logger.warning("Refused for %s: %s", name, refusal)
        return None


@transaction.atomic
def open_handover(post: Post, *, last_day: date, by: User, on: date) -> Handover:
    """Staff open one for any post. Raises HandoverRefused."""
    row = _held(post)
    if last_day < row.since:
        raise HandoverRefused(f"离任日期不能早于任职日期 {row.since:%Y-%m-%d}。")
    if row.until is not None and last_day > row.until:
        raise HandoverRefused(f"这个任职于 {row.until:%Y-%m-%d} 结束，离任日期不能更晚。")
    place = post_end(row, on=on).place
    if place is None:
        raise HandoverRefused(f"“{row.organisation.name}”已撤销，没有可以接收的支部。")
    if _standing(row):
        raise HandoverRefused(f"{row.holder_name}的这个任职已有一份工作交接，请直接办理。")
    end = KnownEnd(last_day, HandoverCause.OPENED_BY_STAFF)
    return _create(row, place, end, by=by, on=on)


def _due(ends: Iterable[PostEnd], on: date) -> list[PostEnd]:
    """Ends that are due and have no handover; two statements."""
    found = [e for e in ends if e.post.role in HANDED_OVER_ROLES and _is_due(e, on)]
    posts = [e.post.pk for e in found]
    standing = Handover.objects.exclude(state=HandoverState.CANCELLED).filter(leaver_post__in=posts)
    taken = set(standing.values_list("leaver_post", flat=True))
    refused = _taken_back(posts)
    return [
        e for e in found if e.post.pk not in taken and e.end and (e.post.pk, e.end.last_day) not in refused
    ]


def _is_due(found: PostEnd, on: date) -> bool:
    known = found.end is not None and is_due(found.end.last_day, on)
    return known and found.place is not None and not found.goes_on


def _taken_back(posts: Sequence[int]) -> set[tuple[int, date]]:
    """What staff cancelled stays so; what the portal cancelled opens again when its cause comes back."""
    rows = Handover.objects.filter(leaver_post__in=posts, state=HandoverState.CANCELLED)
    return set(rows.exclude(cancelled_by=None).values_list("leaver_post", "last_day"))


@transaction.atomic
def _open_due(found: PostEnd, *, on: date) -> Handover | None:
    row = _held(found.post)
    if found.end is None or found.place is None or _standing(row):
        return None
    return _create(row, found.place, found.end, by=None, on=on)


def _held(post: Post) -> Post:
    """The post, locked: of two who open at once the second finds the first one's handover.

    After its organisation, as where branches become one.
    """
    Organisation.objects.select_for_update().get(pk=post.organisation_id)
    rows = Post.objects.select_for_update(of=("self",)).select_related(*with_holders())
    return rows.get(pk=post.pk)


def _standing(post: Post) -> bool:
    return post.handovers_from.exclude(state=HandoverState.CANCELLED).exists()


def _create(post: Post, place: Organisation, end: KnownEnd, *, by: User | None, on: date) -> Handover:
    now = timezone.now()
    made = Handover.objects.create(
        organisation=place,
        role=post.role,
        cause=end.cause,
        last_day=end.last_day,
        leaver_post=post,
        leaver=account_of(post),
        leaver_name=post.holder_name,
        opened_on=on,
        opened_by=by,
    )
    detail = {"post": post.pk, "cause": str(end.cause), "last_day": end.last_day}
    audit.record("reminders.handover_opened", by=by, target=made, detail=detail)
    row = locked(made)
    attach(row, others_in([row])[row.pk], on=on)
    ensure_grant(row, on=on)
    pack(row, on=on, now=now)
    tell_opened(row, on=on, now=now)
    return row


@transaction.atomic
def _follow(handover: Handover, found: PostEnd, others: Iterable[Post], *, on: date) -> None:
    """Bring a running handover in line with what is known today."""
    row, now = locked(handover), timezone.now()
    if row.state not in RUNNING_STATES:
        return
    if reason := _fallen(row, found, on):
        cancel(row, reason=reason, by=None, on=on, now=now)
        return
    _follow_end(row, found)
    _follow_people(row, others, on=on, now=now)
    ensure_grant(row, on=on)
    pack(row, on=on, now=now)


def _fallen(row: Handover, found: PostEnd, on: date) -> str:
    """Why the handover is no longer needed; empty while it is."""
    if found.place is None:
        return f"“{row.organisation.name}”已撤销，没有接续的支部。"
    if row.cause == HandoverCause.OPENED_BY_STAFF:
        return ""
    if found.end is None:
        return f"原定的变动已更正，{row.leaver_name}继续在任。"
    if found.goes_on:
        return f"{row.leaver_name}继续担任“{row.get_role_display()}”。"
    if found.end.last_day > row.last_day and not is_due(found.end.last_day, on):
        return f"离任日期已改为 {found.end.last_day:%Y-%m-%d}，临近时会重新开始交接。"
    return ""


def _follow_end(row: Handover, found: PostEnd) -> None:
    """Another last day, or the joint branch in which the work goes on."""
    staffs = row.cause == HandoverCause.OPENED_BY_STAFF
    last_day = found.post.until if staffs else found.end.last_day if found.end else None
    before = row.last_day, row.organisation_id
    row.last_day = last_day or row.last_day
    row.organisation = found.place or row.organisation
    if before != (row.last_day, row.organisation_id):
        row.save(update_fields=["last_day", "organisation"])
        detail = {"last_day": row.last_day, "organisation": row.organisation_id}
        audit.record("reminders.handover_moved", by=None, target=row, detail=detail)


def _follow_people(row: Handover, others: Iterable[Post], *, on: date, now: datetime) -> None:
    """Accounts opened since, a newcomer who left again, a newcomer who came."""
    leaver = account_of(row.leaver_post)
    newcomer = account_of(row.newcomer_post) if row.newcomer_post else None
    if (row.leaver_id, row.newcomer_id) != (_key(leaver), _key(newcomer)):
        row.leaver, row.newcomer = leaver, newcomer
        row.save(update_fields=["leaver", "newcomer"])
    if row.signatures.exists():
        return
    if row.newcomer_post is not None and _is_over(row.newcomer_post, on):
        detach(row)
    if row.newcomer_post is None:
        attach(row, others, on=on)
    tell_newcomer(row, on=on, now=now)


def _key(user: User | None) -> int | None:
    return user.pk if user else None


def _is_over(post: Post, on: date) -> bool:
    return post.until is not None and post.until < on


def _hand_on_late(on: date) -> None:
    """Items that came to a leaver's post after it was signed over, until its last day."""
    late = ReminderItem.objects.unsettled().filter(
        organisation=OuterRef("organisation"), responsible_post=OuterRef("leaver_post")
    )
    recent = Handover.objects.filter(state=HandoverState.SIGNED, last_day__gte=on - DAY * OPENS_DAYS_AFTER)
    for handover in recent.filter(Exists(late)).order_by("pk"):
        _alone(partial(_hand_on, handover, on), f"handover {handover.pk}")


@transaction.atomic
def _hand_on(handover: Handover, on: date) -> None:
    row = locked(handover)
    if row.newcomer_post is not None and not _is_over(row.newcomer_post, on):
        give_items(row, row.newcomer_post)
