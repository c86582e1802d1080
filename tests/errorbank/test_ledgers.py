"""The ledgers of the error bank: who sees which rows, the filters, and the files they become."""

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from accounts.models import User
from branches.models import Organisation
from errorbank.actions.rechecks import assign_verifier, pass_recheck
from errorbank.ledgers import ERRORS, INSPECTIONS, RECHECKS, RECTIFICATION
from errorbank.models import Finding, Inspection
from errorbank.rules import ErrorCategory, Severity, Source, StepKind
from ledgers.document import LedgerDocument
from ledgers.ledger import Cell, Ledger, Tone
from tests.branches.conftest import signed_in
from tests.factories.errorbank import make_closed, make_entry, make_finding
from tests.ledgers.opened import cleaned_of, document_of, excel_rows, in_excel
from tests.reminders.scene import HOSTILE, ON, Scene

Counter = Callable[[int], AbstractContextManager[object]]


def document(ledger: Ledger, query: str, user: User | None) -> LedgerDocument:
    return document_of(ledger, query, user, on=ON)


def problems(query: str, user: User | None) -> list[object]:
    return [row[3] for row in document(RECTIFICATION, query, user).rows]


@pytest.mark.parametrize("ledger", [ERRORS, RECTIFICATION, INSPECTIONS, RECHECKS])
def test_the_columns_fill_an_a4_landscape_page(ledger: Ledger) -> None:
    assert 11 + sum(column.width for column in ledger.columns) == 269


def test_a_finding_with_its_rechecks(scene: Scene) -> None:
    entry = make_entry(severity=Severity.SERIOUS, problem="会议记录不全")
    made = make_closed(scene.first, fixer=scene.worker, closer=scene.staff, on=date(2026, 10, 1), entry=entry)
    pass_recheck(made.rechecks.get(), result="仍符合", by=scene.staff, on=date(2026, 11, 2))
    (row,) = document(RECTIFICATION, "", scene.worker).rows
    assert row == (
        1, scene.first.name, "三会一课", "会议记录不全", "党建检查", date(2026, 10, 1),
        Cell("严重", Tone.SOON), "补办并说明原因", "", date(2026, 10, 16), Cell("复查中", Tone.OK),
        date(2026, 10, 1), "2026-11-02 通过；2026-12-30 待复查",
    )  # fmt: skip


def test_rows_are_those_the_reader_may_see(scene: Scene) -> None:
    for place in (scene.second, scene.first, scene.foreign_branch):
        make_finding(place, problem=place.code)
    assert problems("", scene.worker) == [scene.first.code]
    assert problems("", scene.staff) == [scene.first.code, scene.second.code]
    assert problems(f"organisation={scene.second.code}", scene.staff) == [scene.second.code]
    assert problems("", scene.foreign_staff) == [scene.foreign_branch.code]
    assert problems("", None) == [scene.foreign_branch.code, scene.first.code, scene.second.code]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=all", ["旧", "新（自查）"]),
        ("state=unsettled", ["旧", "新（自查）"]),
        ("state=overdue", ["旧"]),
        ("state=closed", []),
        ("period=2025", ["旧"]),
        ("category=dues", ["新（自查）"]),
    ],
)
def test_filters(scene: Scene, query: str, expected: list[str]) -> None:
    make_finding(scene.first, problem="旧", on=date(2025, 12, 1))
    make_finding(scene.first, problem="新", self_reported=True, category=ErrorCategory.DUES)
    assert problems(query, scene.worker) == expected


def test_a_finding_stands_as_it_stood_on_the_day_asked_about(scene: Scene) -> None:
    entry = make_entry(severity=Severity.SERIOUS)
    made = make_closed(scene.first, fixer=scene.worker, closer=scene.staff, on=date(2026, 10, 1), entry=entry)
    first = made.rechecks.order_by("stage").first()
    assert first is not None
    pass_recheck(first, result="仍符合", by=scene.staff, on=date(2026, 11, 2))
    made.steps.filter(kind=StepKind.CLOSED).update(on=date(2026, 10, 9))
    made.steps.filter(kind=StepKind.SUBMITTED).update(on=date(2026, 10, 5))
    Finding.objects.filter(pk=made.pk).update(closed_on=date(2026, 10, 9))
    found = {}
    for day in (date(2026, 9, 30), date(2026, 10, 4), date(2026, 10, 8), date(2026, 10, 9), ON):
        rows = document_of(RECTIFICATION, "period=2026", scene.worker, on=day).rows
        found[day] = [(row[10], row[11], str(row[12]).split("；")[0]) for row in rows]
    waiting = f"{first.due_on:%Y-%m-%d} 待复查"
    assert list(found.values()) == [
        [],
        [(Cell("待整改"), None, waiting)],
        [(Cell("待审核", Tone.SOON), None, waiting)],
        [(Cell("复查中", Tone.OK), date(2026, 10, 9), waiting)],
        [(Cell("复查中", Tone.OK), date(2026, 10, 9), "2026-11-02 通过")],
    ]


# --- rechecks ------------------------------------------------------------------------------------------


