"""The refresh of periodic actions: made once, moved, withdrawn, taken up again, carried over."""

from datetime import date
from typing import Any

import pytest

from branches.models import BusySeason, CalendarDay, Organisation
from branches.rules import Role
from periods.months import Month
from reminders.actions.refresh import MonthTooFar, refresh
from reminders.actions.refresh_steps import RefreshResult
from reminders.models import Action, Adoption, ListChange, RefreshRun, ReminderItem
from reminders.queries.item_rows import Rights
from reminders.queries.month_list import Place, month_list
from reminders.rules import ChangeKind, ItemState
from tests.factories.branches import make_member, make_organisation, make_post, make_tree, make_user
from tests.factories.reminders import make_action, make_task, make_version

pytestmark = pytest.mark.django_db
MAY, JUNE = Month(2026, 5), Month(2026, 6)
YEARLY = {"kind": "yearly_window", "start": "01-01", "end": "12-31", "remind_days_before": [30]}
PARTY_DAY = {"kind": "periodic", "period": "month", "fixed_day": "per_branch_setting"}


def run(month: Month = MAY, day: int = 1, **fields: Any) -> RefreshResult:
    return refresh(month, on=month.day(day), **fields)


def counts(result: RefreshResult) -> dict[str, int]:
    names = ("created", "moved", "withdrawn", "restored", "carried_over", "unchanged")
    return {name: number for name in names if (number := getattr(result, name))}


def changes(**wanted: Any) -> list[tuple[Any, ...]]:
    rows = ListChange.objects.filter(**wanted).order_by("pk")
    return list(rows.values_list("kind", "month", "old_due_on", "new_due_on", "reason"))


def only_item() -> ReminderItem:
    return ReminderItem.objects.get()


@pytest.fixture
def branch() -> Organisation:
    return make_organisation("A")


def test_an_item_has_the_dates_of_its_period(branch: Organisation) -> None:
    make_action("monthly", minutes=40)
    assert counts(run()) == {"created": 1}
    item = only_item()
    shown = (item.period, item.opens_on, item.due_on, item.remind_on, item.subject, item.minutes, item.state)
    expected = ("2026-05", date(2026, 5, 1), date(2026, 5, 29), date(2026, 5, 19), "", 40, ItemState.OPEN)
    assert shown == expected
    assert item.calendar_known


def test_every_new_item_is_noted(branch: Organisation) -> None:
    make_action("monthly")
    staff = make_user()
    run(by=staff)
    change = ListChange.objects.get()
    assert (change.kind, change.item, change.organisation) == (ChangeKind.NEW, only_item(), branch)
    assert (change.month, change.new_due_on, change.by) == (MAY.first, date(2026, 5, 29), staff)
    assert change.run == RefreshRun.objects.get()


def test_the_second_run_changes_nothing(branch: Organisation) -> None:
    make_action("monthly")
    make_action("yearly", due_rule=YEARLY)
    assert counts(run()) == {"created": 2}
    before = list(ReminderItem.objects.order_by("pk").values())
    assert counts(run()) == {"unchanged": 2}
    assert counts(run(day=20)) == {"unchanged": 2}
    assert list(ReminderItem.objects.order_by("pk").values()) == before
    assert ListChange.objects.count() == 2


def test_the_run_says_what_it_did(branch: Organisation) -> None:
    make_action("monthly")
    result = run(organisation=branch)
    row = RefreshRun.objects.get()
    assert (row.month, row.scope, row.created, row.trigger) == (MAY.first, branch, 1, "command")
    assert row.finished_at is not None
    assert (result.month, result.branches) == (MAY, 1)


def test_a_later_month_finds_the_item_of_a_longer_period(branch: Organisation) -> None:
    make_action("yearly", due_rule=YEARLY)
    run()
    assert counts(run(JUNE)) == {"unchanged": 1}


def test_a_due_date_beyond_the_known_calendar_is_marked(branch: Organisation) -> None:
    make_action("monthly")
    refresh(Month(2027, 3), on=date(2027, 3, 1))
    assert not only_item().calendar_known


