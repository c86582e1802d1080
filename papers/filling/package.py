"""The zip and the XML of an Office file, for Word and Excel alike. No Django: the child imports it."""

from collections import deque
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from lxml import etree

from papers.filling.syntax import TemplateRefused

# An element of lxml, which has no types.
Element = Any
BROKEN = "文件里的内容有损坏，没有读出来。请打开原文件，另存一份后再上传。"
NO_DTD = (
    "文件里有正常的 Word、Excel 文件不会有的内容（DTD 声明）。请在 Word、Excel 或 WPS 中打开，另存后再上传。"
)
OUTSIDE = "文件引用了外部的模板、图片或对象，打开时会去别处读取。请断开链接，另存后再上传。"
PASTED = "文件里嵌着另一份网页或文档，打开时才拼进来。请在 Word 或 WPS 中打开，另存后再上传。"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def parsed(content: bytes) -> Element:
    """One part, nothing expanded and nothing fetched. Raises TemplateRefused for any DTD."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(content, parser)
    if root.getroottree().docinfo.doctype:
        raise TemplateRefused(NO_DTD)
    return root


def xml_parts(content: bytes) -> Iterator[tuple[str, Element]]:
    """Every XML part by its name. Raises TemplateRefused for what fetches something when it is opened."""
    with ZipFile(BytesIO(content)) as archive:
        for entry in archive.infolist():
            if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
                root = parsed(archive.read(entry))
                _refuse_outside(root)
                yield entry.filename, root


def check_parts(content: bytes) -> None:
    """Raises TemplateRefused as `xml_parts` does."""
    deque(xml_parts(content), maxlen=0)


def _refuse_outside(root: Element) -> None:
    """A form that fetches something by itself tells a stranger who opened it; a link waits for a click."""
    for relation in root.iter(_RELATION):
        kind = relation.get("Type", "").lower()
        outside = relation.get("TargetMode", "").lower() == "external"
        if outside and not kind.endswith("/hyperlink"):
            raise TemplateRefused(OUTSIDE)
        if kind.endswith("/afchunk"):  # a page of its own, which may fetch what it likes
            raise TemplateRefused(PASTED)


def replaced(content: bytes, parts: Mapping[str, Element]) -> bytes:
    """The same file with some parts exchanged; every other byte of the parts stays."""
    target = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(target, "w") as made:
        for entry in source.infolist():
            root = parts.get(entry.filename)
            made.writestr(entry, source.read(entry) if root is None else _written(root))
    return target.getvalue()


def _written(root: Element) -> bytes:
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return content
