"""Two lives from one start, one of them disturbed, and what differs at the end."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.box.installation import Installation
from tests.faults.rows import differences


@dataclass(frozen=True)
class Compared:
    """killed: by target. lost, doubled: rows by table."""

    killed: dict[str, int]
    lost: dict[str, int]
    doubled: dict[str, int]
    rows: int


def lived(installation: Installation, *arguments: str) -> Any:
    installation.run("tests.faults.life", *arguments)
    return json.loads((installation.folder / "lived.json").read_text())


def compared(undisturbed: Installation, disturbed: Installation, command: str, *given: object) -> Compared:
    """given: days, seed, and what else the command takes. Both live at the same time."""
    days, seed, *more = map(str, given)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(lived, undisturbed, command, days, "plain", seed, *more)
        second = pool.submit(lived, disturbed, command, days, "killed", seed, *more)
        wanted, there = first.result(), second.result()
    found = differences(wanted["rows"], there["rows"])
    for table, rows in found.items():
        print(table, *rows["lost"][:3], "---", *rows["doubled"][:3], sep="\n")
    return Compared(
        there["killed"],
        {table: len(rows["lost"]) for table, rows in found.items() if rows["lost"]},
        {table: len(rows["doubled"]) for table, rows in found.items() if rows["doubled"]},
        sum(map(len, wanted["rows"].values())),
    )


def copied(start: Installation, folder: Path) -> Installation:
    shutil.copytree(start.folder, folder)
    return Installation(folder, f"sqlite:///{folder}/portal.sqlite3")
