"""The pages of outputs, the ledger and what is printed: work, refused, foreign, wrong method."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from pypdf import PdfReader

from tests.branches.conftest import signed_in
from tests.factories.branches import make_user
from tests.reminders.scene import HOSTILE, ON, Scene, make_scene
from tests.training.output_scene import drafted, foreign, published, second_worker
from training.actions.outputs import pick_output, submit_output, use_output
from training.models import Output, OutputPick, OutputUse

Counter = Callable[[int], AbstractContextManager[object]]
BASE = "/w/training/outputs/"
QUERIES = 9


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def written(**fields: Any) -> dict[str, Any]:
    given = {"kind": "method", "topic": "meetings", "title": "四步法", "summary": "省时", "body": "第一步"}
    return {**given, **fields}


def test_the_library_costs_the_same_with_one_and_three(
    scene: Scene, django_assert_num_queries: Counter
) -> None:
    client = signed_in(scene.worker)
    pick_output(published(scene, title=HOSTILE[:60]), reason="步骤清楚", by=scene.staff, on=ON)
    foreign(scene)
    client.get(BASE)
    with django_assert_num_queries(QUERIES):
        page = text(client.get(BASE))
    assert ("共 1 份" in page, "步骤清楚" in page, "外单位的" in page, HOSTILE[:60] in page) == (
        True,
        True,
        False,
        False,
    )
    for number in range(2):
        published(scene, title=f"第 {number} 份")
    with django_assert_num_queries(QUERIES):
        page = text(client.get(BASE))
    assert "共 3 份" in page
    assert "没有找到合适的成果" in text(client.get(BASE, {"q": "没有的", "year": "二〇二六"}))


def test_from_the_draft_to_the_library(scene: Scene) -> None:
    other = second_worker(scene)
    worker, staff, author = signed_in(scene.worker), signed_in(scene.staff), signed_in(other)
    missing = worker.post(f"{BASE}add/", written(title=""))
    assert (missing.status_code, "第一步" in text(missing)) == (422, True)
    worker.post(f"{BASE}add/", written(organisation=scene.first.pk, authors=[other.pk]))
    output = Output.objects.get()
    here = f"{BASE}{output.pk}/"
    assert [client.get(here).status_code for client in (worker, staff, author)] == [200, 404, 200]
    worker.post(f"{here}submit/")
    assert "同意署名" in text(author.get(here))
    author.post(f"{here}credit/", {"answer": "yes"})
    version = output.versions.get()
    review = f"{BASE}versions/{version.pk}/review/"
    assert "第一步" in text(staff.get(review))
    assert staff.post(review, {"verdict": "return"}).status_code == 422
    staff.post(review, {"verdict": "accept"})
    output.refresh_from_db()
    assert (output.published, "0 个支部在用" in text(author.get(here))) == (version, True)
    assert (
        author.post(f"{here}use/", {"organisation": scene.second.pk, "since": "2026-11-18"}).status_code
        == 422
    )
    said = {"organisation": scene.second.pk, "since": "2026-11-18", "changed": "省一半时间"}
    author.post(f"{here}use/", said)
    page = text(worker.get(here))
    assert ("1 个支部在用" in page, "省一半时间" in page) == (True, True)
    # What was written stands in the form for who changes it; who has not begun is invited.
    again = text(author.get(f"{here}use/"))
    assert (again.count("省一半时间</textarea>"), again.count('value="2026-11-18"')) == (1, 1)
    assert (text(author.get(here)).count("改在用说明"), page.count("改在用说明")) == (1, 0)
    assert staff.post(f"{here}pick/", {"reason": "好用"}).status_code == 302
    assert OutputPick.objects.get().reason == "好用"
    author.post(f"{BASE}uses/{OutputUse.objects.get().pk}/drop/")
    assert OutputUse.objects.count() == 0


def test_refused_foreign_and_wrong_method(scene: Scene) -> None:
    output, theirs = published(scene), foreign(scene)
    worker, staff, nobody = signed_in(scene.worker), signed_in(scene.staff), signed_in(make_user())
    submitted = submit_output(drafted(scene, title="新"), by=scene.worker, on=ON)
    review = f"{BASE}versions/{submitted.pk}/review/"
    gets = ("", "add/", "booklet/", "brief/", f"{output.pk}/", f"{output.pk}/edit/", f"{output.pk}/use/")
    assert [nobody.get(BASE + path).status_code for path in gets] == [403] * len(gets)
    assert [worker.get(path).status_code for path in (review, f"{BASE}{output.pk}/pick/")] == [403, 403]
    foreign_gets = ("", "edit/", "use/", "pick/")
    assert [staff.get(f"{BASE}{theirs.pk}/{path}").status_code for path in foreign_gets] == [404] * 4
    posts = [f"{BASE}{output.pk}/submit/", f"{BASE}{output.pk}/credit/"]
    assert [worker.get(path).status_code for path in posts] == [405, 405]
    assert [worker.post(path.replace(str(output.pk), str(theirs.pk))).status_code for path in posts] == [
        404,
        404,
    ]
    use = use_output(output, scene.second, changed="省时", since=ON, by=second_worker(scene), on=ON)
    assert [getattr(worker, verb)(f"{BASE}uses/{use.pk}/drop/").status_code for verb in ("get", "post")] == [
        405,
        404,
    ]
    assert [signed_in(scene.foreign_staff).get(review).status_code, staff.post(BASE).status_code] == [
        404,
        405,
    ]


def test_the_booklet_and_the_brief_are_read(scene: Scene) -> None:
    output = published(scene)
    use_output(output, scene.second, changed="省一半时间", since=ON, by=scene.staff, on=ON)
    client = signed_in(scene.worker)
    assert client.post(f"{BASE}booklet/", {"organisation": scene.general.pk, "year": 2024}).status_code == 422
    answer = client.post(f"{BASE}booklet/", {"organisation": scene.general.pk, "year": 2026})
    pages = ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.content)).pages]
    assert (len(pages), "2026年成果汇编" in pages[0], "目录" in pages[1], "当场核对法" in pages[1]) == (
        3,
        True,
        True,
        True,
    )
    assert ("第一章" in pages[2], "省一半时间" in pages[2], pages[1].count("3")) == (True, True, 2)
    answer = client.post(f"{BASE}brief/", {"organisation": scene.general.pk, "month": "2026-11"})
    words = "".join(PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().split())
    assert ("新入库成果（1份）" in words, "省一半时间" in words) == (True, True)
    empty = client.post(f"{BASE}brief/", {"organisation": scene.general.pk, "month": "2024-01"})
    assert (empty.status_code, "请换一个月" in text(empty)) == (422, True)
