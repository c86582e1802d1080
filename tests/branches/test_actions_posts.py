"""Posts, grants, and the sessions that end with the last post."""

from datetime import date, timedelta

import pytest

from accounts.models import User
from audit.models import AuditEvent
from branches.actions.grants import GrantRefused, end_grant, grant_access
from branches.actions.members import EventData, add_event, correct_event
from branches.actions.posts import (
    PostRefused,
    end_post,
    end_sessions_without_post,
    give_post,
)
from branches.models import AccessGrant, Member, Organisation, Post
from branches.rules import EventError, EventKind, GrantKind, MemberStatus, Role
from branches.tasks import end_sessions_without_post as task
from tests.branches.conftest import House
from tests.factories.branches import make_member, make_post, make_user

ON = date(2026, 11, 22)
YESTERDAY = ON - timedelta(days=1)
SINCE = date(2024, 3, 8)


def refusal(organisation: Organisation, role: Role, *, since: date = SINCE, **holder: object) -> str:
    with pytest.raises(PostRefused) as refused:
        give_post(organisation, role=role, since=since, by=None, **holder)  # type: ignore[arg-type]  # any holder
    return str(refused.value)


def epoch(user: User) -> int:
    user.refresh_from_db()
    return user.session_epoch


def test_a_secretary_once_twice_and_after_the_end(house: House) -> None:
    Organisation.objects.update(facts_changed=False)
    post = give_post(house.br03, role=Role.SECRETARY, member=house.ours, since=SINCE, by=house.staff)
    assert Organisation.objects.stale().get() == house.br03
    other = make_member(house.br03, name="王宏伟")
    assert refusal(house.br03, Role.SECRETARY, member=house.ours) == (
        "雷彩霞2024-03-08 至今已担任“书记”，时间重叠，请核对日期。"
    )
    assert refusal(house.br03, Role.SECRETARY, member=other, since=ON) == (
        "“书记”2024-03-08 至今由雷彩霞担任，请先登记离任，或核对日期。"
    )
    end_post(post, on=YESTERDAY, by=house.staff)
    assert refusal(house.br03, Role.SECRETARY, member=other, since=YESTERDAY) == (
        "“书记”2024-03-08 至2026-11-21由雷彩霞担任，请先登记离任，或核对日期。"
    )
    give_post(house.br03, role=Role.SECRETARY, member=other, since=ON, by=house.staff)
    assert list(AuditEvent.objects.order_by("pk").values_list("event", "target_name")) == [
        ("branches.post_given", "雷彩霞"),
        ("branches.post_ended", "雷彩霞"),
        ("branches.post_given", "王宏伟"),
    ]


def test_a_past_secretary_may_not_overlap_either(house: House) -> None:
    other = make_member(house.br03)
    make_post(house.br03, Role.SECRETARY, member=house.ours, since=SINCE, until=date(2025, 1, 1))
    assert refusal(house.br03, Role.SECRETARY, member=other, since=date(2023, 1, 1), until=SINCE) == (
        "“书记”2024-03-08 至2025-01-01由雷彩霞担任，请先登记离任，或核对日期。"
    )


def test_two_workers_are_fine(house: House) -> None:
    give_post(house.br03, role=Role.WORKER, user=make_user(), since=SINCE, by=house.staff)
    assert Post.objects.at(ON).filter(organisation=house.br03, role=Role.WORKER).count() == 2


def test_offices_want_full_members_of_the_branch(house: House) -> None:
    probationary = make_member(house.br03, name="唐志明", status=MemberStatus.PROBATIONARY)
    assert refusal(house.br03, Role.SECRETARY, member=probationary) == (
        "唐志明在 2024-03-08 不是正式党员，不能担任“书记”，请核对人选或日期。"
    )
    assert refusal(house.br03, Role.SECRETARY, user=make_user()) == (
        "所选账号在 2024-03-08 不是正式党员，不能担任“书记”，请核对人选或日期。"
    )
    assert refusal(house.br03, Role.SECRETARY, member=house.theirs) == (
        "谢建平在 2024-03-08 不是“红土坡党支部”的党员，请核对人选或日期。"
    )
    assert give_post(house.general, role=Role.SECRETARY, member=house.theirs, since=SINCE, by=house.staff).pk
    assert give_post(house.br03, role=Role.WORKER, member=probationary, since=SINCE, by=house.staff).pk


