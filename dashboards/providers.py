"""Leaf: who finds what, and in which order the page shows it.

A provider takes (user, words, on, cut) and gives what it found of each of its kinds; how they are read stays
with its app. A new one is a line in each of the two lists below.
"""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from accounts.models import User
from branches.access import holdings_of
from branches.queries import search as people
from branches.queries.search import Cut, Finder, Found, Hit, HitKind, find_at_once
from branches.rules.search import Word, holds
from errorbank.queries import search as errors
from guide.queries import all_entries, find_help
from guide.rules import Entry
from ledgers.registry import ledgers_for
from notices.queries import search as told
from reminders.queries import search as work

LEDGERS = HitKind("ledgers", "台账", "table")
HELP = HitKind("help", "帮助", "circle-question-mark")


def find_rows(user: User, words: Sequence[Word], on: date, cut: Cut) -> list[Found]:
    """People, organisations, entries and findings: one statement for all that the reader may see."""
    sought = (*people.sought_in_branches(user, words, on), *errors.sought_in_errors(user, words, on))
    return find_at_once(sought, cut)


def find_ledgers(user: User, words: Sequence[Word], on: date, cut: Cut) -> list[Found]:
    """By title and description; no statement."""
    if not cut.wants(LEDGERS):
        return []
    mine = ledgers_for(user, on=on)
    hits = [
        Hit(each.title, reverse("ledgers:ledger_preview", args=[each.slug]), note=each.description)
        for each in mine
        if holds(f"{each.title} {each.description}", words)
    ]
    return [cut.cut(LEDGERS, hits)]


def find_in_help(user: User, words: Sequence[Word], on: date, cut: Cut) -> list[Found]:
    """The reader's own pages first; no statement."""
    if not cut.wants(HELP):
        return []
    found = find_help([word.text for word in words], holdings=holdings_of(user, on=on))
    # Help itself also answers by and large; among names and dates only what holds the words is worth a line.
    hits = [hit for hit in found if _says(all_entries()[hit.code], words)]
    return [cut.cut(HELP, [Hit(e.title, e.url, note=e.purpose, place=e.area) for e in hits])]


def _says(entry: Entry, words: Sequence[Word]) -> bool:
    return holds(" ".join((entry.title, entry.said, *entry.words)), words)


PROVIDERS: tuple[Finder, ...] = (
    find_rows,
    work.find_in_reminders,
    find_ledgers,
    find_in_help,
    told.find_in_messages,
)
# In the order of the page.
KINDS: tuple[HitKind, ...] = (
    people.MEMBERS,
    work.ITEMS,
    errors.FINDINGS,
    people.ORGANISATIONS,
    people.CASES,
    work.RECORDS,
    work.ACTIONS,
    work.TASKS,
    work.PACKS,
    errors.ENTRIES,
    work.HANDOVERS,
    LEDGERS,
    HELP,
    told.MESSAGES,
    people.ACCOUNTS,
)
