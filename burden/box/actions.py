"""The channel's own writes: take a letter, look up its reply, withdraw it, and what happens at night.

Nothing here is audited, logged or queued, and nothing is written to the database but by `tick` and the
desk. The public functions do the same work whoever asks and whatever they find.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from nacl.public import PublicKey

from burden.box.batch import held_now, room_in, write_tick
from burden.box.files import BoxBusy, BoxUnusable, renewed_key
from burden.box.limits import LEAST_RECIPIENTS
from burden.box.receipts import Receipt, lookup_of, new_receipt, reply_keys_of
from burden.box.sealing import Letter, no_reply, open_reply, seal_letter
from burden.box.shred import Keys, Shred
from burden.box.spool import Entry, HeldSpool, Spool
from burden.box.traces import leaving_little
from burden.models.box import BoxLetter, BoxRecipient
from jobs.actions import run_once
from jobs.models import JobRun, RunState

TICK = "burden.box_tick"
PATIENCE = 60.0  # seconds a tick waits for its turn


class NoRecipients(BoxUnusable):
    """Fewer than LEAST_RECIPIENTS could open letters to that level."""


@dataclass(frozen=True)
class Answer:
    """What a receipt shows once its letter is answered and released. outcome: a value of Outcome."""

    outcome: str
    text: str = field(repr=False)


def box_folder() -> Path:
    return Path(settings.VAR_DIR) / "box"


def public_keys(level: str) -> list[PublicKey]:
    found = BoxRecipient.objects.active().of_level(level).values_list("public_key", flat=True)
    return [PublicKey(bytes(one)) for one in found]


def accept_letter(letter: Letter, level: str, *, receipt: Receipt | None = None) -> Receipt:
    """Seal it and give its receipt when it is on the disk.

    With the same receipt twice it is one letter, the first. The text is normalised and not too long
    (burden.box.words); it is nowhere but in this call. Raises WeekFull, BoxUnusable, TooLong.
    """
    recipients = public_keys(level)
    if len(recipients) < LEAST_RECIPIENTS:
        raise NoRecipients
    mine = receipt or new_receipt()
    reply_key = reply_keys_of(mine).public_key
    sealed = seal_letter(letter, level=level, reply_key=reply_key, recipients=recipients)
    Spool(box_folder()).accept(Entry(lookup_of(mine), sealed))
    return mine


def withdraw(receipt: Receipt) -> None:
    """The letter goes at the next tick, wherever it is then; unknown receipts are taken the same way.

    Raises BoxUnusable (DayFull when too many were asked for since the last tick).
    """
    Spool(box_folder()).withdraw(lookup_of(receipt))


def look_up(receipt: Receipt) -> Answer | None:
    """None for unknown, expired, withdrawn, unreleased and unanswered ones alike, after the same work."""
    asked = BoxLetter.objects.released().filter(lookup=lookup_of(receipt))
    found = list(asked.values_list("reply", flat=True))
    decoy = no_reply()
    reply = open_reply(bytes(found[0] if found else b"") or decoy, reply_keys_of(receipt))
    return Answer(reply.outcome, reply.text) if reply else None


def beat() -> None:
    """Rewrite the spool as it is, each minute. Who holds it just then rewrites it anyway."""
    try:
        Spool(box_folder()).beat()
    except BoxBusy:
        return


def tick(on: date) -> None:
    """What is due up to this day, once: spool → batch, withdrawals; in a new week also the release.

    Days that were missed are made up by the next. It may stop at any line: a letter is in the spool until
    the database has it for good, and what both hold counts once. Raises BoxUnusable.
    """
    with Spool(box_folder(), wait=PATIENCE).held() as box:
        if box.read().moving:
            _settle(box)
        if _is_done(on):
            return
        waiting = replace(box.read(), moving=True)
        box.write(waiting)
        is_new_week = not _is_done(on - timedelta(days=on.weekday()))
        with leaving_little():
            run_once(
                TICK,
                on.isoformat(),
                lambda: write_tick(waiting, Shred(box_folder()), is_new_week=is_new_week, on=on),
            )
        _settle(box)


def _is_done(on: date) -> bool:
    """A tick of this day or a later one was done; as text, days stand in their order."""
    return JobRun.objects.filter(job=TICK, state=RunState.DONE, period__gte=on.isoformat()).exists()


def last_tick() -> date | None:
    """The latest day whose tick was done; it may be one to come when the clock was ahead."""
    done = JobRun.objects.filter(job=TICK, state=RunState.DONE).order_by("-period")
    latest = done.values_list("period", flat=True).first()
    return date.fromisoformat(latest) if latest else None


def forget_future(*, on: date) -> int:
    """After the clock was ahead: days to come count as not done; returns how many did.

    Not by itself: a clock that fell back would look the same, and its ticks would date letters years ago,
    so that the next one drops them as too old. Raises BoxUnusable.
    """
    with Spool(box_folder(), wait=PATIENCE).held():
        gone, _ = JobRun.objects.filter(job=TICK, period__gt=on.isoformat()).delete()
    return gone


def _settle(box: HeldSpool) -> None:
    """Let go of what the database has, of keys without a letter, and of withdrawals that were done; under a
    new key, so that nobody opens a copy of what waited."""
    shred = Shred(box_folder())
    keys = shred.read() or Keys()
    now = held_now(keys)
    letters = {lookup: key for lookup, key in keys.letters.items() if lookup in now.lookups}
    waiting = box.read()
    left = [e for e in waiting.entries if e.lookup not in now.lookups | waiting.withdrawals]
    asked = waiting.withdrawals & now.lookups
    room = room_in(now, keys)
    with renewed_key(box_folder()):
        shred.write(replace(keys, weeks=now.weeks, letters=letters))
        box.write(replace(waiting, entries=tuple(left), withdrawals=asked, room=room, moving=False))
