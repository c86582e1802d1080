"""Who is known already: persons and branches as the planning of a roster needs them."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from branches.rules.people import Event, EventKind, MemberStatus, Span, membership_spans, ordered


@dataclass(frozen=True)
class Place:
    """One branch a roster may name."""

    pk: int
    code: str
    name: str
    since: date | None = None
    until: date | None = None

    def open_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True)
class KnownEvent:
    """A standing event with its key, so that it can be corrected."""

    pk: int
    event: Event


@dataclass(frozen=True)
class Standing:
    """Where a person is on a day, and since when in this branch without a break."""

    place: int
    status: MemberStatus
    since: date


@dataclass(frozen=True)
class Person:
    """One registered person. `id_number` is in full: never show it."""

    pk: int
    code: str
    name: str
    id_number: str = ""
    birth_on: date | None = None
    joined_on: date | None = None
    home_department: str = ""
    assigned: bool = False
    events: tuple[KnownEvent, ...] = ()

    @cached_property
    def spans(self) -> list[Span]:
        return membership_spans([known.event for known in self.events])

    def standing(self, day: date) -> Standing | None:
        """None when the person is in no branch on that day."""
        return standing_of(self.spans, day)

    def known(self, *kinds: EventKind, on: date | None = None) -> KnownEvent | None:
        """The latest standing event of these kinds, on that day where one is given."""
        found = [k for k in self.events if k.event.kind in kinds and on in (None, k.event.on)]
        return max(found, key=lambda k: k.event.on, default=None)

    def last_kind(self, day: date) -> EventKind | None:
        """What happened last, up to that day."""
        past = ordered(k.event for k in self.events if k.event.on <= day)
        return past[-1].kind if past else None


def standing_of(spans: Sequence[Span], day: date) -> Standing | None:
    now: Standing | None = None
    until: date | None = None
    for span in sorted(spans, key=lambda s: s.since):
        if span.since > day:
            break
        stays = now is not None and now.place == span.organisation and until == span.since
        now = Standing(span.organisation, span.status, now.since if stays and now else span.since)
        until = span.until
    return now if until is None or until > day else None


class Places:
    """The branches in scope, by code or by name."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.by_pk = {place.pk: place for place in places}
        self._by_word: dict[str, list[Place]] = {}
        for place in places:
            for word in {plain(place.code), plain(place.name)}:
                self._by_word.setdefault(word, []).append(place)

    def named(self, word: str) -> list[Place]:
        return self._by_word.get(plain(word), [])

    @property
    def only(self) -> Place | None:
        """The one branch, where there is only one."""
        return next(iter(self.by_pk.values())) if len(self.by_pk) == 1 else None


def plain(word: str) -> str:
    """As names of branches are compared: without blanks and width."""
    return "".join(unicodedata.normalize("NFKC", word).split()).casefold()
