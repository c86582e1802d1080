"""Months counted once: the mark of every writer, and the recount.

Whoever changes an item's state, organisation, dates or minutes calls `mark_recount` in the same transaction;
the monthly refresh counts what it touched itself (`recount_touched`). A recount takes the marks away before
it counts: a writer who is not finished by then has a mark that nobody sees yet, and it stays for the next.
What the numbers mean is said in reminders.queries.summaries.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection, transaction
from django.db.models import QuerySet

from branches.models import Organisation
from reminders.actions.working_tables import WorkingTables
from reminders.models import SummaryMark
from reminders.rules import ItemState

# One recount at a time: two at once would write the same rows.
_LOCK = 7_041_201_802
_EVER = (date(1, 1, 1), date(9999, 12, 31))
COUNTED_STATES = (ItemState.OPEN, ItemState.RETURNED, ItemState.DONE, ItemState.NOT_APPLICABLE)


def mark_recount(organisations: Iterable[Organisation | int]) -> None:
    """Have their months counted anew; call it in the transaction that changes an item."""
    keys = {place.pk if isinstance(place, Organisation) else place for place in organisations}
    SummaryMark.objects.bulk_create(SummaryMark(organisation_id=key) for key in sorted(keys))


def recount_stale(places: QuerySet[Organisation] | None = None) -> int:
    """Count anew where items changed, everywhere or in these places; returns for how many organisations.

    One statement where nothing changed; else it waits for another recount that is under way.
    """
    marks = SummaryMark.objects.all()
    if places is not None:
        marks = marks.filter(organisation__in=places.order_by().values("pk"))
    if not marks.exists():
        return 0
    return recount(Organisation.objects.filter(pk__in=marks.values("organisation")))


def rebuild() -> int:
    """Count every organisation anew; returns how many there are."""
    return recount(Organisation.objects.all())


@transaction.atomic
def recount(places: QuerySet[Organisation]) -> int:
    """Count all months of these organisations anew; returns how many organisations they are."""
    with counting() as tables:
        found = place(places)
        tables.do("forget_marks")
        _count(tables)
    return found


def recount_touched(tables: WorkingTables) -> None:
    """The last step of a refresh: the months in which it changed something. Marks stay: whoever set one may
    not be finished yet."""
    if not tables.number("SELECT COUNT(*) FROM refresh_touched"):
        return
    with counting() as counts:
        counts.do("place_touched")
        _count(counts)


@contextmanager
def counting() -> Iterator[WorkingTables]:
    """Wait for another recount, then give an empty table of places; after an error the rollback drops it."""
    _wait_for_lock()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE summary_place ("
            "organisation_id integer PRIMARY KEY, first_on date NOT NULL, last_on date NOT NULL)"
        )
    yield WorkingTables({state.value: state.value for state in COUNTED_STATES})
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE summary_place")


def place(places: QuerySet[Organisation]) -> int:
    """Have all months of these organisations counted; returns how many organisations they are."""
    text, given = places.order_by().values("id").query.sql_with_params()
    first, last = (connection.ops.adapt_datefield_value(day) for day in _EVER)
    insert = f"INSERT INTO summary_place SELECT chosen.id, %s, %s FROM ({text}) chosen"  # noqa: S608 - by the ORM
    with connection.cursor() as cursor:
        cursor.execute(insert, [first, last, *given])
        return int(cursor.rowcount)


def _wait_for_lock() -> None:
    """On SQLite the transaction itself is the lock (settings: transaction_mode IMMEDIATE)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _count(tables: WorkingTables) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE summary_place")
    tables.do("forget_months")
    tables.do("forget_leads")
    tables.do("count_months", into="reminders_monthsummary")
    tables.do("count_leads", into="reminders_leaddays")
