"""The proof that the stored months are those of a recount."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from branches.models import Organisation
from periods.months import Month
from reminders.actions.summaries import counting, place, recount
from reminders.actions.working_tables import WorkingTables, as_date
from reminders.models import LeadDays, MonthSummary, SummaryMark

_COPIES = {"summary_months": MonthSummary, "summary_leads": LeadDays}


@dataclass(frozen=True)
class Difference:
    """One organisation whose stored rows are not those of a recount: in which months, how many of them."""

    code: str
    name: str
    first: Month
    last: Month
    months: int


@dataclass(frozen=True)
class Checked:
    """`waiting`: organisations with changed items, not counted since; no difference is told there."""

    organisations: int
    waiting: int
    differences: tuple[Difference, ...]
    mended: int = 0


@transaction.atomic
def check_summaries(*, mend: bool = False) -> Checked:
    """Compare every stored row with a recount; with `mend` count anew where they differ.

    Nobody recounts meanwhile. A change that is committed after the recount has left a mark by the time the
    rows are compared.
    """
    everywhere = Organisation.objects.all()
    with counting() as tables:
        counted = place(everywhere)
        _copy(tables)
        found = tables.query("differences")
        _drop()
    waiting = SummaryMark.objects.values("organisation").distinct().count()
    differences = _named(found)
    mended = recount(everywhere.filter(pk__in=[row[0] for row in found])) if mend and found else 0
    return Checked(counted, waiting, differences, mended)


def _copy(tables: WorkingTables) -> None:
    for name, model in _COPIES.items():
        _execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {model._meta.db_table} WHERE 1 = 0")  # noqa: S608 - ours
    tables.do("count_months", into="summary_months")
    tables.do("count_leads", into="summary_leads")


def _drop() -> None:
    for name in _COPIES:
        _execute(f"DROP TABLE {name}")


def _execute(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def _named(found: list[tuple[Any, ...]]) -> tuple[Difference, ...]:
    places = Organisation.objects.in_bulk([row[0] for row in found])
    return tuple(
        Difference(places[key].code, places[key].name, _month(first), _month(last), months)
        for key, first, last, months in found
    )


def _month(day: date | str) -> Month:
    return Month.of(as_date(day))
