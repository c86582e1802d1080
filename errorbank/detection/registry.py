"""The detectors by code, collected from every app's detectors.py: a floor above may know facts of its own."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar

from django.apps import apps

from branches.models import Organisation

T = TypeVar("T")


@dataclass(frozen=True)
class Hit:
    """One place where the error shows.

    subject names what exactly ("record:8", "2026Q3", "member:12:2026"), so that the same is pointed at once
    and next quarter's is another. words: the stored data it rests on, for the reader who decides.
    """

    organisation: int
    subject: str
    happened_on: date
    words: str


class Batch(list[Organisation]):
    """Branches asked about together: what one detector has read, the next need not read again."""

    def __init__(self, places: Iterable[Organisation]) -> None:
        super().__init__(places)
        self.read: dict[Hashable, Any] = {}


def once(places: Sequence[Organisation], key: Hashable, read: Callable[[], T]) -> T:
    """What `read` gives, kept for the batch under `key`."""
    if not isinstance(places, Batch):
        return read()
    if key not in places.read:
        places.read[key] = read()
    found: T = places.read[key]
    return found


# Of these branches, what shows on that day and happened on `since` or later.
Find = Callable[[Sequence[Organisation], date, date], Iterable[Hit]]


@dataclass(frozen=True)
class Detector:
    """`code` is the shipped entry's; `name` says in words what is compared.

    is_state: it shows on every day as long as it lasts, and is over as soon as it no longer shows.
    """

    code: str
    name: str
    find: Find
    is_state: bool = False


@cache
def all_detectors() -> dict[str, Detector]:
    found: dict[str, Detector] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.detectors"
        if find_spec(name) is not None:
            found.update({detector.code: detector for detector in import_module(name).DETECTORS})
    return found


def decidable(code: str) -> bool:
    """Whether stored data decides this by itself."""
    return code in all_detectors()


def detector_of(code: str) -> Detector | None:
    return all_detectors().get(code)


def hits_of(detector: Detector, organisations: Sequence[Organisation], *, since: date, on: date) -> list[Hit]:
    """What the detector sees on that day of facts since `since`, in a stable order."""
    found = [hit for hit in detector.find(organisations, since, on) if since <= hit.happened_on <= on]
    return sorted(found, key=lambda hit: (hit.organisation, hit.happened_on, hit.subject))
