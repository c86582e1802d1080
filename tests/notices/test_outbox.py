"""Telling: once per key, together with what it tells, one delivery per channel that wants it."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from notices.actions.outbox import OVERTAKEN, SETTLED, Letter, tell, tell_all, withdraw
from notices.events import Event, UnknownEvent, all_events
from notices.models import Delivery, Line, Message, NoticePreference
from notices.notice_events import CHANNEL_TEST
from notices.rules import CHANNEL_FAILING, DeliveryState, Level
from tests.factories.branches import make_organisation, make_user
from tests.factories.notices import make_channel, make_letter, make_line, make_message, never_quiet
from tests.notices.scene import CHINA, NOW, states

pytestmark = pytest.mark.django_db


class UndoneError(Exception):
    """The caller takes everything back."""


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


def test_a_message_is_written_whole() -> None:
    user, place = make_user(), make_organisation()
    channel = make_channel(user)
    lines = (make_line("item:1", "甲"), make_line("item:2", "乙"))
    letter = make_letter(
        user, "week:1", lines=lines, intro="本周有两件事。", url="/w/", series="s", more=3, organisation=place
    )
    made = tell(letter, now=NOW)
    row = Message.objects.get()
    assert row == made
    told = (row.recipient, row.event, row.level, row.key, row.series, row.organisation, row.more, row.made_at)
    assert told == (user, CHANNEL_TEST, Level.URGENT, "week:1", "s", place, 3, NOW)
    assert (row.title, row.outside_title, row.intro, row.url, row.read_at) == (
        "有一件事需要办理",
        "党务工作台提醒",
        "本周有两件事。",
        "/w/",
        None,
    )
    assert list(
        row.lines.order_by("position").values_list("position", "subject", "text", "outside_text")
    ) == [
        (0, "item:1", "甲", "一项工作今天到期"),
        (1, "item:2", "乙", "一项工作今天到期"),
    ]
    send = Delivery.objects.get()
    assert (send.message, send.channel, send.state, send.attempts) == (row, channel, DeliveryState.WAITING, 0)
    assert (send.next_try_at, send.made_at, send.sent_at, send.lease) == (NOW, NOW, None, None)


def test_the_same_is_told_once() -> None:
    user = make_user()
    make_channel(user)
    assert tell(make_letter(user, "week:1"), now=NOW) is not None
    assert (
        tell(make_letter(user, "week:1", title="又一次", lines=(make_line(), make_line())), now=NOW) is None
    )
    assert tell_all([make_letter(user, "week:1"), make_letter(user, "week:2")], now=NOW) == 1
    counts = (Message.objects.count(), Line.objects.count(), Delivery.objects.count())
    assert counts == (2, 2, 2)


def test_the_same_twice_in_one_call_is_one() -> None:
    user, other = make_user(), make_user()
    letters = [make_letter(user, "a"), make_letter(other, "a"), make_letter(user, "a")]
    assert tell_all(letters, now=NOW) == 2
    assert sorted(Message.objects.values_list("recipient", flat=True)) == sorted([user.pk, other.pk])
    assert Line.objects.count() == 2


def test_nobody_is_told_nothing() -> None:
    assert tell_all([], now=NOW) == 0


def test_what_is_undone_was_never_told() -> None:
    user = make_user()
    make_channel(user)

    @transaction.atomic
    def tell_and_fail() -> None:
        tell(make_letter(user), now=NOW)
        tell_all([make_letter(user), make_letter(user)], now=NOW)
        raise UndoneError

    with pytest.raises(UndoneError):
        tell_and_fail()
    assert (Message.objects.count(), Line.objects.count(), Delivery.objects.count()) == (0, 0, 0)


def test_an_event_nobody_declares_is_refused_and_writes_nothing() -> None:
    user = make_user()
    with pytest.raises(UnknownEvent):
        tell_all([make_letter(user), make_letter(user, event="nobody.says_this")], now=NOW)
    assert Message.objects.count() == 0


def test_long_words_are_cut_visibly() -> None:
    letter = make_letter(
        make_user(), title="长" * 130, lines=(make_line(text="甲" * 200), make_line(text="乙" * 201))
    )
    tell(letter, now=NOW)
    assert Message.objects.get().title == "长" * 119 + "…"
    assert list(Line.objects.order_by("position").values_list("text", flat=True)) == [
        "甲" * 200,
        "乙" * 199 + "…",
    ]


def test_every_channel_that_wants_it_gets_it_once() -> None:
    user = make_user()
    wants = [make_channel(user), make_channel(user)]
    make_channel(user, levels=[Level.DIGEST, Level.DUE])
    make_channel(user, muted=[CHANNEL_TEST])
    make_channel(user, active=False)
    make_channel(user, removed_at=NOW)
    make_channel()  # somebody else's
    make_message(user, now=NOW)
    assert [send.channel for send in Delivery.objects.order_by("channel")] == wants


def test_who_cannot_sign_in_is_told_in_the_portal_alone() -> None:
    user = make_user(is_active=False)
    make_channel(user)
    make_message(user, now=NOW)
    assert (Message.objects.count(), Delivery.objects.count()) == (1, 0)


def test_a_level_of_its_own_and_a_message_that_stays_inside() -> None:
    user = make_user()
    make_channel(user, levels=[Level.DIGEST])
    assert make_message(user, now=NOW, level=Level.DIGEST).level == Level.DIGEST
    make_message(user, now=NOW, level=Level.DIGEST, inside_only=True)
    assert (Message.objects.count(), Delivery.objects.count()) == (2, 1)


def test_trouble_of_a_channel_is_not_told_over_a_channel_in_trouble() -> None:
    user = make_user()
    make_channel(user, failing_since=NOW)
    works = make_channel(user)
    make_message(user, now=NOW, event=CHANNEL_FAILING)
    assert Delivery.objects.get().channel == works


@pytest.mark.parametrize(
    ("told", "leaves"),
    [
        (at(19, 59), at(19, 59)),
        (at(20), at(7, 30, day=24)),
        (at(3), at(7, 30)),
        (at(7, 30), at(7, 30)),
    ],
)
def test_by_default_nothing_leaves_at_night(told: datetime, leaves: datetime) -> None:
    user = make_user()
    make_channel(user)
    make_message(user, now=told)
    assert Delivery.objects.get().next_try_at == leaves


def test_quiet_hours_are_each_persons_own() -> None:
    late, never, usual = make_user(), make_user(), make_user()
    NoticePreference.objects.create(user=late, quiet_from=time(22), quiet_until=time(9))
    never_quiet(never)
    for user in (late, never, usual):
        make_channel(user)
    tell_all([make_letter(user) for user in (usual, never, late)], now=at(21))
    leaves = {
        send.channel.user: send.next_try_at for send in Delivery.objects.select_related("channel__user")
    }
    assert leaves == {late: at(21), never: at(21), usual: at(7, 30, day=24)}


def test_a_newer_message_of_a_series_overtakes_what_waits_of_the_older() -> None:
    user, other = make_user(), make_user()
    for person in (user, other):
        make_channel(person)
    series = {"series": "weekly"}
    make_message(user, now=NOW, **series)
    make_message(other, now=NOW, **series)
    make_message(user, now=NOW, series="another")
    make_message(user, now=NOW)
    make_message(user, now=at(11), **series)
    assert states() == [
        DeliveryState.CANCELLED,
        DeliveryState.WAITING,
        DeliveryState.WAITING,
        DeliveryState.WAITING,
        DeliveryState.WAITING,
    ]
    old = Delivery.objects.earliest("pk")
    assert (old.answer, old.settled_at) == (OVERTAKEN, at(11))


def test_of_one_series_in_one_call_the_last_one_counts() -> None:
    user = make_user()
    make_channel(user)
    tell_all([make_letter(user, key, series="weekly") for key in ("3", "2", "1")], now=NOW)
    waiting = Delivery.objects.waiting().select_related("message")
    assert [send.message.key for send in waiting] == ["1"]


def test_what_was_sent_of_a_series_stays_sent() -> None:
    user = make_user()
    make_channel(user)
    make_message(user, now=NOW, series="weekly")
    Delivery.objects.update(state=DeliveryState.SENT, sent_at=NOW)
    make_message(user, now=NOW, series="weekly")
    assert states() == [DeliveryState.SENT, DeliveryState.WAITING]


OpenSubjects = Callable[..., None]


@pytest.fixture
def still_open(monkeypatch: pytest.MonkeyPatch) -> OpenSubjects:
    """Declare an event of the test's own, whose open subjects the test names."""

    def declare(*subjects: str) -> None:
        event = Event(
            "test.matter", "测试事项", Level.DUE, still_open=lambda asked, on: {*subjects} & {*asked}
        )
        monkeypatch.setitem(all_events(), event.code, event)

    return declare


