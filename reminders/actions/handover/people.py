"""Who takes over and who walks beside: attached by the portal where it is plain, else chosen by staff."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import actions as audit
from branches.models import Post
from reminders.actions.handover.packing import pack
from reminders.actions.handover.refusals import HandoverRefused, refuse_signed, running
from reminders.actions.handover.telling import tell_newcomer
from reminders.handover_rules import HandoverState, newcomer
from reminders.models import Handover
from reminders.queries.handover.mentors import mentor_posts
from reminders.queries.handover.people import account_of, newcomer_posts, person_of, standing_of


def attach(row: Handover, others: Iterable[Post], *, on: date) -> bool:
    """Set the one person who plainly takes over; whether anything changed. The row is locked."""
    posts = {post.pk: post for post in others if post.until is None or post.until >= on}
    leaver = person_of(row.leaver_post)
    found = newcomer(map(standing_of, posts.values()), leaver=leaver, last_day=row.last_day)
    if found is None:
        return False
    _set_newcomer(row, posts[found.post])
    audit.record("reminders.handover_newcomer", by=None, target=row, detail={"post": found.post})
    return True


def detach(row: Handover) -> None:
    """Whoever was to take over has left that post; what was confirmed has to be confirmed anew."""
    left = row.newcomer_post_id
    _set_newcomer(row, None)
    audit.record("reminders.handover_newcomer_gone", by=None, target=row, detail={"post": left})


@transaction.atomic
def choose_newcomer(handover: Handover, *, post: Post, by: User, on: date) -> Handover:
    """Staff say who takes over. Raises HandoverRefused."""
    row = running(handover)
    refuse_signed(row)
    if row.newcomer_post_id == post.pk:
        raise HandoverRefused(f"接收人已经是{post.holder_name}。")
    chosen = next((one for one in newcomer_posts(row, on=on) if one.pk == post.pk), None)
    if chosen is None:
        raise HandoverRefused("请从本支部担任同一职务的其他同志中选择接收人。")
    _set_newcomer(row, chosen)
    audit.record("reminders.handover_newcomer", by=by, target=row, detail={"post": chosen.pk})
    now = timezone.now()
    pack(row, on=on, now=now)
    tell_newcomer(row, on=on, now=now)
    handover.refresh_from_db()
    return row


@transaction.atomic
def choose_mentor(handover: Handover, *, post: Post, by: User, on: date) -> Handover:
    """Staff ask a colleague of another branch to walk beside the newcomer. Raises HandoverRefused."""
    row = running(handover)
    chosen = next((one for one in mentor_posts(row, on=on) if one.pk == post.pk), None)
    if chosen is None:
        raise HandoverRefused("请在同一党总支的其他支部里选择任职满一年的党务工作者。")
    row.mentor, row.mentor_name = chosen, chosen.holder_name
    row.save(update_fields=["mentor", "mentor_name"])
    audit.record("reminders.handover_mentor", by=by, target=row, detail={"post": chosen.pk})
    handover.refresh_from_db()
    return row


def _set_newcomer(row: Handover, post: Post | None) -> None:
    """Another newcomer confirms everything anew."""
    row.newcomer_post, row.newcomer = post, account_of(post) if post else None
    row.newcomer_name = post.holder_name if post else ""
    if row.state == HandoverState.CONFIRMED:
        row.state, row.confirmed_at = HandoverState.CHECKED, None
    row.save(update_fields=["newcomer_post", "newcomer", "newcomer_name", "state", "confirmed_at"])
    row.lines.update(confirmed_at=None, question="")
