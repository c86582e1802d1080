"""Opening the desk: letters in clear for one answer of the portal, and nowhere else.

`open_desk` unwraps the recipient's key, opens what is there, and hands over sheets. A sheet rides in the
recipient's own page as a token sealed with the installation's keys; it comes back with the reply, so that
the passphrase is asked for once. Nothing of it is written into session, cache, file or database.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from nacl.public import PrivateKey, PublicKey

from audit import actions as audit
from audit.models import AuditEvent
from branches.rules import Refusal
from branches.sealed import SealRefused, open_json, seal_json
from burden.box.marks import Mark, marks_of
from burden.box.released import ReleasedLetter, desk_held, released_letters, reseal_released
from burden.box.sealing import (
    NotForThisKey,
    OpenedLetter,
    WrongPassphrase,
    open_letter,
    reseal,
    unwrap_private,
)
from burden.models import BoxRecipient
from burden.queries.box_recipients import own_words, ring_of
from burden.rules.box_passphrase import normal

PURPOSE = "box sheet"
OPENED = "burden.box_desk_opened"
SHOWN = 40


class WrongWords(Refusal):
    """The passphrase opens nothing."""

    def __str__(self) -> str:
        return "口令不对，请再输一遍。口令和登录密码是两回事；忘了口令，谁也找不回来。"


class StaleSheet(Refusal):
    """A page that was opened long ago, by somebody else, or changed."""

    def __str__(self) -> str:
        return "这一页打开得太久了，请重新输入口令打开受理台。"


@dataclass(frozen=True)
class Sheet:
    """One letter in the recipient's page. conflicts: the own names that stand in it."""

    lookup: str
    category: str = field(repr=False)
    text: str = field(repr=False)
    month: date
    reply_key: str = field(repr=False)
    recipient: str
    opened_on: date
    handed_here: bool = False
    pending: str = ""
    version: str = ""
    conflicts: tuple[str, ...] = field(default=(), repr=False)

    @property
    def token(self) -> str:
        said = {**vars(self), "month": self.month.isoformat(), "opened_on": self.opened_on.isoformat()}
        return urlsafe_b64encode(seal_json(said, purpose=PURPOSE)).decode("ascii")

    @property
    def seal_to(self) -> PublicKey:
        return PublicKey(bytes.fromhex(self.reply_key))


@dataclass(frozen=True)
class Desk:
    """What one opening shows; `more` are left for the next."""

    sheets: list[Sheet]
    more: int


def sheet_of(token: str, *, recipient: BoxRecipient, on: date) -> Sheet:
    """Raises StaleSheet."""
    try:
        said = open_json(urlsafe_b64decode(token.encode("ascii", "replace")), purpose=PURPOSE)
    except (SealRefused, ValueError):
        raise StaleSheet from None
    days = {name: date.fromisoformat(said[name]) for name in ("month", "opened_on")}
    sheet = Sheet(**{**said, **days, "conflicts": tuple(said["conflicts"])})
    # A page may be open at midnight.
    if sheet.recipient != recipient.name or not on - timedelta(days=1) <= sheet.opened_on <= on:
        raise StaleSheet
    return sheet


def unlock(recipient: BoxRecipient, passphrase: str) -> PrivateKey:
    """Raises WrongWords."""
    try:
        return unwrap_private(bytes(recipient.wrapped_key), normal(passphrase))
    except WrongPassphrase:
        raise WrongWords from None


def open_desk(recipient: BoxRecipient, passphrase: str, *, on: date) -> Desk:
    """The unanswered letters of one's level, in another order each time. Raises WrongWords, BoxUnusable."""
    private = unlock(recipient, passphrase)
    with desk_held():
        _note(recipient, on)
        reseal_for(recipient, private)
        released = released_letters()
    sheets = _sheets(recipient, _opened(released, private), on)
    secrets.SystemRandom().shuffle(sheets)
    return Desk(sheets[:SHOWN], max(0, len(sheets) - SHOWN))


def _note(recipient: BoxRecipient, on: date) -> None:
    """Once per recipient and week, whatever is done then: the log must not tell which letters moved whom."""
    week = "{}-{:02}".format(*on.isocalendar()[:2])
    known = AuditEvent.objects.filter(event=OPENED, by=recipient.user_id, detail__week=week)
    if not known.exists():
        audit.record(OPENED, by=recipient.user, detail={"week": week})


def reseal_for(recipient: BoxRecipient, private: PrivateKey) -> None:
    """Seal every letter this recipient opens to exactly those who receive today, if they did not do so yet.

    Noted for each recipient, not for the level: who was confirmed while letters waited cannot open those,
    and must not be the one for whom the others leave them as they are. Called with the desk held.
    """
    receiving = list(BoxRecipient.objects.active().of_level(recipient.level))
    ring = ring_of(receiving)
    mine = BoxRecipient.objects.filter(name=recipient.name)
    if mine.filter(sealed_for=ring).exists():
        return
    public = [PublicKey(bytes(one.public_key)) for one in receiving]
    letters = ((one.lookup, _resealed(one.sealed, private, public)) for one in released_letters())
    reseal_released({lookup: sealed for lookup, sealed in letters if sealed})
    mine.update(sealed_for=ring)


def _resealed(sealed: bytes, private: PrivateKey, public: list[PublicKey]) -> bytes:
    """Empty for a dummy and for a letter to the other level."""
    try:
        return reseal(sealed, private, public)
    except NotForThisKey:
        return b""


def _opened(released: list[ReleasedLetter], private: PrivateKey) -> list[tuple[ReleasedLetter, OpenedLetter]]:
    found = []
    for one in released:
        if not one.outcome and (letter := _letter(one.sealed, private)):
            found.append((one, letter))
    return found


def _letter(sealed: bytes, private: PrivateKey) -> OpenedLetter | None:
    try:
        return open_letter(sealed, private)
    except NotForThisKey:
        return None


def _sheets(
    recipient: BoxRecipient, opened: list[tuple[ReleasedLetter, OpenedLetter]], on: date
) -> list[Sheet]:
    marks = marks_of(row.lookup for row, _ in opened)
    own = own_words(recipient.user, on=on)
    receiving = set(BoxRecipient.objects.active().of_level(recipient.level).values_list("name", flat=True))
    sheets = []
    for row, letter in opened:
        mark = marks.get(row.lookup, Mark())
        # When everybody has given it on, somebody has to answer it all the same.
        if recipient.name in mark.handed and receiving - set(mark.handed):
            continue
        sheet = _sheet(row, letter, recipient, own, on)
        sheets.append(replace(sheet, handed_here=bool(mark.handed)))
    return sheets


def _sheet(
    row: ReleasedLetter, letter: OpenedLetter, recipient: BoxRecipient, own: set[str], on: date
) -> Sheet:
    hits = {word for word in own if word in letter.letter.text}
    return Sheet(
        lookup=row.lookup,
        category=letter.letter.category,
        text=letter.letter.text,
        month=row.month,
        reply_key=bytes(letter.reply_key).hex(),
        recipient=recipient.name,
        opened_on=on,
        pending=row.pending_outcome,
        version=row.version,
        conflicts=tuple(sorted(hits, key=lambda word: (-len(word), word))),
    )
