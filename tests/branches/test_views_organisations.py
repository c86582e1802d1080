"""Pages of the tree and of one organisation: they work, refuse, and lose nothing that was typed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from django.utils import timezone

from branches.models import AccessGrant, JointPlan, Organisation
from branches.rules import GrantKind, OrganisationKind, Role
from tests.branches.conftest import House, signed_in
from tests.factories.branches import (
    make_group,
    make_holder,
    make_member,
    make_organisation,
    make_post,
    make_user,
)

BASE = "/w/organisations/"
HOSTILE = "<script>alert(1)</script>“'\"&"
Counter = Callable[[int], AbstractContextManager[object]]
STAFF_PAGES = ["add/", "add-several/", "{pk}/edit/", "{pk}/move/", "{pk}/dissolve/"]


def shown(house: House, path: str, user: str = "staff") -> str:
    answer = signed_in(getattr(house, user)).get(BASE + path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_tree_shows_counts_people_and_terms(house: House) -> None:
    house.br03.terms.create(elected_on=date(2020, 1, 1), ends_on=date(2023, 1, 1))
    make_post(house.br03, Role.SECRETARY, member=house.ours)
    page = shown(house, "")
    assert "共 3 个组织" in page
    assert [
        word for word in ("雷彩霞", "2023-01-01", "已届满", "新增组织", "工作日历") if word not in page
    ] == []


def test_the_tree_can_be_searched_and_says_when_nothing_fits(house: House) -> None:
    assert "红土坡" not in shown(house, "?q=BR04")
    assert "没有找到相符的组织" in shown(house, "?q=%3Cb%3E")
    assert "<b>" not in shown(house, "?q=%3Cb%3E")


def test_who_sees_one_branch_alone_lands_on_its_page(house: House) -> None:
    """No tree of one row, and on the branch's page no way back to such a tree."""
    client = signed_in(house.worker)
    answer = client.get(BASE)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{BASE}{house.br03.pk}/")
    tree_link = f'<a href="{BASE}">支部</a></li>'
    assert tree_link not in client.get(answer.headers["Location"]).content.decode()
    assert tree_link in signed_in(house.staff).get(answer.headers["Location"]).content.decode()


