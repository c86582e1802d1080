"""The pages of scenario cards: played alone, on a big screen, written; refused, foreign, wrong method."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.branches.conftest import signed_in
from tests.factories.branches import make_user
from tests.factories.errorbank import make_entry
from tests.reminders.scene import HOSTILE, ON, Scene, make_scene
from tests.training.card_scene import TEXT, drafted, foreign, published
from training.actions.cards import answer_step, retire_card
from training.models import Card, CardRun

Counter = Callable[[int], AbstractContextManager[object]]
BASE = "/w/training/cards/"
LIST_QUERIES, LIST_QUERIES_OF_STAFF, DETAIL_QUERIES, PLAY_QUERIES, SCREEN_QUERIES = 6, 7, 6, 5, 4


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def written(**fields: Any) -> dict[str, Any]:
    given = {"title": "表决", "category": "meetings", "steps": TEXT, "debrief": "先算人数"}
    return {**given, **fields}


def test_the_list_costs_the_same_with_one_and_three(scene: Scene, django_assert_num_queries: Counter) -> None:
    client = signed_in(scene.worker)
    answer_step(published(scene, HOSTILE), 1, 0, by=scene.worker, on=ON)
    foreign(scene)
    drafted(scene.general, scene.staff, "草稿")
    client.get(BASE)
    with django_assert_num_queries(LIST_QUERIES):
        page = text(client.get(BASE))
    assert ("练到第 2 步" in page, "外单位的" in page, "草稿" in page, HOSTILE in page) == (
        True,
        False,
        False,
        False,
    )
    for number in range(2):
        published(scene, f"第 {number} 张")
    with django_assert_num_queries(LIST_QUERIES):
        assert "第 1 张" in text(client.get(BASE))
    assert "没有找到合适的情景卡" in text(client.get(BASE, {"q": "没有的"}))
    assert "没有找到合适的情景卡" in text(client.get(BASE, {"category": "dues"}))
    assert "第 1 张" in text(client.get(BASE, {"category": "none", "q": "第 1"}))


def test_staff_see_drafts_and_what_was_retired(scene: Scene, django_assert_num_queries: Counter) -> None:
    retire_card(published(scene, "旧的"), by=scene.staff)
    client = signed_in(scene.staff)
    client.get(BASE)
    for number in range(2):
        drafted(scene.general, scene.staff, f"草稿 {number}")
        with django_assert_num_queries(LIST_QUERIES_OF_STAFF):
            page = text(client.get(BASE))
    assert ("草稿 1" in page, "已停用的 1 张" in page, "还没有可以练的" in page) == (True, True, True)


def test_played_step_by_step_on_the_phone(scene: Scene, django_assert_num_queries: Counter) -> None:
    card = published(scene, entry=make_entry(problem="只写一致通过", basis=[BASIS]))
    client = signed_in(scene.worker)
    here = f"{BASE}{card.pk}/"
    client.get(BASE)
    with django_assert_num_queries(DETAIL_QUERIES):
        page = text(client.get(here))
    assert ("开始练" in page, "待核实" in page, "停用这张卡" in page) == (True, True, False)
    with django_assert_num_queries(PLAY_QUERIES):
        page = text(client.get(f"{here}steps/1/"))
    assert ("第 1 步，共 2 步" in page, "过半数就可以" in page) == (True, False)
    assert client.get(f"{here}steps/2/").headers["Location"] == f"{here}steps/1/"
    assert CardRun.objects.count() == 0
    nothing = client.post(f"{here}steps/1/", {"choice": "x"}, follow=True)
    assert ("请选一个做法" in text(nothing), CardRun.objects.count()) == (True, 0)
    page = text(client.post(f"{here}steps/1/", {"choice": "1"}, follow=True))
    assert ("过半数就可以" in page, "正确做法" in page, "下一步" in page) == (True, True, True)
    assert "接着练" in text(client.get(here))
    page = text(client.post(f"{here}steps/2/", {"choice": "1"}, follow=True))
    assert ("看复盘" in page, "正确做法" in page) == (True, False)
    page = text(client.get(f"{here}steps/3/"))
    assert ("先算人数" in page, "有 1 步可以再想想" in page) == (True, True)
    assert client.post(f"{here}start/").headers["Location"] == f"{here}steps/1/"
    for number, choice in ((1, "0"), (2, "1")):
        client.post(f"{here}steps/{number}/", {"choice": choice})
    assert "每一步都选对了" in text(client.get(f"{here}steps/3/"))
    assert "已经掌握" in text(client.get(here))
    assert "已掌握" not in text(signed_in(scene.staff).get(BASE))


BASIS = {"document": "支部工作条例", "article": "第十一条", "verified": False}


def test_the_big_screen_asks_first_and_names_nobody(scene: Scene, django_assert_num_queries: Counter) -> None:
    card = published(scene)
    client, here = signed_in(scene.worker), f"{BASE}{card.pk}/screen/"
    client.get(BASE)
    with django_assert_num_queries(SCREEN_QUERIES):
        asked = text(client.get(f"{here}1/"))
    opened, last = text(client.get(f"{here}2/")), text(client.get(f"{here}5/"))
    assert ("过半数就可以" in asked, "过半数就可以" in opened, "先算人数" in last) == (False, True, True)
    assert (scene.worker.name in asked + opened + last, 'rel="prev"' in asked, 'rel="next"' in last) == (
        False,
        False,
        False,
    )
    assert [client.get(f"{here}{number}/").status_code for number in (0, 6)] == [404, 404]
    assert CardRun.objects.count() == 0


def test_from_the_entry_to_a_published_card(scene: Scene) -> None:
    entry = make_entry(problem="只写一致通过")
    staff, worker = signed_in(scene.staff), signed_in(scene.worker)
    of_entry = f"/w/errors/entries/{entry.pk}/"
    pages = [text(client.get(of_entry, follow=True)) for client in (staff, worker)]
    assert ["生成情景卡草稿" in page for page in pages] == [True, False]
    answer = staff.post(f"{BASE}from/{entry.pk}/")
    card = Card.objects.get()
    here = f"{BASE}{card.pk}/"
    assert answer.headers["Location"] == f"{here}edit/"
    assert "只写一致通过" in text(staff.get(f"{here}edit/"))
    assert worker.get(here).status_code == 404
    wrong = staff.post(f"{here}edit/", written(steps="问题\n+ 甲 | 乙", seen="1"))
    assert (wrong.status_code, "2 至 5 个选项" in text(wrong)) == (422, True)
    stale = staff.post(f"{here}edit/", written(seen="0"))
    assert (stale.status_code, "刚被其他人员改过" in text(stale)) == (422, True)
    assert staff.post(f"{here}edit/", written(seen="1")).headers["Location"] == here
    page = text(staff.get(here))
    assert ("还没有发布" in page, "自己练" in page) == (True, False)
    assert "各支部可以练了" in text(staff.post(f"{here}publish/", follow=True))
    assert "没有待发布的修改" in text(staff.post(f"{here}publish/", follow=True))
    assert "练一练：表决" in text(worker.get(of_entry, follow=True))
    assert "已停用" in text(staff.post(f"{here}retire/", follow=True))
    assert "不需要停用" in text(staff.post(f"{here}retire/", follow=True))
    assert [client.get(here).status_code for client in (worker, staff)] == [404, 200]


def test_a_card_is_written_from_nothing(scene: Scene) -> None:
    staff = signed_in(scene.staff)
    assert "写法的例子" in text(staff.get(f"{BASE}add/"))
    empty = staff.post(f"{BASE}add/", written(title=""))
    assert (empty.status_code, "先算人数" in text(empty)) == (422, True)
    answer = staff.post(f"{BASE}add/", written())
    card = Card.objects.get()
    assert (answer.headers["Location"], card.organisation) == (f"{BASE}{card.pk}/", scene.general)


def test_an_entry_without_words_makes_no_card(scene: Scene) -> None:
    entry = make_entry(organisation=scene.general)
    type(entry).objects.update(retired_at="2026-11-01T00:00:00Z", retired_reason="合并")
    page = signed_in(scene.staff).post(f"{BASE}from/{entry.pk}/")
    assert (page.status_code, Card.objects.count()) == (302, 0)


def test_refused_foreign_and_wrong_method(scene: Scene) -> None:
    card, theirs, entry = published(scene), foreign(scene), make_entry(organisation=scene.foreign_general)
    worker, staff, nobody = signed_in(scene.worker), signed_in(scene.staff), signed_in(make_user())
    here, there = f"{BASE}{card.pk}/", f"{BASE}{theirs.pk}/"
    pages = (BASE, here, f"{here}steps/1/", f"{here}screen/1/", f"{BASE}add/", f"{here}edit/")
    assert [nobody.get(path).status_code for path in pages] == [403] * len(pages)
    posts = [f"{here}publish/", f"{here}retire/", f"{BASE}from/{entry.pk}/"]
    assert [worker.post(path).status_code for path in posts] == [403] * 3
    assert [worker.get(f"{BASE}add/").status_code, worker.get(f"{here}edit/").status_code] == [403, 403]
    gets = ("", "steps/1/", "screen/1/", "edit/")
    assert [staff.get(there + path).status_code for path in gets] == [404] * 4
    foreign_posts = [f"{there}{path}/" for path in ("publish", "retire", "start", "steps/1")]
    foreign_posts.append(f"{BASE}from/{entry.pk}/")
    assert [staff.post(path).status_code for path in foreign_posts] == [404] * 5
    assert [staff.get(path).status_code for path in (*posts, f"{here}start/")] == [405] * 4
    assert [staff.post(path).status_code for path in (BASE, here, f"{here}screen/1/")] == [405] * 3
