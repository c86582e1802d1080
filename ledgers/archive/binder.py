"""A ZIP that grows on the disk file by file, and knows the SHA-256 of every one."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, NamedTuple, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

PIECE = 1024 * 1024
PACKED = (".xlsx", ".pdf")  # compressed already


class Bound(NamedTuple):
    path: str
    size: int
    sha256: str


class Binder:
    """Files in the order in which they are added. Every entry bears the same moment."""

    def __init__(self, target: IO[bytes], moment: datetime) -> None:
        self._zip = ZipFile(target, "w")
        self._moment = moment.timetuple()[:6]
        self.bound: list[Bound] = []

    def add(self, path: str, content: IO[bytes] | bytes) -> Bound:
        """Write one file, piece by piece."""
        entry = ZipInfo(path, self._moment)
        entry.compress_type = ZIP_STORED if path.endswith(PACKED) else ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(entry, "w", force_zip64=True) as made:
            for piece in _pieces(content):
                made.write(piece)
                digest.update(piece)
                size += len(piece)
        self.bound.append(Bound(path, size, digest.hexdigest()))
        return self.bound[-1]

    def sums(self) -> bytes:
        """As `sha256sum -c` reads them."""
        return "".join(f"{file.sha256}  {file.path}\n" for file in self.bound).encode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Closed before its file is, also when the work was given up."""
        self._zip.close()


def _pieces(content: IO[bytes] | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    content.seek(0)
    while piece := content.read(PIECE):
        yield piece


def scratch() -> IO[bytes]:
    """Where a file is made before it is bound; gone with the process."""
    return TemporaryFile()
