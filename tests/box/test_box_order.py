"""What order and what work tell: nothing. Each measure is first seen to notice the naive way."""

import secrets
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import FrameType

import pytest
from django.db import connection
from nacl.public import PrivateKey

from burden.box.actions import look_up, tick, withdraw
from burden.box.limits import SLOTS_A_WEEK, Level
from burden.box.receipts import Receipt, lookup_of, new_receipt
from burden.box.shred import unwrap_open
from burden.models.box import BoxLetter
from tests.box.channel import MONDAY, NEXT_MONDAY, TUESDAY, WEDNESDAY, keys, send
from tests.box.recipients import add_recipients
from tests.database import on_sqlite
from tests.effort import tries

BATCHES = tries(3, 30)
# Five standard errors of a correlation of so many ranks that have nothing to do with each other.
BOUND = 5 / (BATCHES * (SLOTS_A_WEEK - 1)) ** 0.5


def correlation(pairs: list[tuple[int, int]]) -> float:
    """Spearman's, for ranks without ties."""
    n = len(pairs)
    places = [{value: rank for rank, value in enumerate(sorted(side))} for side in zip(*pairs, strict=True)]
    apart = sum((places[0][a] - places[1][b]) ** 2 for a, b in pairs)
    return 1 - 6 * apart / (n * (n * n - 1))


def stored_order() -> list[str]:
    """Primary keys as the database lays the rows down: rowid, or block and line."""
    where = "rowid" if on_sqlite() else "ctid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT lookup FROM burden_boxletter ORDER BY {where}")  # noqa: S608 - one of two words
        return [lookup for (lookup,) in cursor.fetchall()]


def stored_open() -> list[str]:
    """The same for the open batch, by the lookups that its rows hide."""
    weeks = keys().weeks
    rows = BoxLetter.objects.open().values_list("lookup", "sealed")
    hidden = {name: unwrap_open(bytes(sealed), weeks)[0] for name, sealed in rows}
    return [hidden[name] for name in stored_order() if name in hidden]


def arrived(week: int) -> list[str]:
    """A full week of letters on three days; lookups in the order of their arrival."""
    monday = MONDAY + timedelta(weeks=week)
    sent = []
    for n, day in enumerate((monday, monday + timedelta(days=1), monday + timedelta(days=2))):
        tick(day)
        sent += [lookup_of(send()) for _ in range(SLOTS_A_WEEK // 3 + (n == 0))]
    tick(monday + timedelta(days=3))
    return sent


def measured(weeks: int) -> tuple[float, float]:
    """Correlation of arrival with the place in the open batch, and with that after the release."""
    in_batch, after = [], []
    for week in range(weeks):
        sent = arrived(week)
        place = {lookup: n for n, lookup in enumerate(stored_open())}
        in_batch.append(correlation([(n, place[lookup]) for n, lookup in enumerate(sent)]))
        tick(MONDAY + timedelta(weeks=week + 1))
        place = {lookup: n for n, lookup in enumerate(stored_order())}
        after.append(correlation([(n, place[lookup]) for n, lookup in enumerate(sent)]))
    return sum(in_batch) / weeks, sum(after) / weeks


class NoShuffle:
    """A random source that leaves everything where it is."""

    def shuffle(self, given: list[object]) -> None:
        """Leaves it."""


def order_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    add_recipients(Level.OWN, Level.OWN)
    in_batch, after = measured(BATCHES)
    assert (abs(in_batch) < BOUND, abs(after) < BOUND) == (True, True), (in_batch, after)
    BoxLetter.objects.all().delete()
    monkeypatch.setattr(secrets, "SystemRandom", NoShuffle)
    # The same measure on a channel that does not shuffle.
    assert min(measured_naive()) > BOUND


def measured_naive() -> tuple[float, float]:
    sent = arrived(BATCHES + 1)
    place = {lookup: n for n, lookup in enumerate(stored_open())}
    in_batch = correlation([(n, place[lookup]) for n, lookup in enumerate(sent)])
    tick(MONDAY + timedelta(weeks=BATCHES + 2))
    place = {lookup: n for n, lookup in enumerate(stored_order())}
    return in_batch, correlation([(n, place[lookup]) for n, lookup in enumerate(sent)])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("folder")
def test_the_place_of_a_row_says_nothing_of_arrival(monkeypatch: pytest.MonkeyPatch) -> None:
    order_says_nothing(monkeypatch)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("folder")
def test_the_place_of_a_row_says_nothing_of_arrival_on_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    order_says_nothing(monkeypatch)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("folder")
def test_all_rows_of_a_batch_are_written_by_one_transaction() -> None:
    add_recipients(Level.OWN, Level.OWN)
    tick(MONDAY)
    for day in (TUESDAY, WEDNESDAY):
        for _ in range(5):
            send()
        tick(day)
        assert writers("open") == 1
    tick(NEXT_MONDAY)
    send()
    tick(NEXT_MONDAY + timedelta(weeks=1))
    assert (writers("open"), writers("released")) == (1, 1)


def writers(state: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM burden_boxletter WHERE state = %s", [state])
        return int(cursor.fetchone()[0])


def work_of(look: Callable[[], object]) -> Counter[str]:
    """How often each function was called, ours and those below."""
    calls: Counter[str] = Counter()

    def count(frame: FrameType, event: str, given: object) -> None:
        if event == "call":
            calls[f"{frame.f_code.co_filename}:{frame.f_code.co_name}"] += 1
        elif event == "c_call":
            calls[getattr(given, "__qualname__", "")] += 1

    sys.setprofile(count)
    try:
        look()
    finally:
        sys.setprofile(None)
    return calls


def test_looking_up_does_the_same_work_whatever_there_is(recipients: list[PrivateKey]) -> None:
    tick(MONDAY - timedelta(weeks=60))
    expired = send()
    tick(MONDAY)
    withdrawn, unanswered = send(), send()
    tick(NEXT_MONDAY)
    withdraw(withdrawn)
    tick(NEXT_MONDAY + timedelta(days=1))
    unreleased = send()
    tick(NEXT_MONDAY + timedelta(days=2))
    tick(NEXT_MONDAY + timedelta(weeks=56))
    early = send()
    tick(NEXT_MONDAY + timedelta(weeks=56, days=1))
    look_up(new_receipt())
    kinds: dict[str, Receipt] = {
        "unknown": new_receipt(),
        "expired": expired,
        "withdrawn": withdrawn,
        "unreleased": early,
        "waiting": send(),
    }
    work = {name: work_of(partial(look_up, receipt)) for name, receipt in kinds.items()}
    assert lookup_of(unanswered) not in keys().letters
    assert lookup_of(unreleased) in keys().letters
    for name in kinds:
        assert work[name] - work["unknown"] == Counter(), name
        assert work["unknown"] - work[name] == Counter(), name
    crypto = {name: n for name, n in work["unknown"].items() if "crypto_box_seal" in name}
    assert sum(crypto.values()) > 1
