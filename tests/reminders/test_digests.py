"""The one digest: who is told, when, of what, and never twice."""

from datetime import date, time, timedelta
from random import Random

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.models import BusySeason, Organisation, Post
from branches.rules import OrganisationKind, Role
from notices.models import Channel, Delivery, Message, NoticePreference
from notices.rules import ChannelKind, Level
from reminders.actions.digests import compose_digests
from reminders.models import ReminderItem
from reminders.notice_events import DUE_TODAY, WEEKLY_DIGEST, item_subject, overdue_subject
from reminders.queries.anchors import PROPOSED_DAY
from reminders.rules import ItemState
from reminders.tasks import tell_digests
from tests.effort import tries
from tests.factories.branches import (
    LONG_AGO,
    make_holder,
    make_member,
    make_organisation,
    make_post,
    make_tree,
    make_user,
)
from tests.factories.items import make_done, make_item
from tests.factories.reminders import make_action
from tests.reminders.digest_scene import (
    MONDAY,
    SUNDAY,
    TUESDAY,
    WEDNESDAY,
    keys,
    moment,
    names,
    stand_in,
    texts,
    told,
)

pytestmark = pytest.mark.django_db
WEEK = "digest:2026-W47"


@pytest.fixture
def general() -> Organisation:
    return make_tree(0)[1]


@pytest.fixture
def branch(general: Organisation) -> Organisation:
    return make_organisation(parent=general, name="第一党支部")


@pytest.fixture
def worker(branch: Organisation) -> User:
    return make_holder(branch)


def only(user: User) -> Message:
    return Message.objects.get(recipient=user)


def make_channel(user: User, **fields: object) -> Channel:
    given = {"kind": ChannelKind.EMAIL, "label": "邮箱", "target_sealed": b"-", "target_digest": f"{user.pk}"}
    return Channel.objects.create(user=user, **{**given, **fields})


# ---- the weekly digest ---------------------------------------------------------------------------------


def test_the_week_says_what_is_late_due_this_week_and_in_the_two_after_it(
    branch: Organisation, worker: User
) -> None:
    make_item(branch, name="谈心谈话", due=date(2026, 11, 6))
    make_item(branch, name="主题党日", due=MONDAY)
    make_item(branch, name="党课", due=SUNDAY)
    make_item(branch, name="支部党员大会", due=date(2026, 12, 6))
    make_item(branch, name="年度总结", due=date(2026, 12, 7))
    make_done(branch, name="缴纳党费", done_on=date(2026, 11, 12), due=MONDAY)
    assert compose_digests(now=moment(MONDAY)) == 1
    assert told(worker) == [
        (
            WEEK,
            [
                "【已逾期 10 天】谈心谈话（11 月 6 日 周五截止）",
                "【今天到期】主题党日（11 月 16 日 周一截止）",
                "【本周到期】党课（11 月 22 日 周日截止）",
                "【今后两周】支部党员大会（12 月 6 日 周日截止）",
            ],
        )
    ]
    message = only(worker)
    assert (message.event, message.level) == (WEEKLY_DIGEST, Level.DIGEST)
    assert message.title == message.outside_title == "每周汇总（11 月 16 日—22 日）"
    assert message.intro == "已逾期 1 项，今天到期 1 项，本周到期 1 项，今后两周 1 项。"
    assert (message.url, message.more, message.organisation) == ("/w/reminders/", 0, branch)


def test_each_line_names_its_item_and_leads_to_it(branch: Organisation, worker: User) -> None:
    item = make_item(branch, due=SUNDAY)
    compose_digests(now=moment(MONDAY))
    line = only(worker).lines.get()
    assert (line.subject, line.url) == (item_subject(item.pk), f"/w/reminders/items/{item.pk}/")


def test_a_returned_item_is_told_however_late_it_is_due(branch: Organisation, worker: User) -> None:
    make_item(branch, name="年度总结", due=date(2026, 12, 31), state=ItemState.RETURNED)
    make_item(branch, name="党课", due=date(2026, 11, 10), state=ItemState.RETURNED)
    compose_digests(now=moment(MONDAY))
    assert told(worker) == [
        (
            WEEK,
            [
                "【退回 · 已逾期 6 天】党课（11 月 10 日 周二截止）",
                "【退回 · 以后】年度总结（12 月 31 日 周四截止）",
            ],
        )
    ]


