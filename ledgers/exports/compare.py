"""How the rows of now differ from those of an export. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from ledgers.document import NUMBER_COLUMN, PLACE_KEY, LedgerDocument
from ledgers.ledger import Row

# Pairs are looked for among so many rows of one organisation; beyond, they count as gone and new.
MOST_PAIRED = 300


class Changed(NamedTuple):
    then: Row
    now: Row


@dataclass
class Differences:
    """Rows without their running number, which says nothing by itself."""

    new: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.changed)


def differences(then: LedgerDocument, now: LedgerDocument) -> Differences | None:
    """Rows that are new, gone or changed; None when the columns are no longer the same.

    A row is the same one, changed, when it is of the same organisation and at least half of its cells
    are as they were: rows have no name that would tell it better.
    """
    keys = [column.key for column in then.columns]
    if keys != [column.key for column in now.columns]:
        return None
    first = 1 if then.columns[0].key == NUMBER_COLUMN.key else 0
    before, after = _counted(then.rows, first), _counted(now.rows, first)
    gone, new = _by_place(before - after, keys[first:]), _by_place(after - before, keys[first:])
    found = Differences()
    for place in dict.fromkeys([*gone, *new]):
        _pair(gone[place], new[place], found)
    return found


def _counted(rows: Iterable[Row], first: int) -> Counter[Row]:
    return Counter(row[first:] for row in rows)


def _by_place(rows: Counter[Row], keys: Sequence[str]) -> defaultdict[object, list[Row]]:
    index = keys.index(PLACE_KEY) if PLACE_KEY in keys else 0
    found: defaultdict[object, list[Row]] = defaultdict(list)
    for row in rows.elements():
        found[row[index]].append(row)
    return found


def _pair(gone: list[Row], new: list[Row], found: Differences) -> None:
    """Give each row that is gone the new one most like it."""
    left = list(new)
    for number, row in enumerate(gone):
        near = left[:MOST_PAIRED] if number < MOST_PAIRED else []
        likest = max(near, key=partial(_alike, row), default=None)
        if likest is not None and 2 * _alike(row, likest) >= len(row):
            found.changed.append(Changed(row, likest))
            left.remove(likest)
        else:
            found.gone.append(row)
    found.new += left


def _alike(one: Row, other: Row) -> int:
    return sum(mine == theirs for mine, theirs in zip(one, other, strict=True))
