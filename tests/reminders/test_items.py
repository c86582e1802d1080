"""Settling items: once, twice, refused; one activity, several items."""

import threading
import time
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from audit.models import AuditEvent
from branches.models import Member, Organisation
from branches.rules import Role
from records.actions import AttendanceData, RecordData, RecordRefused, TalkData
from records.models import Record, Talk
from records.queries import hours_of, talk_coverage
from records.rules import RecordKind
from reminders.actions.items import (
    HeldBeforePeriod,
    ItemNotDone,
    ItemNotOpen,
    ItemNotSettled,
    ItemsDoNotFit,
    ReasonMissing,
    add_talks,
    close_item,
    close_items,
    mark_not_applicable,
    return_item,
    undo_item,
)
from reminders.forms.settling import TalkForm
from reminders.models import ItemReturn, ReminderItem
from reminders.rules import EVENT_PERIOD, ItemState
from tests.factories.branches import make_holder, make_member, make_organisation, make_post
from tests.factories.items import make_item

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
HELD = date(2026, 11, 18)
ACTIVITY = RecordData(kind=RecordKind.ACTIVITY, held_on=HELD, title="烟叶收购廉洁教育")


def states(*items: ReminderItem) -> list[str]:
    for item in items:
        item.refresh_from_db()
    return [item.state for item in items]


def events() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("event", flat=True))


def test_closing_makes_the_record_and_keeps_both_dates() -> None:
    branch = make_organisation()
    worker, member = make_holder(branch), make_member(branch)
    item = make_item(branch, kind=RecordKind.ACTIVITY)
    data = RecordData(
        kind=RecordKind.ACTIVITY, held_on=HELD, title="主题", attendance=(AttendanceData(member),)
    )
    closed = close_item(item, data=data, by=worker, on=TODAY)
    assert (closed.state, closed.done_on, closed.done_by) == (ItemState.DONE, HELD, worker)
    assert closed.done_at is not None
    assert closed.record is not None
    assert (closed.record.title, closed.record.present_count) == ("主题", 1)
    assert events() == ["records.record_made", "reminders.item_closed"]


def test_a_second_close_changes_nothing() -> None:
    branch = make_organisation()
    item = make_item(branch)
    close_item(item, data=ACTIVITY, by=None, on=TODAY)
    with pytest.raises(ItemNotOpen, match="没有重复登记"):
        close_item(item, data=ACTIVITY, by=None, on=TODAY)
    assert Record.objects.count() == 1


def test_one_activity_closes_several_items_with_one_record() -> None:
    branch = make_organisation()
    items = [make_item(branch, name=name) for name in ("主题党日", "党课", "学时")]
    record = close_items(items, data=ACTIVITY, by=None, on=TODAY)
    assert states(*items) == [ItemState.DONE] * 3
    assert [item.record_id for item in items] == [record.pk] * 3
    assert Record.objects.count() == 1


def test_when_one_of_several_was_settled_before_nothing_is_kept() -> None:
    branch = make_organisation()
    first, second = make_item(branch), make_item(branch)
    close_item(second, data=ACTIVITY, by=None, on=TODAY)
    with pytest.raises(ItemNotOpen):
        close_items([first, second], data=ACTIVITY, by=None, on=TODAY)
    assert states(first, second) == [ItemState.OPEN, ItemState.DONE]
    assert Record.objects.count() == 1


def test_items_of_two_branches_never_share_a_record() -> None:
    items = [make_item(make_organisation()), make_item(make_organisation())]
    for wrong in (items, []):
        with pytest.raises(ItemsDoNotFit):
            close_items(wrong, data=ACTIVITY, by=None, on=TODAY)
    assert states(*items) == [ItemState.OPEN] * 2


@pytest.mark.parametrize(("held_on", "fits"), [(date(2026, 10, 31), False), (date(2026, 11, 1), True)])
def test_a_date_before_the_period_is_refused(held_on: date, fits: bool) -> None:
    item = make_item(make_organisation())
    data = RecordData(kind=RecordKind.DATE_ONLY, held_on=held_on)
    if fits:
        assert close_item(item, data=data, by=None, on=TODAY).done_on == held_on
    else:
        with pytest.raises(HeldBeforePeriod, match="“主题党日”从 11 月 1 日 周日起办理"):
            close_item(item, data=data, by=None, on=TODAY)


