"""Zip files and XML made to hurt: bombs, overlaps, entities, lies about size and place."""

import struct
import zipfile
from io import BytesIO

from tests.ledgers.sheets.books import HEAD, MAIN, Book, Sheet, book_of, packed, relations, row_xml, shared
from tests.ledgers.sheets.hostile import Hostile
from tests.ledgers.sheets.hostile.formats import GOOD, TRUNCATED
from tests.ledgers.sheets.roster import HEADING, PERSON

AFRESH = (
    "不像正常的表格。请新建一个空白工作簿，把需要的表格复制过去（选择性粘贴为数值），保存为 .xlsx 后再上传。"
)
FORBIDDEN = (
    "文件里有表格用不到的 XML 指令，为安全起见没有读取。"
    "请新建一个空白工作簿，把需要的表格复制过去（选择性粘贴为数值），保存为 .xlsx 后再上传。"
)
BROKEN = "文件里的内容有损坏，没有读出来。请在 Excel 或 WPS 中打开，另存为新的 .xlsx 文件后再上传。"
TOO_MUCH = "文件里的内容太多（上限 60 万个单元格、1000 万字）。请只留下需要导入的表格，或分成几个文件上传。"
TABLE = [HEADING, PERSON]
MEGABYTE = 1024 * 1024


def with_parts(parts: dict[str, str | bytes | None], **details: object) -> bytes:
    return Book([Sheet(TABLE)], parts=parts, **details).content()  # type: ignore[arg-type]  # fields of Book


def with_sheet(xml: str | bytes, texts: tuple[str, ...] = ()) -> bytes:
    return Book([Sheet(xml=xml)], texts=texts).content()


def sheet_of(inner: str) -> str:
    return f'{HEAD}<worksheet xmlns="{MAIN}">{inner}</worksheet>'


def parts_of(content: bytes) -> list[tuple[str, str | bytes]]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def duplicated() -> bytes:
    """Two entries whose names differ in case only: one reader takes the first, another the second."""
    return packed([*parts_of(GOOD), ("xl/Workbook.xml", "<other/>")])


def overlapping() -> bytes:
    """Two entries of the directory share one piece of packed bytes."""
    content = packed([*parts_of(GOOD), ("xl/media/a.xml", bytes(5000)), ("xl/media/b.xml", bytes(5000))])
    last = content.rindex(b"PK\x01\x02")
    first = content.rindex(b"PK\x01\x02", 0, last)
    return content[: last + 42] + content[first + 42 : first + 46] + content[last + 46 :]


def many_entries() -> bytes:
    return packed([*parts_of(GOOD), *((f"xl/media/{at}", b"") for at in range(20_000))])


def lying_directory() -> bytes:
    """The end record promises ten entries although there are thousands; the size of the directory tells."""
    content = many_entries()
    return content[:-12] + struct.pack("<H", 10) + content[-10:]


def encrypted_entry() -> bytes:
    content = bytearray(GOOD)
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def lying_size() -> bytes:
    """The directory says the sheet unpacks to 100 bytes; it unpacks to more."""
    content = bytearray(GOOD)
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(content)


def quine_like() -> bytes:
    """A zip in a zip in a zip, as in the files that unpack to themselves."""
    inner = GOOD
    for _ in range(3):
        inner = packed({"r/r.zip": inner})
    return packed([*parts_of(GOOD), ("xl/media/r.zip", inner)])


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + f']><worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&i;</t></is></c>'
    "</row></sheetData></worksheet>"
)
EXTERNAL = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    f'<workbook xmlns="{MAIN}"><sheets><sheet name="&x;" sheetId="1"/></sheets></workbook>'
)


def styled_rows() -> bytes:
    """A table and then a style on each row of the sheet, to the last: 1,048,576 rows without a word."""
    empty = "".join(f'<row r="{at}" s="1" customFormat="1"/>' for at in range(3, 1_048_577))
    return book_of(*TABLE, more_rows=empty)


def styled_columns() -> bytes:
    wide = "".join('<c s="1"/>' for _ in range(16_384))
    return book_of(*TABLE, more_rows=f'<row r="3">{wide}</row>')


def shared_text_bomb() -> bytes:
    """One text of two thousand characters, named by many cells: megabytes of file, gigabytes of text."""
    rows = [[shared(0)] * 90 for _ in range(100)]
    return Book([Sheet(rows)], texts=["长" * 2000]).content()


def cell_bomb() -> bytes:
    rows = "".join(f"<row>{f'<c><v>{at}</v></c>' * 100}</row>" for at in range(5005))
    sheets = [Sheet(xml=sheet_of(f"<sheetData>{rows}</sheetData>"), name=f"表{at}") for at in range(2)]
    return Book(sheets).content()


