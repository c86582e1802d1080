"""What a person holds and where, as far as this request knows it already.

Nearly every statement of a page asks what its reader may see. With the places at hand that is a range of
paths in the statement; without them posts and grants are joined each time, which costs more to put into words
than to run.
"""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from branches.rules import GrantKind, Role

if TYPE_CHECKING:
    from accounts.models import User

REMEMBERED = "_places"


class Place(NamedTuple):
    """A post or grant on the organisation with this path, and so on all below it."""

    holding: Role | GrantKind
    path: str


Places = frozenset[Place]


def remembered_places(user: "User", *, on: date) -> Places | None:
    """What this user holds on that day, if the request has said that it only reads; else None."""
    found: Places | None = user.__dict__.get(REMEMBERED, {}).get(on)
    return found


def highest(paths: Iterable[str]) -> list[str]:
    """The paths that are below no other of them, in order."""
    found: list[str] = []
    for path in sorted(set(paths)):
        if not found or not path.startswith(found[-1]):
            found.append(path)
    return found
