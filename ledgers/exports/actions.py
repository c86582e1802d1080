"""Every export is written down under a number; its rows are kept for a while."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from ledgers.document import LedgerDocument
from ledgers.exports.snapshots import packed, plain_columns
from ledgers.forms import reach_of
from ledgers.models import MOST_KEPT_ROWS, Export, ExportCounter, ExportedRows

MOST_BYTES = 16 * 1024 * 1024  # compressed; texts of the longest kind would fill the database


def numbered(document: LedgerDocument) -> LedgerDocument:
    """The document with a number of its own; one that has come back keeps the number it had.

    The number is given before the file is made, which prints it. A file that then fails leaves a gap.
    """
    if document.number:
        return document
    return replace(document, number=_next_number(timezone.localtime(document.as_of).year))


@transaction.atomic
def _next_number(year: int) -> str:
    """Such as 2026-0412. The row of the year is held until the number is taken."""
    ExportCounter.objects.bulk_create([ExportCounter(year=year)], ignore_conflicts=True)
    ExportCounter.objects.filter(year=year).update(last=F("last") + 1)
    return f"{year}-{ExportCounter.objects.get(year=year).last:04d}"


@transaction.atomic
def keep(document: LedgerDocument, extension: str, *, by: User | None) -> Export:
    """Write one export of a numbered document down, and keep its rows unless they are too many."""
    form = document.form
    codes = form.codes() if form else []
    chosen = form.query.get("organisation", "") if form else ""
    made = Export.objects.create(
        number=document.number,
        kind=Export.Kind(extension),
        owner=by,
        ledger=document.slug,
        title=document.title,
        version=document.version,
        query=form.query.urlencode() if form else "",
        sort=document.sort,
        organisation=document.heading.organisation,
        period=document.heading.period,
        file_period=document.heading.file_period,
        filter_sentence=document.filter_sentence,
        order_note=document.order_note,
        as_of=document.as_of,
        rows=len(document.rows),
        checksum=document.checksum,
        reach=reach_of(codes),
        codes=chosen or "\n".join(filter(None, codes)),
    )
    if len(document.rows) <= MOST_KEPT_ROWS and (content := packed(document.rows, limit=MOST_BYTES)):
        columns = plain_columns(document.columns)
        ExportedRows.objects.create(export=made, columns=columns, content=content)
    return made


def forget_rows(*, now: datetime) -> int:
    """Delete rows whose time is over; the lines of the exports stay. Return how many."""
    return ExportedRows.objects.outdated(now=now).delete()[0]
