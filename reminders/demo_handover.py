"""Two handovers of the demo: one signed some weeks ago, one in which the newcomer is just confirming."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import User
from branches.actions.posts import end_post, give_post
from branches.demo import DemoTree
from branches.models import Member, Membership, Organisation, Post
from branches.rules import MemberStatus, Role
from notices.models import Message
from reminders.actions.handover import (
    check_handover,
    choose_mentor,
    choose_newcomer,
    confirm_lines,
    note_line,
    open_due_handovers,
    open_handover,
    sign_handover,
)
from reminders.handover_rules import Capacity, LineState, Part
from reminders.models import Handover
from reminders.notice_events import handover_subject
from reminders.queries.handover import mentor_suggestions

PAST, RUNNING, NEIGHBOUR = "BR12", "BR05", "BR04"
SIGNED_AGO, LEFT_AGO, CAME_AGO, LEAVES_IN = 36, 40, 2, 20
ABSENT = "已调往外地工作，本人不能到场"
NOTES = ("往年的材料放在支部活动室文件柜里，钥匙在书记处。", "收购期大家白天忙，一般安排在晚上。")
CONFIRMED, QUESTION = 4, "去年的登记表还有电子版吗？"


@dataclass(frozen=True)
class Moments:
    """A day of the demo and a time on it."""

    on: date

    @property
    def at(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.on, time(16, 20)))


def load(tree: DemoTree) -> None:
    """After the history was lived, so that there is something to hand over."""
    _past(tree)
    _running(tree)


def _past(tree: DemoTree) -> None:
    """A second worker of the branch left; staff checked and signed for them, who has no account."""
    branch, worker = tree.branches[PAST], tree.workers[PAST]
    done = Moments(tree.as_of - timedelta(days=SIGNED_AGO))
    post = give_post(
        branch,
        role=Role.WORKER,
        member=_somebody_else(branch),
        since=date(tree.as_of.year - 1, 1, 1),
        until=tree.as_of - timedelta(days=LEFT_AGO),
        by=tree.staff,
    )
    handover = open_handover(post, last_day=post.until or done.on, by=tree.staff, on=done.on)
    successor = _post_of(branch, worker)
    if handover.newcomer_post_id != successor.pk:
        choose_newcomer(handover, post=successor, by=tree.staff, on=done.on)
    check_handover(handover, by=tree.staff, on=done.on, absence_reason=ABSENT)
    confirm_lines(handover, confirmed=_lines(handover), questions={}, by=worker, on=done.on)
    _sign(handover, Capacity.LEAVER, tree.staff, done, absence_reason=ABSENT)
    _sign(handover, Capacity.NEWCOMER, worker, done)
    _sign(handover, Capacity.WITNESS, tree.staff, done)
    _as_of(handover, done.at)


def _sign(
    handover: Handover, capacity: Capacity, by: User, when: Moments, *, absence_reason: str = ""
) -> None:
    sign_handover(handover, capacity=capacity, by=by, on=when.on, now=when.at, absence_reason=absence_reason)


def _running(tree: DemoTree) -> None:
    """The worker leaves in some weeks; the neighbour, already there, has begun to confirm."""
    branch, leaver, newcomer = tree.branches[RUNNING], tree.workers[RUNNING], tree.workers[NEIGHBOUR]
    today = tree.as_of
    member = Member.objects.get(user=newcomer)
    since = today - timedelta(days=CAME_AGO)
    give_post(branch, role=Role.WORKER, member=member, since=since, by=tree.staff)
    end_post(_post_of(branch, leaver), on=today + timedelta(days=LEAVES_IN), by=tree.staff)
    open_due_handovers(on=today)
    handover = Handover.objects.get(organisation=branch, leaver=leaver)
    first = handover.lines.filter(part__in=[Part.OPEN_ITEMS, Part.AHEAD]).order_by("position")
    for line, note in zip(first, NOTES, strict=False):
        note_line(line, note=note, by=leaver)
    check_handover(handover, by=leaver, on=today)
    lines = _lines(handover)
    confirm_lines(
        handover,
        confirmed=lines[1 : CONFIRMED + 1],
        questions=dict.fromkeys(lines[:1], QUESTION),
        by=newcomer,
        on=today,
    )
    for suggestion in mentor_suggestions(handover, on=today)[:1]:
        mentor = Post.objects.get(pk=suggestion.post)
        choose_mentor(handover, post=mentor, by=tree.staff, on=today)


def _lines(handover: Handover) -> list[int]:
    current = handover.lines.filter(state=LineState.CURRENT).order_by("position")
    return list(current.values_list("pk", flat=True))


def _post_of(branch: Organisation, user: User) -> Post:
    return branch.posts.get(role=Role.WORKER, member__user=user)


def _somebody_else(branch: Organisation) -> Member:
    """A full member of the branch without an account: no office, no demo sign-in."""
    full = Membership.objects.filter(organisation=branch, status=MemberStatus.FULL, until=None)
    return full.filter(member__user=None).select_related("member").order_by("member__code")[0].member


def _as_of(handover: Handover, moment: datetime) -> None:
    """It happened in its own time, not when the demo is loaded."""
    Handover.objects.filter(pk=handover.pk).update(packed_at=moment, checked_at=moment, confirmed_at=moment)
    handover.lines.exclude(confirmed_at=None).update(confirmed_at=moment)
    told = Message.objects.filter(key__startswith=f"{handover_subject(handover.pk)}:")
    told.update(made_at=moment, read_at=moment)
