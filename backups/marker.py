"""The sign that a restore has begun and not ended, and the note of the last that ended: files, not rows.

Not in the database: it is what is being brought back.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from backups.disk import sync_folder, to_disk, whole
from backups.rules import RestoreRefused

_NAME, _NOTES = "restore-unfinished.json", "restored.json"


@dataclass(frozen=True)
class Begun:
    """digest: the sum the file ends with; file: its name, for people."""

    digest: str
    file: str
    at: datetime


def _path(name: str) -> Path:
    return Path(settings.VAR_DIR) / name


def unfinished() -> Begun | None:
    """Raises RestoreRefused when the sign itself cannot be read."""
    return _read(_NAME)


def last_restored() -> Begun | None:
    return _read(_NOTES)


def _read(name: str) -> Begun | None:
    try:
        content: dict[str, Any] = json.loads(_path(name).read_bytes())
        return Begun(content["digest"], content["file"], datetime.fromisoformat(content["at"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise RestoreRefused(f"{_path(name)} 读不出来，请联系维护人员。") from None


def begin(begun: Begun) -> None:
    _write(_NAME, begun)


def take_back() -> None:
    _path(_NAME).unlink(missing_ok=True)
    sync_folder(_path(_NAME).parent)


def end(begun: Begun) -> None:
    _write(_NOTES, begun)
    take_back()


def _write(name: str, begun: Begun) -> None:
    with whole(_path(name)) as handle:
        handle.write(json.dumps({**asdict(begun), "at": begun.at.isoformat()}, ensure_ascii=False).encode())
        to_disk(handle)
