"""The file of a backup: a ZIP whose last 64 bytes are the SHA-256 of everything before them.

The sum stands where a ZIP keeps its comment, so every usual program opens the file, and any bit that
changed and any byte that is missing is noticed before anything inside is looked at. All members carry the
same time: what lies in the channel's spool must not say when anything came.
"""

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Protocol

from backups import manifest as manifests
from backups.disk import reason
from backups.manifest import Manifest, Member
from backups.rules import FORMAT, MANIFEST, BrokenBackup, NewerBackup, RestoreRefused, is_member

CHUNK = 1 << 20
TAIL = 64
_SHORTEST = 22 + TAIL  # an empty ZIP
_MOST_MEMBERS = 1_000_000
_LARGEST_MANIFEST = 256 * 1024 * 1024
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
    ValueError,
)


class Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


class SummingSink:
    """Writes on, and knows how much and which bytes."""

    def __init__(self, target: Sink) -> None:
        self._target, self._sum, self.size = target, sha256(), 0

    def write(self, data: bytes) -> int:
        self._target.write(data)
        self._sum.update(data)
        self.size += len(data)
        return len(data)

    @property
    def sha256(self) -> str:
        return self._sum.hexdigest()


class Writer:
    """Members one after the other, each read once."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: list[Member] = []

    @contextmanager
    def member(self, name: str, *, packed: bool = False) -> Iterator[SummingSink]:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        with self._archive.open(info, "w", force_zip64=True) as target:
            sink = SummingSink(target)
            yield sink
        self.members.append(Member(name, sink.size, sink.sha256))


@contextmanager
def writing(handle: IO[bytes]) -> Iterator[Writer]:
    """On leaving without error the end and the sum are written; the caller brings it to the disk."""
    archive = zipfile.ZipFile(handle, "w", compresslevel=1)
    archive.comment = bytes(TAIL).replace(b"\x00", b"0")
    try:
        yield Writer(archive)
        archive.close()
    except BaseException:
        with suppress(OSError, ValueError):
            archive.close()  # or its last breath would be a warning
        raise
    handle.flush()
    found = _sum_without_tail(handle)
    handle.seek(-TAIL, os.SEEK_END)
    handle.write(found.encode())


def _sum_without_tail(handle: IO[bytes]) -> str:
    left = handle.seek(0, os.SEEK_END) - TAIL
    handle.seek(0)
    found = sha256()
    while left > 0 and (piece := handle.read(min(CHUNK, left))):
        found.update(piece)
        left -= len(piece)
    return found.hexdigest()


class Archive:
    """A file whose sum is right and whose manifest was read; its members are read and checked by name."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest, digest: str) -> None:
        self._archive, self.manifest, self.digest = archive, manifest, digest

    def copy(self, member: Member, sink: Sink) -> None:
        """Raises BrokenBackup at the first difference; at most the declared size is written."""
        left, found = member.size, sha256()
        try:
            with self._archive.open(member.name) as source:
                while piece := source.read(CHUNK):
                    left -= len(piece)
                    if left < 0:
                        raise BrokenBackup(member.name)
                    found.update(piece)
                    sink.write(piece)
        except _UNREADABLE as error:
            if isinstance(error, RestoreRefused):
                raise
            raise BrokenBackup(member.name) from None
        if left or found.hexdigest() != member.sha256:
            raise BrokenBackup(member.name)

    def check_members(self) -> None:
        """Exactly the members the manifest names, each under a name it may have, each with its sum."""
        names = [info.filename for info in self._archive.infolist()]
        if len(names) != len(set(names)) or set(names) != {m.name for m in self.manifest.members} | {
            MANIFEST
        }:
            raise BrokenBackup("内容与清单不一致")
        for member in self.manifest.members:
            self.copy(member, _Nowhere())


class _Nowhere:
    def write(self, data: bytes) -> None:
        """Read to be summed alone."""


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Raises BrokenBackup, NewerBackup, RestoreRefused; nothing but the file is looked at."""
    try:
        handle = path.open("rb")
    except OSError as error:
        raise RestoreRefused(f"打不开备份文件 {path}（{reason(error)}）。请核对文件名和权限。") from None
    with handle:
        digest = _checked_sum(handle)
        try:
            archive = zipfile.ZipFile(handle)
        except _UNREADABLE:
            raise BrokenBackup from None
        with archive:
            yield Archive(archive, _manifest_of(archive), digest)


def _checked_sum(handle: IO[bytes]) -> str:
    try:
        size = handle.seek(0, os.SEEK_END)
        found = _sum_without_tail(handle)
        if size < _SHORTEST or handle.read(TAIL) != found.encode():
            raise BrokenBackup
    except OSError as error:
        raise BrokenBackup(reason(error)) from None
    return found


def _manifest_of(archive: zipfile.ZipFile) -> Manifest:
    infos = archive.infolist()
    if len(infos) > _MOST_MEMBERS:
        raise BrokenBackup
    # First of all: a backup of tomorrow's format may look different in everything else.
    content = manifests.loaded(_manifest_bytes(archive))
    number, version = manifests.format_of(content)
    if number > FORMAT:
        raise NewerBackup(version)
    for info in infos:
        if not is_member(info.orig_filename) or info.orig_filename != info.filename:
            raise BrokenBackup("里面有不该有的文件名")
    return manifests.read(content)


def _manifest_bytes(archive: zipfile.ZipFile) -> bytes:
    try:
        if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
            raise BrokenBackup
        with archive.open(MANIFEST) as source:
            return source.read(_LARGEST_MANIFEST)
    except KeyError:
        raise BrokenBackup("没有清单") from None
    except _UNREADABLE:
        raise BrokenBackup("清单读不出来") from None
