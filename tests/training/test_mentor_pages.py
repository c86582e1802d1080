"""The pages of help, pairs and skills: work, refused, foreign, wrong method, and who sees what."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from branches.rules import Role
from partyaffairs.templatetags.portal import full_day
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder
from tests.reminders.scene import ON, Scene, make_scene
from tests.training.mentor_scene import colleague, offered, paired
from tests.training.session_scene import planned
from training.actions.mentors import PairData, ask_help, end_pair, make_pair, note_talk
from training.models import HelpRequest, MentorTopic, Pair

Counter = Callable[[int], AbstractContextManager[object]]
BASE = "/w/training/"
ASKER = "悄悄问的人"
QUERIES_OF_HELP = 9


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = make_scene(monkeypatch)
    made.worker.name = ASKER
    made.worker.save(update_fields=["name"])
    return made


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_asking_and_closing_on_the_page(scene: Scene) -> None:
    helper, client = colleague(scene), signed_in(scene.worker)
    offer = offered(helper)
    offered(scene.foreign_staff)
    address = f"{BASE}help/offers/{offer.pk}/ask/"
    for _ in range(2):
        assert client.post(address)["Location"] == f"{BASE}help/"
    row = HelpRequest.objects.get()
    page = text(client.get(f"{BASE}help/"))
    assert ("我请的帮手" in page, "已经请了" in page, scene.foreign_staff.name in page) == (True, True, False)
    for _ in range(2):
        assert client.post(f"{BASE}help/{row.pk}/close/")["Location"] == f"{BASE}help/"
    assert "我请的帮手" not in text(client.get(f"{BASE}help/"))


def test_the_helpers_cost_the_same_with_one_and_three(
    scene: Scene, django_assert_num_queries: Counter
) -> None:
    client = signed_in(scene.worker)
    offered(scene.foreign_staff)
    for number, rows in ((1, 1), (3, 2)):
        for _ in range(rows):
            helper = colleague(scene)
            ask_help(offered(helper), by=scene.worker, on=ON)
            ask_help(offered(scene.worker, most=9), by=helper, on=ON)
        client.get(f"{BASE}help/")
        with django_assert_num_queries(QUERIES_OF_HELP):
            page = text(client.get(f"{BASE}help/"))
        assert (page.count(">收起<"), page.count(">聊过了<"), page.count("已经请了")) == (number,) * 3
        assert scene.foreign_staff.name not in page


def test_only_the_chosen_helper_reads_who_asks(scene: Scene) -> None:
    helper, other = colleague(scene), make_holder(scene.second, Role.WORKER)
    row = ask_help(offered(helper), by=scene.worker, on=ON)
    offered(other)
    assert ASKER in text(signed_in(helper).get(f"{BASE}help/"))
    admin = User.objects.create_superuser(username="root", password="x" * 16)
    for reader in (scene.staff, scene.overseer, other, admin):
        client = signed_in(reader)
        asks = text(client.get(f"{BASE}help/")).count("请谁帮忙，只有那一位看得到是您")
        assert asks == (reader == other)
        for name in ("help/", "pairs/", "skills/"):
            assert ASKER not in text(client.get(f"{BASE}{name}"))
        assert client.post(f"{BASE}help/{row.pk}/close/").status_code in (403, 404)
    row.refresh_from_db()
    assert row.closed_on is None


def test_offering_on_the_page(scene: Scene) -> None:
    client, address = signed_in(scene.worker), f"{BASE}help/offer/"
    wrong = client.post(address, {"topics": ["dues"], "most": "0"})
    assert (wrong.status_code, 'value="0"' in text(wrong)) == (422, True)
    assert client.post(address, {"topics": ["dues", "pressure"], "most": "3"})["Location"] == f"{BASE}help/"
    assert text(client.get(address)).count(" checked") == MentorTopic.objects.count() == 2


def test_a_pair_on_the_pages(scene: Scene) -> None:
    mentor, client = colleague(scene), signed_in(scene.staff)
    asked = {
        "organisation": scene.general.pk,
        "mentor": mentor.pk,
        "pupil": scene.worker.pk,
        "goals": ["meetings"],
        "since": "2026-11-18",
        "until": "2027-05-18",
    }
    assert client.post(f"{BASE}pairs/add/", {**asked, "goals": []}).status_code == 422
    location = client.post(f"{BASE}pairs/add/", asked)["Location"]
    pair = Pair.objects.get()
    assert location == f"{BASE}pairs/{pair.pk}/"
    assert client.post(f"{BASE}pairs/add/", asked).status_code == 422
    talk = signed_in(mentor).post(f"{location}talk/", {"held_on": "2026-11-18"})
    assert (talk["Location"], pair.talks.count()) == (location, 1)
    assert signed_in(mentor).post(f"{location}talk/", {"held_on": "2026-11-18"}).status_code == 422
    assert client.post(f"{location}decide/", {"choice": "later", "until": ""}).status_code == 422
    assert client.post(f"{location}decide/", {"choice": "end"})["Location"] == location
    assert client.get(f"{location}decide/").status_code == 302


def test_talks_and_the_measure_are_for_the_two_only(scene: Scene, django_assert_num_queries: Counter) -> None:
    mentor = colleague(scene)
    pair = paired(scene, mentor)
    address, talks = f"{BASE}pairs/{pair.pk}/", [ON - timedelta(days=before) for before in (3, 4, 5)]
    for noted in ([talks[0]], talks[1:]):
        for day in noted:
            note_talk(pair, held_on=day, by=mentor, on=ON)
        seen, kept = {}, [day for day in talks if day == talks[0] or day in noted]
        for reader, statements in ((mentor, 6), (scene.worker, 6), (scene.staff, 5)):
            client = signed_in(reader)
            client.get(address)
            with django_assert_num_queries(statements):
                page = text(client.get(address))
            seen[reader] = ("前后变化</h2>" in page, [day for day in talks if full_day(day) in page])
        assert seen == {mentor: (True, kept), scene.worker: (True, kept), scene.staff: (False, [])}


def test_ones_pairs_cost_the_same_with_one_and_three(
    scene: Scene, django_assert_num_queries: Counter
) -> None:
    client = signed_in(scene.worker)
    others = [make_holder(scene.foreign_branch, Role.WORKER) for _ in range(2)]
    foreign = PairData(others[0], others[1], ["meetings"], ON, ON + timedelta(days=9))
    make_pair(scene.foreign_general, data=foreign, by=scene.foreign_staff, on=ON)
    for number, rows in ((1, 1), (3, 2)):
        for _ in range(rows):
            paired(scene, colleague(scene))
        client.get(f"{BASE}pairs/")
        with django_assert_num_queries(4):
            page = text(client.get(f"{BASE}pairs/"))
        assert page.count("进行中") == number


def test_the_map_is_ones_own_and_the_mentors_while_the_pair_lasts(
    scene: Scene, django_assert_num_queries: Counter
) -> None:
    mentor = colleague(scene)
    pair = paired(scene, mentor)
    address, client = f"{BASE}pairs/{pair.pk}/skills/", signed_in(mentor)
    pupil = signed_in(scene.worker)
    for one, page, words, statements in (
        (client, address, f"{ASKER}的能力图", 7),
        (pupil, f"{BASE}skills/", "还没有记录的，可以这样补", 9),
    ):
        one.get(page)
        with django_assert_num_queries(statements):
            assert words in text(one.get(page))
    others = (scene.worker, scene.staff, scene.foreign_staff)
    assert [signed_in(other).get(address).status_code for other in others] == [404] * 3
    end_pair(pair, by=scene.staff, on=ON)
    assert client.get(address).status_code == 404


def test_gaps_suggest_sessions_and_helpers_at_the_same_cost(
    scene: Scene, django_assert_num_queries: Counter
) -> None:
    client = signed_in(scene.worker)
    for number, rows in ((1, 1), (3, 2)):
        for row in range(rows):
            offered(colleague(scene), topic="dues")
            planned(
                scene, title=f"党费怎么算 {number}-{row}", held_on=ON + timedelta(days=9), categories=["dues"]
            )
        client.get(f"{BASE}skills/")
        with django_assert_num_queries(12):
            page = text(client.get(f"{BASE}skills/"))
        helpers = [page.count(offer.user.name) for offer in MentorTopic.objects.select_related("user")]
        assert (page.count("党费怎么算"), helpers) == (number, [1] * number)


def test_who_may_not(scene: Scene) -> None:
    pair, foreign = paired(scene, colleague(scene)), signed_in(scene.foreign_staff)
    offer = offered(make_holder(scene.second, Role.WORKER))
    worker, staff = signed_in(scene.worker), signed_in(scene.staff)
    one = f"{BASE}pairs/{pair.pk}/"
    assert [worker.get(a).status_code for a in (f"{BASE}pairs/add/", f"{one}decide/")] == [403, 403]
    assert staff.post(f"{BASE}help/offers/{offer.pk}/ask/").status_code == 403
    assert [foreign.get(f"{one}{name}").status_code for name in ("", "decide/", "talk/")] == [404] * 3
    assert staff.get(f"{one}talk/").status_code == 404
    outside = signed_in(make_holder(scene.foreign_branch, Role.WORKER))
    assert outside.post(f"{BASE}help/offers/{offer.pk}/ask/").status_code == 404
    assert worker.get(f"{BASE}help/offers/{offer.pk}/ask/").status_code == 405
    assert worker.get(f"{BASE}help/1/close/").status_code == 405
    pages = ("help/", "pairs/", "skills/", f"pairs/{pair.pk}/", f"pairs/{pair.pk}/skills/")
    assert [worker.post(f"{BASE}{name}").status_code for name in pages] == [405] * 5