PACKAGES = (
    Hostile(
        "bomb by ratio",
        lambda: with_parts({"xl/media/zeros.xml": bytes(20 * MEGABYTE)}),
        f"文件内部有压缩比超过 200 倍的部分，{AFRESH}",
    ),
    Hostile(
        "bomb by size",
        lambda: with_parts({"xl/media/long.xml": bytes(51 * MEGABYTE)}),
        f"文件解开后超过 50 MB，{AFRESH}",
    ),
    Hostile("bomb by entries", many_entries, f"文件内部有超过 1000 个部分，{AFRESH}"),
    Hostile("directory that lies", lying_directory, f"文件内部有超过 1000 个部分，{AFRESH}"),
    Hostile("overlapping entries", overlapping, f"文件内部有互相重叠的部分，{AFRESH}"),
    Hostile("duplicate entries", duplicated, f"文件内部有重名的部分，{AFRESH}"),
    Hostile("zip within zip", quine_like, "文件里嵌着别的文件。请删去嵌入的附件，保存后再上传。"),
    Hostile(
        "embedded document",
        lambda: with_parts({"xl/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0"}),
        "文件里嵌着别的文件。请删去嵌入的附件，保存后再上传。",
    ),
    Hostile(
        "path traversal",
        lambda: with_parts({"../../etc/cron.d/x": "x"}),
        f"文件内部有指向别处的路径，{AFRESH}",
    ),
    Hostile("absolute path", lambda: with_parts({"/etc/passwd": "x"}), f"文件内部有指向别处的路径，{AFRESH}"),
    Hostile(
        "macros",
        lambda: with_parts({"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}),
        "文件里有宏，不能导入。请另存为“Excel 工作簿（.xlsx）”（不带宏）后再上传。",
        "花名册.xlsm",
    ),
    Hostile(
        "external links",
        lambda: with_parts({"xl/externalLinks/externalLink1.xml": "<x/>"}),
        "文件引用了别的工作簿。请在“数据 → 编辑链接”里断开链接（公式会变成数值），保存后再上传。",
    ),
    Hostile(
        "encrypted entry",
        encrypted_entry,
        "文件设了打开密码，无法读取。请在 Excel 或 WPS 中打开，取消密码，另存为 .xlsx 后再上传。",
    ),
    Hostile(
        "rare packing",
        lambda: packed(parts_of(GOOD), zipfile.ZIP_LZMA),
        f"文件用了少见的压缩方式，{AFRESH}",
    ),
    Hostile("size that lies", lying_size, BROKEN),
    Hostile("directory of noise", lambda: GOOD.replace(b"PK\x01\x02", b"PK\x09\x09"), TRUNCATED),
    Hostile("billion laughs", lambda: with_sheet(LAUGHS), FORBIDDEN),
    Hostile("external entity", lambda: with_parts({"xl/workbook.xml": EXTERNAL}), FORBIDDEN),
    Hostile(
        "entity in styles",
        lambda: with_parts({"xl/styles.xml": '<!DOCTYPE s SYSTEM "http://127.0.0.1:9/x"><s/>'}),
        FORBIDDEN,
    ),
    Hostile(
        "huge dimension",
        lambda: book_of(*TABLE, before='<dimension ref="A1:XFD1048576"/>'),
        "读到 1 行。",
    ),
    Hostile("huge merged area", lambda: book_of(*TABLE, merged=["A3:XFD1048576"]), "读到 1 行。"),
    Hostile("a million styled rows", styled_rows, "读到 1 行。"),
    Hostile("16,384 styled columns", styled_columns, "读到 1 行。"),
    Hostile(
        "16,384 columns",
        lambda: book_of(["列"] * 16_384),
        "工作表“Sheet1”第 1 行用到了 CW 列，超过 100 列的上限。请删去右边用不到的列后再上传。",
    ),
    Hostile("shared text bomb", shared_text_bomb, TOO_MUCH),
    Hostile("a million cells", cell_bomb, TOO_MUCH),
    Hostile(
        "21 sheets",
        lambda: Book([Sheet(TABLE, name=f"表{at}") for at in range(21)]).content(),
        "文件里有 21 张工作表，超过 20 张的上限。请删去用不到的工作表后再上传。",
    ),
    Hostile("relations that are no XML", lambda: with_parts({"xl/_rels/workbook.xml.rels": "<oops"}), BROKEN),
    Hostile("no relations", lambda: with_parts({"xl/_rels/workbook.xml.rels": None}), BROKEN),
    Hostile(
        "relation to the outside",
        lambda: with_parts(
            {"xl/_rels/workbook.xml.rels": relations([("rId1", "worksheet", "../../../etc/passwd")])}
        ),
        BROKEN,
    ),
    Hostile("sheet part missing", lambda: with_parts({"xl/worksheets/sheet1.xml": None}), BROKEN),
    Hostile("sheet cut short", lambda: with_sheet(Sheet(TABLE).part[:-40]), BROKEN),
    Hostile("sheet that is empty", lambda: with_sheet(b""), BROKEN),
    Hostile("rows backwards", lambda: book_of(*TABLE, more_rows=row_xml(1, PERSON)), BROKEN),
    Hostile(
        "cells backwards",
        lambda: with_sheet(sheet_of('<sheetData><row r="1"><c r="B1"/><c r="A1"/></row></sheetData>')),
        BROKEN,
    ),
    Hostile(
        "cell of another row",
        lambda: with_sheet(sheet_of('<sheetData><row r="1"><c r="B9"/></row></sheetData>')),
        BROKEN,
    ),
    Hostile(
        "row behind the last",
        lambda: book_of(*TABLE, more_rows='<row r="99999999"><c><v>1</v></c></row>'),
        BROKEN,
    ),
    Hostile(
        "endless row number",
        lambda: book_of(*TABLE, more_rows='<row r="1e999"><c><v>1</v></c></row>'),
        BROKEN,
    ),
    Hostile("shared text that is not there", lambda: book_of([shared(7)]), BROKEN),
    Hostile("negative shared text", lambda: with_sheet(Sheet([[shared(-1)]]).part, ("x",)), BROKEN),
    Hostile(
        "two sheets of one name",
        lambda: Book([Sheet(TABLE, name="表a"), Sheet(TABLE, name="表A")]).content(),
        BROKEN,
    ),
    Hostile(
        "UTF-16", lambda: with_sheet(str(Sheet(TABLE).part)[len(HEAD) :].encode("utf-16")), "读到 1 行。"
    ),
)