def test_done_and_not_applicable_items_are_never_touched(branch: Organisation) -> None:
    action = make_action("monthly")
    other = make_action("other")
    run()
    day = date(2026, 5, 10)
    ReminderItem.objects.filter(action=action).update(state=ItemState.DONE, done_on=day)
    ReminderItem.objects.filter(action=other).update(state=ItemState.NOT_APPLICABLE, reason="说明")
    for each in (action, other):
        Adoption.objects.create(action=each, organisation=branch, valid_from=day, adopted=False)
    make_version(
        action,
        valid_from=day,
        due_rule={"kind": "periodic", "period": "month", "due": "first_workday_of_period"},
    )
    before = list(ReminderItem.objects.order_by("pk").values())
    assert counts(run(day=10)) == {}
    assert list(ReminderItem.objects.order_by("pk").values()) == before


# --- moved ---------------------------------------------------------------------------------------


def test_a_new_version_moves_the_open_item(branch: Organisation) -> None:
    action = make_action("monthly")
    run()
    rule = {"kind": "periodic", "period": "month", "due": "first_workday_of_period"}
    version = make_version(action, valid_from=date(2026, 5, 10), due_rule=rule, minutes=5)
    assert counts(run(day=9)) == {"unchanged": 1}
    assert counts(run(day=10)) == {"moved": 1}
    item = only_item()
    assert (item.version, item.due_on, item.minutes) == (version, date(2026, 5, 6), 5)
    moved = changes(kind=ChangeKind.MOVED)
    assert moved == [("moved", MAY.first, date(2026, 5, 29), date(2026, 5, 6), "时限规则已调整")]
    assert counts(run(day=11)) == {"unchanged": 1}


def test_a_new_version_with_the_same_dates_is_taken_without_a_difference(branch: Organisation) -> None:
    action = make_action("monthly")
    run()
    version = make_version(action, valid_from=date(2026, 5, 10))
    assert counts(run(day=10)) == {"unchanged": 1}
    assert only_item().version == version
    assert changes(kind=ChangeKind.MOVED) == []


def test_another_party_day_moves_only_that_branch(branch: Organisation) -> None:
    other = make_organisation("B", party_day=10)
    make_action("party_day", due_rule=PARTY_DAY)
    run()
    due = ReminderItem.objects.order_by("organisation__code").values_list("due_on", flat=True)
    assert list(due) == [date(2026, 5, 29), date(2026, 5, 11)]
    Organisation.objects.filter(pk=other.pk).update(party_day=20)
    assert counts(run()) == {"moved": 1, "unchanged": 1}
    assert list(due.all()) == [date(2026, 5, 29), date(2026, 5, 20)]


def test_a_busy_season_lets_the_party_day_go_but_not_the_month() -> None:
    _, general, (branch,) = make_tree(1)
    Organisation.objects.filter(pk=branch.pk).update(party_day=10)
    other = make_organisation("B", party_day=10)
    make_action("party_day", due_rule=PARTY_DAY)
    BusySeason.objects.create(organisation=general, name="收购", starts="05-01", ends="05-31")
    run()
    due = dict(ReminderItem.objects.values_list("organisation", "due_on"))
    assert due == {branch.pk: date(2026, 5, 29), other.pk: date(2026, 5, 11)}


def test_an_entered_holiday_moves_the_due_date(branch: Organisation) -> None:
    make_action("monthly")
    march = Month(2027, 3)
    refresh(march, on=march.first)
    CalendarDay.objects.create(on=date(2027, 3, 31), workday=False)
    assert counts(refresh(march, on=march.first)) == {"moved": 1}
    assert (only_item().due_on, only_item().calendar_known) == (date(2027, 3, 30), True)


# --- withdrawn and taken up again ----------------------------------------------------------------


def switch(action: Action, branch: Organisation, on: date, adopted: bool) -> None:
    Adoption.objects.create(action=action, organisation=branch, valid_from=on, adopted=adopted)


