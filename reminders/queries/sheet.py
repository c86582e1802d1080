"""One month of one organisation on one sheet of paper, for places with a poor network."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from periods.labels import day_label
from periods.months import Month
from reminders.queries.item_rows import Row
from reminders.queries.month_list import MonthList, Place, month_list
from reminders.rules import ItemState

# From roomy to tight: the class of static/reminders/sheet_pdf.css and how many rows of it one page takes. The
# last is as small as a form can be that is read and filled in by hand.
DENSITIES = (("roomy", 14), ("normal", 21), ("tight", 28))


@dataclass(frozen=True)
class SheetRow:
    """`late` says what is wrong with the day, if anything."""

    title: str
    record: str
    due: str
    late: str


@dataclass(frozen=True)
class Sheet:
    """`more` open items have no room on the page; `done` need no line."""

    month: Month
    time: str
    organisation: str
    density: str
    rows: Sequence[SheetRow]
    more: int
    overdue: int
    done: int

    @property
    def total(self) -> int:
        return len(self.rows) + self.more


def month_sheet(place: Place, month: Month, *, on: date) -> Sheet:
    """What is still to do, overdue first, then by day. Reads what the page of that list reads."""
    shown = month_list(place, month, on=on)
    waiting = _waiting(shown)
    density, kept = fitted(len(waiting))
    return Sheet(
        month=month,
        time=shown.time,
        organisation=place.organisation.name,
        density=density,
        rows=[_sheet_row(row, on) for row in waiting[:kept]],
        more=len(waiting) - kept,
        overdue=sum(row.item.due_on < on for row in waiting),
        done=shown.done,
    )


def fitted(count: int) -> tuple[str, int]:
    """The widest spacing in which so many rows fit one page, and how many of them stand on it."""
    for density, room in DENSITIES:
        if count <= room:
            return density, count
    return DENSITIES[-1]


def _waiting(shown: MonthList) -> list[Row]:
    """The open rows of the list, and what falls due in the month though its reminder comes later."""
    later = [row for row in shown.upcoming if row.item.due_on <= shown.month.last]
    found = [row for row in shown.rows if row.is_open] + later
    return sorted(found, key=lambda row: (row.item.due_on, row.pk))


def _sheet_row(row: Row, on: date) -> SheetRow:
    """A sensitive matter is named and nothing more."""
    version = row.item.version
    if version.sensitive:
        title, record = version.name, ""
    else:
        title, record = row.title, " ".join(version.minimal_record.split())
    return SheetRow(title, record, day_label(row.item.due_on, on), _late(row, on))


def _late(row: Row, on: date) -> str:
    """“已逾期 3 天”, “退回，已逾期 3 天”, “退回”; that it was carried over shows from the day itself."""
    words = ["退回"] if row.item.state == ItemState.RETURNED else []
    if row.item.due_on < on:
        words.append(row.tag.rpartition(" · ")[2])
    return "，".join(words)
