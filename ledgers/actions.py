"""Exports: written to the audit log, and long ones laid out as a job."""

from datetime import date, datetime

from django.db import transaction
from django.http import QueryDict

from accounts.models import User
from audit.actions import record as audit_record
from jobs.actions import JobCancelledError, enqueue, fail, finish, progress, stop
from jobs.models import Job
from ledgers.document import ExportFailedError, LedgerDocument, build_document
from ledgers.forms import FilterForm
from ledgers.ledger import Ledger
from ledgers.registry import UnknownLedgerError, find_ledger
from ledgers.renderers.pdf import render_pdf
from ledgers.renderers.xlsx import render_xlsx

PDF_JOB = "ledgers.tasks.render_ledger_job"
DIRECT_ROWS = 500  # more rows than this are laid out by the worker
MOST_ROWS = 5000  # more rows than this need more memory than one layout may have
ROWS_PER_PAGE = 14
CHANGED_SENTENCE = "台账的查看范围或筛选条件已经变化，请回到台账重新导出。"


class TooManyRowsError(ExportFailedError):
    """The ledger is too long for one PDF."""

    def __init__(self, rows: int) -> None:
        super().__init__(f"共 {rows} 条，超过 PDF 的 {MOST_ROWS} 条上限，请缩小范围，或改用 Excel 导出。")


def export(document: LedgerDocument, extension: str, *, by: User | None) -> bytes:
    """Return the file and write the export down.

    Raises an ExportFailedError with a sentence for people.
    """
    if extension == "pdf" and len(document.rows) > MOST_ROWS:
        raise TooManyRowsError(len(document.rows))
    content = render_pdf(document) if extension == "pdf" else render_xlsx(document)
    _write_down(document, extension, by=by)
    return content


def _write_down(document: LedgerDocument, extension: str, *, by: User | None) -> None:
    detail = {
        "ledger": document.slug,
        "format": extension,
        "organisation": document.heading.organisation,
        "period": document.heading.file_period,
        "filter": document.filter_sentence,
        "rows": len(document.rows),
        "checksum": document.checksum,
    }
    audit_record("ledgers.exported", by=by, detail=detail)


@transaction.atomic
def request_pdf(document: LedgerDocument, form: FilterForm, *, by: User, sort: str = "") -> Job:
    """Put the layout of a long ledger into the queue; one that waits already serves again.

    Raises TooManyRowsError.
    """
    rows = len(document.rows)
    if rows > MOST_ROWS:
        raise TooManyRowsError(rows)
    User.objects.select_for_update().get(pk=by.pk)  # a second click waits and finds the first job
    parameters = {
        "ledger": document.slug,
        "title": document.title,
        "query": form.query.urlencode(),
        "sort": sort,
        "reach": form.reach(),
    }
    waiting = Job.objects.owned_by(by).open().filter(kind=PDF_JOB, parameters=parameters).first()
    return waiting or enqueue(PDF_JOB, owner=by, parameters=parameters, total=-(-rows // ROWS_PER_PAGE))


def render_job(job: Job, *, on: date, as_of: datetime) -> None:
    """Do a claimed job: gather what its owner may see now, lay it out, keep the file.

    Every outcome but a lost row is written to the job. Raises JobLostError.
    """
    try:
        document = _document_of(job, on=on, as_of=as_of)
        if document is None:
            return fail(job, CHANGED_SENTENCE)
        content = render_pdf(document, tick=lambda pages: progress(job, min(pages, job.total)))
        with transaction.atomic():
            finish(job, content, file_name=document.file_name("pdf"))
            _write_down(document, "pdf", by=job.owner)
    except JobCancelledError:
        stop(job)
    except (ExportFailedError, UnknownLedgerError) as error:
        fail(job, str(error))


def may_still_open(job: Job, *, on: date) -> bool:
    """Whether the owner's rights are those with which the job was asked for.

    A file made with yesterday's post must not open after the post has ended; a wider reach asks for a
    new export too, because a digest cannot tell wider from narrower.
    """
    try:
        return _form_of(job, on=on) is not None
    except UnknownLedgerError:
        return False


def _form_of(job: Job, *, on: date) -> FilterForm | None:
    ledger: Ledger = find_ledger(job.parameters["ledger"])
    if not job.owner.is_active or not ledger.may_open(job.owner, on):
        return None
    form = ledger.filter_form.filled(QueryDict(job.parameters["query"]), user=job.owner, on=on)
    unchanged = form.is_valid() and form.reach() == job.parameters["reach"]
    return form if unchanged else None


def _document_of(job: Job, *, on: date, as_of: datetime) -> LedgerDocument | None:
    """Return the document, or None when the owner may not open it any more."""
    ledger: Ledger = find_ledger(job.parameters["ledger"])
    form = _form_of(job, on=on)
    if form is None:
        return None
    sort = job.parameters["sort"]
    return build_document(ledger, form, user=job.owner, on=on, as_of=as_of, sort=sort)
