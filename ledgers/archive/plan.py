"""What goes into an archive: which ledgers of which organisations, for one person and one year."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict

from accounts.models import User
from ledgers.document import file_part
from ledgers.forms import FilterForm
from ledgers.ledger import Ledger
from ledgers.registry import ledgers_for

NEEDED = {"organisation", "period"}  # a ledger without them belongs to no organisation and no year
MOST_PLACES = 60


@dataclass(frozen=True)
class Part:
    """One ledger of one organisation; `folder` ends with a slash."""

    place: str
    folder: str
    ledger: Ledger
    form: FilterForm


def archived_ledgers(user: User, *, on: date) -> list[Ledger]:
    """Ledgers of organisations that the person may open, in the order of the list."""
    mine = ledgers_for(user, on=on)
    return [ledger for ledger in mine if set(ledger.filter_form.base_fields) >= NEEDED]


def places_for(user: User, *, on: date) -> dict[str, str]:
    """Code and name of every organisation for which there is a ledger."""
    found: dict[str, str] = {}
    for form in _reaches(user, on=on):
        choices = getattr(form.fields["organisation"], "choices", ())
        found |= {str(code): str(name) for code, name in choices if str(code)}
    return found


def _reaches(user: User, *, on: date) -> list[FilterForm]:
    """One form for each reach: most permissions are held by the same people, who are asked for once."""
    by_permission = {ledger.permission: ledger for ledger in archived_ledgers(user, on=on)}
    forms = [ledger.filter_form(user=user, on=on) for ledger in by_permission.values()]
    return list({form.asks(): form for form in forms}.values())


def branches_below(user: User, code: str, *, on: date) -> list[tuple[str, str]]:
    """Code and name of the branches below, as far as any ledger tells them to this person."""
    found: dict[str, str] = {}
    for form in _reaches(user, on=on):
        found |= dict(form.below(code))
    return list(found.items())


def reach_now(user: User, *, on: date) -> str:
    """A digest of all that the person may open; it changes when rights do."""
    told = [
        f"{ledger.slug}:{ledger.filter_form(user=user, on=on).reach()}"
        for ledger in archived_ledgers(user, on=on)
    ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def planned(user: User, asked: Mapping[str, Any], *, on: date) -> list[Part]:
    """Every ledger of every organisation asked for, in order; what a person may not open is left out."""
    places: list[tuple[str, str]] = [(code, name) for code, name in asked["places"]]
    ledgers = archived_ledgers(user, on=on)
    return [
        part
        for number, (code, name) in enumerate(places)
        for part in _of_place(
            user, code, name, _folder(number, name, len(places)), ledgers, asked["year"], on
        )
    ]


def _folder(number: int, name: str, places: int) -> str:
    """One organisation needs no folder; of several the first is the whole."""
    return f"{number:02d}_{file_part(name)}/" if places > 1 else ""


def _of_place(
    user: User, code: str, name: str, folder: str, ledgers: list[Ledger], year: int, on: date
) -> Iterator[Part]:
    query = QueryDict(mutable=True)
    query["organisation"], query["period"] = code, str(year)
    number = 0
    for ledger in ledgers:
        form = ledger.filter_form.filled(query, user=user, on=on)
        if form.is_valid():
            number += 1
            yield Part(name, f"{folder}{number:02d}_{file_part(ledger.title)}/", ledger, form)
