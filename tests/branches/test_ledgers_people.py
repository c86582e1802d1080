"""The roster, and posts with terms: as of which day, whose rows, and every cell of the files."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from pypdf import PdfReader

from accounts.models import User
from branches.ledgers import MEMBERS, POSTS
from branches.ledgers.posts import post_rows
from branches.models import Member, Membership, Organisation, OrganisationEvent, Term
from branches.rules import MemberStatus, OrganisationEventKind, OrganisationKind, Role
from ledgers.document import LedgerDocument
from ledgers.ledger import Cell, Ledger, Tone
from ledgers.renderers.pdf import render_pdf
from tests.branches.conftest import signed_in
from tests.factories.branches import make_group, make_holder, make_member, make_organisation, make_post
from tests.ledgers.opened import cleaned_of, document_of, excel_rows, in_excel
from tests.reminders.scene import ON, Scene, make_scene

Counter = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def document(ledger: Ledger, query: str, user: User | None) -> LedgerDocument:
    return document_of(ledger, query, user, on=ON)


def names(query: str, user: User | None) -> list[object]:
    return [row[2] for row in document(MEMBERS, query, user).rows]


@pytest.mark.parametrize("ledger", [MEMBERS, POSTS])
def test_the_columns_fill_an_a4_landscape_page(ledger: Ledger) -> None:
    assert 11 + sum(column.width for column in ledger.columns) == 269


# --- the roster ----------------------------------------------------------------------------------------


def a_person(branch: Organisation) -> Member:
    """Joined in 2010, full a year later, born on 29 February."""
    member = make_member(
        branch, name="汤宏伟", code="M-7", since=date(2010, 7, 1), birth_on=date(1984, 2, 29),
        home_department="综合科", assigned=True,
    )  # fmt: skip
    make_group(branch, leader=member)
    make_post(branch, Role.SECRETARY, member=member)
    make_post(branch, Role.WORKER, member=member, until=date(2026, 11, 17))
    return member


def test_a_person_of_the_roster(scene: Scene) -> None:
    a_person(scene.first)
    found = document(MEMBERS, "", scene.worker)
    (row,) = found.rows
    assert row == (
        1, scene.first.name, "汤宏伟", "M-7", Cell("正式党员", Tone.OK), date(2010, 7, 1), 16, 42,
        "第一党小组（组长）", "书记", "综合科", "抽调",
    )  # fmt: skip
    assert excel_rows(found) == [tuple(in_excel(value) for value in row)]
    assert found.file_name("xlsx") == f"党员名册_{scene.first.name}_2026-11-18.xlsx"


def test_who_is_on_the_way_has_neither_standing_nor_joining_day(scene: Scene) -> None:
    make_member(scene.first, name="预", status=MemberStatus.PROBATIONARY, since=date(2026, 3, 1))
    make_member(scene.first, name="积", status=MemberStatus.ACTIVIST, since=date(2026, 3, 1))
    assert names("", scene.worker) == ["预"]
    rows = document(MEMBERS, "status=probationary&status=activist", scene.worker).rows
    assert [(row[2], *row[4:8]) for row in rows] == [
        ("预", Cell("预备党员"), date(2026, 3, 1), None, None),
        ("积", Cell("入党积极分子"), None, None, None),
    ]


def test_a_past_day_shows_who_was_there_then_and_opens_nobody_of_others(scene: Scene) -> None:
    moved = a_person(scene.first)
    Membership.objects.filter(member=moved).update(until=date(2026, 7, 1))
    make_member(scene.first, name="新来", since=date(2026, 8, 1))
    Membership.objects.create(
        member=moved, organisation=scene.second, status=MemberStatus.FULL, since=date(2026, 7, 1)
    )
    assert names("", scene.worker) == ["新来"]
    past = document(MEMBERS, "period=2026-06-30", scene.worker)
    (row,) = past.rows
    assert row == (
        1, scene.first.name, "汤宏伟", None, Cell("正式党员", Tone.OK), None, None, None,
        "第一党小组（组长）", "书记、党务工作者", None, "现不在本支部",
    )  # fmt: skip
    assert (past.heading.period, past.heading.file_period) == ("2026 年 6 月 30 日", "2026-06-30")
    # Staff may open both branches, so nothing is kept from them.
    assert document(MEMBERS, "period=2026Q2", scene.staff).rows[0][2:8] == (
        "汤宏伟", "M-7", Cell("正式党员", Tone.OK), date(2010, 7, 1), 15, 42,
    )  # fmt: skip


def test_the_day_is_the_last_of_a_period_and_never_after_today(scene: Scene) -> None:
    shown = [
        document(MEMBERS, f"period={text}", scene.worker).heading.file_period
        for text in ("2025", "2026", "2026-10", "2026Q3", "2026-11-13", "2026-12-24")
    ]
    assert shown == ["2025-12-31", "2026-11-18", "2026-10-31", "2026-09-30", "2026-11-13", "2026-11-18"]


def test_the_roster_shows_the_name_of_that_day(scene: Scene) -> None:
    make_member(scene.first)
    OrganisationEvent.objects.create(
        organisation=scene.first, kind=OrganisationEventKind.RENAMED, on=date(2026, 9, 1),
        before="旧名党支部", after=scene.first.name,
    )  # fmt: skip
    then, now = (document(MEMBERS, f"period={text}", scene.worker).rows for text in ("2026-08", "2026-09"))
    assert [rows[0][1] for rows in (then, now)] == ["旧名党支部", scene.first.name]


def test_the_roster_is_that_of_the_tree_below(scene: Scene) -> None:
    for place, name in ((scene.second, "二"), (scene.first, "一"), (scene.foreign_branch, "外")):
        make_member(place, name=name)
    assert names("", scene.worker) == ["一"]
    assert names("", scene.staff) == ["一", "二"]
    assert names(f"organisation={scene.committee.code}", scene.overseer) == ["一", "二"]
    assert names(f"organisation={scene.second.code}", scene.staff) == ["二"]
    assert names("", None) == ["外", "一", "二"]


def test_the_roster_needs_six_statements(scene: Scene, django_assert_num_queries: Counter) -> None:
    cleaned = cleaned_of(MEMBERS, "", scene.staff, on=ON)
    for rows, place in ((1, scene.first), (2, scene.second), (3, scene.second)):
        make_group(place, f"组{rows}", leader=make_member(place))
        with django_assert_num_queries(6):
            assert len(list(MEMBERS.rows(scene.staff, cleaned, ON))) == rows


def test_who_may_open_the_roster(scene: Scene) -> None:
    administrator = make_holder(scene.committee, Role.ADMINISTRATOR)
    answers = [
        signed_in(user).get("/w/ledgers/members/").status_code for user in (scene.worker, administrator)
    ]
    assert answers == [200, 404]


# --- posts and terms --------------------------------------------------------------------------------------


def secretary(branch: Organisation, *, ends_on: date = date(2027, 11, 18), **post: object) -> Term:
    make_post(branch, Role.SECRETARY, member=make_member(branch, name="钱永顺"), **post)  # type: ignore[arg-type]  # dates
    return Term.objects.create(organisation=branch, elected_on=date(2024, 11, 18), ends_on=ends_on)


def test_a_post_with_its_term(scene: Scene) -> None:
    secretary(scene.first, since=date(2024, 11, 18))
    found = document(POSTS, "", scene.worker)
    first, keeper = found.rows
    assert keeper[2:] == (
        "党务工作者", scene.worker.name, date(2015, 1, 1), None, Cell("在任", Tone.OK),
        None, None, None, None,
    )  # fmt: skip
    assert first == (
        1, scene.first.name, "书记", "钱永顺", date(2024, 11, 18), None, Cell("在任", Tone.OK),
        date(2024, 11, 18), date(2027, 11, 18), 365, Cell("任期内", Tone.OK),
    )  # fmt: skip
    assert excel_rows(found)[0] == tuple(in_excel(value) for value in first)


@pytest.mark.parametrize(
    ("ends_on", "cell", "left"),
    [
        (date(2026, 11, 17), Cell("任期已届满", Tone.LATE), -1),
        (date(2026, 11, 18), Cell("即将届满，准备换届", Tone.SOON), 0),
        (date(2027, 5, 18), Cell("即将届满，准备换届", Tone.SOON), 181),
        (date(2027, 5, 19), Cell("任期内", Tone.OK), 182),
    ],
)
def test_how_a_term_stands(scene: Scene, ends_on: date, cell: Cell, left: int) -> None:
    secretary(scene.first, ends_on=ends_on)
    assert document(POSTS, "role=secretary", scene.worker).rows[0][9:] == (left, cell)


def test_an_extension_counts_from_the_day_it_was_decided(scene: Scene) -> None:
    term = secretary(scene.first, ends_on=date(2026, 10, 1))
    term.extended_to = date(2027, 10, 1)
    term.save()
    OrganisationEvent.objects.create(
        organisation=scene.first, kind=OrganisationEventKind.TERM_EXTENDED, on=date(2026, 9, 15), term=term
    )
    rows = [
        document(POSTS, f"role=secretary&period={text}", scene.worker).rows[0] for text in ("2026-08", "2026")
    ]
    assert [row[8:] for row in rows] == [
        (date(2026, 10, 1), 31, Cell("即将届满，准备换届", Tone.SOON)),
        (date(2027, 10, 1), 317, Cell("任期内（已延期）", Tone.OK)),
    ]


def test_posts_of_a_period(scene: Scene) -> None:
    make_post(
        scene.first, Role.SECRETARY, member=make_member(scene.first, name="前任"), until=date(2026, 6, 30)
    )
    make_post(
        scene.first, Role.SECRETARY, member=make_member(scene.first, name="现任"), since=date(2026, 7, 1)
    )

    def held(query: str) -> list[tuple[object, object]]:
        return [(row[3], row[6]) for row in document(POSTS, f"role=secretary&{query}", scene.worker).rows]

    on, off = Cell("在任", Tone.OK), Cell("已离任")
    assert held("") == [("现任", on)]
    assert held("period=2026-06") == [("前任", on)]
    assert held("period=2026") == [("前任", off), ("现任", on)]
    assert held("period=2026&state=held") == [("现任", on)]
    assert held("period=2026&state=ended") == [("前任", off)]
    assert held("period=2014") == []


def test_a_branch_without_a_term_says_so_and_a_temporary_one_holds_no_elections(scene: Scene) -> None:
    place = make_organisation(kind=OrganisationKind.TEMPORARY_BRANCH, parent=scene.first)
    for branch in (scene.first, place):
        make_post(branch, Role.SECRETARY, member=make_member(branch))
    rows = document(POSTS, "role=secretary", scene.worker).rows
    assert [row[10] for row in rows] == [Cell("任期未登记", Tone.SOON), None]


def test_administrators_hold_no_post_of_the_party(scene: Scene) -> None:
    make_holder(scene.general, Role.ADMINISTRATOR)
    assert [row[2] for row in document(POSTS, "", scene.staff).rows] == ["党总支党务干部", "党务工作者"]
    assert len(document(POSTS, "", scene.foreign_staff).rows) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_posts_need_five_statements(scene: Scene, django_assert_num_queries: Counter, rows: int) -> None:
    for place in (scene.first, scene.second, scene.foreign_branch)[:rows]:
        secretary(place)
    cleaned = cleaned_of(POSTS, "role=secretary", None, on=ON)
    with django_assert_num_queries(5):
        assert len(list(post_rows(None, cleaned, ON))) == rows


def test_the_roster_as_pdf(scene: Scene) -> None:
    a_person(scene.first)
    text = "".join(
        page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(document(MEMBERS, "", None)))).pages
    )
    assert [word in text for word in ("党员名册", "汤宏伟", "2010-07-01", "综合科")] == [True] * 4
