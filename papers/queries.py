"""What a person may fill, and with what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import reduce
from operator import or_

from django.db.models import Q

from accounts.models import User
from branches.access import may
from papers.filling.parent import filling_of
from papers.filling.syntax import words
from papers.models import PaperKind, PaperTemplate
from papers.samples import excel_sample, word_sample
from papers.source import PaperSource, PaperValues, sources

FILL = "papers.fill_template"
_SAMPLES = {PaperKind.WORD: word_sample, PaperKind.EXCEL: excel_sample}
_NEAR, _NEAREST = 0.4, 3


def every_word(search: str, *columns: str) -> Q:
    """Every word of the search stands in one of these columns; a day is written as 2026-11-18."""
    wanted = Q()
    for word in search.split():
        wanted &= reduce(or_, (Q(**{f"{column}__icontains": word}) for column in columns))
    return wanted


@dataclass(frozen=True)
class Layout:
    """What is filled: an uploaded template, or the portal's own layout of a source; `key` names it in
    addresses."""

    source: PaperSource
    key: str
    title: str
    kind: PaperKind
    names: tuple[str, ...]
    template: PaperTemplate | None = None

    @property
    def content(self) -> bytes:
        return bytes(self.template.content) if self.template else _SAMPLES[self.kind](self.source)


@dataclass(frozen=True)
class SourceTemplates:
    """One section of the list."""

    source: PaperSource
    templates: tuple[PaperTemplate, ...]
    samples: tuple[Layout, ...]


@dataclass(frozen=True)
class ValueRow:
    """One name of a template and what will stand there; `text` is empty when nothing is registered."""

    name: str
    text: str


def sources_for(user: User, *, on: date) -> list[PaperSource]:
    return [source for source in sources() if may(user, source.permission, on=on)]


def templates_by_source(user: User, *, on: date) -> list[SourceTemplates]:
    """One statement."""
    mine = sources_for(user, on=on)
    found = PaperTemplate.objects.reaching(user, FILL, on=on).in_use().for_list()
    rows = list(found.filter(source__in=[source.code for source in mine]).order_by("title", "pk"))
    return [
        SourceTemplates(source, tuple(row for row in rows if row.source == source.code), samples_of(source))
        for source in mine
    ]


def samples_of(source: PaperSource) -> tuple[Layout, ...]:
    return tuple(
        Layout(source, kind.value, f"{source.title}（系统样式，{kind.label}）", kind, source.names)
        for kind in PaperKind
    )


def layout_of(user: User, source: PaperSource, key: str, *, on: date) -> Layout | None:
    """Of what this person may fill; None for anything else."""
    if sample := next((sample for sample in samples_of(source) if sample.key == key), None):
        return sample
    if not key.isdecimal() or len(key) > 18:
        return None
    mine = PaperTemplate.objects.reaching(user, FILL, on=on).in_use().filter(source=source.code)
    row = mine.filter(pk=int(key)).first()
    if row is None:
        return None
    return Layout(source, key, row.title, PaperKind(row.kind), tuple(row.names), row)


def missing_names(layout: Layout, given: PaperValues) -> tuple[str, ...]:
    """What the template asks for and nobody has registered."""
    return filling_of(given.values, given.lists).missing(layout.names)


def value_rows(layout: Layout, given: PaperValues) -> Iterator[ValueRow]:
    """What will stand where, lists by the number of their rows."""
    filling = filling_of(given.values, given.lists)
    lacking = set(filling.missing(layout.names))
    lists = []
    for name in layout.names:
        first, dot, _ = name.partition(".")
        if dot and first not in lists:
            lists.append(first)
        elif not dot:
            yield ValueRow(name, "" if name in lacking else words(filling.values[name]))
    for name in lists:
        rows = filling.lists.get(name, [])
        firsts = "、".join(words(next(iter(row.values()))) for row in rows)
        yield ValueRow(name, firsts if len(rows) < 2 else f"{len(rows)} 行：{firsts}")


def nearest_names(name: str, source: PaperSource) -> Sequence[str]:
    """Known names that look like an unknown one, the most alike first, else in their order."""
    alike = {known: SequenceMatcher(None, name, known).ratio() for known in source.names}
    near = [known for known in source.names if alike[known] >= _NEAR]
    return sorted(near, key=lambda known: -alike[known])[:_NEAREST]
