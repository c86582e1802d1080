"""How many letters were answered, by kind and outcome: counted sealed, published when the year is over.

While a year runs its exact counts lie sealed in one row of one size. With the first release of a later
year they become groups of five and more (burden.rules.suppression), which never change again, and the
exact counts are gone.
"""

import json
from collections import Counter
from collections.abc import Iterable

from django.db import transaction

from branches.sealed import open_bytes, seal_bytes
from burden.box.limits import OTHER, Outcome, categories
from burden.box.marks import Answered
from burden.models import BoxFigure, BoxTally, FigureTable
from burden.rules.suppression import published

PURPOSE = "box tally"
ROOM = 4096

Counts = dict[str, Counter[str]]


@transaction.atomic
def count(year: int, answers: Iterable[Answered]) -> None:
    """Add what one release published. The row is written anew every week, also when nothing came."""
    held = BoxTally.objects.select_for_update().filter(year=year).first()
    counts = _opened(bytes(held.sealed)) if held else _nothing()
    for one in answers:
        counts[FigureTable.CATEGORY][one.category if one.category in categories() else OTHER] += 1
        counts[FigureTable.OUTCOME][one.outcome] += 1
    text = json.dumps(counts, separators=(",", ":")).encode().ljust(ROOM)
    BoxTally.objects.update_or_create(year=year, defaults={"sealed": seal_bytes(text, purpose=PURPOSE)})


@transaction.atomic
def freeze_before(year: int) -> None:
    """Publish every year before this one that is not frozen yet, and forget its exact counts."""
    frozen = set(BoxFigure.objects.values_list("year", flat=True))
    for tally in BoxTally.objects.select_for_update().filter(year__lt=year):
        if tally.year in frozen:  # by a clock that was ahead; what was published stays
            tally.delete()
            continue
        counts = _opened(bytes(tally.sealed))
        for table, cells in (
            (FigureTable.CATEGORY, list(categories())),
            (FigureTable.OUTCOME, Outcome.values),
        ):
            _freeze(tally.year, table, {cell: counts[table][cell] for cell in cells})
        tally.delete()


def _freeze(year: int, table: FigureTable, cells: dict[str, int]) -> None:
    groups = published(cells, ordered=False)
    BoxFigure.objects.bulk_create(
        BoxFigure(
            name=f"{year} {table.value} {n}",
            year=year,
            table=table,
            position=n,
            keys=list(group.keys),
            about=group.about,
        )
        for n, group in enumerate(groups)
    )


def _nothing() -> Counts:
    return {table.value: Counter() for table in FigureTable}


def _opened(sealed: bytes) -> Counts:
    known = json.loads(open_bytes(sealed, purpose=PURPOSE))
    return {table: Counter(cells) for table, cells in known.items()}
