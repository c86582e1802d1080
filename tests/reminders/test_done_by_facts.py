"""A fact registered in the branches closes its item: on its day, in words, as long as the fact stands."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from branches.actions.terms import add_term
from branches.models import (
    DevelopmentCase,
    DevelopmentStep,
    ElectionStep,
    Member,
    MemberEvent,
    Membership,
    Organisation,
    Term,
)
from branches.rules import ElectionStepKind, EventKind, MemberStatus, Role, StepOutcome
from ledgers.ledger import Cell
from periods.months import Month
from records.actions import RecordData
from records.rules import RecordKind
from reminders.actions.items import DoneByFact, close_item, return_item, undo_item
from reminders.actions.refresh import refresh
from reminders.actions.refresh_steps import RefreshResult
from reminders.ledgers.items import ledger_rows
from reminders.models import ListChange, ReminderItem
from reminders.queries.item_rows import Rights
from reminders.queries.month_list import row_of
from reminders.rules import ChangeKind, ItemState
from tests.factories.branches import make_holder, make_member, make_organisation, make_post, make_user
from tests.factories.reminders import make_action

pytestmark = pytest.mark.django_db
E = EventKind
DAY, NEXT, THEN = date(2026, 5, 11), date(2026, 5, 20), date(2026, 5, 21)
BEFORE = date(2026, 4, 20)
APPLICANT, ACTIVIST = MemberStatus.APPLICANT, MemberStatus.ACTIVIST
TARGET, PROBATIONARY, FULL = MemberStatus.DEVELOPMENT_TARGET, MemberStatus.PROBATIONARY, MemberStatus.FULL


def rule(anchor: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "event_offset", "anchor": anchor, "due_offset": {"months": 1}, **fields}


def run(on: date = DAY) -> RefreshResult:
    return refresh(Month.of(on), on=on)


def item() -> ReminderItem:
    return ReminderItem.objects.select_related("version", "action", "organisation", "record").get()


def person(branch: Organisation, status: MemberStatus, kind: EventKind, on: date = BEFORE) -> Member:
    member = make_member(branch, status=status, name="某人")
    MemberEvent.objects.create(member=member, kind=kind, on=on, organisation=branch)
    return member


def enter(branch: Organisation, kind: EventKind, on: date = NEXT, status: MemberStatus | None = None) -> None:
    """Register an event of the one person there is, with the status it gives."""
    member = Member.objects.get(name="某人")
    MemberEvent.objects.create(
        member=member, kind=kind, on=on, organisation=branch, entered_by=make_user("keeper")
    )
    if status:
        Membership.objects.filter(member=member, until=None).update(until=on)
        Membership.objects.create(member=member, organisation=branch, status=status, since=on)


def vacant(branch: Organisation) -> None:
    make_post(branch, Role.SECRETARY, member=make_member(branch), until=BEFORE)


def filled(branch: Organisation) -> None:
    make_post(branch, Role.SECRETARY, member=make_member(branch), since=NEXT)


def ending(branch: Organisation) -> Term:
    return add_term(branch, elected_on=date(2023, 5, 25), ends_on=date(2026, 5, 25), by=None)


def elected(branch: Organisation) -> None:
    ending(branch)
    add_term(branch, elected_on=DAY, ends_on=date(2029, 5, 11), by=None)


def reported(branch: Organisation) -> None:
    ended = branch.terms.order_by("elected_on")[0]
    ElectionStep.objects.create(term=ended, kind=ElectionStepKind.REPORT, done_on=NEXT)


def moving(branch: Organisation) -> None:
    member = make_member(branch, name="某人")
    MemberEvent.objects.create(member=member, kind=E.MOVED_OUT, announced_on=BEFORE, on=NEXT)
    Membership.objects.filter(member=member).update(until=NEXT)


def away(branch: Organisation) -> None:
    person(branch, FULL, E.SECONDED, date(2025, 9, 1))


def few(branch: Organisation) -> None:
    members = [make_member(branch) for _ in range(3)]
    Membership.objects.filter(member=members[0]).update(until=BEFORE)


SetUp = Callable[[Organisation], object]
SETTLED: list[tuple[str, SetUp, SetUp, str]] = [
    (
        "application_received",
        lambda b: person(b, APPLICANT, E.APPLIED),
        lambda b: enter(b, E.TALKED),
        "已登记“入党申请人谈话”，自动办结",
    ),
    (
        "talk_done",
        lambda b: person(b, APPLICANT, E.TALKED),
        lambda b: enter(b, E.ACTIVIST, status=ACTIVIST),
        "已登记“确定为入党积极分子”，自动办结",
    ),
    (
        "activist_date",
        lambda b: person(b, ACTIVIST, E.ACTIVIST),
        lambda b: enter(b, E.DEVELOPMENT_TARGET, status=TARGET),
        "已登记“确定为发展对象”，自动办结",
    ),
    (
        "development_target_date",
        lambda b: person(b, TARGET, E.DEVELOPMENT_TARGET),
        lambda b: enter(b, E.PRE_REVIEWED),
        "已登记“党委预审合格”，自动办结",
    ),
    (
        "training_done",
        lambda b: person(b, TARGET, E.TRAINED),
        lambda b: enter(b, E.PRE_REVIEWED),
        "已登记“党委预审合格”，自动办结",
    ),
    (
        "pre_review_passed",
        lambda b: person(b, TARGET, E.PRE_REVIEWED),
        lambda b: enter(b, E.ADMITTED, status=PROBATIONARY),
        "已登记“接收为预备党员”，自动办结",
    ),
    (
        "admission_meeting_date",
        lambda b: person(b, PROBATIONARY, E.ADMITTED),
        lambda b: enter(b, E.APPROVED),
        "已登记“党委批准接收”，自动办结",
    ),
    (
        "approval_notice_date",
        lambda b: person(b, PROBATIONARY, E.APPROVED),
        lambda b: enter(b, E.OATH_TAKEN),
        "已登记“入党宣誓”，自动办结",
    ),
    (
        "probation_end",
        lambda b: person(b, PROBATIONARY, E.ADMITTED, date(2025, 5, 15)),
        lambda b: enter(b, E.CONVERTED, status=FULL),
        "已登记“转为正式党员”，自动办结",
    ),
    (
        "term_end",
        ending,
        lambda b: add_term(b, elected_on=NEXT, ends_on=date(2029, 5, 20), by=None),
        "已登记换届选举结果，自动办结",
    ),
    ("election_held", elected, reported, "已登记选举结果报批备案，自动办结"),
    ("office_vacated", vacant, filled, "已登记新的任职，自动办结"),
    ("unit_changed_or_away_6_months", moving, lambda b: None, "已登记“组织关系转出”，自动办结"),
    ("unit_changed_or_away_6_months", away, lambda b: enter(b, E.RETURNED), "已登记“挂职借调返回”，自动办结"),
    (
        "headcount_threshold_crossed",
        few,
        lambda b: make_member(b, since=NEXT),
        "正式党员已恢复到规定人数，自动办结",
    ),
]


@pytest.mark.parametrize(("anchor", "given", "settle", "words"), SETTLED)
def test_the_item_is_done_on_the_day_of_the_fact(
    anchor: str, given: SetUp, settle: SetUp, words: str
) -> None:
    branch = make_organisation("A")
    given(branch)
    make_action("x", due_rule=rule(anchor))
    assert run().created == 1
    settle(branch)
    result = run(THEN)
    assert (result.done, result.withdrawn, result.created) == (1, 0, 0)
    found = item()
    assert (found.state, found.done_on, found.reason, found.record) == (ItemState.DONE, NEXT, words, None)
    assert found.settled_by != ""
    assert list(ListChange.objects.filter(kind=ChangeKind.DONE).values_list("reason", flat=True)) == [words]
    again = run(THEN)
    assert (again.done, again.withdrawn, again.restored, again.created) == (0, 0, 0, 0)


@pytest.mark.postgres
@pytest.mark.parametrize(("anchor", "given", "settle", "words"), SETTLED)
def test_the_same_on_postgresql(anchor: str, given: SetUp, settle: SetUp, words: str) -> None:
    test_the_item_is_done_on_the_day_of_the_fact(anchor, given, settle, words)


@pytest.fixture
def branch() -> Organisation:
    return make_organisation("A")


@pytest.fixture
def talked(branch: Organisation) -> ReminderItem:
    """An application's item, closed by the talk."""
    person(branch, APPLICANT, E.APPLIED)
    make_action("x", name="入党申请人谈话", due_rule=rule("application_received"))
    run()
    enter(branch, E.TALKED)
    run(THEN)
    return item()


