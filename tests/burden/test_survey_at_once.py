"""The survey on PostgreSQL: many at the same moment, and what the tables keep there."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, connections
from pytest_django import Settings

from branches.rules import Refusal
from burden.actions.survey_answers import CLOSED, submit_answers
from burden.actions.surveys import close_round
from burden.box.ballots import Ballots, ballot_box
from burden.models import SurveyCode, SurveyRound
from burden.rules.survey_results import people_of
from tests.burden.survey_scene import all_answers, begin, give_codes, survey_scene
from tests.reminders.scene import ON, Scene

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> Scene:
    return survey_scene(monkeypatch, settings, tmp_path)


def together(works: list[Callable[[], object]]) -> list[str]:
    """Start all at the same moment; what was refused, in words."""
    barrier, refused = threading.Barrier(len(works)), list[str]()

    def run(work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            work()
        except (Refusal, IntegrityError) as problem:
            refused.append(str(problem) if isinstance(problem, Refusal) else "constraint")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_of_many_who_open_at_once_one_round_is_made(scene: Scene) -> None:
    refused = together([lambda: begin(scene)] * 6)
    assert (len(refused), SurveyRound.objects.count()) == (5, 1)
    assert "constraint" not in refused


def test_whoever_was_taken_before_the_end_is_in_the_result(scene: Scene) -> None:
    one = begin(scene)
    codes = give_codes(one, 24)
    for code in codes[:8]:
        submit_answers(code, all_answers("1"), version=1)

    def send(code: str) -> Callable[[], object]:
        return lambda: submit_answers(code, all_answers("1"), version=1)

    works = [send(code) for code in codes[8:]]
    refused = together([*works, lambda: close_round(one, by=scene.staff, on=ON)])
    one.refresh_from_db()
    taken = 24 - len(refused)
    assert (set(refused) <= {CLOSED}, one.people) == (True, people_of(taken))
    with ballot_box() as box:
        assert box.read(one.pk) == Ballots(one.pk)
    assert SurveyCode.objects.count() == 0


def test_rows_of_codes_tell_nothing_of_their_use(scene: Scene) -> None:
    """A used code leaves its row as it was: the version of the row and its place do not change."""
    one = begin(scene)
    codes = give_codes(one, 6)

    def rows() -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ctid::text, xmin::text, xmax::text, digest FROM burden_surveycode")
            return list(cursor.fetchall())

    before = rows()
    for code in codes[:4]:
        submit_answers(code, all_answers("2"), version=1)
    assert rows() == before
    assert len({row[1] for row in before}) == 1