def test_an_event_may_be_settled_before_its_reminding_begins() -> None:
    item = make_item(make_organisation(), period=EVENT_PERIOD, subject="term:1", opens=date(2026, 11, 20))
    assert close_item(item, data=ACTIVITY, by=None, on=TODAY).done_on == HELD


def test_a_refused_record_leaves_the_item_open() -> None:
    item = make_item(make_organisation())
    data = RecordData(kind=RecordKind.DATE_ONLY, held_on=TODAY + timedelta(days=1))
    with pytest.raises(RecordRefused):
        close_item(item, data=data, by=None, on=TODAY)
    assert states(item) == [ItemState.OPEN]
    assert events() == []


def test_a_sensitive_item_keeps_the_date_alone() -> None:
    item = make_item(make_organisation(), sensitive=True)
    data = RecordData(kind=RecordKind.MEETING, held_on=HELD, topics="不应保存", host="某人")
    record = close_item(item, data=data, by=None, on=TODAY).record
    assert record is not None
    assert (record.kind, record.topics, record.host) == (RecordKind.DATE_ONLY, "", "")


def test_undo_opens_the_item_and_cancels_its_record() -> None:
    branch = make_organisation(facts_changed=False)
    item = make_item(branch)
    close_item(item, data=ACTIVITY, by=None, on=TODAY)
    undone = undo_item(item, by=None, on=TODAY)
    assert (undone.state, undone.done_on, undone.done_at, undone.record) == (ItemState.OPEN, None, None, None)
    assert list(Record.objects.standing()) == []
    assert Organisation.objects.get(pk=branch.pk).facts_changed is True
    assert events()[-1] == "reminders.item_undone"


def test_undo_keeps_a_record_on_which_other_items_stand() -> None:
    branch = make_organisation()
    first, second = make_item(branch), make_item(branch)
    record = close_items([first, second], data=ACTIVITY, by=None, on=TODAY)
    undo_item(first, by=None, on=TODAY)
    assert list(Record.objects.standing()) == [record]
    undo_item(second, by=None, on=TODAY)
    assert list(Record.objects.standing()) == []


def test_undo_twice_is_refused() -> None:
    item = make_item(make_organisation())
    close_item(item, data=ACTIVITY, by=None, on=TODAY)
    undo_item(item, by=None, on=TODAY)
    with pytest.raises(ItemNotSettled):
        undo_item(item, by=None, on=TODAY)
    assert events().count("reminders.item_undone") == 1


def test_not_applicable_needs_a_reason_and_an_open_item() -> None:
    item = make_item(make_organisation())
    with pytest.raises(ReasonMissing):
        mark_not_applicable(item, reason="  ", by=None, on=TODAY)
    marked = mark_not_applicable(item, reason=" 本期没有此类情况 ", by=None, on=TODAY)
    assert (marked.state, marked.reason, marked.done_on) == (
        ItemState.NOT_APPLICABLE,
        "本期没有此类情况",
        TODAY,
    )
    with pytest.raises(ItemNotOpen):
        mark_not_applicable(item, reason="再来一次", by=None, on=TODAY)
    assert undo_item(item, by=None, on=TODAY).state == ItemState.OPEN
    assert item.reason == ""


def test_staff_send_a_finished_item_back_and_the_branch_mends_it() -> None:
    branch = make_organisation()
    staff = make_holder(branch, Role.GENERAL_BRANCH_STAFF)
    item = make_item(branch)
    close_item(item, data=ACTIVITY, by=None, on=TODAY)
    first = item.record
    returned = return_item(item, checklist_line="定主题", reason="没有写议定事项", by=staff)
    assert (returned.state, returned.done_on, returned.record) == (ItemState.RETURNED, None, first)
    entry = ItemReturn.objects.get()
    assert (entry.item, entry.checklist_line, entry.reason, entry.by) == (
        item,
        "定主题",
        "没有写议定事项",
        staff,
    )
    mended = close_item(item, data=ACTIVITY, by=None, on=TODAY)
    assert mended.record != first
    assert list(Record.objects.standing()) == [mended.record]
    assert undo_item(item, by=None, on=TODAY).state == ItemState.RETURNED


