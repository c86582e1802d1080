"""Answering the survey at /box/survey/: nobody is known, nothing typed is lost, nothing is written down."""

import logging
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from pytest_django import Settings

from accounts.models import OwnSession
from audit.models import AuditEvent
from burden.actions.surveys import close_round
from burden.box.ballots import Ballots, ballot_box
from burden.models import SurveyCode, SurveyRound
from burden.rules.survey_codes import grouped
from tests.box.visitor import Visitor
from tests.burden.survey_scene import HERE, all_answers, begin, give_codes, survey_scene
from tests.reminders.scene import ON, Scene

DONE = "/box/survey/done/"


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> Scene:
    return survey_scene(monkeypatch, settings, tmp_path)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def tallied(one: SurveyRound) -> Ballots:
    with ballot_box() as box:
        return box.read(one.pk)


def send(visitor: Visitor, code: str, answers: dict[str, str] | None = None) -> HttpResponse:
    return visitor.send(HERE, {"code": code, **(all_answers("3") if answers is None else answers)})


def chosen(text: str) -> int:
    return text.count(" checked>")


def test_without_a_round_the_page_says_so(scene: Scene, visitor: Visitor) -> None:
    text = text_of(visitor.get(HERE))
    assert ("现在没有进行中的问卷" in text, "<form" in text) == (True, False)


def test_who_opens_the_box_finds_a_running_round(scene: Scene, visitor: Visitor) -> None:
    link = '<a href="/box/survey/">'
    before = link in text_of(visitor.get("/box/"))
    begin(scene)
    assert (before, link in text_of(visitor.get("/box/"))) == (False, True)


def test_the_questions_of_the_round_without_a_script(scene: Scene, visitor: Visitor) -> None:
    begin(scene)
    text = text_of(visitor.get(HERE))
    assert (text.count("<fieldset"), text.count('type="radio"'), text.count("<script")) == (8, 38, 0)
    assert ("11 月 30 日前交" in text, chosen(text)) == (True, 0)
    assert "交卷前后各抄一份加密文件" in text


def test_one_answer_counts_and_leaves_nothing_of_its_sender(
    scene: Scene, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    one = begin(scene)
    code = give_codes(one, 1)[0]
    rows = (AuditEvent.objects.count(), OwnSession.objects.count(), SurveyCode.objects.count())
    with caplog.at_level(logging.DEBUG):
        answer = send(visitor, grouped(code))
        done = visitor.get(DONE)
    assert (answer.status_code, answer["Location"], answer["Cache-Control"]) == (302, DONE, "no-store")
    assert "答卷已收下" in text_of(done)
    assert (dict(answer.cookies), dict(done.cookies)) == ({}, {})
    assert (AuditEvent.objects.count(), OwnSession.objects.count(), SurveyCode.objects.count()) == rows
    assert [record for record in caplog.records if not record.name.startswith("django.db")] == []
    assert tallied(one).tally == {question: {"3": 1} for question in all_answers()}


def test_a_signed_in_browser_is_not_known_here(scene: Scene, visitor: Visitor) -> None:
    one = begin(scene)
    visitor.force_login(scene.worker)
    for answer in (visitor.get(HERE), send(visitor, give_codes(one, 1)[0]), visitor.get(DONE)):
        assert (scene.worker.name in answer.content.decode(), dict(answer.cookies)) == (False, {})
    assert tallied(one).people == 1


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("mistyped", "这个码抄得不对"),
        ("unknown", "没有这个码"),
        ("used", "这个码已经用过"),
        ("closed", "这一轮问卷已经结束"),
    ],
)
def test_whatever_is_wrong_with_the_code_the_answers_stay(
    scene: Scene, visitor: Visitor, case: str, words: str
) -> None:
    one = begin(scene)
    code = give_codes(one, 1)[0]
    if case == "mistyped":
        code = code[:-2]
    elif case == "unknown":
        SurveyCode.objects.all().delete()
    elif case == "used":
        send(visitor, code)
    else:
        close_round(one, by=scene.staff, on=ON)
    before = tallied(one)
    answer = send(visitor, code)
    text = text_of(answer)
    assert (answer.status_code, words in text) == (422, True)
    assert (chosen(text), f'value="{code}"' in text) == (8, True)
    assert tallied(one) == before


def test_a_question_left_out_is_asked_for_and_the_others_stay(scene: Scene, visitor: Visitor) -> None:
    one = begin(scene)
    code = give_codes(one, 1)[0]
    given = all_answers("1")
    given.pop("time")
    answer = send(visitor, code, given)
    text = text_of(answer)
    assert (answer.status_code, "这道题还没有选" in text, chosen(text)) == (422, True, 7)
    assert send(visitor, code, {**given, "time": "9"}).status_code == 422
    assert send(visitor, "", {**given, "time": "2"}).status_code == 422
    assert tallied(one).people == 0
    assert send(visitor, code, {**given, "time": "2"}).status_code == 302
    assert tallied(one).people == 1


def test_a_form_of_another_site_or_without_its_token_is_refused(scene: Scene, visitor: Visitor) -> None:
    one = begin(scene)
    fields = {"code": give_codes(one, 1)[0], **all_answers()}
    assert visitor.send(HERE, fields, origin="http://elsewhere.example").status_code == 403
    assert visitor.form(HERE, fields, origin="http://testserver").status_code == 422
    assert tallied(one).people == 0


def test_other_methods_are_refused(scene: Scene, visitor: Visitor) -> None:
    assert (visitor.delete(HERE).status_code, visitor.send(DONE).status_code) == (405, 405)


def test_hostile_words_as_a_code_are_shown_as_words(scene: Scene, visitor: Visitor) -> None:
    begin(scene)
    text = text_of(send(visitor, '"><script>alert(1)</script>'))
    assert ("<script>" in text, "&lt;script&gt;" in text) == (False, True)
