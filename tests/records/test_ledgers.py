"""Meetings, Party days and talks as ledgers: which rows, as known on which day, every cell of the files."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal

import pytest
import yaml
from pypdf import PdfReader

from accounts.models import User
from branches.models import Organisation
from branches.rules import Role
from ledgers.document import LedgerDocument
from ledgers.ledger import Ledger
from ledgers.renderers.pdf import render_pdf
from records.ledgers import MEETINGS, PARTY_DAYS, TALKS
from records.models import Record, Vote
from records.rules import GENERAL_MEETING, MEETING_KINDS, PARTY_DAY, RecordKind, TalkCategory
from reminders.actions.catalogue_load import CATALOGUE
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder, make_member, make_post
from tests.factories.records import make_held, make_talk, moment
from tests.ledgers.opened import cleaned_of, document_of, excel_rows, in_excel
from tests.reminders.scene import ON, Scene, make_scene

Counter = Callable[[int], AbstractContextManager[object]]
DAY = date(2026, 11, 5)


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def document(ledger: Ledger, query: str, user: User | None, *, on: date = ON) -> LedgerDocument:
    return document_of(ledger, query, user, on=on)


def held_on(query: str, user: User | None, *, on: date = ON) -> list[object]:
    return [row[3] for row in document(MEETINGS, query, user, on=on).rows]


def a_meeting(
    branch: Organisation, *, on: date = DAY, entered: date | None = None, **fields: object
) -> Record:
    return make_held(branch, GENERAL_MEETING, on=on, entered=entered, **fields)  # type: ignore[arg-type]  # columns


@pytest.mark.parametrize("ledger", [MEETINGS, PARTY_DAYS, TALKS])
def test_the_columns_fill_an_a4_landscape_page(ledger: Ledger) -> None:
    assert 11 + sum(column.width for column in ledger.columns) == 269


# --- 三会一课 --------------------------------------------------------------------------------------------


def test_a_meeting_with_its_vote(scene: Scene) -> None:
    record = a_meeting(
        scene.first, entered=date(2026, 11, 9), title="讨论年度计划", topics="讨论年度计划", place="会议室",
        host="钱永顺", eligible_count=12, present_count=11, resolutions="通过年度计划",
    )  # fmt: skip
    Vote.objects.create(record=record, matter="年度计划", eligible=12, present=11, yes=10, no=0, abstain=1)
    found = document(MEETINGS, "", scene.worker)
    (row,) = found.rows
    assert row == (
        1, scene.first.name, "支部党员大会", DAY, "会议室", "钱永顺", 12, 11, "讨论年度计划", "通过年度计划",
        "年度计划：应到 12，实到 11，赞成 10，反对 0，弃权 1，通过", date(2026, 11, 9),
    )  # fmt: skip
    assert excel_rows(found) == [tuple(in_excel(value) for value in row)]
    assert found.file_name("pdf") == f"三会一课台账_{scene.first.name}_2026-11.pdf"


def test_one_record_may_be_two_of_the_four(scene: Scene) -> None:
    make_held(scene.first, GENERAL_MEETING, "party_lecture", PARTY_DAY, on=DAY, title="党课", topics="讲纪律")
    kinds = [document(MEETINGS, f"kind={kind}", scene.worker).rows for kind in ("", "党课", "党小组会")]
    assert [[(row[2], row[8]) for row in rows] for rows in kinds] == [
        [("支部党员大会、党课", "党课：讲纪律")],
        [("支部党员大会、党课", "党课：讲纪律")],
        [],
    ]


def test_other_records_are_no_meetings(scene: Scene) -> None:
    make_held(scene.first, PARTY_DAY, on=DAY, kind=RecordKind.ACTIVITY)
    make_held(scene.first, on=DAY)
    assert held_on("", scene.worker) == []


def test_codes_of_meetings_are_codes_of_the_catalogue() -> None:
    shipped = yaml.safe_load(CATALOGUE.read_text("utf-8"))
    assert {*MEETING_KINDS, PARTY_DAY} - {row["code"] for row in shipped["actions"]} == set()


def test_a_past_month_shows_what_was_held_then_whenever_it_was_entered(scene: Scene) -> None:
    a_meeting(scene.first, on=date(2026, 10, 31), entered=date(2026, 11, 3))
    a_meeting(scene.first, on=date(2026, 11, 1))
    rows = document(MEETINGS, "period=2026-10", scene.worker).rows
    assert [(row[3], row[11]) for row in rows] == [(date(2026, 10, 31), date(2026, 11, 3))]
    assert held_on("period=2026Q4", scene.worker) == [date(2026, 10, 31), date(2026, 11, 1)]
    assert held_on("period=2026", scene.worker) == [date(2026, 10, 31), date(2026, 11, 1)]
    assert held_on("period=2025", scene.worker) == []


def test_asked_again_as_of_a_day_it_says_what_was_known_then(scene: Scene) -> None:
    late = a_meeting(scene.first, entered=date(2026, 11, 9))
    gone = a_meeting(scene.first, on=date(2026, 11, 6))
    Record.objects.filter(pk=gone.pk).update(cancelled_at=moment(date(2026, 11, 10)))
    days = {day: held_on("", scene.worker, on=date(2026, 11, day)) for day in (8, 9, 10)}
    assert days == {8: [gone.held_on], 9: [late.held_on, gone.held_on], 10: [late.held_on]}


def test_meetings_of_the_tree_below(scene: Scene) -> None:
    for n, place in enumerate((scene.foreign_branch, scene.second, scene.first), start=1):
        a_meeting(place, on=date(2026, 11, n))
    assert held_on("", scene.worker) == [date(2026, 11, 3)]
    assert held_on("", scene.staff) == [date(2026, 11, 3), date(2026, 11, 2)]
    assert held_on(f"organisation={scene.second.code}", scene.staff) == [date(2026, 11, 2)]
    assert held_on("", scene.foreign_staff) == [date(2026, 11, 1)]
    assert len(held_on("", None)) == 3
    answer = signed_in(scene.worker).get(f"/w/ledgers/meetings/?organisation={scene.second.code}")
    assert answer.status_code == 422


@pytest.mark.parametrize("rows", [1, 3])
def test_meetings_need_four_statements(scene: Scene, django_assert_num_queries: Counter, rows: int) -> None:
    for n in range(rows):
        record = a_meeting(scene.first, on=date(2026, 11, n + 1))
        Vote.objects.create(record=record, matter="事项", eligible=3, present=3, yes=3)
    cleaned = cleaned_of(MEETINGS, "", scene.staff, on=ON)
    with django_assert_num_queries(4):
        assert len(list(MEETINGS.rows(scene.staff, cleaned, ON))) == rows


# --- themed Party days -------------------------------------------------------------------------------------


def test_a_party_day(scene: Scene) -> None:
    make_held(
        scene.first, PARTY_DAY, on=DAY, kind=RecordKind.ACTIVITY, title="清洁家园", topics="志愿服务",
        place="村口", host="钱永顺", eligible_count=5, present_count=4, hours=Decimal("1.5"),
        resolutions="每月一次",
    )  # fmt: skip
    a_meeting(scene.first)
    make_held(scene.foreign_branch, PARTY_DAY, on=DAY, kind=RecordKind.ACTIVITY)
    found = document(PARTY_DAYS, "", scene.worker)
    (row,) = found.rows
    assert row == (
        1, scene.first.name, DAY, "清洁家园：志愿服务", "村口", "钱永顺", 5, 4, Decimal("1.5"), "每月一次",
        DAY,
    )  # fmt: skip
    assert excel_rows(found) == [tuple(in_excel(value) for value in row)]
    assert len(document(PARTY_DAYS, "period=2026", None).rows) == 2
    assert list(document(PARTY_DAYS, "period=2026-10", None).rows) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_party_days_need_two_statements(scene: Scene, django_assert_num_queries: Counter, rows: int) -> None:
    for n in range(rows):
        make_held(scene.first, PARTY_DAY, on=date(2026, 11, n + 1))
    cleaned = cleaned_of(PARTY_DAYS, "", scene.staff, on=ON)
    with django_assert_num_queries(2):
        assert len(list(PARTY_DAYS.rows(scene.staff, cleaned, ON))) == rows


# --- talks -----------------------------------------------------------------------------------------------


def test_a_talk_with_the_offices_of_that_day(scene: Scene) -> None:
    first, second = make_member(scene.first, name="钱永顺"), make_member(scene.first, name="汤宏伟")
    make_post(scene.first, Role.SECRETARY, member=first, until=date(2026, 11, 5))
    make_post(scene.first, Role.SECRETARY, member=second, since=date(2026, 11, 6))
    make_post(scene.first, Role.WORKER, member=second)
    make_talk(first, second, scene.first, on=DAY, entered=date(2026, 11, 7), category=TalkCategory.HARDSHIP)
    make_talk(first, second, scene.first, on=date(2026, 11, 6))
    found = document(TALKS, "", scene.worker)
    assert list(found.rows) == [
        (1, scene.first.name, DAY, "钱永顺", "书记", "汤宏伟", "", "困难", date(2026, 11, 7)),
        (2, scene.first.name, date(2026, 11, 6), "钱永顺", "", "汤宏伟", "书记", "思想", date(2026, 11, 6)),
    ]
    assert excel_rows(found) == [tuple(in_excel(value) for value in row) for row in found.rows]
    assert [row[2] for row in document(TALKS, "category=hardship", scene.worker).rows] == [DAY]
    assert (found.heading.file_period, len(document(TALKS, "period=2026-10", None).rows)) == ("2026", 0)


def test_a_talk_taken_back_or_of_others_is_not_shown(scene: Scene) -> None:
    for place in (scene.first, scene.foreign_branch):
        make_talk(make_member(place), make_member(place), place, on=DAY)
    gone = make_talk(make_member(scene.first), make_member(scene.first), scene.first, on=DAY)
    gone.cancelled_at = moment(date(2026, 11, 6))
    gone.save()
    assert [len(document(TALKS, "", user).rows) for user in (scene.worker, scene.foreign_staff, None)] == [
        1,
        1,
        2,
    ]


@pytest.mark.parametrize("rows", [1, 3])
def test_talks_need_three_statements(scene: Scene, django_assert_num_queries: Counter, rows: int) -> None:
    for _ in range(rows):
        make_talk(make_member(scene.first), make_member(scene.first), scene.first, on=DAY)
    cleaned = cleaned_of(TALKS, "", scene.staff, on=ON)
    with django_assert_num_queries(3):
        assert len(list(TALKS.rows(scene.staff, cleaned, ON))) == rows


# --- who, and on paper -------------------------------------------------------------------------------------


def test_who_may_open_them(scene: Scene) -> None:
    administrator = make_holder(scene.committee, Role.ADMINISTRATOR)
    for slug in ("meetings", "party-days", "talks"):
        answers = [
            signed_in(user).get(f"/w/ledgers/{slug}/").status_code for user in (scene.worker, administrator)
        ]
        assert answers == [200, 404]


def test_the_votes_stand_in_the_pdf(scene: Scene) -> None:
    record = a_meeting(scene.first, title="讨论年度计划")
    Vote.objects.create(record=record, matter="年度计划", eligible=12, present=11, yes=10, no=0, abstain=1)
    content = render_pdf(document(MEETINGS, "", None))
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert [words in text.replace("\n", "") for words in ("三会一课台账", "2026-11-05", "赞成10")] == [
        True
    ] * 3