def test_a_proposed_day_is_never_called_overdue(branch: Organisation, worker: User) -> None:
    make_item(branch, name="确定为积极分子", due=date(2026, 11, 13), note=PROPOSED_DAY)
    make_item(branch, name="政治审查", due=MONDAY, note=PROPOSED_DAY)
    compose_digests(now=moment(MONDAY))
    assert told(worker)[0][1] == [
        "【已过建议日期 3 天】确定为积极分子（建议 11 月 13 日 周五前办理）",
        "【建议今天办理】政治审查（建议 11 月 16 日 周一前办理）",
    ]
    assert only(worker).intro == "已过建议日期 1 项，建议今天办理 1 项。"


def test_nothing_open_makes_no_message(branch: Organisation, worker: User) -> None:
    make_done(branch, done_on=MONDAY)
    make_item(branch, due=date(2026, 12, 7))
    assert compose_digests(now=moment(MONDAY)) == 0
    assert told(worker) == []


@pytest.mark.parametrize(
    ("on", "at", "expected"),
    [
        (MONDAY, time(7, 59), []),
        (MONDAY, time(8, 0), [WEEK]),
        (TUESDAY, time(0, 0), [WEEK]),
        (SUNDAY, time(23, 59), [WEEK]),
    ],
)
def test_it_comes_on_monday_at_eight_or_later_in_the_week(
    branch: Organisation, worker: User, on: date, at: time, expected: list[str]
) -> None:
    make_item(branch, due=date(2026, 11, 30))
    compose_digests(now=moment(on, at.hour, at.minute))
    assert keys(worker) == expected


@pytest.mark.parametrize(
    ("on", "hour", "expected"),
    [(MONDAY, 23, []), (WEDNESDAY, 15, []), (WEDNESDAY, 16, [WEEK]), (SUNDAY, 0, [WEEK])],
)
def test_everybody_chooses_day_and_time(
    branch: Organisation, worker: User, on: date, hour: int, expected: list[str]
) -> None:
    make_item(branch, due=date(2026, 11, 30))
    NoticePreference.objects.create(user=worker, digest_weekday=2, digest_at=time(16))
    compose_digests(now=moment(on, hour))
    assert keys(worker) == expected


def test_a_changed_weekday_makes_no_second_digest_in_the_week(branch: Organisation, worker: User) -> None:
    make_item(branch, due=date(2026, 11, 30))
    compose_digests(now=moment(MONDAY))
    NoticePreference.objects.create(user=worker, digest_weekday=3)
    compose_digests(now=moment(date(2026, 11, 20)))
    assert keys(worker) == [WEEK]
    compose_digests(now=moment(date(2026, 11, 26)))
    assert keys(worker) == [WEEK, "digest:2026-W48"]


@pytest.mark.parametrize(
    ("on", "key"),
    [
        (date(2026, 12, 31), "digest:2026-W53"),
        (date(2027, 1, 3), "digest:2026-W53"),
        (date(2027, 1, 4), "digest:2027-W01"),
        (date(2028, 2, 29), "digest:2028-W09"),
    ],
)
def test_weeks_over_new_year_and_a_leap_day(branch: Organisation, worker: User, on: date, key: str) -> None:
    make_item(branch, due=on + timedelta(days=1))
    compose_digests(now=moment(on))
    assert keys(worker) == [key]


def test_many_items_are_one_message_with_the_number_of_the_others(branch: Organisation, worker: User) -> None:
    action = make_action(name="主题党日")
    for n in range(23):
        make_item(branch, action=action, period=f"p{n}", due=MONDAY + timedelta(days=n % 7))
    compose_digests(now=moment(MONDAY))
    message = only(worker)
    assert (message.lines.count(), message.more) == (20, 3)
    assert message.intro == "今天到期 4 项，本周到期 19 项。"


def test_what_had_no_room_in_the_digest_is_not_told_again_as_due(branch: Organisation, worker: User) -> None:
    action = make_action(name="主题党日")
    for n in range(23):
        make_item(branch, action=action, period=f"p{n}", due=date(2026, 11, 13))
    compose_digests(now=moment(MONDAY))
    compose_digests(now=moment(TUESDAY))
    assert keys(worker) == [WEEK]
    make_item(branch, name="党课", due=TUESDAY)
    compose_digests(now=moment(TUESDAY))
    assert names(told(worker)[1][1]) == ["党课"]


