"""Exports as their owner, or somebody who holds the paper, may see them."""

from datetime import date

from django.http import QueryDict

from accounts.models import User
from ledgers.document import ExportFailedError, LedgerDocument
from ledgers.exports.snapshots import columns_of, unpacked
from ledgers.forms import FilterForm
from ledgers.ledger import Heading, Ledger
from ledgers.models import Export, ExportedRows
from ledgers.registry import UnknownLedgerError, find_ledger
from ledgers.spool import Spool

MOST_FOUND = 20


class RowsDamagedError(ExportFailedError):
    """What was kept does not give the checksum it had."""

    def __init__(self, number: str) -> None:
        super().__init__(f"导出 {number} 保存的内容与校验值不一致，不能再次导出，请联系管理员。")


def still_open_form(user: User, slug: str, query: str, reach: str, *, on: date) -> FilterForm | None:
    """The filter filled again, or None when the rights are no longer those of then.

    A file made with yesterday's post must not open after the post has ended; a wider reach asks for a
    new export too, because a digest cannot tell wider from narrower. Raises UnknownLedgerError.
    """
    ledger: Ledger = find_ledger(slug)
    if not user.is_active or not ledger.may_open(user, on):
        return None
    form = ledger.filter_form.filled(QueryDict(query), user=user, on=on)
    return form if form.is_valid() and form.reach() == reach else None


def form_of(export: Export, user: User, *, on: date) -> FilterForm | None:
    """With what the owner may open the same today, or None."""
    try:
        return still_open_form(user, export.ledger, export.query, export.reach, on=on)
    except UnknownLedgerError:
        return None


def document_of(export: Export) -> LedgerDocument | None:
    """The very document of then, or None when its rows are gone. Raises RowsDamagedError."""
    kept = ExportedRows.objects.filter(export=export).first()
    if kept is None:
        return None
    document = LedgerDocument(
        slug=export.ledger,
        title=export.title,
        heading=Heading(export.organisation, export.period, export.file_period),
        as_of=export.as_of,
        filter_sentence=export.filter_sentence,
        order_note=export.order_note,
        version=export.version,
        columns=columns_of(kept.columns),
        rows=Spool(unpacked(bytes(kept.content))),
        sort=export.sort,
        number=export.number,
    )
    if document.checksum != export.checksum:
        raise RowsDamagedError(export.number)
    return document


def exports_on_paper(words: str, user: User, *, on: date) -> list[Export]:
    """Exports of which a paper tells the number or the beginning of the checksum.

    Only those of ledgers this person may open for all organisations that were in them.
    """
    found = Export.objects.told_by(words).select_related("owner").order_by("-made_at", "-pk")[:MOST_FOUND]
    codes: dict[str, set[str] | None] = {}
    shown = []
    for export in found:
        if export.ledger not in codes:
            codes[export.ledger] = _codes(export.ledger, user, on)
        mine = codes[export.ledger]
        if mine is not None and set(export.codes.split()) <= mine:
            shown.append(export)
    return shown


def _codes(slug: str, user: User, on: date) -> set[str] | None:
    """Organisations for which this person may open the ledger; None when for none."""
    try:
        ledger: Ledger = find_ledger(slug)
    except UnknownLedgerError:
        return None
    if not ledger.may_open(user, on):
        return None
    return set(ledger.filter_form(user=user, on=on).codes())
