"""Branch × state for a month, the lists behind its numbers, who is missing."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from branches.rules import OrganisationKind
from periods.months import Month
from reminders.buckets import COUNTED, Bucket, bucket_of, in_bucket, of_month
from reminders.models import ReminderItem
from reminders.queries.overview import OverviewRow, overview_rows
from reminders.rules import ItemState
from tests.factories.branches import make_organisation
from tests.reminders.scene import HOSTILE, ON, Scene, central_action, done, make_item, make_scene

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)
OVERDUE_ON = date(2026, 11, 10)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def fill(scene: Scene) -> None:
    """One item of every state in the first branch, one overdue in the second, one abroad."""
    states: dict[str, dict[str, Any]] = {
        "done": done(date(2026, 11, 5)),
        "todo": {},
        "overdue": {"due_on": OVERDUE_ON},
        "returned": {"state": ItemState.RETURNED},
        "off": {"state": ItemState.NOT_APPLICABLE, "reason": "没有此类情况"},
        "gone": {"state": ItemState.WITHDRAWN, "reason": "已撤回"},
    }
    for code, fields in states.items():
        make_item(scene.first, central_action(code, name=f"事项{code}"), **fields)
    make_item(scene.second, central_action("late", name="事项late"), due_on=OVERDUE_ON)
    make_item(scene.foreign_branch, central_action("foreign", name="外单位事项"))


def counts(rows: Iterable[OverviewRow]) -> dict[str, list[int]]:
    return {row.code: [count for _, count in row.counts] for row in rows}


# ---- what a number counts ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "due_on", "fields", "counted"),
    [
        ("2026-11", date(2026, 11, 30), {}, True),
        ("2026-11", date(2026, 7, 31), {}, True),
        ("2026-11", date(2026, 12, 31), {"remind_on": ON}, True),
        ("2026-11", date(2026, 12, 31), {"remind_on": date(2026, 11, 19)}, False),
        ("2026-11", date(2026, 12, 31), done(ON), True),
        ("2026-11", date(2026, 11, 30), done(date(2026, 10, 9)), True),
        ("2026-11", date(2026, 10, 30), done(date(2026, 10, 9)), False),
        ("2026-10", date(2026, 10, 30), {}, True),
        ("2026-10", date(2026, 9, 30), {}, False),
        ("2026-10", date(2026, 9, 30), done(date(2026, 10, 9)), True),
        ("2026-12", date(2026, 12, 31), {}, True),
        ("2026-12", date(2026, 11, 30), {}, False),
        ("2026-12", date(2027, 1, 29), {"remind_on": date(2026, 12, 15)}, True),
        ("2026-12", date(2026, 12, 31), done(ON), False),
    ],
)
def test_which_month_an_item_belongs_to(
    scene: Scene, month: str, due_on: date, fields: dict[str, Any], counted: bool
) -> None:
    make_item(scene.first, central_action(), due_on=due_on, **fields)
    found = ReminderItem.objects.filter(of_month(Month.parse(month), on=ON))
    assert found.exists() is counted


def test_every_item_is_in_exactly_one_column(scene: Scene) -> None:
    fill(scene)
    for item in ReminderItem.objects.all():
        held = [
            bucket for bucket in Bucket if ReminderItem.objects.filter(in_bucket(bucket, on=ON), pk=item.pk)
        ]
        assert held == [bucket_of(item.state, item.due_on, on=ON)]


def test_an_item_due_today_is_not_overdue() -> None:
    assert bucket_of(ItemState.OPEN, ON, on=ON) is Bucket.TODO
    assert bucket_of(ItemState.OPEN, date(2026, 11, 17), on=ON) is Bucket.OVERDUE


def test_rows_keep_the_order_given_and_count_each_state(scene: Scene) -> None:
    fill(scene)
    rows = overview_rows([scene.second, scene.first], month=NOVEMBER, on=ON)
    assert [row.code for row in rows] == [scene.second.code, scene.first.code]
    assert counts(rows) == {scene.first.code: [1, 1, 1, 1, 1], scene.second.code: [0, 0, 1, 0, 0]}


# ---- pages --------------------------------------------------------------------------------------------


def test_the_overview_of_staff_and_of_the_committee(scene: Scene, client: Client) -> None:
    fill(scene)
    make_item(scene.general, central_action("own", name="总支事项"))
    for user in (scene.staff, scene.overseer):
        client.force_login(user)
        response = client.get(reverse("reminders:overview"))
        assert [row.code for row in response.context["rows"]] == [
            scene.general.code,
            scene.first.code,
            scene.second.code,
        ]
        assert counts(response.context["rows"])[scene.general.code] == [0, 1, 0, 0, 0]
        assert [count for _, count in response.context["totals"]] == [1, 2, 2, 1, 1]
        assert "外单位" not in response.content.decode()
        assert "口径：" in response.content.decode()


@pytest.mark.parametrize("branches", [1, 3, 60])
def test_the_overview_needs_eight_queries_whatever_the_number_of_branches(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, branches: int
) -> None:
    action = central_action()
    for n in range(branches):
        make_item(make_organisation(parent=scene.general, code=f"Z{n:02}"), action)
    client.force_login(scene.staff)
    client.get(reverse("reminders:overview"))
    with django_assert_num_queries(8):
        response = client.get(reverse("reminders:overview"))
    assert len(response.context["rows"]) == min(50, branches + 3)


def test_the_overview_is_paged_at_fifty_and_searched(scene: Scene, client: Client) -> None:
    for n in range(60):
        make_organisation(parent=scene.general, code=f"Z{n:02}", name=f"烟站{n:02}")
    client.force_login(scene.staff)
    second = client.get(reverse("reminders:overview"), {"page": "2"})
    assert len(second.context["rows"]) == 13
    found = client.get(reverse("reminders:overview"), {"q": "烟站07"})
    assert [row.name for row in found.context["rows"]] == ["烟站07"]
    hostile = client.get(reverse("reminders:overview"), {"q": HOSTILE}).content.decode()
    assert "<script>alert" not in hostile


def test_a_dissolved_branch_leaves_the_overview(scene: Scene, client: Client) -> None:
    scene.second.dissolved_on = date(2026, 11, 1)
    scene.second.save()
    client.force_login(scene.staff)
    rows = client.get(reverse("reminders:overview")).context["rows"]
    assert [row.code for row in rows] == [scene.general.code, scene.first.code]


def test_every_number_opens_as_many_items(scene: Scene, client: Client) -> None:
    fill(scene)
    client.force_login(scene.staff)
    url = reverse("reminders:overview_list")
    rows = client.get(reverse("reminders:overview")).context["rows"]
    for row in rows:
        for bucket, count in row.counts:
            query = {"organisation": row.code, "state": bucket.value, "month": "2026-11"}
            assert client.get(url, query).context["page"].paginator.count == count
    everything = client.get(url).context["page"].paginator.count
    assert everything == sum(row.total for row in rows) == 6


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_behind_a_number_needs_five_queries(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for n in range(rows):
        make_item(scene.first, central_action(f"a{n}", name=HOSTILE))
    make_item(scene.foreign_branch, central_action("foreign"))
    client.force_login(scene.staff)
    client.get(reverse("reminders:overview_list"))
    with django_assert_num_queries(5):
        response = client.get(reverse("reminders:overview_list"))
    assert [item.organisation for item, _ in response.context["rows"]] == [scene.first] * rows
    assert "<script>alert" not in response.content.decode()


def test_who_is_missing_for_an_action(scene: Scene, client: Client) -> None:
    action = central_action(name=HOSTILE)
    make_item(scene.first, action, due_on=OVERDUE_ON, responsible_name="汤宏伟")
    make_item(scene.second, action, due_on=OVERDUE_ON, **done(ON))
    make_item(scene.general, action, state=ItemState.NOT_APPLICABLE, reason="没有此类情况")
    make_item(scene.foreign_branch, action, due_on=OVERDUE_ON)
    client.force_login(scene.staff)
    (entry,) = client.get(reverse("reminders:missing")).context["actions"]
    assert (entry.missing, entry.asked, entry.due_on, entry.period_words) == (
        1,
        2,
        OVERDUE_ON,
        "2026 年 11 月",
    )
    response = client.get(reverse("reminders:missing_action", args=[action.pk, "2026-11"]))
    assert [(i.organisation, i.responsible_name, b) for i, b in response.context["rows"]] == [
        (scene.first, "汤宏伟", Bucket.OVERDUE)
    ]
    page = response.content.decode()
    assert "<script>alert" not in page
    assert "应办 2，未办 1" in page
    assert scene.foreign_branch.name not in page


def test_missing_counts_the_whole_period_also_what_was_done_before(scene: Scene, client: Client) -> None:
    action = central_action()
    make_item(scene.first, action, period="2026-10", due_on=date(2026, 10, 30))
    make_item(scene.second, action, period="2026-10", due_on=date(2026, 10, 30), **done(date(2026, 10, 9)))
    client.force_login(scene.staff)
    (entry,) = client.get(reverse("reminders:missing")).context["actions"]
    assert (entry.period, entry.missing, entry.asked) == ("2026-10", 1, 2)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_missing_pages_need_few_queries(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    action = central_action()
    for n in range(rows):
        make_item(make_organisation(parent=scene.general), action, period=f"2026-0{n + 1}")
    client.force_login(scene.staff)
    client.get(reverse("reminders:missing"))
    with django_assert_num_queries(5):
        response = client.get(reverse("reminders:missing"))
    assert len(response.context["actions"]) == rows
    with django_assert_num_queries(4):
        client.get(reverse("reminders:missing_action", args=[action.pk, "2026-01"]))


@pytest.mark.parametrize(
    ("who", "name", "marked"),
    [
        ("staff", "overview", "总览"),
        ("staff", "missing", "总览"),
        ("staff", "month_list", "总览"),
        ("staff", "pack_list", "事项库"),
        ("staff", "task_list", "专项工作"),
        ("worker", "month_list", "本月清单"),
        ("worker", "pack_list", "事项库"),
    ],
)
def test_each_page_marks_the_entry_it_belongs_to(
    scene: Scene, client: Client, who: str, name: str, marked: str
) -> None:
    client.force_login(getattr(scene, who))
    answer = client.get(reverse(f"reminders:{name}"))
    assert [entry["label"] for entry in answer.context["navigation"] if entry["active"]] == [marked]


def test_the_list_says_by_which_fact_an_item_was_done_and_what_is_known_of_an_open_one(
    scene: Scene, client: Client
) -> None:
    words, note = "已登记换届选举结果，自动办结", "2026-12-31 起正式党员剩 2 人，不足 3 人"
    make_item(scene.first, central_action("a"), **done(ON), settled_by="term:1", reason=words)
    make_item(scene.first, central_action("b"), note=note)
    make_item(scene.second, central_action("c"), **done(ON), note="过去的说明")
    client.force_login(scene.staff)
    page = client.get(reverse("reminders:overview_list")).content.decode()
    assert [page.count(text) for text in (words, note, "过去的说明")] == [1, 1, 0]


def test_the_lists_of_staff_lead_to_the_item_and_back(scene: Scene, client: Client) -> None:
    item = make_item(scene.first, central_action())
    client.force_login(scene.staff)
    address = reverse("reminders:item_detail", args=[item.pk])
    lists = (
        reverse("reminders:overview_list"),
        reverse("reminders:missing_action", args=[item.action_id, item.period]),
    )
    pages = [client.get(page).content.decode() for page in lists]
    assert [page.count(f'<th scope="row"><a href="{address}">') for page in pages] == [1, 1]
    back = client.get(address).content.decode()
    assert back.count(f'<li><a href="{reverse("reminders:overview")}">总览</a></li>') == 1
    client.force_login(scene.worker)
    assert "总览" not in client.get(address).content.decode()


def test_refused_foreign_unknown_and_wrong_methods(scene: Scene, client: Client) -> None:
    foreign = make_item(scene.foreign_branch, central_action())
    missing = reverse("reminders:missing_action", args=[foreign.action_id, "2026-11"])
    pages = [reverse(f"reminders:{name}") for name in ("overview", "overview_list", "missing")]
    client.force_login(scene.worker)
    assert [client.get(url).status_code for url in (*pages, missing)] == [403] * 4
    client.force_login(scene.staff)
    assert client.get(missing).status_code == 404
    assert client.get(pages[1], {"organisation": scene.foreign_branch.code}).status_code == 404
    assert client.get(pages[1], {"state": "withdrawn"}).status_code == 404
    assert [client.get(url, {"month": "2026-13"}).status_code for url in pages] == [404] * 3
    assert [client.post(url).status_code for url in (*pages, missing)] == [405] * 4


def test_the_committee_itself_keeps_no_list(scene: Scene, client: Client) -> None:
    client.force_login(scene.overseer)
    rows = client.get(reverse("reminders:overview")).context["rows"]
    assert scene.committee.kind == OrganisationKind.COMMITTEE
    assert scene.committee.code not in [row.code for row in rows]
    assert len(COUNTED) == 5
