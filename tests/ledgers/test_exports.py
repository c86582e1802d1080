"""Exports: numbered, kept, made again as they were, compared with now, found by what a paper says."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from secrets import token_hex
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from accounts.models import User
from audit.models import AuditEvent
from jobs.actions import claim
from jobs.models import Job, JobState
from ledgers import actions, demo
from ledgers.actions import export, render_job
from ledgers.exports import queries
from ledgers.exports.actions import forget_rows
from ledgers.exports.compare import differences
from ledgers.exports.queries import RowsDamagedError, document_of
from ledgers.exports.snapshots import packed, unpacked
from ledgers.ledger import Cell, Column, Ledger, Row, Tone
from ledgers.models import KEEP_ROWS, Export, ExportedRows
from ledgers.tasks import forget_exported_rows
from tests.factories.branches import make_user
from tests.ledgers import sample
from tests.ledgers.sample import AS_OF, COLUMNS, ON, ROWS, make_ledger, registered, topic_row

pytestmark = pytest.mark.django_db

LIST = reverse("ledgers:export_list")
CHECK = reverse("ledgers:export_check")
XLSX = reverse("ledgers:ledger_export", args=["sample", "xlsx"])
MANY = 1200


def exported(ledger: Ledger, user: User | None, query: str = "", *, kind: str = "xlsx") -> Export:
    export(sample.document_of(ledger, query, user=user), kind, by=user)
    return Export.objects.latest("pk")


def address(made: Export, page: str = "detail", *more: str) -> str:
    return reverse(f"ledgers:export_{page}", args=[made.number, *more])


def again(client: Client, made: Export, extension: str = "xlsx") -> bytes:
    response = client.post(address(made, "again", extension))
    assert response.status_code == 200
    return response.content


def words(content: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(content)).pages)


def foot(content: bytes) -> str:
    """The line with the checksum."""
    sheet: Any = load_workbook(BytesIO(content)).active
    return next(str(row[0]) for row in sheet.iter_rows(values_only=True) if "校验值" in str(row[0]))


# ---- written down ------------------------------------------------------------------------------------


def test_an_export_is_one_row_with_all_its_paper_says(ledger: Ledger, everybody: User) -> None:
    document = sample.document_of(ledger, "organisation=HTP&state=late", user=everybody, sort="-held")
    content = export(document, "xlsx", by=everybody)
    made = Export.objects.get()
    told = (made.number, made.kind, made.owner, made.ledger, made.title, made.version, made.query, made.sort)
    query = "organisation=HTP&period=2026-11&state=late"
    assert told == ("2026-0001", "xlsx", everybody, "sample", "支部活动台账", "1", query, "-held")
    said = (made.organisation, made.period, made.file_period, made.filter_sentence, made.order_note)
    assert said == ("红土坡烟站党支部", "2026 年 11 月", "2026-11", "状态：已逾期", "按日期降序")
    assert (made.as_of, made.rows, made.checksum, made.codes) == (AS_OF, 1, document.checksum, "HTP")
    assert f"导出编号：2026-0001　　校验值：{document.checksum}" in foot(content)


def test_numbers_count_within_the_year_of_the_rows(ledger: Ledger, everybody: User) -> None:
    document = sample.document_of(ledger, user=everybody)
    for moment in (AS_OF, AS_OF.replace(year=2027), AS_OF, AS_OF.replace(month=12, day=31, hour=20)):
        export(replace(document, as_of=moment), "xlsx", by=everybody)
    numbers = list(Export.objects.order_by("pk").values_list("number", flat=True))
    # The evening in Greenwich is the morning of New Year here.
    assert numbers == ["2026-0001", "2027-0001", "2026-0002", "2027-0002"]


def test_a_file_that_fails_is_no_export(
    ledger: Ledger, everybody: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_ROWS", 2)
    with pytest.raises(actions.TooManyRowsError):
        exported(ledger, everybody, kind="pdf")
    assert (Export.objects.count(), AuditEvent.objects.count()) == (0, 0)


def test_every_type_comes_back_as_it_was() -> None:
    rows: list[Row] = [*ROWS, ("行\n二", None, "\u2028\"'", -1, None, None, Cell("", Tone.NONE), None)]
    content = packed(rows, limit=10**6)
    assert content is not None
    back = list(unpacked(content))
    assert back == rows
    assert [[type(value) for value in row] for row in back] == [[type(v) for v in row] for row in rows]
    # A number keeps its places: 20.00 is not 20.
    assert str(back[0][5]) == "20.00"


def test_many_rows_come_back_and_too_many_bytes_do_not() -> None:
    rows = [topic_row(f"第 {number} 次学习" * 9) for number in range(MANY)]
    content = packed(rows, limit=10**6)
    assert content is not None
    assert list(unpacked(content)) == rows
    assert packed([topic_row(token_hex(400)) for _ in range(99)], limit=1000) is None
    assert list(unpacked(packed([], limit=100) or b"")) == []


def test_above_the_limit_no_rows_are_kept(
    signed_in: Client, everybody: User, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledgers.exports.actions.MOST_KEPT_ROWS", 2)
    made = exported(ledger, everybody)
    assert (ExportedRows.objects.count(), document_of(made)) == (0, None)
    assert signed_in.get(LIST).content.decode().count("内容未保留") == 1
    refused = [signed_in.post(address(made, "again", "xlsx")), signed_in.get(address(made, "compare"))]
    assert [response.status_code for response in refused] == [404, 404]


def test_rows_are_kept_for_400_days(ledger: Ledger, everybody: User) -> None:
    old, young = exported(ledger, everybody), exported(ledger, everybody)
    now = timezone.now()
    Export.objects.filter(pk=old.pk).update(made_at=now - KEEP_ROWS - timedelta(hours=1))
    Export.objects.filter(pk=young.pk).update(made_at=now - KEEP_ROWS + timedelta(hours=1))
    forget_exported_rows()
    assert list(ExportedRows.objects.values_list("export", flat=True)) == [young.pk]
    assert (forget_rows(now=now), Export.objects.count()) == (0, 2)


# ---- made again ----------------------------------------------------------------------------------------


def test_made_again_it_is_the_same_although_all_has_changed(signed_in: Client, everybody: User) -> None:
    rows = [topic_row(f"第 {number} 次") for number in range(3)]
    with registered(make_ledger(rows, version="1")):
        first = signed_in.get(f"{XLSX}?state=ok&sort=-topic").content
        made = Export.objects.get()
        pdf = again(signed_in, made, "pdf")
    changed = [topic_row("第 1 次"), topic_row("补登"), topic_row("改过")]
    columns = (*COLUMNS[:-1], Column("entered", "改了名的栏", COLUMNS[-1].kind, width=40))
    with registered(make_ledger(changed, version="2", title="改名台账", columns=columns)):
        assert again(signed_in, made) == first
        assert words(again(signed_in, made, "pdf")) == words(pdf)
        fresh = signed_in.get(f"{XLSX}?state=ok&sort=-topic").content
    assert (made.number in foot(first), made.number in foot(fresh)) == (True, False)
    assert words(pdf).count(f"导出编号：{made.number}") == 1
    # It is written down as what it is, and is no new export.
    events = list(AuditEvent.objects.order_by("pk").values_list("event", "detail__number"))
    again_event = ("ledgers.exported_again", made.number)
    assert events[:4] == [("ledgers.exported", made.number), *[again_event] * 3]
    assert Export.objects.count() == 2


def test_a_long_one_is_made_again_by_the_worker(signed_in: Client, everybody: User) -> None:
    with registered(make_ledger([topic_row(f"第{n}次") for n in range(MANY)])) as ledger:
        document = sample.document_of(ledger, user=everybody)
        first = export(document, "xlsx", by=everybody)
    made = Export.objects.get()
    with registered(make_ledger([])):
        signed_in.post(address(made, "again", "xlsx"))
        signed_in.post(address(made, "again", "xlsx"))
        job = Job.objects.get()
        claimed = claim(str(job.pk))
        assert claimed is not None
        render_job(claimed, on=ON, as_of=timezone.now())
    job.refresh_from_db()
    assert (job.state, job.error, job.total) == (JobState.DONE, "", MANY)
    with job.result.open("rb") as content:
        assert content.read() == first
    assert Export.objects.count() == 1


def test_rows_that_were_tampered_with_are_refused(signed_in: Client, everybody: User, ledger: Ledger) -> None:
    made = exported(ledger, everybody)
    content = packed([(1, *ROWS[0])], limit=10**6)
    ExportedRows.objects.update(content=content)
    with pytest.raises(RowsDamagedError):
        document_of(made)
    response = signed_in.post(address(made, "again", "xlsx"), follow=True)
    assert response.content.decode().count("保存的内容与校验值不一致") == 1


def test_only_the_owner_sees_an_export(client: Client, everybody: User, ledger: Ledger) -> None:
    made = exported(ledger, everybody)
    client.force_login(make_user(name="城关党支部"))
    pages = [client.get(address(made)), client.get(address(made, "compare"))]
    files = [client.post(address(made, "again", kind)) for kind in ("xlsx", "pdf")]
    assert [response.status_code for response in (*pages, *files)] == [404] * 4
    assert client.get(LIST).content.decode().count(made.number) == 0


def test_after_the_rights_have_changed_it_is_told_and_refused(
    signed_in: Client, everybody: User, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exported(ledger, everybody)
    monkeypatch.setattr("tests.ledgers.sample.SampleForm.codes", lambda form: ["HTP"])
    assert signed_in.get(address(made)).content.decode().count("这一份不能再次导出") == 1
    refused = [signed_in.post(address(made, "again", "xlsx")), signed_in.get(address(made, "compare"))]
    assert [response.status_code for response in refused] == [404, 404]


def test_what_does_not_exist_and_other_methods(signed_in: Client, everybody: User, ledger: Ledger) -> None:
    made = exported(ledger, everybody)
    assert signed_in.post(address(made, "again", "docx")).status_code == 404
    assert signed_in.get(address(made, "again", "xlsx")).status_code == 405
    pages = (LIST, CHECK, address(made), address(made, "compare"))
    assert [signed_in.post(page).status_code for page in pages] == [405] * 4
    assert signed_in.get(reverse("ledgers:export_detail", args=["2020-0001"])).status_code == 404


def test_a_ledger_that_is_gone_leaves_its_exports(signed_in: Client, everybody: User) -> None:
    with registered(make_ledger()) as ledger:
        made = exported(ledger, everybody)
    assert signed_in.get(address(made)).content.decode().count("这一份不能再次导出") == 1
    assert signed_in.get(CHECK, {"words": made.number}).content.decode().count("没有找到这份导出。") == 1


# ---- beside now ------------------------------------------------------------------------------------------


def test_differences_are_counted_and_shown(signed_in: Client, everybody: User) -> None:
    rows = [topic_row("一"), topic_row("二"), topic_row("三", "红土坡烟站党支部")]
    with registered(make_ledger(rows)) as ledger:
        made = exported(ledger, everybody)
        assert signed_in.get(address(made, "compare")).content.decode().count("没有变化") == 1
    late = (*topic_row("二")[:-2], Cell("已逾期", Tone.LATE), None)
    with registered(make_ledger([topic_row("一"), late, topic_row("补登", "清河党支部")])):
        html = signed_in.get(address(made, "compare")).content.decode()
    told = [html.count(f"<b>1</b><span>{name}</span>") for name in ("新增", "不再列入", "有变化")]
    assert told == [1, 1, 1]
    assert html.count("状态：按时完成 → 已逾期") == 1
    assert html.count("清河党支部 · 2026-11-13 · 补登 · 1") == 1


def test_differences_as_rows() -> None:
    def document(*rows: Row, **changes: Any) -> Any:
        return sample.document_of(make_ledger(rows, **changes))

    one, two = topic_row("一"), topic_row("二")
    found = differences(document(one, one, two), document(two, one))
    assert found is not None
    # The number in front is no difference, and of two equal rows one is gone.
    assert (found.gone, found.new, found.changed) == ([one], [], [])
    assert differences(document(one), document(one, columns=(Column("x", "新"), *COLUMNS[1:]))) is None
    assert not differences(document(), document())


# ---- the list and the paper --------------------------------------------------------------------------------


def statements(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_the_list_is_the_own_newest_first_and_narrowed(signed_in: Client, everybody: User) -> None:
    with registered(make_ledger()) as one, registered(make_ledger(slug="other", title="另一本")) as other:
        exported(one, make_user())
        assert signed_in.get(LIST).content.decode().count("还没有导出记录。") == 1
        exported(one, everybody)
        single = statements(signed_in, LIST)
        exported(other, everybody)
        exported(one, everybody)
        html = signed_in.get(LIST).content.decode()
        assert [n for n in ("2026-0004", "2026-0003", "2026-0002", "2026-0001") if n in html] == [
            "2026-0004",
            "2026-0003",
            "2026-0002",
        ]
        assert html.index("2026-0004") < html.index("2026-0003") < html.index("2026-0002")
        narrowed = signed_in.get(LIST, {"ledger": "other"}).content.decode()
        assert [narrowed.count(address(made)) for made in Export.objects.order_by("pk")] == [0, 0, 1, 0]
        assert (single, statements(signed_in, LIST)) == (6, 6)
        assert statements(signed_in, address(Export.objects.get(number="2026-0002"))) == 4


def test_a_paper_is_found_by_number_or_checksum(client: Client, everybody: User, ledger: Ledger) -> None:
    made = exported(ledger, everybody, "organisation=CG")
    client.force_login(make_user(name="城关党支部"))
    for typed in (made.number, f" {made.checksum[:8].upper()} ", made.checksum):
        html = client.get(CHECK, {"words": typed}).content.decode()
        assert html.count(made.checksum) >= 1
        assert html.count(f"<dd>{everybody.name}</dd>") == 1
    for typed in ("2026-9999", made.checksum[:9] + "x", "%" * 8):
        assert client.get(CHECK, {"words": typed}).content.decode().count("没有找到这份导出。") == 1


@pytest.mark.parametrize(
    ("typed", "said"), [("", "请填写导出编号"), ("2026", "导出编号形如"), ("a" * 65, "64")]
)
def test_what_is_typed_wrong_is_said(signed_in: Client, ledger: Ledger, typed: str, said: str) -> None:
    response = signed_in.get(CHECK, {"words": typed})
    assert (response.status_code, said in response.content.decode()) == (422, True)


def test_a_paper_of_other_places_is_not_found(
    client: Client, everybody: User, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, part = exported(ledger, everybody), exported(ledger, everybody, "organisation=CG")
    reader = make_user(name="城关党支部")
    monkeypatch.setattr("tests.ledgers.sample.SampleForm.codes", lambda form: ["", "CG"])
    found = [queries.exports_on_paper(made.number, reader, on=ON) for made in (whole, part)]
    assert found == [[], [part]]
    stranger = make_user(name="无权")
    assert queries.exports_on_paper(part.number, stranger, on=ON) == []


def test_the_command_of_the_host_is_written_down_too(everybody: User, ledger: Ledger) -> None:
    made = exported(ledger, None)
    assert made.owner is None
    assert queries.exports_on_paper(made.number, everybody, on=ON) == [made]


def test_the_demo_has_two_exports(everybody: User) -> None:
    with registered(make_ledger()) as one, registered(make_ledger(slug="other", title="另一本")) as other:
        demo.load(everybody, on=ON)
    made = list(Export.objects.order_by("pk").values_list("number", "ledger", "owner"))
    assert made == [("2026-0001", other.slug, everybody.pk), ("2026-0002", one.slug, everybody.pk)]


def test_an_order_no_column_has_is_not_kept() -> None:
    """It is whatever somebody put into the address, and may be longer than the row can hold."""
    with registered(make_ledger()) as ledger:
        made = sample.document_of(ledger, user=make_user(name="顺序"), sort="-held")
        typed = sample.document_of(ledger, user=make_user(name="乱写"), sort="x" * 200)
    assert (made.sort, typed.sort) == ("-held", "")