# ---- due today -----------------------------------------------------------------------------------------


def test_what_is_due_is_told_on_its_day_from_half_past_seven(branch: Organisation, worker: User) -> None:
    make_item(branch, name="主题党日", due=WEDNESDAY)
    make_item(branch, name="党课", due=date(2026, 11, 19))
    compose_digests(now=moment(MONDAY))
    assert compose_digests(now=moment(WEDNESDAY, 7, 29)) == 0
    assert compose_digests(now=moment(WEDNESDAY, 7, 30)) == 1
    assert told(worker)[1:] == [
        ("due:2026-11-18", ["【今天到期】主题党日（11 月 18 日 周三截止）"]),
    ]
    message = Message.objects.get(key="due:2026-11-18")
    assert (message.event, message.level, message.series) == (DUE_TODAY, Level.DUE, "")
    assert (message.title, message.intro) == ("到期提醒（11 月 18 日 周三）", "今天到期 1 项。")


def test_what_the_weekly_digest_told_on_its_day_is_not_told_again(branch: Organisation, worker: User) -> None:
    make_item(branch, due=MONDAY)
    make_item(branch, due=date(2026, 11, 2))
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        compose_digests(now=moment(day))
    assert keys(worker) == [WEEK]


def test_after_three_days_of_outage_everything_due_goes_out_once_in_one_message(
    branch: Organisation, worker: User
) -> None:
    for n, name in enumerate(["主题党日", "党课", "支委会", "谈心谈话"]):
        make_item(branch, name=name, due=TUESDAY + timedelta(days=n))
    compose_digests(now=moment(MONDAY))
    friday = date(2026, 11, 20)
    assert compose_digests(now=moment(friday)) == 1
    assert compose_digests(now=moment(friday, 9, 5)) == 0
    assert compose_digests(now=moment(date(2026, 11, 21))) == 0
    assert [(key, names(lines)) for key, lines in told(worker)[1:]] == [
        ("due:2026-11-20", ["主题党日", "党课", "支委会", "谈心谈话"])
    ]


def test_after_an_outage_over_monday_one_message_tells_everything(branch: Organisation, worker: User) -> None:
    make_item(branch, name="主题党日", due=MONDAY)
    make_item(branch, name="党课", due=WEDNESDAY)
    assert compose_digests(now=moment(WEDNESDAY)) == 1
    assert [(key, names(lines)) for key, lines in told(worker)] == [(WEEK, ["主题党日", "党课"])]


def test_a_moved_day_is_told_anew_when_it_comes(branch: Organisation, worker: User) -> None:
    item = make_item(branch, due=TUESDAY)
    compose_digests(now=moment(TUESDAY))
    ReminderItem.objects.filter(pk=item.pk).update(due_on=date(2026, 11, 20))
    compose_digests(now=moment(WEDNESDAY))
    compose_digests(now=moment(date(2026, 11, 20)))
    assert keys(worker) == [WEEK, "due:2026-11-20"]


def test_what_comes_up_later_in_the_day_waits_for_the_next(branch: Organisation, worker: User) -> None:
    make_item(branch, name="主题党日", due=WEDNESDAY)
    compose_digests(now=moment(TUESDAY))
    compose_digests(now=moment(WEDNESDAY))
    make_item(branch, name="党课", due=WEDNESDAY)
    compose_digests(now=moment(WEDNESDAY, 12))
    compose_digests(now=moment(date(2026, 11, 19)))
    assert [(key, names(lines)) for key, lines in told(worker)[1:]] == [
        ("due:2026-11-18", ["主题党日"]),
        ("due:2026-11-19", ["党课"]),
    ]


