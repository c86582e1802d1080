"""The one digest: everybody who keeps a list is told once a week what is open, and each day what falls due.

See docs/adr/0011-one-digest.md. Run as often as one likes: what was told is known by rows, so a missed or
doubled run changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.urls import reverse

from accounts.models import User
from notices.actions.outbox import Letter, LineData, tell_all
from notices.models import NoticePreference
from periods.labels import day_label, span_label, week_bounds
from reminders.actions.telling import item_line, matter_of
from reminders.digest_rules import DUE_FROM, MOST_LINES, below_words, summary, week_key
from reminders.models import ReminderItem
from reminders.notice_events import (
    DIGEST_INSIDE_SERIES,
    DIGEST_SERIES,
    DUE_TODAY,
    WEEKLY_DIGEST,
    overdue_subject,
)
from reminders.queries.digests import (
    Below,
    Moment,
    People,
    due_items,
    in_season,
    late_below,
    people_of_page,
    untold_pairs,
    weekly_is_not_enough,
    weekly_items,
    without_due,
    without_weekly,
)
from reminders.queries.keepers import Keeping

# People told in one run; the next run goes on.
PAGES = 20


def compose_digests(*, now: datetime) -> int:
    """Everything that is due by now; returns how many messages were written.

    The weekly digest first, and what is due only when everybody has theirs: what it tells is not told again.
    """
    moment = Moment.of(now)
    made, left = _tell_pages(_WEEKLY, moment, f"digest:{week_key(moment.on)}", PAGES)
    if moment.at >= DUE_FROM:
        made += _tell_pages(_DUE, moment, f"due:{moment.on}", left)[0]
    return made


@dataclass(frozen=True)
class _Kind:
    """Whom a kind of digest waits for, and what it tells a page of them."""

    find: Callable[..., list[int]]
    write: Callable[[Sequence[int], str, Moment], list[Letter]]


def _tell_pages(kind: _Kind, moment: Moment, key: str, pages: int) -> tuple[int, int]:
    """Tell page after page; returns how many messages were written and how many pages are left to tell."""
    made = after = 0
    for left in range(pages, 0, -1):
        page = kind.find(moment, key=key, after=after)
        if not page:
            return made, left
        made += tell_all(kind.write(page, key, moment), now=moment.now)
        after = page[-1]
    return made, 0


def _weekly_letters(page: Sequence[int], key: str, moment: Moment) -> list[Letter]:
    people = people_of_page(page, weekly_items(moment.on), on=moment.on)
    people.below = late_below(people.places, on=moment.on)
    spared = _spared(people, on=moment.on)
    inside = spared | weekly_is_not_enough(page)
    title = f"每周汇总（{span_label(*week_bounds(moment.on))}）"
    letters = []
    for user in people.users:
        items = people.items_of(user)
        overview = [_below_line(keeping, below) for keeping, below in people.below_of(user)]
        letter = _letter(user, WEEKLY_DIGEST, key, title, items, people, overview=overview, on=moment.on)
        series = DIGEST_INSIDE_SERIES if user.pk in inside else DIGEST_SERIES
        letters.append(replace(letter, series=series, inside_only=user.pk in spared))
    return [letter for letter in letters if letter.lines]


def _due_letters(page: Sequence[int], key: str, moment: Moment) -> list[Letter]:
    people = people_of_page(page, due_items(moment.on), on=moment.on)
    untold = untold_pairs(page, on=moment.on)
    title = f"到期提醒（{day_label(moment.on)}）"
    letters = []
    for user in people.users:
        items = [item for item in people.items_of(user) if (user.pk, item.pk) in untold]
        letters.append(_letter(user, DUE_TODAY, key, title, items, people, on=moment.on))
    return [letter for letter in letters if letter.lines]


def _letter(
    user: User,
    event: str,
    key: str,
    title: str,
    items: Sequence[ReminderItem],
    people: People,
    *,
    overview: Sequence[LineData] = (),
    on: date,
) -> Letter:
    room = MOST_LINES - len(overview)
    lines = [*overview, *(item_line(item, on=on, place=people.place_of(user, item)) for item in items[:room])]
    return Letter(
        recipient=user,
        event=event,
        key=key,
        title=title,
        outside_title=title,
        intro=summary([matter_of(item) for item in items], on),
        lines=tuple(lines),
        more=max(len(items) - room, 0),
        url=reverse("reminders:month_list"),
        organisation=people.only_place(user),
    )


def _below_line(keeping: Keeping, below: Below) -> LineData:
    words = below_words(below.branches, below.items)
    page = reverse("reminders:overview") if keeping.oversees else ""
    return LineData(words, words, subject=overdue_subject(keeping.organisation), url=page)


def _spared(people: People, *, on: date) -> set[int]:
    """Who is in the busiest weeks with all lists, and has not asked for the digest all the same."""
    busy = in_season(people.places.values(), on=on)
    usual = NoticePreference()
    return {
        user.pk
        for user in people.users
        if getattr(user, "notice_preference", usual).spare_busy_season
        and all(kept.organisation in busy for kept in people.keeps[user.pk])
    }


_WEEKLY = _Kind(without_weekly, _weekly_letters)
_DUE = _Kind(without_due, _due_letters)