def test_an_action_switched_off_withdraws_and_one_taken_up_restores(branch: Organisation) -> None:
    action = make_action("monthly")
    run()
    switch(action, branch, date(2026, 5, 5), adopted=False)
    assert counts(run(day=5)) == {"withdrawn": 1}
    item = only_item()
    assert (item.state, item.reason) == (ItemState.WITHDRAWN, "事项已停用")
    assert counts(run(day=6)) == {}
    switch(action, branch, date(2026, 5, 7), adopted=True)
    assert counts(run(day=7)) == {"restored": 1}
    item.refresh_from_db()
    assert (item.state, item.reason) == (ItemState.OPEN, "")
    assert [row[0] for row in changes()] == ["new", "withdrawn", "restored"]
    assert counts(run(day=8)) == {"unchanged": 1}


def test_what_a_person_withdrew_is_not_taken_up_again(branch: Organisation) -> None:
    make_action("monthly")
    run()
    item = only_item()
    ReminderItem.objects.update(state=ItemState.WITHDRAWN, reason="合并")
    ListChange.objects.create(
        organisation=branch,
        item=item,
        month=MAY.first,
        kind=ChangeKind.WITHDRAWN,
        reason="合并",
        at=ListChange.objects.get().at,
    )
    assert counts(run()) == {"unchanged": 1}
    assert only_item().state == ItemState.WITHDRAWN


def test_a_returned_item_is_withdrawn_too(branch: Organisation) -> None:
    action = make_action("monthly")
    run()
    ReminderItem.objects.update(state=ItemState.RETURNED)
    switch(action, branch, date(2026, 5, 5), adopted=False)
    assert counts(run(day=5)) == {"withdrawn": 1}


def test_an_item_without_its_condition_goes_with_the_reason(branch: Organisation) -> None:
    make_action("targeted", applies_when=["role:secretary"])
    post = make_post(branch, Role.SECRETARY, member=make_member(branch))
    run()
    post.until = date(2026, 5, 9)
    post.save()
    assert counts(run(day=9)) == {"unchanged": 1}
    assert counts(run(day=10)) == {"withdrawn": 1}
    assert only_item().reason == "书记职务空缺，暂不适用"


def test_another_frequency_withdraws_the_old_period_and_makes_the_new(branch: Organisation) -> None:
    action = make_action("monthly")
    run()
    quarterly = {"kind": "periodic", "period": "quarter", "remind_days_before": [10]}
    make_version(action, valid_from=date(2026, 5, 10), due_rule=quarterly)
    assert counts(run(day=10)) == {"created": 1, "withdrawn": 1}
    rows = ReminderItem.objects.order_by("pk").values_list("period", "state", "reason")
    assert list(rows) == [("2026-05", "withdrawn", "时限已调整，本期不再适用"), ("2026Q2", "open", "")]


def test_overdue_items_of_past_periods_stay(branch: Organisation) -> None:
    action = make_action("monthly")
    run()
    switch(action, branch, JUNE.first, adopted=False)
    assert counts(run(JUNE)) == {"carried_over": 1}
    assert only_item().state == ItemState.OPEN


def test_a_dissolved_organisation_has_nothing_open(branch: Organisation) -> None:
    make_organisation("B")
    make_action("monthly")
    run()
    Organisation.objects.filter(pk=branch.pk).update(dissolved_on=date(2026, 6, 10))
    assert counts(run(JUNE)) == {"created": 2, "carried_over": 2}
    assert counts(run(JUNE, 10)) == {"withdrawn": 2, "unchanged": 1}
    gone = ReminderItem.objects.filter(state=ItemState.WITHDRAWN)
    assert list(gone.values_list("organisation", "reason")) == [(branch.pk, "组织已撤销")] * 2
    assert counts(run(JUNE, 11)) == {"unchanged": 1}


def test_a_branch_not_yet_established_has_no_list() -> None:
    make_organisation("A", established_on=date(2026, 5, 15))
    make_action("monthly")
    assert [run(day=day).created for day in (14, 15)] == [0, 1]


# --- carried over --------------------------------------------------------------------------------


def test_an_open_item_is_carried_over_once_a_month(branch: Organisation) -> None:
    make_action("monthly")
    run()
    assert counts(run(day=31)) == {"unchanged": 1}
    assert counts(run(JUNE)) == {"created": 1, "carried_over": 1}
    assert counts(run(JUNE, 2)) == {"unchanged": 1}
    assert counts(run(Month(2026, 7))) == {"created": 1, "carried_over": 2}
    carried = changes(kind=ChangeKind.CARRIED_OVER, item__period="2026-05")
    months = [row[1:3] for row in carried]
    assert months == [(JUNE.first, date(2026, 5, 29)), (date(2026, 7, 1), date(2026, 5, 29))]


