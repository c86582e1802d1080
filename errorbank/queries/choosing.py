"""Entries to choose from when a finding is written down."""

from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from errorbank.models import ErrorEntry
from errorbank.rules.searching import words_of

MOST = 12


def choosable_entries(user: User, *, on: date) -> QuerySet[ErrorEntry]:
    reached = ErrorEntry.objects.reaching(user, "errorbank.record_finding", on=on)
    return reached.in_use().select_related("published")


def found_entries(question: str, user: User, *, on: date) -> list[ErrorEntry]:
    """The first entries with every word of the question; none without a question."""
    if not (words := words_of(question)):
        return []
    rows = choosable_entries(user, on=on)
    for word in words:
        rows = rows.filter(published__search_text__contains=word)
    return list(rows.order_by("code")[:MOST])
