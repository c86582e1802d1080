"""A round of the survey from opening to results: each step once, twice, refused."""

import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection, connections
from pypdf import PdfReader
from pytest_django import Settings

from audit.models import AuditEvent
from burden.actions.survey_answers import (
    CLOSED,
    MISTYPED,
    UNKNOWN,
    USED,
    AnswerRefused,
    about_received,
    beat_ballots,
    submit_answers,
)
from burden.actions.surveys import (
    BaselineData,
    SurveyRefused,
    close_round,
    enter_baseline,
    half_of,
    open_round,
    print_codes,
)
from burden.box.ballots import Ballots, ballot_box
from burden.models import SurveyBaseline, SurveyCode, SurveyRound
from burden.queries.surveys import worker_satisfaction
from burden.rules.survey_codes import grouped, read_code
from burden.tasks import survey_beat
from periods.months import Month
from tests.burden.survey_scene import (
    CLOSES,
    all_answers,
    begin,
    closed_round,
    give_codes,
    survey_scene,
)
from tests.reminders.scene import ON, Scene

ADDRESS = "https://portal.example/box/survey/"
Counter = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> Scene:
    return survey_scene(monkeypatch, settings, tmp_path)


def printed(one: SurveyRound, scene: Scene, *, again: bool = False) -> list[str]:
    content = print_codes(one, invited=10, codes=20, again=again, address=ADDRESS, by=scene.staff, on=ON)
    pages = PdfReader(BytesIO(content)).pages
    words = [word for page in pages for word in page.extract_text().split()]
    assert (len(pages), words.count(ADDRESS)) == (2, 20)
    return [word for word in words if len(word) == 14 and word.count("-") == 2]


def tallied(one: SurveyRound) -> Ballots:
    with ballot_box() as box:
        return box.read(one.pk)


def test_a_round_is_opened_for_the_whole_once_in_half_a_year(scene: Scene) -> None:
    one = begin(scene)
    assert (one.organisation, one.half, str(one)) == (scene.committee, "2026H2", "2026 年下半年减负问卷")
    with pytest.raises(SurveyRefused, match="这半年已经做过"):
        begin(scene)
    with pytest.raises(SurveyRefused, match="还有一轮问卷没有结束"):
        open_round(scene.foreign_general, closes_on=CLOSES, by=scene.foreign_staff, on=ON)
    close_round(one, by=scene.staff, on=ON)
    with pytest.raises(SurveyRefused, match="这半年已经做过"):
        begin(scene)
    assert open_round(scene.foreign_general, closes_on=CLOSES, by=scene.foreign_staff, on=ON).is_open


@pytest.mark.parametrize("days", [0, -1, 61])
def test_a_round_needs_a_day_to_come(scene: Scene, days: int) -> None:
    with pytest.raises(SurveyRefused, match="60 天之内"):
        open_round(scene.general, closes_on=ON.fromordinal(ON.toordinal() + days), by=scene.staff, on=ON)


def test_halves_of_a_year() -> None:
    days = [ON.replace(month=month, day=1) for month in (1, 6, 7, 12)]
    assert [half_of(day) for day in days] == ["2026H1", "2026H1", "2026H2", "2026H2"]


def test_plain_codes_stand_in_the_pdf_alone(scene: Scene) -> None:
    one = begin(scene)
    codes = printed(one, scene)
    assert len(set(codes)) == 20
    plain = {read_code(code) for code in codes}
    assert None not in plain
    kept = set(SurveyCode.objects.values_list("digest", flat=True))
    assert (len(kept), {len(mark) for mark in kept}) == (20, {64})
    event = AuditEvent.objects.get(event="burden.survey_codes_printed")
    database = json.dumps([sorted(kept), event.detail, event.target_name], ensure_ascii=False)
    assert not any(code in database or str(read_code(code)) in database for code in codes)
    one.refresh_from_db()
    assert (one.invited, one.codes_printed, one.codes_printed_on) == (10, 20, ON)


