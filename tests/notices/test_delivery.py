"""Sending: claimed, asked once more, sent, settled by whoever holds the row."""

import uuid
from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from notices.actions.delivery import (
    BATCH,
    FRESH_FOR,
    INTERRUPTED,
    NOT_CHECKED,
    Delivered,
    deliver_due,
)
from notices.actions.outbox import OVERTAKEN, SETTLED, tell
from notices.events import Event, all_events
from notices.models import Channel, Delivery, Message, NoticePreference
from notices.notice_events import CHANNEL_TEST
from notices.rules import CHANNEL_FAILING, LEASE, TRIES, DeliveryState, Level
from notices.senders import Answer, Outcome, Outgoing
from tests.factories.branches import make_user
from tests.factories.notices import make_channel, make_letter, make_line, make_message, never_quiet
from tests.notices.scene import (
    CHINA,
    LATER,
    NEVER,
    NOW,
    SENT,
    Clock,
    answering,
    run,
    run_for,
    states,
)

pytestmark = pytest.mark.django_db
MATTER = "test.matter"


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def channel(user: User) -> Channel:
    return make_channel(user)


class Matters:
    """An event of the test's own: which of its subjects are open, and how often that was asked."""

    def __init__(self) -> None:
        self.settled: set[str] = set()
        self.asked: list[tuple[list[str], date]] = []
        self.broken = False

    def still_open(self, subjects: Collection[str], on: date) -> set[str]:
        self.asked.append((list(subjects), on))
        if self.broken:
            raise LookupError(on)
        return {*subjects} - self.settled


@pytest.fixture
def matters(monkeypatch: pytest.MonkeyPatch) -> Matters:
    made = Matters()
    event = Event(MATTER, "测试事项", Level.DUE, still_open=made.still_open)
    monkeypatch.setitem(all_events(), MATTER, event)
    return made


def tell_of(user: User, *subjects: str, now: datetime = NOW, more: int = 0) -> Message:
    lines = tuple(make_line(subject, f"事项 {subject}") for subject in subjects)
    return make_message(user, now=now, event=MATTER, lines=lines, more=more)


def test_what_waits_is_sent_once(user: User, channel: Channel, settings: Settings) -> None:
    settings.PORTAL_URL = "https://portal.example.com"
    lines = (make_line("a", "雷彩霞：甲"), make_line("b", "乙"))
    message = make_message(user, now=NOW, lines=lines, url="/w/reminders/", more=2)
    clock, postman = Clock(), answering(SENT)
    assert run(clock, postman) == Delivered(sent=1)
    assert run(clock.forward(days=9), postman) == Delivered()
    assert postman.given == [
        (
            channel,
            Outgoing(
                reference=f"{message.uid}.{channel.pk}",
                title="党务工作台提醒",
                lines=("一项工作今天到期", "一项工作今天到期"),
                more=2,
                link="https://portal.example.com/w/reminders/",
            ),
        )
    ]
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.answer) == (DeliveryState.SENT, 1, "对方已收到。")
    assert (row.sent_at, row.settled_at, row.lease, row.leased_until) == (NOW, NOW, None, None)


@pytest.mark.parametrize(("portal", "path"), [("", "/w/"), ("https://portal.example.com", "")])
def test_without_an_address_there_is_no_link(
    user: User, channel: Channel, settings: Settings, portal: str, path: str
) -> None:
    settings.PORTAL_URL = portal
    make_message(user, now=NOW, url=path)
    postman = answering(SENT)
    run(Clock(), postman)
    assert [outgoing.link for outgoing in postman.outgoings] == [""]


def test_nothing_is_sent_before_it_is_due(user: User, channel: Channel) -> None:
    evening = datetime(2026, 11, 23, 21, tzinfo=CHINA)
    make_message(user, now=evening)
    clock, postman = Clock(evening), answering(SENT)
    assert run(clock.forward(hours=10, minutes=29), postman) == Delivered()
    assert run(clock.forward(minutes=1), postman) == Delivered(sent=1)


