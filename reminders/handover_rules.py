"""Vocabulary and pure rules of handing over; no ORM, no clock."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from django.db.models import TextChoices

from branches.rules import EventKind
from periods.months import add_years

# For HANDED_OVER_ROLES a handover opens by itself; staff may open one for any post.
OPENS_DAYS_BEFORE = 60
# A post that ended longer ago opens nothing any more: whatever was to be told has been found out.
OPENS_DAYS_AFTER = 60
AHEAD_DAYS = 60
GRANT_DAYS = 30
# Somebody who took the post that long before or after the last day came to take it over.
NEWCOMER_DAYS = 60
FIRST_WEEK_DAYS, FIRST_WEEK_SHOWN_DAYS, FIRST_WEEK_LINES = 7, 14, 7
TRAPS_SHOWN = 8
MENTOR_YEARS, MENTORS_SHOWN = 1, 3
OVERLAP_DAYS = 30
DAY = timedelta(days=1)


class HandoverCause(TextChoices):
    POST_ENDED = "post_ended", "任职结束"
    RETIREMENT = "retirement", "退休"
    TRANSFER = "transfer", "调离"
    SECONDMENT_END = "secondment_end", "挂职借调结束"
    OPENED_BY_STAFF = "opened_by_staff", "党总支发起"


class HandoverState(TextChoices):
    OPEN = "open", "移交人核对中"
    CHECKED = "checked", "待接收人确认"
    CONFIRMED = "confirmed", "待签字"
    SIGNED = "signed", "已完成"
    CANCELLED = "cancelled", "已撤销"


RUNNING_STATES = frozenset({HandoverState.OPEN, HandoverState.CHECKED, HandoverState.CONFIRMED})


class Part(TextChoices):
    """The parts of a pack, in the order of the page."""

    OPEN_ITEMS = "open_items", "未办结事项"
    AHEAD = "ahead", "今后 60 天"
    FINDINGS = "findings", "问题整改与复查"
    RECRUITING = "recruiting", "发展党员"
    PROMISES = "promises", "已承接的专项工作"
    BRANCH = "branch", "支部情况与日程"
    TRAPS = "traps", "容易出错的地方"
    MATERIALS = "materials", "学习资料与模板"
    CONTACTS = "contacts", "联系人"
    DOCUMENTS = "documents", "文件与台账"


class LineState(TextChoices):
    CURRENT = "current", "待交接"
    SETTLED = "settled", "交接期间已了结"


class Capacity(TextChoices):
    LEAVER = "leaver", "移交人"
    NEWCOMER = "newcomer", "接收人"
    WITNESS = "witness", "监交人"


# Advice chosen for what lies ahead: once the leaver has checked it, it stands, or confirming would never end.
ADVICE_PARTS = frozenset({Part.TRAPS, Part.MATERIALS})
# A matter that lies ahead becomes an open one: it moves from one part to the other and stays one line.
DUTY_PARTS = frozenset({Part.OPEN_ITEMS, Part.AHEAD, Part.PROMISES})
# Somebody will have to do something about each of these lines: taken over one by one.
LINE_BY_LINE_PARTS = DUTY_PARTS | {Part.FINDINGS, Part.RECRUITING}


@dataclass(frozen=True)
class KnownEnd:
    """The last day somebody is in a post, and why, as far as the books know."""

    last_day: date
    cause: HandoverCause


Dated = tuple[date, EventKind]
# What takes a person out of a post, and what it is called here.
CAUSES = {
    EventKind.RETIRED: HandoverCause.RETIREMENT,
    EventKind.MOVED_OUT: HandoverCause.TRANSFER,
    EventKind.SECONDED: HandoverCause.TRANSFER,
    EventKind.RETURNED: HandoverCause.SECONDMENT_END,
}
# What takes a person away without ending membership or post.
ABSENCES = frozenset({EventKind.SECONDED, EventKind.RETURNED})


def grant_days(last_day: date) -> tuple[date, date]:
    """First and last day on which a leaver may still open the own handover."""
    return last_day + DAY, last_day + timedelta(days=GRANT_DAYS)


def due_bounds(on: date) -> tuple[date, date]:
    """Last days, both included, for which a handover opens itself on that day.

    Due means not later than: after an outage everything that came due in it is still found.
    """
    return on - timedelta(days=OPENS_DAYS_AFTER), on + timedelta(days=OPENS_DAYS_BEFORE)


def is_due(last_day: date, on: date) -> bool:
    earliest, latest = due_bounds(on)
    return earliest <= last_day <= latest


def known_end(
    *, since: date, until: date | None, events: Iterable[Dated], assigned: bool, on: date
) -> KnownEnd | None:
    """When a post is left: with its own last day, or before it with a known absence of its holder.

    `events` are the standing ones of the holder. An absence that is over on `on` takes nobody away.
    """
    dated = sorted(events)
    ends = [KnownEnd(until, _cause(until, dated))] if until is not None else []
    for day, kind in _leaves(dated, assigned=assigned, on=on):
        if day > since and (until is None or day <= until):
            ends.append(KnownEnd(day - DAY, CAUSES[kind]))
    return min(ends, key=lambda end: end.last_day, default=None)


def _cause(until: date, events: Sequence[Dated]) -> HandoverCause:
    """What ended or will end it the day after."""
    named = (CAUSES[kind] for day, kind in events if day == until + DAY and kind in CAUSES)
    return next(named, HandoverCause.POST_ENDED)


def _leaves(events: Sequence[Dated], *, assigned: bool, on: date) -> Iterator[Dated]:
    """Departures on secondment whose return has not happened, and a borrowed member's return home."""
    gone: Dated | None = None
    for day, kind in events:
        if kind is EventKind.SECONDED:
            gone = (day, kind)
        elif kind is EventKind.RETURNED and gone is not None:
            if day > on:
                yield gone
            gone = None
        elif kind is EventKind.RETURNED and assigned:
            yield day, kind
    if gone is not None:
        yield gone


