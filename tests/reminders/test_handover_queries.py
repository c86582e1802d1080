"""What pages of handovers read: rights, lines in words, the list, gaps, mentors, the first days."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from branches.actions.grants import grant_access
from branches.actions.posts import end_post
from branches.models import DevelopmentCase, Organisation, Post
from branches.rules import GrantKind, MemberStatus, OrganisationKind, Role
from notices.models import Channel
from reminders.actions.handover import (
    cancel_handover,
    check_handover,
    choose_mentor,
    confirm_lines,
    open_due_handovers,
    open_handover,
    sign_handover,
)
from reminders.handover_rules import Capacity, HandoverState, Part
from reminders.models import CalendarFeed, Handover
from reminders.queries.handover import (
    Rights,
    first_week,
    gaps_and_doubles,
    handover_page,
    handovers_of,
    mentor_suggestions,
)
from tests.factories.branches import make_holder, make_member, make_organisation, make_post, make_user
from tests.factories.items import make_item
from tests.reminders.handovers import (
    DAY,
    LAST_DAY,
    NOW,
    ON,
    Scene,
    confirmed,
    current,
    make_scene,
    mine,
    opened,
    signed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene(newcomer_since=ON - DAY)


def rights(handover: Handover, user: User, on: date = ON) -> Rights:
    return handover_page(handover, user, on=on).rights


class TestRights:
    def test_while_the_leaver_checks(self, scene: Scene) -> None:
        handover = opened()
        assert rights(handover, scene.leaver) == Rights(note=True, check=True, links=True, is_leaver=True)
        assert rights(handover, scene.newcomer) == Rights(links=True, is_newcomer=True)
        assert rights(handover, scene.secretary) == Rights(links=True)
        assert rights(handover, scene.staff) == Rights(
            check_in_absence=True, choose=True, cancel=True, links=True, is_staff=True
        )

    def test_while_the_newcomer_confirms(self, scene: Scene) -> None:
        handover = opened()
        check_handover(handover, by=scene.leaver, on=ON)
        assert rights(handover, scene.leaver) == Rights(note=True, links=True, is_leaver=True)
        assert rights(handover, scene.newcomer) == Rights(confirm=True, links=True, is_newcomer=True)

    def test_while_it_is_signed(self, scene: Scene) -> None:
        handover = confirmed(scene)
        signing = [rights(handover, user).sign for user in (scene.leaver, scene.newcomer, scene.staff)]
        assert signing == [(Capacity.LEAVER,), (Capacity.NEWCOMER,), (Capacity.WITNESS,)]
        assert rights(handover, scene.staff).sign_for_leaver
        sign_handover(handover, capacity=Capacity.LEAVER, by=scene.leaver, on=ON, now=NOW)
        left = rights(handover, scene.staff)
        assert (left.sign_for_leaver, left.choose, left.cancel) == (False, False, True)
        assert rights(handover, scene.leaver) == Rights(links=True, is_leaver=True)

    def test_with_the_grant_alone_lines_are_words_without_links(self) -> None:
        scene = make_scene()
        mine(scene)
        page = handover_page(opened(), scene.leaver, on=LAST_DAY + DAY)
        assert page.rights == Rights(note=True, check=True, is_leaver=True)
        assert {line.url for line in page.lines} == {""}

    def test_a_signed_one_leaves_nothing_to_do(self, scene: Scene) -> None:
        handover = signed(scene)
        assert rights(handover, scene.staff) == Rights(links=True, is_staff=True)
        assert handover_page(handover, scene.staff, on=ON).waiting.words == ""


class TestWaiting:
    def words(self, handover: Handover, user: User, on: date = ON) -> tuple[str, bool]:
        waiting = handover_page(handover, user, on=on).waiting
        return waiting.words, waiting.mine

    def test_it_says_for_whom(self, scene: Scene) -> None:
        handover = opened()
        assert self.words(handover, scene.leaver) == ("等待李离任核对清单", True)
        assert self.words(handover, scene.staff) == ("等待李离任核对清单", False)
        check_handover(handover, by=scene.leaver, on=ON)
        assert self.words(handover, scene.newcomer) == ("等待王接任逐条确认", True)
        confirm_lines(handover, confirmed=current(handover), questions={}, by=scene.newcomer, on=ON)
        assert self.words(handover, scene.newcomer) == ("等待移交人李离任、接收人王接任、监交人签字", True)
        sign_handover(handover, capacity=Capacity.NEWCOMER, by=scene.newcomer, on=ON, now=NOW)
        assert self.words(handover, scene.newcomer) == ("等待移交人李离任、监交人签字", False)

    def test_a_newcomer_to_come_or_to_be_found(self) -> None:
        scene = make_scene()
        handover = opened()
        check_handover(handover, by=scene.leaver, on=ON)
        assert self.words(handover, scene.staff)[0] == "等待王接任 12 月 1 日 周二到任后逐条确认"
        end_post(scene.newcomer_post, on=LAST_DAY + DAY, by=None)
        open_due_handovers(on=LAST_DAY + 3 * DAY)
        assert self.words(handover, scene.staff) == ("待确定接收人", True)

    def test_people_without_an_account(self) -> None:
        scene = make_scene(newcomer_since=ON)
        without = make_member(scene.branch, name="无账号")
        Post.objects.filter(pk=scene.leaver_post.pk).update(user=None, member=without)
        handover = opened()
        assert self.words(handover, scene.staff) == ("移交人没有账号，等待党总支代为核对", True)
        check_handover(handover, by=scene.staff, on=ON, absence_reason="已离开")
        other = make_member(scene.branch, name="新同志")
        Post.objects.filter(pk=scene.newcomer_post.pk).update(user=None, member=other)
        assert self.words(handover, scene.staff)[0] == "王接任还没有账号，请先为其开通"


class TestPage:
    def test_lines_in_words_by_part(self, scene: Scene) -> None:
        mine(scene, name="逾期的", due=ON - DAY)
        mine(scene, name="快到的", due=ON + 3 * DAY)
        mine(scene, name="还早的", due=ON + 4 * DAY)
        page = handover_page(opened(), scene.staff, on=ON)
        first = page.parts[0]
        assert (first.code, first.label) == (Part.OPEN_ITEMS, "未办结事项")
        assert [(line.title, line.tag, line.tone) for line in first.lines] == [
            ("逾期的", "已逾期 1 天", "late"),
            ("快到的", "还剩 3 天", "soon"),
            ("还早的", "还剩 4 天", ""),
        ]
        assert [part.code for part in page.parts] == [p for p in Part if p in {q.code for q in page.parts}]
        assert page.confirmed == 0
        assert page.current == len(page.lines)

    def test_signatures_stand_in_their_places(self, scene: Scene) -> None:
        handover = confirmed(scene)
        sign_handover(
            handover, capacity=Capacity.LEAVER, by=scene.staff, on=ON, now=NOW, absence_reason="住院"
        )
        page = handover_page(handover, scene.staff, on=ON)
        rows = [(row.label, row.name, row.at, row.in_absence, row.reason) for row in page.signatures]
        assert rows == [
            ("移交人", "孙干部", NOW, True, "住院"),
            ("接收人", "王接任", None, False, ""),
            ("监交人", "", None, False, ""),
        ]
        assert page.content == handover.signatures.get().content

    @pytest.mark.parametrize("rows", [1, 12])
    def test_the_number_of_statements_does_not_grow(self, scene: Scene, rows: int) -> None:
        for n in range(rows):
            mine(scene, name=f"事项{n}")
            make_post(make_organisation(parent=scene.general), Role.WORKER)
            make_post(scene.branch, Role.WORKER, since=date(2020, 1, 1))
        handover = opened()
        with CaptureQueriesContext(connection) as seen:
            handover_page(handover, scene.staff, on=ON)
        assert len(seen) == 7

    def test_staff_are_offered_who_could_take_over(self) -> None:
        scene = make_scene()
        old = make_post(scene.branch, Role.WORKER, user=make_user(name="钱同事"))
        make_post(scene.branch, Role.WORKER, until=LAST_DAY)
        page = handover_page(Handover.objects.get(pk=open_both(scene)), scene.staff, on=ON)
        assert [choice.post for choice in page.newcomer_choices] == [old.pk]
        assert page.newcomer_choices[0].label == "钱同事（2015-01-01 起任党务工作者）"
        assert handover_page(page.handover, scene.leaver, on=ON).newcomer_choices == ()


def open_both(scene: Scene) -> int:
    open_due_handovers(on=ON)
    return Handover.objects.get(leaver_post=scene.leaver_post).pk


class TestList:
    def test_own_branches_running_first_and_no_foreign_row(self, scene: Scene) -> None:
        cancel_handover(opened(), reason="误开", by=scene.staff, on=ON)
        running = open_handover(scene.leaver_post, last_day=LAST_DAY, by=scene.staff, on=ON)
        sister = open_handover(make_post(scene.other, Role.WORKER), last_day=ON, by=scene.staff, on=ON)
        foreign = open_handover(
            make_post(make_organisation(), Role.WORKER), last_day=ON, by=scene.staff, on=ON
        )
        rows = list(handovers_of(scene.staff, on=ON))
        assert [row.running for row in rows] == [True, True, False]
        assert {row.pk for row in rows[:2]} == {running.pk, sister.pk}
        assert foreign.pk not in {row.pk for row in rows}
        own = list(handovers_of(scene.secretary, on=ON))
        assert {row.organisation for row in own} == {scene.branch.name}
        assert own[0].waiting == "等待李离任核对清单"
        assert [row.mine for row in handovers_of(scene.leaver, on=ON)] == [True, False]

    def test_a_leaver_s_grant_lists_the_own_one(self) -> None:
        scene = make_scene()
        made = opened()
        open_handover(make_post(scene.branch, Role.DEPUTY_SECRETARY), last_day=ON, by=scene.staff, on=ON)
        assert [row.pk for row in handovers_of(scene.leaver, on=LAST_DAY + DAY)] == [made.pk]

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_number_of_statements_does_not_grow(self, scene: Scene, count: int) -> None:
        for _ in range(count):
            post = make_post(make_organisation(parent=scene.general), Role.WORKER)
            open_handover(post, last_day=ON, by=scene.staff, on=ON)
        with CaptureQueriesContext(connection) as seen:
            rows = list(handovers_of(scene.staff, on=ON))
        assert len(rows) == count
        assert len(seen) == 5


class TestGaps:
    @pytest.fixture
    def place(self) -> Organisation:
        """The only branch of a general branch."""
        return make_organisation(parent=make_organisation(kind="general_branch"), name="甲党支部")

    def found(self, place: Organisation, on: date = ON) -> list[tuple[str, str, date | None]]:
        assert place.parent is not None
        staff = make_holder(place.parent, Role.GENERAL_BRANCH_STAFF)
        return [(row.title, row.words, row.since) for row in gaps_and_doubles(staff, on=on)]

    def test_one_worker_is_as_it_should_be(self, place: Organisation) -> None:
        make_post(place, Role.WORKER)
        assert self.found(place) == []

    def test_nobody_since_a_day(self, place: Organisation) -> None:
        make_post(place, Role.WORKER, until=date(2026, 10, 31))
        since = date(2026, 11, 1)
        assert self.found(place) == [("缺党务工作者", "11 月 1 日 周日起无人在任", since)]
        assert self.found(place, date(2026, 10, 31)) == []

    def test_nobody_ever(self, place: Organisation) -> None:
        assert self.found(place) == [("缺党务工作者", "还没有登记过党务工作者", None)]

    def test_two_with_a_known_end_share_thirty_days(self, place: Organisation) -> None:
        make_post(place, Role.WORKER, user=make_user(name="甲"), until=date(2026, 12, 31))
        make_post(place, Role.WORKER, user=make_user(name="乙"), since=ON - 30 * DAY)
        assert self.found(place) == []
        words = "甲、乙，10 月 19 日 周一起同时在任"
        assert self.found(place, ON + DAY) == [("党务工作者重叠", words, ON - 30 * DAY)]

    def test_two_without_an_end_are_double_at_once(self, place: Organisation) -> None:
        for name in "甲乙":
            make_post(place, Role.WORKER, user=make_user(name=name), since=ON)
        assert self.found(place) == [("党务工作者重叠", "甲、乙，11 月 18 日 周三起同时在任", ON)]

    def test_a_joint_branch_may_have_a_worker_of_each_unit(self, place: Organisation) -> None:
        Organisation.objects.filter(pk=place.pk).update(kind=OrganisationKind.JOINT_BRANCH)
        assert self.found(place) == [("缺党务工作者", "还没有登记过党务工作者", None)]
        for name in "甲乙":
            make_post(place, Role.WORKER, user=make_user(name=name), since=ON)
        assert self.found(place) == []

    def test_a_stand_in_who_cannot_sign_in(self, place: Organisation) -> None:
        make_post(place, Role.WORKER)
        deputy = make_user()
        grant_access(deputy, place, kind=GrantKind.STAND_IN, since=ON, until=ON + DAY, reason="请假", by=None)
        assert self.found(place) == []
        deputy.is_active = False
        deputy.save()
        assert [title for title, _, _ in self.found(place)] == ["代办人无法登录"]

    def test_links_lead_to_the_handover_or_to_registering(self, place: Organisation) -> None:
        assert place.parent is not None
        staff = make_holder(place.parent, Role.GENERAL_BRANCH_STAFF)
        post = make_post(place, Role.WORKER, until=ON - DAY)
        assert gaps_and_doubles(staff, on=ON)[0].url == f"/w/organisations/{place.pk}/posts/add/"
        open_due_handovers(on=ON)
        handover = Handover.objects.get(leaver_post=post)
        assert gaps_and_doubles(staff, on=ON)[0].url.endswith(f"/{handover.pk}/")

    def test_nothing_foreign_dissolved_or_unseen(self, place: Organisation, scene: Scene) -> None:
        Organisation.objects.filter(pk=place.pk).update(dissolved_on=ON)
        assert self.found(place) == []
        assert gaps_and_doubles(scene.leaver, on=ON) == []

    @pytest.mark.parametrize("count", [1, 3])
    def test_two_statements(self, scene: Scene, count: int) -> None:
        for n in range(count):
            place = make_organisation(parent=scene.general)
            for _ in range(n):
                make_post(place, Role.WORKER)
        with CaptureQueriesContext(connection) as seen:
            gaps_and_doubles(scene.staff, on=ON)
        assert len(seen) == 2


class TestMentors:
    def sister(self, scene: Scene, name: str, **fields: Any) -> Post:
        place = make_organisation(parent=scene.general, name=f"{name}支部", **fields)
        return make_post(place, Role.WORKER, user=make_user(name=name), since=date(2024, 11, 18))

    def test_same_line_and_near_first_with_reasons_in_words(self, scene: Scene) -> None:
        place: dict[str, Any] = {"latitude": Decimal("24.4"), "longitude": Decimal("103.4")}
        Organisation.objects.filter(pk=scene.branch.pk).update(industry_line="烟叶", **place)
        near: dict[str, Any] = {"latitude": Decimal("24.5"), "longitude": Decimal("103.4")}
        far: dict[str, Any] = {"latitude": Decimal("25.4"), "longitude": Decimal("103.4")}
        self.sister(scene, "远同线", industry_line="烟叶", **far)
        self.sister(scene, "近异线", industry_line="物流", **near)
        self.sister(scene, "近同线", industry_line="烟叶", **near)
        self.sister(scene, "无位置")
        found = mentor_suggestions(opened(), on=ON)
        assert [(one.name, one.reasons) for one in found] == [
            ("近同线", ("同属烟叶", "相距 11.1 公里", "在任 2 年")),
            ("远同线", ("同属烟叶", "相距 111.2 公里", "在任 2 年")),
            ("近异线", ("相距 11.1 公里", "在任 2 年")),
        ]

    def test_who_is_new_busy_elsewhere_or_foreign_is_left_in_peace(self, scene: Scene) -> None:
        make_post(scene.other, Role.WORKER, since=ON - timedelta(days=300))
        make_post(make_organisation(), Role.WORKER)
        make_post(scene.other, Role.SECRETARY)
        leaving = self.sister(scene, "也要走")
        open_handover(leaving, last_day=LAST_DAY, by=scene.staff, on=ON)
        mentor, free = self.sister(scene, "已帮带"), self.sister(scene, "有空")
        open_due_handovers(on=ON)
        other = Handover.objects.get(leaver_post=leaving)
        choose_mentor(other, post=mentor, by=scene.staff, on=ON)
        handover = Handover.objects.get(leaver_post=scene.leaver_post)
        assert [one.post for one in mentor_suggestions(handover, on=ON)] == [free.pk]

    def test_other_posts_have_no_mentor(self, scene: Scene) -> None:
        self.sister(scene, "有空")
        post = scene.branch.posts.get(role=Role.SECRETARY)
        handover = open_handover(post, last_day=ON, by=scene.staff, on=ON)
        assert mentor_suggestions(handover, on=ON) == []


class TestFirstWeek:
    def test_made_of_what_is_stored(self, scene: Scene) -> None:
        for n in range(5):
            mine(scene, name=f"事项{n}", due=ON + (n - 1) * DAY)
        make_item(scene.branch, name="太远", due=ON + 8 * DAY)
        person = make_member(scene.branch, name="何积极", status=MemberStatus.ACTIVIST)
        DevelopmentCase.objects.create(
            member=person, opened_on=date(2026, 1, 5), next_step=6, next_due_on=date(2026, 12, 1)
        )
        steps = first_week(signed(scene), traps=0, on=ON)
        assert [(step.title, step.tone) for step in steps] == [
            ("事项0", "late"),
            ("事项1", "soon"),
            ("事项2", "soon"),
            ("另有 2 项一周内到期或已逾期", ""),
            ("发展党员：何积极", ""),
            ("有不清楚的先问", ""),
            ("把到期日放进自己的日历", ""),
        ]

    def test_what_is_set_up_is_not_said_again(self, scene: Scene) -> None:
        handover = signed(scene)
        assert [(step.title, step.url) for step in first_week(handover, traps=0, on=ON)] == [
            ("有不清楚的先问", ""),
            ("把到期日放进自己的日历", "/w/reminders/feeds/"),
            ("设置通知方式", "/w/notices/settings/"),
        ]
        CalendarFeed.objects.create(user=scene.newcomer, digest="x" * 64, made_at=NOW)
        Channel.objects.create(
            user=scene.newcomer, kind="email", label="邮箱", target_sealed=b"x", target_digest="y" * 64
        )
        assert [step.title for step in first_week(handover, traps=0, on=ON)] == ["有不清楚的先问"]

    def test_the_traps_of_the_pack_are_the_last_to_read(self, scene: Scene) -> None:
        handover = confirmed(scene)
        handover.lines.filter(part=Part.TRAPS).delete()
        for n in range(2):
            handover.lines.create(part=Part.TRAPS, subject=f"trap:{n}", position=n, title="易错")
        Handover.objects.filter(pk=handover.pk).update(
            state=HandoverState.SIGNED, changed_hands_at=NOW, changed_hands_on=ON
        )
        last = handover_page(handover, scene.newcomer, on=ON).first_week[-1]
        assert (last.title, last.detail) == ("读一遍容易出错的地方", "交接清单里有 2 条")

    def test_it_begins_with_the_change_of_hands_and_goes_after_two_weeks(self, scene: Scene) -> None:
        assert first_week(confirmed(scene), traps=0, on=ON) == []
        handover = Handover.objects.get()
        for capacity, user in zip(Capacity, (scene.leaver, scene.newcomer, scene.staff), strict=True):
            sign_handover(handover, capacity=capacity, by=user, on=ON, now=NOW)
        shown = [bool(first_week(handover, traps=0, on=ON + n * DAY)) for n in (-1, 0, 14, 15)]
        assert shown == [False, True, True, False]

    def test_only_the_newcomer_s_page_shows_it(self, scene: Scene) -> None:
        handover = signed(scene)
        shown = {
            user.name
            for user in (scene.leaver, scene.newcomer, scene.staff)
            if handover_page(handover, user, on=ON).first_week
        }
        assert shown == {"王接任"}
        assert handover.state == HandoverState.SIGNED
