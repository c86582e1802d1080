"""Leaf: what the portal tells people about, collected from every app's notice_events.py.

An app that has something to tell lists its events there, as it lists its permissions in permissions.py.
So this floor sends without knowing the floors above it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from notices.rules import Level

# Of these subjects, which are still open on that day; asked right before something leaves the portal.
StillOpen = Callable[[Collection[str], date], set[str]]


class UnknownEvent(LookupError):
    """Something is told that no app declares."""


@dataclass(frozen=True)
class Event:
    """One kind of matter people are told about.

    `permission`: who may have this kind at all, so that settings offer nobody what never comes.
    `still_open`: None where the matter stays true whatever happens.
    """

    code: str
    label: str
    level: Level
    permission: str = ""
    still_open: StillOpen | None = None


@cache
def all_events() -> dict[str, Event]:
    found: dict[str, Event] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.notice_events"
        if find_spec(name) is not None:
            found.update({event.code: event for event in import_module(name).EVENTS})
    return found


def event_of(code: str) -> Event:
    """Raises UnknownEvent."""
    try:
        return all_events()[code]
    except KeyError:
        raise UnknownEvent(code) from None
