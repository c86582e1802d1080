"""Workbooks written by hand, byte by byte, so that they can be wrong in any way a test wants."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

from ledgers.sheets.limits import letters_of

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
DATE_STYLE, MONTH_STYLE, LONG_DATE_STYLE = 1, 2, 3
_FORMATS = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 164, 165, 31))
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy&quot;年&quot;m&quot;月&quot;;@"/></numFmts>'
    '<fonts count="1"><font/></fonts>'
    '<fills count="1"><fill><patternFill/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>'
    f'<cellXfs count="4">{_FORMATS}</cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True)
class Raw:
    """A cell as XML; {r} becomes its reference."""

    xml: str


def formula(text: str, result: str = "1") -> Raw:
    return Raw(f'<c r="{{r}}"><f>{escape(text)}</f><v>{result}</v></c>')


def number(written: str, style: int = 0) -> Raw:
    return Raw(f'<c r="{{r}}" s="{style}"><v>{written}</v></c>')


def shared(index: int) -> Raw:
    return Raw(f'<c r="{{r}}" t="s"><v>{index}</v></c>')


def error(name: str) -> Raw:
    return Raw(f'<c r="{{r}}" t="e"><v>{name}</v></c>')


Value = str | int | float | date | Raw | None


@dataclass(frozen=True)
class Sheet:
    rows: Sequence[Sequence[Value]] = ()
    name: str = "Sheet1"
    first_row: int = 1
    state: str = ""
    before: str = ""  # XML in front of sheetData
    after: str = ""  # and behind it
    more_rows: str = ""
    merged: Sequence[str] = ()
    kind: str = "worksheet"
    xml: str | bytes | None = None  # instead of everything above

    @property
    def part(self) -> str | bytes:
        if self.xml is not None:
            return self.xml
        rows = "".join(row_xml(at, row) for at, row in enumerate(self.rows, start=self.first_row))
        areas = "".join(f'<mergeCell ref="{area}"/>' for area in self.merged)
        merged = f"<mergeCells>{areas}</mergeCells>" if areas else ""
        return (
            f'{HEAD}<worksheet xmlns="{MAIN}">{self.before}<sheetData>{rows}{self.more_rows}</sheetData>'
            f"{merged}{self.after}</worksheet>"
        )


def row_xml(at: int, row: Sequence[Value]) -> str:
    cells = (cell_xml(f"{letters_of(column)}{at}", value) for column, value in enumerate(row, start=1))
    return f'<row r="{at}">{"".join(cells)}</row>'


def cell_xml(place: str, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Raw):
        return value.xml.replace("{r}", place)
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="{DATE_STYLE}"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'


Parts = Mapping[str, str | bytes | None]


@dataclass(frozen=True)
class Book:
    sheets: Sequence[Sheet] = (Sheet(),)
    texts: Sequence[str] = ()
    date_1904: bool = False
    parts: Parts = field(default_factory=dict)  # others, replacements, or None to leave one out

    def content(self) -> bytes:
        parts: dict[str, str | bytes] = {
            "[Content_Types].xml": self._types(),
            "_rels/.rels": relations([("rId1", "officeDocument", "xl/workbook.xml")]),
            "xl/workbook.xml": self._workbook(),
            "xl/_rels/workbook.xml.rels": relations(self._relations()),
            "xl/styles.xml": STYLES,
            **{f"xl/worksheets/sheet{at}.xml": sheet.part for at, sheet in enumerate(self.sheets, start=1)},
        }
        if self.texts:
            parts["xl/sharedStrings.xml"] = texts_xml(self.texts)
        kept = {name: part for name, part in {**parts, **self.parts}.items() if part is not None}
        return packed(kept)

    def _types(self) -> str:
        parts = {"workbook": "sheet.main", "styles": "styles"}
        if self.texts:
            parts["sharedStrings"] = "sharedStrings"
        for at, sheet in enumerate(self.sheets, start=1):
            parts[f"worksheets/sheet{at}"] = sheet.kind
        inner = "".join(
            f'<Override PartName="/xl/{name}.xml" ContentType="{TYPE}.{kind}+xml"/>'
            for name, kind in parts.items()
        )
        defaults = "".join(
            f'<Default Extension="{name}" ContentType="application/{kind}"/>'
            for name, kind in (("xml", "xml"), ("rels", "vnd.openxmlformats-package.relationships+xml"))
        )
        return f'{HEAD}<Types xmlns="{TYPES}">{defaults}{inner}</Types>'

    def _workbook(self) -> str:
        sheets = "".join(
            f'<sheet name={quoteattr(sheet.name)} sheetId="{at}" r:id="rId{at}"'
            f"{f' state={quoteattr(sheet.state)}' if sheet.state else ''}/>"
            for at, sheet in enumerate(self.sheets, start=1)
        )
        epoch = '<workbookPr date1904="1"/>' if self.date_1904 else ""
        return (
            f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{epoch}<sheets>{sheets}</sheets></workbook>'
        )

    def _relations(self) -> list[tuple[str, str, str]]:
        sheets = [
            (f"rId{at}", sheet.kind, f"worksheets/sheet{at}.xml")
            for at, sheet in enumerate(self.sheets, start=1)
        ]
        texts = [("rId901", "sharedStrings", "sharedStrings.xml")] if self.texts else []
        return [*sheets, ("rId900", "styles", "/xl/styles.xml"), *texts]


def relations(found: Sequence[tuple[str, str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>' for key, kind, target in found
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}">{inner}</Relationships>'


def texts_xml(texts: Sequence[str]) -> str:
    inner = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    return f'{HEAD}<sst xmlns="{MAIN}">{inner}</sst>'


def packed(
    parts: Mapping[str, str | bytes] | Sequence[tuple[str, str | bytes]], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, part in parts.items() if isinstance(parts, Mapping) else parts:
            archive.writestr(name, part)
    return target.getvalue()


def book_of(*rows: Sequence[Value], **details: object) -> bytes:
    """A workbook of one sheet with these rows."""
    return Book([Sheet(rows, **details)]).content()  # type: ignore[arg-type]  # fields of Sheet