def test_a_returned_item_is_looked_at_by_the_refresh_again() -> None:
    branch = make_organisation()
    item = make_item(branch)
    close_item(item, data=ACTIVITY, by=None, on=TODAY)
    Organisation.objects.update(facts_changed=False)
    return_item(item, checklist_line="定主题", reason="原因", by=make_holder(branch))
    assert list(Organisation.objects.stale()) == [branch]


def test_a_returned_item_that_does_not_apply_leaves_no_record_behind() -> None:
    branch = make_organisation()
    member = make_member(branch)
    item = make_item(branch, kind=RecordKind.LECTURE)
    lecture = RecordData(
        kind=RecordKind.LECTURE,
        held_on=HELD,
        title="题目",
        hours=Decimal(4),
        attendance=(AttendanceData(member),),
    )
    close_item(item, data=lecture, by=None, on=TODAY)
    return_item(item, checklist_line="定主题", reason="没有开展", by=make_holder(branch))
    assert mark_not_applicable(item, reason="本期没有", by=None, on=TODAY).record is None
    assert list(Record.objects.standing()) == []
    assert [row.hours for row in hours_of(branch, year=2026, on=TODAY)] == [Decimal(0)]


def test_a_record_sent_back_that_carries_another_item_stays() -> None:
    branch = make_organisation()
    first, second = make_item(branch), make_item(branch)
    record = close_items([first, second], data=ACTIVITY, by=None, on=TODAY)
    return_item(first, checklist_line="定主题", reason="原因", by=make_holder(branch))
    mark_not_applicable(first, reason="本期没有", by=None, on=TODAY)
    assert list(Record.objects.standing()) == [record]


def test_only_finished_items_are_sent_back_and_never_without_words() -> None:
    staff = make_holder(make_organisation(), Role.GENERAL_BRANCH_STAFF)
    item = make_item(make_organisation())
    with pytest.raises(ItemNotDone):
        return_item(item, checklist_line="定主题", reason="原因", by=staff)
    close_item(item, data=ACTIVITY, by=None, on=TODAY)
    for line, reason in (("", "原因"), ("定主题", " ")):
        with pytest.raises(ReasonMissing):
            return_item(item, checklist_line=line, reason=reason, by=staff)
    assert states(item) == [ItemState.DONE]
    assert ItemReturn.objects.count() == 0


def test_talks_are_kept_one_by_one_and_the_last_closes_the_item() -> None:
    branch = make_organisation()
    secretary, *others = (make_member(branch, code=str(n)) for n in range(3))
    make_post(branch, Role.SECRETARY, member=secretary)
    item = make_item(branch, kind=RecordKind.TALK_COVERAGE, due=date(2026, 12, 31), opens=date(2026, 1, 1))

    def talked(member: Member) -> RecordData:
        talks = (TalkData(secretary, member),)
        return RecordData(kind=RecordKind.TALK_COVERAGE, held_on=HELD, talks=talks)

    assert add_talks(item, data=talked(others[0]), by=None, on=TODAY).state == ItemState.OPEN
    with pytest.raises(RecordRefused):
        add_talks(item, data=talked(others[0]), by=None, on=TODAY)
    assert add_talks(item, data=talked(others[1]), by=None, on=TODAY).state == ItemState.DONE
    with pytest.raises(ItemNotOpen):
        add_talks(item, data=talked(others[1]), by=None, on=TODAY)
    assert Record.objects.count() == 2


