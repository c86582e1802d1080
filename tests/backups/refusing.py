"""python -m tests.backups.refusing CASES: one restore after the other; prints what each said.

One process for all: each would take seconds to start. After each the data folder and the database are
compared with what they were before; a run that restored changes what the next ones find.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import TypedDict

import django


class Case(TypedDict):
    """put: a file below the data folder that lies there during this case alone."""

    name: str
    file: str
    box_keys: str
    put: str


def main(cases: list[Case]) -> dict[str, tuple[str, bool]]:
    django.setup()
    # Only now: models need the apps.
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from backups.actions import Choices, restore  # noqa: PLC0415
    from backups.databases import engine  # noqa: PLC0415
    from backups.rules import BackupRefused, RestoreRefused  # noqa: PLC0415

    folder = Path(settings.VAR_DIR)

    def state() -> object:
        facts = None if connection.vendor == "sqlite" or engine().is_empty() else engine().facts()
        # The lock of the run itself is no data.
        files = [f for f in sorted(folder.rglob("*")) if f.name != "backup.lock"]
        return facts, [(f.name, f.is_file() and hashlib.sha256(f.read_bytes()).digest()) for f in files]

    def told(case: Case) -> str:
        choices = Choices(box_keys=Path(case["box_keys"]) if case["box_keys"] else None)
        try:
            restore(Path(case["file"]), now=timezone.localtime(), choices=choices)
        except (BackupRefused, RestoreRefused) as refusal:
            return str(refusal)
        return "restored"

    said: dict[str, tuple[str, bool]] = {}
    for case in cases:
        put = folder / case["put"]
        if case["put"]:
            put.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            put.write_text('{"digest": "00", "file": "a.backup", "at": "2026-11-23T04:15:00+08:00"}')
        before = state()
        said[case["name"]] = told(case), state() != before
        if case["put"]:
            put.unlink()
    return said


if __name__ == "__main__":
    print(json.dumps(main(json.loads(Path(sys.argv[1]).read_text())), ensure_ascii=False))
