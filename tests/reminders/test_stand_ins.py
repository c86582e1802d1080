"""Leave: arranged for some days, seen on the list, ended by its last day; and nobody else's business."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from celery.schedules import crontab
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import AuditEvent
from branches.actions.grants import GrantRefused, move_grant_end
from branches.actions.posts import end_post
from branches.models import AccessGrant, Organisation, Post
from branches.rules import GrantKind, Refusal, Role
from notices.models import Message
from partyaffairs.schedule import BEAT_SCHEDULE
from reminders.actions.stand_ins import arrange_stand_in, change_stand_in, end_outlasting, end_stand_in
from reminders.models import ReminderItem, StandIn
from reminders.notice_events import STAND_IN_BEGINS, stand_in_subject
from reminders.queries.month_list import place_of
from reminders.queries.stand_ins import arrangeable_posts, candidates, leave_lines
from reminders.tasks import end_stand_ins
from tests.factories.branches import make_holder, make_member, make_post, make_user
from tests.factories.items import make_item
from tests.reminders.digest_scene import stand_in
from tests.reminders.scene import ON, Scene, make_scene

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
FRIDAY = date(2026, 11, 20)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


@pytest.fixture
def post(scene: Scene) -> Post:
    return scene.worker.posts.get()


@pytest.fixture
def secretary(scene: Scene) -> User:
    return make_holder(scene.first, Role.SECRETARY)


def arrange(post: Post, deputy: User, *, by: User | None = None, on: date = ON, **fields: Any) -> StandIn:
    by = by or post.user
    assert by is not None
    given = {"since": ON, "until": FRIDAY, "now": NOW, **fields}
    return arrange_stand_in(post, deputy=deputy, by=by, on=on, **given)


def told(user: User) -> list[tuple[str, str, str]]:
    lines = Message.objects.of(user).order_by("pk").values_list("title", "lines__text", "lines__outside_text")
    return list(lines)


def may_close(user: User, place: Organisation, on: date) -> bool:
    fresh = User.objects.get(pk=user.pk)
    return (
        Organisation.objects.permitted_to(fresh, "reminders.close_item", on=on).filter(pk=place.pk).exists()
    )


# ---- arranging -----------------------------------------------------------------------------------------


def test_leave_gives_the_right_for_its_days_and_no_longer(scene: Scene, post: Post) -> None:
    deputy = make_user()
    make_member(scene.first, user=deputy)
    made = arrange(post, deputy, since=date(2028, 2, 28), until=date(2028, 2, 29))
    days = [date(2028, 2, 27), date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]
    assert [may_close(deputy, scene.first, day) for day in days] == [False, True, True, False]
    assert may_close(deputy, scene.second, days[1]) is False
    grant = made.grant
    assert (grant.kind, grant.reason, grant.granted_by) == (GrantKind.STAND_IN, "请假代办", scene.worker)
    assert AuditEvent.objects.filter(event="reminders.stand_in_arranged").count() == 1


def test_both_are_told_and_no_name_leaves_the_portal(scene: Scene, post: Post, secretary: User) -> None:
    made = arrange(post, secretary)
    days = "11 月 18 日—20 日"
    outside = f"请假代办（{days}）"
    name, place = scene.worker.name, scene.first.name
    assert told(secretary) == [("请假代办", f"{name} {days}请假，{place}的清单由您代办", outside)]
    assert told(scene.worker) == [
        ("请假代办", f"您 {days}请假，{place}的清单由{secretary.name}代办", outside)
    ]
    subjects = Message.objects.values_list("event", "lines__subject").distinct()
    assert list(subjects) == [(STAND_IN_BEGINS, stand_in_subject(made.pk))]


def test_staff_arrange_it_for_who_has_no_account(scene: Scene, secretary: User) -> None:
    post = make_post(scene.first, Role.DEPUTY_SECRETARY, member=make_member(scene.first, name="张三"))
    arrange(post, secretary, by=scene.staff)
    assert Message.objects.count() == 1
    assert leave_lines(scene.first, on=ON) == [f"张三 11 月 18 日—20 日请假，由{secretary.name}代办"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"since": date(2026, 11, 17)}, "开始日期请选今天或以后的日期。"),
        ({"until": date(2026, 11, 17)}, "结束日期不能早于开始日期。"),
        ({"until": date(2027, 2, 18)}, "一次最多安排 92 天；时间更长的，建议办理工作交接。"),
    ],
)
def test_days_that_do_not_fit_are_refused(
    post: Post, secretary: User, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        arrange(post, secretary, **fields)
    assert (AccessGrant.objects.count(), Message.objects.count()) == (0, 0)


def refusal_of(post: Post, deputy: User, **fields: Any) -> str:
    with pytest.raises(Refusal) as refused:
        arrange(post, deputy, **fields)
    return str(refused.value)


def test_nobody_stands_in_for_themselves(scene: Scene, post: Post) -> None:
    assert refusal_of(post, scene.worker) == "不能由请假的人自己代办，请另选一位。"


def test_only_people_at_hand_stand_in(scene: Scene, post: Post) -> None:
    neighbour = make_holder(scene.second)
    gone = make_user(is_active=False)
    make_member(scene.first, user=gone)
    for person in (neighbour, gone, scene.foreign_staff):
        assert refusal_of(post, person) == "请从名单中选一位代办人。"
    arrange(post, neighbour, by=scene.staff)


def test_a_post_that_has_ended_or_ends_meanwhile_has_no_leave(scene: Scene, secretary: User) -> None:
    post = make_post(scene.first, user=make_user(name="张三"), until=date(2026, 11, 19))
    said = "张三任职到 2026-11-19，请选这一天或以前的日期。"
    assert refusal_of(post, secretary, by=scene.staff) == said
    coming = make_post(scene.first, user=make_user(name="李四"), since=date(2026, 11, 19))
    said = "李四从 2026-11-19 起任职，请选这一天或以后的日期。"
    assert refusal_of(coming, secretary, by=scene.staff) == said
    arrange(post, secretary, by=scene.staff, until=date(2026, 11, 19))


def test_a_post_without_a_list_has_no_stand_in(scene: Scene, secretary: User) -> None:
    post = make_post(scene.first, Role.PUBLICITY_COMMISSIONER, member=make_member(scene.first))
    assert refusal_of(post, secretary, by=scene.staff) == "这个职务没有需要代办的清单。"


@pytest.mark.parametrize(
    ("since", "until", "refused"),
    [
        (ON, date(2026, 11, 18), True),
        (FRIDAY, date(2026, 11, 25), True),
        (date(2026, 11, 21), date(2026, 11, 25), False),
    ],
)
def test_one_person_is_on_leave_once_at_a_time(
    scene: Scene, post: Post, secretary: User, since: date, until: date, refused: bool
) -> None:
    other = make_user()
    make_member(scene.first, user=other)
    arrange(post, secretary)
    second_post = make_post(scene.first, Role.DEPUTY_SECRETARY, user=scene.worker)
    if refused:
        said = f"{scene.worker.name}这段时间已安排代办，请先改那一项的日期。"
        assert refusal_of(second_post, other, by=scene.worker, since=since, until=until) == said
    else:
        arrange(second_post, other, by=scene.worker, since=since, until=until)
    assert StandIn.objects.count() == (1 if refused else 2)


def test_who_is_away_or_stands_in_already_is_not_asked(scene: Scene, post: Post, secretary: User) -> None:
    deputy = make_post(scene.first, Role.DEPUTY_SECRETARY, user=make_user(name="王五"))
    arrange(post, secretary)
    assert refusal_of(secretary.posts.get(), scene.worker, by=secretary) == (
        f"{scene.worker.name}这段时间也请假，请另选一位。"
    )
    assert refusal_of(deputy, secretary) == f"{secretary.name}这段时间已在这里代办，请另选一位，或错开日期。"


# ---- who may arrange what ------------------------------------------------------------------------------


def test_one_arranges_ones_own_leave_and_staff_anybodys_below(
    scene: Scene, post: Post, secretary: User
) -> None:
    own = secretary.posts.get()
    second = make_post(scene.second)
    make_post(scene.first, until=date(2026, 11, 17))
    make_post(scene.foreign_branch)
    assert list(arrangeable_posts(scene.worker, on=ON)) == [post]
    assert list(arrangeable_posts(secretary, on=ON)) == [own]
    of_staff = [scene.staff.posts.get(), own, post, second]
    assert sorted(p.pk for p in arrangeable_posts(scene.staff, on=ON)) == sorted(p.pk for p in of_staff)
    assert list(arrangeable_posts(scene.overseer, on=ON)) == []


def test_people_of_the_branch_come_first_and_workers_nearby_for_staff(
    scene: Scene, post: Post, secretary: User
) -> None:
    colleague = make_user()
    make_member(scene.first, user=colleague)
    make_member(scene.first)
    second_worker = make_holder(scene.first)
    neighbour = make_holder(scene.second)
    make_holder(scene.foreign_branch)
    mine = [(second_worker, "党务工作者"), (secretary, "书记"), (colleague, "正式党员")]
    near = (neighbour, f"{scene.second.name} · 党务工作者")
    assert [(c.user, c.why) for c in candidates(post, by=scene.worker, on=ON)] == mine
    assert [(c.user, c.why) for c in candidates(post, by=scene.staff, on=ON)] == [*mine, near]


# ---- changing and ending -------------------------------------------------------------------------------


def test_the_last_day_moves_both_ways_and_both_are_told(scene: Scene, post: Post, secretary: User) -> None:
    made = arrange(post, secretary)
    change_stand_in(made, until=date(2026, 11, 30), by=scene.worker, on=ON, now=NOW)
    assert may_close(secretary, scene.first, date(2026, 11, 30)) is True
    change_stand_in(made, until=ON, by=scene.worker, on=ON, now=NOW + timedelta(minutes=1))
    made.grant.refresh_from_db()
    assert made.grant.until == ON
    assert [line.split("请假")[0] for _, line, _ in told(scene.worker)] == [
        "您 11 月 18 日—20 日",
        "您 11 月 18 日—30 日",
        "您 11 月 18 日",
    ]
    assert AuditEvent.objects.filter(event="reminders.stand_in_changed").count() == 2


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (FRIDAY, "结束日期没有变化。"),
        (date(2026, 11, 17), "结束日期不能早于开始日期。"),
        (date(2027, 2, 18), "一次最多安排 92 天；时间更长的，建议办理工作交接。"),
    ],
)
def test_a_last_day_that_does_not_fit_is_refused(
    scene: Scene, post: Post, secretary: User, until: date, said: str
) -> None:
    made = arrange(post, secretary)
    with pytest.raises(Refusal, match=said):
        change_stand_in(made, until=until, by=scene.worker, on=ON, now=NOW)
    made.grant.refresh_from_db()
    assert made.grant.until == FRIDAY


def test_a_last_day_does_not_run_into_the_next_leave(scene: Scene, post: Post, secretary: User) -> None:
    other = make_user()
    make_member(scene.first, user=other)
    made = arrange(post, secretary)
    arrange(post, other, since=date(2026, 11, 23), until=date(2026, 11, 24))
    with pytest.raises(Refusal, match="已安排代办"):
        change_stand_in(made, until=date(2026, 11, 23), by=scene.worker, on=ON, now=NOW)


def test_ended_early_today_is_the_last_day(scene: Scene, post: Post, secretary: User) -> None:
    made = arrange(post, secretary)
    end_stand_in(made, by=scene.worker, on=ON, now=NOW)
    assert [may_close(make, scene.first, FRIDAY) for make in (secretary, scene.worker)] == [True, True]
    made.grant.refresh_from_db()
    assert made.grant.until == ON
    with pytest.raises(Refusal, match="已到期"):
        end_stand_in(made, by=scene.worker, on=ON, now=NOW)


def test_taken_back_before_it_begins_nothing_is_left_of_it(scene: Scene, post: Post, secretary: User) -> None:
    made = arrange(post, secretary, since=date(2026, 11, 19))
    end_stand_in(made, by=scene.worker, on=ON, now=NOW)
    assert (StandIn.objects.count(), AccessGrant.objects.count()) == (0, 0)
    days = "11 月 19 日—20 日"
    assert told(secretary)[1:] == [
        (
            "请假代办已取消",
            f"{scene.worker.name} {days}的请假代办已取消，您不用代办",
            f"请假代办已取消（{days}）",
        )
    ]
    with pytest.raises(Refusal, match="已经收回"):
        end_stand_in(made, by=scene.worker, on=ON, now=NOW)


@pytest.mark.parametrize(
    ("since", "post_ends", "on", "until"),
    [
        (ON, date(2026, 11, 19), ON, date(2026, 11, 19)),
        (ON, ON, date(2026, 11, 19), date(2026, 11, 19)),
        (date(2026, 11, 19), date(2026, 11, 19), ON, date(2026, 11, 19)),
        (date(2026, 11, 19), ON, ON, None),
        (ON, FRIDAY, ON, FRIDAY),
    ],
)
def test_leave_ends_with_the_post_it_stands_in_for(
    post: Post, secretary: User, since: date, post_ends: date, on: date, until: date | None
) -> None:
    made = arrange(post, secretary, since=since)
    Post.objects.filter(pk=post.pk).update(until=post_ends)
    changes = int(until != FRIDAY)
    assert [end_outlasting(on=on, now=NOW + timedelta(hours=n)) for n in (1, 2)] == [changes, 0]
    left = AccessGrant.objects.filter(pk=made.grant_id).values_list("until", flat=True)
    assert list(left) == ([until] if until else [])
    assert len(told(secretary)) == 1 + changes


def test_leave_that_outlasts_a_post_is_looked_for_every_hour(
    scene: Scene, post: Post, secretary: User
) -> None:
    arrange(post, secretary)
    end_post(post, on=ON, by=scene.staff)
    row = BEAT_SCHEDULE["end-stand-ins"]
    assert (current_app.tasks[row["task"]], row["schedule"]) == (end_stand_ins, crontab(minute="4"))
    assert [end_stand_ins(), end_stand_ins()] == [1, 0]
    assert may_close(secretary, scene.first, ON) is True
    assert AccessGrant.objects.get().until == ON


def test_a_grant_that_ran_out_is_not_revived(scene: Scene) -> None:
    made = AccessGrant.objects.create(
        user=make_user(),
        organisation=scene.first,
        kind=GrantKind.STAND_IN,
        since=date(2026, 11, 1),
        until=date(2026, 11, 17),
        reason="代办",
    )
    with pytest.raises(GrantRefused, match="已到期"):
        move_grant_end(made, until=FRIDAY, on=ON, by=scene.staff)


# ---- the month list ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "shown"),
    [
        (date(2026, 11, 3), 0),
        (date(2026, 11, 4), 1),
        (ON, 1),
        (FRIDAY, 1),
        (date(2026, 11, 21), 0),
    ],
)
def test_the_list_says_who_is_away_from_two_weeks_before_to_the_last_day(
    scene: Scene, post: Post, on: date, shown: int
) -> None:
    stand_in(scene.first, post, since=ON, until=FRIDAY, user=make_user(name="李四"))
    line = f"{scene.worker.name} 11 月 18 日—20 日请假，由李四代办"
    assert leave_lines(scene.first, on=on) == [line] * shown
    assert leave_lines(scene.second, on=on) == []


def test_the_month_page_shows_it_and_leads_to_leave(client: Client, scene: Scene, post: Post) -> None:
    stand_in(scene.first, post, since=ON, until=FRIDAY, user=make_user(name="李四"))
    client.force_login(scene.worker)
    page = client.get(reverse("reminders:month_list")).content.decode()
    assert page.count("请假，由李四代办") == 1
    assert page.count(f'href="{reverse("reminders:stand_in_list")}"') == 1
    past = client.get(reverse("reminders:month_list"), {"month": "2026-10"}).content.decode()
    assert past.count("请假，由李四代办") == 0


def test_who_stands_in_closes_items_of_that_branch_alone(client: Client, scene: Scene, post: Post) -> None:
    deputy = make_user()
    stand_in(scene.first, post, since=ON, until=ON, user=deputy)
    mine, foreign = make_item(scene.first), make_item(scene.second)
    client.force_login(deputy)
    for item in (mine, foreign):
        client.post(reverse("reminders:item_close", args=[item.pk]), {"held_on": "2026-11-18"})
    states = ReminderItem.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["done", "open"]


def test_ones_own_list_comes_before_the_one_looked_after(scene: Scene, post: Post) -> None:
    deputy = make_holder(scene.second)
    stand_in(scene.first, post, since=ON, until=ON, user=deputy)
    assert place_of(deputy, code="", on=ON).organisation == scene.second


# ---- pages ---------------------------------------------------------------------------------------------

LIST, ADD = "/w/reminders/stand-ins/", "/w/reminders/stand-ins/add/"


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_lists_leave_without_more_work(
    client: Client, scene: Scene, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(count):
        absent = make_post(scene.first, user=make_user(name=f"同志{n}"))
        stand_in(scene.first, absent, since=ON, until=FRIDAY)
    foreign = make_post(scene.foreign_branch, user=make_user(name="外单位的人"))
    stand_in(scene.foreign_branch, foreign, since=ON, until=FRIDAY)
    client.force_login(scene.staff)
    with django_assert_num_queries(8):
        page = client.get(LIST).content.decode()
    assert page.count('<li class="item') == count
    assert page.count("外单位的人") == 0
    assert page.count("提前结束") == count


def test_staff_see_that_the_account_of_the_stand_in_is_closed(
    client: Client, scene: Scene, post: Post
) -> None:
    stand_in(scene.first, post, since=ON, until=FRIDAY, user=make_user(is_active=False))
    client.force_login(scene.staff)
    assert client.get(LIST).content.decode().count("代办人账号已停用") == 1


def test_a_reader_sees_no_buttons_and_an_empty_page_says_what_to_do(client: Client, scene: Scene) -> None:
    client.force_login(scene.worker)
    assert client.get(LIST).content.decode().count("安排代办") == 1
    stand_in(scene.first, scene.worker.posts.get(), since=ON, until=FRIDAY)
    client.force_login(scene.overseer)
    page = client.get(LIST).content.decode()
    assert (page.count('<li class="item'), page.count("提前结束"), page.count("安排代办")) == (1, 0, 0)


def test_a_worker_arranges_leave_on_one_page(
    client: Client, scene: Scene, secretary: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    client.force_login(scene.worker)
    assert client.get(ADD).status_code == 200
    typed = {"deputy": str(secretary.pk), "since": "2026-11-18", "until": "2026-11-20"}
    response = client.post(ADD, typed)
    assert (response.status_code, response.headers["Location"]) == (302, LIST)
    made = StandIn.objects.get()
    assert (made.grant.user, made.grant.since, made.grant.until) == (secretary, ON, FRIDAY)
    again = client.post(ADD, typed)
    assert again.status_code == 422
    assert "这段时间已安排代办" in again.content.decode()
    assert 'value="2026-11-20"' in again.content.decode()


def test_what_is_missing_is_asked_for(client: Client, scene: Scene) -> None:
    client.force_login(scene.worker)
    response = client.post(ADD, {"since": "2026-11-18"})
    assert response.status_code == 422
    page = response.content.decode()
    assert [page.count(text) > 0 for text in ("请填写请假至。", "请选择由谁代办。")] == [True, True]


def test_staff_choose_first_whose_leave_it_is(
    client: Client, scene: Scene, post: Post, secretary: User
) -> None:
    client.force_login(scene.staff)
    page = client.get(ADD).content.decode()
    assert page.count("<option") == 3
    assert client.get(ADD, {"post": secretary.posts.get().pk}).status_code == 200
    foreign = make_post(scene.foreign_branch)
    assert client.get(ADD, {"post": foreign.pk}).status_code == 404
    assert client.get(ADD, {"post": "x"}).status_code == 404


def test_dates_are_changed_and_leave_is_ended_on_its_pages(
    client: Client, scene: Scene, post: Post, secretary: User
) -> None:
    made = arrange(post, secretary)
    client.force_login(scene.worker)
    edit, end = (reverse(f"reminders:stand_in_{act}", args=[made.pk]) for act in ("edit", "end"))
    assert 'value="2026-11-20"' in client.get(edit).content.decode()
    assert client.post(edit, {"until": "2026-11-17"}).status_code == 422
    assert client.post(edit, {"until": "2026-11-25"}).status_code == 302
    assert "今天是" in client.get(end).content.decode()
    assert client.post(end).status_code == 302
    made.grant.refresh_from_db()
    assert made.grant.until == ON
    said = client.post(end, follow=True).content.decode()
    assert "已到期" in said


@pytest.mark.parametrize("act", ["edit", "end"])
def test_leave_of_others_and_past_leave_is_not_found(
    client: Client, scene: Scene, post: Post, secretary: User, act: str
) -> None:
    over = stand_in(scene.first, post, since=date(2026, 11, 2), until=date(2026, 11, 17))
    mine = stand_in(scene.first, post, since=ON, until=FRIDAY)
    foreign = stand_in(scene.foreign_branch, make_post(scene.foreign_branch), since=ON, until=FRIDAY)

    def status(user: User, row: StandIn) -> int:
        client.force_login(user)
        return client.get(reverse(f"reminders:stand_in_{act}", args=[row.pk])).status_code

    assert status(scene.worker, mine) == 200
    assert [status(secretary, mine), status(scene.worker, over), status(scene.staff, foreign)] == [404] * 3


def test_without_the_right_and_by_the_wrong_method(client: Client, scene: Scene, post: Post) -> None:
    made = stand_in(scene.first, post, since=ON, until=FRIDAY)
    pages = [reverse(f"reminders:stand_in_{act}", args=[made.pk]) for act in ("edit", "end")]
    client.force_login(make_user())
    assert [client.get(page).status_code for page in (LIST, ADD, *pages)] == [403] * 4
    client.force_login(scene.overseer)
    assert [client.get(page).status_code for page in (LIST, ADD, *pages)] == [200, 403, 403, 403]
    client.force_login(scene.worker)
    assert [client.delete(page).status_code for page in (LIST, ADD, *pages)] == [405] * 4
    assert client.post(LIST).status_code == 405


def test_a_dissolved_branch_arranges_nothing(client: Client, scene: Scene) -> None:
    Organisation.objects.filter(pk=scene.first.pk).update(dissolved_on=ON)
    client.force_login(scene.worker)
    assert "没有可以安排代办的职务" in client.get(ADD).content.decode()
