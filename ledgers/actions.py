"""Exports: written to the audit log, and long ones made as a job."""

from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO

from django.db import transaction

from accounts.models import User
from audit.actions import record as audit_record
from jobs.actions import JobCancelledError, enqueue, fail, fail_when_full, finish, progress, stop
from jobs.models import Job
from ledgers.document import ExportFailedError, LedgerDocument, build_document
from ledgers.exports.actions import keep, numbered
from ledgers.exports.queries import document_of, still_open_form
from ledgers.forms import FilterForm
from ledgers.ledger import Ledger
from ledgers.models import Export
from ledgers.registry import UnknownLedgerError, find_ledger
from ledgers.renderers.long_pdf import write_long_pdf
from ledgers.renderers.pdf import render_pdf
from ledgers.renderers.xlsx import write_xlsx

EXPORT_JOB = "ledgers.tasks.render_ledger_job"  # jobs of before Excel was one have no format: PDF
FORMATS = ("xlsx", "pdf")
DIRECT_ROWS = 500  # more rows than this are made by the worker
DIRECT_PLACES = 50  # so is what more organisations than this have rows in
MOST_ROWS = 20_000  # of a PDF: 1,500 sheets, half a minute of work, as measured in docs/adr/0017
SHEET_ROWS = 1_000_000  # an Excel sheet ends at 1,048,576
CHANGED_SENTENCE = "台账的查看范围或筛选条件已经变化，请回到台账重新导出。"


class TooManyRowsError(ExportFailedError):
    """The ledger is too long for one file."""

    def __init__(self, rows: int, extension: str) -> None:
        if extension == "pdf":
            super().__init__(f"共 {rows} 条，超过 PDF 的 {MOST_ROWS} 条上限，请缩小范围，或改用 Excel 导出。")
        else:
            super().__init__(f"共 {rows} 条，超过一张工作表的 {SHEET_ROWS} 条上限，请缩小范围后再导出。")


def is_long(document: LedgerDocument) -> bool:
    """Whether a file of it is made by the worker instead of while somebody waits."""
    return len(document.rows) > DIRECT_ROWS or document.places > DIRECT_PLACES


def export(document: LedgerDocument, extension: str, *, by: User | None) -> bytes:
    """Return the file and write the export down.

    Raises an ExportFailedError with a sentence for people.
    """
    target = BytesIO()
    export_to(target, document, extension, by=by)
    return target.getvalue()


def export_to(target: IO[bytes], document: LedgerDocument, extension: str, *, by: User | None) -> None:
    """Write the file into `target` and the export down; memory does not grow with the rows."""
    given = numbered(document)
    write_file(given, extension, target)
    write_down(given, extension, by=by)


def write_file(
    document: LedgerDocument, extension: str, target: IO[bytes], *, tick: Callable[[int], None] | None = None
) -> None:
    """Write xlsx or pdf. `tick(rows)` may stop the work by raising. Raises an ExportFailedError."""
    _check_rows(document, extension)
    if extension == "xlsx":
        write_xlsx(document, target, tick=tick)
    elif len(document.rows) > DIRECT_ROWS:
        write_long_pdf(document, target, tick=tick)
    else:
        target.write(render_pdf(document, tick=lambda pages: tick(0) if tick else None))


def _check_rows(document: LedgerDocument, extension: str) -> None:
    rows = len(document.rows)
    if rows > (MOST_ROWS if extension == "pdf" else SHEET_ROWS):
        raise TooManyRowsError(rows, extension)


@transaction.atomic
def write_down(document: LedgerDocument, extension: str, *, by: User | None) -> None:
    """Log one export with all it takes to make the same again; what came back is kept already."""
    event = "ledgers.exported_again"
    if document.form is not None:
        keep(document, extension, by=by)
        event = "ledgers.exported"
    audit_record(event, by=by, detail=export_detail(document, extension))


def export_detail(document: LedgerDocument, extension: str) -> dict[str, object]:
    return {
        "ledger": document.slug,
        "format": extension,
        "version": document.version,
        "as_of": document.as_of.isoformat(),
        "organisation": document.heading.organisation,
        "period": document.heading.file_period,
        "filter": document.filter_sentence,
        "order": document.order_note,
        "rows": len(document.rows),
        "checksum": document.checksum,
        "number": document.number,
    }


@transaction.atomic
def request_export(document: LedgerDocument, form: FilterForm, extension: str, *, by: User) -> Job:
    """Put a long export into the queue; one that waits already serves again.

    Raises TooManyRowsError.
    """
    return _request(document, extension, form.query.urlencode(), document.sort, form.reach(), by=by)


@transaction.atomic
def request_again(export: Export, document: LedgerDocument, extension: str, *, by: User) -> Job:
    """The same for an export whose rows came back. Raises TooManyRowsError."""
    return _request(document, extension, export.query, export.sort, export.reach, by=by)


def _request(document: LedgerDocument, extension: str, query: str, sort: str, reach: str, *, by: User) -> Job:
    _check_rows(document, extension)
    User.objects.select_for_update().get(pk=by.pk)  # a second click waits and finds the first job
    parameters = {
        "ledger": document.slug,
        "title": document.title,
        "format": extension,
        "query": query,
        "sort": sort,
        "reach": reach,
    }
    if document.number:
        parameters["number"] = document.number
    waiting = Job.objects.owned_by(by).open().filter(kind=EXPORT_JOB, parameters=parameters).first()
    return waiting or enqueue(EXPORT_JOB, owner=by, parameters=parameters, total=len(document.rows))


def render_job(job: Job, *, on: date, as_of: datetime) -> None:
    """Do a claimed job: gather what its owner may see now, write it, keep the file.

    Every outcome but a lost row is written to the job. Raises JobLostError.
    """
    try:
        document = _document_of(job, on=on, as_of=as_of)
        if document is None:
            return fail(job, CHANGED_SENTENCE)
        document, total = numbered(document), len(document.rows)
        with TemporaryFile() as content:
            extension = format_of(job)
            write_file(document, extension, content, tick=lambda done: progress(job, done, total=total))
            content.seek(0)
            with transaction.atomic():
                finish(job, content, file_name=document.file_name(extension))
                write_down(document, extension, by=job.owner)
    except JobCancelledError:
        stop(job)
    except (ExportFailedError, UnknownLedgerError) as error:
        fail(job, str(error))
    except OSError as error:
        fail_when_full(job, error)


def format_of(job: Job) -> str:
    return str(job.parameters.get("format", "pdf"))


def may_still_open(job: Job, *, on: date) -> bool:
    """Whether the owner's rights are those with which the job was asked for."""
    try:
        return _form_of(job, on=on) is not None
    except UnknownLedgerError:
        return False


def _form_of(job: Job, *, on: date) -> FilterForm | None:
    given = job.parameters
    return still_open_form(job.owner, given["ledger"], given["query"], given["reach"], on=on)


def _document_of(job: Job, *, on: date, as_of: datetime) -> LedgerDocument | None:
    """Return the document, or None when the owner may not open it any more."""
    ledger: Ledger = find_ledger(job.parameters["ledger"])
    form = _form_of(job, on=on)
    if form is None:
        return None
    if number := job.parameters.get("number"):
        return document_of(Export.objects.get(number=number))
    sort = job.parameters["sort"]
    return build_document(ledger, form, user=job.owner, on=on, as_of=as_of, sort=sort)