def test_the_tree_costs_the_same_for_one_branch_and_for_three(
    house: House, django_assert_num_queries: Counter
) -> None:
    """A foreign branch is never counted in."""
    foreign = make_organisation("DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee)
    make_member(make_organisation(parent=foreign, name="外单位支部"))
    client = signed_in(house.staff)
    client.get(BASE)
    with django_assert_num_queries(8):
        page = client.get(BASE).content.decode()
    assert "外单位支部" not in page
    make_organisation("BR05", parent=house.general)
    with django_assert_num_queries(8):
        client.get(BASE)


def test_a_worker_reads_the_own_branch_without_buttons(house: House) -> None:
    make_post(house.br03, Role.SECRETARY, member=house.ours)
    page = shown(house, f"{house.br03.pk}/", "worker")
    assert "雷彩霞" in page
    assert "空缺" not in page
    for words in ("修改资料", "登记入册", "登记任职", "登记离任", "成立党小组", "分公司党总支"):
        assert words not in page


def test_who_may_not_look_at_members_sees_numbers_and_office_holders(house: House) -> None:
    holder = make_member(house.br03, name="王宏伟")
    make_post(house.br03, Role.SECRETARY, member=holder)
    make_group(house.br03, "第一党小组", since=date(2025, 1, 1), leader=house.ours)
    reader = make_user()
    AccessGrant.objects.create(
        user=reader,
        organisation=house.br03,
        kind=GrantKind.ROTATION,
        since=date(2020, 1, 1),
        until=date(2190, 1, 1),
        reason="轮训",
        granted_by=house.staff,
    )
    for user in (house.administrator, reader):
        page = signed_in(user).get(f"{BASE}{house.br03.pk}/").content.decode()
        assert ("王宏伟" in page, "雷彩霞" in page, "第一党小组" in page) == (True, False, True)
    assert "组长 雷彩霞" in shown(house, f"{house.br03.pk}/", "overseer")


def test_the_branch_page_of_staff_has_everything(house: House) -> None:
    house.br03.terms.create(elected_on=date(2020, 1, 1), ends_on=date(2023, 1, 1))
    house.br03.units.create(name="红土坡烟站")
    make_group(house.br03, "第一党小组", since=date(2025, 1, 1))
    page = shown(house, f"{house.br03.pk}/")
    wanted = [
        "修改资料",
        "登记选举",
        "登记任期延期",
        "登记入册",
        "登记任职",
        "登记离任",
        "红土坡烟站",
        "第一党小组",
        "本月清单",
        "任期已于 2023-01-01 届满",
        "organisation=BR03",
    ]
    assert [words for words in wanted if words not in page] == []


def test_the_administrator_sees_posts_and_no_more(house: House) -> None:
    page = shown(house, f"{house.br03.pk}/", "administrator")
    assert "雷彩霞" not in page
    assert "登记任职" in page
    assert [word for word in ("2015-01-01</td>", "登记入册", f"members/{house.ours.pk}") if word in page] == [
        "2015-01-01</td>"
    ]


def test_the_committee_reads_only(house: House) -> None:
    page = shown(house, f"{house.general.pk}/", "overseer")
    assert "下级组织" in page
    assert "修改资料" not in page


def test_the_branch_page_costs_the_same_for_one_person_and_for_three(
    house: House, django_assert_num_queries: Counter
) -> None:
    client = signed_in(house.staff)
    url = f"{BASE}{house.br03.pk}/"
    make_post(house.br03, Role.SECRETARY, member=house.ours)
    make_group(house.br03, "一组", since=date(2025, 1, 1), leader=house.ours)
    client.get(url)
    with django_assert_num_queries(29):
        client.get(url)
    for number in range(3):
        member = make_member(house.br03)
        make_post(house.br03, Role.WORKER, member=member)
        make_group(house.br03, f"组{number}", since=date(2025, 1, 1), leader=member)
    with django_assert_num_queries(29):
        page = client.get(url).content.decode()
    assert "谢建平" not in page


def test_add_one(house: House) -> None:
    client = signed_in(house.staff)
    data = {"parent": house.general.pk, "kind": "branch", "name": HOSTILE, "code": "BR09"}
    answer = client.post(BASE + "add/", data)
    made = Organisation.objects.get(code="BR09")
    assert answer.headers["Location"] == f"{BASE}{made.pk}/"
    page = client.get(f"{BASE}{made.pk}/").content.decode()
    assert (made.name, "<script>alert" in page, "&lt;script&gt;alert" in page) == (HOSTILE, False, True)


def test_add_refused_keeps_what_was_typed(house: House) -> None:
    data = {"parent": house.general.pk, "kind": "branch", "name": "新支部", "code": "BR03"}
    answer = signed_in(house.staff).post(BASE + "add/", data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "编号“BR03”已被其他组织使用，请换一个编号。" in page
    assert 'value="新支部"' in page


def test_add_below_a_foreign_organisation_is_no_choice(house: House) -> None:
    data = {"parent": house.committee.pk, "kind": "branch", "name": "新支部", "code": "BR09"}
    assert signed_in(house.staff).post(BASE + "add/", data).status_code == 422
    assert Organisation.objects.filter(code="BR09").count() == 0


def test_add_several(house: House) -> None:
    data = {"parent": house.general.pk, "kind": "branch", "names": "甲支部\n\n 乙支部 "}
    answer = signed_in(house.staff).post(BASE + "add-several/", data, follow=True)
    assert "已新增 2 个组织，编号 BR05 至 BR06。" in answer.content.decode()


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ("甲\n甲", "“甲”写了两次，请每个只写一行。"),
        ("长" * 81, "名称最长 80 字，请缩短"),
        ("\n".join(str(n) for n in range(61)), "一次最多新增 60 个，请分几次。"),
        (" ", "请填写名称。"),
    ],
    ids=["twice", "long", "many", "none"],
)
def test_add_several_refused(house: House, names: str, sentence: str) -> None:
    data = {"parent": house.general.pk, "kind": "branch", "names": names}
    answer = signed_in(house.staff).post(BASE + "add-several/", data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Organisation.objects.count() == 4


EDITED = {"name": "红土坡党支部", "code": "BR03"}


def test_edit_saves_facts_units_and_seasons(house: House) -> None:
    data = {
        **EDITED,
        "party_day": "10",
        "latitude": "24.409",
        "longitude": "103.304",
        "units": "一站\n二站",
        "seasons": "烤烟收购期 08-01 至 11-15\n春耕 03-01 04-15",
    }
    client = signed_in(house.staff)
    assert client.post(f"{BASE}{house.br03.pk}/edit/", data).status_code == 302
    house.br03.refresh_from_db()
    assert house.br03.party_day == 10
    assert list(house.br03.busy_seasons.order_by("starts").values_list("name", "starts", "ends")) == [
        ("春耕", "03-01", "04-15"),
        ("烤烟收购期", "08-01", "11-15"),
    ]
    page = client.get(f"{BASE}{house.br03.pk}/edit/").content.decode()
    assert "烤烟收购期 08-01 至 11-15" in page
    assert "一站\n二站" in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("party_day", "31", "请填 1 至 28 的整数。"),
        ("seasons", "收购", "没有认出“收购”，请写成“烤烟收购期 08-01 至 11-15”。"),
        ("seasons", "收购 02-30 至 03-01", "“02-30”不是一年中的日期，请按“月-日”填写，例如 08-01。"),
        ("seasons", "收购 01-01 02-01\n收购 03-01 04-01", "农忙时段的名称重复了，请分别起名。"),
        ("units", "长" * 81, "单位名称最长 80 字，请缩短"),
        ("latitude", "24", "纬度和经度请一起填写，或都不填。"),
        ("established_on", "2026-13-01", "没有认出日期，请写成“2026-11-13”这样的形式。"),
        ("established_on", "0001-01-01", "请填 1900 年至 2199 年之间的日期。"),
        ("code", "BR04", "编号“BR04”已被其他组织使用，请换一个编号。"),
        ("name", "a\x00b", "不允许是用空字符串。"),
    ],
)
def test_edit_refused_in_words(house: House, field: str, value: str, sentence: str) -> None:
    answer = signed_in(house.staff).post(f"{BASE}{house.br03.pk}/edit/", {**EDITED, field: value})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    house.br03.refresh_from_db()
    assert (house.br03.code, house.br03.party_day, house.br03.units.count()) == ("BR03", None, 0)


