"""Leaf: which files are taken as templates; nothing is unpacked here."""

from pathlib import PurePath

from ledgers.sheets.cells import WorkbookRefused
from ledgers.sheets.gate import check_package, check_workbook
from ledgers.sheets.limits import MEGABYTE
from papers.filling.syntax import TemplateRefused

MOST_BYTES = 5 * MEGABYTE
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_DOCUMENT = "word/document.xml"
OTHER_KIND = (
    "只收 Word（.docx）和 Excel（.xlsx）文件。旧版的 .doc、.xls 请用 Word、Excel 或 WPS 另存为新格式。"
)
NO_DOCUMENT = "文件的内容不是 Word 文档，和文件名不符。请核对是不是选错了文件。"
OLD = "这是旧版的 .doc 文件，或者加了打开密码，只改文件名不行。请用 Word 或 WPS 打开，另存为 .docx 后再上传。"
MACROS = "文件里有宏，不能作模板。请另存为不带宏的 .docx 或 .xlsx 文件后再上传。"
TOO_MUCH = "文件解开后太大，或者压缩得不正常，不像正常的文件。请新建一个空白文件，把内容复制过去再上传。"
NESTED = "文件里嵌着别的文件。请删去嵌入的附件，另存后再上传。"
ENCRYPTED = "文件有打开密码。请在 Word 或 WPS 中去掉密码，另存后再上传。"
BROKEN = "文件不完整或里面有模板用不到的内容。请在 Word 或 WPS 中打开，另存为新的 .docx 文件后再上传。"
_DOCUMENT_WORDS = {
    "macros": MACROS,
    "nested": NESTED,
    "encrypted": ENCRYPTED,
    **dict.fromkeys(("unpacked", "ratio", "overlap", "entries", "duplicates", "method"), TOO_MUCH),
}
PICTURES = "Excel 模板里的图片和图形填写后会丢失。请删去后再上传；一定要保留的，请改用 Word 模板。"
_EMBEDDED = ("word/embeddings/", "word/activex/")
_PICTURES = ("xl/drawings/drawing", "xl/media/", "xl/charts/")


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
    else:
        _check_book(content, name)
    return kind


def _check_book(content: bytes, name: str) -> None:
    try:
        check_workbook(content, name)
    except WorkbookRefused as refused:
        raise TemplateRefused(MACROS if refused.code == "macros" else str(refused)) from refused
    if any(part.startswith(_PICTURES) for part in check_package(content)):
        raise TemplateRefused(PICTURES)


def _check_document(content: bytes) -> None:
    if not content.startswith(_ZIP):
        raise TemplateRefused(OLD if content.startswith(_OLE) else NO_DOCUMENT)
    try:
        parts = check_package(content)
    except WorkbookRefused as refused:
        raise TemplateRefused(_DOCUMENT_WORDS.get(refused.code, BROKEN)) from refused
    if any(part.startswith(_EMBEDDED) for part in parts):
        raise TemplateRefused(NESTED)
    if _DOCUMENT not in parts:
        raise TemplateRefused(NO_DOCUMENT)