@pytest.mark.parametrize(
    ("digest_at", "expected"),
    [
        (None, [WEEK]),
        (time(12), [WEEK]),
        (time(12, 1), ["due:2026-11-16", WEEK]),
        (time(7, 30), [WEEK]),
    ],
)
def test_on_the_morning_of_the_digest_what_is_due_waits_for_it(
    branch: Organisation, worker: User, digest_at: time | None, expected: list[str]
) -> None:
    make_item(branch, due=MONDAY)
    if digest_at:
        NoticePreference.objects.create(user=worker, digest_at=digest_at)
    for minutes in range(0, 24 * 60, 30):
        compose_digests(now=moment(MONDAY, minutes // 60, minutes % 60))
    assert keys(worker) == expected


# ---- who -----------------------------------------------------------------------------------------------


def test_everybody_who_keeps_the_list_is_told_and_nobody_else(branch: Organisation) -> None:
    make_item(branch, due=SUNDAY)
    roles = [*Role]
    holders = {role: make_user() for role in roles}
    for role, user in holders.items():
        make_post(branch, role, user=user)
    compose_digests(now=moment(MONDAY))
    keepers = {Role.WORKER, Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.GENERAL_BRANCH_STAFF}
    assert {role for role, user in holders.items() if keys(user) == [WEEK]} == keepers


def test_a_member_with_an_account_is_told_as_an_account_is(branch: Organisation) -> None:
    make_item(branch, due=SUNDAY)
    user = make_user()
    make_post(branch, Role.SECRETARY, member=make_member(branch, user=user))
    make_post(branch, Role.DEPUTY_SECRETARY, member=make_member(branch))
    compose_digests(now=moment(MONDAY))
    assert keys(user) == [WEEK]
    assert Message.objects.count() == 1


def test_two_posts_in_one_branch_are_one_message(branch: Organisation, worker: User) -> None:
    make_post(branch, Role.SECRETARY, user=worker)
    make_item(branch, due=SUNDAY)
    assert compose_digests(now=moment(MONDAY)) == 1
    assert [names(lines) for _, lines in told(worker)] == [["主题党日"]]


def test_two_branches_are_one_message_that_says_whose_each_line_is(
    general: Organisation, branch: Organisation, worker: User
) -> None:
    other = make_organisation(parent=general, name="第二党支部")
    make_post(other, user=worker)
    make_item(other, name="党课", due=TUESDAY)
    make_item(branch, name="主题党日", due=SUNDAY)
    compose_digests(now=moment(MONDAY))
    message = only(worker)
    assert texts(message) == [
        "【本周到期】第二党支部：党课（11 月 17 日 周二截止）",
        "【本周到期】第一党支部：主题党日（11 月 22 日 周日截止）",
    ]
    assert message.organisation is None


def test_nothing_of_a_foreign_branch(general: Organisation, branch: Organisation, worker: User) -> None:
    foreign = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="外单位党总支")
    for place in (foreign, make_organisation(parent=foreign), make_organisation(parent=general)):
        make_item(place, name="不该看到的", due=date(2026, 11, 2))
    make_item(branch, name="主题党日", due=SUNDAY)
    compose_digests(now=moment(MONDAY))
    assert [names(lines) for _, lines in told(worker)] == [["主题党日"]]


@pytest.mark.parametrize(("until", "expected"), [(MONDAY, [WEEK]), (date(2026, 11, 15), [])])
def test_a_post_counts_to_its_last_day(branch: Organisation, until: date, expected: list[str]) -> None:
    make_item(branch, due=SUNDAY)
    worker = make_holder(branch, until=until)
    compose_digests(now=moment(MONDAY))
    assert keys(worker) == expected


def test_a_post_that_has_not_begun_and_a_closed_account_are_told_nothing(branch: Organisation) -> None:
    make_item(branch, due=date(2026, 11, 10))
    coming = make_holder(branch, since=TUESDAY)
    gone = make_user(is_active=False)
    make_post(branch, user=gone)
    assert compose_digests(now=moment(MONDAY)) == 0
    assert keys(coming, gone) == []


def test_a_dissolved_branch_has_nothing_to_tell(branch: Organisation, worker: User) -> None:
    make_item(branch, due=date(2026, 11, 10))
    Organisation.objects.filter(pk=branch.pk).update(dissolved_on=MONDAY)
    assert compose_digests(now=moment(MONDAY)) == 0


def test_staff_read_their_own_items_and_one_line_about_the_branches(
    general: Organisation, branch: Organisation
) -> None:
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    other = make_organisation(parent=general)
    make_item(general, name="年度计划", due=SUNDAY)
    for place, count in ((branch, 3), (other, 2), (make_organisation(parent=general), 0)):
        for n in range(count):
            make_item(place, due=date(2026, 11, 10 + n))
    make_item(make_organisation(parent=general), due=MONDAY)
    compose_digests(now=moment(MONDAY))
    message = only(staff)
    assert texts(message) == ["2 个支部有 5 项逾期", "【本周到期】年度计划（11 月 22 日 周日截止）"]
    first = message.lines.get(position=0)
    assert (first.subject, first.url) == (overdue_subject(general.pk), "/w/reminders/overview/")
    assert first.outside_text == "2 个支部有 5 项逾期"
    assert message.intro == "本周到期 1 项。"


def test_staff_without_own_items_read_the_line_alone_and_only_once_a_week(
    general: Organisation, branch: Organisation
) -> None:
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    make_item(branch, due=date(2026, 11, 10))
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        compose_digests(now=moment(day))
    assert told(staff) == [(WEEK, ["1 个支部有 1 项逾期"])]


# ---- leave ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "away"),
    [(TUESDAY, False), (WEDNESDAY, True), (date(2026, 11, 20), True), (date(2026, 11, 21), False)],
)
def test_during_leave_the_one_who_stands_in_is_told(
    branch: Organisation, worker: User, on: date, away: bool
) -> None:
    deputy = make_user()
    stand_in(branch, worker.posts.get(), since=WEDNESDAY, until=date(2026, 11, 20), user=deputy)
    make_item(branch, due=date(2026, 11, 10))
    compose_digests(now=moment(on))
    assert (keys(worker), keys(deputy)) == (([], [WEEK]) if away else ([WEEK], []))


