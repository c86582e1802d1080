"""Reads of help and tours: the shipped files, and which tours a person has seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from django.urls import reverse

from accounts.models import User
from branches.access import holdings_of
from guide.models import TourSeen
from guide.rules import Area, Entry, Tour, entries_of, score, tours_of, type_of_holder
from guide.screens import may_open

DATA = Path(__file__).resolve().parent / "data"

Holdings = frozenset[type_of_holder]


@dataclass(frozen=True)
class HelpHit:
    """One entry that answers a search; `mine` when it is about what this person does."""

    code: str
    title: str
    purpose: str
    area: str
    mine: bool

    @property
    def url(self) -> str:
        return reverse("guide:help_page", args=[self.code])


@dataclass(frozen=True)
class Shelf:
    """The entries of one area, in the order of its file."""

    area: Area
    entries: tuple[Entry, ...]


@cache
def all_entries() -> dict[str, Entry]:
    """Every entry by its code, read once; areas in the order of their files."""
    files = sorted((DATA / "help").glob("*.yaml"))
    read = (entries_of(yaml.safe_load(file.read_text("utf-8"))) for file in files)
    return {entry.code: entry for entries in read for entry in entries}


@cache
def all_tours() -> tuple[Tour, ...]:
    return tuple(tours_of(yaml.safe_load((DATA / "tours.yaml").read_text("utf-8"))))


@cache
def _by_screen() -> dict[str, Entry]:
    return {screen: entry for entry in all_entries().values() for screen in entry.screens}


def entry_on(screen: str) -> Entry | None:
    """The entry that explains the screen of this URL name."""
    return _by_screen().get(screen)


def is_for(entry: Entry, holdings: Holdings) -> bool:
    """Whether an entry is about what somebody with these roles and grants can do."""
    if entry.roles:
        return bool(entry.roles & holdings)
    return entry.general or any(may_open(screen, holdings) for screen in entry.screens)


def shelves(holdings: Holdings, *, mine: bool) -> list[Shelf]:
    """The areas with the entries that are (or are not) for this reader; empty areas are left out."""
    found: dict[Area, list[Entry]] = {}
    for entry in all_entries().values():
        if is_for(entry, holdings) is mine:
            found.setdefault(entry.area, []).append(entry)
    return [Shelf(area, tuple(entries)) for area, entries in found.items()]


def find_help(words: Sequence[str], *, holdings: Holdings) -> list[HelpHit]:
    """Entries that answer all the words, the reader's own first, the best first; no statement."""
    typed = [word for word in words if word.strip()]
    hits = [
        (not is_for(entry, holdings), -points, entry)
        for entry in all_entries().values()
        if (points := score(entry, typed))
    ]
    hits.sort(key=lambda hit: hit[:2])
    return [HelpHit(e.code, e.title, e.purpose, e.area.title, not others) for others, _, e in hits]


def related(entry: Entry) -> list[Entry]:
    return [all_entries()[code] for code in entry.see_also]


def tours_for(holdings: Holdings) -> list[Tour]:
    """The tours of a person's roles, the one that weighs most first."""
    return [tour for tour in all_tours() if tour.roles & holdings]


def due_tour(user: User, *, on: date) -> Tour | None:
    """The first of one's tours, until it is put away; one statement, none for who has no tour."""
    tours = tours_for(holdings_of(user, on=on))
    if not tours or TourSeen.objects.filter(user=user, tour=tours[0].code).exists():
        return None
    return tours[0]
