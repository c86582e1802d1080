"""Backups and restores that are killed: python -m tests.backups.killing FILE KEYS KILLS SEED.

In a process of its own, with an empty database and data folder that are its own too. Prints what was seen
(tests.backups.kills) as JSON.
"""

import json
import sys
from pathlib import Path
from random import Random

import django


def main(file: Path, keys: Path, kills: int, seed: int) -> dict[str, int]:
    django.setup()
    # Only now: models need the apps.
    from tests.backups.kills import Kills  # noqa: PLC0415

    run = Kills(file, keys, Random(seed))
    run.restores(kills)
    run.backups(kills)
    return run.seen


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
