"""One person's year down to its entries, and the list of those whom one grades."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from branches.models import Organisation
from incentives.models import AnnualRecord, ContributionEntry
from incentives.models.contributions import VIEW_RECORD
from incentives.queries.records import YearRecord, worker_of, workers_of, year_records
from incentives.rules.contributions import EntryKind

YEARS_BACK = 3


@dataclass(frozen=True)
class RecordPage:
    """`record` is empty for a year in which the person was no worker; `issued`: as frozen in a sheet."""

    person: User
    year: int
    years: Sequence[int]
    record: YearRecord | None
    issued: AnnualRecord | None
    entries: Sequence[ContributionEntry]


def years_until(on: date) -> list[int]:
    return [on.year - back for back in range(YEARS_BACK)]


def record_page(person: User, year: int, kind: str, *, on: date) -> RecordPage:
    worker = worker_of(person, year, on=on)
    entries = ContributionEntry.objects.filter(user=person).of_year(year)
    if kind in EntryKind:
        entries = entries.filter(kind=kind)
    frozen = AnnualRecord.objects.filter(user=person, sheet__year=year).select_related("sheet__policy")
    return RecordPage(
        person=person,
        year=year,
        years=years_until(on),
        record=year_records([worker], year, on=on)[0] if worker else None,
        issued=frozen.order_by("-sheet__version").first(),
        entries=list(entries.select_related("counter_row", "policy").order_by("-happened_on", "-pk")),
    )


def graded_places(user: User, *, on: date) -> QuerySet[Organisation]:
    return Organisation.objects.permitted_to(user, VIEW_RECORD, on=on)


def graded_records(user: User, year: int, *, on: date) -> list[YearRecord]:
    """By organisation and name, never by a number."""
    return year_records(workers_of(graded_places(user, on=on), year, on=on), year, on=on)
