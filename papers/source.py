"""Leaf: what a template may be filled from. An app declares its sources in `<app>/papers.py`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from accounts.models import User
from ledgers.ledger import Value

# How many matters are offered at once; the others are searched for.
CHOICES = 50


@dataclass(frozen=True)
class Field:
    """One name a template may ask for. `sample` shows in the sample template what will stand there."""

    name: str
    sample: Value
    note: str = ""
    # The list in whose rows it stands.
    list: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.list}.{self.name}" if self.list else self.name

    @property
    def placeholder(self) -> str:
        return "{{ " + self.full_name + " }}"

    @property
    def sample_words(self) -> str:
        if isinstance(self.sample, date):
            return f"{self.sample.year}年{self.sample.month}月{self.sample.day}日"
        return str(self.sample)


@dataclass(frozen=True)
class ListField:
    """A list whose columns repeat a table row: {{ 到会人员.姓名 }}."""

    name: str
    columns: tuple[Field, ...]
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(replace(field, list=self.name) for field in self.columns))


@dataclass(frozen=True)
class Choice:
    """One matter a template can be filled from."""

    pk: int
    title: str
    note: str = ""


@dataclass(frozen=True)
class PaperValues:
    """Everything one matter gives; `title` is its line on the page, `day` the one in the file name."""

    title: str
    organisation: str
    day: date
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
    choices: Callable[[User, str, date], Sequence[Choice]]
    values: Callable[[User, int, date], PaperValues | None]

    # How one of them is counted, such as 份交接.
    measure: str = "项内容"

    @property
    def all_fields(self) -> tuple[Field, ...]:
        return (*self.fields, *(column for found in self.lists for column in found.columns))

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, columns of lists as 列表.栏目."""
        return tuple(field.full_name for field in self.all_fields)


class UnknownSourceError(LookupError):
    """There is no source of this code."""


_sources: dict[str, PaperSource] = {}
# Where a matter is entered, when an app above the source's has the page for it.
_places: dict[str, Callable[[int], str]] = {}


def register(source: PaperSource) -> PaperSource:
    """Add one source; two of the same code are a mistake in the code."""
    if _sources.setdefault(source.code, source) is not source:
        raise ValueError(f"The paper source {source.code!r} is taken.")
    return source


def register_place(code: str, url_of: Callable[[int], str]) -> None:
    """`url_of` answers the address of the page on which what is missing is registered, or nothing."""
    _places[code] = url_of


def place_of(code: str, pk: int) -> str:
    url_of = _places.get(code)
    return url_of(pk) if url_of else ""


def find_source(code: str) -> PaperSource:
    """Raises UnknownSourceError."""
    try:
        return _sources[code]
    except KeyError:
        raise UnknownSourceError(code) from None


def sources() -> list[PaperSource]:
    return sorted(_sources.values(), key=lambda source: source.title)
