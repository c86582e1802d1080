"""What the address of the register asks for, and which lines answer it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from periods.months import Month, UnknownMonth
from reminders.demand_rules import DemandKind, DemandSource, Nature

LONGEST = 40


class Line(Protocol):
    @property
    def source(self) -> DemandSource: ...
    @property
    def name(self) -> str: ...
    @property
    def asker(self) -> str: ...
    @property
    def kind(self) -> DemandKind: ...
    @property
    def nature(self) -> Nature: ...


@dataclass(frozen=True)
class RegisterAsked:
    """Words and choices of the filter; what nobody knows is no filter."""

    q: str = ""
    asker: str = ""
    kind: str = ""
    nature: str = ""
    source: str = ""

    @property
    def is_narrowed(self) -> bool:
        return self != RegisterAsked()

    def answers(self, line: Line) -> bool:
        wanted = ((self.asker, line.asker), (self.kind, line.kind), (self.nature, line.nature))
        fits = all(asked in ("", found) for asked, found in (*wanted, (self.source, line.source)))
        return fits and self.q.casefold() in line.name.casefold()


def read_register(data: Mapping[str, str]) -> RegisterAsked:
    def known(name: str, values: Iterable[str]) -> str:
        return data.get(name, "") if data.get(name, "") in list(values) else ""

    return RegisterAsked(
        q=data.get("q", "").strip()[:LONGEST],
        asker=data.get("asker", "").strip()[:LONGEST],
        kind=known("kind", DemandKind.values),
        nature=known("nature", Nature.values),
        source=known("source", DemandSource.values),
    )


def read_month(text: str, current: Month) -> tuple[Month, str]:
    """The month asked for up to the current one, else the current one with the sentence why."""
    if not text.strip():
        return current, ""
    try:
        month = Month.parse(text)
    except UnknownMonth as unknown:
        return current, f"{unknown}下面是 {current.label}的情况。"
    if month > current:
        return current, f"{month.label}还没有到，下面是 {current.label}的情况。"
    return month, ""
