"""What help and tours are made of, how their files are read, and how words are found in them; no ORM.

A file of help (guide/data/help/*.yaml) explains one area:

    area: {code: month, title: 本月清单, icon: calendar-check}
    entries:
      - code: item_close            # names the page; letters, digits and _
        title: 登记并完成一项
        screens: [reminders:item_close]   # URL names; general: true instead, when it explains none
        purpose: one sentence
        steps: [short, imperative]
        questions: [{ask: …, answer: …}]
        see_also: [item_undo]       # codes of other entries
        roles: [worker]             # optional; without it whoever may open one of the screens
        words: [取消, 填错]           # optional; what people type who look for it
        basis: [《…》第…条]           # optional; only what is verified

Tours (guide/data/tours.yaml) are lists of steps, each pointing at one screen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from branches.rules import GrantKind, Role

type_of_holder = Role | GrantKind

# In the session once a tour has been on the screen: the same visit is not led there twice.
TOUR_SHOWN = "tour_shown"

_ENTRY_KEYS = {"code", "title", "purpose", "screens", "steps", "questions", "see_also"}
_MORE_KEYS = {"roles", "words", "basis", "general"}
_TOUR_KEYS = {"code", "title", "lead", "roles", "steps"}
_STEP_KEYS = {"icon", "title", "text", "screen"}
# Of a whole question, so much must stand in an entry to be worth showing.
_ENOUGH = 0.5
_TITLE, _ASKED, _SAID = 6.0, 3.0, 1.0


class WrongShape(ValueError):
    """A file of help is not written as the head of this module says."""


@dataclass(frozen=True)
class Question:
    ask: str
    answer: str


@dataclass(frozen=True)
class Area:
    code: str
    title: str
    icon: str


@dataclass(frozen=True)
class Entry:
    """The help on one or a few screens."""

    code: str
    title: str
    area: Area
    purpose: str
    screens: tuple[str, ...]
    steps: tuple[str, ...]
    questions: tuple[Question, ...]
    see_also: tuple[str, ...]
    roles: frozenset[type_of_holder]
    words: tuple[str, ...]
    basis: tuple[str, ...]
    general: bool

    @property
    def said(self) -> str:
        """Everything below the title, as one text."""
        asked = (part for question in self.questions for part in (question.ask, question.answer))
        return " ".join((self.purpose, *self.steps, *asked))


@dataclass(frozen=True)
class TourStep:
    icon: str
    title: str
    text: str
    screen: str


@dataclass(frozen=True)
class Tour:
    """A few steps for whoever holds one of these roles or grants."""

    code: str
    title: str
    lead: str
    roles: frozenset[type_of_holder]
    steps: tuple[TourStep, ...]


def holder(name: str) -> type_of_holder:
    """The role or grant kind of that name. Raises WrongShape."""
    if name in Role.values:
        return Role(name)
    if name in GrantKind.values:
        return GrantKind(name)
    raise WrongShape(f"no role or grant is called {name}")


def entries_of(data: Mapping[str, Any]) -> list[Entry]:
    """The entries of one file of help. Raises WrongShape."""
    _only(data, {"area", "entries"}, set(), "file")
    _only(data["area"], {"code", "title", "icon"}, set(), "area")
    area = Area(**data["area"])
    return [_entry(area, raw) for raw in data["entries"]]


def tours_of(data: Mapping[str, Any]) -> list[Tour]:
    """Raises WrongShape."""
    _only(data, {"tours"}, set(), "file")
    return [_tour(raw) for raw in data["tours"]]


def _entry(area: Area, raw: Mapping[str, Any]) -> Entry:
    _only(raw, _ENTRY_KEYS, _MORE_KEYS, str(raw.get("code")))
    for question in raw["questions"]:
        _only(question, {"ask", "answer"}, set(), raw["code"])
    return Entry(
        code=raw["code"],
        title=raw["title"],
        area=area,
        purpose=raw["purpose"],
        screens=tuple(raw["screens"]),
        steps=tuple(raw["steps"]),
        questions=tuple(Question(**question) for question in raw["questions"]),
        see_also=tuple(raw["see_also"]),
        roles=frozenset(holder(name) for name in raw.get("roles", ())),
        words=tuple(raw.get("words", ())),
        basis=tuple(raw.get("basis", ())),
        general=raw.get("general", False),
    )


def _tour(raw: Mapping[str, Any]) -> Tour:
    _only(raw, _TOUR_KEYS, set(), str(raw.get("code")))
    for step in raw["steps"]:
        _only(step, _STEP_KEYS, set(), raw["code"])
    return Tour(
        code=raw["code"],
        title=raw["title"],
        lead=raw["lead"],
        roles=frozenset(holder(name) for name in raw["roles"]),
        steps=tuple(TourStep(**step) for step in raw["steps"]),
    )


def _only(raw: Mapping[str, Any], needed: set[str], allowed: set[str], where: str) -> None:
    if missing := needed - set(raw):
        raise WrongShape(f"{where} lacks {sorted(missing)}")
    if unknown := set(raw) - needed - allowed:
        raise WrongShape(f"{where} has unknown {sorted(unknown)}")


def score(entry: Entry, words: Sequence[str]) -> float:
    """How well an entry answers these words; 0 when it does not. Every word must count for something."""
    found = [_word_score(entry, word.casefold()) for word in words]
    return sum(found) if found and all(found) else 0.0


def _word_score(entry: Entry, word: str) -> float:
    places = ((_TITLE, (entry.title, *entry.words)), (_ASKED, _asked(entry)), (_SAID, (entry.said,)))
    for weight, texts in places:
        if any(word in text.casefold() for text in texts):
            return weight
    return _loose_score(entry, word)


def _asked(entry: Entry) -> Iterable[str]:
    yield entry.purpose
    yield from (question.ask for question in entry.questions)


def _loose_score(entry: Entry, word: str) -> float:
    """A sentence without spaces: how many of its pairs of characters the entry has."""
    pairs = {word[n : n + 2] for n in range(len(word) - 1)}
    if len(pairs) < 2:
        return 0.0
    whole = " ".join((entry.title, *entry.words, entry.said)).casefold()
    share = sum(pair in whole for pair in pairs) / len(pairs)
    return share if share >= _ENOUGH else 0.0
