"""Looks for words in whatever the portal wrote, however it wrote them.

A word is looked for as it stands in each character set and JSON or HTML spelling, and each of these once more
in base64, hexadecimal and percent signs. What was packed before it was written is unpacked: long runs
of base64 (also over the line ends of a mail), what zlib or gzip made of them, quoted-printable.
"""

import base64
import binascii
import html
import json
import quopri
import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import quote, quote_plus

CHARSETS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
LEAST_RUN = 24
LAYERS = 3
LONGEST = 1 << 16  # bytes of something packed
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{%d,}(?:\r?\n[A-Za-z0-9+/_-]+)*" % LEAST_RUN)
_HEX = re.compile(rb"[0-9a-fA-F]+")  # a dump's blobs; looked for as they stand
_ZLIB_HEADS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x1f\x8b")


def spellings(word: str) -> set[bytes]:
    """Every way in which the word may stand in a file."""
    plain = {word.encode(charset) for charset in CHARSETS}
    entities = "".join(f"&#x{ord(one):x};" for one in word)
    decimal = word.encode("ascii", "xmlcharrefreplace").decode()
    as_text = {json.dumps(word)[1:-1], quote(word), quote_plus(word, encoding="gbk"), html.escape(word)}
    plain |= {text.encode() for text in as_text | {entities, decimal, word.encode("unicode_escape").decode()}}
    return plain | set(chain.from_iterable(map(_packed, plain)))


def _packed(plain: bytes) -> Iterator[bytes]:
    yield binascii.hexlify(plain)
    yield binascii.hexlify(plain).upper()
    yield "".join(f"%{one:02X}" for one in plain).encode()
    yield "".join(f"\\x{one:02x}" for one in plain).encode()
    for before in range(3):
        # Only the characters that no neighbour has a bit in.
        skip = (0, 2, 3)[before]
        coded = base64.b64encode(b"\x00" * before + plain)[skip:].rstrip(b"=")
        whole = coded[: len(coded) - (1 if (before + len(plain)) % 3 else 0)]
        yield from (whole, whole.replace(b"+", b"-").replace(b"/", b"_"))


class Search:
    """Looks for the same words in many contents."""

    def __init__(self, words: Iterable[str]) -> None:
        # A short spelling would be found by chance: it names nothing.
        self._known = sorted({one for word in words for one in spellings(word) if len(one) >= 6})

    def found_in(self, content: bytes) -> bool:
        return any(one in layer for layer in layers(content) for one in self._known)


def layers(content: bytes, *, deep: int = LAYERS) -> Iterator[bytes]:
    """The content and what is packed in it."""
    yield content
    if not deep:
        return
    for packed in _unpacked(content):
        yield from layers(packed, deep=deep - 1)


def _unpacked(content: bytes) -> Iterator[bytes]:
    if b"=\n" in content or re.search(rb"(?:=[0-9A-F]{2}){3}", content):
        yield quopri.decodestring(content)
    for head in _ZLIB_HEADS:
        for match in re.finditer(re.escape(head), content):
            if unpacked := _inflated(content[match.start() : match.start() + LONGEST]):
                yield unpacked
    for match in _BASE64.finditer(content):
        if _HEX.fullmatch(match.group()):
            continue
        run = re.sub(rb"\s", b"", match.group()).translate(bytes.maketrans(b"-_", b"+/"))
        for start in range(4):  # it may be glued to something
            part = run[start:]
            yield base64.b64decode(part[: len(part) // 4 * 4])


def _inflated(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=47).decompress(packed, 1 << 20)
    except zlib.error:
        return b""


def files_with(search: Search, folder: Path) -> Iterator[str]:
    """The paths of all files below the folder whose name or content holds a word."""
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = str(file.relative_to(folder))
        if search.found_in(name.encode()) or search.found_in(_content(file)):
            yield name


def _content(file: Path) -> bytes:
    """Empty for a file that went while we looked."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
