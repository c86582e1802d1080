"""What holds whatever happens: any order of telling, settling, waiting, answers and dying workers."""

from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notices.actions.delivery import deliver_due
from notices.actions.outbox import tell, withdraw
from notices.events import Event, all_events
from notices.models import Channel, Delivery, Message
from notices.rules import FINAL_STATES, DeliveryState, Level
from notices.senders import Answer, Outcome, Outgoing
from tests.effort import tries
from tests.factories.notices import make_channel, make_letter, make_line
from tests.notices.scene import LATER, NEVER, SENT, Clock

pytestmark = pytest.mark.django_db
MATTER = "test.matter"
MATTERS = st.integers(0, 3)
STEPS = st.one_of(
    st.tuples(st.just("tell"), st.sets(MATTERS, min_size=1)),
    st.tuples(st.just("tell_series"), st.sets(MATTERS, min_size=1)),
    st.tuples(st.just("settle"), MATTERS),
    st.tuples(st.just("withdraw"), MATTERS),
    st.tuples(st.just("answer"), st.sampled_from([SENT, LATER, NEVER, None])),
    st.tuples(st.just("wait"), st.integers(1, 30)),
)


class Killed(BaseException):
    """The worker dies in the middle of sending."""


class Undone(Exception):
    """Takes back everything an example wrote."""


@dataclass
class World:
    """One person with one channel; notes every sending and checks it."""

    channel: Channel
    clock: Clock = field(default_factory=Clock)
    settled: set[str] = field(default_factory=set)
    answer: Answer | None = SENT
    told: int = 0
    arrived: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)

    def still_open(self, subjects: Collection[str], on: date) -> set[str]:
        return {*subjects} - self.settled

    def send(self, channel: Channel, outgoing: Outgoing) -> Answer:
        local = timezone.localtime(self.clock.now)
        assert 7.5 <= local.hour + local.minute / 60 < 20
        message = Message.objects.get(uid=outgoing.reference.partition(".")[0])
        standing = [line for line in message.lines.all() if line.subject not in self.settled]
        assert len(outgoing.lines) == len(standing) > 0
        newer = Message.objects.filter(series=message.series, pk__gt=message.pk).exclude(series="")
        assert not newer.exists()
        self.tried[outgoing.reference] += 1
        if self.answer is None:
            raise Killed
        self.arrived[outgoing.reference] += self.answer.outcome is Outcome.SENT
        return self.answer

    def tell(self, matters: set[int], series: str = "") -> None:
        self.told += 1
        lines = tuple(make_line(f"m:{n}") for n in sorted(matters))
        letter = make_letter(self.channel.user, f"k{self.told}", event=MATTER, lines=lines, series=series)
        assert tell(letter, now=self.clock.now) is not None
        assert tell(letter, now=self.clock.now) is None

    def beat(self) -> None:
        with suppress(Killed):
            deliver_due(clock=self.clock, send=self.send)

    def step(self, name: str, value: object) -> None:
        match name, value:
            case "tell", set() as matters:
                self.tell(matters)
            case "tell_series", set() as matters:
                self.tell(matters, "weekly")
            case "settle", matter:
                self.settled.add(f"m:{matter}")
            case "withdraw", matter:
                self.settled.add(f"m:{matter}")
                withdraw([f"m:{matter}"], now=self.clock.now)
            case "answer", (Answer() | None) as answer:
                self.answer = answer
            case "wait", int(hours):
                self.clock.forward(hours=hours)
        self.beat()

    def come_to_rest(self) -> None:
        """Everything works again: within a day and a half nothing waits any more."""
        self.answer = SENT
        for _ in range(36):
            self.clock.forward(hours=1)
            self.beat()


def lived_through(steps: list[tuple[str, object]]) -> World:
    world = World(make_channel())
    all_events()[MATTER] = Event(MATTER, "测试事项", Level.DUE, still_open=world.still_open)
    for name, value in steps:
        world.step(name, value)
    world.come_to_rest()
    return world


def check(world: World) -> None:
    rows = Delivery.objects.filter(channel=world.channel).select_related("message")
    assert {row.state for row in rows} <= FINAL_STATES
    assert len(rows) == world.told
    for row in rows:
        reference = f"{row.message.uid}.{row.channel_id}"
        assert world.arrived[reference] == (row.state == DeliveryState.SENT)
        assert row.attempts == world.tried[reference]


@given(st.lists(STEPS, max_size=12))
@settings(
    max_examples=tries(normal=25, full=200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens(monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, object]]) -> None:
    """Each message arrives at most once, never at night, never settled or overtaken; none waits for ever."""
    monkeypatch.setitem(all_events(), MATTER, Event(MATTER, "测试事项", Level.DUE))
    with suppress(Undone), transaction.atomic():
        check(lived_through(steps))
        raise Undone


def test_a_day_as_it_may_go() -> None:
    """One example by hand, so that the world itself is known to work."""
    steps: list[tuple[str, object]] = [
        ("tell", {0, 1}),
        ("answer", LATER),
        ("tell_series", {2}),
        ("settle", 0),
        ("tell_series", {1}),
        ("answer", None),
        ("wait", 2),
    ]
    try:
        world = lived_through(steps)
    finally:
        del all_events()[MATTER]
    check(world)
    found = Delivery.objects.order_by("pk").values_list("state", flat=True)
    assert list(found) == [DeliveryState.SENT, DeliveryState.CANCELLED, DeliveryState.SENT]
