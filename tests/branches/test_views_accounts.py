"""Accounts, slips, the calendar and the first start, as pages."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from accounts.access import CONFIRMED
from accounts.models import User
from branches.actions.installation import setup_code
from branches.models import CalendarDay, Organisation
from branches.rules import OrganisationKind, Role
from tests.branches.conftest import House, signed_in
from tests.factories.branches import make_holder, make_member, make_organisation

BASE = "/w/organisations/"
ACCOUNTS, CALENDAR, START = f"{BASE}accounts/", f"{BASE}calendar/", f"{BASE}start/"
Counter = Callable[[int], AbstractContextManager[object]]


def confirmed(user: User) -> Client:
    """Signed in with the password given just now."""
    client = signed_in(user)
    session = client.session
    session[CONFIRMED] = timezone.now().timestamp()
    session.save()
    return client


def slips_of(page: str) -> list[str]:
    return [part.split("<")[0] for part in page.split('<dd class="typed">')[1:]]


def test_the_list_shows_whom_one_manages(house: House, django_assert_num_queries: Counter) -> None:
    foreign = make_organisation("DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee)
    stranger = make_holder(foreign, Role.GENERAL_BRANCH_STAFF)
    client = signed_in(house.staff)
    client.get(ACCOUNTS)
    with django_assert_num_queries(7):
        page = client.get(ACCOUNTS).content.decode()
    assert "共 1 个" in page
    assert "红土坡党支部 党务工作者" in page
    others = (stranger, house.overseer, house.administrator)
    assert [user.username for user in others if f">{user.username}<" in page] == []
    for _ in range(2):
        make_holder(house.br04)
    with django_assert_num_queries(7):
        client.get(ACCOUNTS)


def test_the_list_is_searched_and_filtered(house: House) -> None:
    client = signed_in(house.staff)
    assert "没有相符的账号" in client.get(ACCOUNTS, {"q": "<b>没有"}).content.decode()
    assert "共 1 个" in client.get(ACCOUNTS, {"q": house.worker.username.upper()}).content.decode()
    assert "共 0 个" in client.get(ACCOUNTS, {"state": "closed"}).content.decode()
    assert "共 1 个" in client.get(ACCOUNTS, {"state": "nonsense", "page": "9" * 30}).content.decode()


def test_open_one_account_and_show_its_slip_once(house: House) -> None:
    client = signed_in(house.staff)
    answer = client.post(f"{ACCOUNTS}add/", {"username": "lei", "member": house.ours.pk})
    page = answer.content.decode()
    user = User.objects.get(username="lei")
    assert slips_of(page)[0] == "lei"
    assert user.check_password(slips_of(page)[1])
    assert "no-store" in answer.headers["Cache-Control"]
    assert slips_of(page)[1] not in client.get(ACCOUNTS).content.decode()


def test_open_one_account_with_a_post(house: House) -> None:
    data = {"username": "new", "name": "新人", "organisation": house.br04.pk, "role": "worker"}
    assert signed_in(house.staff).post(f"{ACCOUNTS}add/", data).status_code == 200
    post = User.objects.get(username="new").posts.get()
    assert (post.organisation, post.role, post.since) == (house.br04, "worker", timezone.localdate())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"username": "new"}, "请选择名册中的人，或填写姓名。"),
        ({"username": "new", "name": "新人"}, "不在名册中的人，请登记任职组织和职务。"),
        ({"username": "new", "name": "新人", "role": "worker"}, "任职组织和职务请一起填写。"),
        ({"username": "a b", "name": "新人"}, "登录名只用文字、数字、点、横线或下划线。"),
        (
            {"username": "new", "name": "新人", "organisation": "general", "role": "worker"},
            "“分公司党总支”不能由您登记这个职务，请另选职务或组织。",
        ),
        (
            {"username": "new", "name": "新人", "organisation": "general", "role": "administrator"},
            "选择一个有效的选项",
        ),
        (
            {"username": "new", "name": "新人", "organisation": "committee", "role": "worker"},
            "选择一个有效的选项",
        ),
    ],
    ids=["nobody", "no post", "half a post", "bad name", "wrong place", "above", "foreign"],
)
def test_opening_refused_in_words(house: House, data: dict[str, str], sentence: str) -> None:
    sent: dict[str, object] = dict(data)
    if "organisation" in data:
        sent["organisation"] = getattr(house, data["organisation"]).pk
    before = User.objects.count()
    answer = signed_in(house.staff).post(f"{ACCOUNTS}add/", sent)
    assert (answer.status_code, User.objects.count()) == (422, before)
    assert sentence in answer.content.decode()


def test_several_accounts_make_a_page_of_slips(house: House) -> None:
    lines = "br03 雷彩霞\nBR04，李四，lisi"
    page = signed_in(house.staff).post(f"{ACCOUNTS}add-several/", {"people": lines}).content.decode()
    assert slips_of(page)[::2] == ["br03", "lisi"]
    house.ours.refresh_from_db()
    assert house.ours.user == User.objects.get(username="br03")
    assert house.ours.posts.get().role == "worker"
    assert User.objects.get(username="lisi").posts.get().organisation == house.br04


def test_of_two_people_of_one_name_none_is_guessed(house: House) -> None:
    make_member(house.br03, name="雷彩霞")
    signed_in(house.staff).post(f"{ACCOUNTS}add-several/", {"people": "BR03 雷彩霞"})
    house.ours.refresh_from_db()
    assert house.ours.user is None
    assert User.objects.get(username="br03").posts.count() == 1


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("BR77 张三", "没有找到编号为“BR77”的党支部，请核对。"),
        ("DZ01 张三", "没有找到编号为“DZ01”的党支部，请核对。"),
        ("BR03", "“BR03”一行请写上姓名（最长 40 字）。"),
        ("BR03 张三 a/b", "登录名“a/b”不合要求"),
        ("BR03 张三\nBR03 李四", "登录名“br03”已有人使用，请换一个。"),
        ("\n".join(["BR03 张三"] * 61), "一次最多 60 行，请分几次。"),
    ],
    ids=["unknown", "no branch", "no name", "bad name", "twice", "many"],
)
def test_several_refused_keeps_the_lines(house: House, lines: str, sentence: str) -> None:
    before = User.objects.count()
    answer = signed_in(house.staff).post(f"{ACCOUNTS}add-several/", {"people": lines})
    page = answer.content.decode()
    assert (answer.status_code, User.objects.count()) == (422, before)
    assert sentence in page
    assert lines.split("\n")[0] in page


def test_a_reset_asks_for_the_own_password_first(house: House) -> None:
    url = f"{ACCOUNTS}{house.worker.pk}/reset/"
    asked = signed_in(house.staff).post(url)
    assert asked.headers["Location"].startswith("/w/account/password/confirm/")
    client = confirmed(house.staff)
    assert f"重置“{house.worker.name}”的密码" in client.get(url).content.decode()
    name, password = slips_of(client.post(url).content.decode())
    house.worker.refresh_from_db()
    assert (name, house.worker.check_password(password)) == (house.worker.username, True)


def test_a_reset_out_of_reach_is_404_and_of_a_closed_account_refused(house: House) -> None:
    client = confirmed(house.staff)
    assert client.post(f"{ACCOUNTS}{house.overseer.pk}/reset/").status_code == 404
    User.objects.filter(pk=house.worker.pk).update(is_active=False)
    answer = client.post(f"{ACCOUNTS}{house.worker.pk}/reset/", follow=True)
    assert "该账号已停用，请先启用再发放密码。" in answer.content.decode()


def test_disable_and_enable(house: House) -> None:
    client, theirs = signed_in(house.staff), signed_in(house.worker)
    branch = f"{BASE}{house.br03.pk}/"
    assert theirs.get(branch).status_code == 200
    url = f"{ACCOUNTS}{house.worker.pk}/disable/"
    assert f"停用“{house.worker.name}”的账号" in client.get(url).content.decode()
    assert client.post(url).headers["Location"] == ACCOUNTS
    assert theirs.get(branch).headers["Location"].startswith("/w/account/login/")
    page = client.post(f"{ACCOUNTS}{house.worker.pk}/enable/", follow=True).content.decode()
    assert f"“{house.worker.name}”的账号已启用，原密码仍然有效。" in page
    assert client.post(f"{ACCOUNTS}{house.staff.pk}/disable/").status_code == 404
    administrator = signed_in(house.administrator)
    own = administrator.post(f"{ACCOUNTS}{house.administrator.pk}/disable/", follow=True).content.decode()
    assert "这是最后一位系统管理员的账号，请先为另一人登记系统管理员任职。" in own


@pytest.mark.parametrize("path", ["", "add/", "add-several/", "{pk}/reset/", "{pk}/disable/", "{pk}/enable/"])
def test_account_pages_refuse_others_and_other_methods(house: House, path: str) -> None:
    url = ACCOUNTS + path.format(pk=house.worker.pk)
    assert [signed_in(user).get(url).status_code for user in (house.worker, house.overseer)] == [403, 403]
    assert confirmed(house.staff).get(url).status_code == 200
    assert confirmed(house.staff).put(url).status_code == 405


def test_the_calendar_takes_lines_and_gives_them_back(house: House) -> None:
    client = signed_in(house.staff)
    year = 2190
    lines = f"{year}-1-1 休 元旦\n{year}-01-09 班 <i>调休</i>"
    page = client.post(CALENDAR, {"days": lines}, follow=True).content.decode()
    assert "已加入 2 天，各支部的截止日期将随之更新。" in page
    assert (f"{year} 年" in page, "已填 2 天" in page, "<i>" in page) == (True, True, False)
    day = CalendarDay.objects.get(on=date(year, 1, 1))
    assert (day.workday, day.name) == (False, "元旦")
    removed = client.post(f"{CALENDAR}{day.pk}/remove/", follow=True).content.decode()
    assert f"{year}-01-01 已移出，按星期几计算。" in removed
    assert client.post(f"{CALENDAR}{day.pk}/remove/").status_code == 404


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("元旦 2190-01-01", "没有认出“元旦 2190-01-01”，请写成“2027-01-01 休 元旦”。"),
        ("2190-02-30 休", "没有认出“2190-02-30 休”"),
        ("9999-01-01 休", "没有认出“9999-01-01 休”"),
        ("2026-01-01 休 元旦", "2026 年的放假安排系统已有，不必填写 2026-01-01。"),
        ("2190-01-01 休\n2190-01-01 班", "同一天出现了两次，请核对。"),
        ("\n".join(["2190-01-01 休"] * 121), "一次最多 120 行，请分几次。"),
    ],
    ids=["order", "no day", "far", "known", "twice", "many"],
)
def test_calendar_lines_refused_in_words(house: House, lines: str, sentence: str) -> None:
    answer = signed_in(house.staff).post(CALENDAR, {"days": lines})
    assert (answer.status_code, CalendarDay.objects.count()) == (422, 0)
    assert sentence in answer.content.decode()


def test_calendar_pages_refuse_others_and_other_methods(house: House) -> None:
    day = CalendarDay.objects.create(on=date(2190, 1, 1))
    remove = f"{CALENDAR}{day.pk}/remove/"
    assert [
        signed_in(house.worker).get(CALENDAR).status_code,
        signed_in(house.worker).post(remove).status_code,
    ] == [
        403,
        403,
    ]
    assert signed_in(house.staff).get(remove).status_code == 405
    assert signed_in(house.staff).delete(CALENDAR).status_code == 405


def started(code: str) -> dict[str, str]:
    return {
        "code": code,
        "committee_name": "",
        "general_branch_name": "分公司党总支",
        "branches": "甲支部\n乙支部",
        "staff_name": "张三",
        "staff_username": "staff",
    }


def test_the_start_page_sets_up_an_empty_portal_and_is_gone(client: Client, db: None) -> None:
    assert "建立组织" in client.get(START).content.decode()
    page = client.post(START, started(setup_code().lower())).content.decode()
    name, password = slips_of(page)
    assert (name, User.objects.get(username="staff").check_password(password)) == ("staff", True)
    assert sorted(Organisation.objects.values_list("code", flat=True)) == ["BR01", "BR02", "DZ01"]
    assert [client.get(START).status_code, client.post(START, started(setup_code())).status_code] == [
        404,
        404,
    ]
    assert client.delete(START).status_code == 405


def test_the_first_page_shows_the_way_here_until_there_is_an_organisation(client: Client, db: None) -> None:
    link = f'<a href="{START}">'
    assert client.get("/").content.decode().count(link) == 1
    make_organisation()
    assert client.get("/").content.decode().count(link) == 0


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("code", "AAAA-AAAA-AAAA-AAAA", "开通码不对，请在服务器上重新查看。"),
        ("general_branch_name", "", "请填写党总支名称。"),
        ("branches", "甲\n甲", "“甲”重复了，请每个党支部只写一次。"),
        ("staff_username", "张 三", "登录名只用文字、数字、点、横线或下划线。"),
    ],
)
def test_the_start_page_refuses_whole(
    client: Client, db: None, field: str, value: str, sentence: str
) -> None:
    answer = client.post(START, {**started(setup_code()), field: value})
    page = answer.content.decode()
    assert (answer.status_code, Organisation.objects.count(), User.objects.count()) == (422, 0, 0)
    assert sentence in page
    assert 'value="张三"' in page
