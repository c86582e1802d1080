"""The layout of a long ledger as a job: done, refused, stopped, failed; and the real worker."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from django.http import QueryDict
from openpyxl import load_workbook
from pypdf import PdfReader

from audit.models import AuditEvent
from jobs.actions import JobLostError, cancel, claim
from jobs.models import Job, JobState
from ledgers import actions
from ledgers.actions import CHANGED_SENTENCE, TooManyRowsError, export, is_long, render_job, request_export
from ledgers.ledger import Column, Ledger
from ledgers.tasks import render_ledger_job
from tests.factories.branches import make_user
from tests.ledgers.sample import AS_OF, COLUMNS, ON, document_of, make_ledger, registered, topic_row

pytestmark = pytest.mark.django_db


def requested(
    ledger: Ledger,
    extension: str = "pdf",
    *,
    name: str = "全部",
    query: str = "period=2026-11",
    sort: str = "",
) -> Job:
    user = make_user(name=name)
    form = ledger.filter_form.filled(QueryDict(query), user=user, on=ON)
    return request_export(document_of(ledger, user=user, sort=sort), form, extension, by=user)


def taken(job: Job) -> Job:
    claimed = claim(str(job.pk))
    assert claimed is not None
    return claimed


def done(job: Job) -> Job:
    render_job(taken(job), on=ON, as_of=AS_OF)
    return Job.objects.get(pk=job.pk)


def words(job: Job) -> str:
    with job.result.open("rb") as content:
        pages = PdfReader(BytesIO(content.read())).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def test_the_job_makes_the_file_and_writes_it_down(ledger: Ledger, media: Path) -> None:
    job = done(requested(ledger, query="period=2026-10&state=late&state=ok", sort="-held"))
    assert (job.state, job.error, job.file_name) == (JobState.DONE, "", "支部活动台账_县局党总支_2026-10.pdf")
    assert re.findall(r"专题学习|=1\+1|即将到期", words(job)) == ["专题学习", "=1+1"]
    event = AuditEvent.objects.get()
    assert (event.event, event.by, event.detail["rows"]) == ("ledgers.exported", job.owner, 2)


def test_the_owner_gets_what_they_may_see_when_it_is_made(ledger: Ledger) -> None:
    job = requested(ledger)
    job.owner.name = "城关党支部"
    job.owner.save()
    assert re.findall(r"专题学习|=1\+1", words(done(job))) == ["=1+1"]


@pytest.mark.parametrize("change", [{"name": "无权"}, {"is_active": False}])
def test_who_may_no_longer_open_it_gets_nothing(ledger: Ledger, change: dict[str, object]) -> None:
    job = requested(ledger)
    type(job.owner).objects.filter(pk=job.owner_id).update(**change)
    job = done(job)
    assert (job.state, job.error, job.result.name) == (JobState.FAILED, CHANGED_SENTENCE, "")


def test_a_filter_that_no_longer_fits_is_said(ledger: Ledger) -> None:
    job = done(requested(ledger, query="period=never"))
    assert (job.state, job.error) == (JobState.FAILED, CHANGED_SENTENCE)


def test_a_ledger_that_is_gone_is_said(ledger: Ledger) -> None:
    job = requested(ledger)
    Job.objects.filter(pk=job.pk).update(parameters={**job.parameters, "ledger": "gone"})
    assert done(job).error == "没有名为“gone”的台账。"


def test_a_cancelled_job_stops(ledger: Ledger) -> None:
    job = taken(requested(ledger))
    cancel(job)
    render_job(job, on=ON, as_of=AS_OF)
    job.refresh_from_db()
    assert (job.state, job.result.name, AuditEvent.objects.count()) == (JobState.CANCELLED, "", 0)


def test_a_job_given_to_another_worker_is_left_alone(ledger: Ledger) -> None:
    job = taken(requested(ledger))
    Job.objects.filter(pk=job.pk).update(attempt=2)
    with pytest.raises(JobLostError):
        render_job(job, on=ON, as_of=AS_OF)
    assert (Job.objects.get().state, AuditEvent.objects.count()) == (JobState.RUNNING, 0)


def test_a_layout_that_fails_is_told_to_the_owner(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledgers.renderers.pdf._command", lambda seconds, memory: ["false"])
    job = done(requested(ledger))
    assert job.state == JobState.FAILED
    assert job.error == "PDF 没有生成：排版没有完成，可能是内容太多。请缩小范围后重试，或改用 Excel 导出。"


def test_the_total_is_the_number_of_rows() -> None:
    ledger = make_ledger([topic_row("学习") for _ in range(40)])
    assert requested(ledger).total == 40


def test_excel_is_made_as_a_job_too(media: Path) -> None:
    with registered(make_ledger([topic_row(f"第{n}次") for n in range(1200)])) as ledger:
        job = done(requested(ledger, "xlsx", sort="-topic"))
        document = document_of(ledger, sort="-topic")
    assert (job.state, job.done, job.total) == (JobState.DONE, 1200, 1200)
    assert job.file_name == "支部活动台账_县局党总支_2026-11.xlsx"
    with job.result.open("rb") as content:
        sheet = load_workbook(content).active
    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet["D5:D1204"]] == [[row[3]] for row in document.rows]


def test_an_excel_job_stops_when_asked() -> None:
    with registered(make_ledger([topic_row("学习")] * 1200)) as ledger:
        job = taken(requested(ledger, "xlsx"))
        cancel(job)
        render_job(job, on=ON, as_of=AS_OF)
    job.refresh_from_db()
    assert (job.state, job.result.name) == (JobState.CANCELLED, "")


def test_a_job_of_before_excel_was_one_is_a_pdf(ledger: Ledger) -> None:
    job = requested(ledger)
    old = {name: value for name, value in job.parameters.items() if name != "format"}
    Job.objects.filter(pk=job.pk).update(parameters=old)
    assert done(job).file_name == "支部活动台账_县局党总支_2026-11.pdf"


def test_the_log_holds_what_makes_the_same_file_again(ledger: Ledger) -> None:
    document = document_of(ledger, "organisation=HTP&state=late", sort="-held")
    export(document, "xlsx", by=None)
    assert AuditEvent.objects.get().detail == {
        "ledger": "sample",
        "format": "xlsx",
        "version": "1",
        "as_of": "2026-11-13T01:30:00+00:00",
        "organisation": "红土坡烟站党支部",
        "period": "2026-11",
        "filter": "状态：已逾期",
        "order": "按日期降序",
        "number": "2026-0001",
        "rows": 1,
        "checksum": document.checksum,
    }


def test_many_organisations_are_long_work_too(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Column("organisation", "党组织")
    ledger = make_ledger(columns=(place, *COLUMNS[1:]))
    assert (document_of(ledger).places, document_of(make_ledger()).places) == (3, 0)
    assert is_long(document_of(ledger)) is False
    monkeypatch.setattr(actions, "DIRECT_PLACES", 2)
    assert (is_long(document_of(ledger)), is_long(document_of(make_ledger()))) == (True, False)


def test_the_task_takes_a_job_once(ledger: Ledger) -> None:
    job = requested(ledger)
    render_ledger_job(str(job.pk))
    render_ledger_job(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.attempt, AuditEvent.objects.count()) == (JobState.DONE, 1, 1)


def test_a_pdf_over_the_limit_is_refused_and_excel_is_not(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_ROWS", 2)
    with pytest.raises(TooManyRowsError):
        export(document_of(ledger), "pdf", by=None)
    assert AuditEvent.objects.count() == 0
    assert export(document_of(ledger), "xlsx", by=None)[:2] == b"PK"
    assert AuditEvent.objects.get().by is None