def test_posts_stand_where_they_belong_and_have_one_holder(house: House) -> None:
    assert refusal(house.br03, Role.GENERAL_BRANCH_STAFF, user=make_user()) == (
        "党支部不设“党总支党务干部”，请另选职务或组织。"
    )
    assert refusal(house.br03, Role.WORKER) == "请选择一位党员或一个账号。"
    assert refusal(house.br03, Role.WORKER, user=make_user(), until=SINCE - timedelta(days=1)) == (
        "离任日期不能早于任职日期。"
    )
    Organisation.objects.filter(pk=house.br04.pk).update(dissolved_on=date(2026, 1, 1))
    assert refusal(house.br04, Role.WORKER, user=make_user()) == "“松林口党支部”已于 2026-01-01 撤销。"


def test_the_account_of_a_member_holds_posts_through_the_member(house: House) -> None:
    user = make_user()
    Member.objects.filter(pk=house.ours.pk).update(user=user)
    post = give_post(house.br03, role=Role.WORKER, user=user, since=SINCE, by=house.staff)
    assert (post.member, post.user) == (house.ours, None)


@pytest.mark.parametrize(
    ("role", "short"),
    [(Role.GENERAL_BRANCH_STAFF, True), (Role.ADMINISTRATOR, True), (Role.SECRETARY, False)],
)
def test_offices_shorten_sessions_until_they_end(house: House, role: Role, short: bool) -> None:
    place = house.committee if role is Role.ADMINISTRATOR else house.general
    user = make_user()
    Member.objects.filter(pk=house.ours.pk).update(user=user)
    post = give_post(place, role=role, member=house.ours, since=SINCE, by=None)
    user.refresh_from_db()
    assert user.short_session is short
    end_post(post, on=YESTERDAY, by=None, today=ON)
    user.refresh_from_db()
    assert user.short_session is False


def test_the_last_post_takes_the_sessions_along_once(house: House) -> None:
    second = make_post(house.br04, Role.WORKER, user=house.worker)
    first = house.worker.posts.exclude(pk=second.pk).get()
    end_post(first, on=YESTERDAY, by=house.staff, today=ON)
    assert epoch(house.worker) == 0
    end_post(second, on=ON, by=house.staff, today=ON)
    assert epoch(house.worker) == 0
    assert end_sessions_without_post(on=ON) == 0
    assert end_sessions_without_post(on=ON + timedelta(days=1)) == 1
    assert epoch(house.worker) == 1
    assert end_sessions_without_post(on=ON + timedelta(days=2)) == 0
    assert epoch(house.worker) == 1


def test_a_past_end_takes_the_sessions_along_at_once(house: House) -> None:
    end_post(house.worker.posts.get(), on=YESTERDAY, by=house.staff, today=ON)
    assert epoch(house.worker) == 1
    again = make_post(house.br03, Role.WORKER, user=house.worker, since=ON)
    end_post(again, on=ON, by=house.staff, today=ON)
    assert end_sessions_without_post(on=ON + timedelta(days=1)) == 1
    assert epoch(house.worker) == 2


def test_a_running_grant_keeps_the_sessions(house: House) -> None:
    grant_access(
        house.worker,
        house.br03,
        kind=GrantKind.STAND_IN,
        since=ON,
        until=ON + timedelta(days=30),
        reason="代办",
        by=house.staff,
    )
    end_post(house.worker.posts.get(), on=YESTERDAY, by=house.staff, today=ON)
    assert epoch(house.worker) == 0
    assert end_sessions_without_post(on=ON + timedelta(days=31)) == 1


def test_the_task_calls_the_action(house: House) -> None:
    Post.objects.filter(user=house.worker).update(until=date(2020, 1, 1))
    assert (task(), task()) == (1, 0)


def test_end_post_refuses(house: House) -> None:
    post = house.worker.posts.get()

    def refused(on: date) -> str:
        with pytest.raises(PostRefused) as caught:
            end_post(post, on=on, by=house.staff)
        return str(caught.value)

    assert refused(date(2014, 12, 31)) == "离任日期不能早于任职日期 2015-01-01。"
    end_post(post, on=ON, by=house.staff)
    assert refused(ON) == "这个任职已于 2026-11-22 结束。"
    end_post(post, on=YESTERDAY, by=house.staff)
    assert post.until == YESTERDAY


