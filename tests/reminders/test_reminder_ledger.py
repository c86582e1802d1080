"""The reminder ledger: its rows, its filter, the files it becomes."""

import io
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.rules import Role
from ledgers.document import LedgerDocument, build_document
from ledgers.ledger import Cell, Tone
from periods.spans import UnknownPeriod, days_of
from reminders.ledgers.items import COLUMNS, REMINDERS, state_cell
from reminders.rules import ItemState
from tests.factories.branches import make_holder
from tests.factories.reminders import make_task
from tests.reminders.scene import (
    CENTRAL_BASIS,
    HOSTILE,
    ON,
    Scene,
    central_action,
    done,
    make_item,
    make_scene,
)

pytestmark = pytest.mark.django_db
AS_OF = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
ENTERED = datetime(2026, 11, 6, 18, 30, tzinfo=UTC)
BASIS = "《支部工作条例》第十四条"


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def document(query: str, user: User | None) -> LedgerDocument:
    form = REMINDERS.filter_form.filled(QueryDict(query), user=user, on=ON)
    assert form.is_valid(), form.errors
    return build_document(REMINDERS, form, user=user, on=ON, as_of=AS_OF)


def subjects(found: LedgerDocument) -> list[object]:
    return [row[3] for row in found.rows]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026H2", date(2026, 7, 1), date(2026, 12, 31)),
        (" 2026 ", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_written_period_is_a_range_of_days(text: str, first: date, last: date) -> None:
    assert days_of(text) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-1", "2026Q5", "2026H3", "0000", "十一月", "2026-11-01"]
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(UnknownPeriod, match="没有认出期间"):
        days_of(text)


@pytest.mark.parametrize(
    ("state", "due_on", "done_on", "cell"),
    [
        (ItemState.DONE, ON, ON, Cell("按时完成", Tone.OK)),
        (ItemState.DONE, date(2026, 11, 1), ON, Cell("逾期完成", Tone.SOON)),
        (ItemState.OPEN, date(2026, 11, 17), None, Cell("已逾期", Tone.LATE)),
        (ItemState.OPEN, ON, None, Cell("即将到期", Tone.SOON)),
        (ItemState.OPEN, date(2026, 11, 30), None, Cell("待办")),
        (ItemState.RETURNED, date(2026, 11, 30), None, Cell("退回", Tone.SOON)),
        (ItemState.RETURNED, date(2026, 11, 1), None, Cell("退回，已逾期", Tone.LATE)),
        (ItemState.NOT_APPLICABLE, ON, None, Cell("不适用")),
        (ItemState.WITHDRAWN, ON, None, Cell("已撤下")),
    ],
)
def test_states_in_words(state: ItemState, due_on: date, done_on: date | None, cell: Cell) -> None:
    assert state_cell(state, due_on=due_on, done_on=done_on, on=ON) == cell


def test_the_columns_fill_an_a4_landscape_page() -> None:
    assert 11 + sum(column.width for column in COLUMNS) == 269


def test_a_row_holds_the_true_and_the_entry_date(scene: Scene) -> None:
    item = make_item(
        scene.first, central_action(), due_on=date(2026, 11, 9), subject="member:1", subject_name="钱永顺",
        responsible_name="汤宏伟", done_at=ENTERED, **done(date(2026, 11, 6)),
    )  # fmt: skip
    (row,) = document("", scene.worker).rows
    assert row == (
        1, scene.first.name, "支部党员大会", "钱永顺", "2026 年 11 月", item.due_on,
        Cell("按时完成", Tone.OK), date(2026, 11, 6), date(2026, 11, 7), "汤宏伟", BASIS,
    )  # fmt: skip


def test_rows_are_those_the_reader_may_see(scene: Scene) -> None:
    action = central_action()
    for place in (scene.general, scene.first, scene.second, scene.foreign_branch):
        make_item(place, action, subject_name=place.code)
    codes = {
        "worker": subjects(document("", scene.worker)),
        "staff": subjects(document("", scene.staff)),
        "foreign": subjects(document("", scene.foreign_staff)),
        "command": subjects(document("", None)),
    }
    assert codes == {
        "worker": [scene.first.code],
        "staff": [scene.general.code, scene.first.code, scene.second.code],
        "foreign": [scene.foreign_branch.code],
        "command": [scene.general.code, scene.foreign_branch.code, scene.first.code, scene.second.code],
    }


def test_a_general_branch_stands_for_everything_below_it(scene: Scene) -> None:
    action = central_action()
    make_item(scene.second, action, subject_name="下级")
    found = document(f"organisation={scene.general.code}", scene.staff)
    assert subjects(found) == ["下级"]
    assert (found.heading.organisation, found.heading.period) == ("党总支", "2026 年 11 月")
    assert found.file_name("xlsx") == "提醒事项台账_党总支_2026-11.xlsx"
    assert subjects(document(f"organisation={scene.first.code}", scene.staff)) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("period=2026-11", ["本月应办", "晚做", "退回"]),
        ("period=2026-10", ["晚做", "早办"]),
        ("period=2026Q4", ["早办", "晚做", "退回", "本月应办"]),
        ("period=2026", ["早办", "晚做", "退回", "本月应办"]),
        ("period=2025", []),
        ("period=2026Q4&state=done", ["早办", "晚做"]),
        ("period=2026Q4&state=returned&state=withdrawn", ["退回", "撤下"]),
        ("period=2026Q4&action=b", ["退回"]),
    ],
)
def test_the_filter(scene: Scene, query: str, expected: list[str]) -> None:
    a, b = central_action("a"), central_action("b")
    make_item(scene.first, a, due_on=date(2026, 11, 30), subject="1", subject_name="本月应办")
    make_item(
        scene.first, a, due_on=date(2026, 10, 20), subject="2", subject_name="晚做", **done(date(2026, 11, 2))
    )
    make_item(
        scene.first, a, due_on=date(2026, 10, 9), subject="3", subject_name="早办", **done(date(2026, 10, 8))
    )
    make_item(scene.first, b, due_on=date(2026, 11, 10), subject_name="退回", state=ItemState.RETURNED)
    make_item(
        scene.first, a, due_on=date(2026, 11, 12), subject="5", subject_name="撤下",
        state=ItemState.WITHDRAWN, reason="任务已撤回",
    )  # fmt: skip
    assert sorted(subjects(document(query, scene.staff)), key=str) == sorted(expected)


