"""Pages of entries: reading, proposing, reviewing; who may, who may not, whose entries never show."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from branches.models import Organisation
from branches.rules import Role
from errorbank.actions.entries import EntryRefused, Wording, propose_change, publish_version, return_version
from errorbank.models import EntryVersion, ErrorEntry
from errorbank.notice_events import wording_subject, wordings_still_waiting
from errorbank.rules import VersionState
from notices.models import Line
from tests.factories.branches import make_holder, make_post, make_user
from tests.factories.errorbank import make_entry, make_finding
from tests.reminders.scene import HOSTILE, ON, Scene, central_action

Counter = Callable[[int], AbstractContextManager[object]]
TYPED = {
    "problem": "会议没有签到",
    "category": "meetings",
    "source": "routine",
    "severity": "general",
    "why_wrong": "到会人数无法核实",
    "measure": "当场登记到会人员",
    "recheck_method": "抽查最近三次",
    "basis": "本单位办法 | 第三条 | 试行",
}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(name: str, *args: object) -> str:
    return reverse(f"errorbank:entry_{name}", args=args)


def page_of(user: User, name: str, *args: object, **asked: str) -> str:
    answer = signed_in(user).get(address(name, *args), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def proposed(entry: ErrorEntry, by: User, **fields: Any) -> EntryVersion:
    published = entry.published
    assert published is not None
    given = {**Wording.of(published).__dict__, "measure": "先核对名册", **fields}
    return propose_change(entry, wording=Wording(**given), by=by, on=ON, note="写得更具体")


def test_the_list_shows_shipped_and_own_never_foreign(scene: Scene) -> None:
    make_entry(problem="随系统提供的")
    make_entry(problem="本支部增加的", organisation=scene.first)
    make_entry(problem="总支增加的", organisation=scene.general)
    make_entry(problem="二支部增加的", organisation=scene.second)
    make_entry(problem="外单位增加的", organisation=scene.foreign_branch)
    every = ("随系统提供的", "本支部增加的", "总支增加的", "二支部增加的", "外单位增加的")

    def seen(user: User) -> list[bool]:
        page = page_of(user, "list")
        # The filter has options of the same words as one of the groups.
        return [f">{words}</a>" in page for words in every]

    assert seen(scene.worker) == [True, True, True, False, False]
    assert seen(scene.staff) == [True, True, True, True, False]
    assert seen(scene.foreign_staff) == [True, False, False, False, True]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_many(
    scene: Scene, rows: int, django_assert_num_queries: Counter
) -> None:
    for _ in range(rows):
        make_entry(organisation=scene.first)
    client = signed_in(scene.worker)
    with django_assert_num_queries(10):
        client.get(address("list"))


@pytest.mark.parametrize("rows", [1, 3])
def test_an_entry_costs_the_same_with_many_versions(
    scene: Scene, rows: int, django_assert_num_queries: Counter
) -> None:
    entry = make_entry(action_codes=["general_meeting"])
    for number in range(rows):
        publish_version(proposed(entry, scene.worker, measure=f"第{number}种"), by=scene.staff)
        entry.refresh_from_db()
    client = signed_in(scene.worker)
    with django_assert_num_queries(11):
        client.get(address("detail", entry.pk))


@pytest.mark.parametrize("rows", [1, 3])
def test_waiting_ones_cost_the_same(scene: Scene, rows: int, django_assert_num_queries: Counter) -> None:
    for _ in range(rows):
        proposed(make_entry(organisation=scene.general), scene.worker)
    client = signed_in(scene.staff)
    with django_assert_num_queries(8):
        client.get(address("waiting"))


def test_one_entry_in_words(scene: Scene) -> None:
    central_action()
    basis = [{"document": "某条例", "article": "第十一条", "verified": True}, {"document": "某惯例"}]
    entry = make_entry(
        problem=HOSTILE, wrong_example="只写通过", right_example="写明票数", basis=basis,
        action_codes=["general_meeting"], detection="EB017",
    )  # fmt: skip
    page = page_of(scene.worker, "detail", entry.pk)
    assert ("<script>alert(1)" in page, "示例待审核" in page, "系统可自动发现" in page) == (False, True, True)
    assert page.count("待核实") == 1
    assert (
        f'<a href="{reverse("reminders:action_detail", args=["general_meeting"])}">支部党员大会</a>' in page
    )
    assert "没有登记过这个问题" in page
    assert "去掉“待审核”" not in page


def test_how_often_counts_only_what_the_reader_may_see(scene: Scene) -> None:
    entry = make_entry()
    for place in (scene.first, scene.second, scene.second, scene.foreign_branch):
        make_finding(place, entry=entry, on=ON)
    assert "共登记 1 次" in page_of(scene.worker, "detail", entry.pk)
    assert "共登记 3 次" in page_of(scene.staff, "detail", entry.pk)


def test_propose_review_publish(scene: Scene) -> None:
    central_action()
    worker = signed_in(scene.worker)
    typed = {**TYPED, "organisation": str(scene.general.pk), "action_1": "general_meeting"}
    answer = worker.post(address("add"), typed)
    version = EntryVersion.objects.get()
    assert answer.headers["Location"] == address("detail", version.entry_id)
    assert version.basis == [
        {"document": "本单位办法", "article": "第三条", "note": "试行", "verified": False}
    ]
    assert (version.action_codes, version.entry.organisation) == (["general_meeting"], scene.general)
    colleague = make_holder(scene.second, Role.WORKER)
    assert signed_in(colleague).get(address("detail", version.entry_id)).status_code == 404
    assert "（1）" in page_of(scene.staff, "list")
    assert "会议没有签到" in page_of(scene.staff, "review", version.pk)
    signed_in(scene.staff).post(address("review", version.pk), {"examples_reviewed": "on"})
    version.refresh_from_db()
    assert (version.state, version.examples_reviewed) == (VersionState.PUBLISHED, True)
    assert "会议没有签到" in page_of(colleague, "list", q="签到")


@pytest.fixture
def keeper(scene: Scene) -> User:
    """Somebody with the right over everything there is."""
    user = make_holder(scene.committee, Role.COMMITTEE_STAFF)
    make_post(scene.foreign_general, Role.GENERAL_BRANCH_STAFF, user=user)
    return user


def test_what_is_not_decided_stays_between_two(scene: Scene) -> None:
    """An entry of the general branch reaches its branches; what is proposed about it does not."""
    entry = make_entry(organisation=scene.general)
    version = proposed(entry, scene.worker)
    client = signed_in(scene.foreign_staff)
    assert version.problem not in page_of(scene.foreign_staff, "waiting")
    assert client.get(address("review", version.pk)).status_code == 404
    assert client.post(address("send_back", version.pk), {"note": "x"}).status_code == 404
    colleague = make_holder(scene.second, Role.WORKER)
    readers = (scene.worker, scene.staff, colleague)
    seen = ["等待审核" in page_of(reader, "detail", entry.pk) for reader in readers]
    assert seen == [True, True, False]


def test_what_all_read_only_those_over_all_decide(scene: Scene, keeper: User) -> None:
    """Staff of one general branch may propose about a shipped entry, and not reword it for the others."""
    entry = make_entry(wrong_example="错")
    version = proposed(entry, scene.staff)
    for user in (scene.staff, scene.foreign_staff, scene.overseer):
        client = signed_in(user)
        page = page_of(user, "detail", entry.pk)
        assert ("去掉“待审核”" in page, "停用这一条" in page) == (False, False)
        assert version.problem not in page_of(user, "waiting")
        for name, pk in (("review", version.pk), ("send_back", version.pk), ("retire", entry.pk)):
            assert client.post(address(name, pk), {"note": "x", "reason": "x"}).status_code == 404, name
        assert client.post(address("confirm", entry.pk)).status_code == 404
    client = signed_in(keeper)
    assert "停用这一条" in page_of(keeper, "detail", entry.pk)
    assert client.post(address("review", version.pk)).status_code == 302
    entry.refresh_from_db()
    assert entry.published == version


def test_an_entry_from_above_is_not_reworded_below(scene: Scene) -> None:
    entry = make_entry(organisation=scene.committee)
    version = proposed(entry, scene.staff)
    client = signed_in(scene.staff)
    assert client.post(address("review", version.pk)).status_code == 404
    assert client.post(address("retire", entry.pk), {"reason": "x"}).status_code == 404
    assert signed_in(scene.overseer).post(address("review", version.pk)).status_code == 302


def told(user: User) -> list[tuple[str, int]]:
    rows = user.messages.filter(event__startswith="errorbank.entry").order_by("pk")
    return [(row.title, row.lines.count()) for row in rows]


def test_who_decides_is_told_once_and_the_proposer_of_the_outcome(scene: Scene) -> None:
    first, second = (make_entry(organisation=scene.general) for _ in range(2))
    refused, accepted = proposed(first, scene.worker), proposed(second, scene.worker)
    assert told(scene.staff) == [("错题库有 1 条内容等待审核", 1)] * 2
    assert told(scene.overseer) == told(scene.foreign_staff) == told(scene.worker) == []
    subject = wording_subject(refused.pk)
    assert wordings_still_waiting([subject], ON) == {subject}
    return_version(refused, note="请写明依据", by=scene.staff)
    publish_version(accepted, by=scene.staff)
    assert wordings_still_waiting([subject], ON) == set()
    assert told(scene.worker) == [("您提出的错题内容需要修改", 1), ("您提出的错题内容已发布", 1)]
    lines = Line.objects.filter(message__recipient=scene.worker).order_by("pk").values_list("text", flat=True)
    assert lines[0] == f"{refused.problem}（已退回：请写明依据）"


def test_nobody_is_told_of_the_own_act(scene: Scene) -> None:
    version = proposed(make_entry(organisation=scene.general), scene.staff)
    publish_version(version, by=scene.staff)
    assert told(scene.staff) == []


def test_proposals_about_what_ships_go_to_the_root(scene: Scene) -> None:
    Organisation.objects.filter(pk=scene.foreign_general.pk).update(dissolved_on=ON)
    proposed(make_entry(), scene.staff)
    assert told(scene.overseer) == [("错题库有 1 条内容等待审核", 1)]


def test_what_was_typed_stays(scene: Scene) -> None:
    answer = signed_in(scene.worker).post(address("add"), {**TYPED, "problem": "", "measure": "先核对"})
    assert (answer.status_code, "先核对" in answer.content.decode()) == (422, True)
    touchy = {**TYPED, "organisation": str(scene.first.pk), "problem": "受过处分仍当介绍人"}
    assert signed_in(scene.worker).post(address("add"), touchy).status_code == 422
    assert signed_in(scene.worker).post(address("add"), {**touchy, "checked": "on"}).status_code == 302


def test_a_foreign_organisation_is_no_place_for_it(scene: Scene) -> None:
    for place in (scene.second, scene.foreign_general, scene.committee):
        typed = {**TYPED, "organisation": str(place.pk)}
        assert signed_in(scene.worker).post(address("add"), typed).status_code == 422
    assert EntryVersion.objects.count() == 0


def test_a_change_is_seen_by_readers_only_once_published(scene: Scene) -> None:
    basis = [{"document": "某条例", "article": "第一条", "verified": True}]
    entry = make_entry(measure="原来的措施", basis=basis, organisation=scene.general)
    client = signed_in(scene.worker)
    form = client.get(address("change", entry.pk)).context["form"]
    typed = {name: value for name, value in form.initial.items() if value}
    client.post(address("change", entry.pk), {**typed, "measure": "新的措施", "note": "更具体"})
    version = entry.versions.get(number=2)
    assert (version.basis, "原来的措施" in page_of(scene.worker, "list")) == (basis, True)
    review = page_of(scene.staff, "review", version.pk)
    assert ("原来的措施" in review, "新的措施" in review, "问题表现</h3>" in review) == (True, True, False)
    signed_in(scene.staff).post(address("review", version.pk))
    page = page_of(scene.worker, "detail", entry.pk)
    assert ("改了 1 处" in page, "新的措施" in page) == (True, True)


def test_publishing_twice_says_so(scene: Scene) -> None:
    version = proposed(make_entry(organisation=scene.general), scene.worker)
    client = signed_in(scene.staff)
    assert client.post(address("review", version.pk)).status_code == 302
    again = client.post(address("review", version.pk))
    assert (again.status_code, "没有重复处理" in again.content.decode()) == (422, True)
    with pytest.raises(EntryRefused, match="已发布"):
        return_version(version, note="晚了", by=scene.staff)


def test_returned_with_a_note_and_proposed_again(scene: Scene) -> None:
    entry = make_entry(organisation=scene.general)
    version = proposed(entry, scene.worker)
    client = signed_in(scene.staff)
    assert client.post(address("send_back", version.pk), {"note": ""}).status_code == 422
    assert client.post(address("send_back", version.pk), {"note": "请写明依据"}).status_code == 302
    assert client.post(address("send_back", version.pk), {"note": "再次"}).status_code == 422
    assert "请写明依据" in page_of(scene.worker, "list")
    form = signed_in(scene.worker).get(address("change", entry.pk))
    assert ("请写明依据" in form.content.decode(), form.context["form"].initial["measure"]) == (
        True,
        "先核对名册",
    )
    again = proposed(entry, scene.worker, measure="先核对名册和票数")
    assert entry.versions.in_bulk().keys() == {entry.published_id, again.pk}


def test_a_change_waits_for_the_one_before_and_needs_a_difference(scene: Scene) -> None:
    entry = make_entry()
    published = entry.published
    assert published is not None
    with pytest.raises(EntryRefused, match="相同"):
        propose_change(entry, wording=Wording.of(published), by=scene.worker, on=ON, note="无")
    proposed(entry, scene.worker)
    with pytest.raises(EntryRefused, match="等待审核"):
        proposed(entry, scene.staff, measure="另一种")


def test_examples_are_confirmed_once(scene: Scene) -> None:
    entry = make_entry(wrong_example="错", right_example="对", organisation=scene.general)
    client = signed_in(scene.staff)
    assert "去掉“待审核”" in page_of(scene.staff, "detail", entry.pk)
    first = client.post(address("confirm", entry.pk), follow=True).content.decode()
    again = client.post(address("confirm", entry.pk), follow=True).content.decode()
    assert ("示例已标为审核过" in first, "示例待审核" in first, "示例已经审核过" in again) == (
        True,
        False,
        True,
    )


def test_retired_with_a_reason(scene: Scene) -> None:
    entry = make_entry(problem="不再适用的", organisation=scene.general)
    client = signed_in(scene.staff)
    assert client.post(address("retire", entry.pk), {"reason": " "}).status_code == 422
    assert client.post(address("retire", entry.pk), {"reason": "规定已改"}).status_code == 302
    assert client.post(address("retire", entry.pk), {"reason": "规定已改"}).status_code == 404
    assert "不再适用的" not in page_of(scene.worker, "list")
    assert "规定已改" in page_of(scene.worker, "detail", entry.pk)


GET_PAGES = ("list", "add", "waiting")
OF_ENTRY = ("detail", "change", "confirm", "retire")
OF_VERSION = ("review", "send_back")
POST_ONLY = ("confirm", "send_back")
FOR_STAFF = ("waiting", "confirm", "retire", "review", "send_back")


def test_closed_to_who_reviews_nothing_or_has_no_post(scene: Scene) -> None:
    version = proposed(make_entry(organisation=scene.general), scene.worker)
    keys = {**dict.fromkeys(OF_ENTRY, version.entry_id), **dict.fromkeys(OF_VERSION, version.pk)}
    nobody = make_user()
    for name in (*GET_PAGES, *OF_ENTRY, *OF_VERSION):
        target = address(name, *([keys[name]] if name in keys else []))
        ask = "post" if name in POST_ONLY else "get"
        assert getattr(signed_in(nobody), ask)(target).status_code == 403, name
        if name in FOR_STAFF:
            assert getattr(signed_in(scene.worker), ask)(target).status_code == 403, name
        wrong = "get" if name in POST_ONLY else "put"
        assert getattr(signed_in(scene.staff), wrong)(target).status_code == 405, name


def test_foreign_ones_are_not_found(scene: Scene) -> None:
    entry = make_entry(organisation=scene.first)
    version = proposed(entry, scene.worker)
    client = signed_in(scene.foreign_staff)
    for name, pk in (*((n, entry.pk) for n in OF_ENTRY), *((n, version.pk) for n in OF_VERSION)):
        ask = "post" if name in POST_ONLY else "get"
        assert getattr(client, ask)(address(name, pk), {"note": "x"}).status_code == 404, name
    assert version.problem not in page_of(scene.foreign_staff, "waiting")