def test_the_clock_stands_outside_transactions_while_sending(
    transactional_db: None, settings: Settings
) -> None:
    seen: list[tuple[bool, str]] = []
    make_message(make_channel().user, now=NOW)
    postman = answering(SENT)
    postman.meanwhile = lambda: seen.append((connection.in_atomic_block, Delivery.objects.get().state))
    assert run(Clock(), postman) == Delivered(sent=1)
    assert seen == [(False, DeliveryState.SENDING)]


def test_a_try_in_vain_waits_longer_each_time_and_keeps_its_reference(user: User, channel: Channel) -> None:
    never_quiet(user)
    make_message(user, now=NOW)
    clock, postman = Clock(), answering(LATER)
    waits = []
    for _ in range(4):
        assert run(clock, postman) == Delivered(later=1)
        row = Delivery.objects.get()
        assert (row.state, row.answer, row.lease, row.leased_until) == (
            DeliveryState.WAITING,
            "对方暂时没有应答。",
            None,
            None,
        )
        waits.append(row.next_try_at - clock.now)
        clock.now = row.next_try_at - timedelta(microseconds=1)
        assert run(clock, postman) == Delivered()
        clock.now = row.next_try_at
    assert waits == sorted(waits)
    assert waits[0] < timedelta(minutes=2)
    assert timedelta(hours=1) <= waits[3] <= timedelta(hours=1.2)
    assert len({outgoing.reference for outgoing in postman.outgoings}) == 1
    assert Delivery.objects.get().attempts == 4


def test_a_provider_that_asks_for_time_gets_it(user: User, channel: Channel) -> None:
    make_message(user, now=NOW)
    asks = Answer(Outcome.LATER, "发得太快。", retry_after=timedelta(minutes=40))
    run(Clock(), answering(asks))
    assert Delivery.objects.get().next_try_at == NOW + timedelta(minutes=40)


def test_a_try_again_does_not_fall_into_the_night(user: User, channel: Channel) -> None:
    evening = datetime(2026, 11, 23, 19, 59, 30, tzinfo=CHINA)
    make_message(user, now=evening)
    run(Clock(evening), answering(LATER))
    morning = datetime(2026, 11, 24, 7, 30, tzinfo=CHINA)
    leaves = Delivery.objects.get().next_try_at
    assert morning <= leaves <= morning + timedelta(minutes=10)


def test_quiet_hours_hold_when_something_is_due_at_night(user: User, channel: Channel) -> None:
    """The portal was down, or the person has just changed the hours."""
    make_message(user, now=NOW)
    NoticePreference.objects.create(user=user, quiet_from=time(9), quiet_until=time(12))
    clock, postman = Clock(), answering(SENT)
    assert run(clock, postman) == Delivered(held=1)
    row = Delivery.objects.get()
    assert (row.state, row.attempts, postman.given) == (DeliveryState.WAITING, 0, [])
    noon = NOW.replace(hour=12)
    assert noon <= row.next_try_at <= noon + timedelta(minutes=10)
    assert run(clock.forward(hours=2, minutes=10), postman) == Delivered(sent=1)


def test_lines_that_are_settled_are_left_out(user: User, channel: Channel, matters: Matters) -> None:
    tell_of(user, "甲", "乙", "")
    matters.settled = {"甲"}
    postman = answering(SENT)
    run(Clock(), postman)
    assert [len(outgoing.lines) for outgoing in postman.outgoings] == [2]
    assert matters.asked == [(["乙", "甲"], date(2026, 11, 23))]


def test_what_became_unnecessary_is_never_sent(user: User, channel: Channel, matters: Matters) -> None:
    tell_of(user, "甲", "乙")
    matters.settled = {"甲", "乙"}
    postman = answering(SENT)
    assert run(Clock(), postman) == Delivered(cancelled=1)
    row = Delivery.objects.get()
    assert (row.state, row.answer, row.settled_at, row.attempts) == (
        DeliveryState.CANCELLED,
        SETTLED,
        NOW,
        0,
    )
    assert postman.given == []


