"""A person with a channel, a sender that answers from a list, and a clock that is moved by hand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from notices.actions.delivery import Delivered, deliver_due
from notices.models import Channel, Delivery
from notices.senders import Answer, Outcome, Outgoing

CHINA = ZoneInfo("Asia/Shanghai")
# A Monday, in the middle of the morning.
NOW = datetime(2026, 11, 23, 10, tzinfo=CHINA)

SENT = Answer(Outcome.SENT, "对方已收到。")
LATER = Answer(Outcome.LATER, "对方暂时没有应答。")
NEVER = Answer(Outcome.NEVER, "机器人已被删除。")


@dataclass
class Clock:
    """Moved by the test; counts as the time of every part of one run."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> "Clock":
        self.now += timedelta(**parts)
        return self


@dataclass
class Postman:
    """Keeps what it was given; answers one after the other, the last one for ever."""

    answers: list[Answer] = field(default_factory=lambda: [SENT])
    given: list[tuple[Channel, Outgoing]] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def __call__(self, channel: Channel, outgoing: Outgoing) -> Answer:
        self.given.append((channel, outgoing))
        self.meanwhile()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def outgoings(self) -> list[Outgoing]:
        return [outgoing for _, outgoing in self.given]


def answering(*answers: Answer) -> Postman:
    return Postman(list(answers))


def run(clock: Clock, postman: Postman, *, limit: int = 200) -> Delivered:
    return deliver_due(clock=clock, send=postman, limit=limit)


def run_for(clock: Clock, postman: Postman, *, step: timedelta, times: int) -> None:
    """Beat after beat, as in operation; the clock stands one step after the last one."""
    for _ in range(times):
        run(clock, postman)
        clock.now += step


def states(deliveries: Iterable[Delivery] | None = None) -> list[str]:
    rows = Delivery.objects.order_by("pk") if deliveries is None else deliveries
    return [row.state for row in rows]
