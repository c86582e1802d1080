"""A year of refreshes: an item keeps its UID, and a calendar can always tell which version is the later."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from branches.models import Organisation
from branches.rules import Role
from periods.months import Month, month_range
from records.actions import RecordData
from records.rules import RecordKind
from reminders.actions.items import close_item, mark_not_applicable, return_item, undo_item
from reminders.actions.refresh import refresh
from reminders.models import Action, Adoption, ListChange, ReminderItem
from reminders.rules import OPEN_STATES, SETTLED_STATES, ChangeKind, ItemState
from tests.effort import tries
from tests.factories.branches import make_holder, make_organisation
from tests.factories.reminders import make_action
from tests.reminders.feed_scene import Event, address_of, events, fetch

pytestmark = pytest.mark.django_db
PARTY_DAY = {"kind": "periodic", "period": "month", "fixed_day": "per_branch_setting"}
QUARTERLY = {"kind": "periodic", "period": "quarter", "min_count": 1, "due": "last_workday_of_period"}
YEARLY = {"kind": "yearly_window", "start": "01-01", "end": "12-31", "remind_days_before": [30]}
YEAR = list(month_range(Month(2026, 1), Month(2026, 12)))


def set_clock(monkeypatch: pytest.MonkeyPatch, day: date, hour: int = 8) -> date:
    """Day and moment: what is stamped in a simulated year belongs to it."""
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: day)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return day


class Subscriber:
    """A calendar program that keeps what it has seen and never sees an older version after a newer one."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.seen: dict[str, tuple[int, datetime, tuple[Any, ...]]] = {}
        self.updates = 0

    def look(self) -> None:
        found = events(fetch(self.address))
        uids = [str(event["UID"]) for event in found]
        assert len(uids) == len(set(uids))
        for event in found:
            self._take(str(event["UID"]), event)

    def _take(self, uid: str, event: Event) -> None:
        face = (event["DTSTART"].dt, str(event["STATUS"]), str(event["SUMMARY"]))
        sequence, moment = int(event["SEQUENCE"]), event["LAST-MODIFIED"].dt
        assert event["DTSTAMP"].dt == moment
        if uid in self.seen:
            before, since, shown = self.seen[uid]
            assert (sequence >= before, moment >= since) == (True, True)
            if face != shown:
                assert sequence > before
                self.updates += 1
        self.seen[uid] = (sequence, moment, face)


@pytest.fixture
def branch() -> Organisation:
    return make_organisation("A", name="红土坡烟站党支部", party_day=12)


@pytest.fixture
def actions() -> list[Action]:
    return [
        make_action("monthly"),
        make_action("quarterly", due_rule=QUARTERLY),
        make_action("yearly", due_rule=YEARLY),
        make_action("party_day", due_rule=PARTY_DAY),
    ]


def something_happens(
    dice: random.Random, branch: Organisation, actions: list[Action], by: User, day: date
) -> None:
    """One change as people make them: of an item, of the branch's days, of what it is asked for."""
    items = ReminderItem.objects.filter(organisation=branch).order_by("pk")
    waiting = list(items.filter(state__in=sorted(OPEN_STATES), opens_on__lte=day))
    settled = list(items.filter(state__in=sorted(SETTLED_STATES)))
    done = [item for item in settled if item.state == ItemState.DONE]
    match dice.choice(["close", "close", "undo", "off", "return", "move", "adopt"]):
        case "close" if waiting:
            data = RecordData(RecordKind.DATE_ONLY, day)
            close_item(dice.choice(waiting), data=data, by=by, on=day)
        case "undo" if settled:
            undo_item(dice.choice(settled), by=by, on=day)
        case "off" if waiting:
            mark_not_applicable(dice.choice(waiting), reason="没有此类情况", by=by, on=day)
        case "return" if done:
            return_item(dice.choice(done), checklist_line="时间", reason="请补日期", by=by)
        case "move":
            Organisation.objects.filter(pk=branch.pk).update(party_day=dice.randint(13, 28))
        case _:
            action = dice.choice(actions)
            last = Adoption.objects.filter(action=action).order_by("-valid_from").first()
            Adoption.objects.create(
                action=action, organisation=branch, valid_from=day, adopted=bool(last and not last.adopted)
            )


