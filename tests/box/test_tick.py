"""The daily tick and the weekly release: what moves when, once, and what can be seen of it."""

from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from nacl.public import PrivateKey
from pytest_django import DjangoAssertNumQueries

from burden.box.actions import (
    TICK,
    Answer,
    NoRecipients,
    accept_letter,
    beat,
    forget_future,
    look_up,
    tick,
    withdraw,
)
from burden.box.files import BoxBroken
from burden.box.limits import KEEP_MONTHS, SLOTS_A_WEEK, Level, Outcome
from burden.box.receipts import Receipt, lookup_of, new_receipt, reply_keys_of
from burden.box.sealing import Letter, Reply, seal_reply
from burden.box.shred import LetterKey, unwrap, unwrap_open
from burden.box.sizes import OPEN_SIZE, WRAPPED_SIZE
from burden.box.spool import WeekFull
from burden.models.box import BoxLetter, LetterState
from jobs.models import JobRun
from tests.box.channel import (
    MONDAY,
    NEXT_MONDAY,
    TUESDAY,
    WEDNESDAY,
    everywhere,
    is_waiting,
    keys,
    open_batch,
    released,
    send,
    texts,
    ticks,
    waiting,
)
from tests.box.recipients import add_recipients
from tests.clock import stop_clock

pytestmark = pytest.mark.django_db


def answer(receipt: Receipt, text: str = "已停用。") -> None:
    reply = seal_reply(Reply(Outcome.ADOPTED, text), reply_keys_of(receipt).public_key)
    marked = BoxLetter.objects.filter(lookup=lookup_of(receipt))
    assert marked.update(pending_reply=reply, pending_outcome=Outcome.ADOPTED) == 1


def rows() -> dict[str, bytes]:
    return {
        lookup: bytes(sealed) for lookup, sealed in BoxLetter.objects.open().values_list("lookup", "sealed")
    }


def test_a_letter_joins_the_batch_at_the_tick_and_is_read_after_the_release(
    recipients: list[PrivateKey],
) -> None:
    tick(MONDAY)
    receipt = send("太多表")
    assert (is_waiting(receipt), BoxLetter.objects.released().count()) == (True, 0)
    tick(TUESDAY)
    assert not is_waiting(receipt)
    assert texts(open_batch(), recipients[1]) == ["太多表"]
    assert texts(released(), recipients[1]) == []
    ticks(WEDNESDAY, NEXT_MONDAY)
    assert texts(released(), recipients[0]) == ["太多表"]
    letter = BoxLetter.objects.released().get(lookup=lookup_of(receipt))
    assert (letter.month, letter.outcome) == (date(2026, 11, 1), "")
    assert len(open_batch()) == SLOTS_A_WEEK
    assert texts(open_batch(), recipients[0]) == []


def test_a_letter_of_sunday_evening_is_released_on_monday(recipients: list[PrivateKey]) -> None:
    ticks(MONDAY, NEXT_MONDAY - timedelta(days=1))
    send("周日晚上")
    tick(NEXT_MONDAY)
    assert texts(released(), recipients[0]) == ["周日晚上"]


def test_the_very_first_tick_releases_nothing(recipients: list[PrivateKey]) -> None:
    send("第一封")
    tick(WEDNESDAY)
    assert (BoxLetter.objects.released().count(), texts(open_batch(), recipients[0])) == (0, ["第一封"])


def test_a_tick_twice_is_one(recipients: list[PrivateKey]) -> None:
    tick(MONDAY)
    before = rows()
    send()
    for day in (MONDAY, MONDAY - timedelta(days=1)):
        tick(day)
    assert rows() == before
    assert len(waiting().entries) == 1