def test_matters_only_counted_are_still_told(user: User, channel: Channel, matters: Matters) -> None:
    tell_of(user, "甲", more=5)
    matters.settled = {"甲"}
    postman = answering(SENT)
    run(Clock(), postman)
    assert [(outgoing.lines, outgoing.more) for outgoing in postman.outgoings] == [((), 5)]


def test_a_message_without_lines_is_sent(user: User, channel: Channel) -> None:
    make_message(user, now=NOW, lines=())
    assert run(Clock(), answering(SENT)) == Delivered(sent=1)


def test_a_message_of_an_event_nobody_declares_any_more_is_sent(user: User, channel: Channel) -> None:
    make_message(user, now=NOW, lines=(make_line("a"),))
    Message.objects.update(event="gone.app")
    assert run(Clock(), answering(SENT)) == Delivered(sent=1)


@pytest.mark.parametrize("count", [1, 3, BATCH])
def test_one_question_per_event_for_a_batch(count: int, matters: Matters) -> None:
    for n in range(count):
        tell_of(make_channel().user, f"{n:02}")
    assert run(Clock(), answering(SENT)) == Delivered(sent=count)
    assert matters.asked == [([f"{n:02}" for n in range(count)], date(2026, 11, 23))]


def test_an_app_that_cannot_answer_keeps_only_its_own_back(
    user: User, channel: Channel, matters: Matters, caplog: pytest.LogCaptureFixture
) -> None:
    tell_of(user, "甲")
    make_message(user, now=NOW)
    matters.broken = True
    clock, postman = Clock(), answering(SENT)
    assert run(clock, postman) == Delivered(sent=1, later=1)
    assert Delivery.objects.earliest("pk").answer == NOT_CHECKED
    assert [record.message for record in caplog.records] == [
        "what still stands of test.matter could not be told"
    ]
    matters.broken = False
    assert run(clock.forward(minutes=2), postman) == Delivered(sent=1)


def test_a_sender_that_breaks_holds_nobody_up(user: User, caplog: pytest.LogCaptureFixture) -> None:
    breaks, works = make_channel(user), make_channel(user)
    make_message(user, now=NOW)

    def send(channel: Channel, outgoing: Outgoing) -> Answer:
        if channel == breaks:
            raise ZeroDivisionError
        return SENT

    assert deliver_due(clock=Clock(), send=send) == Delivered(sent=1, later=1)
    found = dict(Delivery.objects.values_list("channel", "answer"))
    assert found == {
        breaks.pk: "发送程序出错（ZeroDivisionError）；系统会自动重试。",
        works.pk: "对方已收到。",
    }
    assert len(caplog.records) == 1


Change = Callable[[Channel], object]


def rows(channel: Channel, **fields: object) -> int:
    return Channel.objects.filter(pk=channel.pk).update(**fields)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: User.objects.filter(pk=c.user_id).update(is_active=False), "收件人的账号已停用。"),
        (lambda c: rows(c, active=False), "这个通知方式已停用或删除。"),
        (lambda c: rows(c, removed_at=NOW), "这个通知方式已停用或删除。"),
        (lambda c: rows(c, muted=[CHANNEL_TEST]), "收件人已设置不在这里接收这类通知。"),
        (lambda c: rows(c, levels=[Level.DUE]), "收件人已设置不在这里接收这类通知。"),
    ],
)
def test_what_nobody_wants_here_any_more_is_cancelled(
    user: User, channel: Channel, change: Change, words: str
) -> None:
    make_message(user, now=NOW)
    change(channel)
    postman = answering(SENT)
    assert run(Clock(), postman) == Delivered(cancelled=1)
    assert (Delivery.objects.get().answer, postman.given) == (words, [])


def test_muting_concerns_that_event_on_that_channel_alone(user: User, matters: Matters) -> None:
    muted, other = make_channel(user, muted=[MATTER]), make_channel(user)
    tell_of(user, "甲")
    make_message(user, now=NOW)
    postman = answering(SENT)
    assert run(Clock(), postman) == Delivered(sent=3)
    assert sorted(channel.pk for channel, _ in postman.given) == [muted.pk, other.pk, other.pk]