def test_who_registered_the_fact_stands_beside_it(talked: ReminderItem) -> None:
    change = ListChange.objects.get(kind=ChangeKind.DONE)
    assert (str(change.by), str(talked.done_by)) == (str(change.by), str(change.by))
    assert change.by is not None
    assert change.by.username == "keeper"
    assert talked.done_at is not None


def test_a_fact_after_the_due_day_is_late(branch: Organisation) -> None:
    person(branch, APPLICANT, E.APPLIED)
    make_action("x", due_rule=rule("application_received"))
    run()
    enter(branch, E.TALKED, date(2026, 6, 3))
    run(date(2026, 6, 5))
    row = row_of(item(), rights=Rights(close=True), on=date(2026, 6, 5))
    assert (row.tone, row.tag, row.note) == (
        "done",
        "6 月 3 日 完成（晚 14 天）",
        "已登记“入党申请人谈话”，自动办结",
    )


def test_it_is_not_undone_but_corrected(branch: Organisation, talked: ReminderItem) -> None:
    row = row_of(talked, rights=Rights(close=True, send_back=True), on=THEN)
    assert (row.may_undo, row.may_send_back, row.may_close) == (False, True, False)
    with pytest.raises(DoneByFact) as refused:
        undo_item(talked, by=None, on=THEN)
    assert str(refused.value) == (
        "已登记“入党申请人谈话”，自动办结。登记有误的，请更正那条登记，这一项会自动恢复待办。"
    )
    MemberEvent.objects.filter(kind=E.TALKED).update(corrected_at=timezone.now())
    assert run(THEN).restored == 1
    found = item()
    assert (found.state, found.done_on, found.settled_by, found.reason, found.done_by) == (
        ItemState.OPEN,
        None,
        "",
        "",
        None,
    )


