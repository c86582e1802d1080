"""The papers that an archive carries about itself: index, manifest and how to check."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ledgers.archive.binder import Bound
from ledgers.document import NUMBER_COLUMN, LedgerDocument, shown
from ledgers.ledger import Cell, Column, ColumnKind, Heading, Tone
from ledgers.spool import Spool

TITLE = "年终归档目录"
COLUMNS = (
    NUMBER_COLUMN,
    Column("place", "组织", width=30),
    Column("ledger", "台账", width=30),
    Column("period", "期间", width=30),
    Column("rows", "条数", ColumnKind.INTEGER, width=14),
    Column("as_of", "截至", ColumnKind.DATETIME, width=36),
    Column("files", "文件", width=60),
    Column("checksum", "校验值", width=38),
    Column("remark", "说明", ColumnKind.STATE, width=20),
)
README = """年终归档说明

组织：{organisation}
年度：{year} 年
制作：{by}，{at}

一、内容
“目录.xlsx”和“目录.pdf”列出全部台账的条数、截至时间、校验值和文件名。
每本台账一个文件夹，里面有 Excel 和 PDF 各一份，两份内容一致；没有记录的写明“本期没有记录”。
“校验值”是台账内容的校验值，印在每份台账的最后，用来核对纸面与文件是否为同一份内容。

二、怎样核对文件没有改动
“SHA256SUMS”列出每个文件的 SHA-256 值。解压后在同一文件夹里核对：
Windows：打开“命令提示符”，输入  certutil -hashfile 文件名 SHA256  ，与表中的值逐一比对。
Linux：输入  sha256sum -c SHA256SUMS  ，每行都显示“成功”或“OK”即可。
“manifest.json”是同样内容的清单，供其他系统读取。
"""


class Entry(NamedTuple):
    """One ledger as it lies in the archive; `reason`: why a file is not there."""

    place: str
    document: LedgerDocument
    files: Sequence[Bound]
    reason: str

    def told(self) -> dict[str, Any]:
        document = self.document
        return {
            "organisation": self.place,
            "ledger": document.slug,
            "title": document.title,
            "version": document.version,
            "period": document.heading.file_period,
            "filter": document.filter_sentence,
            "as_of": document.as_of.isoformat(),
            "rows": len(document.rows),
            "checksum": document.checksum,
            "files": [file._asdict() for file in self.files],
            "missing": self.reason,
        }


def index_document(entries: Sequence[Entry], organisation: str, year: int, as_of: datetime) -> LedgerDocument:
    """The index as a ledger of its own, so that it is written like all of them."""
    return LedgerDocument(
        slug="archive-index",
        title=TITLE,
        heading=Heading(organisation, f"{year} 年", str(year)),
        as_of=as_of,
        filter_sentence="全部台账",
        order_note="按组织、台账顺序排列",
        version="1",
        columns=COLUMNS,
        rows=Spool((number, *_row(entry)) for number, entry in enumerate(entries, start=1)),
    )


def _row(entry: Entry) -> tuple[str, str, str, int, datetime, str, str, Cell]:
    document = entry.document
    rows = len(document.rows)
    remark = (
        Cell(entry.reason, Tone.SOON) if entry.reason else Cell("齐全" if rows else "没有记录", Tone.NONE)
    )
    return (
        entry.place,
        document.title,
        document.heading.period,
        rows,
        document.as_of,
        "\n".join(file.path for file in entry.files),
        document.checksum,
        remark,
    )


def manifest(
    entries: Sequence[Entry], bound: Sequence[Bound], organisation: str, year: int, as_of: datetime
) -> bytes:
    """For machines: the ledgers, and every file bound so far."""
    told = {
        "organisation": organisation,
        "year": year,
        "made_at": as_of.isoformat(),
        "ledgers": [entry.told() for entry in entries],
        "files": [file._asdict() for file in bound],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def readme(organisation: str, year: int, by: str, as_of: datetime) -> bytes:
    """With the line ends and the mark by which old Windows editors know it."""
    text = README.format(organisation=organisation, year=year, by=by, at=shown(as_of))
    return text.replace("\n", "\r\n").encode("utf-8-sig")