def test_an_older_one_of_a_series_that_escaped_cancelling_is_not_sent(user: User, channel: Channel) -> None:
    """It was being sent, or written at the same moment, when the newer one came."""
    make_message(user, now=NOW, series="weekly")
    make_message(user, now=NOW, series="weekly")
    Delivery.objects.update(state=DeliveryState.WAITING, settled_at=None, answer="")
    postman = answering(SENT)
    assert run(Clock(), postman) == Delivered(sent=1, cancelled=1)
    assert list(Delivery.objects.order_by("pk").values_list("state", "answer")) == [
        (DeliveryState.CANCELLED, OVERTAKEN),
        (DeliveryState.SENT, "对方已收到。"),
    ]


def test_series_of_two_people_do_not_overtake_each_other() -> None:
    for _ in range(2):
        make_message(make_channel().user, now=NOW, series="weekly")
    assert run(Clock(), answering(SENT)) == Delivered(sent=2)


def test_no_more_than_the_limit_and_the_oldest_first() -> None:
    messages = [make_message(make_channel().user, now=NOW - timedelta(minutes=n)) for n in range(5)]
    clock, postman = Clock(), answering(SENT)
    assert run(clock, postman, limit=2) == Delivered(sent=2)
    sent = Delivery.objects.filter(state=DeliveryState.SENT).order_by("pk")
    assert [row.message for row in sent] == messages[3:]
    assert run(clock, postman) == Delivered(sent=3)


def test_what_is_urgent_does_not_stand_behind_a_digest_for_everybody() -> None:
    for n in range(3):
        make_message(make_channel().user, now=NOW - timedelta(hours=n), level=Level.DIGEST)
    urgent = make_message(make_channel().user, now=NOW)
    assert run(Clock(), answering(SENT), limit=1) == Delivered(sent=1)
    assert Delivery.objects.get(state=DeliveryState.SENT).message == urgent


def test_a_beat_with_nothing_to_do_asks_once_and_locks_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        assert run(Clock(), answering(SENT)) == Delivered()


def test_a_slow_provider_ends_the_run_and_the_rest_is_given_back(channel: Channel) -> None:
    for _ in range(6):
        make_message(make_channel().user, now=NOW)
    clock = Clock()
    postman = answering(SENT)
    postman.meanwhile = lambda: clock.forward(seconds=15)
    assert run(clock, postman) == Delivered(sent=4)
    assert states() == [*[DeliveryState.SENT] * 4, *[DeliveryState.WAITING] * 2]
    left = Delivery.objects.waiting()
    assert list(left.values_list("attempts", "lease", "leased_until")) == [(0, None, None)] * 2
    assert run(clock, postman) == Delivered(sent=2)


def test_what_is_asked_before_sending_is_asked_anew_after_a_while(matters: Matters) -> None:
    for n in range(3):
        tell_of(make_channel().user, str(n))
    clock, postman = Clock(), answering(SENT)

    def settle_one() -> None:
        clock.now += FRESH_FOR
        matters.settled = {"1"}

    postman.meanwhile = settle_one
    assert run(clock, postman) == Delivered(sent=2, cancelled=1)
    assert [subjects for subjects, _ in matters.asked] == [["0", "1", "2"], ["1", "2"]]


def test_a_worker_that_died_gives_its_row_back_after_the_lease(user: User, channel: Channel) -> None:
    message = make_message(user, now=NOW)
    Delivery.objects.update(
        state=DeliveryState.SENDING, lease=uuid.uuid4(), leased_until=NOW + LEASE, attempts=1
    )
    clock, postman = Clock(), answering(SENT)
    assert run(clock.forward(seconds=LEASE.seconds - 1), postman) == Delivered()
    assert run(clock.forward(seconds=1), postman) == Delivered(sent=1)
    assert [outgoing.reference for outgoing in postman.outgoings] == [f"{message.uid}.{channel.pk}"]
    assert Delivery.objects.get().attempts == 2


