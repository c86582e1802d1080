"""Leaf: which files are taken as templates; nothing is unpacked here."""

from pathlib import PurePath

from ledgers.sheets.cells import WorkbookRefused
from ledgers.sheets.gate import check_package, check_workbook
from ledgers.sheets.limits import MEGABYTE
from papers.filling.syntax import TemplateRefused

MOST_BYTES = 5 * MEGABYTE
_ZIP = b"PK\x03\x04"
_DOCUMENT = "word/document.xml"
OTHER_KIND = (
    "只收 Word（.docx）和 Excel（.xlsx）文件。旧版的 .doc、.xls 请用 Word、Excel 或 WPS 另存为新格式。"
)
NO_DOCUMENT = "文件的内容不是 Word 文档，和文件名不符。请核对是不是选错了文件。"
MACROS = "文件里有宏，不能作模板。请另存为不带宏的 .docx 文件后再上传。"
BROKEN = "文件不完整或里面有模板用不到的内容。请在 Word 或 WPS 中打开，另存为新的 .docx 文件后再上传。"


def check_template(content: bytes, name: str) -> str:
    """Return docx or xlsx when name and content agree. Raises TemplateRefused."""
    kind = PurePath(name).suffix.lower().removeprefix(".")
    if kind not in {"docx", "xlsx"}:
        raise TemplateRefused(OTHER_KIND)
    if not content:
        raise TemplateRefused("文件是空的（0 字节）。请打开原文件看一看，保存后再上传。")
    if len(content) > MOST_BYTES:
        raise TemplateRefused(f"文件超过 {MOST_BYTES // MEGABYTE} MB 的上限。请删去图片后再上传。")
    if kind == "docx":
        _check_document(content)
        return kind
    try:
        check_workbook(content, name)
    except WorkbookRefused as refused:
        raise TemplateRefused(str(refused)) from refused
    return kind


def _check_document(content: bytes) -> None:
    if not content.startswith(_ZIP):
        raise TemplateRefused(NO_DOCUMENT)
    try:
        parts = check_package(content)
    except WorkbookRefused as refused:
        raise TemplateRefused(MACROS if refused.code == "macros" else BROKEN) from refused
    if _DOCUMENT not in parts:
        raise TemplateRefused(NO_DOCUMENT)