def test_move(house: House) -> None:
    other = make_organisation(
        "DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee, name="二总支"
    )
    client = signed_in(house.administrator)
    url = f"{BASE}{house.br03.pk}/move/"
    assert (
        client.post(url, {"parent": other.pk, "day": "2026-05-01"}).headers["Location"]
        == f"{BASE}{house.br03.pk}/"
    )
    house.br03.refresh_from_db()
    assert house.br03.parent == other
    assert signed_in(house.staff).get(url).status_code == 404


def test_dissolve_names_the_object_and_refuses_with_people(house: House) -> None:
    client = signed_in(house.staff)
    page = client.get(f"{BASE}{house.br03.pk}/dissolve/").content.decode()
    assert page.count("撤销“红土坡党支部”") == 2
    data = {"day": "2026-11-22", "reason": "批复"}
    answer = client.post(f"{BASE}{house.br03.pk}/dissolve/", data)
    assert answer.status_code == 422
    assert "“红土坡党支部”还有 1 人，请先办理组织关系转出，再撤销。" in answer.content.decode()
    empty = make_organisation(parent=house.general, name="空支部")
    assert client.post(f"{BASE}{empty.pk}/dissolve/", data).headers["Location"] == BASE
    empty.refresh_from_db()
    assert empty.dissolved_on == date(2026, 11, 22)


def test_a_dissolved_branch_owes_nothing_and_names_the_joint_branch(house: House) -> None:
    today = timezone.localdate()
    old = make_organisation(parent=house.general, name="旧支部", dissolved_on=today)
    plan = JointPlan.objects.create(organisation=house.general, as_of=today, made_by=house.staff)
    plan.groups.create(name="联合", seat=old, made=house.br03).branches.add(old)
    page = shown(house, f"{old.pk}/")
    assert f'现并入<a href="{BASE}{house.br03.pk}/">红土坡党支部</a>' in page
    assert [
        word for word in ("不足 3 人", "空缺", "登记入册", "人数预测</a>", "成立党小组") if word in page
    ] == []


@pytest.mark.parametrize("path", STAFF_PAGES)
def test_pages_of_staff_are_refused_to_others(house: House, path: str) -> None:
    url = BASE + path.format(pk=house.br03.pk)
    assert [signed_in(user).get(url).status_code for user in (house.worker, house.overseer)] == [403, 403]
    assert signed_in(house.staff).get(url).status_code == 200


@pytest.mark.parametrize("path", ["", "{pk}/", *STAFF_PAGES])
def test_wrong_methods(house: House, path: str) -> None:
    url = BASE + path.format(pk=house.br03.pk)
    assert signed_in(house.staff).delete(url).status_code == 405
    if path in ("", "{pk}/"):
        assert signed_in(house.staff).post(url).status_code == 405


def test_nobody_signed_in_is_led_to_the_login(house: House, client: object) -> None:
    answer = client.get(BASE)  # type: ignore[attr-defined]  # pytest-django's client
    assert answer.headers["Location"] == f"/w/account/login/?next={BASE}"


def test_staff_whose_post_begins_tomorrow_wait(house: House) -> None:
    user = make_holder(
        house.general, Role.GENERAL_BRANCH_STAFF, since=timezone.localdate() + timedelta(days=1)
    )
    assert signed_in(user).get(BASE).status_code == 403