def test_rechecks_with_what_came_of_them(scene: Scene) -> None:
    entry = make_entry(severity=Severity.SERIOUS, problem="会议记录不全")
    made = make_closed(scene.first, fixer=scene.worker, closer=scene.staff, on=date(2026, 7, 1), entry=entry)
    pass_recheck(made.rechecks.get(), result="仍符合", by=scene.staff, on=date(2026, 8, 3))
    assign_verifier(made.rechecks.get(stage=2), user=scene.staff, by=None, on=date(2026, 8, 4))
    found = document(RECHECKS, "", scene.worker)
    assert list(found.rows) == [
        (
            1, scene.first.name, "会议记录不全", date(2026, 7, 1), 1, date(2026, 7, 31), "复查人核对",
            scene.staff.name, date(2026, 8, 3), Cell("通过", Tone.OK), "仍符合",
        ),
        (
            2, scene.first.name, "会议记录不全", date(2026, 7, 1), 2, date(2026, 9, 29), "复查人核对",
            scene.staff.name, None, Cell("已过复查日期", Tone.LATE), "",
        ),
    ]  # fmt: skip
    assert excel_rows(found) == [tuple(in_excel(value) for value in row) for row in found.rows]
    july = document_of(RECHECKS, "period=2026-07", scene.worker, on=date(2026, 7, 31)).rows
    assert [(row[8], row[9], row[10]) for row in july] == [(None, Cell("待复查"), "")]
    assert [row[4] for row in document(RECHECKS, "period=2026-08", scene.worker).rows] == [1]
    assert [row[4] for row in document(RECHECKS, "state=waiting", scene.worker).rows] == [2]
    assert list(document(RECHECKS, "", scene.foreign_staff).rows) == []
    assert len(document(RECHECKS, "", None).rows) == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_rechecks_need_two_statements(scene: Scene, django_assert_num_queries: Counter, rows: int) -> None:
    entry = make_entry(severity=Severity.SERIOUS)
    for n in range(rows):
        on = date(2026, 7, n + 1)
        make_closed(scene.first, fixer=scene.worker, closer=scene.staff, on=on, entry=entry)
    cleaned = cleaned_of(RECHECKS, "period=2026-07", scene.staff, on=ON) | {"period": "2026Q3"}
    with django_assert_num_queries(2):
        assert len(list(RECHECKS.rows(scene.staff, cleaned, ON))) == rows


# --- inspections -----------------------------------------------------------------------------------------


def an_inspection(scene: Scene, *targets: Organisation, on: date = date(2026, 10, 8)) -> Inspection:
    made = Inspection.objects.create(
        organisation=scene.general, source=Source.PARTY_BUILDING_CHECK, title="季度互查", inspectors="党总支",
        since=on, until=on, clauses="三会一课", made_by=scene.staff,
    )  # fmt: skip
    made.targets.set(targets)
    return made


def test_an_inspection_is_one_row_for_each_branch(scene: Scene) -> None:
    made = an_inspection(scene, scene.second, scene.first)
    for place, closed_on in ((scene.first, None), (scene.first, date(2026, 11, 1)), (scene.general, None)):
        finding = make_finding(place, on=date(2026, 10, 8), inspection=made)
        Finding.objects.filter(pk=finding.pk).update(closed_on=closed_on)
    found = document(INSPECTIONS, "", scene.staff)
    day = date(2026, 10, 8)
    words = ("季度互查", "党建检查", "党总支", "三会一课")
    assert list(found.rows) == [
        (1, scene.general.name, day, day, *words, 1, 0, Cell("还有 1 个未销号", Tone.SOON)),
        (2, scene.first.name, day, day, *words, 2, 1, Cell("还有 1 个未销号", Tone.SOON)),
        (3, scene.second.name, day, day, *words, 0, 0, Cell("没有发现问题", Tone.OK)),
    ]
    assert excel_rows(found) == [tuple(in_excel(value) for value in row) for row in found.rows]
    assert [row[1] for row in document(INSPECTIONS, "", scene.worker).rows] == [scene.first.name]
    october = document_of(INSPECTIONS, "period=2026-10", scene.worker, on=date(2026, 10, 31)).rows
    assert [row[8:] for row in october] == [(2, 0, Cell("还有 2 个未销号", Tone.SOON))]


def test_inspections_of_a_period_and_a_source(scene: Scene) -> None:
    an_inspection(scene, scene.first, on=date(2025, 12, 31))
    an_inspection(scene, scene.foreign_branch)
    queries = ("period=2025", "period=2026", "period=2025Q4&source=self_check", "period=2025-12")
    assert [len(document(INSPECTIONS, query, scene.staff).rows) for query in queries] == [1, 0, 0, 1]
    assert len(document(INSPECTIONS, "period=2026", None).rows) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_inspections_need_five_statements(
    scene: Scene, django_assert_num_queries: Counter, rows: int
) -> None:
    for n in range(rows):
        made = an_inspection(scene, scene.first, on=date(2026, 10, n + 1))
        make_finding(scene.first, on=date(2026, 10, n + 1), inspection=made)
    cleaned = cleaned_of(INSPECTIONS, "", scene.staff, on=ON)
    with django_assert_num_queries(5):
        assert len(list(INSPECTIONS.rows(scene.staff, cleaned, ON))) == rows


