"""Why my result: who reads whose, entries and statements; naming, deciding, taking back."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from incentives.models import BranchCondition, ContributionEntry, Nomination
from incentives.rules.contributions import NominationState
from tests.factories.branches import make_holder
from tests.incentives.entry_scene import closed_item, nominated, pull
from tests.reminders.scene import HOSTILE, Scene, make_scene

MINE, LIST = reverse("incentives:record_mine"), reverse("incentives:record_list")
NOMINATIONS, ADD = reverse("incentives:nomination_list"), reverse("incentives:nomination_add")
CONDITION = reverse("incentives:condition_add")


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def as_(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def detail(user: User) -> str:
    return reverse("incentives:record_detail", args=[user.pk])


def entry_of(scene: Scene) -> ContributionEntry:
    closed_item(scene.first, scene.worker)
    pull()
    return ContributionEntry.objects.get()


def test_one_sees_how_the_own_result_comes_about(scene: Scene, client: Client) -> None:
    entry_of(scene)
    answer = as_(client, scene.worker).get(MINE)
    page = answer.context["page"]
    assert [str(factor.value) for factor in page.record.factors] == ["1.00"] * 6
    assert [row.words for row in answer.context["rows"]] == ["支部党员大会"]
    text = answer.content.decode()
    assert "600.00 元 × 1.0000 = <b>600.00 元</b>（测算）" in text
    assert "办结 1 项，难度权重平均 1.00" in text
    assert "冲销</a>" not in text
    assert client.get(MINE, {"kind": "mentoring"}).context["page"].entries == []
    assert client.get(MINE, {"year": "1999"}).status_code == 404
    assert client.post(MINE).status_code == 405


def test_a_person_without_a_branch_has_entries_and_no_result(scene: Scene, client: Client) -> None:
    page = as_(client, scene.staff).get(MINE).context["page"]
    assert (page.record, page.entries) == (None, [])


def test_a_worker_sees_nobody_else(scene: Scene, client: Client) -> None:
    other = make_holder(scene.second)
    as_(client, scene.worker)
    assert [client.get(page).status_code for page in (LIST, detail(other), detail(scene.worker))] == [403] * 3


def test_staff_see_their_scope_in_the_order_of_organisations(scene: Scene, client: Client) -> None:
    other, foreign = make_holder(scene.second), make_holder(scene.foreign_branch)
    for user in (scene.staff, scene.overseer):
        found = as_(client, user).get(LIST).context["records"]
        assert [record.worker.user for record in found] == [scene.worker, other]
        assert client.get(detail(scene.worker)).context["page"].person == scene.worker
        assert [client.get(detail(each)).status_code for each in (foreign, scene.staff)] == [404] * 2
    assert client.post(LIST).status_code == 405


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_costs_the_same_for_more_people(
    scene: Scene, client: Client, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_holder(scene.foreign_branch)
    for _ in range(more):
        make_holder(scene.second)
    as_(client, scene.staff)
    with django_assert_num_queries(LIST_STATEMENTS):
        found = client.get(LIST).context["records"]
    assert len(found) == 1 + more


@pytest.mark.parametrize("more", [0, 2])
def test_the_own_page_costs_the_same_for_more_entries(
    scene: Scene, client: Client, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(1 + more):
        closed_item(scene.first, scene.worker, code=f"a{n}")
    pull()
    # The first page after signing in keeps the session besides.
    as_(client, scene.worker).get(MINE)
    with django_assert_num_queries(MINE_STATEMENTS):
        found = client.get(MINE).context["rows"]
    assert len(found) == 1 + more


# Two of them read the level and the members' survey.
LIST_STATEMENTS, MINE_STATEMENTS = 12, 11


def test_staff_take_back_with_a_reason(scene: Scene, client: Client) -> None:
    page = reverse("incentives:entry_take_back", args=[entry_of(scene).pk])
    assert as_(client, scene.worker).get(page).status_code == 403
    assert as_(client, scene.foreign_staff).get(page).status_code == 404
    assert as_(client, scene.staff).get(page).status_code == 200
    refused = client.post(page, {"reason": ""})
    assert (refused.status_code, "请填写为什么冲销" in refused.content.decode()) == (422, True)
    assert client.post(page, {"reason": HOSTILE}).headers["Location"] == detail(scene.worker)
    assert client.post(page, {"reason": "再来一次"}).status_code == 422
    text = as_(client, scene.worker).get(MINE).content.decode()
    assert (text.count("已冲销"), "<script>alert" in text) == (1, False)
    assert client.delete(page).status_code == 405


def test_staff_enter_how_remote_a_branch_lies(scene: Scene, client: Client) -> None:
    assert as_(client, scene.worker).get(CONDITION).status_code == 403
    typed = {"organisation": scene.first.pk, "since": "2026-01-01", "evidence": "导航实测"}
    refused = as_(client, scene.staff).post(CONDITION, typed)
    assert (refused.status_code, "至少填一项" in refused.content.decode()) == (422, True)
    foreign = client.post(
        CONDITION, {**typed, "organisation": scene.foreign_branch.pk, "drive_minutes": "75"}
    )
    assert (foreign.status_code, BranchCondition.objects.count()) == (422, 0)
    assert client.post(CONDITION, {**typed, "drive_minutes": "75"}).headers["Location"] == LIST
    assert BranchCondition.objects.get().drive_minutes == 75
    assert (client.get(CONDITION).status_code, client.delete(CONDITION).status_code) == (200, 405)


def typed_nomination(scene: Scene) -> dict[str, object]:
    return {
        "nominee": scene.worker.pk,
        "kind": "mentoring",
        "happened_on": "2026-11-10",
        "words": "带教新任支部书记",
        "evidence": "带教记录",
    }


def test_a_colleague_names_and_staff_decide(scene: Scene, client: Client) -> None:
    colleague = make_holder(scene.first)
    as_(client, colleague)
    refused = client.post(ADD, {**typed_nomination(scene), "nominee": make_holder(scene.second).pk})
    assert (refused.status_code, "带教新任支部书记" in refused.content.decode()) == (422, True)
    assert client.post(ADD, typed_nomination(scene)).headers["Location"] == NOMINATIONS
    asked = Nomination.objects.get()
    decide = reverse("incentives:nomination_decide", args=[asked.pk])
    assert [as_(client, who).get(decide).status_code for who in (scene.worker, scene.foreign_staff)] == [
        403,
        404,
    ]
    assert as_(client, scene.staff).get(decide).status_code == 200
    assert client.post(decide, {"approve": "no", "answer": ""}).status_code == 422
    assert client.post(decide, {"approve": "yes"}).headers["Location"] == NOMINATIONS
    assert client.post(decide, {"approve": "yes"}).status_code == 422
    assert Nomination.objects.get().state == NominationState.APPROVED
    assert ContributionEntry.objects.get().user == scene.worker
    assert (client.delete(decide).status_code, client.delete(ADD).status_code) == (405, 405)


def test_who_sees_a_nomination(scene: Scene, client: Client) -> None:
    asked = nominated(scene)
    for user, seen in (
        (asked.made_by, [asked]),
        (scene.worker, [asked]),
        (scene.overseer, [asked]),
        (make_holder(scene.first), []),
        (scene.foreign_staff, []),
    ):
        assert list(as_(client, user).get(NOMINATIONS).context["rows"]) == seen
    assert as_(client, scene.overseer).get(ADD).status_code == 403
    assert client.post(NOMINATIONS).status_code == 405


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_of_nominations_costs_the_same_for_more(
    scene: Scene, client: Client, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    by = make_holder(scene.first)
    for n in range(1 + more):
        nominated(scene, by=by, words=f"第 {n} 件")
    as_(client, scene.staff)
    with django_assert_num_queries(NOMINATION_STATEMENTS):
        found = client.get(NOMINATIONS).context["rows"]
    assert len(found) == 1 + more


NOMINATION_STATEMENTS = 8
