"""Leaf: what a template may be filled from. An app declares its sources in `<app>/papers.py`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from ledgers.ledger import Value


@dataclass(frozen=True)
class Field:
    """One name a template may ask for. `sample` shows in the sample template what will stand there."""

    name: str
    sample: Value
    note: str = ""


@dataclass(frozen=True)
class ListField:
    """A list whose columns repeat a table row: {{ 到会人员.姓名 }}."""

    name: str
    columns: tuple[Field, ...]
    note: str = ""


@dataclass(frozen=True)
class Choice:
    """One matter a template can be filled from."""

    pk: int
    title: str
    note: str = ""


@dataclass(frozen=True)
class PaperValues:
    """Everything one matter gives. `url` is where missing values are entered, `title` names the file."""

    title: str
    organisation: str
    url: str
    values: Mapping[str, Value]
    lists: Mapping[str, Sequence[Mapping[str, Value]]]


@dataclass(frozen=True)
class PaperSource:
    """Matters of one kind. `choices(user, search, on)` and `values(user, pk, on)` keep to what the user may
    read; values answers None for what is not theirs."""

    code: str
    title: str
    description: str
    permission: str
    fields: tuple[Field, ...]
    lists: tuple[ListField, ...]
    choices: Callable[[User, str, date], list[Choice]]
    values: Callable[[User, int, date], PaperValues | None]

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, columns of lists as 列表.栏目."""
        columns = (f"{found.name}.{column.name}" for found in self.lists for column in found.columns)
        return (*(field.name for field in self.fields), *columns)


class UnknownSourceError(LookupError):
    """There is no source of this code."""


_sources: dict[str, PaperSource] = {}


def register(source: PaperSource) -> PaperSource:
    """Add one source; two of the same code are a mistake in the code."""
    if _sources.setdefault(source.code, source) is not source:
        raise ValueError(f"The paper source {source.code!r} is taken.")
    return source


def find_source(code: str) -> PaperSource:
    """Raises UnknownSourceError."""
    try:
        return _sources[code]
    except KeyError:
        raise UnknownSourceError(code) from None


def sources() -> list[PaperSource]:
    return sorted(_sources.values(), key=lambda source: source.title)