def test_digests_are_keyed_and_stand_in_no_order_of_printing(scene: Scene, settings: Settings) -> None:
    one = begin(scene)
    codes = printed(one, scene)
    settings.PERSONAL_DATA_KEYS = ["other" * 12]
    with pytest.raises(AnswerRefused, match="没有这个码"):
        submit_answers(codes[0], all_answers(), version=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM burden_surveycode")
        rows = [row[0] for row in cursor.fetchall()]
    assert rows == sorted(rows)


def test_printing_again_ends_the_unused_codes(scene: Scene) -> None:
    one = begin(scene)
    old = printed(one, scene)
    submit_answers(old[0], all_answers(), version=1)
    one.refresh_from_db()
    with pytest.raises(SurveyRefused, match="没用过的旧码就作废"):
        printed(one, scene)
    new = printed(one, scene, again=True)
    with pytest.raises(AnswerRefused, match=UNKNOWN):
        submit_answers(old[1], all_answers(), version=1)
    with pytest.raises(AnswerRefused, match=USED):
        submit_answers(old[0], all_answers(), version=1)
    submit_answers(new[0], all_answers(), version=1)
    assert tallied(one).people == 2


def test_of_two_printings_at_once_the_second_is_refused(scene: Scene) -> None:
    one = begin(scene)
    other = SurveyRound.objects.get(pk=one.pk)
    printed(one, scene)
    kept = set(SurveyCode.objects.values_list("digest", flat=True))
    with pytest.raises(SurveyRefused, match="刚才已经有人印过码"):
        printed(other, scene)
    assert set(SurveyCode.objects.values_list("digest", flat=True)) == kept


@pytest.mark.parametrize(
    ("invited", "codes", "words"),
    [(4, 20, "不到 5 人"), (30, 39, "至少印 40 个"), (300, 360, "最多印 300 个")],
)
def test_too_few_or_too_many_codes(scene: Scene, invited: int, codes: int, words: str) -> None:
    one = begin(scene)
    with pytest.raises(SurveyRefused, match=words):
        print_codes(one, invited=invited, codes=codes, again=False, address=ADDRESS, by=scene.staff, on=ON)
    assert SurveyCode.objects.count() == 0


def test_a_code_works_once(scene: Scene) -> None:
    one = begin(scene)
    code = give_codes(one, 3)[0]
    submit_answers(grouped(code).lower(), all_answers("3"), version=1)
    with pytest.raises(AnswerRefused, match=USED):
        submit_answers(code, all_answers("1"), version=1)
    assert (tallied(one).people, tallied(one).tally["load"]) == (1, {"3": 1})


def test_a_used_code_stays_used_under_a_new_key(scene: Scene, settings: Settings) -> None:
    one = begin(scene)
    first, second, _ = give_codes(one, 3)
    submit_answers(first, all_answers(), version=1)
    settings.PERSONAL_DATA_KEYS = ["n" * 48, *settings.PERSONAL_DATA_KEYS]
    with pytest.raises(AnswerRefused, match=USED):
        submit_answers(first, all_answers(), version=1)
    submit_answers(second, all_answers(), version=1)
    assert tallied(one).people == 2


def test_wrong_unknown_and_late_codes_are_told_apart(scene: Scene) -> None:
    with pytest.raises(AnswerRefused, match=CLOSED):
        submit_answers("whatever", all_answers(), version=1)
    one = begin(scene)
    code = give_codes(one, 1)[0]
    with pytest.raises(AnswerRefused, match=MISTYPED):
        submit_answers(code[:-1], all_answers(), version=1)
    with pytest.raises(AnswerRefused, match=CLOSED):
        submit_answers(code, all_answers(), version=2)
    SurveyCode.objects.all().delete()
    with pytest.raises(AnswerRefused, match=UNKNOWN):
        submit_answers(code, all_answers(), version=1)
    close_round(one, by=scene.staff, on=ON)
    with pytest.raises(AnswerRefused, match=CLOSED):
        submit_answers(code, all_answers(), version=1)


def database_rows() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as a copy of the database would show it."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the names are the database's own
            found[table] = cursor.fetchall()
        return found


def test_a_copy_of_the_database_shows_no_answer_before_the_end(
    scene: Scene, django_assert_num_queries: Counter
) -> None:
    one = begin(scene)
    codes = give_codes(one, 8)
    before = database_rows()
    with django_assert_num_queries(3):
        submit_answers(codes[0], all_answers("5"), version=1)
    for code in codes[1:7]:
        submit_answers(code, all_answers("1"), version=1)
    assert database_rows() == before


def test_a_closed_round_keeps_groups_and_nothing_else(scene: Scene) -> None:
    one = closed_round(scene, {"load": (0, 2, 3, 5, 0), "stance": (1, 4, 5)})
    assert one.people == 10
    assert one.tables["load"] == [[["1", "2", "3"], 5], [["4", "5"], 5]]
    assert one.tables["stance"] == [[["1", "2"], 5], [["3"], 5]]
    assert SurveyCode.objects.count() == 0
    assert tallied(one) == Ballots(one.pk)
    event = AuditEvent.objects.get(event="burden.survey_closed")
    assert event.detail == {}
    with pytest.raises(SurveyRefused, match="已经结束"):
        close_round(one, by=scene.staff, on=ON)


def test_of_fewer_than_five_nothing_is_kept(scene: Scene) -> None:
    one = closed_round(scene, {"load": (0, 0, 0, 0, 4), "stance": (0, 0, 4)})
    assert (one.people, one.tables, one.is_open) == (None, {}, False)
    assert tallied(one).people == 0


def test_codes_are_not_printed_after_the_end(scene: Scene) -> None:
    one = close_round(begin(scene), by=scene.staff, on=ON)
    with pytest.raises(SurveyRefused, match="已经结束，不再印码"):
        printed(one, scene)


def test_the_beat_rewrites_what_waits_and_clears_what_is_over(scene: Scene, tmp_path: Path) -> None:
    one = begin(scene)
    submit_answers(give_codes(one, 1)[0], all_answers(), version=1)
    before = (tmp_path / "box" / "survey").read_bytes()
    survey_beat()
    after = (tmp_path / "box" / "survey").read_bytes()
    assert (before != after, len(before) == len(after), tallied(one).people) == (True, True, 1)
    # As if the machine had stopped between the end of the round and the emptying of the box.
    SurveyRound.objects.filter(pk=one.pk).update(state="closed", closed_on=ON, closed_by=scene.staff)
    beat_ballots()
    assert tallied(one).people == 0


def test_while_a_round_runs_only_fives_are_said(scene: Scene) -> None:
    one = begin(scene)
    codes = give_codes(one, 6)
    said = []
    for code in codes:
        submit_answers(code, all_answers(), version=1)
        said.append(about_received(one))
    assert said == [0, 0, 0, 0, 5, 5]


def baseline(scene: Scene, people: int = 33) -> SurveyBaseline:
    data = BaselineData("论文调查", "某论文表 2", people, {"load": {"1": 9, "2": 12, "3": 8, "4": 3, "5": 1}})
    return enter_baseline(scene.general, data=data, by=scene.staff, on=ON)


def test_a_baseline_is_entered_once_and_may_be_put_right(scene: Scene) -> None:
    assert baseline(scene).organisation == scene.committee
    assert baseline(scene, 34).people == 34
    assert SurveyBaseline.objects.count() == 1
    entered = AuditEvent.objects.filter(event="burden.survey_baseline_entered").order_by("pk")
    assert [event.detail["people"] for event in entered] == [33, 34]


def test_the_value_for_the_measure_list_is_that_of_the_last_round(scene: Scene) -> None:
    month = Month.of(ON)
    assert worker_satisfaction(scene.general, month, ON) is None
    one = closed_round(scene, {"load": (0, 0, 10, 10, 0), "stance": (5, 5, 10)})
    value = worker_satisfaction(scene.general, month, ON)
    assert value is not None
    # 1～3: about 10, 4～5: about 10 → the middle of 2 and 4.5.
    assert (str(value.value), value.url) == ("3.3", f"/w/burden/surveys/{one.pk}/")
    assert (
        value.evidence == "2026 年下半年不记名问卷，约 20 人作答，“减负满意度”按公布的各组计算（满分 5 分）。"
    )
    assert worker_satisfaction(scene.foreign_general, month, ON) is None
    assert worker_satisfaction(scene.general, month.plus(-1), ON) is None
    later = month.plus(13)
    assert worker_satisfaction(scene.general, later, later.last) is None


@pytest.mark.django_db(transaction=True)
def test_of_many_who_send_one_code_at_once_one_is_taken(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    scene = survey_scene(monkeypatch, settings, tmp_path)
    one = begin(scene)
    codes = give_codes(one, 2)
    taken: list[str] = []

    def send(code: str) -> None:
        try:
            submit_answers(code, all_answers(), version=1)
            taken.append(code)
        except AnswerRefused:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(codes[n % 2],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(taken), tallied(one).people) == (sorted(codes), 2)
