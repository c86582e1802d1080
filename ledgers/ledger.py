"""A ledger is data: title, columns, filter and rows. Renderers know nothing else about it.

An app declares its ledgers in `<app>/ledgers.py` and calls `registry.register` there.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import User
    from ledgers.forms import FilterForm


class ColumnKind(StrEnum):
    TEXT = "text"
    DATE = "date"
    DATETIME = "datetime"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FOUR_PLACES = "four_places"  # always four, so that a product can be checked
    HOURS = "hours"
    STATE = "state"


class Align(StrEnum):
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Tone(StrEnum):
    OK = "ok"
    LATE = "late"
    SOON = "soon"
    NONE = "none"


class LedgerGroup(StrEnum):
    """Under which heading a ledger stands in the list and in an archive, in this order."""

    PEOPLE = "党员与组织"
    LIFE = "组织生活"
    MATTERS = "事项与问题"
    OTHER = "其他台账"


@dataclass(frozen=True)
class Cell:
    """A state in words, with the tone of its badge or dot."""

    text: str
    tone: Tone = Tone.NONE


Value = str | date | datetime | int | Decimal | Cell | None
Row = tuple[Value, ...]

_CENTERED = {ColumnKind.DATE, ColumnKind.DATETIME, ColumnKind.STATE}
FRACTIONS = frozenset({ColumnKind.DECIMAL, ColumnKind.FOUR_PLACES, ColumnKind.HOURS})
_RIGHT = {ColumnKind.INTEGER, *FRACTIONS}


@dataclass(frozen=True)
class Column:
    """One column. `width` is in millimetres on paper; screen and Excel derive theirs from it."""

    key: str
    title: str
    kind: ColumnKind = ColumnKind.TEXT
    width: int = 30
    align: Align | None = None

    @property
    def alignment(self) -> Align:
        if self.align is not None:
            return self.align
        if self.kind in _CENTERED:
            return Align.CENTER
        return Align.RIGHT if self.kind in _RIGHT else Align.LEFT


@dataclass(frozen=True)
class Heading:
    """Words above the table. `file_period` is the period in a file name, such as 2026-11."""

    organisation: str
    period: str
    file_period: str


Cleaned = Mapping[str, Any]


@dataclass(frozen=True)
class Ledger:
    """What one ledger is.

    `rows(user, cleaned, on)` yields tuples in column order, in the order the ledger is read.
    It alone decides which rows the user may see: it builds on the model's `visible_to`.
    `user` is None for the command line of the host, which sees the whole portal.
    `heading(user, cleaned, on)` names the organisation and the period of these rows.
    `filter_form` gives `cleaned`; its fields keep to the same `user`.
    `may_open(user, on)` says whether the user has `permission` anywhere; otherwise 404.
    `version` is raised by hand when columns or their meaning change; it is printed.
    """

    slug: str
    title: str
    description: str
    columns: tuple[Column, ...]
    filter_form: type["FilterForm"]
    rows: Callable[["User | None", Cleaned, date], Iterable[Row]]
    heading: Callable[["User | None", Cleaned, date], Heading]
    permission: str
    may_open: Callable[["User", date], bool]
    order_note: str = ""
    version: str = "1"
    numbered: bool = True
    group: LedgerGroup = LedgerGroup.OTHER