def test_grants_are_dated_reasoned_and_single(house: House) -> None:
    def grant(since: date, until: date, reason: str = "轮训") -> None:
        grant_access(
            house.worker,
            house.br04,
            kind=GrantKind.ROTATION,
            since=since,
            until=until,
            reason=reason,
            by=house.staff,
        )

    def refused(since: date, until: date, reason: str = "轮训") -> str:
        with pytest.raises(GrantRefused) as caught:
            grant(since, until, reason)
        return str(caught.value)

    grant(date(2026, 11, 1), date(2026, 11, 30))
    assert refused(date(2026, 11, 30), date(2026, 12, 31)) == "此人在这段时间已有同样的授权。"
    assert refused(ON, YESTERDAY) == "结束日期不能早于开始日期。"
    assert refused(ON, ON, " ") == "请填写授权的事由。"
    grant(date(2026, 12, 1), date(2026, 12, 31))
    assert house.worker.grants.count() == 2
    Organisation.objects.filter(pk=house.br04.pk).update(dissolved_on=ON)
    assert refused(date(2027, 1, 1), date(2027, 1, 31)) == "“松林口党支部”已于 2026-11-22 撤销。"


def test_a_grant_ends_early_or_is_taken_back(house: House) -> None:
    def grant(place: Organisation, since: date, until: date) -> AccessGrant:
        kind, by = GrantKind.ROTATION, house.staff
        return grant_access(house.worker, place, kind=kind, since=since, until=until, reason="轮训", by=by)

    running = grant(house.br04, YESTERDAY, date(2026, 12, 31))
    later = grant(house.br03, date(2027, 1, 1), date(2027, 1, 31))
    end_grant(running, on=ON, by=house.staff)
    end_grant(later, on=ON, by=house.staff)
    assert list(house.worker.grants.values_list("organisation", "until")) == [(house.br04.pk, ON)]
    with pytest.raises(GrantRefused) as refused:
        end_grant(running, on=ON, by=house.staff)
    assert str(refused.value) == "这项授权 2026-11-22 已到期，不必提前结束。"
    assert list(AuditEvent.objects.order_by("pk").values_list("event", flat=True)) == [
        "branches.access_granted",
        "branches.access_granted",
        "branches.access_ended",
        "branches.access_ended",
    ]


def until_of(post: Post) -> date | None:
    post.refresh_from_db()
    return post.until


@pytest.mark.parametrize(
    "kind",
    [
        EventKind.MOVED_OUT,
        EventKind.RETIRED,
        EventKind.SUSPENDED,
        EventKind.LEFT,
        EventKind.DECEASED,
    ],
)
def test_who_leaves_leaves_every_post_with_the_last_day_there(house: House, kind: EventKind) -> None:
    user = make_user()
    Member.objects.filter(pk=house.ours.pk).update(user=user)
    posts = [
        make_post(house.br03, Role.SECRETARY, member=house.ours),
        make_post(house.br03, Role.WORKER, member=house.ours, until=date(2027, 12, 31)),
        make_post(house.general, Role.GENERAL_BRANCH_STAFF, member=house.ours),
        make_post(house.general, Role.SECRETARY, member=house.ours, since=ON),
        make_post(house.br03, Role.DEPUTY_SECRETARY, member=house.ours, until=date(2020, 1, 1)),
    ]
    Organisation.objects.update(facts_changed=False)
    add_event(house.ours, kind=kind, on=ON, by=house.staff, today=ON)
    assert [until_of(post) for post in posts] == [
        YESTERDAY,
        YESTERDAY,
        YESTERDAY,
        ON,
        date(2020, 1, 1),
    ]
    assert sorted(Organisation.objects.stale().values_list("code", flat=True)) == ["BR03", "DZ01"]
    ended = AuditEvent.objects.filter(event="branches.post_ended").order_by("pk")
    assert [(row.detail["role"], row.detail["on"], row.detail["because"]) for row in ended] == [
        ("secretary", "2026-11-21", kind),
        ("worker", "2026-11-21", kind),
        ("general_branch_staff", "2026-11-21", kind),
        ("secretary", "2026-11-22", kind),
    ]
    added = AuditEvent.objects.get(event="branches.event_added")
    assert added.detail["posts_ended"] == [post.pk for post in posts[:4]]


def test_who_leaves_loses_rights_and_sessions(house: House) -> None:
    user = make_user()
    Member.objects.filter(pk=house.ours.pk).update(user=user)
    make_post(house.br03, Role.SECRETARY, member=house.ours)
    add_event(house.ours, kind=EventKind.MOVED_OUT, on=ON, by=house.staff, today=ON)
    assert Organisation.objects.visible_to(user, on=ON).count() == 0
    assert epoch(user) == 1


