"""Word templates, filled in their XML. No Django: the child imports it.

Word splits a line into runs wherever somebody stopped typing, so a placeholder is looked for in the text of
a whole paragraph; what replaces it takes the look of its first character.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy

from lxml import etree

from papers.filling.package import Element, replaced, xml_parts
from papers.filling.syntax import PLACEHOLDER, Filling, Plain, TemplateRefused, list_of, names_in, words

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_PARAGRAPH, _ROW, _TEXT = f"{_W}p", f"{_W}tr", f"{_W}t"
_BREAKS = {f"{_W}tab", f"{_W}br", f"{_W}cr"}
# Stands on a paragraph while its document is being filled.
_DONE = "filled"
# The parts with text, in the order in which their names are told.
_ROOTS = [f"{_W}{name}" for name in ("document", "hdr", "ftr", "footnotes", "endnotes")]
# Fields that read another file or program when the document is opened.
_FETCHING = re.compile(
    r"\s*(DDE|DDEAUTO|DATABASE|IMPORT|INCLUDE|INCLUDETEXT|INCLUDEPICTURE|LINK)\b", re.IGNORECASE
)
_FIELD_MARK, _FIELD_CODE = f"{_W}fldChar", f"{_W}instrText"


def word_names(content: bytes) -> list[str]:
    """The names a Word template asks for, in its order. Raises TemplateRefused."""
    return [name for root in _texts(content).values() for name in _names(root)]


def fill_word(content: bytes, filling: Filling) -> bytes:
    """The document, filled; everything that is no placeholder stays as it was."""
    roots = _texts(content)
    for root in roots.values():
        _fill(root, filling)
    return replaced(content, roots)


def _texts(content: bytes) -> dict[str, Element]:
    """The parts with text, the document first. Every other part is looked at too, for what it fetches."""
    found = {name: root for name, root in xml_parts(content) if root.tag in _ROOTS}
    for root in found.values():
        _refuse_fetching(root)
    return dict(sorted(found.items(), key=lambda pair: (_ROOTS.index(pair[1].tag), pair[0])))


def _refuse_fetching(root: Element) -> None:
    simple = [field.get(f"{_W}instr", "") for field in root.iter(f"{_W}fldSimple")]
    if field := next((text for text in (*simple, *_field_codes(root)) if _FETCHING.match(text)), ""):
        raise TemplateRefused(
            f"文件里有打开时会读取外部内容的域“{field.split()[0]}”。"
            "请选中它，按 Ctrl+Shift+F9 变成普通文字，另存后再上传。"
        )


def _field_codes(root: Element) -> Iterator[str]:
    """The code of every field, one inside another and one over several paragraphs too."""
    opened = [""]  # what stands outside of any field is looked at as well
    for piece in root.iter(_FIELD_MARK, _FIELD_CODE):
        kind = piece.get(f"{_W}fldCharType")
        if piece.tag == _FIELD_CODE:
            opened[-1] += piece.text or ""
        elif kind == "begin":
            opened.append("")
        elif kind == "end" and len(opened) > 1:
            yield opened.pop()
    yield from opened


def _names(root: Element) -> list[str]:
    for row in root.iter(_ROW):
        list_of(_row_names(row))
    found = []
    for paragraph in root.iter(_PARAGRAPH):
        names = names_in(_text(paragraph))
        if name := next((name for name in names if "." in name), ""):
            _refuse_outside_rows(paragraph, name)
        found += names
    return found


def _refuse_outside_rows(paragraph: Element, name: str) -> None:
    if next(paragraph.iterancestors(_ROW), None) is None:
        raise TemplateRefused(f"“{{{{ {name} }}}}”要写在表格的一行里，那一行会按列表逐行重复。")


def _row_names(row: Element) -> list[str]:
    """What the row itself asks for; a table inside it has rows of its own."""
    own = (p for p in row.iter(_PARAGRAPH) if next(p.iterancestors(_ROW)) is row)
    return [name for paragraph in own for name in names_in(_text(paragraph))]


def _pieces(paragraph: Element) -> Iterator[Element]:
    """Texts and breaks of a paragraph; the text of a box that hangs on it is in paragraphs of its own."""
    for piece in paragraph.iter(_TEXT, *_BREAKS):
        if next(piece.iterancestors(_PARAGRAPH)) is paragraph and _is_run(piece):
            yield piece


def _is_run(piece: Element) -> bool:
    """Tab stops of a paragraph's properties have the same name as a typed tab."""
    parent = piece.getparent()
    return parent is not None and parent.tag == f"{_W}r"


def _said(piece: Element) -> str:
    return piece.text or "" if piece.tag == _TEXT else "\n"


def _text(paragraph: Element) -> str:
    return "".join(_said(piece) for piece in _pieces(paragraph))


def _fill(root: Element, filling: Filling) -> None:
    # Inner rows stand after their outer row, so they are repeated first.
    for row in reversed(list(root.iter(_ROW))):
        if name := list_of(_row_names(row)):
            _repeat(row, name, filling)
    _fill_paragraphs(root, filling.values)
    for paragraph in root.iter(_PARAGRAPH):
        paragraph.attrib.pop(_DONE, None)


def _repeat(row: Element, name: str, filling: Filling) -> None:
    for columns in filling.rows(name):
        made = deepcopy(row)
        made.tail = None
        _forget_marks(made)
        _fill_paragraphs(made, filling.values | columns)
        row.addprevious(made)
    parent = row.getparent()
    if parent is not None:
        parent.remove(row)


def _forget_marks(row: Element) -> None:
    """Numbers that must be unique in a document: Word gives new ones."""
    for element in row.iter():
        element.attrib.pop(f"{_W14}paraId", None)
        element.attrib.pop(f"{_W14}textId", None)


def _fill_paragraphs(above: Element, values: Mapping[str, Plain]) -> None:
    """Each once: what somebody registered is never read as a placeholder."""
    for paragraph in above.iter(_PARAGRAPH):
        if paragraph.get(_DONE) is None:
            paragraph.set(_DONE, "")
            _fill_paragraph(paragraph, values)


def _fill_paragraph(paragraph: Element, values: Mapping[str, Plain]) -> None:
    pieces = list(_pieces(paragraph))
    before = [_said(piece) for piece in pieces]
    # From the last to the first: what stands before keeps its place.
    for match in reversed(list(PLACEHOLDER.finditer("".join(before)))):
        _put(pieces, match.start(), match.end(), words(values.get(match.group(1))))
    for piece, said in zip(pieces, before, strict=True):
        if piece.tag == _TEXT and piece.text != said:
            _break_lines(piece)


def _put(pieces: Iterable[Element], start: int, end: int, new: str) -> None:
    """Exchange the characters from `start` to `end`, which may lie in several runs."""
    at = 0
    for piece in pieces:
        said = _said(piece)
        first, last = max(start - at, 0), min(end - at, len(said))
        if piece.tag == _TEXT and first < last:
            piece.text = said[:first] + new + said[last:]
            piece.set(_SPACE, "preserve")
            new = ""
        at += len(said)


def _break_lines(piece: Element) -> None:
    """Lines of a value are lines of the paragraph, tabs its tabs."""
    parts = re.split(r"([\n\t])", piece.text or "")
    piece.text = parts[0]
    last = piece
    for part in parts[1:]:
        if not part:
            continue
        made = etree.Element({"\n": f"{_W}br", "\t": f"{_W}tab"}.get(part, _TEXT))
        if made.tag == _TEXT:
            made.text = part
            made.set(_SPACE, "preserve")
        last.addnext(made)
        last = made
