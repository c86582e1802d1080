"""What is sent, and what becomes of it; known to whoever sends and to whoever asks for it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class Outcome(Enum):
    """SENT: taken by the other side. LATER: worth trying again. NEVER: somebody has to mend something."""

    SENT = "sent"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True)
class Outgoing:
    """One message as it leaves the portal: no names, no content, only what kind of matter and by when.

    reference: the same at every try, so that the other side can tell a second one from a second message.
    more: how many further matters are not listed. link: absolute, or empty.
    """

    reference: str
    title: str
    lines: tuple[str, ...] = ()
    more: int = 0
    link: str = ""


@dataclass(frozen=True)
class Answer:
    """words: one Chinese sentence for the owner, at most 200 characters, never an address or a key.

    retry_after: how long the other side asks to be left alone, where it says so.
    """

    outcome: Outcome
    words: str
    retry_after: timedelta | None = None

    @property
    def sent(self) -> bool:
        return self.outcome is Outcome.SENT


def sent(words: str = "对方已收到。") -> Answer:
    return Answer(Outcome.SENT, words)


def later(words: str, retry_after: timedelta | None = None) -> Answer:
    return Answer(Outcome.LATER, words, retry_after)


def never(words: str) -> Answer:
    return Answer(Outcome.NEVER, words)
