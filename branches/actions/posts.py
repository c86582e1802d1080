"""Posts: beside dated grants the only source of rights."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from accounts import actions as accounts
from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.models import AccessGrant, Member, Membership, Organisation, Post
from branches.queries.reach import holds
from branches.rules import (
    BRANCH_KINDS,
    EXCLUSIVE_ROLES,
    MEMBER_ROLES,
    OFFICE_ROLES,
    SINGLE_ROLES,
    MemberStatus,
    Refusal,
    Role,
    Span,
    gone_from,
    overlaps,
    role_fits,
)


class PostRefused(Refusal):
    """The post does not fit its organisation, its holder or the posts already there."""


@transaction.atomic
def give_post(
    organisation: Organisation,
    *,
    role: Role,
    since: date,
    by: User | None,
    member: Member | None = None,
    user: User | None = None,
    until: date | None = None,
) -> Post:
    """Give one post to a member or to an account. Raises PostRefused.

    Where the member is already known to leave, the post ends with the last day there.
    """
    # One person holds a post one way: through the member where there is one.
    if user is not None and member is None:
        member, user = _member_of(user), user
        user = None if member else user
    if (member is None) == (user is None):
        raise PostRefused("请选择一位党员或一个账号。")
    # The member before the organisation, as everywhere: a departure may be entered at the same moment.
    if member is not None:
        Member.objects.select_for_update().get(pk=member.pk)
    place = Organisation.objects.select_for_update().get(pk=organisation.pk)
    _refuse_dates(place, since, until)
    _refuse_holder(place, Role(role), member, since)
    if member is not None:
        until = _known_end(place, Role(role), member, since, until)
    _refuse_overlap(place, Role(role), member, user, since, until)
    _refuse_second_duty(Role(role), member, user, since)
    post = Post.objects.create(
        organisation=place, role=role, member=member, user=user, since=since, until=until
    )
    _shorten_sessions(post)
    take_up_duty(member.user if member else user, Role(role))
    mark_changed([place])
    detail = {"role": str(role), "organisation": place.pk, "since": since, "until": until}
    audit.record("branches.post_given", by=by, target=member or user, detail=detail)
    return post


@transaction.atomic
def end_post(post: Post, *, on: date, by: User | None, today: date | None = None) -> Post:
    """End a post with `on` as its last day. Raises PostRefused.

    With `today`, the holder's sessions end at once when this was the last post; without it, or when
    the last day is still to come, the hourly task ends them.
    """
    if post.role == Role.ADMINISTRATOR:
        lock_administration()
    row = Post.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=post.pk)
    if row.until is not None and row.until <= on:
        raise PostRefused(f"这个任职已于 {row.until:%Y-%m-%d} 结束。")
    if on < row.since:
        raise PostRefused(f"离任日期不能早于任职日期 {row.since:%Y-%m-%d}。")
    if is_last_administrator([row], after=on):
        raise PostRefused("这是最后一位系统管理员，请先为另一人登记系统管理员任职。")
    _end(row, on=on, by=by)
    if today:
        end_sessions_without_post(on=today)
    post.refresh_from_db()
    return post


def end_posts_of_who_left(member: Member, *, by: User | None, because: str, today: date | None) -> list[Post]:
    """End the member's posts with the last day on which the person belonged there; returns them.

    Posts of a branch end with belonging to that branch, all others with belonging to none. Call it in
    the transaction that rebuilt the spans, with the member locked. The last administrator's post stays:
    somebody has to be able to give it on.
    """
    spans = _spans_of(member)
    # Before the posts, as where one is ended: otherwise two people could wait for each other.
    if member.posts.filter(role=Role.ADMINISTRATOR).exists():
        lock_administration()
    posts = member.posts.select_for_update(of=("self",)).select_related("organisation").order_by("pk")
    ended = []
    for post in posts:
        gone = _gone(spans, post.organisation, Role(post.role), post.since)
        last = max(gone - timedelta(days=1), post.since) if gone else None
        if last is None or (post.until is not None and post.until <= last):
            continue
        if not is_last_administrator([post], after=last):
            _end(post, on=last, by=by, because=because)
            ended.append(post)
    if ended and today:
        end_sessions_without_post(on=today)
    return ended


def _end(post: Post, *, on: date, by: User | None, **why: str) -> None:
    post.until = on
    post.save(update_fields=["until"])
    mark_changed([post.organisation_id])
    detail = {"role": post.role, "organisation": post.organisation_id, "on": on, **why}
    audit.record("branches.post_ended", by=by, target=post.member or post.user, detail=detail)


def _spans_of(member: Member) -> list[Span]:
    return [
        Span(m.organisation_id, MemberStatus(m.status), m.since, m.until) for m in member.memberships.all()
    ]


def _gone(spans: list[Span], place: Organisation, role: Role, since: date) -> date | None:
    here = [s for s in spans if s.organisation == place.pk and (s.until is None or s.until > since)]
    # A worker may come from another branch; an office of a branch is held by its own people alone.
    if place.kind in BRANCH_KINDS and (role in MEMBER_ROLES or (role == Role.WORKER and here)):
        return gone_from(here, since=since)
    return gone_from(spans, since=since)


def _known_end(
    place: Organisation, role: Role, member: Member, since: date, until: date | None
) -> date | None:
    gone = _gone(_spans_of(member), place, role, since)
    if gone is None or gone <= since or (until is not None and until < gone):
        return until
    return gone - timedelta(days=1)


def lock_administration() -> None:
    """Let one administrator go at a time: two who end each other's posts would leave nobody."""
    list(Organisation.objects.select_for_update().filter(level=0).order_by("pk"))


