"""What the address of a list behind a number asks for; a list that cannot be read is no list, and says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from dashboards.addresses import FINDING_FIGURES, ITEM_FIGURES, OF_TODAY
from dashboards.rules.asked import MONTHS, read_month
from periods.months import Month

UNKNOWN = "没有认出要看的是哪一项数据，请回到看板，点数字打开。"


class UnreadableList(ValueError):
    """str() is the sentence for the reader."""


@dataclass(frozen=True)
class ListAsked:
    """Items behind a number. `month` None: true today, whatever the month; `span` months end with it."""

    figure: str
    month: Month | None
    span: int = 1
    place: str = ""
    action: int | None = None
    asker: str = ""
    branches: bool = False

    @property
    def name(self) -> str:
        return ITEM_FIGURES[self.figure][0]

    @property
    def words(self) -> str:
        return ITEM_FIGURES[self.figure][1]

    @property
    def first(self) -> Month | None:
        return self.month.plus(1 - self.span) if self.month else None


@dataclass(frozen=True)
class FindingsAsked:
    """Findings behind a number, of the twelve months that end with one."""

    figure: str
    month: Month
    category: str = ""
    entry: int | None = None

    @property
    def name(self) -> str:
        return FINDING_FIGURES[self.figure][0]

    @property
    def words(self) -> str:
        return FINDING_FIGURES[self.figure][1]


def read_list(data: Mapping[str, str], *, on: date) -> ListAsked:
    """Raises UnreadableList."""
    figure = data.get("figure", "")
    if figure not in ITEM_FIGURES:
        raise UnreadableList(UNKNOWN)
    return ListAsked(
        figure=figure,
        month=None if figure in OF_TODAY else _month(data, on),
        span=MONTHS if data.get("span") == str(MONTHS) else 1,
        place=data.get("place", ""),
        action=_key(data.get("action", "")),
        asker=data.get("asker", "")[:20],
        branches=data.get("branches") == "1",
    )


def read_findings(data: Mapping[str, str], *, on: date) -> FindingsAsked:
    """Raises UnreadableList."""
    figure = data.get("figure", "")
    if figure not in FINDING_FIGURES:
        raise UnreadableList(UNKNOWN)
    return FindingsAsked(
        figure=figure,
        month=_month(data, on),
        category=data.get("category", ""),
        entry=_key(data.get("entry", "")),
    )


def _month(data: Mapping[str, str], on: date) -> Month:
    month, trouble = read_month(data.get("month", ""), Month.of(on))
    if trouble:
        raise UnreadableList(trouble)
    return month or Month.of(on)


def _key(typed: str) -> int | None:
    if not typed:
        return None
    # Longer numbers are none of ours, and some databases refuse to compare them.
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 10):
        raise UnreadableList(UNKNOWN)
    return int(typed)