@dataclass(frozen=True)
class Standing:
    """Somebody in the same post, as the search for the newcomer sees it."""

    post: int
    person: str
    since: date
    until: date | None


def newcomers(others: Iterable[Standing], *, leaver: str, last_day: date) -> list[Standing]:
    """Who could take the post over: other people in it after the last day, the latest begun first."""
    there = (
        one
        for one in others
        if one.person != leaver
        and (one.until is None or one.until > last_day)
        and one.since <= last_day + timedelta(days=NEWCOMER_DAYS)
    )
    return sorted(there, key=lambda one: (-one.since.toordinal(), one.post))


def newcomer(others: Iterable[Standing], *, leaver: str, last_day: date) -> Standing | None:
    """The one person who took the post around the last day; None when nobody or several did."""
    around = [
        one
        for one in newcomers(others, leaver=leaver, last_day=last_day)
        if one.since >= last_day - timedelta(days=NEWCOMER_DAYS)
    ]
    return around[0] if len({one.person for one in around}) == 1 else None


@dataclass(frozen=True)
class SignedLine:
    """What of one line is signed; whether it was settled meanwhile is no part of it."""

    part: str
    subject: str
    title: str
    detail: str
    due_on: date | None
    note: str
    question: str


def line_digest(title: str, detail: str, due_on: date | None, note: str) -> str:
    """A short mark of what one line says; another one means that somebody read other words."""
    spelled = json.dumps([title, detail, due_on.isoformat() if due_on else "", note], ensure_ascii=False)
    return sha256(spelled.encode()).hexdigest()[:16]


def content_digest(lines: Collection[SignedLine]) -> str:
    """SHA-256 of the lines as JSON, in the order of part and subject, whatever order they are given in."""
    rows = sorted(lines, key=lambda line: (line.part, line.subject))
    return sha256(json.dumps([_spelled(line) for line in rows], ensure_ascii=False).encode()).hexdigest()


def _spelled(line: SignedLine) -> list[str]:
    due = line.due_on.isoformat() if line.due_on else ""
    return [line.part, line.subject, line.title, line.detail, due, line.note, line.question]


@dataclass(frozen=True)
class WorkerPost:
    """A worker's post of one branch, as the search for gaps and doubles sees it."""

    person: str
    since: date
    until: date | None


def gap_since(posts: Iterable[WorkerPost], *, on: date) -> date | None:
    """The first day without a worker up to `on`; None where nobody ever was one, or somebody still is."""
    ended = [post.until for post in posts if post.since <= on]
    if not ended or any(until is None or until >= on for until in ended):
        return None
    return max(until for until in ended if until is not None) + DAY


def double_since(posts: Iterable[WorkerPost], *, on: date) -> date | None:
    """Since when more than one person is the worker, where that is more than a handover takes.

    Two without a known last day are no handover; with one, the two may share the post for OVERLAP_DAYS.
    """
    now = [post for post in posts if post.since <= on and (post.until is None or post.until >= on)]
    begun = sorted(
        {
            person: min(p.since for p in now if p.person == person)
            for person in {post.person for post in now}
        }.values()
    )
    if len(begun) < 2:
        return None
    shared = begun[1]
    staying = {post.person for post in now if post.until is None}
    return shared if len(staying) > 1 or shared + timedelta(days=OVERLAP_DAYS) < on else None


def years_between(since: date, on: date) -> int:
    """Whole years; who began on 29 February completes one on 28 February."""
    full = on.year - since.year
    return full if add_years(since, full) <= on else full - 1
