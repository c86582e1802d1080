"""The pages of the survey for who is signed in: works, refused, foreign, wrong method, statements."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from pytest_django import Settings

from accounts.models import User
from branches.rules import Role
from burden.actions.surveys import BaselineData, enter_baseline
from burden.ledgers.surveys import SURVEYS
from burden.models import SurveyBaseline, SurveyCode, SurveyRound
from burden.rules.survey_codes import read_code
from tests.branches.conftest import signed_in
from tests.burden.survey_scene import begin, closed_round, counts_like, give_codes, survey_scene
from tests.factories.branches import make_holder
from tests.ledgers.opened import document_of, excel_rows, in_excel
from tests.reminders.scene import HOSTILE, ON, Scene

Counter = Callable[[int], AbstractContextManager[object]]
LIST, OPEN, BASELINE = (reverse(f"burden:survey_{name}") for name in ("list", "open", "baseline"))
FEW_LOW = {"load": (1, 4, 10, 10, 8), "stance": (6, 12, 15)}


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> Scene:
    return survey_scene(monkeypatch, settings, tmp_path)


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def page(name: str, one: SurveyRound) -> str:
    return reverse(f"burden:survey_{name}", args=(one.pk,))


def a_baseline(scene: Scene, source: str = "某论文表 2", label: str = "论文调查") -> SurveyBaseline:
    counts = counts_like({"load": (9, 12, 8, 3, 1), "stance": (17, 11, 5)})
    return enter_baseline(scene.general, data=BaselineData(label, source, 33, counts), by=scene.staff, on=ON)


# --- reading --------------------------------------------------------------------------------------------


def test_nothing_yet_says_what_comes(scene: Scene) -> None:
    worker, staff = signed_in(scene.worker), signed_in(scene.staff)
    assert "基线待录入" in text_of(worker, LIST)
    assert "还没有做过问卷。党总支开始后" in text_of(worker, LIST)
    assert BASELINE not in text_of(worker, LIST)
    assert (BASELINE in text_of(staff, LIST), OPEN in text_of(staff, LIST)) == (True, True)


@pytest.mark.parametrize("role", sorted({*Role} & {Role.WORKER, Role.SECRETARY, Role.COMMITTEE_STAFF}))
def test_everybody_of_the_whole_reads_the_results(scene: Scene, role: Role) -> None:
    place = scene.committee if role == Role.COMMITTEE_STAFF else scene.second
    a_baseline(scene, source=HOSTILE)
    closed_round(scene, FEW_LOW)
    text = text_of(signed_in(make_holder(place, role)), LIST)
    assert "论文调查到2026 年下半年，选“主动作为”的从 17% 到 50%，选“疲于应付”的从 50% 到 17%。" in text
    assert ("约 35 人作答" in text, "很重～较重" in text, "约 5 人" in text) == (True, True, True)
    assert (HOSTILE in text, "&lt;script&gt;" in text) == (False, True)


def test_no_exact_small_number_is_on_the_page(scene: Scene) -> None:
    one = closed_round(scene, {"load": (1, 4, 11, 12, 8), "stance": (6, 13, 17)})
    client = signed_in(scene.staff)
    for url in (LIST, page("detail", one)):
        text = text_of(client, url)
        assert [n for n in (1, 4, 6, 8, 11, 12, 13, 17, 36) if f"约 {n} 人" in text] == []
        assert [n for n in (5, 10, 15, 35) if f"约 {n} 人" in text] == [5, 10, 15, 35]


def test_a_running_round_shows_no_result_to_anybody(scene: Scene) -> None:
    one = begin(scene)
    worker, staff = (text_of(signed_in(user), page("detail", one)) for user in (scene.worker, scene.staff))
    assert ("结束后才有结果" in worker, "不足 5 份" in worker) == (True, False)
    assert ("不足 5 份" in staff, page("codes", one) in staff) == (True, True)
    assert signed_in(scene.worker).get(page("pdf", one)).status_code == 404


def test_a_round_of_too_few_says_so(scene: Scene) -> None:
    one = closed_round(scene, {"load": (0, 0, 4, 0, 0), "stance": (0, 4, 0)})
    client = signed_in(scene.worker)
    assert "作答的不足 5 人，这一轮不公布结果" in text_of(client, page("detail", one))
    assert "不足 5 人作答，不公布结果" in text_of(client, LIST)
    assert client.get(page("pdf", one)).status_code == 404


def test_answers_of_one_mind_are_not_parted(scene: Scene) -> None:
    one = closed_round(scene, {"load": (0, 0, 0, 0, 12), "stance": (0, 0, 12)})
    text = text_of(signed_in(scene.worker), page("detail", one))
    assert (text.count("所以不分开"), "100%" in text) == (8, False)
    assert "未单列" in text_of(signed_in(scene.worker), LIST)


def test_a_foreign_round_is_not_there(scene: Scene) -> None:
    one = closed_round(scene)
    foreign = signed_in(scene.foreign_staff)
    assert "2026 年下半年" not in text_of(foreign, LIST)
    for name in ("detail", "codes", "close", "pdf"):
        assert foreign.get(page(name, one)).status_code == 404


@pytest.mark.parametrize("rounds", [1, 3])
def test_statements_of_the_pages(scene: Scene, django_assert_num_queries: Counter, rounds: int) -> None:
    a_baseline(scene)
    for n in range(rounds):
        one = closed_round(scene, FEW_LOW, half=f"202{n}H1")
    client = signed_in(scene.worker)
    client.get(LIST)
    with django_assert_num_queries(7):
        client.get(LIST)
    with django_assert_num_queries(8):
        client.get(page("detail", one))


def test_one_page_of_paper(scene: Scene) -> None:
    a_baseline(scene)
    one = closed_round(scene, FEW_LOW)
    answer = signed_in(scene.worker).get(page("pdf", one))
    pages = PdfReader(BytesIO(answer.content)).pages
    text = "".join(pages[0].extract_text().split())
    assert (len(pages), answer["Content-Type"]) == (1, "application/pdf")
    for words in (
        "2026年下半年减负问卷结果",
        "约35人作答",
        "很重～较重",
        "论文调查：某论文表2",
        "均值约3.6分",
    ):
        assert words in text


# --- running --------------------------------------------------------------------------------------------


def test_staff_open_print_and_close(scene: Scene) -> None:
    client = signed_in(scene.staff)
    answer = client.post(OPEN, {"closes_on": "2026-11-30"}, follow=True)
    one = SurveyRound.objects.get()
    assert answer.redirect_chain == [(page("detail", one), 302)]
    slips = client.post(page("codes", one), {"invited": "10", "codes": "20"})
    assert (slips["Content-Type"], "no-store" in slips["Cache-Control"]) == ("application/pdf", True)
    text = "".join(each.extract_text() for each in PdfReader(BytesIO(slips.content)).pages)
    codes = [word for word in text.split() if read_code(word)]
    assert (len(codes), SurveyCode.objects.count(), text.count("testserver/box/survey/")) == (20, 20, 20)
    assert codes[0] not in text_of(client, page("detail", one))
    closed = client.post(page("close", one), follow=True)
    assert closed.redirect_chain == [(page("detail", one), 302)]
    assert client.get(page("codes", one)).status_code == 404


def test_what_was_typed_is_kept_when_printing_is_refused(scene: Scene) -> None:
    client, one = signed_in(scene.staff), begin(scene)
    answer = client.post(page("codes", one), {"invited": "30", "codes": "31"})
    text = answer.content.decode()
    assert (answer.status_code, "至少印 40 个" in text, 'value="31"' in text) == (422, True, True)
    SurveyRound.objects.filter(pk=one.pk).update(codes_printed=40, codes_printed_on=ON, invited=30)
    answer = client.post(page("codes", one), {"invited": "30", "codes": "40"})
    assert (answer.status_code, "没用过的旧码就作废" in answer.content.decode()) == (422, True)


def test_an_impossible_end_is_refused_beside_its_field(scene: Scene) -> None:
    answer = signed_in(scene.staff).post(OPEN, {"closes_on": "2026-11-18"})
    assert (answer.status_code, "明天到 60 天之内" in answer.content.decode()) == (422, True)
    assert SurveyRound.objects.count() == 0


def baseline_form(**changed: str) -> dict[str, str]:
    counts = dict(zip((f"load_{n}" for n in range(1, 6)), ["9", "12", "8", "3", "1"], strict=True))
    return {"label": "论文调查", "source": "某论文表 2", "people": "33", **counts, **changed}


def test_the_baseline_is_entered_through_its_form(scene: Scene) -> None:
    client = signed_in(scene.staff)
    assert client.post(BASELINE, baseline_form()).status_code == 302
    held = SurveyBaseline.objects.get()
    assert (held.people, held.counts) == (33, {"load": {"1": 9, "2": 12, "3": 8, "4": 3, "5": 1}})
    assert 'value="12"' in text_of(client, BASELINE)
    text = text_of(client, LIST)
    assert ("基线待录入" in text, "基线里没有“工作状态”这道题" in text) == (False, False)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"load_1": "30"}, "这道题合计 54 人"),
        ({"stance_1": "3"}, "这道题合计 3 人"),
        ({"people": ""}, "请填写调查人数"),
        ({f"load_{n}": "" for n in range(1, 6)}, "请至少录入一道题"),
    ],
)
def test_a_baseline_that_cannot_be_is_refused(scene: Scene, changed: dict[str, str], words: str) -> None:
    answer = signed_in(scene.staff).post(BASELINE, baseline_form(**changed))
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert SurveyBaseline.objects.count() == 0


def test_who_does_not_run_it_is_refused(scene: Scene) -> None:
    one = begin(scene)
    for user in (scene.worker, scene.overseer):
        client = signed_in(user)
        for url in (OPEN, BASELINE, page("codes", one), page("close", one)):
            assert (client.get(url).status_code, client.post(url).status_code) == (403, 403)
    assert SurveyRound.objects.get().is_open


def test_wrong_methods(scene: Scene) -> None:
    one = begin(scene)
    client = signed_in(scene.staff)
    for url in (LIST, page("detail", one), page("pdf", one)):
        assert client.post(url).status_code == 405
    for url in (OPEN, BASELINE, page("codes", one), page("close", one)):
        assert client.delete(url).status_code == 405


def test_the_end_warns_where_nothing_would_come_of_it(scene: Scene) -> None:
    one = begin(scene)
    give_codes(one, 3)
    assert "这一轮没有结果，收到的也不保留" in text_of(signed_in(scene.staff), page("close", one))


def test_a_box_that_cannot_be_opened_is_said_and_not_emptied(scene: Scene, tmp_path: Path) -> None:
    client, one = signed_in(scene.staff), begin(scene)
    file = tmp_path / "box" / "survey"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"\x01" + b"?" * 80)
    assert "读不出来，请系统管理员核对" in text_of(client, page("detail", one))
    answer = client.post(page("close", one))
    assert (answer.status_code, "请系统管理员核对个人信息密钥" in answer.content.decode()) == (422, True)
    assert (SurveyRound.objects.get().is_open, file.stat().st_size) == (True, 81)


# --- ledger ---------------------------------------------------------------------------------------------


def rows(user: User | None, query: str = "") -> list[tuple[object, ...]]:
    return list(document_of(SURVEYS, query, user, on=ON).rows)


def test_the_ledger_holds_the_published_groups(scene: Scene) -> None:
    a_baseline(scene)
    closed_round(scene, FEW_LOW)
    found = rows(scene.worker, "question=stance")
    assert [row[1:6] for row in found] == [
        ("论文调查", "工作状态", "疲于应付", 15, 50),
        ("论文调查", "工作状态", "两样都有", 10, 33),
        ("论文调查", "工作状态", "主动作为", 5, 17),
        ("2026 年下半年", "工作状态", "疲于应付", 5, 17),
        ("2026 年下半年", "工作状态", "两样都有", 10, 33),
        ("2026 年下半年", "工作状态", "主动作为", 15, 50),
    ]
    assert all(isinstance(row[4], int) and row[4] >= 5 and row[4] % 5 == 0 for row in rows(None))
    assert rows(scene.foreign_staff) == []
    assert len(rows(scene.worker, "period=2025")) < len(rows(scene.worker, "period=2026"))


def test_the_ledger_is_the_same_in_excel(scene: Scene) -> None:
    closed_round(scene, FEW_LOW)
    document = document_of(SURVEYS, "", scene.worker, on=ON)
    assert excel_rows(document) == [tuple(in_excel(value) for value in row) for row in document.rows]


@pytest.mark.parametrize("rounds", [1, 3])
def test_statements_of_the_ledger(scene: Scene, django_assert_num_queries: Counter, rounds: int) -> None:
    for n in range(rounds):
        closed_round(scene, FEW_LOW, half=f"202{n}H1")
    with django_assert_num_queries(2):
        found = rows(scene.worker)
    assert len({row[1] for row in found}) == rounds
