"""What somebody has to do just now, told by the floor above that keeps the lists.

An app that keeps lists has a module of this name, which calls `register`; found at start.
"""

from collections.abc import Callable, Collection
from datetime import date

from accounts.models import User

# Codes of the actions of the user's own open items.
OpenActions = Callable[[User, date], Collection[str]]

_sources: list[OpenActions] = []


def register(source: OpenActions) -> OpenActions:
    if source not in _sources:
        _sources.append(source)
    return source


def open_actions(user: User, *, on: date) -> set[str]:
    return {code for source in _sources for code in source(user, on)}
