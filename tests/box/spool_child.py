"""Started alone by test_spool_killed: takes letters, rewrites, moves some on, until somebody kills it.

Without Django. Its own small database stands for that of the portal: what it has for good, the spool lets
go. Each receipt is printed after the letter is on the disk, as a page would be.
"""

import os
import random
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

from burden.box.sizes import SEALED_SIZE
from burden.box.spool import Entry, Spool


def main(folder: Path) -> None:
    box = Spool(folder / "box")
    database = sqlite3.connect(folder / "moved.sqlite3", isolation_level=None)
    database.execute("CREATE TABLE IF NOT EXISTS moved (lookup TEXT PRIMARY KEY)")
    loaded = sorted(name for name in sys.modules if name.startswith("django"))
    print("ready" if not loaded else f"loaded {loaded}", flush=True)
    while True:
        one = Entry(os.urandom(32).hex(), os.urandom(SEALED_SIZE))
        box.accept(one)
        print(one.lookup, flush=True)
        if random.random() < 0.2:
            box.beat()
        if random.random() < 0.2:
            move(box, database)


def move(box: Spool, database: sqlite3.Connection) -> None:
    with box.held() as held:
        waiting = held.read()
        rows = [(entry.lookup,) for entry in waiting.entries]
        database.execute("BEGIN")
        database.executemany("INSERT OR IGNORE INTO moved VALUES (?)", rows)
        database.execute("COMMIT")
        held.write(replace(waiting, entries=()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
