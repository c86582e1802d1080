"""Every difference of a list says why and, where a person decided it, by whom."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from branches.actions.terms import add_term, extend_term
from branches.models import MemberEvent, Membership, Organisation, Term
from branches.rules import EventKind, MemberStatus
from periods.months import Month
from records.actions import RecordData
from records.rules import RecordKind
from reminders.actions.catalogue import Adjustment, adjust_action, adopt_action, switch_off_action
from reminders.actions.items import ItemNotOpen, close_item, mark_not_applicable
from reminders.actions.refresh import refresh
from reminders.actions.tasks_special import TaskData, send_task, withdraw_task
from reminders.models import ListChange, ReminderItem
from tests.factories.branches import make_holder, make_member, make_organisation, make_tree, make_user
from tests.factories.reminders import make_action

pytestmark = pytest.mark.django_db
MAY, JUNE = Month(2026, 5), Month(2026, 6)
DAY, NEXT = date(2026, 5, 11), date(2026, 5, 12)
TERM_END = {"kind": "event_offset", "anchor": "term_end", "due_offset": {"months": 1}}
PROBATION_END = {**TERM_END, "anchor": "probation_end"}


def differences() -> list[tuple[Any, ...]]:
    return list(ListChange.objects.order_by("pk").values_list("kind", "reason", "by"))


def latest() -> tuple[Any, ...]:
    return differences()[-1]


def test_switching_off_and_adopting_again_say_why_and_who() -> None:
    _, general, _ = make_tree(1)
    action, staff = make_action("monthly"), make_user()
    refresh(MAY, on=DAY)
    switch_off_action(action, organisation=general, valid_from=DAY, reason="本支部撤并", by=staff, on=DAY)
    refresh(MAY, on=DAY)
    adopt_action(action, organisation=general, valid_from=NEXT, reason="恢复", by=staff, on=DAY)
    refresh(MAY, on=NEXT)
    assert differences() == [
        ("new", "", None),
        ("withdrawn", "事项已停用：本支部撤并", staff.pk),
        ("restored", "重新适用", None),
    ]


def test_a_long_reason_is_cut_to_what_the_list_holds() -> None:
    _, general, _ = make_tree(1)
    action = make_action("monthly")
    refresh(MAY, on=DAY)
    switch_off_action(action, organisation=general, valid_from=DAY, reason="说" * 200, by=make_user(), on=DAY)
    refresh(MAY, on=DAY)
    assert ReminderItem.objects.get().reason == "事项已停用：" + "说" * 194


def test_who_asked_for_the_refresh_stands_before_who_decided() -> None:
    _, general, _ = make_tree(1)
    action, runner = make_action("monthly"), make_user()
    refresh(MAY, on=DAY)
    switch_off_action(action, organisation=general, valid_from=DAY, reason="", by=make_user(), on=DAY)
    refresh(MAY, on=DAY, by=runner)
    assert latest() == ("withdrawn", "事项已停用", runner.pk)


def test_a_special_task_says_who_sent_it_and_why_it_goes() -> None:
    _, general, branches = make_tree(1)
    staff = make_user()
    data = TaskData(
        token="a" * 32,
        name="专题学习",
        why="上级通知",
        start=DAY,
        end=date(2026, 5, 20),
        minutes=30,
        record_kind=RecordKind.DATE_ONLY,
    )
    task = send_task(general, data=data, targets=branches, by=staff, on=DAY)
    refresh(MAY, on=DAY)
    at = datetime(2026, 5, 12, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    withdraw_task(task, reason="改为线上开展", by=staff, at=at)
    refresh(MAY, on=NEXT)
    assert differences() == [
        ("new", "专项工作", staff.pk),
        ("withdrawn", "专项工作已撤回：改为线上开展", None),
    ]


def test_an_adjusted_rule_says_who_adjusted_it() -> None:
    _, general, _ = make_tree(1)
    action, staff = make_action("monthly"), make_user()
    refresh(MAY, on=DAY)
    rule = {"kind": "periodic", "period": "month", "due": "first_workday_of_period"}
    changes = Adjustment(due_rule=rule, minutes=20, steps=[])
    adjust_action(action, organisation=general, valid_from=NEXT, changes=changes, by=staff, on=DAY)
    refresh(MAY, on=NEXT)
    assert latest() == ("moved", "时限规则已调整", staff.pk)


def test_another_party_day_and_an_open_item_of_last_month_say_why() -> None:
    branch = make_organisation(party_day=10)
    make_action("party", due_rule={"kind": "periodic", "period": "month", "fixed_day": "per_branch_setting"})
    refresh(MAY, on=DAY)
    Organisation.objects.filter(pk=branch.pk).update(party_day=20)
    refresh(MAY, on=DAY)
    assert latest() == ("moved", "固定党日或工作日历调整", None)
    refresh(JUNE, on=JUNE.first)
    assert latest() == ("carried_over", "到期未办，结转", None)


def ending_term(branch: Organisation) -> Term:
    return add_term(branch, elected_on=date(2023, 5, 20), ends_on=date(2026, 5, 20), by=None)


def test_an_extended_term_moves_its_item_with_the_event() -> None:
    term = ending_term(make_organisation())
    make_action("election", due_rule=TERM_END)
    refresh(MAY, on=DAY)
    extend_term(term, to=date(2026, 8, 20), basis="批复", on=DAY, by=None)
    refresh(MAY, on=DAY)
    assert latest() == ("moved", "日期随事件变动", None)


def test_a_new_term_settles_the_election() -> None:
    branch = make_organisation()
    ending_term(branch)
    make_action("election", due_rule=TERM_END)
    refresh(MAY, on=DAY)
    add_term(branch, elected_on=NEXT, ends_on=date(2029, 5, 12), by=None)
    refresh(MAY, on=NEXT)
    assert latest() == ("done", "已登记换届选举结果，自动办结", None)


def test_a_term_taken_back_is_no_election() -> None:
    term = ending_term(make_organisation())
    make_action("election", due_rule=TERM_END)
    refresh(MAY, on=DAY)
    term.events.update(term=None)
    term.delete()
    refresh(MAY, on=DAY)
    assert latest() == ("withdrawn", "相关事件已更正或办结", None)


@pytest.mark.parametrize(
    ("kind", "end", "reason"),
    [
        (EventKind.CONVERTED, "done", "已登记“转为正式党员”，自动办结"),
        (EventKind.LEFT, "withdrawn", "相关事件已更正或办结"),
    ],
)
def test_the_end_of_probation_goes_with_the_conversion(kind: EventKind, end: str, reason: str) -> None:
    branch = make_organisation()
    member = make_member(branch, status=MemberStatus.PROBATIONARY)
    MemberEvent.objects.create(
        member=member, kind=EventKind.ADMITTED, on=date(2025, 5, 20), organisation=branch
    )
    make_action("conversion", due_rule=PROBATION_END)
    refresh(MAY, on=DAY)
    MemberEvent.objects.create(member=member, kind=kind, on=NEXT, organisation=branch)
    Membership.objects.filter(member=member).update(until=NEXT)
    refresh(MAY, on=NEXT)
    assert latest() == (end, reason, None)


def test_who_settles_what_was_taken_off_meanwhile_reads_why(client: Client) -> None:
    _, general, (branch,) = make_tree(1)
    action = make_action("monthly")
    refresh(MAY, on=DAY)
    item = ReminderItem.objects.get()
    switch_off_action(action, organisation=general, valid_from=DAY, reason="撤并", by=make_user(), on=DAY)
    refresh(MAY, on=DAY)
    sentence = "这一项已撤下（原因：事项已停用：撤并），不用再登记。"
    data = RecordData(kind=RecordKind.DATE_ONLY, held_on=DAY)
    with pytest.raises(ItemNotOpen) as closing:
        close_item(item, data=data, by=None, on=DAY)
    with pytest.raises(ItemNotOpen) as setting_aside:
        mark_not_applicable(item, reason="说明", by=None, on=DAY)
    assert [str(closing.value), str(setting_aside.value)] == [sentence, sentence]
    client.force_login(make_holder(branch))
    for step in ("close", "not-applicable"):
        client.post(f"/w/reminders/items/{item.pk}/{step}/", {"quick": "1"})
        assert sentence in client.get("/w/reminders/").content.decode()