def test_leave_of_one_post_is_leave_from_the_branch_and_from_no_other(
    general: Organisation, branch: Organisation, worker: User
) -> None:
    other = make_organisation(parent=general)
    make_post(branch, Role.SECRETARY, user=worker)
    make_post(other, user=worker)
    post = Post.objects.get(organisation=branch, role=Role.WORKER)
    stand_in(branch, post, since=MONDAY, until=MONDAY)
    make_item(branch, name="主题党日", due=SUNDAY)
    make_item(other, name="党课", due=SUNDAY)
    compose_digests(now=moment(MONDAY))
    assert [names(lines) for _, lines in told(worker)] == [["党课"]]


def test_who_is_on_leave_is_told_when_nobody_can_sign_in_for_them(branch: Organisation, worker: User) -> None:
    made = stand_in(branch, worker.posts.get(), since=MONDAY, until=MONDAY)
    User.objects.filter(pk=made.grant.user_id).update(is_active=False)
    make_item(branch, due=SUNDAY)
    compose_digests(now=moment(MONDAY))
    assert (keys(worker), keys(made.grant.user)) == ([WEEK], [])


def test_the_secretary_of_the_branch_who_stands_in_gets_one_message(
    branch: Organisation, worker: User
) -> None:
    secretary = make_holder(branch, Role.SECRETARY)
    stand_in(branch, worker.posts.get(), since=MONDAY, until=MONDAY, user=secretary)
    make_item(branch, due=SUNDAY)
    assert compose_digests(now=moment(MONDAY)) == 1
    assert [names(lines) for _, lines in told(secretary)] == [["主题党日"]]


def test_back_from_leave_one_is_told_what_fell_due_meanwhile(branch: Organisation, worker: User) -> None:
    make_item(branch, name="主题党日", due=TUESDAY)
    deputy = make_user()
    stand_in(branch, worker.posts.get(), since=MONDAY, until=TUESDAY, user=deputy)
    for day in (MONDAY, TUESDAY):
        compose_digests(now=moment(day))
    NoticePreference.objects.create(user=worker, digest_weekday=6)
    compose_digests(now=moment(WEDNESDAY))
    assert keys(deputy) == [WEEK, "due:2026-11-17"]
    assert told(worker) == [("due:2026-11-18", ["【已逾期 1 天】主题党日（11 月 17 日 周二截止）"])]


# ---- what leaves the portal ----------------------------------------------------------------------------


