"""What the desk noted beside letters: read and written sealed, each in one size."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from branches.sealed import open_bytes, seal_bytes
from burden.models import BoxMark

PURPOSE = "box marks"
# Ids, a category and 300 characters of at most twelve bytes in JSON.
ROOM = 6144


@dataclass(frozen=True)
class Answered:
    """What counts and stands on the wall from the next release on; without words it only counts.

    `by`: the name of the recipient's key; gone with the mark at the release.
    """

    category: str
    outcome: str
    words: str = field(default="", repr=False)
    measure: int | None = None
    by: str = ""


@dataclass(frozen=True)
class Mark:
    """`handed`: names of the recipients who gave the letter on, because it is about themselves."""

    handed: tuple[str, ...] = ()
    answered: Answered | None = None


def marks_of(lookups: Iterable[str]) -> dict[str, Mark]:
    """lookup → its mark, where there is one."""
    rows = BoxMark.objects.filter(lookup__in=list(lookups))
    return {row.lookup: _opened(bytes(row.sealed)) for row in rows}


def all_marks() -> dict[str, Mark]:
    return {row.lookup: _opened(bytes(row.sealed)) for row in BoxMark.objects.all()}


def write_mark(lookup: str, mark: Mark) -> None:
    text = json.dumps(asdict(mark), separators=(",", ":")).encode().ljust(ROOM)
    BoxMark.objects.update_or_create(lookup=lookup, defaults={"sealed": seal_bytes(text, purpose=PURPOSE)})


def _opened(sealed: bytes) -> Mark:
    known = json.loads(open_bytes(sealed, purpose=PURPOSE))
    answered = known["answered"]
    return Mark(tuple(known["handed"]), Answered(**answered) if answered else None)
