"""The ledger of training hours: what the catalogue asks, what the records add up to, how a year stands."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from branches.models import Member, Membership, Organisation
from branches.rules import MemberStatus, Role
from ledgers.document import LedgerDocument
from ledgers.ledger import Cell, Tone
from records.models import Record
from records.rules import RecordKind
from reminders.ledgers import HOURS
from reminders.models import Action, Adoption
from tests.factories.branches import make_member, make_post
from tests.factories.records import make_held, moment
from tests.factories.reminders import make_action
from tests.ledgers.opened import cleaned_of, document_of, excel_rows, in_excel
from tests.reminders.scene import ON, Scene, make_scene

Counter = Callable[[int], AbstractContextManager[object]]
EVERYBODY = {"kind": "yearly_window", "min_hours": 32, "checkpoints": {"06-30": 16, "09-30": 24}}
COMMITTEE = {"kind": "yearly_window", "min_hours": 56}


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def for_everybody() -> Action:
    return make_action("all_hours", due_rule=EVERYBODY, record_kind=RecordKind.HOURS, applies_when=["all"])


def for_the_committee(**fields: Any) -> Action:
    asked = ["role:secretary", "role:committee_member"]
    return make_action(
        "office_hours", due_rule=COMMITTEE, record_kind=RecordKind.HOURS, applies_when=asked, **fields
    )


def attended(branch: Organisation, *people: Member, on: date, hours: str) -> Record:
    return make_held(branch, on=on, kind=RecordKind.LECTURE, present=people, hours=Decimal(hours))


def document(query: str, user: User | None, *, on: date = ON) -> LedgerDocument:
    return document_of(HOURS, query, user, on=on)


def test_the_columns_fill_an_a4_landscape_page() -> None:
    assert 11 + sum(column.width for column in HOURS.columns) == 269


def test_hours_and_what_the_checkpoints_ask(scene: Scene) -> None:
    for_everybody()
    for_the_committee()
    member = make_member(scene.first, name="汤宏伟", code="1")
    secretary = make_member(scene.first, name="钱永顺", code="2")
    make_post(scene.first, Role.SECRETARY, member=secretary)
    attended(scene.first, member, secretary, on=date(2026, 6, 30), hours="18")
    attended(scene.first, member, on=date(2026, 7, 1), hours="4.5")
    found = document("", scene.worker)
    assert list(found.rows) == [
        (
            1, scene.first.name, "汤宏伟", "", Decimal(32), Decimal("22.5"), 2,
            "06-30：18／16\n09-30：22.5／24", Decimal("9.5"),
            Cell("低于进度，差 1.5 学时", Tone.SOON),
        ),
        (
            2, scene.first.name, "钱永顺", "书记", Decimal(56), Decimal(18), 1,
            "06-30：18／16\n09-30：18／24", Decimal(38),
            Cell("低于进度，差 6 学时", Tone.SOON),
        ),
    ]  # fmt: skip
    assert excel_rows(found) == [tuple(in_excel(value) for value in row) for row in found.rows]
    assert found.heading.period == "2026 年度，1 月 1 日至 11 月 18 日"


def test_a_coming_checkpoint_says_only_what_it_asks(scene: Scene) -> None:
    for_everybody()
    make_member(scene.first)
    assert document("period=2026H1", scene.worker).rows[0][7] == "06-30：0／16\n09-30：—／24"


@pytest.mark.parametrize(
    ("period", "on", "hours", "cell"),
    [
        ("2026-05", ON, "1", Cell("进度正常")),
        ("2026-06", ON, "15", Cell("低于进度，差 1 学时", Tone.SOON)),
        ("2026H1", ON, "16", Cell("进度正常")),
        ("2026", ON, "24", Cell("进度正常")),
        ("2026", ON, "32", Cell("已达标", Tone.OK)),
        ("2026", date(2027, 1, 9), "31.5", Cell("年度未达标", Tone.SOON)),
        ("2026", date(2027, 1, 9), "32", Cell("已达标", Tone.OK)),
    ],
)
def test_how_a_year_stands(scene: Scene, period: str, on: date, hours: str, cell: Cell) -> None:
    for_everybody()
    attended(scene.first, make_member(scene.first), on=date(2026, 5, 8), hours=hours)
    assert [row[9] for row in document(f"period={period}", scene.worker, on=on).rows] == [cell]


def test_a_suggested_action_asks_nobody_until_it_is_adopted(scene: Scene) -> None:
    action = for_the_committee(default_adopted=False)
    secretary = make_member(scene.first)
    make_post(scene.first, Role.SECRETARY, member=secretary)
    assert [row[4:] for row in document("", scene.worker).rows] == [
        (None, Decimal(0), 0, "", None, Cell("没有学时要求"))
    ]
    Adoption.objects.create(
        action=action,
        organisation=scene.general,
        valid_from=date(2026, 7, 1),
        adopted=True,
        made_by=scene.staff,
    )
    assert [document(f"period={p}", scene.worker).rows[0][4] for p in ("2026-06", "2026")] == [
        None,
        Decimal(56),
    ]


def test_hours_of_the_year_as_known_on_the_day(scene: Scene) -> None:
    for_everybody()
    member = make_member(scene.first)
    attended(scene.first, member, on=date(2025, 12, 31), hours="9")
    attended(scene.first, member, on=date(2026, 11, 18), hours="2")
    gone = attended(scene.first, member, on=date(2026, 3, 1), hours="4")
    Record.objects.filter(pk=gone.pk).update(cancelled_at=moment(date(2026, 11, 10)))
    make_held(scene.first, on=date(2026, 3, 1), kind=RecordKind.DOCUMENT, present=(member,), hours=Decimal(5))
    days = [date(2026, 11, 9), date(2026, 11, 17), ON]
    assert [document("", scene.worker, on=day).rows[0][5] for day in days] == [
        Decimal(4),
        Decimal(0),
        Decimal(2),
    ]


def test_hours_go_with_the_person_and_the_row_with_the_branch_of_that_day(scene: Scene) -> None:
    for_everybody()
    member = make_member(scene.first, name="调动")
    attended(scene.first, member, on=date(2026, 3, 1), hours="4")
    Membership.objects.filter(member=member).update(until=date(2026, 7, 1))
    Membership.objects.create(
        member=member, organisation=scene.second, status=MemberStatus.FULL, since=date(2026, 7, 1)
    )
    make_member(scene.foreign_branch)
    make_member(scene.first, status=MemberStatus.ACTIVIST)
    assert list(document("", scene.worker).rows) == []
    assert [row[1:6] for row in document("", scene.staff).rows] == [
        (scene.second.name, "调动", "", Decimal(32), Decimal(4))
    ]
    assert [row[1] for row in document("period=2026H1", scene.staff).rows] == [scene.first.name]
    assert len(document("", None).rows) == 2
    assert len(document("state=behind", scene.staff).rows) == 1
    assert list(document("state=enough", scene.staff).rows) == []


def test_the_hours_need_six_statements(scene: Scene, django_assert_num_queries: Counter) -> None:
    for_everybody()
    cleaned = cleaned_of(HOURS, "", scene.staff, on=ON)
    for rows, place in ((1, scene.first), (2, scene.second), (3, scene.second)):
        attended(place, make_member(place), on=date(2026, 3, 1), hours="2")
        with django_assert_num_queries(6):
            assert len(list(HOURS.rows(scene.staff, cleaned, ON))) == rows
