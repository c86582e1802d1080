"""Reads of the monthly brief: the figures it is made of, which are due, the archive, one of them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Min, QuerySet

from accounts.models import User
from branches.models import Organisation, Post
from branches.models.organisation import OrganisationQuerySet
from branches.queries.reach import holds
from branches.rules import OrganisationKind, Role
from dashboards.models import RELEASE, Brief, BriefQuerySet
from dashboards.queries.board import Board, board_of
from dashboards.queries.frame import Frame
from dashboards.queries.scope import UPPER_KINDS, Scope
from dashboards.queries.work import Now
from dashboards.rules.asked import Asked
from dashboards.rules.brief_facts import OTHERS, Asker, Coming, Counted, Facts, IndexPart, MonthFacts
from errorbank.queries.figures import picture_of
from errorbank.rules.figures import Span
from periods.calendars import WorkCalendar
from periods.months import Month, month_range
from reminders.models import ActionVersion
from reminders.queries.summaries import Behind, items_behind

# As long as marks of monthly work are kept: a portal that was off for 13 months writes them all.
MADE_UP_MONTHS = 15


def scope_for(organisation: Organisation) -> Scope:
    return Scope(organisation, (organisation,))


def facts_for(organisation: Organisation, month: Month, *, on: date) -> Facts:
    """As it stands on that day; the numbers are those of the board.

    Everybody below reads it, so no branch is in it, and sensitive matters have no name.
    """
    unnamed = set(ActionVersion.objects.filter(sensitive=True).values_list("name", flat=True))
    board = board_of(scope_for(organisation), Asked(month), on=on)
    frame = board.frame
    picture = picture_of(frame.organisations, Span.of(month, on=on))
    return Facts(
        place=organisation.name,
        month=str(month),
        day=on.isoformat(),
        branches=len(frame.branches),
        target=frame.target,
        budget=frame.budget,
        months=tuple(_months(board)),
        late=_counted(board.late, unnamed),
        soon=_counted(board.soon, unnamed),
        problems_new=len(picture.of("found")),
        problems_closed=len(picture.of("closed")),
        problems_open=len(picture.of("open")),
        problems_late=len(picture.of("overdue")),
        categories=tuple(Counted(one.name, one.found, one.repeated) for one in board.problems.categories),
        repeats=tuple(Counted(one.name, one.times) for one in board.problems.repeats),
        asked=board.load.items,
        minutes=board.load.minutes,
        over=board.load.over,
        askers=tuple(Asker(a.asker, a.items, a.minutes, a.percent) for a in board.load.askers),
        index_parts=_index_parts(board),
        coming=tuple(_coming(frame, unnamed)),
    )


def _months(board: Board) -> Iterable[MonthFacts]:
    indices = {line.month: line.value for line in board.indices}
    for line in board.trend:
        figures = line.figures
        yield MonthFacts(
            month=str(line.month),
            asked=figures.asked,
            due=figures.due,
            on_time=figures.on_time,
            done_late=figures.done_late,
            open=figures.open,
            rate=line.rate,
            index=indices.get(line.month),
        )


def _counted(now: Now, unnamed: Collection[str]) -> tuple[Counted, ...]:
    named = [Counted(line.name, line.items) for line in now.actions if line.name not in unnamed]
    others = sum(line.items for line in now.actions if line.name in unnamed)
    return (*named, *([Counted(OTHERS, others)] if others else []))


def _index_parts(board: Board) -> tuple[IndexPart, ...]:
    if board.index is None:
        return ()
    return tuple(IndexPart(part.name, part.raw, part.shown) for part in board.index.index.parts)


def _coming(frame: Frame, unnamed: Collection[str]) -> Iterable[Coming]:
    """What is due in the month after, as the refresh has planned it by now; the earliest first."""
    items = items_behind(frame.places, figure=Behind.ASKED, month=frame.month.next(), on=frame.on)
    rows = items.values_list("action").annotate(
        Max("version__name"), Count("pk"), Min("due_on"), Max("due_on")
    )
    found: dict[str, list[tuple[int, date, date]]] = {}
    for _, name, count, first, last in rows:
        found.setdefault(OTHERS if name in unnamed else name, []).append((count, first, last))
    lines = [
        Coming(
            name,
            sum(count for count, _, _ in parts),
            min(first for _, first, _ in parts).isoformat(),
            max(last for _, _, last in parts).isoformat(),
        )
        for name, parts in found.items()
    ]
    return sorted(lines, key=lambda line: (line.first, line.last, line.name))


# --- which are due -------------------------------------------------------------------------------


def last_complete(*, on: date, calendar: WorkCalendar) -> Month:
    """The month whose brief may be prepared: the last one, from the first workday after it on."""
    current = Month.of(on)
    return current.plus(-1 if on >= calendar.on_or_after(current.first) else -2)


def due_briefs(*, on: date, calendar: WorkCalendar) -> list[tuple[Organisation, Month]]:
    """What nobody has prepared yet: of every general branch the last month, and missed ones since its first
    brief, over the longest gap that is made up at all. Two statements."""
    until = last_complete(on=on, calendar=calendar)
    there: dict[int, set[Month]] = {}
    for place, month in Brief.objects.filter(edition=1).values_list("organisation", "month"):
        there.setdefault(place, set()).add(Month.of(month))
    found = []
    for general in _general_branches(on=on):
        begun = min(there.get(general.pk, ()), default=until)
        since = max(begun, until.plus(1 - MADE_UP_MONTHS))
        missing = [m for m in month_range(since, until) if m not in there.get(general.pk, ())]
        found += [(general, month) for month in missing if _stood(general, month)]
    return found


def _general_branches(*, on: date) -> OrganisationQuerySet:
    generals = Organisation.objects.filter(kind=OrganisationKind.GENERAL_BRANCH)
    return generals.active(on=on).in_tree_order()


def _stood(place: Organisation, month: Month) -> bool:
    return place.established_on is None or place.established_on <= month.last


# --- pages ---------------------------------------------------------------------------------------


def preparable(user: User, *, on: date) -> OrganisationQuerySet:
    """Organisations whose brief this person prepares."""
    mine = Organisation.objects.permitted_to(user, RELEASE, on=on).filter(kind__in=UPPER_KINDS)
    return mine.active(on=on).in_tree_order()


@dataclass(frozen=True)
class Archive:
    """Released briefs of one year, the latest first, and the drafts on this reader's desk."""

    drafts: Sequence[Brief]
    released: Sequence[Brief]
    year: int | None
    years: Sequence[int]


