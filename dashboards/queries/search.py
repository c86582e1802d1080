"""One question put to everything a reader may see, and the answers in ready parts for the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from branches.queries.search import COUNTED, Cut, Found, Hit, HitKind
from branches.rules.search import Part, Question, Word, marked
from dashboards.providers import KINDS, PROVIDERS

# Of each kind on the page of everything.
FIRST_HITS = 5
HITS_A_PAGE = 20
# Beyond it nobody turns pages: another word finds it sooner.
LAST_PAGE = 50


@dataclass(frozen=True)
class Row:
    """One hit with the found words marked."""

    hit: Hit
    title: tuple[Part, ...]
    note: tuple[Part, ...]
    place: tuple[Part, ...]


@dataclass(frozen=True)
class Group:
    """The hits of one kind. `count` is in words: “12”, “99+”."""

    kind: HitKind
    rows: tuple[Row, ...]
    count: str
    more: bool


@dataclass(frozen=True)
class Answer:
    """Everything found, by kind; of one kind alone it is one page of it."""

    groups: tuple[Group, ...] = ()
    kind: HitKind | None = None
    page: int = 1

    @property
    def previous(self) -> int:
        return self.page - 1

    @property
    def next(self) -> int:
        """The number of the page after this one; 0 when there is none."""
        more = any(group.more for group in self.groups)
        return self.page + 1 if more and self.page < LAST_PAGE else 0


def kind_of(code: str) -> HitKind | None:
    return next((kind for kind in KINDS if kind.code == code), None)


def search(user: User, question: Question, *, on: date, kind: HitKind | None = None, page: int = 1) -> Answer:
    """At most nine statements; of one kind one or two."""
    if not question.words:
        return Answer(kind=kind)
    page = min(max(page, 1), LAST_PAGE)
    cut = Cut(kind.code, (page - 1) * HITS_A_PAGE, HITS_A_PAGE) if kind else Cut()
    found = [each for find in PROVIDERS for each in find(user, question.words, on, cut) if each.hits]
    order = {each.code: n for n, each in enumerate(KINDS)}
    found.sort(key=lambda each: order[each.kind.code])
    shown = HITS_A_PAGE if kind else FIRST_HITS
    return Answer(tuple(_group(each, question.words, shown) for each in found), kind, page)


def _group(found: Found, words: Sequence[Word], shown: int) -> Group:
    return Group(
        kind=found.kind,
        rows=tuple(_row(hit, words) for hit in found.hits[:shown]),
        count=f"{COUNTED}+" if found.more else str(len(found.hits)),
        more=found.more or len(found.hits) > shown,
    )


def _row(hit: Hit, words: Sequence[Word]) -> Row:
    return Row(hit, marked(hit.title, words), marked(hit.note, words), marked(hit.place, words))
