"""The board as its readers see it: whose figures, what is refused, how many statements."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.rules import Role
from dashboards.queries import board as board_queries
from dashboards.queries.board import Board
from reminders.actions.summaries import mark_recount
from reminders.models import SummaryMark
from tests.dashboards.board_scene import Scene, board_url, list_url, make_scene, signed_in
from tests.factories.branches import make_holder, make_post
from tests.factories.items import make_item

pytestmark = pytest.mark.django_db
PAGES = ("dashboard", "dashboard_list", "dashboard_findings", "dashboard_outlook")
every_page = pytest.mark.parametrize("page", PAGES)
FIGURES = {"dashboard_list": "due", "dashboard_findings": "found"}


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def url(page: str, scope: str = "") -> str:
    return f"{reverse(f'dashboards:{page}')}?scope={scope}&figure={FIGURES.get(page, '')}"


def board_of(client: Client, user: User, **asked: object) -> Board:
    answer = signed_in(client, user).get(board_url(**asked))
    assert answer.status_code == 200
    found: Board = answer.context["board"]
    return found


def text_of(client: Client, user: User, **asked: object) -> str:
    return signed_in(client, user).get(board_url(**asked)).content.decode()


# --- who sees what ---------------------------------------------------------------------------


def test_staff_see_their_branches_in_tree_order_and_nothing_foreign(scene: Scene, client: Client) -> None:
    board = board_of(client, scene.staff)
    names = [place.name for place in (scene.general, *scene.branches)]
    assert [row.name for row in board.heat] == [*names, "合计"]
    assert (board.late.total, board.soon.total) == (3, 4)
    assert [line.name for line in board.late.places] == names[1:]
    assert [(line.name, line.items) for line in board.soon.places] == [(name, 1) for name in names]
    text = text_of(client, scene.staff)
    assert [name for name in ("外单位", "另一党") if name in text] == []


def test_the_committee_sees_all_its_general_branches_or_chooses_one(scene: Scene, client: Client) -> None:
    board = board_of(client, scene.overseer)
    assert (board.frame.scope.name, board.late.total, board.load.branches) == ("上级党委", 4, 4)
    assert "外单位" not in text_of(client, scene.overseer)
    chosen = board_of(client, scene.overseer, scope=scene.other.code)
    assert [row.name for row in chosen.heat] == ["另一党总支", "另一党支部", "合计"]
    assert chosen.late.total == 1


def test_a_worker_sees_the_own_branch_and_no_other(scene: Scene, client: Client) -> None:
    own, *others = scene.branches
    board = board_of(client, scene.worker)
    assert [row.name for row in board.heat] == [own.name]
    assert (board.late.total, board.load.branches, board.load.minutes) == (1, 1, 100)
    text = text_of(client, scene.worker)
    assert [place.name for place in (*others, scene.other_branch) if place.name in text] == []
    assert f'href="{reverse("reminders:month_list")}?organisation={own.code}"' in text


def test_who_has_posts_in_two_branches_chooses(scene: Scene, client: Client) -> None:
    first, second, third = scene.branches
    make_post(second, Role.SECRETARY, user=scene.worker)
    assert board_of(client, scene.worker).frame.scope.place == first
    assert board_of(client, scene.worker, scope=second.code).frame.scope.place == second
    assert signed_in(client, scene.worker).get(board_url(scope=third.code)).status_code == 404


@every_page
@pytest.mark.parametrize("whose", ["general", "committee", "other", "foreign", "foreign_branch", "second"])
def test_a_guessed_scope_is_not_found(scene: Scene, client: Client, page: str, whose: str) -> None:
    place = scene.branches[1] if whose == "second" else getattr(scene, whose)
    assert signed_in(client, scene.worker).get(url(page, place.code)).status_code == 404


@every_page
def test_staff_find_no_single_branch_and_nothing_above_them(scene: Scene, client: Client, page: str) -> None:
    codes = [scene.branches[0].code, scene.committee.code, scene.other.code, "nobody"]
    signed_in(client, scene.staff)
    assert [client.get(url(page, code)).status_code for code in codes] == [404] * 4


@pytest.mark.parametrize("place", ["other_branch", "foreign_branch", "committee"])
def test_a_list_of_an_organisation_outside_the_scope_is_not_found(
    scene: Scene, client: Client, place: str
) -> None:
    asked = list_url(figure="due", place=getattr(scene, place).code)
    assert signed_in(client, scene.staff).get(asked).status_code == 404


@every_page
def test_others_are_refused(scene: Scene, client: Client, page: str) -> None:
    answer = client.get(url(page))
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/w/account/login/")
    administrator = make_holder(scene.general, Role.ADMINISTRATOR)
    assert signed_in(client, administrator).get(url(page)).status_code == 403


@every_page
def test_nothing_is_changed_here(scene: Scene, client: Client, page: str) -> None:
    signed_in(client, scene.staff)
    assert [client.post(url(page)).status_code, client.delete(url(page)).status_code] == [405, 405]


def test_a_post_without_figures_is_told_so(scene: Scene, client: Client) -> None:
    keeper = make_holder(scene.general, Role.WORKER)
    answer = signed_in(client, keeper).get(board_url())
    assert "目前没有您可以看的支部数据。" in answer.content.decode()
    assert client.get(url("dashboard_list")).status_code == 404


def test_the_board_stands_first_for_staff_and_after_four_for_workers(scene: Scene, client: Client) -> None:
    for user, place in ((scene.staff, 0), (scene.overseer, 0), (scene.worker, 4)):
        entries = signed_in(client, user).get(board_url()).context["navigation"]
        assert [n for n, entry in enumerate(entries) if entry["label"] == "看板"] == [place]
        assert [entry["label"] for entry in entries if entry["active"]] == ["看板"]


# --- what is shown ---------------------------------------------------------------------------


def test_what_to_do_first_stands_on_top(scene: Scene, client: Client) -> None:
    first = board_of(client, scene.staff).first
    assert [(line.label, line.name, line.note) for line in first] == [
        ("已逾期", "党费公示", "3 项 · 3 个组织"),
        ("将到期", "党费公示", "3 项 · 3 个组织"),
        ("将到期", "党总支加的事", "1 项 · 1 个组织"),
    ]
    words = text_of(client, scene.worker)
    assert words.index("先看这里") < words.index("谁逾期了") < words.index("14 天内谁要到期")
    assert words.index("什么在重复出错") < words.index("负担在哪里") < words.index("按时完成率走势")


def test_the_initiative_index_needs_three_branches_or_is_ones_own(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    scene = make_scene(monkeypatch, branches=2)
    assert board_of(client, scene.staff).indices == []
    assert "不到 3 个支部时不显示" in text_of(client, scene.staff)
    own = board_of(client, scene.worker)
    assert own.index is not None
    # November: one done ten days early before it was reminded of; half of the findings came back.
    assert [part.raw for part in own.index.index.parts] == ["早 10 天", "1 / 1", "1 / 2"]
    assert own.index.value == 83


def test_the_initiative_index_of_three_branches_together(scene: Scene, client: Client) -> None:
    board = board_of(client, scene.staff)
    october, november = [line.index for line in board.indices[-2:]]
    assert [part.raw for part in october.parts] == ["晚 0.5 天", "0 / 6", "3 / 6"]
    assert [part.raw for part in november.parts] == ["早 10 天", "3 / 3", "3 / 6"]
    assert [line.value for line in board.indices[-2:]] == [17, 83]
    # Before the first finding nothing is known; in August it had not come back yet.
    assert [line.value for line in board.indices[:10]] == [*[None] * 8, 100, 100]


def test_over_the_budget_is_a_number_and_names_nobody(scene: Scene, client: Client) -> None:
    make_item(scene.branches[1], name="大活", due=date(2026, 11, 20), minutes=500)
    mark_recount([scene.branches[1]])
    load = board_of(client, scene.staff).load
    assert (load.branches, load.over, load.minutes, load.average) == (3, 1, 800, 267)
    words = " ".join(strip_tags(text_of(client, scene.staff)).split())
    assert "3 个支部中有 1 个超过额度" in words
    worker = make_holder(scene.branches[1], Role.WORKER)
    assert "超过额度 120 分钟" in text_of(client, worker)


def test_who_asks_is_said(scene: Scene, client: Client) -> None:
    askers = board_of(client, scene.staff).load.askers
    assert [(one.asker, one.items, one.minutes, one.percent) for one in askers] == [
        ("中央规定动作", 3, 180, 60),
        ("上级要求和惯例", 6, 120, 40),
    ]


def test_two_months_are_compared_in_words(scene: Scene, client: Client) -> None:
    changes = board_of(client, scene.staff, month="2026-11", compare="2026-10").changes
    assert [(one.name, one.now, one.then, one.words) for one in changes] == [
        ("按时完成率", "50%", "50%", "一样"),
        ("应办", "10", "6", "多 4 项"),
        ("已到期", "6", "6", "一样"),
        ("按时办结", "3", "3", "一样"),
        ("逾期办结", "0", "3", "少 3 项"),
        ("尚未办结", "7", "0", "多 7 项"),
        ("预计用时", "330 分钟", "240 分钟", "多 90 分钟"),
    ]
    earlier = board_of(client, scene.staff, month="2026-10", compare="2026-09").changes
    assert [one.words for one in earlier[:2]] == ["没有可比的数", "多 6 项"]


def test_stale_months_are_counted_before_they_are_read(scene: Scene, client: Client) -> None:
    place = scene.branches[0]
    make_item(place, name="新来的", due=date(2026, 11, 5))
    make_item(scene.foreign_branch, name="别人的", due=date(2026, 11, 5))
    mark_recount([place, scene.foreign_branch])
    assert board_of(client, scene.staff).month.figures.due == 7
    assert list(SummaryMark.objects.values_list("organisation", flat=True)) == [scene.foreign_branch.pk]


def test_more_branches_than_a_page_are_turned_and_the_whole_stays(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = board_of(client, scene.staff)
    monkeypatch.setattr(board_queries, "PAGE_SIZE", 2)
    first, second = (board_of(client, scene.staff, page=page) for page in (1, 2))
    assert [row.name for row in (*first.heat[:-1], *second.heat[:-1])] == [
        row.name for row in whole.heat[:-1]
    ]
    assert first.heat[-1] == second.heat[-1] == whole.heat[-1]
    assert (first.load, first.trend, first.indices) == (whole.load, whole.trend, whole.indices)


def test_a_dissolved_branch_stands_as_long_as_its_months_are_looked_at(scene: Scene, client: Client) -> None:
    gone = scene.branches[2]
    gone.dissolved_on = date(2026, 10, 31)
    gone.save()
    board = board_of(client, scene.staff)
    assert (gone.name in [row.name for row in board.heat], board.load.branches) == (True, 2)
    assert (board.late.total, len(board.late.places)) == (3, 3)
    gone.dissolved_on = date(2025, 12, 1)
    gone.save()
    later = board_of(client, scene.staff)
    assert gone.name not in [row.name for row in later.heat]
    # What it was asked for is counted wherever it is listed.
    assert (later.late.total, later.trend[-2].figures.due) == (3, 6)


# --- what an address may say -----------------------------------------------------------------


@pytest.mark.parametrize(
    "asked", [{"month": "2026-13"}, {"month": "' OR 1=1"}, {"compare": "morgen"}, {"month": "2027-01"}]
)
def test_nonsense_falls_back_with_a_sentence(scene: Scene, client: Client, asked: dict[str, str]) -> None:
    answer = signed_in(client, scene.staff).get(reverse("dashboards:dashboard"), asked)
    assert (answer.status_code, answer.context["board"].frame.month.number) == (422, 11)
    assert [trouble for trouble in answer.context["asked"].troubles if trouble.endswith("。")] != []


@pytest.mark.parametrize("page", ["dashboard_list", "dashboard_findings"])
@pytest.mark.parametrize("asked", [{}, {"figure": "x"}, {"figure": "found", "entry": "x"}, {"month": "x"}])
def test_a_list_nobody_can_read_leads_back(
    scene: Scene, client: Client, page: str, asked: dict[str, str]
) -> None:
    answer = signed_in(client, scene.staff).get(reverse(f"dashboards:{page}"), asked)
    assert answer.status_code == 422
    assert f'href="{board_url(scope=scene.general.code, month="2026-11")}"'.replace("&", "&amp;") in (
        answer.content.decode()
    )


def test_a_page_number_nobody_knows_shows_the_nearest(scene: Scene, client: Client) -> None:
    assert board_of(client, scene.staff, page="9").page.number == 1


def test_an_empty_scope_says_so(scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    staff = make_holder(scene.other, Role.GENERAL_BRANCH_STAFF)
    scene.other_branch.reminder_items.all().delete()
    mark_recount([scene.other_branch])
    assert "这 12 个月还没有要办的事项。" in text_of(client, staff)


# --- statements ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "who", "branches", "statements"),
    [
        # Too few branches together have no initiative index, which takes three statements.
        ("dashboard", "staff", 1, 16),
        ("dashboard", "staff", 3, 19),
        ("dashboard", "staff", 6, 19),
        ("dashboard", "overseer", 3, 19),
        ("dashboard", "worker", 1, 17),
        ("dashboard", "worker", 3, 17),
        ("dashboard_list", "staff", 1, 7),
        ("dashboard_list", "staff", 3, 7),
        ("dashboard_findings", "staff", 1, 6),
        ("dashboard_findings", "staff", 3, 6),
        ("dashboard_outlook", "staff", 1, 12),
        ("dashboard_outlook", "staff", 3, 12),
        ("dashboard_outlook", "worker", 3, 12),
    ],
)
def test_the_number_of_statements_does_not_grow(
    monkeypatch: pytest.MonkeyPatch,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    page: str,
    who: str,
    branches: int,
    statements: int,
) -> None:
    scene = make_scene(monkeypatch, branches=branches)
    signed_in(client, getattr(scene, who)).get(url(page))
    with django_assert_num_queries(statements):
        client.get(url(page))
    with django_assert_num_queries(statements):
        client.get(f"{url(page)}&compare=2025-01&place=&action=1")