def test_a_reason_stands_in_the_place_of_the_basis(scene: Scene) -> None:
    make_item(scene.first, central_action(), state=ItemState.NOT_APPLICABLE, reason="本季度没有此类情况")
    (row,) = document("", scene.staff).rows
    assert (row[6], row[10]) == (Cell("不适用"), "本季度没有此类情况")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("period=2026-13", "period"),
        ("state=nothing", "state"),
        ("action=nothing", "action"),
        ("organisation=X", "organisation"),
    ],
)
def test_an_unknown_filter_is_a_sentence(scene: Scene, query: str, field: str) -> None:
    form = REMINDERS.filter_form.filled(QueryDict(query), user=scene.staff, on=ON)
    assert list(form.errors) == [field]


def test_a_special_task_is_a_choice_of_those_it_was_sent_to_and_of_their_overseers(scene: Scene) -> None:
    task = make_task(scene.general, [scene.second], start=ON, end=date(2026, 11, 30))
    target = make_holder(scene.second, Role.WORKER)
    offered = {}
    for name in ("worker", "staff", "overseer", "foreign_staff"):
        form: Any = REMINDERS.filter_form(None, user=getattr(scene, name), on=ON)
        offered[name] = [code for code, _ in form.fields["action"].choices if code]
    form = REMINDERS.filter_form(None, user=target, on=ON)
    offered["target"] = [code for code, _ in form.fields["action"].choices if code]
    code = task.action.code
    assert offered == {
        "worker": [],
        "staff": [code],
        "overseer": [code],
        "foreign_staff": [],
        "target": [code],
    }