def is_last_administrator(posts: Iterable[Post], *, after: date) -> bool:
    """Whether these posts, of one holder, include one after whose end nobody administers its organisation."""
    ending = [post for post in posts if post.role == Role.ADMINISTRATOR]
    able = User.objects.filter(is_active=True, exclusive_duty=Role.ADMINISTRATOR).values("pk")
    others = (
        Post.objects.filter(role=Role.ADMINISTRATOR, until=None, since__lte=after + timedelta(days=1))
        .filter(Q(user__in=able) | Q(member__user__in=able))
        .exclude(pk__in=[post.pk for post in ending])
        .values_list("organisation__path", flat=True)
    )
    return any(not any(post.organisation.path.startswith(path) for path in others) for post in ending)


@transaction.atomic
def end_sessions_without_post(*, on: date) -> int:
    """End the sessions of everybody whose last post is over, once; returns how many people.

    Also takes short sessions back from who holds no office any more. Safe to run at any time.
    """
    ended = Post.objects.filter(until__lt=on, sessions_ended=False)
    holders = User.objects.filter(holds(ended))
    offices = Post.objects.not_ended(on).filter(role__in=sorted(OFFICE_ROLES))
    holders.filter(short_session=True, is_superuser=False).exclude(holds(offices)).update(short_session=False)
    now = Post.objects.at(on), AccessGrant.objects.at(on)
    done = 0
    for user in holders.exclude(holds(now[0])).exclude(pk__in=now[1].values("user")).order_by("pk"):
        accounts.end_sessions(user)
        ended.filter(Q(user=user) | Q(member__user=user)).update(sessions_ended=True)
        audit.record("branches.sessions_ended", by=None, target=user, detail={"on": on})
        done += 1
    return done


def _member_of(user: User) -> Member | None:
    return Member.objects.filter(user=user).first()


def _shorten_sessions(post: Post) -> None:
    if post.role in OFFICE_ROLES:
        User.objects.filter(holds(Post.objects.filter(pk=post.pk))).update(short_session=True)


def take_up_duty(user: User | None, role: Role) -> None:
    """Write the duty of an exclusive post into the account; what it held before counts no more."""
    if user is not None and role in EXCLUSIVE_ROLES:
        user.exclusive_duty = role
        user.save(update_fields=["exclusive_duty"])


def _refuse_second_duty(role: Role, member: Member | None, user: User | None, since: date) -> None:
    """Who runs the portal, who checks it and who reads the sealed letters are different people."""
    if role not in EXCLUSIVE_ROLES:
        return
    account = member.user if member else user
    own = Q(member=member) if member else Q(pk=None)
    own |= Q(user=account) if account else Q(pk=None)
    other = Post.objects.not_ended(since).filter(own, role__in=sorted(EXCLUSIVE_ROLES - {role})).first()
    held = other.get_role_display() if other else Role.ADMINISTRATOR.label
    if other or (account and account.is_superuser and role != Role.ADMINISTRATOR):
        raise PostRefused(
            f"这个人是“{held}”。系统管理员、审计员和匿名直通车受理人须由不同的人担任，请另选人选。"
        )


def _refuse_dates(place: Organisation, since: date, until: date | None) -> None:
    if until is not None and until < since:
        raise PostRefused("离任日期不能早于任职日期。")
    if place.dissolved_on and (until is None or until > place.dissolved_on):
        raise PostRefused(f"“{place.name}”已于 {place.dissolved_on:%Y-%m-%d} 撤销。")


def _refuse_holder(place: Organisation, role: Role, member: Member | None, since: date) -> None:
    if not role_fits(role, place.kind):
        raise PostRefused(f"{place.get_kind_display()}不设“{role.label}”，请另选职务或组织。")
    if role not in MEMBER_ROLES:
        return
    full = Membership.objects.at(since).filter(member=member, status=MemberStatus.FULL)
    if member is None or not full.exists():
        who = member.name if member else "所选账号"
        raise PostRefused(
            f"{who}在 {since:%Y-%m-%d} 不是正式党员，不能担任“{role.label}”，请核对人选或日期。"
        )
    if place.kind in BRANCH_KINDS and not full.filter(organisation=place).exists():
        raise PostRefused(f"{member.name}在 {since:%Y-%m-%d} 不是“{place.name}”的党员，请核对人选或日期。")


def _refuse_overlap(
    place: Organisation, role: Role, member: Member | None, user: User | None, since: date, until: date | None
) -> None:
    """A single office has one holder a day, and nobody holds the same post twice on one day."""
    for post in place.posts.filter(role=role).select_related("member", "user"):
        if not overlaps(since, until, post.since, post.until):
            continue
        end = f"{post.until:%Y-%m-%d}" if post.until else "今"
        held = f"{post.since:%Y-%m-%d} 至{end}"
        if post.member == member and post.user == user:
            raise PostRefused(f"{post.holder_name}{held}已担任“{role.label}”，时间重叠，请核对日期。")
        if role in SINGLE_ROLES:
            raise PostRefused(f"“{role.label}”{held}由{post.holder_name}担任，请先登记离任，或核对日期。")
