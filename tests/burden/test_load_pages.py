"""The load of a month and protected hours: to oneself, as a whole to staff, never one branch to another."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from branches.models import Organisation, Post
from branches.rules import Role
from burden.queries.demand_scope import VIEW_LOAD, scope_of
from reminders.actions.agreed_times import (
    AgreementData,
    AlreadyEnded,
    EndsTooEarly,
    LaterAgreement,
    PostNotHeld,
    agree_time,
    end_agreement,
)
from reminders.actions.summaries import mark_recount
from reminders.models import AgreedTime
from tests.factories.branches import LONG_AGO, make_holder, make_organisation, make_post
from tests.factories.demands import make_agreement, make_demand
from tests.factories.reminders import make_action
from tests.reminders.scene import ON, Scene, central_action, done, make_item, make_scene

pytestmark = pytest.mark.django_db
LOAD, CARD, TIMES = (reverse(f"burden:{name}") for name in ("load_page", "load_card", "agreed_time_list"))


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def third_branch(scene: Scene) -> Organisation:
    return make_organisation(parent=scene.general)


def filled(scene: Scene) -> None:
    """Three branches; the first was asked for an hour and registered it, and everybody for a report."""
    third_branch(scene)
    make_item(scene.first, central_action(), **done(ON))
    make_item(scene.foreign_branch, make_action(minutes=500))
    make_demand(scene.general, minutes=30)


# ---- the load ------------------------------------------------------------------------------------------


def test_staff_see_the_whole_and_never_one_branch(scene: Scene, client: Client) -> None:
    filled(scene)
    client.force_login(scene.staff)
    response = client.get(LOAD)
    load = response.context["page"].load
    assert (load.core, load.formality, load.portal_minutes, load.minutes) == (60, 92, 2, 152)
    assert [(part.asker, part.minutes, part.percent) for part in response.context["page"].askers] == [
        ("公司办公室", Decimal("90.0"), 59),
        ("中央规定动作", Decimal(60), 39),
        ("本系统", Decimal(2), 1),
    ]
    page = response.content.decode()
    assert [place.name in page for place in (scene.first, scene.second)] == [False, False]
    assert client.get(LOAD, {"scope": scene.first.code}).status_code == 404


def test_fewer_than_three_branches_show_nothing(scene: Scene, client: Client) -> None:
    make_item(scene.first, central_action())
    client.force_login(scene.staff)
    response = client.get(LOAD)
    assert response.context["page"] is None
    assert "这里不足 3 个支部，不显示合计。" in response.content.decode()


def test_a_worker_sees_the_own_branch(scene: Scene, client: Client) -> None:
    filled(scene)
    make_agreement(Post.objects.get(organisation=scene.first, role=Role.WORKER), "1")
    make_item(scene.second, make_action(minutes=500))
    client.force_login(scene.worker)
    response = client.get(LOAD)
    load = response.context["page"].load
    assert (load.branches, load.minutes, load.budget_minutes, load.agreed) == (1, 92, 252, 1)
    assert "没有超出可用时间" in response.content.decode()
    assert client.get(LOAD, {"scope": scene.second.code}).status_code == 404
    make_demand(scene.first, name="日报", per="workday", minutes=10)
    assert "比可用时间多 48 分钟" in client.get(LOAD).content.decode()


def test_every_line_leads_to_what_it_is(scene: Scene, client: Client) -> None:
    filled(scene)
    client.force_login(scene.staff)
    for part in client.get(LOAD).context["page"].askers:
        assert [client.get(address).status_code for _, address in part.lines] == [200] * len(part.lines)


@pytest.mark.parametrize(
    ("asked", "month", "status", "sentence"),
    [
        ("2026-10", "2026 年 10 月", 200, ""),
        ("2026-12", "2026 年 11 月", 422, "2026 年 12 月还没有到，下面是 2026 年 11 月的情况。"),
        (
            "x",
            "2026 年 11 月",
            422,
            "没有认出月份“x”，请写成“2026-11”这样的形式。下面是 2026 年 11 月的情况。",
        ),
    ],
)
def test_another_month_is_asked_for_in_the_address(
    scene: Scene, client: Client, asked: str, month: str, status: int, sentence: str
) -> None:
    filled(scene)
    client.force_login(scene.staff)
    response = client.get(LOAD, {"month": asked})
    context = response.context
    assert (context["month"].label, response.status_code, context["trouble"]) == (month, status, sentence)


@pytest.mark.parametrize("more", [1, 4])
def test_the_page_takes_the_same_statements_for_any_scope(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, more: int
) -> None:
    filled(scene)
    for _ in range(more):
        branch = third_branch(scene)
        make_item(branch, make_action())
        make_demand(branch)
        make_agreement(make_post(branch))
    client.force_login(scene.staff)
    client.get(LOAD)
    with django_assert_num_queries(11):
        response = client.get(LOAD)
    assert response.context["page"].load.branches == 3 + more


def test_the_card_of_the_board(scene: Scene, client: Client) -> None:
    filled(scene)
    client.force_login(scene.staff)
    asked = {"scope": scene.general.code, "month": "2026-11"}
    card = client.get(CARD, asked, headers={"HX-Request": "true"}).content.decode()
    page = client.get(LOAD, asked).context["page"].load
    said = f"平均每个支部 51 分钟，可用 {page.average_budget} 分钟；其中事务性占 61%。"
    assert f"{said}在本系统登记用 2 分钟（3 个支部合计）。" in card
    assert f"{LOAD}?scope={scene.general.code}&amp;month=2026-11" in card
    alone = client.get(CARD, asked)
    assert alone.headers["Location"] == f"{LOAD}?scope={scene.general.code}&month=2026-11"
    mark_recount([scene.first])
    board = client.get(reverse("dashboards:dashboard")).content.decode()
    assert f'hx-get="{CARD}?scope={scene.general.code}&amp;month=2026-11"' in board


def test_scopes_are_general_branches_first_and_ones_own_branch(scene: Scene) -> None:
    found = {
        name: scope_of(getattr(scene, name), VIEW_LOAD, code="", on=ON)
        for name in ("staff", "overseer", "worker")
    }
    assert {name: scope.place if scope else None for name, scope in found.items()} == {
        "staff": scene.general,
        "overseer": scene.general,
        "worker": scene.first,
    }
    assert found["overseer"] is not None
    assert found["overseer"].choices == (scene.general, scene.committee)
    assert scope_of(scene.staff, VIEW_LOAD, code=scene.first.code, on=ON) is None


# ---- protected hours -----------------------------------------------------------------------------------


def said(since: date = ON, hours: str = "4") -> AgreementData:
    return AgreementData(Decimal(hours), "烟叶科科长", since, "每周五下午")


def test_a_new_agreement_ends_the_one_before(scene: Scene) -> None:
    post = make_post(scene.first)
    first = agree_time(post, data=said(date(2026, 1, 1), "2"), by=scene.staff)
    second = agree_time(post, data=said(), by=scene.staff)
    first.refresh_from_db()
    assert (first.until, second.until) == (date(2026, 11, 17), None)
    with pytest.raises(LaterAgreement):
        agree_time(post, data=said(date(2026, 11, 1)), by=scene.staff)


def test_an_agreement_needs_the_post(scene: Scene) -> None:
    post = make_post(scene.first, since=date(2026, 3, 1), until=date(2026, 6, 30))
    for day in (date(2026, 2, 28), date(2026, 7, 1)):
        with pytest.raises(PostNotHeld):
            agree_time(post, data=said(day), by=scene.staff)


def test_ending_an_agreement_once_and_twice(scene: Scene) -> None:
    agreed = make_agreement(make_post(scene.first), since=date(2026, 11, 1))
    with pytest.raises(EndsTooEarly):
        end_agreement(agreed, until=date(2026, 10, 31), by=scene.staff)
    assert end_agreement(agreed, until=ON, by=scene.staff).until == ON
    with pytest.raises(AlreadyEnded):
        end_agreement(agreed, until=ON, by=scene.staff)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_agreements_are_listed_in_tree_order(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    AgreedTime.objects.all().delete()
    for _ in range(rows):
        make_agreement(make_post(third_branch(scene)))
    make_agreement(make_post(scene.foreign_branch))
    client.force_login(scene.staff)
    client.get(TIMES)
    with django_assert_num_queries(6):
        response = client.get(TIMES)
    assert [row.current is not None for row in response.context["rows"]] == [False] + [True] * rows
    assert response.context["agreed"] == rows
    client.force_login(scene.worker)
    assert [row.post.organisation for row in client.get(TIMES).context["rows"]] == [scene.first]


def test_a_secretary_agrees_for_the_own_branch(scene: Scene, client: Client) -> None:
    post = Post.objects.get(organisation=scene.first, role=Role.WORKER)
    other = make_post(scene.second)
    add = reverse("burden:agreed_time_add")
    form = {
        "hours_a_week": "3.5",
        "agreed_with": "烟叶科科长",
        "since": "2026-11-18",
        "usual_time": "周五下午",
    }
    client.force_login(make_holder(scene.first, Role.SECRETARY))
    assert client.get(add, {"post": str(post.pk)}).context["form"].initial["post"] == str(post.pk)
    foreign = client.post(add, {**form, "post": other.pk})
    assert (foreign.status_code, list(foreign.context["form"].errors)) == (422, ["post"])
    assert client.post(add, {**form, "post": post.pk}).headers["Location"] == TIMES
    agreed = AgreedTime.objects.get()
    assert (agreed.post, agreed.hours_a_week) == (post, Decimal("3.5"))
    again = client.post(add, {**form, "post": post.pk})
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["since"])
    end = reverse("burden:agreed_time_end", args=[agreed.pk])
    assert "每周 3.5 小时" in client.get(end).content.decode()
    assert client.post(end, {"until": "2026-11-30"}).headers["Location"] == TIMES
    agreed.refresh_from_db()
    assert agreed.until == date(2026, 11, 30)


def test_refused_foreign_and_wrong_methods(scene: Scene, client: Client) -> None:
    agreed = make_agreement(make_post(scene.first, since=LONG_AGO))
    end, add = reverse("burden:agreed_time_end", args=[agreed.pk]), reverse("burden:agreed_time_add")
    client.force_login(scene.worker)
    assert [client.get(page).status_code for page in (add, end)] == [403, 403]
    client.force_login(scene.foreign_staff)
    assert client.get(end).status_code == 404
    client.force_login(make_holder(scene.general, Role.ADMINISTRATOR))
    assert [client.get(page).status_code for page in (LOAD, CARD, TIMES)] == [403] * 3
    client.force_login(scene.staff)
    assert [client.post(page).status_code for page in (LOAD, CARD, TIMES)] == [405] * 3
    assert [client.put(page).status_code for page in (add, end)] == [405] * 2