def archive_of(user: User, *, year: int | None, on: date) -> Archive:
    """By the year of the month they are about; three statements."""
    visible = Brief.objects.visible_to(user, on=on)
    released = visible.standing()
    years = sorted({month.year for month in released.values_list("month", flat=True)}, reverse=True)
    chosen = year if year in years else next(iter(years), None)
    return Archive(
        drafts=list(_ordered(visible.drafts())),
        released=list(_ordered(released.filter(month__year=chosen))) if chosen else [],
        year=chosen,
        years=years,
    )


def _ordered(briefs: BriefQuerySet) -> QuerySet[Brief]:
    """Without the figures, which no list shows."""
    rows = briefs.select_related("organisation").defer("facts", "generated", "edited")
    return rows.order_by("-month", "organisation__level", "organisation__code", "-edition")


def other_editions(brief: Brief, user: User, *, on: date) -> list[Brief]:
    """The same month's, which this person may read; the latest first. One statement."""
    same = Brief.objects.visible_to(user, on=on).filter(organisation=brief.organisation_id, month=brief.month)
    return list(_ordered(same.exclude(pk=brief.pk)))


@dataclass(frozen=True)
class Readers:
    """Who reads a brief once it is released: how many branches, and the workers who are told."""

    branches: int
    workers: int


def readers_of(brief: Brief, *, on: date) -> Readers:
    """Two statements."""
    below = Organisation.objects.within(brief.organisation).active(on=on)
    return Readers(below.branches().count(), workers_below(brief.organisation, on=on).count())


def workers_below(place: Organisation, *, on: date) -> QuerySet[User]:
    """Who keeps the list of a branch there."""
    below = Organisation.objects.within(place)
    posts = Post.objects.at(on).filter(role=Role.WORKER, organisation__in=below)
    return User.objects.filter(holds(posts), is_active=True)
