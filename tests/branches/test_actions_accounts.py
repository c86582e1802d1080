"""Accounts, the first organisation, and the calendar."""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.actions import AccountDisabled, OwnAccount
from accounts.models import User
from audit.models import AuditEvent
from branches.actions.accounts import (
    AccountRow,
    HasAccount,
    LastAdministrator,
    NotYours,
    UsernameTaken,
    disable_account,
    enable_account,
    open_account,
    open_accounts,
    reset_password,
)
from branches.actions.calendar import DayData, remove_calendar_day, set_calendar_days
from branches.actions.installation import AlreadyStarted, same_code, setup_code, start_organisation
from branches.models import CalendarDay, Member, Organisation, Post
from branches.rules import Refusal, Role
from tests.branches.conftest import House
from tests.factories.branches import make_holder, make_member, make_organisation, make_post, make_user

ON = date(2026, 11, 22)


def events() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("event", flat=True))


def test_an_account_for_a_member(house: House) -> None:
    make_post(house.general, Role.GENERAL_BRANCH_STAFF, member=house.ours)
    user, password = open_account(username=" Lei ", name="雷彩霞", member=house.ours, by=house.staff)
    house.ours.refresh_from_db()
    user.refresh_from_db()
    assert (user.username, house.ours.user, user.must_change_password) == ("lei", user, True)
    assert user.short_session is True
    assert user.check_password(password)
    assert events() == ["branches.account_opened"]
    with pytest.raises(HasAccount) as refused:
        open_account(username="lei2", name="雷彩霞", member=house.ours, by=house.staff)
    assert str(refused.value) == "雷彩霞已有账号，请改用“重置密码”。"
    with pytest.raises(UsernameTaken):
        open_account(username="LEI", name="另一人", by=house.staff)


@pytest.mark.parametrize(
    "username",
    ["", "有 空格", "<script>", "a/b", "x" * 65, "a\nb"],
    ids=["none", "blank", "html", "path", "long", "line"],
)
def test_bad_sign_in_names_are_refused(db: None, username: str) -> None:
    with pytest.raises(Refusal):
        open_account(username=username, name="某人", by=None)
    assert User.objects.count() == 0


def test_a_loader_hashes_one_password_for_many(db: None) -> None:
    first = make_user(must_change_password=False)
    first.set_password("Demo-2026!")
    user, password = open_account(username="demo", name="演示", by=None, same_password_as=first)
    assert (password, user.must_change_password) == ("", False)
    assert user.check_password("Demo-2026!")


def test_several_accounts_are_all_or_none(house: House) -> None:
    rows = [
        AccountRow("br03", "雷彩霞", house.ours, house.br03, Role.WORKER),
        AccountRow("br04", "新人", None, house.br04, Role.WORKER),
    ]
    slips = open_accounts(rows, by=house.staff, on=ON)
    assert [slip.user.username for slip in slips] == ["br03", "br04"]
    assert list(
        Post.objects.filter(since=ON)
        .order_by("pk")
        .values_list("organisation__code", "member", "user__username")
    ) == [("BR03", house.ours.pk, None), ("BR04", None, "br04")]
    before = User.objects.count()
    with pytest.raises(UsernameTaken):
        open_accounts(
            [AccountRow("new", "甲", None, house.br03, Role.WORKER), rows[1]], by=house.staff, on=ON
        )
    assert User.objects.count() == before


def test_reset_ends_the_old_password_and_the_sessions(house: House) -> None:
    epoch = house.worker.session_epoch
    slip = reset_password(house.worker, by=house.staff, on=ON)
    house.worker.refresh_from_db()
    assert house.worker.check_password(slip.password)
    assert (house.worker.must_change_password, house.worker.session_epoch) == (True, epoch)
    assert slip.password not in str(list(AuditEvent.objects.values()))
    assert reset_password(house.worker, by=house.staff, on=ON).password != slip.password


