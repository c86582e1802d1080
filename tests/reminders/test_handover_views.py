"""Pages of a handover: who reads which, how much each asks the database, the list and the joints."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.models import AccessGrant, DevelopmentCase, Post
from branches.rules import GrantKind, MemberStatus, OrganisationKind, Role
from reminders.actions.handover import (
    check_handover,
    confirm_lines,
    open_due_handovers,
    sign_handover,
)
from reminders.handover_rules import Capacity, HandoverState, LineState, Part
from reminders.models import Handover
from reminders.queries.handover.banner import handover_banners
from tests.clock import stop_clock
from tests.factories.branches import make_holder, make_member, make_organisation, make_post, make_user
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
from tests.reminders.test_handover_pdf import fill

pytestmark = pytest.mark.django_db
PAGES = ("detail", "told", "sheet", "sign", "check")


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    stop_clock(monkeypatch, ON)
    return make_scene(newcomer_since=ON)


@pytest.fixture
def foreigner(scene: Scene) -> User:
    """Staff of another general branch."""
    return make_holder(
        make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="外单位党总支"),
        Role.GENERAL_BRANCH_STAFF,
    )


def url(name: str, *args: object) -> str:
    return reverse(f"reminders:handover_{name}", args=args)


def leave(user: User, monkeypatch: pytest.MonkeyPatch, *, days: int) -> date:
    """So many days after the leaver's last one; the post is over, the grant stands for thirty of them."""
    return stop_clock(monkeypatch, LAST_DAY + timedelta(days=days))


# ---- the list --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_needs_eight_queries(
    scene: Scene,
    client: Client,
    foreigner: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    away = make_organisation(parent=foreigner.posts.get().organisation, name="外单位党支部")
    places = [make_organisation(parent=scene.general) for _ in range(count - 1)]
    for place in [*places, away]:
        make_post(place, Role.WORKER, user=make_user(), until=LAST_DAY)
    open_due_handovers(on=ON)
    client.force_login(scene.staff)
    client.get(url("list"))
    with django_assert_num_queries(8):
        response = client.get(url("list"))
    assert (Handover.objects.count(), len(response.context["running"])) == (count + 1, count)
    assert "外单位党支部" not in response.content.decode()


def test_the_list_says_for_whom_each_waits_and_since_when(scene: Scene, client: Client) -> None:
    opened()
    client.force_login(scene.secretary)
    response = client.get(url("list"))
    row = response.context["running"][0]
    assert (row.leaver, row.newcomer, row.waiting, row.since) == (
        "李离任",
        "王接任",
        "等待李离任核对清单",
        "11 月 18 日 周三",
    )
    assert "等待李离任核对清单，11 月 18 日 周三起" in response.content.decode()
    assert url("add") not in response.content.decode()


def test_what_is_over_stands_below(scene: Scene, client: Client) -> None:
    handover = opened()
    Handover.objects.filter(pk=handover.pk).update(state=HandoverState.CANCELLED, reason="误开")
    client.force_login(scene.staff)
    response = client.get(url("list"))
    assert ([row.pk for row in response.context["past"]], response.context["running"]) == ([handover.pk], [])
    assert url("add") in response.content.decode()


def test_an_empty_list_says_when_one_begins(scene: Scene, client: Client) -> None:
    client.force_login(scene.staff)
    assert "目前没有工作交接" in client.get(url("list")).content.decode()


# ---- who reads -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_a_foreign_handover_is_not_there(scene: Scene, client: Client, foreigner: User, name: str) -> None:
    handover = opened()
    client.force_login(foreigner)
    assert client.get(url(name, handover.pk)).status_code == 404


@pytest.mark.parametrize("name", [*PAGES, "cancel"])
def test_who_has_no_right_anywhere_is_refused(scene: Scene, client: Client, name: str) -> None:
    handover = opened()
    client.force_login(make_user())
    assert client.get(url(name, handover.pk)).status_code == 403
    assert client.get(url("list")).status_code == 403


@pytest.mark.parametrize("name", ["add", "cancel", "newcomer", "mentor"])
def test_what_staff_arrange_is_closed_to_the_branch(scene: Scene, client: Client, name: str) -> None:
    handover = opened()
    client.force_login(scene.leaver)
    address = url(name) if name == "add" else url(name, handover.pk)
    assert client.post(address).status_code == 403