def test_a_clock_that_was_ahead_is_forgotten_when_asked_for(
    recipients: list[PrivateKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = MONDAY + timedelta(days=400)
    for day in (MONDAY, ahead):
        tick(day)
    send("等着")
    tick(TUESDAY)
    assert len(waiting().entries) == 1
    said = StringIO()
    stop_clock(monkeypatch, TUESDAY)
    call_command("box_forget_future", stdout=said)
    assert said.getvalue().startswith("今天是 2026-11-24。已忘掉 1 次")
    tick(TUESDAY)
    assert (len(waiting().entries), texts(open_batch(), recipients[0])) == (0, ["等着"])
    assert forget_future(on=TUESDAY) == 0


def test_a_new_year_in_the_middle_of_a_week_releases_nothing(recipients: list[PrivateKey]) -> None:
    monday = date(2026, 12, 28)
    tick(monday)
    send("年前")
    for day in (date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 3)):
        tick(day)
        assert (texts(open_batch(), recipients[0]), released()) == (["年前"], {})
    tick(date(2027, 1, 4))
    assert texts(released(), recipients[0]) == ["年前"]
    assert set(BoxLetter.objects.released().values_list("month", flat=True)) == {date(2027, 1, 1)}


@pytest.mark.parametrize("days", [1, 6, 20, 400])
def test_days_that_were_missed_are_made_up_by_the_next(recipients: list[PrivateKey], days: int) -> None:
    tick(MONDAY)
    send("之前")
    tick(TUESDAY)
    send("停机前")
    later = TUESDAY + timedelta(days=days)
    tick(later)
    crossed = later.isocalendar()[:2] != TUESDAY.isocalendar()[:2]
    assert texts(released(), recipients[0]) == (["之前", "停机前"] if crossed else [])
    assert everywhere(recipients[0]) == ["之前", "停机前"]


def test_the_batch_has_one_size_whatever_came_and_is_new_every_day(recipients: list[PrivateKey]) -> None:
    tick(MONDAY)
    seen = [rows()]
    for n, day in enumerate((TUESDAY, WEDNESDAY, WEDNESDAY + timedelta(days=1))):
        for _ in range(n * 5):
            send()
        tick(day)
        seen.append(rows())
    assert [len(one) for one in seen] == [SLOTS_A_WEEK] * 4
    assert {len(sealed) for one in seen for sealed in one.values()} == {OPEN_SIZE}
    names = [name for one in seen for name in one]
    contents = [sealed for one in seen for sealed in one.values()]
    assert len(set(names)) == len(set(contents)) == 4 * SLOTS_A_WEEK
    assert set(BoxLetter.objects.values_list("month", "reply", "outcome")) == {(None, b"", "")}


def test_a_full_week_is_full_until_the_release(recipients: list[PrivateKey]) -> None:
    tick(MONDAY)
    for _ in range(15):
        send()
    tick(TUESDAY)
    for _ in range(SLOTS_A_WEEK - 15):
        send()
    for day in (WEDNESDAY, WEDNESDAY + timedelta(days=1)):
        with pytest.raises(WeekFull):
            send()
        tick(day)
    assert len(texts(open_batch(), recipients[0])) == SLOTS_A_WEEK
    tick(NEXT_MONDAY)
    send("新的一周")
    assert len(texts(released(), recipients[0])) == SLOTS_A_WEEK


def test_with_the_same_receipt_twice_it_is_one_letter(recipients: list[PrivateKey]) -> None:
    receipt = new_receipt()
    letter = Letter("other", "点了两次")
    for day in (None, None, MONDAY, None, TUESDAY):
        if day:
            tick(day)
        assert accept_letter(letter, Level.OWN, receipt=receipt) == receipt
    tick(NEXT_MONDAY)
    assert everywhere(recipients[0]) == ["点了两次"]


def test_letters_are_taken_only_where_two_can_read_them(folder: Path) -> None:
    own, superior, _ = add_recipients(Level.OWN, Level.SUPERIOR, Level.SUPERIOR)
    with pytest.raises(NoRecipients):
        accept_letter(Letter("other", "一个人"), Level.OWN)
    accept_letter(Letter("other", "给上级"), Level.SUPERIOR)
    tick(MONDAY)
    assert (texts(open_batch(), superior), texts(open_batch(), own)) == (["给上级"], [])


def test_withdrawn_it_goes_at_the_next_tick_wherever_it_is(recipients: list[PrivateKey]) -> None:
    tick(MONDAY)
    old = send("已送达")
    tick(NEXT_MONDAY)
    middle = send("在批次里")
    tick(NEXT_MONDAY + timedelta(days=1))
    new = send("还在等")
    for receipt in (old, middle, new, new_receipt()):
        withdraw(receipt)
    assert everywhere(recipients[0]) == sorted(["已送达", "在批次里", "还在等"])
    tick(NEXT_MONDAY + timedelta(days=2))
    assert everywhere(recipients[0]) == []
    assert not {lookup_of(one) for one in (old, middle, new)} & keys().letters.keys()
    assert (waiting().withdrawals, waiting().room) == (frozenset(), SLOTS_A_WEEK)
    assert len(open_batch()) == SLOTS_A_WEEK


def opens(wrapped: bytes, key: LetterKey) -> bool:
    try:
        unwrap(wrapped, key)
    except BoxBroken:
        return False
    return True


def test_with_its_key_every_old_copy_of_a_withdrawn_letter_is_closed(recipients: list[PrivateKey]) -> None:
    tick(MONDAY)
    receipt = send()
    tick(NEXT_MONDAY)
    copy = bytes(BoxLetter.objects.get(lookup=lookup_of(receipt)).sealed)
    withdraw(receipt)
    tick(NEXT_MONDAY + timedelta(days=1))
    assert len(copy) == WRAPPED_SIZE
    assert [key for key in keys().letters.values() if opens(copy, key)] == []


def test_the_key_of_the_week_goes_with_the_release(recipients: list[PrivateKey]) -> None:
    tick(MONDAY)
    first = keys().weeks
    tick(TUESDAY)
    assert keys().weeks == first
    dump = list(rows().values())
    tick(NEXT_MONDAY)
    assert len(keys().weeks) == 1
    for outer in dump:
        with pytest.raises(BoxBroken):
            unwrap_open(outer, keys().weeks)


def test_what_the_desk_decided_shows_after_the_release_alone(recipients: list[PrivateKey]) -> None:
    tick(MONDAY)
    receipt = send()
    tick(NEXT_MONDAY)
    answer(receipt)
    ticks(NEXT_MONDAY + timedelta(days=1), NEXT_MONDAY + timedelta(days=6))
    assert look_up(receipt) is None
    tick(NEXT_MONDAY + timedelta(days=7))
    assert look_up(receipt) == Answer(Outcome.ADOPTED, "已停用。")
    letter = BoxLetter.objects.get(lookup=lookup_of(receipt))
    assert (letter.outcome, letter.pending_outcome, bytes(letter.pending_reply)) == (Outcome.ADOPTED, "", b"")


def test_dummies_stay_a_week_among_the_released_and_have_no_sign(recipients: list[PrivateKey]) -> None:
    tick(MONDAY)
    send()
    tick(NEXT_MONDAY)
    values = BoxLetter.objects.released().values_list("state", "month", "reply", "outcome")
    assert set(values) == {(LetterState.RELEASED, date(2026, 11, 1), b"", "")}
    assert len(released()) == SLOTS_A_WEEK
    tick(NEXT_MONDAY + timedelta(weeks=1))
    tick(NEXT_MONDAY + timedelta(weeks=2))
    assert len(released()) == SLOTS_A_WEEK + 1
    assert len(keys().letters) == 2 * SLOTS_A_WEEK + 1


def test_after_a_year_a_letter_goes_with_its_key(recipients: list[PrivateKey]) -> None:
    tick(MONDAY)
    receipt = send()
    tick(NEXT_MONDAY)  # 30 November
    kept_until, gone_on = date(2027, 11, 29), date(2027, 12, 6)
    assert KEEP_MONTHS == 12
    tick(kept_until)
    assert texts(released(), recipients[0]) == ["多头填表"]
    tick(gone_on)
    assert everywhere(recipients[0]) == []
    assert lookup_of(receipt) not in keys().letters


def test_the_mark_of_a_tick_is_the_same_whatever_came(recipients: list[PrivateKey]) -> None:
    tick(MONDAY)
    send()
    withdraw(send())
    tick(TUESDAY)
    marks = JobRun.objects.filter(job=TICK).values_list("period", "scope", "state", "detail")
    assert sorted(marks) == [("2026-11-23", "", "done", {}), ("2026-11-24", "", "done", {})]


def test_taking_and_withdrawing_write_nothing_to_the_database(
    recipients: list[PrivateKey], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1) as asked:
        receipt = send()
    assert asked.captured_queries[0]["sql"].startswith("SELECT")
    with django_assert_num_queries(0):
        withdraw(receipt)
        beat()


def test_looking_up_asks_once_whoever_asks(
    recipients: list[PrivateKey], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tick(MONDAY)
    receipt = send()
    for _ in range(2):
        with django_assert_num_queries(1):
            assert look_up(receipt) is None
        tick(TUESDAY)


def test_without_the_keys_of_this_database_the_tick_stops_and_touches_nothing(
    recipients: list[PrivateKey], folder: Path
) -> None:
    tick(MONDAY)
    receipt = send()
    kept = (folder / "keys").read_bytes()
    (folder / "keys").unlink()
    before = rows()
    with pytest.raises(BoxBroken):
        tick(TUESDAY)
    assert rows() == before
    assert is_waiting(receipt)
    (folder / "keys").write_bytes(kept)
    tick(TUESDAY)
    assert everywhere(recipients[0]) == ["多头填表"]


def test_a_spool_that_was_lost_leaves_the_week_with_the_places_it_has(
    recipients: list[PrivateKey], folder: Path
) -> None:
    tick(MONDAY)
    for n in range(30):
        send(f"前 {n:02}")
    tick(TUESDAY)
    (folder / "spool").unlink()
    for n in range(SLOTS_A_WEEK):
        send(f"后 {n:02}")
    tick(WEDNESDAY)
    assert len(texts(open_batch(), recipients[0])) == SLOTS_A_WEEK
    assert len(waiting().entries) == 30
    tick(NEXT_MONDAY)
    assert (len(texts(released(), recipients[0])), len(texts(open_batch(), recipients[0]))) == (40, 30)
    assert len(set(everywhere(recipients[0]))) == 70
