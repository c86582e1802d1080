"""Files that are no workbook, whatever their name says."""

import gzip

from tests.ledgers.sheets.books import book_of, packed
from tests.ledgers.sheets.hostile import Hostile
from tests.ledgers.sheets.roster import HEADING, PERSON

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
GOOD = book_of(HEADING, PERSON)
SAVE_AS = "请用 Excel 或 WPS 打开，选“另存为”，类型选“Excel 工作簿（.xlsx）”，再上传新文件。"
TRUNCATED = "文件不完整，可能没有传完或没有保存好。请在 Excel 或 WPS 中打开，能打开的话重新保存，再上传。"


def ole(stream: str) -> bytes:
    """The header of an OLE file and one name of its directory, which is in UTF-16."""
    return OLE + bytes(504) + f"Root Entry\0{stream}\0".encode("utf-16-le") + bytes(4096)


HTML = (
    "<html xmlns:x='urn:schemas-microsoft-com:office:excel'><body><table><tr><td>姓名</td></tr></table>"
    "</body></html>"
)
SPREADSHEET_2003 = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
)

FORMATS = (
    Hostile(
        "zero bytes",
        lambda: b"",
        "文件是空的（0 字节），可能没有保存好或没有传完。请打开原文件看一看，保存后再上传。",
    ),
    Hostile(
        "eleven megabytes",
        lambda: GOOD + bytes(11 * 1024 * 1024),
        "文件有 11.0 MB，超过 10 MB 的上限。请删去图片和用不到的工作表，或分成几个文件上传。",
    ),
    Hostile("old xls", lambda: ole("Workbook"), f"这是旧版 Excel 文件（.xls）。{SAVE_AS}", "花名册.xls"),
    Hostile("old xls with a new name", lambda: ole("Book"), f"这是旧版 Excel 文件（.xls）。{SAVE_AS}"),
    Hostile(
        "encrypted workbook",
        lambda: ole("EncryptedPackage"),
        "文件设了打开密码，无法读取。请在 Excel 或 WPS 中打开，取消密码，另存为 .xlsx 后再上传。",
    ),
    Hostile(
        "old Word document",
        lambda: ole("WordDocument"),
        "这是旧版 Office 文件，不是 Excel 工作簿。如果里面是表格，" + SAVE_AS,
    ),
    Hostile(
        "HTML as xls", lambda: HTML.encode(), f"这是网页格式的表格（有些系统导出的表格就是这样）。{SAVE_AS}"
    ),
    Hostile(
        "HTML in UTF-16",
        lambda: HTML.encode("utf-16"),
        f"这是网页格式的表格（有些系统导出的表格就是这样）。{SAVE_AS}",
    ),
    Hostile("XML of 2003", lambda: SPREADSHEET_2003.encode(), f"这是 XML 格式的表格。{SAVE_AS}"),
    Hostile(
        "csv", lambda: "姓名,出生日期\n张三,1990-02-03\n".encode(), f"这是文本文件（例如 .csv）。{SAVE_AS}"
    ),
    Hostile("csv in GBK", lambda: "姓名,出生日期\n".encode("gbk"), f"这是文本文件（例如 .csv）。{SAVE_AS}"),
    Hostile(
        "PDF",
        lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "这是 PDF 文件，不能导入。请上传原来的 Excel 表格；手里只有 PDF 的，请下载模板填写。",
    ),
    Hostile(
        "picture",
        lambda: b"\x89PNG\r\n\x1a\n" + bytes(64),
        "这是图片，不能导入。请上传原来的 Excel 表格；手里只有图片的，请下载模板填写。",
    ),
    Hostile("gzip", lambda: gzip.compress(GOOD), "这是压缩包。请先解压，再上传里面的 .xlsx 文件。"),
    Hostile("noise", lambda: bytes(range(256)) * 8, f"认不出这是什么文件。{SAVE_AS}"),
    Hostile(
        "Word document",
        lambda: packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}),
        "这是 Word 文档，不是 Excel 表格。请把表格复制到 Excel 或 WPS 表格里，保存为 .xlsx 后再上传。",
    ),
    Hostile(
        "slides",
        lambda: packed({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"}),
        "这是演示文稿，不是 Excel 表格。请上传 .xlsx 表格。",
    ),
    Hostile(
        "binary workbook",
        lambda: packed({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": b"\x83\x01\x00"}),
        f"这是二进制格式的 Excel 文件（.xlsb）。{SAVE_AS}",
    ),
    Hostile(
        "OpenDocument",
        lambda: packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<o/>"}),
        f"这是 OpenDocument 表格（.ods）。{SAVE_AS}",
    ),
    Hostile(
        "zip of other things",
        lambda: packed({"a.txt": "1"}),
        "这是压缩包，里面没有 Excel 工作簿的内容。请先解压，再上传里面的 .xlsx 文件。",
    ),
    Hostile("half a file", lambda: GOOD[: len(GOOD) // 2], TRUNCATED),
    Hostile("end missing", lambda: GOOD[:-10], TRUNCATED),
    Hostile(
        "lock file",
        lambda: b"\x05Admin" + bytes(159),
        "“~$”开头的是打开表格时产生的临时文件。请关闭 Excel 或 WPS，再选原来的文件上传。",
        "~$花名册.xlsx",
    ),
    Hostile(
        "wrong extension",
        lambda: GOOD,
        "文件的内容是 Excel 工作簿，文件名却不是以 .xlsx 结尾。请核对是不是选错了文件，改好后再上传。",
        "花名册.csv",
    ),
)