@pytest.mark.parametrize("name", ["cancel", "newcomer", "mentor"])
def test_staff_of_elsewhere_arrange_nothing_here(
    scene: Scene, client: Client, foreigner: User, name: str
) -> None:
    handover = opened()
    client.force_login(foreigner)
    assert client.post(url(name, handover.pk), {"reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "args", "method"),
    [
        ("list", (), "post"),
        ("detail", (1,), "post"),
        ("told", (1,), "post"),
        ("sheet", (1,), "post"),
        ("note", (1, 1), "get"),
        ("confirm", (1, "open_items"), "get"),
        ("newcomer", (1,), "get"),
        ("mentor", (1,), "get"),
        ("add", (), "put"),
        ("sign", (1,), "put"),
        ("check", (1,), "put"),
        ("cancel", (1,), "put"),
    ],
)
def test_the_wrong_method_is_refused(
    scene: Scene, client: Client, name: str, args: tuple[object, ...], method: str
) -> None:
    client.force_login(scene.staff)
    assert getattr(client, method)(url(name, *args)).status_code == 405


def test_a_leaver_with_a_grant_has_the_own_handover_and_nothing_else(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine(scene, due=ON + DAY)
    handover = opened()
    make_post(scene.other, Role.WORKER, user=make_user(), until=LAST_DAY)
    other = next(one for one in open_due_handovers(on=ON) if one.pk != handover.pk)
    leave(scene.leaver, monkeypatch, days=1)
    client.force_login(scene.leaver)
    client.get("/w/")
    assert client.get("/w/").headers["Location"] == url("list")
    assert client.get(url("list")).headers["Location"] == url("detail", handover.pk)
    page = client.get(url("detail", handover.pk)).content.decode()
    assert [
        line.url for line in client.get(url("detail", handover.pk)).context["page"].lines if line.url
    ] == []
    assert "离任后，您可以打开这份交接清单到 12 月 30 日 周三" in page
    assert client.get(url("detail", other.pk)).status_code == 404
    assert client.get(reverse("reminders:month_list")).status_code == 403
    assert [entry["label"] for entry in client.get(url("detail", handover.pk)).context["navigation"]] == [
        "交接"
    ]


@pytest.mark.parametrize(("days", "status"), [(1, 200), (30, 200), (31, 403)])
def test_after_the_grant_nothing_is_open(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch, days: int, status: int
) -> None:
    handover = opened()
    leave(scene.leaver, monkeypatch, days=days)
    client.force_login(scene.leaver)
    assert client.get(url("detail", handover.pk)).status_code == status


def test_a_grant_for_another_branch_opens_no_handover_of_this_one(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    handover = opened()
    stranger = make_user()
    AccessGrant.objects.create(
        user=stranger,
        organisation=scene.branch,
        kind=GrantKind.HANDOVER,
        since=ON,
        until=ON + 9 * DAY,
        reason="离任交接",
    )
    client.force_login(stranger)
    assert client.get(url("detail", handover.pk)).status_code == 404
    assert "目前没有工作交接" in client.get(url("list")).content.decode()


# ---- one handover ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lines", [1, 200])
@pytest.mark.parametrize(
    ("who", "queries"), [("leaver", 8), ("newcomer", 8), ("secretary", 8), ("staff", 11)]
)
def test_the_page_asks_the_same_for_any_pack(
    scene: Scene,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    lines: int,
    who: str,
    queries: int,
) -> None:
    handover = opened()
    fill(handover, lines)
    client.force_login(getattr(scene, who))
    client.get(url("detail", handover.pk))
    with django_assert_num_queries(queries):
        response = client.get(url("detail", handover.pk))
    assert response.context["page"].current == lines


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(("who", "queries"), [("leaver", 8), ("newcomer", 12), ("staff", 8)])
def test_a_signed_handover_with_its_first_week_keeps_the_budget(
    scene: Scene,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
    who: str,
    queries: int,
) -> None:
    handover = signed(scene)
    for n in range(count):
        mine(scene, name=f"事项{n}", due=ON + DAY)
        person = make_member(scene.branch, status=MemberStatus.ACTIVIST)
        DevelopmentCase.objects.create(member=person, opened_on=ON - DAY, next_step=6, next_due_on=ON + DAY)
    client.force_login(getattr(scene, who))
    client.get(url("detail", handover.pk))
    with django_assert_num_queries(queries):
        response = client.get(url("detail", handover.pk))
    assert bool(response.context["page"].first_week) is (who == "newcomer")


@pytest.mark.parametrize(("who", "queries"), [("leaver", 8), ("newcomer", 8), ("staff", 11)])
def test_the_signing_page_asks_as_little(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, who: str, queries: int
) -> None:
    handover = confirmed(scene)
    client.force_login(getattr(scene, who))
    client.get(url("sign", handover.pk))
    with django_assert_num_queries(queries):
        assert client.get(url("sign", handover.pk)).status_code == 200


def test_settled_lines_are_folded_below_the_others(scene: Scene, client: Client) -> None:
    handover = opened()
    fill(handover, 8)
    handover.lines.filter(position=0).update(state=LineState.SETTLED)
    client.force_login(scene.secretary)
    response = client.get(url("detail", handover.pk))
    part = next(part for part in response.context["page"].parts if part.code == Part.OPEN_ITEMS)
    assert ([line.title for line in part.settled], len(part.current)) == (["补写会议记录0"], 1)
    assert "交接期间已了结的 1 条" in response.content.decode()


def test_who_was_told_is_a_page_of_few_queries(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    handover = opened()
    client.force_login(scene.staff)
    client.get(url("told", handover.pk))
    with django_assert_num_queries(6):
        response = client.get(url("told", handover.pk))
    assert sorted(one.recipient for one in response.context["told"]) == sorted(
        str(user) for user in (scene.leaver, scene.newcomer, scene.secretary, scene.staff)
    )


# ---- joints ----------------------------------------------------------------------------------------------


def test_the_month_list_points_the_two_to_their_handover(
    scene: Scene, client: Client, foreigner: User
) -> None:
    handover = opened()
    for user, shown in ((scene.leaver, True), (scene.newcomer, True), (scene.secretary, False)):
        client.force_login(user)
        page = client.get(reverse("reminders:month_list")).content.decode()
        assert ("工作交接进行中：李离任 → 王接任" in page, url("detail", handover.pk) in page) == (
            shown,
            shown,
        )


def test_the_line_says_what_waits_for_the_reader(scene: Scene) -> None:
    def said(user: User, on: date = ON) -> list[str]:
        return [banner.words for banner in handover_banners(user, scene.branch, on=on)]

    running, both = "工作交接进行中：李离任 → 王接任", (scene.leaver, scene.newcomer)
    handover = opened()
    assert [said(user) for user in both] == [[f"{running}，等您核对"], [running]]
    check_handover(handover, by=scene.leaver, on=ON)
    assert [said(user) for user in both] == [[running], [f"{running}，等您逐条确认"]]
    confirm_lines(handover, confirmed=current(handover), questions={}, by=scene.newcomer, on=ON)
    assert [said(user) for user in both] == [[f"{running}，等您签字"]] * 2
    sign_handover(handover, capacity=Capacity.LEAVER, by=scene.leaver, on=ON, now=NOW)
    assert [said(user) for user in both] == [[running], [f"{running}，等您签字"]]


def test_who_keeps_another_list_too_finds_the_line_there(scene: Scene, client: Client) -> None:
    make_post(scene.other, Role.WORKER, user=scene.newcomer)
    handover = opened()
    client.force_login(scene.newcomer)
    for place, name in ((scene.other, scene.branch.name), (scene.branch, "")):
        page = client.get(reverse("reminders:month_list"), {"organisation": place.code})
        assert [(banner.words, banner.url) for banner in page.context["handovers"]] == [
            (f"{name}工作交接进行中：李离任 → 王接任", url("detail", handover.pk))
        ]


@pytest.mark.parametrize(("days", "shown"), [(-1, 0), (0, 1), (14, 1), (15, 0)])
def test_the_line_about_the_first_week_goes_by_itself(scene: Scene, days: int, shown: int) -> None:
    handover = signed(scene)
    first = handover.changed_hands_at
    assert first is not None
    day = timezone.make_naive(first).date() + timedelta(days=days)
    found = handover_banners(scene.newcomer, scene.branch, on=day)
    assert [banner.url for banner in found] == [f"{url('detail', handover.pk)}#first-week"] * shown
    assert handover_banners(scene.leaver, scene.branch, on=day) == []
    assert handover_banners(scene.newcomer, scene.other, on=day) == []


def test_the_overview_names_gaps_only_where_there_are_any(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Post.objects.filter(pk=scene.newcomer_post.pk).delete()
    for place in type(scene.branch).objects.filter(kind=OrganisationKind.BRANCH).exclude(pk=scene.branch.pk):
        make_post(place, Role.WORKER)
    client.force_login(scene.staff)
    assert "空缺与交接" not in client.get(reverse("reminders:overview")).content.decode()
    handover = opened()
    leave(scene.leaver, monkeypatch, days=1)
    response = client.get(reverse("reminders:overview"))
    assert [(gap.title, gap.words, gap.url) for gap in response.context["gaps"]] == [
        ("缺党务工作者", "12 月 1 日 周二起无人在任", url("detail", handover.pk))
    ]
    assert "空缺与交接" in response.content.decode()
