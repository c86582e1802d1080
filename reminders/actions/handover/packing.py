"""Bringing the lines of a pack in line with what they tell of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from reminders.actions.handover.refusals import running
from reminders.actions.handover.telling import tell_waiting
from reminders.handover_rules import ADVICE_PARTS, DUTY_PARTS, HandoverState, LineState
from reminders.models import Handover, HandoverLine
from reminders.queries.handover.parts import PackLine, pack_lines

Key = tuple[str, str]
_DUTY = "duty"
_TEXTS = ("title", "detail", "due_on")
_QUIET = ("part", "position", "url", "state")


@dataclass
class Repacked:
    """What one packing changed."""

    made: list[HandoverLine] = field(default_factory=list)
    changed: list[HandoverLine] = field(default_factory=list)
    dropped: list[HandoverLine] = field(default_factory=list)


@transaction.atomic
def repack(handover: Handover, *, on: date) -> Handover:
    """Bring the lines up to date; running it again changes nothing. Raises HandoverRefused once it is over.

    New matters appear, those that are gone count as settled, and a line whose text or day changed has to be
    confirmed again. From the first signature on lines are settled only, so that all three sign the same.
    """
    row = running(handover)
    pack(row, on=on, now=timezone.now())
    handover.refresh_from_db()
    return row


def pack(row: Handover, *, on: date, now: datetime) -> None:
    """The same for a row that is locked."""
    lines = list(row.lines.order_by("position", "pk"))
    fresh = pack_lines(row, on=on)
    signed = row.signatures.exists()
    done = _settled(lines, fresh) if signed else _compared(row, lines, fresh)
    HandoverLine.objects.bulk_create(done.made)
    HandoverLine.objects.bulk_update(done.changed, [*_TEXTS, *_QUIET, "confirmed_at"], batch_size=100)
    if done.dropped:
        HandoverLine.objects.filter(pk__in=[line.pk for line in done.dropped]).delete()
    row.packed_at = now
    row.save(update_fields=["packed_at"])
    if not signed:
        ask_again(row, on=on, now=now)


def ask_again(row: Handover, *, on: date, now: datetime) -> None:
    """A confirmed list with a line that is not: the newcomer looks once more."""
    if row.state != HandoverState.CONFIRMED or not unconfirmed(row).exists():
        return
    row.state, row.confirmed_at = HandoverState.CHECKED, None
    row.save(update_fields=["state", "confirmed_at"])
    tell_waiting(row, on=on, now=now)


def unconfirmed(row: Handover) -> QuerySet[HandoverLine]:
    return row.lines.filter(state=LineState.CURRENT, confirmed_at=None)


def _key(line: HandoverLine | PackLine) -> Key:
    """A duty keeps its identity while it moves from what lies ahead to what is open."""
    return (_DUTY if line.part in DUTY_PARTS else line.part), line.subject


def _settled(lines: Iterable[HandoverLine], fresh: Iterable[PackLine]) -> Repacked:
    """Only whether a matter still stands; the words that were signed stay."""
    standing, done = {_key(line) for line in fresh}, Repacked()
    for line in lines:
        if line.part in ADVICE_PARTS:
            continue
        state = LineState.CURRENT if _key(line) in standing else LineState.SETTLED
        if line.state != state:
            line.state = state
            done.changed.append(line)
    return done


def _compared(row: Handover, lines: Sequence[HandoverLine], fresh: Sequence[PackLine]) -> Repacked:
    done, left = Repacked(), {_key(line): line for line in lines}
    advises = row.state == HandoverState.OPEN
    for position, new in enumerate(fresh):
        line = left.pop(_key(new), None)
        if line is None and (advises or new.part not in ADVICE_PARTS):
            done.made.append(_made(row, new, position))
        elif line is not None and (advises or new.part not in ADVICE_PARTS) and _update(line, new, position):
            done.changed.append(line)
    for line in left.values():
        _leave(line, done, advises=advises)
    return done


def _made(row: Handover, new: PackLine, position: int) -> HandoverLine:
    return HandoverLine(
        handover=row,
        part=new.part,
        subject=new.subject,
        position=position,
        title=new.title,
        detail=new.detail,
        due_on=new.due_on,
        url=new.url,
    )


def _update(line: HandoverLine, new: PackLine, position: int) -> bool:
    """Whether anything differs. Another text or day has to be confirmed again; the note stays."""
    quiet = {"part": new.part, "position": position, "url": new.url, "state": LineState.CURRENT}
    spoken = {"title": new.title, "detail": new.detail, "due_on": new.due_on}
    if any(getattr(line, name) != value for name, value in spoken.items()):
        line.confirmed_at = None
        quiet |= spoken
    differs = [name for name, value in quiet.items() if getattr(line, name) != value]
    for name in differs:
        setattr(line, name, quiet[name])
    return bool(differs)


def _leave(line: HandoverLine, done: Repacked, *, advises: bool) -> None:
    """What is no longer said: advice goes as long as the leaver checks, all else counts as settled."""
    if line.part in ADVICE_PARTS:
        if advises and not line.note:
            done.dropped.append(line)
    elif line.state != LineState.SETTLED:
        line.state = LineState.SETTLED
        done.changed.append(line)