@pytest.mark.parametrize("answer", [SENT, LATER, NEVER])
def test_who_lost_the_lease_does_not_settle(user: User, channel: Channel, answer: Answer) -> None:
    make_message(user, now=NOW)
    other = uuid.uuid4()
    postman = answering(answer)
    postman.meanwhile = lambda: Delivery.objects.update(lease=other)
    assert run(Clock(), postman) == Delivered(lost=1)
    row = Delivery.objects.get()
    assert (row.state, row.lease, row.answer, row.sent_at) == (DeliveryState.SENDING, other, "", None)
    channel.refresh_from_db()
    assert (channel.failing_since, Message.objects.count()) == (None, 1)


def test_a_row_taken_by_another_worker_before_its_turn_is_not_sent(user: User) -> None:
    for _ in range(2):
        make_message(make_channel().user, now=NOW)
    second = Delivery.objects.latest("pk").pk
    postman = answering(SENT)
    postman.meanwhile = lambda: Delivery.objects.filter(pk=second).update(lease=uuid.uuid4())
    assert run(Clock(), postman) == Delivered(sent=1, lost=1)
    assert len(postman.given) == 1


def test_a_row_that_kills_its_workers_is_given_up(user: User, channel: Channel) -> None:
    make_message(user, now=NOW)
    Delivery.objects.update(state=DeliveryState.SENDING, lease=uuid.uuid4(), leased_until=NOW, attempts=TRIES)
    postman = answering(SENT)
    assert run(Clock(), postman) == Delivered(dead=1)
    row = Delivery.objects.get()
    assert (row.state, row.answer, postman.given) == (DeliveryState.DEAD, INTERRUPTED, [])


def test_never_is_dead_at_once_and_told_to_its_owner_once(user: User, channel: Channel) -> None:
    make_message(user, now=NOW)
    make_message(user, now=NOW)
    clock, postman = Clock(), answering(NEVER)
    assert run(clock, postman) == Delivered(dead=2)
    channel.refresh_from_db()
    assert (channel.failing_since, channel.trouble) == (NOW, "机器人已被删除。")
    told = Message.objects.get(event=CHANNEL_FAILING)
    assert (told.recipient, told.level, told.made_at) == (user, Level.URGENT, NOW)
    assert told.title == f"“{channel.label}”发不出去，请检查通知设置"
    line = told.lines.get()
    assert (line.subject, line.text) == (
        f"channel:{channel.pk}",
        f"电子邮件“{channel.label}”：机器人已被删除。",
    )
    assert told.deliveries.count() == 0
    assert len(postman.given) == 2


def test_another_channel_tells_of_the_trouble_until_it_is_over(user: User, channel: Channel) -> None:
    other = make_channel(user, muted=[CHANNEL_TEST])
    make_message(user, now=NOW)
    clock = Clock()
    assert run(clock, answering(NEVER, SENT)) == Delivered(dead=1, sent=1)
    assert [row.channel for row in Delivery.objects.filter(state=DeliveryState.SENT)] == [other]


def test_trouble_that_is_over_is_not_told_any_more(user: User, channel: Channel) -> None:
    make_channel(user, muted=[CHANNEL_TEST])
    make_message(user, now=NOW)
    clock = Clock()
    run(clock, answering(NEVER), limit=1)
    rows(channel, failing_since=None)
    assert run(clock, answering(SENT)) == Delivered(cancelled=1)


def test_success_ends_the_trouble_and_the_next_one_is_told_again(user: User, channel: Channel) -> None:
    clock = Clock()
    for answer in (NEVER, SENT, NEVER, NEVER):
        make_message(user, now=clock.now)
        run(clock, answering(answer))
        clock.forward(hours=1)
        channel.refresh_from_db()
        assert bool(channel.failing_since) == bool(channel.trouble) == (answer is NEVER)
    assert Message.objects.filter(event=CHANNEL_FAILING).count() == 2