def test_foreign_organisations_and_actions_are_no_choice(scene: Scene) -> None:
    central_action("shipped")
    own = central_action("own", organisation=scene.general, name="总支自定")
    central_action("foreign", organisation=scene.foreign_general, name="外单位自定")
    form = REMINDERS.filter_form.filled(
        QueryDict(f"organisation={scene.foreign_branch.code}"), user=scene.worker, on=ON
    )
    assert list(form.errors) == ["organisation"]
    offered: Any = form.fields["action"]
    assert [code for code, _ in offered.choices] == ["", own.code, "shipped"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_rows_need_two_queries(
    scene: Scene, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for n in range(rows):
        make_item(scene.first, central_action(f"a{n}"))
    form = REMINDERS.filter_form.filled(QueryDict(""), user=scene.staff, on=ON)
    assert form.is_valid()
    with django_assert_num_queries(2):
        found = list(REMINDERS.rows(scene.staff, form.cleaned_data, ON))
    assert len(found) == rows


# ---- page and files --------------------------------------------------------------------------------------


def test_the_preview_shows_hostile_text_as_text(scene: Scene, client: Client) -> None:
    make_item(scene.first, central_action(name=HOSTILE), subject_name=HOSTILE)
    client.force_login(scene.worker)
    page = client.get(reverse("ledgers:ledger_preview", args=["reminders"])).content.decode()
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2


def test_who_has_no_post_does_not_find_it(scene: Scene, client: Client) -> None:
    client.force_login(scene.worker)
    scene.worker.posts.update(until=date(2026, 11, 17))
    assert client.get(reverse("ledgers:ledger_preview", args=["reminders"])).status_code == 404


def export(path: Path, **options: str) -> Path:
    call_command("export_ledger", "reminders", output=path, format=path.suffix[1:], **options)
    return path


def test_the_command_writes_an_excel_file_with_real_dates(scene: Scene, tmp_path: Path) -> None:
    make_item(scene.first, central_action(name="=1+1"), done_at=ENTERED, **done(date(2026, 11, 6)))
    path = export(tmp_path / "台账.xlsx", organisation=scene.first.code, period="2026-11")
    sheet: Any = load_workbook(io.BytesIO(path.read_bytes())).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(n for n, row in enumerate(rows) if row[0] == "序号")
    assert rows[head] == ["序号", *(column.title for column in COLUMNS)]
    # A date cell is read back as a moment without a zone.
    days = [datetime.combine(date(2026, 11, day), time()) for day in (30, 6, 7)]
    assert rows[head + 1] == [
        1, scene.first.name, "=1+1", None, "2026 年 11 月", *days[:1], "按时完成", *days[1:], None, BASIS,
    ]  # fmt: skip
    assert sheet.cell(head + 2, 3).data_type == "s"


def test_the_command_writes_a_pdf(scene: Scene, tmp_path: Path) -> None:
    make_item(scene.first, central_action(legal_basis=CENTRAL_BASIS))
    path = export(tmp_path / "台账.pdf", organisation=scene.general.code, period="2026Q4")
    reader = PdfReader(path)
    text = "".join(page.extract_text() for page in reader.pages)
    assert (len(reader.pages), round(reader.pages[0].mediabox.width)) == (1, 842)
    for words in ("提醒事项台账", "支部党员大会", "2026年第四季度", "第1页"):
        assert words in text.replace(" ", "")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"organisation": "NOBODY"}, "没有这个组织"),
        ({"period": "2026-13"}, "没有认出期间“2026-13”"),
    ],
)
def test_bad_input_of_the_command_is_one_sentence(
    scene: Scene, tmp_path: Path, options: dict[str, str], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        export(tmp_path / "台账.xlsx", **options)
    assert list(tmp_path.iterdir()) == []
