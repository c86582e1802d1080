"""The pages of contests and the ledger: work, refused, foreign, wrong method, statements."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from branches.rules import Role
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder, make_user
from tests.reminders.scene import ON, Scene, make_scene
from tests.training.contest_scene import (
    asked,
    called,
    drafted,
    handed_in,
    judged,
    judging,
    person,
    published,
    started,
    three,
)
from training.actions.contests import make_contest, open_call
from training.models import Contest, Judge, Work

Counter = Callable[[int], AbstractContextManager[object]]
BASE = "/w/training/contests/"
LIST_QUERIES, JUDGING_QUERIES, JUDGE_QUERIES = 7, 11, 12


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def written(**fields: Any) -> dict[str, Any]:
    given = {
        "kind": "lecture",
        "title": "微党课竞赛",
        "brief": "写一堂课",
        "criteria": "主题 60\n成效　40",
        "call_until": "2026-11-20",
        "judge_until": "2026-11-30",
        "awards": 1,
    }
    return {**given, **fields}


def foreign(scene: Scene) -> Contest:
    contest = make_contest(scene.foreign_general, data=asked(title="外单位的"), by=scene.foreign_staff, on=ON)
    return open_call(contest, by=scene.foreign_staff, on=ON)


def ledger_rows(client: Client) -> list[list[object]]:
    answer = client.get("/w/ledgers/contests/export.xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(answer))).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_the_list_costs_the_same_with_one_and_three(scene: Scene, django_assert_num_queries: Counter) -> None:
    client = signed_in(scene.worker)
    called(scene)
    foreign(scene)
    drafted(scene, title="还没开始的")
    client.get(BASE)
    with django_assert_num_queries(LIST_QUERIES):
        page = text(client.get(BASE))
    assert ["共 1 项" in page, "外单位的" in page, "还没开始的" in page] == [True, False, False]
    for number in range(2):
        called(scene, title=f"第 {number} 项")
    with django_assert_num_queries(LIST_QUERIES):
        page = text(client.get(BASE))
    assert "共 3 项" in page
    assert "没有这个进度的竞赛" in text(client.get(BASE, {"phase": "published"}))


def test_from_the_draft_to_the_published_result(scene: Scene) -> None:
    judges = three(scene)
    staff, worker = signed_in(scene.staff), signed_in(scene.worker)
    refused = staff.post(f"{BASE}add/", written(organisation=scene.general.pk, criteria="主题 60"))
    assert (refused.status_code, "现在是 60" in text(refused)) == (422, True)
    assert "没有认出" in text(staff.post(f"{BASE}add/", written(criteria="主题")))
    staff.post(f"{BASE}add/", written(organisation=scene.general.pk))
    contest = Contest.objects.get()
    here = f"{BASE}{contest.pk}/"
    assert worker.get(here).status_code == 404
    staff.post(f"{here}edit/", written(title="微党课比赛"))
    staff.post(f"{here}open/")
    assert "报送作品" in text(worker.get(here))
    said = {"organisation": scene.first.pk, "title": "好课", "body": "本支部", "authors": [scene.worker.pk]}
    named = worker.post(f"{here}works/add/", {**said, "body": scene.first.name})
    assert (named.status_code, "请删去或改成" in text(named)) == (422, True)
    worker.post(f"{here}works/add/", said)
    work = Work.objects.get()
    page = f"{BASE}works/{work.key}/"
    worker.post(f"{page}edit/", {**said, "title": "一堂好课"})
    staff.post(f"{here}close/")
    assert staff.post(f"{page}screen/", {"verdict": "return", "seen": 1}).status_code == 422
    staff.post(f"{page}screen/", {"verdict": "accept", "seen": 1})
    staff.post(f"{here}judges/", {"judges": [judge.pk for judge in judges]})
    staff.post(f"{here}start/")
    points = {f"points_{row.pk}": 80 for row in contest.criteria.all()}
    for judge in judges:
        client = signed_in(judge)
        assert "一堂好课" in text(client.get(f"{here}judging/"))
        assert client.post(f"{page}judge/", points).status_code == 422
        assert client.post(f"{page}judge/", {**points, "comment": "清楚"}).status_code == 302
        assert client.post(f"{page}judge/", {**points, "comment": "再来"}).status_code == 422
    assert "80.00 分、80.00 分" in text(client.get(f"{page}judge/"))
    staff.post(f"{here}applause/", {work.key: 41})
    assert "41" not in text(worker.get(page)).partition("<main")[2].replace(work.key, "")
    staff.post(f"{here}finish/")
    assert ledger_rows(signed_in(scene.worker))[-1][0] != scene.first.name
    staff.post(f"{here}publish/")
    contest.refresh_from_db()
    shown = text(worker.get(page))
    assert [word in shown for word in ("第 1 名", "80.00 分", "41（不计入结果）", "清楚", "评委甲")] == [
        True,
        True,
        True,
        True,
        False,
    ]
    assert "一堂好课" in text(signed_in(judges[0]).get(here))


def test_reopening_cancelling_withdrawing_and_dropping(scene: Scene) -> None:
    contest = called(scene)
    work = handed_in(contest, scene.first, scene.worker)
    staff, here = signed_in(scene.staff), f"{BASE}{contest.pk}/"
    signed_in(scene.worker).post(f"{BASE}works/{work.key}/withdraw/")
    work.refresh_from_db()
    assert work.is_withdrawn
    staff.post(f"{here}close/")
    late = {"call_until": "2026-11-01", "judge_until": "2026-12-20"}
    assert staff.post(f"{here}reopen/", late).status_code == 422
    staff.post(f"{here}reopen/", {**late, "call_until": "2026-12-10"})
    staff.post(f"{here}judges/", {"judges": [person(scene.second, "评委").pk]})
    staff.post(f"{BASE}judges/{Judge.objects.get().pk}/drop/", {"reason": "出差"})
    assert Judge.objects.count() == 0
    assert staff.post(f"{here}cancel/", {"reason": ""}).status_code == 422
    staff.post(f"{here}cancel/", {"reason": "另行安排"})
    assert "已取消：另行安排" in text(signed_in(scene.worker).get(here))


def test_refused_foreign_and_wrong_method(scene: Scene) -> None:
    judges = three(scene)
    contest, work = judging(scene, judges)
    theirs, nobody = foreign(scene), signed_in(make_user())
    worker, staff, judge = signed_in(scene.worker), signed_in(scene.staff), signed_in(judges[0])
    here, page, other = f"{BASE}{contest.pk}/", f"{BASE}works/{work.key}/", f"{BASE}{theirs.pk}/"
    everybody = [BASE, here, f"{here}judging/", f"{here}works/add/", page, f"{page}edit/", f"{page}judge/"]
    assert [nobody.get(path).status_code for path in everybody] == [403] * 7
    pages = ("edit/", "reopen/", "cancel/", "judges/", "applause/")
    acts = ("open/", "close/", "start/", "finish/", "publish/")
    runs = [f"{here}{name}" for name in pages] + [f"{BASE}add/", f"{page}screen/"]
    assert [worker.get(path).status_code for path in runs] == [403] * 7
    assert [worker.post(f"{here}{name}").status_code for name in acts] == [403] * 5
    assert [staff.get(f"{here}{name}").status_code for name in acts] == [405] * 5
    assert [staff.post(f"{other}{name}").status_code for name in acts] == [404] * 5
    assert [staff.get(f"{other}{name}").status_code for name in ("", *pages)] == [404] * 6
    assert [worker.get(f"{other}{name}").status_code for name in ("", "judging/", "works/add/")] == [404] * 3
    drop = f"{BASE}judges/{contest.judges.get(user=judges[0]).pk}/drop/"
    away = signed_in(make_holder(scene.foreign_general, Role.GENERAL_BRANCH_STAFF))
    assert [staff.get(drop).status_code, worker.post(drop).status_code, away.post(drop).status_code] == [
        405,
        403,
        404,
    ]
    assert away.get(f"{page}screen/").status_code == 404
    posts = (f"{page}withdraw/", f"{page}edit/", page)
    assert [judge.post(path).status_code for path in posts] == [404, 404, 405]
    assert [worker.get(f"{page}withdraw/").status_code, worker.get(f"{page}judge/").status_code] == [405, 404]
    assert [client.get(f"{here}judging/").status_code for client in (judge, worker, staff)] == [200, 302, 302]
    assert [judge.post(f"{here}judging/").status_code, judge.post(BASE).status_code] == [405, 405]
    assert staff.post(here).status_code == 405


def test_the_pages_of_judging_cost_the_same_with_more_works(
    scene: Scene, django_assert_num_queries: Counter
) -> None:
    judges, contest = three(scene), called(scene)
    writers = [scene.worker, person(scene.first, "欧阳明")]
    works = [handed_in(contest, scene.first, by, title=f"第{number}课") for number, by in enumerate(writers)]
    started(contest, works, judges, scene.staff)
    client = signed_in(judges[0])
    client.get(f"{BASE}{contest.pk}/judging/")
    judged(works[0], judges[1])
    pages = {f"{contest.pk}/judging/": JUDGING_QUERIES, f"works/{works[0].key}/judge/": JUDGE_QUERIES}
    for path, queries in pages.items():
        with django_assert_num_queries(queries):
            client.get(BASE + path)


def test_the_ledger_holds_awarded_works_of_published_contests(scene: Scene) -> None:
    contest, work = published(scene, three(scene))
    rows = ledger_rows(signed_in(scene.worker))
    assert ["微党课竞赛" in row and scene.worker.name in row for row in rows].count(True) == 1
    assert contest.published_on == ON
    assert work.score is not None
    assert ledger_rows(signed_in(scene.foreign_staff)) != rows
    assert contest.judge_until == ON + timedelta(days=10)
