"""PDF of long ledgers: laid out in parts by limited child processes, numbered over the whole and merged."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, BinaryIO, cast

import pikepdf
from django.conf import settings

from ledgers.document import LedgerDocument
from ledgers.ledger import Column, Row
from ledgers.processes import ChildTooSlowError, ended_child
from ledgers.renderers.page import ShownCell, page_rows
from ledgers.renderers.pdf import CREATOR, PdfFailedError, child_result
from ledgers.text import breakable_text, tidy_spaces, wrapped_lines

PART_ROWS = 500
NUMBERED_PAGES = 500  # whose foot lines are laid out at once
MEMORY_MB = 2048
SECONDS = 120.0
TALL_LINES = 25  # a row of more lines may not fit on a page and is broken over two
COLUMNS_PER_MM = 0.5

Tick = Callable[[int], None]


def write_long_pdf(document: LedgerDocument, target: IO[bytes], *, tick: Tick | None = None) -> None:
    """Write the document as PDF. Memory is that of one part, whatever the number of rows.

    `tick(rows)` is called several times a second with the rows laid out so far. Raises PdfFailedError, and
    whatever `tick` raises to stop the work.
    """
    watch = tick or _ignore
    with TemporaryDirectory(prefix="ledger-") as folder:
        paths, done = list[Path](), 0
        for rows, last in _with_last(parts(document)):
            given = _part(document, rows, first=done == 0, last=last)
            paths.append(Path(folder) / f"{len(paths)}.pdf")
            paths[-1].write_bytes(_laid_out(given, partial(watch, done)))
            done += len(rows)
        _merge(document, paths, target, lambda: watch(done))


def _ignore(rows: int) -> None:
    """Nobody watches."""


def parts(document: LedgerDocument) -> Iterator[list[Row]]:
    """Rows in parts of at most PART_ROWS; an organisation is cut only when it is longer by itself.

    A ledger in another order than that of organisations has short runs of each and is cut by rows alone.
    """
    index, part, run = document.place_column, list[Row](), list[Row]()
    for row in document.spool:
        ends = run and (index is None or row[index] != run[-1][index])
        if ends or len(run) == PART_ROWS:
            if len(part) + len(run) > PART_ROWS:
                yield part
                part = []
            part, run = part + run, []
        run.append(row)
    if part and len(part) + len(run) > PART_ROWS:
        yield part
        part = []
    yield part + run


def _with_last(found: Iterator[list[Row]]) -> Iterator[tuple[list[Row], bool]]:
    """Each part with whether it is the last."""
    waiting = next(found)
    for part in found:
        yield waiting, False
        waiting = part
    yield waiting, True


def _part(document: LedgerDocument, rows: Sequence[Row], *, first: bool, last: bool) -> dict[str, Any]:
    heading = document.heading
    sub = [f"填报单位：{heading.organisation}", f"统计期间：{heading.period}", f"截至：{document.as_of_text}"]
    return {
        "title": tidy_spaces(document.title),
        "head": first,
        "sub": [tidy_spaces(words) for words in sub],
        "columns": [
            {"title": column.title, "align": column.alignment.value, "share": column.width}
            for column in document.columns
        ],
        "rows": [_row(document.columns, row) for row in page_rows(document, rows)],
        "foot": [tidy_spaces(words) for words in document.foot] if last else [],
    }


def _row(columns: Sequence[Column], row: Sequence[ShownCell]) -> dict[str, Any]:
    lines = (
        wrapped_lines(cell.text, int(column.width * COLUMNS_PER_MM))
        for column, cell in zip(columns, row, strict=True)
        if len(cell.text) > TALL_LINES
    )
    cells = [[breakable_text(tidy_spaces(cell.text)), cell.tone] for cell in row]
    return {"tall": max(lines, default=1) > TALL_LINES, "cells": cells}


def _laid_out(given: dict[str, Any], watch: Callable[[], None]) -> bytes:
    source = [json.dumps(given, ensure_ascii=False).encode("utf-8", "replace")]
    try:
        with ended_child(_command(), source, seconds=SECONDS, watch=lambda _: watch()) as ended:
            return child_result(ended)
    except ChildTooSlowError as problem:
        raise PdfFailedError("排版时间太长。") from problem


def _command() -> list[str]:
    limits = ["--memory", str(MEMORY_MB), "--cpu", str(int(SECONDS) + 1)]
    return [
        sys.executable,
        "-m",
        "ledgers.renderers.typst_child",
        *limits,
        "--fonts",
        str(settings.FONT_DIR),
    ]


def _merge(
    document: LedgerDocument, paths: Sequence[Path], target: IO[bytes], watch: Callable[[], None]
) -> None:
    """Put the parts together and lay the line with “第 x 页 / 共 y 页” under every page."""
    with ExitStack() as opened:  # contents are copied when the whole is saved, not before
        whole = opened.enter_context(pikepdf.new())
        for path in paths:
            whole.pages.extend(opened.enter_context(pikepdf.open(path)).pages)
            watch()
        total = len(whole.pages)
        for first in range(0, total, NUMBERED_PAGES):
            numbers = opened.enter_context(_numbers(document, first, total, watch))
            for number, page in enumerate(numbers.pages, start=first):
                whole.pages[number].add_overlay(page, None)
        whole.docinfo["/Title"], whole.docinfo["/Author"] = document.title, CREATOR
        whole.save(
            cast(BinaryIO, target),
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )


def _numbers(document: LedgerDocument, first: int, total: int, watch: Callable[[], None]) -> pikepdf.Pdf:
    """Pages with nothing but the line at the foot of each, for the pages of the whole after `first`."""
    running = tidy_spaces(f"{document.title} · {document.heading.period}")
    pages = min(NUMBERED_PAGES, total - first)
    given = {"title": document.title, "running": running, "first": first, "pages": pages, "total": total}
    return pikepdf.open(BytesIO(_laid_out(given, watch)))