def test_what_staff_sent_back_waits_for_the_branch(branch: Organisation, talked: ReminderItem) -> None:
    return_item(talked, checklist_line="谈话登记", reason="缺谈话人", by=make_user())
    result = run(THEN)
    assert (result.done, result.withdrawn, item().state) == (0, 0, ItemState.RETURNED)
    data = RecordData(kind=RecordKind.DATE_ONLY, held_on=NEXT)
    close_item(item(), data=data, by=None, on=THEN)
    assert (item().state, item().settled_by) == (ItemState.DONE, "")


def test_a_fact_registered_after_it_was_sent_back_closes_it(branch: Organisation) -> None:
    person(branch, APPLICANT, E.APPLIED)
    make_action("x", due_rule=rule("application_received"))
    run()
    close_item(item(), data=RecordData(kind=RecordKind.DATE_ONLY, held_on=DAY), by=None, on=DAY)
    return_item(item(), checklist_line="行", reason="日期不对", by=make_user())
    enter(branch, E.TALKED)
    assert run(THEN).done == 1
    assert (item().state, item().done_on) == (ItemState.DONE, NEXT)


def test_a_fact_that_lies_ahead_closes_nothing(branch: Organisation) -> None:
    person(branch, APPLICANT, E.APPLIED)
    make_action("x", due_rule=rule("application_received"))
    run()
    enter(branch, E.TALKED, date(2026, 6, 1))
    assert run(THEN).done == 0
    assert run(date(2026, 6, 1)).done == 1


