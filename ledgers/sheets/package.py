"""The parts of an .xlsx around its cells: sheets, shared texts, date formats. Child side.

Nothing but names, texts and number formats is read; styles, themes, properties and drawings never are, so a
file that other software wrote a little wrong there is still read.
"""

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ledgers.sheets.cells import Skipped, WorkbookRefused
from ledgers.sheets.limits import SheetLimits
from ledgers.sheets.serials import DATE_FORMATS, MONTH_FORMATS, is_date_format, is_month_format
from ledgers.sheets.tidy import decoded, one_line
from ledgers.sheets.xml_events import Attributes, Events, local, parse

_TRUE = {"1", "true", "on"}


class BrokenPart(ValueError):
    """A part of the file is missing or contradicts another; the words are for the log."""


@dataclass(frozen=True)
class SheetPart:
    name: str
    path: str
    skipped: Skipped


@dataclass(frozen=True)
class Book:
    sheets: tuple[SheetPart, ...]
    texts: list[str]
    dates: frozenset[int]  # indexes of cell formats that show a date
    months: frozenset[int]  # those of them that show no day
    date_1904: bool


class Package:
    """The zip file by part names, without regard to upper and lower case."""

    def __init__(self, content: bytes) -> None:
        self._zip = ZipFile(BytesIO(content))
        self._names = {name.lower().lstrip("/"): name for name in self._zip.namelist()}

    def __contains__(self, path: str) -> bool:
        return path.lower() in self._names

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        name = self._names.get(path.lower())
        if name is None:
            raise BrokenPart(f"part {path} is missing")
        with self._zip.open(name) as part:
            yield part

    def read(self, path: str) -> bytes:
        with self.open(path) as part:
            return part.read()

    def rewritten(self, parts: Mapping[str, bytes]) -> bytes:
        """The package with other bytes for the given parts, everything else copied."""
        changed = {self._names[path.lower()]: content for path, content in parts.items()}
        target = BytesIO()
        with ZipFile(target, "w", ZIP_DEFLATED) as archive:
            for entry in self._zip.infolist():
                copy = ZipInfo(entry.filename, entry.date_time)
                copy.compress_type, copy.external_attr = ZIP_DEFLATED, entry.external_attr
                archive.writestr(copy, changed.get(entry.filename) or self._zip.read(entry))
        return target.getvalue()

    def send(self, path: str, events: Events) -> None:
        with self.open(path) as part:
            parse(part, events)


def read_book(package: Package, limits: SheetLimits) -> Book:
    """Everything but the rows. Raises BrokenPart and WorkbookRefused."""
    root = _relations(package, "")
    path = next((target for kind, target in root.values() if kind == "officeDocument"), "xl/workbook.xml")
    relations = _relations(package, path)
    workbook = WorkbookEvents()
    package.send(path, workbook)
    if len(workbook.sheets) > limits.sheets:
        raise WorkbookRefused(
            "sheets",
            f"文件里有 {len(workbook.sheets)} 张工作表，超过 {limits.sheets} 张的上限。"
            "请删去用不到的工作表后再上传。",
        )
    styles, texts = StyleEvents(), TextEvents(limits)
    for kind, target in relations.values():
        if kind in ("styles", "sharedStrings") and target in package:
            package.send(target, styles if kind == "styles" else texts)
    sheets = tuple(_sheet(attributes, relations) for attributes in workbook.sheets)
    if len({sheet.name.casefold() for sheet in sheets}) < len(sheets):
        raise BrokenPart("two sheets of the same name")
    return Book(sheets, texts.texts, styles.dates, styles.months, workbook.date_1904)


def _sheet(attributes: Attributes, relations: dict[str, tuple[str, str]]) -> SheetPart:
    key = next((value for name, value in attributes.items() if local(name) == "id"), "")
    kind, target = relations.get(key, ("", ""))
    if not kind:
        raise BrokenPart("a sheet without a part")
    state = attributes.get("state", "visible").lower()
    skipped = Skipped.NO if kind == "worksheet" else Skipped.CHART
    return SheetPart(
        name=one_line(decoded(attributes.get("name", "")))[:64],
        path=target,
        skipped=skipped if state == "visible" else Skipped.HIDDEN,
    )


def _relations(package: Package, path: str) -> dict[str, tuple[str, str]]:
    """Relations of a part: id → last word of the type, path in the zip. Targets outside are left out."""
    folder, name = posixpath.split(path)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in package:
        return {}
    events = RelationEvents(folder)
    package.send(rels, events)
    return events.found


class RelationEvents(Events):
    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder
        self.found: dict[str, tuple[str, str]] = {}

    def opened(self, name: str, attributes: Attributes) -> None:
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        kind, target = attributes.get("Type", "").rpartition("/")[2], attributes.get("Target", "")
        path = target if target.startswith("/") else posixpath.join(self._folder, target)
        self.found[attributes.get("Id", "")] = (kind, posixpath.normpath(path).lstrip("/"))


class WorkbookEvents(Events):
    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[Attributes] = []
        self.date_1904 = False

    def opened(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            self.sheets.append(attributes)
        elif name == "workbookPr":
            self.date_1904 = attributes.get("date1904", "").lower() in _TRUE


class StyleEvents(Events):
    """Number formats only: which of the cell formats (cellXfs) show a date."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[int, str] = {}
        self._formats: list[int] = []
        self._inside = False

    def opened(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            self._codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self._formats.append(int(attributes.get("numFmtId", "0")))

    def closed(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False

    @property
    def dates(self) -> frozenset[int]:
        return self._having(DATE_FORMATS | {key for key, code in self._codes.items() if is_date_format(code)})

    @property
    def months(self) -> frozenset[int]:
        return self._having(
            MONTH_FORMATS | {key for key, code in self._codes.items() if is_month_format(code)}
        )

    def _having(self, formats: frozenset[int]) -> frozenset[int]:
        return frozenset(index for index, number in enumerate(self._formats) if number in formats)


class TextEvents(Events):
    """The shared texts, each cut just behind the limit of a cell; readings (phonetic) are left out."""

    def __init__(self, limits: SheetLimits) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._limits = limits
        self._length = 0
        self._text = LimitedText(limits.text)
        self._taking = False
        self._hidden = 0

    def opened(self, name: str, attributes: Attributes) -> None:
        if name == "rPh":
            self._hidden += 1
        elif name == "t":
            self._taking = not self._hidden

    def closed(self, name: str) -> None:
        if name == "t":
            self._taking = False
        elif name == "rPh":
            self._hidden -= 1
        elif name == "si":
            self._add(decoded(self._text.take()))

    def characters(self, content: str) -> None:
        if self._taking:
            self._text.add(content)

    def _add(self, text: str) -> None:
        self.texts.append(text)
        self._length += len(text)
        if len(self.texts) > self._limits.cells or self._length > self._limits.characters:
            raise too_much(self._limits)


class LimitedText:
    """Collects pieces of a text and forgets what lies more than one character behind the limit."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._room = most + 1
        self._parts: list[str] = []

    def add(self, text: str) -> None:
        if self._room > 0:
            self._parts.append(text[: self._room])
            self._room -= len(text)

    def take(self) -> str:
        if not self._parts:
            return ""
        text = "".join(self._parts)
        self._parts.clear()
        self._room = self._most + 1
        return text


def too_much(limits: SheetLimits) -> WorkbookRefused:
    return WorkbookRefused(
        "too_much",
        f"文件里的内容太多（上限 {limits.cells // 10_000} 万个单元格、{limits.characters // 10_000} 万字）。"
        "请只留下需要导入的表格，或分成几个文件上传。",
    )