def test_no_name_and_nothing_sensitive_or_typed_leaves_the_portal(branch: Organisation, worker: User) -> None:
    make_item(branch, name="转正讨论", subject="member:1", subject_name="雷彩霞", due=MONDAY)
    make_item(branch, name="谈话提醒", sensitive=True, due=TUESDAY)
    own = make_action(name="落实〔2026〕12 号文件", organisation=branch)
    make_item(branch, action=own, due=WEDNESDAY)
    compose_digests(now=moment(MONDAY))
    lines = only(worker).lines.order_by("position")
    assert [names([line.text, line.outside_text]) for line in lines] == [
        ["转正讨论", "转正讨论"],
        ["谈话提醒", "一项组织生活"],
        ["落实〔2026〕12 号文件", "一项组织生活"],
    ]
    assert ["雷彩霞" in line.text for line in lines] == [True, False, False]
    assert [line.outside_text for line in lines if "雷彩霞" in line.outside_text] == []


# ---- the busy season, and ways out that take only what is due -------------------------------------------


def make_season(place: Organisation, starts: str = "11-10", ends: str = "11-20") -> BusySeason:
    return BusySeason.objects.create(organisation=place, name="烟叶收购", starts=starts, ends=ends)


def deliveries() -> list[str]:
    return sorted(Delivery.objects.values_list("message__key", flat=True))


def test_in_the_busy_season_the_digest_stays_inside_and_what_is_due_is_still_sent(
    general: Organisation, branch: Organisation, worker: User
) -> None:
    make_season(general)
    make_channel(worker)
    make_item(branch, name="党课", due=MONDAY)
    make_item(branch, name="主题党日", due=SUNDAY)
    compose_digests(now=moment(MONDAY))
    assert [(key, names(lines)) for key, lines in told(worker)] == [
        (WEEK, ["党课", "主题党日"]),
        ("due:2026-11-16", ["党课"]),
    ]
    assert deliveries() == ["due:2026-11-16"]


def test_in_the_season_a_digest_inside_does_not_count_as_telling_what_is_due(
    general: Organisation, branch: Organisation, worker: User
) -> None:
    make_season(general)
    NoticePreference.objects.create(user=worker, digest_at=time(7))
    make_item(branch, due=MONDAY)
    for day, hour in ((MONDAY, 7), (MONDAY, 8), (TUESDAY, 8)):
        compose_digests(now=moment(day, hour))
    assert keys(worker) == [WEEK, "due:2026-11-16"]


def test_outside_the_season_or_for_whom_it_shall_be_sent_it_is_sent(
    general: Organisation, branch: Organisation, worker: User
) -> None:
    make_season(general)
    make_item(branch, due=MONDAY)
    asked = make_holder(branch, Role.SECRETARY)
    NoticePreference.objects.create(user=asked, spare_busy_season=False)
    make_channel(asked)
    make_channel(worker)
    compose_digests(now=moment(MONDAY))
    assert deliveries() == [WEEK, "due:2026-11-16"]
    assert (keys(asked), keys(worker)) == ([WEEK], [WEEK, "due:2026-11-16"])
    Delivery.objects.all().delete()
    compose_digests(now=moment(date(2026, 11, 23)))
    assert deliveries() == ["digest:2026-W48"] * 2


def test_the_nearest_season_holds_and_one_list_outside_it_is_enough(
    general: Organisation, branch: Organisation, worker: User
) -> None:
    make_season(general)
    make_season(branch, "05-01", "05-31")
    make_channel(worker)
    make_item(branch, due=SUNDAY)
    compose_digests(now=moment(MONDAY))
    assert deliveries() == [WEEK]


def test_a_way_out_that_takes_only_what_is_due_gets_it_beside_the_digest(
    branch: Organisation, worker: User
) -> None:
    make_channel(worker, levels=[Level.DUE, Level.URGENT])
    make_channel(worker, label="工作邮箱", target_digest="2")
    make_item(branch, name="党课", due=MONDAY)
    make_item(branch, name="主题党日", due=SUNDAY)
    for day in (MONDAY, TUESDAY):
        compose_digests(now=moment(day))
    assert [(key, names(lines)) for key, lines in told(worker)] == [
        (WEEK, ["党课", "主题党日"]),
        ("due:2026-11-16", ["党课"]),
    ]
    assert deliveries() == [WEEK, "due:2026-11-16", "due:2026-11-16"]


# ---- again and again -----------------------------------------------------------------------------------


def test_twice_at_the_same_moment_is_once(branch: Organisation, worker: User) -> None:
    make_item(branch, due=MONDAY)
    assert compose_digests(now=moment(MONDAY)) == 1
    assert compose_digests(now=moment(MONDAY)) == 0