def test_a_done_item_is_not_carried_over(branch: Organisation) -> None:
    make_action("monthly")
    run()
    ReminderItem.objects.update(state=ItemState.DONE, done_on=date(2026, 5, 20))
    assert counts(run(JUNE)) == {"created": 1}


# --- who is responsible --------------------------------------------------------------------------


def responsible() -> list[tuple[Any, ...]]:
    return list(ReminderItem.objects.order_by("period").values_list("responsible_post", "responsible_name"))


def test_nobody_is_responsible_without_posts(branch: Organisation) -> None:
    make_action("monthly")
    run()
    assert responsible() == [(None, "")]


def test_the_worker_before_the_secretary_and_the_earlier_worker_first(branch: Organisation) -> None:
    make_action("monthly")
    secretary = make_post(branch, Role.SECRETARY, member=make_member(branch, name="书记"))
    run(Month(2026, 4))
    make_post(branch, user=make_user(name="后来"), since=date(2026, 4, 20))
    worker = make_post(branch, user=make_user(name="先来"), since=date(2026, 4, 10))
    run(MAY)
    worker.until = date(2026, 5, 31)
    worker.save()
    run(JUNE)
    names = ["书记", "先来", "后来"]
    assert [row[1] for row in responsible()] == names
    assert responsible()[0][0] == secretary.pk
    assert responsible()[1][0] == worker.pk


def test_the_responsible_person_is_frozen(branch: Organisation) -> None:
    make_action("yearly", due_rule=YEARLY)
    post = make_post(branch, user=make_user(name="先来"))
    run()
    post.until = date(2026, 5, 5)
    post.save()
    make_post(branch, user=make_user(name="后来"), since=date(2026, 5, 6))
    run(day=6)
    assert responsible() == [(post.pk, "先来")]


# --- months and scopes ---------------------------------------------------------------------------


def test_a_past_month_gets_only_what_it_lacks(branch: Organisation) -> None:
    monthly, off = make_action("monthly"), make_action("off")
    refresh(Month(2026, 3), on=date(2026, 3, 1))
    make_action("late", applies_when=["all"])
    switch(off, branch, date(2026, 3, 20), adopted=False)
    rule = {"kind": "periodic", "period": "month", "due": "first_workday_of_period"}
    make_version(monthly, valid_from=date(2026, 3, 25), due_rule=rule)
    assert counts(refresh(Month(2026, 3), on=date(2026, 5, 9))) == {"created": 1, "unchanged": 1}
    rows = ReminderItem.objects.order_by("action__code").values_list("action__code", "state", "due_on")
    end = date(2026, 3, 31)
    assert list(rows) == [("late", "open", end), ("monthly", "open", end), ("off", "open", end)]


def test_the_next_month_gets_only_what_it_opens(branch: Organisation) -> None:
    make_action("monthly")
    make_action("yearly", due_rule=YEARLY)
    assert counts(refresh(JUNE, on=date(2026, 5, 9))) == {"created": 1}
    assert only_item().period == "2026-06"
    assert counts(run(day=9)) == {"created": 2}
    assert counts(run(JUNE)) == {"unchanged": 2, "carried_over": 1}


def test_months_after_the_next_are_refused(branch: Organisation) -> None:
    with pytest.raises(MonthTooFar) as caught:
        refresh(Month(2026, 7), on=date(2026, 5, 31))
    assert str(caught.value) == "2026 年 7 月还没有到，清单最多提前一个月生成。"
    assert not RefreshRun.objects.exists()


def test_a_refresh_of_one_part_leaves_the_others_alone() -> None:
    _, general, (first, second) = make_tree(2)
    stranger = make_organisation("S")
    make_action("monthly")
    assert run(organisation=first).created == 1
    assert set(ReminderItem.objects.values_list("organisation", flat=True)) == {first.pk}
    stale = Organisation.objects.stale()
    assert not stale.filter(pk=first.pk).exists()
    assert set(stale.values_list("pk", flat=True)) >= {second.pk, stranger.pk}
    assert run(organisation=general).created == 1
    ReminderItem.objects.filter(organisation=first).update(opens_on=date(2026, 4, 1))
    assert counts(run(organisation=second)) == {"unchanged": 1}