def test_disable_and_enable_once_and_twice(house: House) -> None:
    assert disable_account(house.worker, by=house.staff, on=ON) is True
    assert disable_account(house.worker, by=house.staff, on=ON) is False
    with pytest.raises(AccountDisabled):
        reset_password(house.worker, by=house.staff, on=ON)
    assert enable_account(house.worker, by=house.staff, on=ON) is True
    assert enable_account(house.worker, by=house.staff, on=ON) is False
    assert events() == ["branches.account_disabled", "branches.account_enabled"]
    make_holder(house.committee, Role.ADMINISTRATOR)
    with pytest.raises(OwnAccount):
        disable_account(house.administrator, by=house.administrator, on=ON)


def test_staff_never_reach_above_or_beside_themselves(house: House) -> None:
    other = make_organisation("DZ02", kind="general_branch", parent=house.committee)
    stranger = make_holder(make_organisation(parent=other))
    both = make_user()
    make_post(house.br03, user=both)
    make_post(make_organisation(parent=other), user=both)
    own_administrator = make_holder(house.general, Role.ADMINISTRATOR)
    peer = make_holder(house.general, Role.GENERAL_BRANCH_STAFF)
    foreign = (house.overseer, house.administrator, stranger, both, own_administrator, peer, make_user())
    for user in (*foreign, house.staff):
        for action in (reset_password, disable_account, enable_account):
            with pytest.raises(NotYours):
                action(user, by=house.staff, on=ON)
    assert events() == []
    assert reset_password(house.overseer, by=house.administrator, on=ON).user == house.overseer
    assert reset_password(both, by=house.administrator, on=ON).user == both
    assert reset_password(peer, by=house.administrator, on=ON).user == peer


def test_a_post_long_over_gives_no_power_over_who_belongs_elsewhere(house: House) -> None:
    other = make_organisation("DZ02", kind="general_branch", parent=house.committee)
    far = make_organisation(parent=other)
    gone = make_user()
    make_post(house.br03, user=gone, until=ON - timedelta(days=1))
    assert reset_password(gone, by=house.staff, on=ON).user == gone
    make_post(far, user=gone, since=date(2016, 1, 1), until=date(2016, 12, 31))
    member = make_member(far)
    moved = make_user()
    Member.objects.filter(pk=member.pk).update(user=moved)
    make_post(house.br03, member=member, until=ON - timedelta(days=1))
    for user in (gone, moved):
        with pytest.raises(NotYours):
            reset_password(user, by=house.staff, on=ON)


def test_the_last_administrator_is_not_closed(house: House) -> None:
    with pytest.raises(LastAdministrator) as refused:
        disable_account(house.administrator, by=None, on=ON)
    assert str(refused.value) == "这是最后一位系统管理员的账号，请先为另一人登记系统管理员任职。"
    second = make_holder(house.committee, Role.ADMINISTRATOR)
    assert disable_account(house.administrator, by=second, on=ON) is True
    assert disable_account(house.administrator, by=second, on=ON) is False


def test_nobody_resets_a_superuser_and_workers_reset_nobody(house: House) -> None:
    root = User.objects.create_superuser("root", "Long-enough-2026", name="机房")
    make_post(house.br03, user=root)
    with pytest.raises(NotYours):
        reset_password(root, by=house.administrator, on=ON)
    with pytest.raises(NotYours):
        reset_password(house.worker, by=house.worker, on=ON)
    with pytest.raises(NotYours):
        reset_password(house.worker, by=house.overseer, on=ON)
    assert reset_password(root, by=None, on=ON).user == root


def test_rights_over_accounts_end_with_the_post(house: House) -> None:
    Post.objects.filter(user=house.staff).update(until=ON - timedelta(days=1))
    with pytest.raises(NotYours):
        reset_password(house.worker, by=house.staff, on=ON)


