"""Leave: somebody does another one's work for some days, with the right for those days alone.

Why somebody is away is never asked.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from audit import actions as audit
from branches.actions.grants import end_grant, grant_access, move_grant_end
from branches.models import Organisation, Post
from branches.roles import roles_with
from branches.rules import GrantKind, Refusal
from notices.actions.outbox import Letter, LineData, tell_all, withdraw
from reminders.models import StandIn
from reminders.notice_events import STAND_IN_BEGINS, stand_in_subject
from reminders.queries.keepers import PERMISSION as KEEPS
from reminders.queries.stand_ins import candidates
from reminders.stand_in_rules import days_trouble, end_trouble, leave_days

REASON = "请假代办"


class StandInRefused(Refusal):
    """Leave cannot be arranged or changed like this; str() is the sentence for the reader."""


@transaction.atomic
def arrange_stand_in(
    post: Post, *, deputy: User, since: date, until: date, by: User, on: date, now: datetime
) -> StandIn:
    """Have `deputy` do the work of this post from the first to the last day. Raises a Refusal."""
    Organisation.objects.select_for_update().get(pk=post.organisation_id)
    _refuse_post(post, since, until)
    if trouble := days_trouble(since, until, on=on):
        raise StandInRefused(trouble)
    _refuse_deputy(post, deputy, since, until, by=by, on=on)
    grant = grant_access(
        deputy,
        post.organisation,
        kind=GrantKind.STAND_IN,
        since=since,
        until=until,
        reason=REASON,
        by=by,
    )
    made = StandIn.objects.create(
        organisation=post.organisation, absent_post=post, grant=grant, arranged_by=by
    )
    audit.record("reminders.stand_in_arranged", by=by, target=made, detail=_detail(made))
    _tell(made, f"stand_in:{made.pk}", now=now)
    return made


@transaction.atomic
def change_stand_in(stand_in: StandIn, *, until: date, by: User | None, on: date, now: datetime) -> StandIn:
    """Give it another last day, today at the earliest. Raises a Refusal."""
    row = _locked(stand_in)
    old = row.grant.until
    if until == old:
        raise StandInRefused("结束日期没有变化。")
    if trouble := end_trouble(row.grant.since, until):
        raise StandInRefused(trouble)
    _refuse_post(row.absent_post, row.grant.since, until)
    _refuse_overlap(row.absent_post, row.grant.since, until, but=row)
    move_grant_end(row.grant, until=until, on=on, by=by)
    row.grant.until = until
    audit.record("reminders.stand_in_changed", by=by, target=row, detail={**_detail(row), "old": old})
    _tell(row, f"stand_in:{row.pk}:{now.isoformat()}", now=now)
    return row


@transaction.atomic
def end_stand_in(stand_in: StandIn, *, by: User | None, on: date, now: datetime) -> None:
    """Make today its last day; one that has not begun is taken back whole. Raises a Refusal."""
    row = _locked(stand_in)
    begun, detail = row.grant.since <= on, _detail(row)
    audit.record("reminders.stand_in_ended", by=by, target=row, detail=detail)
    subject = stand_in_subject(row.pk)
    if begun:
        end_grant(row.grant, on=on, by=by)
        row.grant.until = on
        _tell(row, f"stand_in:{row.pk}:{now.isoformat()}", now=now)
        return
    _tell_taken_back(row, now=now)
    # The grant is deleted, and the arrangement with it.
    end_grant(row.grant, on=on, by=by)
    withdraw([subject], now=now)


def end_outlasting(*, on: date, now: datetime) -> int:
    """Nobody stands in for a post that is over: such leave ends with the post. Idempotent.

    Returns how many were shortened, ended or taken back.
    """
    found = list(StandIn.objects.outlasting(on=on).order_by("pk"))
    return sum(_end_with_post(row, on=on, now=now) for row in found)


@transaction.atomic
def _end_with_post(stand_in: StandIn, *, on: date, now: datetime) -> bool:
    row = (
        StandIn.objects.outlasting(on=on)
        .select_related("absent_post", "grant")
        .filter(pk=stand_in.pk)
        .first()
    )
    last = row.absent_post.until if row else None
    # Ended or moved by hand meanwhile.
    if row is None or last is None:
        return False
    if last <= on or last < row.grant.since:
        end_stand_in(row, by=None, on=on, now=now)
    else:
        change_stand_in(row, until=last, by=None, on=on, now=now)
    return True


def _locked(stand_in: StandIn) -> StandIn:
    Organisation.objects.select_for_update().get(pk=stand_in.organisation_id)
    people = ("organisation", "grant__user", "absent_post__user", "absent_post__member__user")
    row = StandIn.objects.select_related(*people).filter(pk=stand_in.pk).first()
    if row is None:
        raise StandInRefused("这项代办已经收回，不用再改。")
    return row


def _refuse_post(post: Post, since: date, until: date) -> None:
    if post.role not in roles_with(KEEPS):
        raise StandInRefused("这个职务没有需要代办的清单。")
    if post.since > since:
        raise StandInRefused(f"{post.holder_name}从 {post.since:%Y-%m-%d} 起任职，请选这一天或以后的日期。")
    if post.until and post.until < until:
        raise StandInRefused(f"{post.holder_name}任职到 {post.until:%Y-%m-%d}，请选这一天或以前的日期。")


def _refuse_deputy(post: Post, deputy: User, since: date, until: date, *, by: User, on: date) -> None:
    if deputy == _absent(post):
        raise StandInRefused("不能由请假的人自己代办，请另选一位。")
    if deputy.pk not in {candidate.user.pk for candidate in candidates(post, by=by, on=on)}:
        raise StandInRefused("请从名单中选一位代办人。")
    _refuse_overlap(post, since, until)
    days = {"organisation": post.organisation, "grant__since__lte": until, "grant__until__gte": since}
    if StandIn.objects.filter(_of(deputy), **days).exists():
        raise StandInRefused(f"{deputy.name}这段时间也请假，请另选一位。")
    if StandIn.objects.filter(grant__user=deputy, **days).exists():
        raise StandInRefused(f"{deputy.name}这段时间已在这里代办，请另选一位，或错开日期。")


def _refuse_overlap(post: Post, since: date, until: date, *, but: StandIn | None = None) -> None:
    """One leave of one person in one organisation at a time, whichever of the posts it names."""
    absent = _absent(post)
    same = Q(absent_post=post) | (_of(absent) if absent else Q())
    others = StandIn.objects.filter(same, organisation=post.organisation_id)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if others.filter(grant__since__lte=until, grant__until__gte=since).exists():
        raise StandInRefused(f"{post.holder_name}这段时间已安排代办，请先改那一项的日期。")


def _absent(post: Post) -> User | None:
    return post.user or (post.member.user if post.member else None)


def _of(user: User) -> Q:
    return Q(absent_post__user=user) | Q(absent_post__member__user=user)


def _detail(row: StandIn) -> dict[str, object]:
    grant = row.grant
    return {
        "organisation": row.organisation_id,
        "post": row.absent_post_id,
        "deputy": grant.user_id,
        "since": grant.since,
        "until": grant.until,
    }


def _tell(row: StandIn, key: str, *, now: datetime) -> None:
    """The one who stands in and the one who is away, as it is now arranged."""
    days, name = leave_days(row.grant.since, row.grant.until), row.absent_post.holder_name
    to_deputy = f"{name} {days}请假，{row.organisation.name}的清单由您代办"
    to_absent = f"您 {days}请假，{row.organisation.name}的清单由{row.grant.user.name}代办"
    _tell_both(
        row, key, "请假代办", to_deputy, to_absent, f"请假代办（{days}）", stand_in_subject(row.pk), now
    )


def _tell_taken_back(row: StandIn, *, now: datetime) -> None:
    days = leave_days(row.grant.since, row.grant.until)
    to_deputy = f"{row.absent_post.holder_name} {days}的请假代办已取消，您不用代办"
    to_absent = f"您 {days}的请假代办已取消"
    key = f"stand_in:{row.pk}:{now.isoformat()}"
    _tell_both(row, key, "请假代办已取消", to_deputy, to_absent, f"请假代办已取消（{days}）", "", now)


def _tell_both(
    row: StandIn,
    key: str,
    title: str,
    to_deputy: str,
    to_absent: str,
    outside: str,
    subject: str,
    now: datetime,
) -> None:
    # Who stands in may have no other way to the page of leave than the list itself.
    people = [
        (row.grant.user, to_deputy, reverse("reminders:month_list")),
        (_absent(row.absent_post), to_absent, reverse("reminders:stand_in_list")),
    ]
    letters = [
        Letter(
            recipient=user,
            event=STAND_IN_BEGINS,
            key=key,
            title=title,
            outside_title=title,
            lines=(LineData(text, outside, subject=subject, url=page),),
            url=page,
            organisation=row.organisation,
        )
        for user, text, page in people
        if user is not None and user.is_active
    ]
    tell_all(letters, now=now)
