"""The calendar feed as text: which event stands for an item, and when the text is another one. Pure."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event

from ledgers.text import clean_text
from reminders.rules import OPEN_STATES, Category, ItemState

# How many links one person may have in use.
MOST_LINKS = 5
PAST, AHEAD = timedelta(days=60), timedelta(days=400)
# How long calendars are told that something fell away; who did not ask meanwhile drops what is absent.
CANCELLED_FOR = timedelta(days=60)
REFRESH_EVERY = timedelta(hours=6)
NAME = "党务提醒"
PRODUCT = "-//Party Affairs Portal//Calendar feed//ZH"
# Part of the ETag: raise it when the same facts are written in another way.
FORMAT = 1

SHOWN_STATES = OPEN_STATES | {ItemState.DONE}
CANCELLED_STATES = frozenset({ItemState.NOT_APPLICABLE, ItemState.WITHDRAWN})

LinkTo = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the feed knows of one item: nobody's name, nothing of any record.

    `matter`: its name in the shipped catalogue; empty where somebody typed another.
    """

    pk: int
    revision: int
    changed_at: datetime
    state: str
    due_on: date
    minutes: int
    matter: str
    category: str
    sensitive: bool
    branch: str


@dataclass(frozen=True)
class Content:
    """All a feed says on a day. `installation` is a word of this installation alone that never changes."""

    installation: str
    entries: Sequence[Entry]

    @property
    def names_branches(self) -> bool:
        """Whether the title must say whose matter it is."""
        return len({entry.branch for entry in self.entries}) > 1


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def window(on: date) -> tuple[date, date]:
    """First and last due day that the feed shows."""
    return on - PAST, on + AHEAD


def etag_of(content: Content, *, portal: str) -> str:
    """The same as long as the text would be the same; known without writing the text."""
    facts = (FORMAT, portal, content.installation, tuple(content.entries))
    return f'"{hashlib.sha256(repr(facts).encode()).hexdigest()[:32]}"'


def changed_at(content: Content, since: datetime) -> datetime:
    """The latest change among the items, or `since` when there is none later."""
    return max([since, *(entry.changed_at for entry in content.entries)])


def calendar_text(content: Content, *, link_to: LinkTo | None) -> bytes:
    """The feed by RFC 5545 and RFC 7986: CRLF, lines of at most 75 octets, the same bytes for the same facts.

    `link_to` gives the full address of an item's page; None where the portal does not know its own address.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", NAME)
    calendar.add("x-wr-calname", NAME)
    calendar.add("refresh-interval", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{REFRESH_EVERY // timedelta(hours=1)}H")
    for entry in content.entries:
        calendar.add_component(_event(entry, content, link_to))
    text: bytes = calendar.to_ical()
    return text


def _event(entry: Entry, content: Content, link_to: LinkTo | None) -> Event:
    """An all-day event on the due day. What changes an event raises its SEQUENCE (RFC 5545, 3.8.7.4)."""
    event, moment = Event(), entry.changed_at.astimezone(UTC)
    event.add("uid", f"item-{entry.pk}@{content.installation}")
    event.add("sequence", entry.revision)
    # In what is published, DTSTAMP is the moment of the last revision (3.8.7.2): equal facts, equal bytes.
    event.add("dtstamp", moment)
    event.add("last-modified", moment)
    event.add("dtstart", entry.due_on)
    event.add("dtend", entry.due_on + timedelta(days=1))
    event.add("summary", _summary(entry, names_branch=content.names_branches))
    event.add("status", "CANCELLED" if entry.state in CANCELLED_STATES else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    if not entry.sensitive:
        _describe(event, entry, link_to)
    return event


def _summary(entry: Entry, *, names_branch: bool) -> str:
    matter = clean_text(entry.matter) or f"一项{_category(entry)}"
    if names_branch and not entry.sensitive:
        matter = f"{matter} · {clean_text(entry.branch)}"
    if entry.state == ItemState.DONE:
        return f"已完成：{matter}"
    return f"已取消：{matter}" if entry.state in CANCELLED_STATES else matter


def _describe(event: Event, entry: Entry, link_to: LinkTo | None) -> None:
    lines = [clean_text(entry.branch), f"预计 {entry.minutes} 分钟"]
    if link_to is not None:
        address = link_to(entry.pk)
        lines.append(f"办理：{address}")
        event.add("url", address)
    event.add("description", "\n".join(lines))
    if entry.category in Category.values:
        event.add("categories", [_category(entry)])


def _category(entry: Entry) -> str:
    return Category(entry.category).label if entry.category in Category.values else "工作"