START: dict[str, Any] = {
    "committee_name": "上级党委",
    "general_branch_name": "分公司党总支",
    "staff_username": "staff",
    "staff_name": "张三",
    "branches": ["第一党支部", "第二党支部"],
    "on": ON,
    "by": None,
}


def test_start_sets_up_everything_once(db: None) -> None:
    started = start_organisation(**START)
    assert list(Organisation.objects.order_by("level", "code").values_list("code", "name", "level")) == [
        ("DW01", "上级党委", 0),
        ("DZ01", "分公司党总支", 1),
        ("BR01", "第一党支部", 2),
        ("BR02", "第二党支部", 2),
    ]
    user = started.slip.user
    user.refresh_from_db()
    assert (user.short_session, user.must_change_password) == (True, True)
    assert user.check_password(started.slip.password)
    assert list(user.posts.order_by("pk").values_list("organisation__code", "role")) == [
        ("DZ01", "general_branch_staff"),
        ("DW01", "administrator"),
    ]
    with pytest.raises(AlreadyStarted):
        start_organisation(**START)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"general_branch_name": " "}, "组织名称不能为空，请补充。"),
        ({"branches": ["甲", "甲"]}, "“甲”重复了，请每个党支部只写一次。"),
        ({"branches": ["长" * 81]}, f"组织名称最长 80 字，请缩短：{'长' * 20}…"),
        ({"staff_name": " "}, "请填写党总支名称和党务干部姓名。"),
        ({"staff_username": "a b"}, "登录名“a b”不合要求：登录名只用文字、数字、点、横线或下划线。"),
    ],
)
def test_start_refuses_whole(db: None, fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        start_organisation(**{**START, **fields})
    assert str(refused.value) == sentence
    assert (Organisation.objects.count(), User.objects.count()) == (0, 0)


def test_the_command_prints_the_slip_and_refuses_in_one_line(db: None) -> None:
    out = StringIO()
    options = [
        "--general-branch",
        "分公司党总支",
        "--staff",
        "staff",
        "--staff-name",
        "张三",
        "--branch",
        "甲支部",
    ]
    call_command("start_organisation", *options, stdout=out)
    lines = out.getvalue().splitlines()
    password = lines[3].removeprefix("初始密码：").removesuffix("（首次登录后须修改，只显示这一次）")
    assert lines[:3] == ["已建立“分公司党总支”和 1 个党支部。", "姓名：张三", "登录名：staff"]
    assert User.objects.get(username="staff").check_password(password)
    assert Organisation.objects.get(code="DZ01").level == 0
    with pytest.raises(CommandError) as refused:
        call_command("start_organisation", *options)
    assert str(refused.value) == "系统里已有组织，不能再次初始化；请登录后在“支部”页面新增。"


def test_the_setup_code_is_stable_and_compared_whole() -> None:
    out = StringIO()
    call_command("start_organisation", "--code", stdout=out)
    code = out.getvalue().strip()
    assert code == setup_code()
    assert len(code) == 19
    assert same_code(code, setup_code())
    assert not same_code(code[:-1], setup_code())


def test_calendar_days_replace_and_leave(house: House) -> None:
    Organisation.objects.update(facts_changed=False)
    new_year = DayData(date(2027, 1, 1), workday=False, name="元旦")
    assert set_calendar_days([new_year, DayData(date(2027, 1, 9), workday=True)], by=house.staff) == 2
    assert Organisation.objects.stale().count() == 4
    assert set_calendar_days([DayData(date(2027, 1, 1), workday=False, name="新年")], by=house.staff) == 1
    day = CalendarDay.objects.get(on=date(2027, 1, 1))
    assert (day.name, CalendarDay.objects.count()) == ("新年", 2)
    with pytest.raises(Refusal):
        set_calendar_days([new_year, new_year], by=house.staff)
    remove_calendar_day(day, by=house.staff)
    remove_calendar_day(day, by=house.staff)
    assert events() == [
        "branches.calendar_days_set",
        "branches.calendar_days_set",
        "branches.calendar_day_removed",
    ]