def test_what_happened_in_another_branch_closes_nothing_here(branch: Organisation) -> None:
    member = person(branch, APPLICANT, E.APPLIED)
    make_action("x", due_rule=rule("application_received"))
    run()
    other = make_organisation("B")
    Membership.objects.filter(member=member).update(until=date(2026, 5, 13))
    Membership.objects.create(member=member, organisation=other, status=APPLICANT, since=date(2026, 5, 13))
    enter(other, E.TALKED)
    result = run(THEN)
    assert (result.done, result.withdrawn) == (0, 1)


def test_a_person_who_left_is_withdrawn(branch: Organisation) -> None:
    member = person(branch, PROBATIONARY, E.ADMITTED, date(2025, 5, 15))
    make_action("x", due_rule=rule("probation_end"))
    run()
    MemberEvent.objects.create(member=member, kind=E.REVOKED, on=NEXT, organisation=branch)
    Membership.objects.filter(member=member).update(until=NEXT)
    assert (run(THEN).withdrawn, item().state) == (1, ItemState.WITHDRAWN)


def test_no_conversion_waits_once_the_meeting_decided_to_revoke(branch: Organisation) -> None:
    member = person(branch, PROBATIONARY, E.ADMITTED, date(2025, 5, 15))
    make_action("x", due_rule=rule("probation_end"))
    run()
    case = DevelopmentCase.objects.create(member=member, opened_on=date(2023, 5, 1))
    step = case.steps.create(number=23, done_on=NEXT, outcome=StepOutcome.REVOKED)
    assert (run(THEN).withdrawn, item().state) == (1, ItemState.WITHDRAWN)
    DevelopmentStep.objects.filter(pk=step.pk).update(corrected_at=timezone.now())
    run(THEN)
    assert item().state == ItemState.OPEN


def test_a_dissolved_branch_is_withdrawn_whatever_was_registered(branch: Organisation) -> None:
    person(branch, APPLICANT, E.APPLIED)
    make_action("x", due_rule=rule("application_received"))
    run()
    enter(branch, E.TALKED)
    Organisation.objects.filter(pk=branch.pk).update(dissolved_on=NEXT)
    result = run(THEN)
    assert (result.done, result.withdrawn, item().reason) == (0, 1, "组织已撤销")


def test_a_local_duty_that_repeats_is_closed_by_no_single_event(branch: Organisation) -> None:
    person(branch, ACTIVIST, E.ACTIVIST)
    make_action("x", due_rule=rule("activist_date", due_offset=None, every={"months": 3}))
    run()
    enter(branch, E.DEVELOPMENT_TARGET, status=TARGET)
    result = run(THEN)
    assert (result.done, result.withdrawn) == (0, 1)


def test_an_election_taken_back_opens_the_old_term_again(branch: Organisation) -> None:
    ending(branch)
    make_action("x", due_rule=rule("term_end"))
    run()
    term = add_term(branch, elected_on=NEXT, ends_on=date(2029, 5, 20), by=None)
    run(THEN)
    term.events.update(term=None)
    branch.terms.get(ends_on=date(2026, 5, 25)).election_steps.all().delete()
    term.delete()
    assert (run(THEN).restored, item().state) == (1, ItemState.OPEN)


def test_a_corrected_day_corrects_the_day_it_was_done(branch: Organisation, talked: ReminderItem) -> None:
    MemberEvent.objects.filter(kind=E.TALKED).update(corrected_at=timezone.now())
    MemberEvent.objects.create(
        member=Member.objects.get(name="某人"), kind=E.TALKED, on=date(2026, 5, 18), organisation=branch
    )
    result = run(THEN)
    assert (result.done, result.restored, result.withdrawn) == (1, 0, 0)
    assert (item().state, item().done_on) == (ItemState.DONE, date(2026, 5, 18))
    assert run(THEN).done == 0