# --- entries, files, statements --------------------------------------------------------------------------


def test_entries_that_reach_the_reader(scene: Scene) -> None:
    basis = [
        {"document": "支部工作条例", "article": "第四条", "verified": True},
        {"document": "本级规定", "verified": False},
    ]
    make_entry("EB900", basis=basis, severity=Severity.SERIOUS, problem="问题")
    make_entry("EB901", organisation=scene.foreign_general)
    make_entry("EB902", organisation=scene.general, category=ErrorCategory.DUES)
    rows = document(ERRORS, "", scene.worker).rows
    assert [row[1] for row in rows] == ["EB900", "EB902"]
    assert rows[0][5:] == (
        Cell("严重", Tone.SOON), "补办并说明原因", "抽查最近三次",
        "《支部工作条例》第四条；《本级规定》（待核实）",
    )  # fmt: skip
    assert [row[1] for row in document(ERRORS, "category=dues", scene.worker).rows] == ["EB902"]
    assert [row[1] for row in document(ERRORS, "", None).rows] == ["EB900", "EB901", "EB902"]


def test_the_excel_file_holds_the_same_cells(scene: Scene) -> None:
    make_finding(scene.first, problem=f"记录不全{HOSTILE}", on=date(2026, 10, 1))
    url = reverse("ledgers:ledger_export", args=["rectification", "xlsx"])
    answer = signed_in(scene.staff).get(url)
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    cells = {cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert {"问题整改台账", scene.first.name, f"记录不全{HOSTILE}", "已逾期"} - {
        str(cell) for cell in cells
    } == set()


def test_page_excel_and_pdf_hold_the_same_rows(scene: Scene, tmp_path: Path) -> None:
    """As the page shows them; what is empty it shows as a dash."""
    entry = make_entry(severity=Severity.SERIOUS, problem="会议记录不全")
    made = make_closed(scene.first, fixer=scene.worker, closer=scene.staff, on=date(2026, 10, 1), entry=entry)
    pass_recheck(made.rechecks.get(), result="仍符合", by=scene.staff, on=date(2026, 11, 2))
    make_finding(scene.second, problem="没有公示", on=date(2026, 10, 1), self_reported=True)
    client = signed_in(scene.staff)
    page = client.get(reverse("ledgers:ledger_preview", args=["rectification"])).content.decode()
    body = re.findall(r"<tr.*?</tr>", page.partition("<tbody>")[2], re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in body]
    shown = [[_bare(cell).replace("—", "") for cell in row] for row in cells]
    file = client.get(reverse("ledgers:ledger_export", args=["rectification", "xlsx"])).content
    sheet = load_workbook(io.BytesIO(file)).worksheets[0]
    written = [row for row in sheet.iter_rows(values_only=True) if row[0] in (1, 2)]
    assert [[_bare(_said(value)) for value in row] for row in written] == shown
    assert [row[3] for row in shown] == ["会议记录不全", "没有公示（自查）"]
    path = tmp_path / "ledger.pdf"
    call_command("export_ledger", "rectification", "--format", "pdf", "--output", str(path), verbosity=0)
    text = _bare("".join(page.extract_text() for page in PdfReader(path).pages))
    assert [cell for row in shown for cell in row if cell not in text] == []


def _said(value: object) -> str:
    return "" if value is None else f"{value:%Y-%m-%d}" if isinstance(value, datetime) else str(value)


def _bare(text: str) -> str:
    """Without marks and blanks, which each rendering sets in its own way."""
    return re.sub(r"<[^>]*>|\s", "", text)


@pytest.mark.parametrize(("slug", "words"), [("errors", "问题表现"), ("rectification", "整改期限")])
def test_the_pdf_is_written_and_can_be_read(scene: Scene, tmp_path: Path, slug: str, words: str) -> None:
    make_finding(scene.first, entry=make_entry("EB900", problem="记录不全"))
    path = tmp_path / "ledger.pdf"
    call_command("export_ledger", slug, "--format", "pdf", "--output", str(path), verbosity=0)
    page = PdfReader(path).pages[0].extract_text().replace("\n", "")
    assert (words in page, "记录不全" in page) == (True, True)


@pytest.mark.parametrize("rows", [1, 3])
def test_statements_do_not_grow(scene: Scene, django_assert_num_queries: Counter, rows: int) -> None:
    for n in range(rows):
        make_finding(scene.first, entry=make_entry(), problem=f"问题{n}")
    assert Finding.objects.count() == rows
    given = {"organisation": None, "state": "", "category": "", "period": "", "severity": "", "source": ""}
    with django_assert_num_queries(4):
        assert len(list(RECTIFICATION.rows(scene.staff, given, ON))) == rows
    with django_assert_num_queries(1):
        assert len(list(ERRORS.rows(scene.staff, given, ON))) == rows