def matter(user: Any, *subjects: str, **fields: Any) -> Letter:
    lines = tuple(make_line(subject) for subject in subjects)
    return make_letter(user, event="test.matter", lines=lines, **fields)


def test_withdrawing_cancels_what_tells_of_nothing_open_any_more(still_open: OpenSubjects) -> None:
    still_open("item:2")
    user = make_user()
    make_channel(user)
    for letter in (
        matter(user, "item:1"),
        matter(user, "item:1", "item:2"),
        matter(user, "item:1", ""),
        matter(user, "item:1", more=4),
        matter(user, "item:3"),
    ):
        tell(letter, now=NOW)
    assert withdraw(["item:1", "item:2"], now=at(11)) == 1
    assert states() == [DeliveryState.CANCELLED, *[DeliveryState.WAITING] * 4]
    first = Delivery.objects.earliest("pk")
    assert (first.answer, first.settled_at) == (SETTLED, at(11))
    assert withdraw(["item:1"], now=at(12)) == 0
    assert withdraw([], now=at(12)) == 0


def test_withdrawing_leaves_what_is_sent_or_being_sent(still_open: OpenSubjects) -> None:
    still_open()
    user = make_user()
    make_channel(user)
    tell(matter(user, "item:1"), now=NOW)
    Delivery.objects.update(state=DeliveryState.SENT, sent_at=NOW)
    assert withdraw(["item:1"], now=NOW) == 0
    assert states() == [DeliveryState.SENT]


