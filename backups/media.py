"""Uploaded and made files: every plain file below MEDIA_ROOT."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings

from backups.archive import CHUNK, Archive, Sink, Writer
from backups.disk import UNFINISHED, to_disk, whole
from backups.rules import MEDIA, BackupRefused, is_member


def root() -> Path:
    return Path(settings.MEDIA_ROOT)


def names() -> list[str]:
    """Relative to the root, in the order of their names."""
    return sorted(_names())


def _names() -> Iterator[str]:
    for folder, _, files in os.walk(root()):
        for name in files:
            file = Path(folder, name)
            if name != UNFINISHED and file.is_file() and not file.is_symlink():
                yield file.relative_to(root()).as_posix()


def write(writer: Writer) -> None:
    """A file that goes meanwhile was on its way out. Raises BackupRefused."""
    for name in names():
        if not is_member(MEDIA + name):
            raise BackupRefused(f"文件名 {name!r} 里有不能备份的字符，请改名后再备份。")
        try:
            source = (root() / name).open("rb")
        except FileNotFoundError:
            continue
        with source, writer.member(MEDIA + name) as sink:
            _copy(source, sink)


def _copy(source: IO[bytes], sink: Sink) -> None:
    while piece := source.read(CHUNK):
        sink.write(piece)


def put(archive: Archive) -> None:
    for member in archive.manifest.files(MEDIA):
        file = root() / member.name.removeprefix(MEDIA)
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole(file) as handle:
            archive.copy(member, handle)
            to_disk(handle)


def take_back(archive: Archive) -> None:
    """Remove what `put` may have written, folders that are empty then included."""
    for member in archive.manifest.files(MEDIA):
        file = root() / member.name.removeprefix(MEDIA)
        file.unlink(missing_ok=True)
        file.with_name(UNFINISHED).unlink(missing_ok=True)
        for folder in file.relative_to(root()).parents[:-1]:
            try:
                (root() / folder).rmdir()
            except OSError:
                break