def test_flags_are_cleared_for_the_current_month_only(branch: Organisation) -> None:
    refresh(Month(2026, 4), on=date(2026, 5, 2))
    refresh(JUNE, on=date(2026, 5, 2))
    assert Organisation.objects.stale().count() == 1
    run()
    assert Organisation.objects.stale().count() == 0


def test_a_general_branch_has_its_own_actions_and_no_branch_ones() -> None:
    _, general, branches = make_tree(1)
    make_action("theirs", applies_when=["general_branch"])
    make_action("ours")
    run()
    rows = set(ReminderItem.objects.values_list("organisation", "action__code"))
    assert rows == {(general.pk, "theirs"), (branches[0].pk, "ours")}


# --- special tasks -------------------------------------------------------------------------------


def test_a_special_task_goes_to_its_targets_only() -> None:
    _, general, (first, second) = make_tree(2)
    make_task(general, [first, general], start=date(2026, 5, 10), end=date(2026, 5, 20))
    assert counts(run(Month(2026, 4))) == {"created": 2}
    assert counts(run()) == {"unchanged": 2}
    rows = ReminderItem.objects.values_list("organisation", "period", "opens_on", "due_on", "remind_on")
    expected = ("once", date(2026, 5, 10), date(2026, 5, 20), date(2026, 5, 17))
    assert sorted(rows) == sorted([(first.pk, *expected), (general.pk, *expected)])
    assert counts(run()) == {"unchanged": 2}
    assert not ReminderItem.objects.filter(organisation=second).exists()


def test_a_task_of_a_coming_month_is_known_to_that_month_s_list() -> None:
    _, general, (first, _) = make_tree(2)
    make_task(general, [first], start=date(2026, 6, 10), end=date(2026, 6, 20))
    run()
    place = Place(first, Rights(close=True))
    may, june = (month_list(place, month, on=date(2026, 5, 11)) for month in (MAY, JUNE))
    assert ([row.title for row in [*may.rows, *may.upcoming]], len(june.rows)) == ([], 1)
    assert [change.kind for change in may.changes] == ["新增"]


def test_a_withdrawn_task_takes_its_items_back_even_overdue() -> None:
    _, general, branches = make_tree(2)
    task = make_task(general, branches, start=date(2026, 5, 10), end=date(2026, 5, 20))
    run()
    ReminderItem.objects.filter(organisation=branches[0]).update(
        state=ItemState.DONE, done_on=date(2026, 5, 12)
    )
    assert counts(run(JUNE)) == {"carried_over": 1, "unchanged": 2}
    task.withdrawn_at = RefreshRun.objects.earliest("pk").started_at
    task.save()
    assert counts(run(JUNE, 2)) == {"withdrawn": 1}
    states = dict(ReminderItem.objects.values_list("organisation", "reason"))
    assert states == {branches[0].pk: "", branches[1].pk: "专项工作已撤回"}


def test_a_target_taken_off_the_list_loses_its_item() -> None:
    _, general, branches = make_tree(2)
    task = make_task(general, branches, start=date(2026, 5, 10), end=date(2026, 5, 20))
    run()
    task.targets.remove(branches[1])
    assert counts(run()) == {"withdrawn": 1, "unchanged": 1}
    assert ReminderItem.objects.get(state=ItemState.WITHDRAWN).reason == "已不在专项工作发送范围内"


def test_a_later_end_of_a_task_moves_its_items() -> None:
    _, general, (branch,) = make_tree(1)
    task = make_task(general, [branch], start=date(2026, 5, 10), end=date(2026, 5, 20))
    run()
    rule = {"kind": "one_off", "start": "2026-05-10", "end": "2026-06-30"}
    make_version(task.action, organisation=general, valid_from=date(2026, 6, 3), due_rule=rule)
    assert counts(run(JUNE, 3)) == {"moved": 1}
    assert (only_item().due_on, only_item().state) == (date(2026, 6, 30), ItemState.OPEN)
