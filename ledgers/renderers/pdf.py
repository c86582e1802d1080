"""PDF on A4 landscape, laid out by a child process that can be limited, watched and killed."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from ledgers.document import EMPTY_SENTENCE, ExportFailedError, LedgerDocument
from ledgers.processes import ChildTooSlowError, Ended, ended_child, highest
from ledgers.renderers.page import page_rows
from ledgers.text import tidy_spaces

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/pdf"
CREATOR = "党务工作台"
STYLE = "ledgers/ledger_pdf.css"
MEMORY_MB = 2048
SECONDS = 300

Tick = Callable[[int], None]


class PdfFailedError(ExportFailedError):
    """The PDF could not be made; the message says what the person can do."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"PDF 没有生成：{reason}请缩小范围后重试，或改用 Excel 导出。")


def render_pdf(document: LedgerDocument, *, tick: Tick | None = None) -> bytes:
    """Return the document as PDF. Raises PdfFailedError, and whatever `tick` raises to stop the work.

    `tick(pages)` is called several times a second with the number of pages laid out so far.
    """
    return html_to_pdf(ledger_html(document), tick=tick)


def ledger_html(document: LedgerDocument) -> str:
    context = {
        "document": document,
        "style": STYLE,
        "columns": [
            {"title": column.title, "align": column.alignment.value, "width": width}
            for column, width in zip(document.columns, _shares(document), strict=True)
        ],
        "rows": page_rows(document, document.rows),
        "empty": EMPTY_SENTENCE,
    }
    return tidy_spaces(render_to_string("ledgers/ledger_pdf.html", context))


def _shares(document: LedgerDocument) -> list[str]:
    """Column widths as shares of the table, so that they fill the sheet whatever their sum."""
    total = sum(column.width for column in document.columns)
    return [f"{100 * column.width / total:.2f}%" for column in document.columns]


def html_to_pdf(
    html: str, *, tick: Tick | None = None, seconds: float = SECONDS, memory: int = MEMORY_MB
) -> bytes:
    """Lay out `html` in a child process. Addresses in it are relative to our static folder.

    The child may read the static and font folders only. Raises PdfFailedError when it takes
    too long, needs too much memory or breaks.
    """

    def watch(lines: list[str]) -> None:
        (tick or _ignore)(highest(lines, "page"))

    try:
        with ended_child(
            _command(seconds, memory), [html.encode("utf-8", "replace")], seconds=seconds, watch=watch
        ) as ended:
            return child_result(ended)
    except ChildTooSlowError as problem:
        raise PdfFailedError("排版时间太长。") from problem


def _ignore(pages: int) -> None:
    """Nobody watches."""


def _command(seconds: float, memory: int) -> list[str]:
    allowed = [argument for folder in own_folders() for argument in ("--allow", str(folder))]
    limits = ["--memory", str(memory), "--cpu", str(int(seconds) + 1)]
    return [sys.executable, "-m", "ledgers.renderers.pdf_child", *limits, *allowed]


def own_folders() -> list[Path]:
    """Folders the layout may read: the one our style sheet lies in, and the fonts."""
    found = finders.find(STYLE)
    if not isinstance(found, str):
        raise FileNotFoundError(STYLE)
    return [Path(found).parents[1], Path(settings.FONT_DIR)]


def child_result(ended: Ended) -> bytes:
    """The PDF a child left. Raises PdfFailedError."""
    content = ended.output.read()
    if ended.returncode == 0 and content.startswith(b"%PDF-"):
        return content
    logger.warning("PDF layout ended with %s: %s", ended.returncode, " | ".join(ended.log[-3:]))
    raise PdfFailedError("排版没有完成，可能是内容太多。")
