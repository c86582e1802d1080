"""Handovers open by themselves, follow what becomes known, and fall with their cause."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from branches.access import holdings_of
from branches.actions.members import EventData, add_event, correct_event
from branches.actions.posts import end_post, end_sessions_without_post, give_post
from branches.models import AccessGrant, Member, Organisation, Post
from branches.roles import all_permissions
from branches.rules import EventKind, GrantKind, OrganisationKind, Role
from notices.models import Message
from reminders.actions.handover import (
    HandoverRefused,
    cancel_handover,
    open_due_handovers,
    open_handover,
)
from reminders.handover_rules import HandoverCause, HandoverState
from reminders.models import Handover
from tests.factories.branches import (
    make_holder,
    make_member,
    make_organisation,
    make_post,
    make_tree,
    make_user,
)
from tests.reminders.handovers import DAY, LAST_DAY, ON, make_scene, mine, opened, signed

pytestmark = pytest.mark.django_db
BEGUN = date(2027, 3, 1)


def state_of(handover: Handover) -> tuple[str, str]:
    handover.refresh_from_db()
    return handover.state, handover.reason


def test_a_post_that_ends_soon_opens_one_with_everybody_in_it() -> None:
    scene = make_scene()
    (made,) = open_due_handovers(on=ON)
    assert (made.organisation, made.role, made.cause, made.last_day) == (
        scene.branch,
        Role.WORKER,
        HandoverCause.POST_ENDED,
        LAST_DAY,
    )
    assert (made.leaver, made.leaver_name) == (scene.leaver, "李离任")
    assert (made.newcomer_post, made.newcomer_name) == (scene.newcomer_post, "王接任")
    assert made.opened_by is None
    assert made.state == HandoverState.OPEN


def test_the_next_run_opens_nothing_and_changes_nothing() -> None:
    make_scene()
    made = opened()
    before = list(made.lines.order_by("pk").values())
    told = Message.objects.count()
    events = AuditEvent.objects.count()
    assert open_due_handovers(on=ON) == []
    assert list(made.lines.order_by("pk").values()) == before
    assert (Message.objects.count(), AuditEvent.objects.count()) == (told, events)


@pytest.mark.parametrize(
    ("last_day", "opens"),
    [
        (ON - 61 * DAY, False),
        (ON - 60 * DAY, True),
        (ON - DAY, True),
        (ON + 60 * DAY, True),
        (ON + 61 * DAY, False),
    ],
)
def test_sixty_days_to_both_sides(last_day: date, opens: bool) -> None:
    make_scene(last_day=last_day)
    assert len(open_due_handovers(on=ON)) == opens


@pytest.mark.parametrize("role", [Role.DEPUTY_SECRETARY, Role.GENERAL_BRANCH_STAFF])
def test_other_posts_are_opened_by_staff_alone(role: Role) -> None:
    _, general, (branch, _) = make_tree()
    place = general if role == Role.GENERAL_BRANCH_STAFF else branch
    post = make_post(place, role, until=LAST_DAY)
    assert open_due_handovers(on=ON) == []
    staff = make_user()
    made = open_handover(post, last_day=LAST_DAY, by=staff, on=ON)
    assert (made.cause, made.opened_by) == (HandoverCause.OPENED_BY_STAFF, staff)


def test_who_holds_the_post_the_day_after_hands_nothing_over() -> None:
    scene = make_scene()
    make_post(scene.branch, Role.WORKER, user=scene.leaver, since=LAST_DAY + DAY)
    assert open_due_handovers(on=ON) == []


def test_the_same_person_through_the_member_is_the_same_person() -> None:
    scene = make_scene()
    member = make_member(scene.branch, user=scene.leaver)
    make_post(scene.branch, Role.WORKER, member=member, since=LAST_DAY + DAY)
    assert open_due_handovers(on=ON) == []


def test_a_gap_of_a_day_is_a_handover() -> None:
    scene = make_scene()
    make_post(scene.branch, Role.WORKER, user=scene.leaver, since=LAST_DAY + 2 * DAY)
    assert len(open_due_handovers(on=ON)) == 1


def retiring(kind: EventKind, on: date, *, assigned: bool = False) -> tuple[Organisation, Member]:
    """A secretary of whom an event ahead is known."""
    _, _, (branch, _) = make_tree()
    member = make_member(branch, user=make_user(name="周书记"), name="周书记", assigned=assigned)
    make_post(branch, Role.SECRETARY, member=member, since=date(2024, 1, 1))
    add_event(member, kind=kind, on=on, by=None)
    return branch, member


@pytest.mark.parametrize(
    ("kind", "assigned", "cause"),
    [
        (EventKind.RETIRED, False, HandoverCause.RETIREMENT),
        (EventKind.MOVED_OUT, False, HandoverCause.TRANSFER),
        (EventKind.SECONDED, False, HandoverCause.TRANSFER),
        (EventKind.RETURNED, True, HandoverCause.SECONDMENT_END),
    ],
)
def test_a_departure_known_ahead_opens_one(kind: EventKind, assigned: bool, cause: HandoverCause) -> None:
    day = date(2027, 1, 18)
    branch, _ = retiring(kind, day, assigned=assigned)
    assert open_due_handovers(on=ON - DAY) == []
    (made,) = open_due_handovers(on=ON)
    assert (made.organisation, made.cause, made.last_day) == (branch, cause, day - DAY)
    assert (made.role, made.newcomer_name) == (Role.SECRETARY, "")


def test_a_return_that_ends_a_secondment_takes_nobody_away() -> None:
    retiring(EventKind.RETURNED, date(2026, 12, 1))
    assert open_due_handovers(on=ON) == []


def test_a_corrected_event_cancels_what_it_opened_and_says_so() -> None:
    branch, member = retiring(EventKind.SECONDED, date(2026, 12, 1))
    made = opened()
    staff = make_holder(branch, Role.GENERAL_BRANCH_STAFF)
    assert made.grant is not None
    correct_event(member.events.get(kind=EventKind.SECONDED), reason="录错", by=None, replacement=None)
    assert open_due_handovers(on=ON) == []
    assert state_of(made) == (HandoverState.CANCELLED, "原定的变动已更正，周书记继续在任。")
    assert [made.cancelled_by_id, made.grant_id, AccessGrant.objects.count()] == [None, None, 0]
    told = Message.objects.filter(recipient=member.user).order_by("-pk")[0]
    assert (told.title, told.intro) == (
        f"交接已撤销：{branch.name}书记",
        "原因：原定的变动已更正，周书记继续在任。",
    )
    assert staff.is_active


def test_what_the_portal_cancelled_opens_again_when_its_cause_comes_back() -> None:
    _, member = retiring(EventKind.SECONDED, date(2026, 12, 1))
    opened()
    wrong = member.events.get(kind=EventKind.SECONDED)
    correct_event(wrong, reason="录错", by=None, replacement=None)
    open_due_handovers(on=ON)
    add_event(member, kind=EventKind.SECONDED, on=date(2026, 12, 1), by=None)
    assert len(open_due_handovers(on=ON)) == 1


def test_what_staff_cancelled_stays_cancelled_until_the_day_changes() -> None:
    scene = make_scene()
    cancel_handover(opened(), reason="由书记兼任，不必交接", by=scene.staff, on=ON)
    assert open_due_handovers(on=ON) == []
    end_post(scene.leaver_post, on=LAST_DAY - DAY, by=None)
    assert [made.last_day for made in open_due_handovers(on=ON)] == [LAST_DAY - DAY]


def test_a_corrected_day_moves_the_last_day_and_the_grant() -> None:
    _, member = retiring(EventKind.SECONDED, date(2026, 12, 1))
    made = opened()
    wrong = member.events.get(kind=EventKind.SECONDED)
    correct_event(
        wrong, reason="改期", by=None, replacement=EventData(EventKind.SECONDED, date(2026, 12, 16))
    )
    open_due_handovers(on=ON)
    made.refresh_from_db()
    assert made.last_day == date(2026, 12, 15)
    assert made.grant is not None
    assert (made.grant.since, made.grant.until) == (date(2026, 12, 16), date(2027, 1, 14))
    assert AccessGrant.objects.count() == 1


def test_a_departure_put_off_far_ahead_cancels_until_it_is_near() -> None:
    _, member = retiring(EventKind.SECONDED, date(2026, 12, 1))
    made = opened()
    wrong = member.events.get(kind=EventKind.SECONDED)
    correct_event(wrong, reason="改期", by=None, replacement=EventData(EventKind.SECONDED, date(2027, 6, 1)))
    open_due_handovers(on=ON)
    assert state_of(made) == (
        HandoverState.CANCELLED,
        "离任日期已改为 2027-05-31，临近时会重新开始交接。",
    )
    assert len(open_due_handovers(on=date(2027, 4, 1))) == 1


def test_a_post_given_back_cancels() -> None:
    scene = make_scene()
    made = opened()
    give_post(scene.branch, role=Role.WORKER, since=LAST_DAY + DAY, by=scene.staff, user=scene.leaver)
    open_due_handovers(on=ON)
    assert state_of(made) == (HandoverState.CANCELLED, "李离任继续担任“党务工作者”。")


def test_a_dissolved_branch_has_nobody_to_hand_over_to() -> None:
    scene = make_scene()
    made = opened()
    Organisation.objects.filter(pk=scene.branch.pk).update(dissolved_on=ON)
    assert open_due_handovers(on=ON) == []
    assert state_of(made)[0] == HandoverState.CANCELLED


def test_several_newcomers_wait_for_staff_and_none_is_said() -> None:
    scene = make_scene()
    make_post(scene.branch, Role.WORKER, since=LAST_DAY)
    made = opened()
    assert made.newcomer_name == ""
    assert made.lines.count() > 0


def test_the_newcomer_attaches_once_known_and_is_let_go_when_gone() -> None:
    scene = make_scene(newcomer_since=date(2027, 6, 1))
    made = opened()
    assert made.newcomer_name == ""
    late = make_post(scene.branch, Role.WORKER, since=LAST_DAY + 5 * DAY, until=LAST_DAY + 9 * DAY)
    open_due_handovers(on=ON + DAY)
    made.refresh_from_db()
    assert made.newcomer_post == late
    open_due_handovers(on=LAST_DAY + 10 * DAY)
    made.refresh_from_db()
    assert [made.newcomer_post_id, made.newcomer_name, made.state] == [None, "", HandoverState.OPEN]


def test_a_newcomer_is_told_from_the_first_day_in_the_post() -> None:
    scene = make_scene()
    opened()
    mine = Message.objects.filter(recipient=scene.newcomer)
    assert mine.count() == 0
    for day in (LAST_DAY + DAY, LAST_DAY + 2 * DAY):
        open_due_handovers(on=day)
        assert list(mine.values_list("title", flat=True)) == [f"工作交接：{scene.branch.name}党务工作者"]


def test_everybody_concerned_is_told_once_and_nothing_of_it_leaves_the_portal() -> None:
    scene = make_scene()
    opened()
    told = {m.recipient: m for m in Message.objects.prefetch_related("lines")}
    assert set(told) == {scene.leaver, scene.secretary, scene.staff}
    assert {m.outside_title for m in told.values()} == {"工作交接"}
    assert {line.outside_text for m in told.values() for line in m.lines.all()} == {
        "有一项工作交接需要您登录平台办理。"
    }


def test_an_account_opened_later_gets_its_grant() -> None:
    _, _, (branch, _) = make_tree()
    member = make_member(branch)
    make_post(branch, Role.WORKER, member=member, until=LAST_DAY)
    made = opened()
    assert [made.leaver_id, made.grant_id] == [None, None]
    member.user = make_user()
    member.save()
    open_due_handovers(on=ON)
    made.refresh_from_db()
    assert made.leaver == member.user
    assert made.grant is not None


def test_one_grant_serves_two_posts_of_one_person_and_passes_on() -> None:
    scene = make_scene()
    Post.objects.filter(organisation=scene.branch, role=Role.SECRETARY).update(
        user=scene.leaver, until=LAST_DAY
    )
    first, second = open_due_handovers(on=ON)
    assert AccessGrant.objects.count() == 1
    assert (first.grant is None) != (second.grant is None)
    holder, other = (first, second) if first.grant else (second, first)
    cancel_handover(holder, reason="合并办理", by=scene.staff, on=ON)
    other.refresh_from_db()
    assert other.grant == AccessGrant.objects.get()


class TestGrant:
    """What a leaver may still do after the last day."""

    after = LAST_DAY + DAY

    def test_it_opens_the_own_handover_and_nothing_else(self) -> None:
        scene = make_scene()
        made = opened()
        assert holdings_of(scene.leaver, on=self.after) == {GrantKind.HANDOVER}
        allowed = [
            name
            for name in all_permissions()
            if Organisation.objects.permitted_to(scene.leaver, name, on=self.after).exists()
        ]
        # What is found by a search is what they may see anyway.
        assert set(allowed) == {"dashboards.search", "reminders.view_handover"}
        assert list(Handover.objects.visible_to(scene.leaver, on=self.after)) == [made]

    def test_a_colleague_s_handover_in_the_same_branch_stays_closed(self) -> None:
        scene = make_scene()
        opened()
        post = make_post(scene.branch, Role.WORKER, since=date(2024, 1, 1))
        other = open_handover(post, last_day=ON, by=scene.staff, on=ON)
        seen = Handover.objects.visible_to(scene.leaver, on=self.after)
        assert other not in seen
        assert seen.count() == 1

    def test_it_begins_the_day_after_and_ends_after_thirty_days(self) -> None:
        scene = make_scene()
        made = opened()
        last = LAST_DAY + timedelta(days=30)
        seen = [Handover.objects.visible_to(scene.leaver, on=day).count() for day in (last, last + DAY)]
        assert seen == [1, 0]
        assert made.grant is not None
        assert (made.grant.since, made.grant.until, made.grant.granted_by) == (self.after, last, None)

    def test_sessions_go_on_over_the_last_day(self) -> None:
        """The grant is there before the post ends, whichever task runs first."""
        scene = make_scene()
        opened()
        epoch = scene.leaver.session_epoch
        assert end_sessions_without_post(on=self.after) == 0
        assert User.objects.get(pk=scene.leaver.pk).session_epoch == epoch
        assert end_sessions_without_post(on=LAST_DAY + 31 * DAY) == 1

    def test_a_post_ended_yesterday_gives_the_way_back_at_the_next_run(self) -> None:
        scene = make_scene(last_day=None)
        end_post(scene.leaver_post, on=ON - DAY, by=scene.staff, today=ON)
        assert not Handover.objects.visible_to(scene.leaver, on=ON).exists()
        made = opened()
        assert list(Handover.objects.visible_to(scene.leaver, on=ON)) == [made]

    def test_staff_see_it_and_end_it_with_the_handover_alone(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: ON)
        scene = make_scene()
        grant = opened().grant
        assert grant is not None
        client.force_login(scene.staff)
        shown = client.get(f"/w/organisations/{scene.branch.pk}/").content.decode()
        end = f"/w/organisations/grants/{grant.pk}/end/"
        assert ("离任交接" in shown, end in shown) == (True, False)
        assert client.get(end).status_code == 404

    def test_signing_ends_it_with_the_day(self) -> None:
        scene = make_scene(last_day=ON - 5 * DAY)
        made = signed(scene)
        assert Handover.objects.visible_to(scene.leaver, on=ON).get() == made
        assert not Handover.objects.visible_to(scene.leaver, on=ON + DAY).exists()

    def test_signing_before_the_last_day_takes_it_back_whole(self) -> None:
        scene = make_scene(newcomer_since=ON - DAY)
        made = signed(scene)
        assert made.state == HandoverState.SIGNED
        assert AccessGrant.objects.count() == 0


def test_staff_open_one_once_with_days_that_fit() -> None:
    scene = make_scene()
    post = Post.objects.get(organisation=scene.branch, role=Role.SECRETARY)
    with pytest.raises(HandoverRefused, match="离任日期不能早于任职日期"):
        open_handover(post, last_day=date(2010, 1, 1), by=scene.staff, on=ON)
    with pytest.raises(HandoverRefused, match="离任日期不能更晚"):
        open_handover(scene.leaver_post, last_day=LAST_DAY + DAY, by=scene.staff, on=ON)
    made = open_handover(post, last_day=date(2026, 12, 31), by=scene.staff, on=ON)
    assert made.role == Role.SECRETARY
    with pytest.raises(HandoverRefused, match="已有一份工作交接"):
        open_handover(post, last_day=ON, by=scene.staff, on=ON)


def test_staff_s_own_handover_is_not_cancelled_by_the_portal() -> None:
    scene = make_scene(last_day=None)
    made = open_handover(scene.leaver_post, last_day=LAST_DAY, by=scene.staff, on=ON)
    open_due_handovers(on=ON)
    assert state_of(made) == (HandoverState.OPEN, "")
    end_post(scene.leaver_post, on=date(2026, 12, 5), by=scene.staff)
    open_due_handovers(on=ON)
    made.refresh_from_db()
    assert made.last_day == date(2026, 12, 5)


def live(days: set[date], *, length: int, branches: int) -> list[tuple[str, str, date, str, str]]:
    """Some time in which people leave and come, the same each time; the run happens on these days alone."""
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH)
    posts = [
        make_post(make_organisation(parent=general), Role.WORKER, user=make_user(name=f"甲{n}"))
        for n in range(branches)
    ]
    draw = Random(11)
    for n in range(length):
        today = BEGUN + timedelta(days=n)
        post = posts[place := draw.randrange(branches)]
        if draw.random() < 0.1 and post.until is None and post.since <= today:
            end_post(post, on=today + timedelta(days=draw.randrange(5, 50)), by=None)
            if draw.random() < 0.8:
                posts[place] = follow(post, name=f"乙{n}")
        if today in days or n == length - 1:
            open_due_handovers(on=today)
    rows = Handover.objects.filter(organisation__parent=general).order_by("last_day", "leaver_name")
    return list(rows.values_list("leaver_name", "newcomer_name", "last_day", "cause", "state"))


def follow(post: Post, *, name: str) -> Post:
    assert post.until is not None
    user = make_user(name=name)
    return give_post(post.organisation, role=Role.WORKER, since=post.until + DAY, by=None, user=user)


def with_and_without_outages(length: int, branches: int) -> tuple[list[object], list[object]]:
    every = [BEGUN + timedelta(days=n) for n in range(length)]
    draw, kept, n = Random(7), set[date](), 0
    while n < length:
        kept.add(every[n])
        n += draw.randrange(1, 40)
    daily = live(set(every), length=length, branches=branches)
    return [*daily], [*live(kept, length=length, branches=branches)]


def test_runs_with_outages_end_like_daily_runs() -> None:
    """Due means not later than: an outage only delays."""
    daily, gappy = with_and_without_outages(100, 2)
    assert len(daily) >= 3
    assert gappy == daily


@pytest.mark.full
def test_a_year_of_runs_with_outages_ends_like_a_year_of_daily_runs() -> None:
    daily, gappy = with_and_without_outages(365, 4)
    assert len(daily) > 8
    assert gappy == daily


def test_items_that_came_late_to_the_leaver_s_post_follow() -> None:
    scene = make_scene(newcomer_since=ON - DAY)
    signed(scene)
    late = mine(scene, due=date(2026, 12, 31))
    open_due_handovers(on=ON + DAY)
    late.refresh_from_db()
    assert (late.responsible_post, late.responsible_name) == (scene.newcomer_post, "王接任")


def test_one_that_is_refused_keeps_no_other_branch_waiting(caplog: pytest.LogCaptureFixture) -> None:
    """The branch is dissolved while its handover is being opened: it takes no grant any more."""
    scene = make_scene()
    make_post(scene.other, Role.WORKER, since=date(2020, 1, 1), until=LAST_DAY)

    def dissolve(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "reminders_handover" ') and not caplog.records:
            Organisation.objects.filter(pk=scene.branch.pk).update(dissolved_on=ON)
        return execute(sql, *rest)

    with connection.execute_wrapper(dissolve):
        made = open_due_handovers(on=ON)
    assert [handover.organisation for handover in made] == [scene.other]
    assert not Handover.objects.filter(organisation=scene.branch).exists()
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        f"Refused for post {scene.leaver_post.pk}"
    ]