def _live(branch: Organisation, asleep: set[date]) -> None:
    """Eight days, every half hour, with nothing running on some of them."""
    for n in range(8 * 48):
        now = moment(MONDAY, 0) + timedelta(minutes=30 * n)
        if now.date() not in asleep:
            compose_digests(now=now)


def _told_as_due(user: User) -> list[str]:
    """Names told once they were due, each as often as it was."""
    found: list[str] = []
    for message in Message.objects.of(user).prefetch_related("lines__message"):
        day = timezone.localdate(message.made_at)
        for line in message.lines.all():
            item = ReminderItem.objects.get(pk=line.subject.removeprefix("item:"))
            if item.due_on <= day:
                found.append(item.version.name)
    return sorted(found)


@pytest.mark.parametrize("seed", range(tries(normal=1, full=5)))
def test_days_without_the_job_change_when_somebody_is_told_and_not_what(
    branch: Organisation, worker: User, seed: int
) -> None:
    for n in range(8):
        make_item(branch, name=f"事项{n}", due=MONDAY + timedelta(days=n))
    draw = Random(seed)
    asleep = {MONDAY + timedelta(days=n) for n in draw.sample(range(1, 7), 3)} - {SUNDAY}
    _live(branch, asleep)
    # The second Monday's digest names again what is late.
    assert sorted(set(_told_as_due(worker))) == [f"事项{n}" for n in range(8)]
    weekly = [key for key in keys(worker) if key.startswith("digest:")]
    assert weekly == [WEEK, "digest:2026-W48"]
    due = [day for key, _ in told(worker) if (day := key.removeprefix("due:")) != key]
    awake = [MONDAY + timedelta(days=n) for n in range(1, 7)]
    assert due == [f"{day}" for day in awake if day not in asleep]
    once = Message.objects.of(worker).filter(event=DUE_TODAY).values_list("lines__subject", flat=True)
    assert len(set(once)) == len(once)


def test_the_task_tells_what_is_due_by_now(
    branch: Organisation, worker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_item(branch, due=MONDAY)
    monkeypatch.setattr(timezone, "now", lambda: moment(MONDAY))
    assert [tell_digests(), tell_digests()] == [1, 0]
    assert keys(worker) == [WEEK]


# ---- how much work -------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_work_does_not_grow_with_the_people(
    general: Organisation, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        place = make_organisation(parent=general)
        make_channel(make_holder(place))
        make_item(place, due=MONDAY)
    with django_assert_num_queries(19):
        assert compose_digests(now=moment(MONDAY)) == count
    with django_assert_num_queries(2):
        assert compose_digests(now=moment(MONDAY)) == 0


@pytest.mark.parametrize("count", [1, 3])
def test_nor_on_a_day_with_something_due(
    general: Organisation, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        place = make_organisation(parent=general)
        make_channel(make_holder(place))
        make_item(place, due=TUESDAY)
    compose_digests(now=moment(MONDAY))
    with django_assert_num_queries(16):
        assert compose_digests(now=moment(TUESDAY)) == count


def test_five_hundred_people_are_told_in_as_many_statements_and_a_few_for_their_lines(
    general: Organisation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    action = make_action(name="主题党日")
    places = [make_organisation(parent=general) for _ in range(50)]
    people = User.objects.bulk_create(User(username=f"many{n}", name=f"用户{n}") for n in range(500))
    Post.objects.bulk_create(
        Post(organisation=places[n % 50], role=Role.WORKER, user=user, since=LONG_AGO)
        for n, user in enumerate(people)
    )
    for place in places:
        for n in range(4):
            make_item(place, action=action, period=f"p{n}", due=MONDAY)
    # SQLite takes 999 values at once, so it writes the 2,000 lines in several steps.
    with django_assert_max_num_queries(40):
        assert compose_digests(now=moment(MONDAY)) == 500
    assert Message.objects.count() == 500


def test_a_run_tells_page_after_page_and_the_next_run_goes_on(
    branch: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reminders.queries.digests.PAGE", 2)
    monkeypatch.setattr("reminders.actions.digests.PAGES", 2)
    people = [make_holder(branch) for _ in range(5)]
    make_item(branch, due=MONDAY)
    assert [compose_digests(now=moment(MONDAY)) for _ in range(3)] == [4, 1, 0]
    assert keys(*people) == [WEEK] * 5
