"""One handover as its page shows it, and the list of handovers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils import timezone

from accounts.models import User
from periods.labels import day_label, days_left_label
from reminders.handover_rules import (
    LINE_BY_LINE_PARTS,
    RUNNING_STATES,
    Capacity,
    HandoverState,
    LineState,
    Part,
)
from reminders.models import Handover, HandoverLine, HandoverSignature
from reminders.queries.handover.first_week import FirstStep, first_week
from reminders.queries.handover.mentors import MentorSuggestion, mentor_suggestions
from reminders.queries.handover.people import TO_BE_FOUND, Choice, choice_of, newcomer_posts
from reminders.queries.handover.rights import (
    Rights,
    Waiting,
    holdings,
    rights_of,
    signed_in,
    waiting_of,
)
from reminders.rules import SOON_DAYS

ROWS_A_PAGE = 50
# Parts whose days are days by which something is to be done.
DATED_PARTS = frozenset({Part.OPEN_ITEMS, Part.AHEAD, Part.PROMISES, Part.RECRUITING})
PART_HINTS = {
    Part.OPEN_ITEMS: "移交后由接收人继续办理。",
    Part.AHEAD: "今后 60 天内要开始办理的事项。",
    Part.RECRUITING: "每人的下一步和时限。",
    Part.PROMISES: "上级布置、尚未办结的专项工作。",
    Part.TRAPS: "根据本支部的退回和逾期记录整理，排在前面的是本支部发生过的。",
    Part.CONTACTS: "有疑问时可以找这些同志。",
}
TONES = {HandoverState.SIGNED: "ok", HandoverState.CANCELLED: "off"}


@dataclass(frozen=True)
class LineRow:
    """One line in ready words; `url` is empty for a reader who may not open what it names."""

    pk: int
    title: str
    detail: str
    due_on: date | None
    due: str
    tag: str
    tone: str
    url: str
    note: str
    question: str
    confirmed: bool
    settled: bool
    digest: str


@dataclass(frozen=True)
class PartRows:
    code: str
    label: str
    hint: str
    lines: tuple[LineRow, ...]

    @property
    def current(self) -> tuple[LineRow, ...]:
        return tuple(line for line in self.lines if not line.settled)

    @property
    def settled(self) -> tuple[LineRow, ...]:
        return tuple(line for line in self.lines if line.settled)

    @property
    def confirmed(self) -> int:
        return sum(line.confirmed for line in self.current)

    @property
    def done(self) -> bool:
        """Nothing is left to confirm."""
        return self.confirmed == len(self.current)

    @property
    def at_once(self) -> bool:
        """What is only to be known may be confirmed in one tap; duties are taken over line by line."""
        return self.code not in LINE_BY_LINE_PARTS and len(self.current) - self.confirmed > 1


@dataclass(frozen=True)
class SignatureRow:
    """One of the three places to sign; `at` is empty until somebody has."""

    capacity: Capacity
    label: str
    name: str
    at: datetime | None = None
    in_absence: bool = False
    reason: str = ""
    content: str = ""


@dataclass(frozen=True)
class HandoverPage:
    """Everything the page and the PDF of one handover show."""

    handover: Handover
    rights: Rights
    waiting: Waiting
    parts: tuple[PartRows, ...]
    signatures: tuple[SignatureRow, ...]
    newcomer_choices: tuple[Choice, ...] = ()
    mentor_choices: tuple[MentorSuggestion, ...] = ()
    first_week: tuple[FirstStep, ...] = ()

    @property
    def lines(self) -> tuple[LineRow, ...]:
        return tuple(line for part in self.parts for line in part.lines)

    @property
    def current(self) -> int:
        return sum(not line.settled for line in self.lines)

    @property
    def confirmed(self) -> int:
        return sum(part.confirmed for part in self.parts)

    @property
    def left(self) -> int:
        """Lines the newcomer has not confirmed."""
        return self.current - self.confirmed

    @property
    def questions(self) -> int:
        return sum(bool(line.question) for line in self.lines if not line.settled)

    @property
    def tone(self) -> str:
        return TONES.get(HandoverState(self.handover.state), "soon" if self.waiting.mine else "")

    @property
    def newcomer(self) -> str:
        return self.handover.newcomer_name or TO_BE_FOUND

    @property
    def content(self) -> str:
        """The digest the first signature stands under."""
        return next((row.content for row in self.signatures if row.content), "")


@dataclass(frozen=True)
class HandoverRow:
    """One handover of the list."""

    pk: int
    organisation: str
    role: str
    leaver: str
    newcomer: str
    cause: str
    last_day: str
    state: str
    tone: str
    waiting: str
    since: str
    mine: bool
    running: bool


def for_detail() -> QuerySet[Handover]:
    return Handover.objects.select_related(
        "organisation__parent",
        "leaver",
        "leaver_post__member__user",
        "leaver_post__user",
        "newcomer_post__member__user",
        "newcomer_post__user",
        "mentor__organisation",
        "grant",
    ).prefetch_related("signatures")


def handover_page(handover: Handover, user: User, *, on: date) -> HandoverPage:
    """Eleven statements at most, whatever the number of lines."""
    row = for_detail().get(pk=handover.pk)
    rights = rights_of(row, user, holdings(user, on=on))
    signed = signed_in(row)
    choices = newcomer_posts(row, on=on) if rights.choose else []
    parts = _parts(row.lines.order_by("position", "pk"), rights, on)
    traps = sum(len(part.lines) for part in parts if part.code == Part.TRAPS)
    return HandoverPage(
        handover=row,
        rights=rights,
        waiting=waiting_of(row, rights, signed=signed, on=on),
        parts=parts,
        signatures=_signatures(row),
        newcomer_choices=tuple(choice_of(post) for post in choices if post.pk != row.newcomer_post_id),
        mentor_choices=tuple(mentor_suggestions(row, on=on)) if rights.choose else (),
        first_week=tuple(first_week(row, traps=traps, on=on)) if rights.is_newcomer else (),
    )


def _parts(lines: Iterable[HandoverLine], rights: Rights, on: date) -> tuple[PartRows, ...]:
    by_part: dict[str, list[LineRow]] = {part: [] for part in Part}
    for line in lines:
        by_part[line.part].append(_line(line, rights, on))
    return tuple(
        PartRows(part, part.label, PART_HINTS.get(part, ""), tuple(by_part[part]))
        for part in Part
        if by_part[part]
    )


def _line(line: HandoverLine, rights: Rights, on: date) -> LineRow:
    settled = line.state == LineState.SETTLED
    tag, tone = ("", "off") if settled else _tag(line, on)
    return LineRow(
        pk=line.pk,
        title=line.title,
        detail=line.detail,
        due_on=line.due_on,
        due=day_label(line.due_on, on) if line.due_on else "",
        tag=tag,
        tone=tone,
        url=line.url if rights.links else "",
        note=line.note,
        question=line.question,
        confirmed=line.confirmed_at is not None,
        settled=settled,
        digest=line.digest,
    )


def _tag(line: HandoverLine, on: date) -> tuple[str, str]:
    if line.due_on is None or line.part not in DATED_PARTS:
        return "", ""
    left = (line.due_on - on).days
    return days_left_label(line.due_on, on), "late" if left < 0 else "soon" if left <= SOON_DAYS else ""


def _signatures(handover: Handover) -> tuple[SignatureRow, ...]:
    signed = {signature.capacity: signature for signature in handover.signatures.all()}
    return tuple(_signature(handover, capacity, signed.get(capacity)) for capacity in Capacity)


def _signature(handover: Handover, capacity: Capacity, found: HandoverSignature | None) -> SignatureRow:
    names = {Capacity.LEAVER: handover.leaver_name, Capacity.NEWCOMER: handover.newcomer_name}
    if found is None:
        return SignatureRow(capacity, capacity.label, names.get(capacity, ""))
    return SignatureRow(
        capacity,
        capacity.label,
        found.name,
        found.signed_at,
        found.in_absence,
        found.reason,
        found.content,
    )


def handovers_of(user: User, *, on: date, page: str | None = None) -> Page[HandoverRow]:
    """Handovers this person may read, the running ones first; five statements a page."""
    closed = Case(
        When(state__in=sorted(RUNNING_STATES), then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    mine = Handover.objects.visible_to(user, on=on).annotate(closed=closed)
    found = Paginator(mine.order_by("closed", "-last_day", "-pk"), ROWS_A_PAGE).get_page(page)
    rows = for_detail().in_bulk([handover.pk for handover in found.object_list])
    held = holdings(user, on=on)
    shown = [_row(rows[handover.pk], rights_of(rows[handover.pk], user, held), on) for handover in found]
    return cast("Page[HandoverRow]", Page(cast(Any, shown), found.number, found.paginator))


def _row(handover: Handover, rights: Rights, on: date) -> HandoverRow:
    waiting = waiting_of(handover, rights, signed=signed_in(handover), on=on)
    state = HandoverState(handover.state)
    return HandoverRow(
        pk=handover.pk,
        organisation=handover.organisation.name,
        role=handover.get_role_display(),
        leaver=handover.leaver_name,
        newcomer=handover.newcomer_name or TO_BE_FOUND,
        cause=handover.get_cause_display(),
        last_day=day_label(handover.last_day, on),
        state=state.label,
        tone=TONES.get(state, "soon" if waiting.mine else ""),
        waiting=waiting.words,
        since=day_label(_since(handover), on),
        mine=waiting.mine,
        running=state in RUNNING_STATES,
    )


def _since(handover: Handover) -> date:
    """Since when it waits as it does now."""
    moments = {
        HandoverState.CHECKED: handover.checked_at,
        HandoverState.CONFIRMED: handover.confirmed_at,
        HandoverState.SIGNED: handover.changed_hands_at,
    }
    moment = moments.get(HandoverState(handover.state))
    return timezone.make_naive(moment).date() if moment else handover.opened_on