def test_two_channels_in_trouble_do_not_tell_of_each_other_for_ever(user: User, channel: Channel) -> None:
    make_channel(user)
    make_message(user, now=NOW)
    assert run(Clock(), answering(NEVER)) == Delivered(dead=2, cancelled=1)
    told = Message.objects.filter(event=CHANNEL_FAILING)
    assert (told.count(), Delivery.objects.filter(message__in=told).count()) == (2, 1)
    assert states() == [DeliveryState.DEAD, DeliveryState.DEAD, DeliveryState.CANCELLED]


def test_after_three_days_of_tries_a_row_is_dead(user: User, channel: Channel) -> None:
    make_message(user, now=NOW)
    clock, postman = Clock(), answering(LATER)
    run_for(clock, postman, step=timedelta(minutes=30), times=2 * 24 * 3)
    assert states() == [DeliveryState.WAITING]
    run_for(clock, postman, step=timedelta(minutes=30), times=2 * 24 * 5)
    assert states(Delivery.objects.filter(channel=channel)) == [DeliveryState.DEAD]
    assert (len(postman.given), Delivery.objects.get().attempts) == (TRIES, TRIES)


def test_mail_down_for_a_day_is_one_mail_when_it_is_up(user: User, channel: Channel) -> None:
    make_message(user, now=NOW)
    clock, down, up = Clock(), answering(LATER), answering(SENT)
    run_for(clock, down, step=timedelta(minutes=10), times=6 * 24)
    run_for(clock, up, step=timedelta(minutes=10), times=6 * 24)
    assert (len(up.given), states()) == (1, [DeliveryState.SENT])
    assert len(down.given) < TRIES


def test_mail_down_from_friday_to_monday_loses_nothing(user: User, channel: Channel) -> None:
    friday, monday = (datetime(2026, 11, day, hour, tzinfo=CHINA) for day, hour in ((20, 17), (23, 9)))
    make_message(user, now=friday)
    clock, down, up = Clock(friday), answering(LATER), answering(SENT)
    while clock.now < monday:
        run(clock, down)
        clock.forward(minutes=30)
    run_for(clock, up, step=timedelta(minutes=30), times=48)
    assert (len(up.given), states()) == (1, [DeliveryState.SENT])


def test_after_three_days_without_a_worker_everything_due_goes_out_once(matters: Matters) -> None:
    """Of the daily list of one series only the last; each other message once; what is settled not at all."""
    users = [make_channel().user for _ in range(3)]
    for day in range(3):
        for user in users:
            now = NOW + timedelta(days=day)
            make_message(user, now=now, key=f"daily:{day}", series="daily")
    tell_of(users[0], "甲")
    tell_of(users[1], "乙", "丙")
    matters.settled = {"甲"}
    clock, postman = Clock(NOW + timedelta(days=3)), answering(SENT)
    assert run(clock, postman) == Delivered(sent=4, cancelled=1)
    run_for(clock, postman, step=timedelta(minutes=1), times=5)
    assert len(postman.given) == 4
    keys = Delivery.objects.filter(state=DeliveryState.SENT).values_list("message__key", flat=True)
    assert [key for key in keys if key.startswith("daily")] == ["daily:2"] * 3


@pytest.mark.parametrize("count", [1, 3])
def test_statements_per_row_and_per_batch(
    count: int, matters: Matters, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Claiming: whether, savepoint, which, claim, rows, lines, release; at the end whether.
    Each row: the try, then savepoint, the answer, the channel, release."""
    for n in range(count):
        tell_of(make_channel().user, str(n))
    with django_assert_num_queries(7 + 1 + 5 * count):
        assert run(Clock(), answering(SENT)) == Delivered(sent=count)


def test_ten_runs_over_one_message_told_ten_times_send_one(user: User, channel: Channel) -> None:
    postman = answering(SENT)
    for _ in range(10):
        tell(make_letter(user, "week:47"), now=NOW)
        run(Clock(), postman)
    assert len(postman.given) == 1
