"""This week's five of one person: what is due, and what is new, the own matters first."""

from dataclasses import dataclass
from datetime import date
from zlib import crc32

from accounts.models import User
from branches.models import Organisation
from errorbank.models import EntryAction, EntryVersion, ErrorEntry, Finding, PracticeCard
from errorbank.open_actions import open_actions
from errorbank.rules import Severity
from errorbank.rules.practice import A_WEEK, NEW_A_WEEK
from periods.labels import week_bounds

PRACTISE, VIEW_FINDING = "errorbank.practise", "errorbank.view_finding"
CHOICES = 3


@dataclass(frozen=True)
class Week:
    """`done`: how many were answered this week; `left`: the entries still to come, in order."""

    done: int
    left: list[ErrorEntry]

    @property
    def number(self) -> int:
        return self.done + 1

    @property
    def total(self) -> int:
        return self.done + len(self.left)


def week_of(user: User, *, on: date) -> Week:
    """Always the same five until they are answered; five statements and those of the floors above."""
    entries = {entry.pk: entry for entry in _reachable(user, on)}
    cards = list(PracticeCard.objects.filter(user=user).values_list("entry", "due_on", "seen_on"))
    monday, sunday = week_bounds(on)
    done = sum(seen is not None and seen >= monday for _, _, seen in cards)
    known = {entry for entry, _, _ in cards}
    due = sorted(
        (due_on, entry)
        for entry, due_on, seen in cards
        if entry in entries and due_on <= sunday and (seen is None or seen < monday)
    )
    old = [entries[pk] for _, pk in due]
    new = _in_order([entry for pk, entry in entries.items() if pk not in known], user, on)
    return Week(done, _mixed(old, new)[: max(A_WEEK - done, 0)])


def _reachable(user: User, on: date) -> list[ErrorEntry]:
    rows = ErrorEntry.objects.in_use().reaching(user, PRACTISE, on=on)
    return list(rows.select_related("published").order_by("code"))


def _mixed(old: list[ErrorEntry], new: list[ErrorEntry]) -> list[ErrorEntry]:
    """What is due first, but not so much of it that nothing new ever comes."""
    first = old[: A_WEEK - NEW_A_WEEK] if new else old
    return [*first, *new[: A_WEEK - len(first)], *old[len(first) :]]


def _in_order(entries: list[ErrorEntry], user: User, on: date) -> list[ErrorEntry]:
    """The branch's own findings, then what is to be done just now, then serious ones; else by lot."""
    places = Organisation.objects.permitted_to(user, VIEW_FINDING, on=on)
    found = set(Finding.objects.filter(organisation__in=places).values_list("entry", flat=True).distinct())
    codes = open_actions(user, on=on)
    todo = set(EntryAction.objects.filter(action_code__in=codes).values_list("entry", flat=True))

    def place(entry: ErrorEntry) -> tuple[bool, bool, bool, int]:
        serious = entry.published is not None and entry.published.severity == Severity.SERIOUS
        lot = crc32(f"{user.pk}/{entry.pk}".encode())
        return entry.pk not in found, entry.pk not in todo, not serious, lot

    return sorted(entries, key=place)


def practised_entry(user: User, pk: int, *, on: date) -> ErrorEntry | None:
    rows = ErrorEntry.objects.in_use().reaching(user, PRACTISE, on=on)
    return rows.select_related("published").filter(pk=pk).first()


def choices_for(entry: ErrorEntry, user: User, *, on: date) -> list[EntryVersion]:
    """The right answer among others of its category, always in one order; empty without enough others."""
    wording = entry.published
    assert wording is not None  # noqa: S101 - only entries in use are practised
    others = ErrorEntry.objects.in_use().reaching(user, PRACTISE, on=on).exclude(pk=entry.pk)
    rows = others.filter(published__category=wording.category).select_related("published")
    different = {row.published.why_wrong: row.published for row in rows.order_by("-code") if row.published}
    different.pop(wording.why_wrong, None)

    def lot(version: EntryVersion) -> int:
        return crc32(f"{entry.pk}/{version.entry_id}".encode())

    wrong = sorted(different.values(), key=lot)[: CHOICES - 1]
    return sorted([*wrong, wording], key=lot) if len(wrong) == CHOICES - 1 else []