def test_a_coverage_sent_back_and_closed_again_keeps_its_talks() -> None:
    branch = make_organisation()
    secretary, other = make_member(branch), make_member(branch)
    make_post(branch, Role.SECRETARY, member=secretary)
    item = make_item(branch, kind=RecordKind.TALK_COVERAGE, due=date(2026, 12, 31), opens=date(2026, 1, 1))
    talks = RecordData(
        kind=RecordKind.TALK_COVERAGE, held_on=HELD, talks=(TalkData(secretary, other, date(2026, 3, 1)),)
    )
    add_talks(item, data=talks, by=None, on=TODAY)
    return_item(item, checklist_line="登记", reason="补上日期", by=make_holder(branch))
    form = TalkForm({"held_on": str(HELD)}, item=item, on=TODAY)
    assert form.is_valid()
    (closed,) = form.save(by=make_holder(branch))
    assert talk_coverage(branch, year=2026, on=TODAY).missing == ()
    assert list(Record.objects.standing()) == [closed.record]
    assert list(Talk.objects.standing().values_list("record", "held_on")) == [
        (closed.record_id, date(2026, 3, 1))
    ]


def test_new_talks_are_added_to_those_of_the_record_sent_back() -> None:
    branch = make_organisation()
    secretary, first, second = (make_member(branch) for _ in range(3))
    make_post(branch, Role.SECRETARY, member=secretary)
    item = make_item(branch, kind=RecordKind.TALK_COVERAGE, due=date(2026, 12, 31), opens=date(2026, 1, 1))
    kind = RecordKind.TALK_COVERAGE
    both = (TalkData(secretary, first), TalkData(secretary, second))
    add_talks(item, data=RecordData(kind=kind, held_on=HELD, talks=both), by=None, on=TODAY)
    return_item(item, checklist_line="登记", reason="补正", by=make_holder(branch))
    third = make_member(branch)
    add_talks(
        item,
        data=RecordData(kind=kind, held_on=HELD, talks=(TalkData(secretary, third),)),
        by=None,
        on=TODAY,
    )
    item.refresh_from_db()
    assert (item.state, Talk.objects.standing().filter(record=item.record).count()) == (ItemState.DONE, 3)


def undo_both_at_once() -> None:
    """The one who comes second must see that the first has left the record."""
    branch = make_organisation()
    items = [make_item(branch), make_item(branch)]
    close_items(items, data=ACTIVITY, by=None, on=TODAY)
    together = threading.Barrier(2, timeout=10)

    def undo(item: ReminderItem) -> None:
        try:
            with transaction.atomic():
                ReminderItem.objects.select_for_update(no_key=True).get(pk=item.pk)
                together.wait()
                undo_item(item, by=None, on=TODAY)
                time.sleep(0.5)  # the other one asks while this is not yet written
        finally:
            connection.close()

    callers = [threading.Thread(target=undo, args=(item,)) for item in items]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert states(*items) == [ItemState.OPEN] * 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_undos_at_once_leave_no_record_standing() -> None:
    undo_both_at_once()
    assert list(Record.objects.standing()) == []


def close_from_many_threads(times: int) -> tuple[list[str], ReminderItem, ReminderItem]:
    """Everybody submits the same form at once; half of them name the two items the other way round."""
    branch = make_organisation()
    first, second = make_item(branch), make_item(branch)
    told: list[str] = []
    together = threading.Barrier(times)

    def submit(items: list[ReminderItem]) -> None:
        together.wait()
        try:
            close_items(items, data=ACTIVITY, by=None, on=TODAY)
            told.append("done")
        except ItemNotOpen:
            told.append("late")
        finally:
            connection.close()

    orders = ([first, second], [second, first])
    callers = [threading.Thread(target=submit, args=(orders[n % 2],)) for n in range(times)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return sorted(told), first, second


def check_one_record_of_many_submits(times: int) -> None:
    told, first, second = close_from_many_threads(times)
    assert told == ["done"] + ["late"] * (times - 1)
    assert states(first, second) == [ItemState.DONE] * 2
    assert Record.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_submits_at_once_make_one_record_on_sqlite() -> None:
    check_one_record_of_many_submits(8)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_submits_at_once_make_one_record_on_postgres() -> None:
    check_one_record_of_many_submits(20)
