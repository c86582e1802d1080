"""What an uploaded file is, by its first bytes, never by its name; one sentence for each kind we refuse."""

import re

from ledgers.sheets.cells import WorkbookRefused

SAVE_AS = "请用 Excel 或 WPS 打开，选“另存为”，类型选“Excel 工作簿（.xlsx）”，再上传新文件"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_HTML = re.compile(rb"<(!doctype\s+html|html|head|meta|body|table|style)\b", re.I)
_XML = re.compile(rb"\s*<\?xml\b", re.I)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HEAD = 4096

_SENTENCES = {
    "encrypted": "文件设了打开密码，无法读取。请在 Excel 或 WPS 中打开，取消密码，另存为 .xlsx 后再上传。",
    "xls": f"这是旧版 Excel 文件（.xls）。{SAVE_AS}。",
    "old_office": f"这是旧版 Office 文件，不是 Excel 工作簿。如果里面是表格，{SAVE_AS}。",
    "html": f"这是网页格式的表格（有些系统导出的表格就是这样）。{SAVE_AS}。",
    "xml": f"这是 XML 格式的表格。{SAVE_AS}。",
    "text": f"这是文本文件（例如 .csv）。{SAVE_AS}。",
    "pdf": "这是 PDF 文件，不能导入。请上传原来的 Excel 表格；手里只有 PDF 的，请下载模板填写。",
    "picture": "这是图片，不能导入。请上传原来的 Excel 表格；手里只有图片的，请下载模板填写。",
    "archive": "这是压缩包。请先解压，再上传里面的 .xlsx 文件。",
    "unknown": f"认不出这是什么文件。{SAVE_AS}。",
    "word": "这是 Word 文档，不是 Excel 表格。请把表格复制到 Excel 或 WPS 表格里，保存为 .xlsx 后再上传。",
    "slides": "这是演示文稿，不是 Excel 表格。请上传 .xlsx 表格。",
    "xlsb": f"这是二进制格式的 Excel 文件（.xlsb）。{SAVE_AS}。",
    "ods": f"这是 OpenDocument 表格（.ods）。{SAVE_AS}。",
    "zip": "这是压缩包，里面没有 Excel 工作簿的内容。请先解压，再上传里面的 .xlsx 文件。",
}


def refusal(code: str) -> WorkbookRefused:
    return WorkbookRefused(code, _SENTENCES[code])


def check_first_bytes(content: bytes) -> None:
    """Raise WorkbookRefused for everything that does not begin as a zip file does."""
    if content.startswith(_OLE):
        raise refusal(_old_office(content))
    if not content.startswith(b"PK\x03\x04"):
        raise refusal(_not_zip(content))


def _old_office(content: bytes) -> str:
    """Streams of an OLE file are named in UTF-16; an encrypted .xlsx lies in a stream of its own."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "encrypted"
    is_book = any(name.encode("utf-16-le") in content for name in ("Workbook\0", "Book\0"))
    return "xls" if is_book else "old_office"


def _not_zip(content: bytes) -> str:
    head = content[:_HEAD]
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(_ARCHIVES):
        return "archive"
    if head.startswith(_PICTURES):
        return "picture"
    return _text(head)


def _text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
    head = head.removeprefix(b"\xef\xbb\xbf")
    if _HTML.search(head):
        return "html"
    if _XML.match(head):
        return "xml"
    return "unknown" if _CONTROL.search(head) else "text"


def check_parts(names: set[str]) -> None:
    """Raise WorkbookRefused for zip files that are something else; `names` are the entries in lower case."""
    if "xl/workbook.bin" in names:
        raise refusal("xlsb")
    if "[content_types].xml" in names and any(re.fullmatch(r"xl/workbook\w*\.xml", name) for name in names):
        return
    for start, code in (("word/", "word"), ("ppt/", "slides")):
        if any(name.startswith(start) for name in names):
            raise refusal(code)
    raise refusal("ods" if {"mimetype", "content.xml"} <= names else "zip")