def test_who_moves_between_branches_leaves_the_posts_of_the_old_one_alone(house: House) -> None:
    """A worker lent to another branch, and an office of the general branch, go on."""
    secretary = make_post(house.br03, Role.SECRETARY, member=house.ours)
    lent = make_post(house.br04, Role.WORKER, member=house.ours)
    above = make_post(house.general, Role.SECRETARY, member=house.ours)
    add_event(house.ours, kind=EventKind.MOVED_IN, on=ON, organisation=house.br04, by=None)
    assert [until_of(post) for post in (secretary, lent, above)] == [YESTERDAY, None, None]


def test_a_planned_departure_gives_the_post_its_last_day(house: House) -> None:
    post = make_post(house.br03, Role.SECRETARY, member=house.ours)
    retired = add_event(house.ours, kind=EventKind.RETIRED, on=date(2027, 2, 1), by=house.staff, today=ON)
    assert until_of(post) == date(2027, 1, 31)
    correct_event(retired, reason="未批准", by=house.staff, replacement=None, today=ON)
    assert until_of(post) == date(2027, 1, 31)
    other = make_member(house.br03)
    give_post(house.br03, role=Role.SECRETARY, member=other, since=date(2027, 2, 1), by=house.staff)


def test_a_correction_to_an_earlier_day_takes_the_post_along(house: House) -> None:
    post = make_post(house.br03, Role.SECRETARY, member=house.ours)
    out = add_event(house.ours, kind=EventKind.MOVED_OUT, on=ON, by=house.staff)
    right = EventData(EventKind.MOVED_OUT, date(2026, 11, 1))
    correct_event(out, reason="日期抄错", by=house.staff, replacement=right)
    assert until_of(post) == date(2026, 10, 31)


def test_nobody_is_taken_off_the_roster_with_a_post(house: House) -> None:
    make_post(house.br03, Role.SECRETARY, member=house.ours)
    with pytest.raises(EventError) as refused:
        correct_event(house.ours.events.get(), reason="重复登记", by=house.staff, replacement=None)
    assert str(refused.value) == "雷彩霞还有任职，更正后将不在任何支部，请先登记离任。"


def test_events_that_move_nobody_end_no_post(house: House) -> None:
    post = make_post(house.br03, Role.SECRETARY, member=house.ours)
    add_event(house.ours, kind=EventKind.SECONDED, on=ON, by=house.staff)
    add_event(house.ours, kind=EventKind.REMINDER_NEEDED, on=ON, by=house.staff)
    assert until_of(post) is None


def test_a_post_given_after_the_plan_ends_with_it_too(house: House) -> None:
    add_event(house.ours, kind=EventKind.RETIRED, on=date(2027, 2, 1), by=house.staff)
    post = give_post(house.br03, role=Role.SECRETARY, member=house.ours, since=SINCE, by=house.staff)
    assert post.until == date(2027, 1, 31)


def test_the_last_administrator_stays(house: House) -> None:
    post = house.administrator.posts.get()

    def refused(on: date) -> str:
        with pytest.raises(PostRefused) as caught:
            end_post(post, on=on, by=house.administrator)
        return str(caught.value)

    sentence = "这是最后一位系统管理员，请先为另一人登记系统管理员任职。"
    below = make_post(house.general, Role.ADMINISTRATOR)
    closed = make_post(house.committee, Role.ADMINISTRATOR, user=make_user(is_active=False))
    make_post(house.committee, Role.ADMINISTRATOR, until=date(2027, 1, 1))
    assert (refused(ON), refused(date(2027, 6, 30))) == (sentence, sentence)
    end_post(below, on=ON, by=house.administrator)
    end_post(closed, on=ON, by=house.administrator)
    make_post(house.committee, Role.ADMINISTRATOR, since=ON + timedelta(days=1))
    assert end_post(post, on=ON, by=house.administrator).until == ON


def test_the_last_administrator_keeps_the_post_whatever_happens(house: House) -> None:
    post = house.administrator.posts.get()
    Post.objects.filter(pk=post.pk).update(user=None, member=house.ours)
    Member.objects.filter(pk=house.ours.pk).update(user=house.administrator)
    add_event(house.ours, kind=EventKind.DECEASED, on=ON, by=house.staff, today=ON)
    assert until_of(post) is None