def test_an_event_that_asks_nothing_is_never_withdrawn() -> None:
    user = make_user()
    make_channel(user)
    tell(make_letter(user, lines=(make_line("item:1"),)), now=NOW)
    assert withdraw(["item:1"], now=NOW) == 0


def full_letters(count: int) -> list[Letter]:
    lines = tuple(make_line(f"item:{n}") for n in range(3))
    people = [make_user() for _ in range(count)]
    for user in people[: count // 2]:
        make_channel(user)
    return [make_letter(user, lines=lines, series="weekly") for user in people]


@pytest.mark.parametrize("count", [1, 40])
def test_telling_takes_the_same_statements_for_one_and_for_many(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Savepoint and release, messages, which are new, lines, channels, hours, deliveries, overtaken.
    The one has no channel: nobody's hours are asked, no delivery is written."""
    letters = full_letters(count)
    with django_assert_num_queries(7 if count == 1 else 9):
        assert tell_all(letters, now=NOW) == count


def test_five_thousand_letters_take_a_bounded_number_of_statements(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Ten batches. SQLite takes 999 parameters in one statement, so a batch of 500 is written there in
    several: messages by 66, lines by 166, deliveries by 90."""
    letters = full_letters(50)
    letters = [
        Letter(letter.recipient, letter.event, f"key:{n}", letter.title, letter.outside_title, letter.lines)
        for n in range(100)
        for letter in letters
    ]
    assert connection.vendor == "sqlite"
    with django_assert_num_queries(255):
        assert tell_all(letters, now=NOW) == 5000
    assert (Message.objects.count(), Line.objects.count()) == (5000, 15000)


@pytest.mark.parametrize("count", [1, 3])
def test_withdrawing_takes_the_same_statements_for_one_and_three(
    count: int, still_open: OpenSubjects, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    still_open()
    for n in range(count):
        user = make_user()
        make_channel(user)
        tell(matter(user, f"item:{n}"), now=NOW)
    with django_assert_num_queries(5):
        assert withdraw([f"item:{n}" for n in range(count)], now=NOW) == count
