"""The detectors by code, collected from every app's detectors.py: a floor above may know facts of its own."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from branches.models import Organisation


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


# Of these branches, what shows on that day and happened on `since` or later.
Find = Callable[[Sequence[Organisation], date, date], Iterable[Hit]]


@dataclass(frozen=True)
class Detector:
    """`code` is the shipped entry's; `name` says in words what is compared."""

    code: str
    name: str
    find: Find


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