def test_an_election_moved_to_another_day_moves_the_day_it_was_done(branch: Organisation) -> None:
    ending(branch)
    make_action("x", due_rule=rule("term_end"))
    run()
    term = add_term(branch, elected_on=NEXT, ends_on=date(2029, 5, 20), by=None)
    run(THEN)
    Term.objects.filter(pk=term.pk).update(elected_on=date(2026, 5, 19))
    assert (run(THEN).done, item().done_on) == (1, date(2026, 5, 19))


def test_what_was_done_about_an_event_that_never_was_goes(branch: Organisation, talked: ReminderItem) -> None:
    MemberEvent.objects.filter(kind__in=[E.APPLIED, E.TALKED]).update(corrected_at=timezone.now())
    result = run(THEN)
    assert (result.withdrawn, item().state, item().reason) == (1, ItemState.WITHDRAWN, "相关事件已更正或办结")


def test_a_second_fall_is_another_matter(branch: Organisation) -> None:
    few(branch)
    make_action("x", due_rule=rule("headcount_threshold_crossed"))
    run()
    member = make_member(branch, since=NEXT)
    run(THEN)
    Membership.objects.filter(member=member).update(until=date(2026, 8, 3))
    assert run(date(2026, 8, 4)).created == 1
    assert list(ReminderItem.objects.order_by("pk").values_list("subject", "state")) == [
        ("headcount", ItemState.DONE),
        ("headcount#1", ItemState.OPEN),
    ]


def test_overdue_items_of_somebody_who_left_go(branch: Organisation) -> None:
    stays, leaves = (make_member(branch, status=PROBATIONARY) for _ in range(2))
    make_action(
        "x",
        applies_when=["has_probationary"],
        due_rule={"kind": "periodic", "period": "month", "per_person": True},
    )
    run()
    Membership.objects.filter(member=leaves).update(until=date(2026, 6, 2))
    result = run(date(2026, 6, 3))
    overdue = ReminderItem.objects.filter(period="2026-05").order_by("subject")
    assert {(i.subject, i.state, i.reason) for i in overdue} == {
        (f"member:{stays.pk}", ItemState.OPEN, ""),
        (f"member:{leaves.pk}", ItemState.WITHDRAWN, "此人已不在本支部，不再适用"),
    }
    assert result.withdrawn == 1


def test_overdue_turns_of_somebody_who_left_go(branch: Organisation) -> None:
    member = person(branch, ACTIVIST, E.ACTIVIST, date(2025, 9, 15))
    make_action("x", due_rule=rule("activist_date", due_offset=None, every={"months": 6}))
    run(date(2026, 3, 1))
    Membership.objects.filter(member=member).update(until=date(2026, 4, 1))
    assert run(date(2026, 4, 1)).withdrawn == 2


def test_the_list_says_by_which_fact(
    branch: Organisation, talked: ReminderItem, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: THEN)
    client.force_login(make_holder(branch))
    page = client.get("/w/reminders/").content.decode()
    assert page.count("已登记“入党申请人谈话”，自动办结") == 2
    assert "办结 1" in page
    assert f"/w/reminders/items/{talked.pk}/undo/" not in page
    detail = client.get(f"/w/reminders/items/{talked.pk}/").content.decode()
    assert "登记有误的，请更正那条登记，这一项会自动恢复待办。" in detail
    answer = client.post(f"/w/reminders/items/{talked.pk}/undo/", follow=True).content.decode()
    assert "登记有误的，请更正那条登记，这一项会自动恢复待办。" in answer
    assert item().state == ItemState.DONE


def test_the_ledger_says_by_which_fact(branch: Organisation, talked: ReminderItem) -> None:
    rows = list(
        ledger_rows(None, {"organisation": None, "period": "2026-05", "action": "", "state": []}, THEN)
    )
    (row,) = rows
    assert isinstance(row[5], Cell)
    assert (row[5].text, row[6], row[9]) == ("按时完成", NEXT, "已登记“入党申请人谈话”，自动办结")