@pytest.mark.parametrize("seed", range(tries(normal=1, full=5)))
def test_a_year_of_changes_is_followed_without_a_step_back(
    branch: Organisation, actions: list[Action], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(seed)
    set_clock(monkeypatch, date(2026, 1, 1))
    worker = make_holder(branch, Role.WORKER, since=date(2020, 1, 1))
    subscriber = Subscriber(address_of(worker))
    for month in YEAR:
        for number in (1, 9, 17, 25):
            day = set_clock(monkeypatch, month.day(number))
            refresh(month, on=day)
            subscriber.look()
            set_clock(monkeypatch, day, hour=9)
            something_happens(dice, branch, actions, worker, day)
            subscriber.look()
            set_clock(monkeypatch, day, hour=10)
            refresh(month, on=day)
            subscriber.look()
    pks = ReminderItem.objects.order_by("pk").values_list("pk", flat=True)
    assert sorted(subscriber.seen) == sorted(f"item-{pk}@{branch.key}" for pk in pks)
    kinds = set(ListChange.objects.values_list("kind", flat=True))
    assert kinds >= {ChangeKind.MOVED, ChangeKind.WITHDRAWN, ChangeKind.CARRIED_OVER}
    assert subscriber.updates >= 20


def test_a_refresh_that_changes_nothing_changes_nothing_here(
    branch: Organisation, actions: list[Action], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, date(2026, 5, 2))
    address = address_of(make_holder(branch))
    refresh(Month(2026, 5), on=date(2026, 5, 2))
    first = fetch(address)
    set_clock(monkeypatch, date(2026, 5, 2), hour=9)
    refresh(Month(2026, 5), on=date(2026, 5, 2))
    again = fetch(address, if_none_match=first.headers["ETag"])
    assert (len(events(first)), again.status_code) == (4, 304)


def test_moved_withdrawn_and_taken_up_again_is_one_event(
    branch: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = make_action("party_day", due_rule=PARTY_DAY)
    address = address_of(make_holder(branch))

    def after(number: int) -> tuple[Any, ...]:
        day = set_clock(monkeypatch, date(2026, 5, number))
        refresh(Month(2026, 5), on=day)
        (event,) = events(fetch(address))
        names = ("SEQUENCE", "STATUS", "UID")
        return (event["DTSTART"].dt, *(str(event[name]) for name in names), event["LAST-MODIFIED"].dt.day)

    first = after(1)
    uid = f"item-{ReminderItem.objects.get().pk}@{branch.key}"
    assert first == (date(2026, 5, 12), "0", "CONFIRMED", uid, 1)
    Organisation.objects.filter(pk=branch.pk).update(party_day=20)
    assert after(2) == (date(2026, 5, 20), "1", "CONFIRMED", uid, 2)
    off = Adoption.objects.create(
        action=action, organisation=branch, valid_from=date(2026, 5, 3), adopted=False
    )
    assert after(3) == (date(2026, 5, 20), "2", "CANCELLED", uid, 3)
    assert after(4) == (date(2026, 5, 20), "2", "CANCELLED", uid, 3)
    off.delete()
    assert after(5) == (date(2026, 5, 20), "3", "CONFIRMED", uid, 5)


def test_a_closing_that_comes_while_a_refresh_runs_is_never_dated_back(
    branch: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refresh stamps with its beginning; what somebody changed after that keeps the later moment."""
    make_action("party_day", due_rule=PARTY_DAY)
    day = set_clock(monkeypatch, date(2026, 5, 1), hour=9)
    refresh(Month(2026, 5), on=day)
    later = datetime(2026, 5, 1, 12, tzinfo=UTC)
    ReminderItem.objects.update(changed_at=later)
    Organisation.objects.filter(pk=branch.pk).update(party_day=20)
    refresh(Month(2026, 5), on=day)
    item = ReminderItem.objects.get()
    assert (item.due_on, item.revision, item.changed_at) == (date(2026, 5, 20), 1, later)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=8))
def test_a_revision_counts_up_and_its_moment_never_falls(seconds: list[int]) -> None:
    began = datetime(2026, 5, 1, 12, tzinfo=UTC)
    item = ReminderItem(changed_at=began)
    moments = [began]
    for each in seconds:
        item.revise(at=began + timedelta(seconds=each))
        moments.append(item.changed_at)
    assert item.revision == len(seconds)
    assert moments == sorted(moments)
    assert item.changed_at == began + timedelta(seconds=max(0, *seconds))
