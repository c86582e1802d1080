"""Months counted once: what the numbers mean, and that every write reaches them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from branches.models import MemberEvent, Organisation
from branches.rules import EventKind, MemberStatus, OrganisationKind
from periods.months import Month
from records.actions import RecordData, make_record
from records.rules import RecordKind
from reminders.actions.items import close_item, mark_not_applicable, undo_item
from reminders.actions.refresh import refresh
from reminders.actions.summaries import rebuild, recount_stale
from reminders.actions.summaries_check import check_summaries
from reminders.models import MonthSummary, ReminderItem, SummaryMark
from reminders.queries.summaries import (
    ASKERS,
    ActionCount,
    Behind,
    Figures,
    LoadRow,
    asked_by,
    by_month,
    by_place,
    items_behind,
    late_by_action,
    late_counts,
    lead_days,
    load,
    own_records,
    soon_by_action,
)
from reminders.rules import ItemState
from tests.factories.branches import make_member, make_organisation
from tests.factories.reminders import make_action, make_task
from tests.reminders.scene import done, make_item

Counter = Callable[[int], AbstractContextManager[object]]
pytestmark = pytest.mark.django_db
MAY, JUNE = Month(2026, 5), Month(2026, 6)
TODAY = date(2026, 6, 12)
EVERYWHERE = Organisation.objects.all()


def make_month() -> Organisation:
    """June, as it stands on the twelfth: one item of every fate."""
    branch, action = make_organisation(), make_action(minutes=30)
    fates = [
        (date(2026, 6, 5), done(date(2026, 5, 20))),
        (date(2026, 6, 8), done(date(2026, 6, 8))),
        (date(2026, 6, 9), done(date(2026, 6, 11))),
        (date(2026, 6, 10), {}),
        (date(2026, 6, 12), {"state": ItemState.RETURNED}),
        (date(2026, 6, 20), done(date(2026, 6, 12))),
        (date(2026, 6, 30), {}),
        (date(2026, 6, 30), {"state": ItemState.NOT_APPLICABLE, "reason": "无"}),
        (date(2026, 6, 30), {"state": ItemState.WITHDRAWN, "reason": "无"}),
    ]
    for n, (due_on, fate) in enumerate(fates):
        make_item(branch, action, due_on=due_on, subject=f"member:{n}", **fate)
    return branch


def test_a_month_in_numbers() -> None:
    branch = make_month()
    rebuild()
    figures = by_place(EVERYWHERE, [MAY, JUNE], on=TODAY)
    june = Figures(
        asked=7, due=5, on_time=3, done_late=1, open=3, not_applicable=1, early=1, minutes=210, ahead=1
    )
    assert figures == {(branch.pk, JUNE): june}
    assert by_month(EVERYWHERE, [MAY, JUNE], on=TODAY) == {MAY: Figures(), JUNE: june}
    assert june.rate == Decimal(40)
    assert Figures().rate is None
    assert lead_days(EVERYWHERE, [MAY, JUNE]) == {MAY: {}, JUNE: {16: 1, 0: 1, -2: 1, 8: 1}}


@pytest.mark.parametrize(
    ("on", "due", "ahead", "rate"),
    [
        (date(2026, 5, 31), 0, 3, None),
        (date(2026, 6, 30), 7, 0, Decimal(300) / 7),
        (date(2026, 7, 1), 7, 0, Decimal(300) / 7),
    ],
)
def test_what_is_due_depends_on_the_day(on: date, due: int, ahead: int, rate: Decimal | None) -> None:
    make_month()
    rebuild()
    june = by_month(EVERYWHERE, [JUNE], on=on)[JUNE]
    assert (june.due, june.ahead, june.rate) == (due, ahead, rate)


@pytest.mark.parametrize("branches", [1, 3])
def test_the_statements_do_not_grow_with_the_branches(
    branches: int, django_assert_num_queries: Counter
) -> None:
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH)
    action = make_action(minutes=15)
    mine = [make_organisation(parent=general) for _ in range(branches)]
    for place in [*mine, make_organisation(name="外单位")]:
        for number in (5, 6):
            make_item(place, action, due_on=date(2026, number, 20), period=f"2026-{number:02d}")
    places = Organisation.objects.within(general)
    rebuild()
    with django_assert_num_queries(1):
        assert recount_stale(places) == 0
    with django_assert_num_queries(2):
        assert set(by_place(places, [MAY, JUNE], on=TODAY)) == {
            (place.pk, month) for place in mine for month in (MAY, JUNE)
        }
    with django_assert_num_queries(2):
        assert by_month(places, [MAY, JUNE], on=TODAY)[MAY].asked == branches
    with django_assert_num_queries(1):
        assert lead_days(places, [MAY, JUNE]) == {MAY: {}, JUNE: {}}
    with django_assert_num_queries(1):
        assert own_records(places, [MAY]) == {MAY: 0}
    with django_assert_num_queries(1):
        late = late_by_action(places, on=TODAY)
    with django_assert_num_queries(1):
        soon = soon_by_action(places, on=TODAY)
    assert late == soon == [ActionCount(action.pk, action.versions.get().name, branches, branches)]
    with django_assert_num_queries(1):
        assert late_counts(places, on=TODAY) == {place.pk: 1 for place in mine}
    with django_assert_num_queries(1):
        assert [(row.items, row.minutes) for row in load(places, MAY, on=TODAY)] == [
            (branches, 15 * branches)
        ]
    with django_assert_num_queries(1):
        assert items_behind(places, figure="open", month=None, on=TODAY).count() == 2 * branches


def test_every_number_lists_its_items() -> None:
    make_month()
    rebuild()
    june = by_month(EVERYWHERE, [JUNE], on=TODAY)[JUNE]
    listed = {
        figure: items_behind(EVERYWHERE, figure=figure, month=JUNE, on=TODAY).count()
        for figure in Behind.values
    }
    counted = {name: getattr(june, name) for name in listed if hasattr(june, name)}
    assert listed == {**counted, "late": 1, "soon": 1}
    assert items_behind(EVERYWHERE, figure="soon", month=None, on=date(2026, 6, 16)).count() == 1
    assert not items_behind(EVERYWHERE, figure="asked", month=MAY, on=TODAY).exists()
    with pytest.raises(ValueError, match="worst"):
        items_behind(EVERYWHERE, figure="worst", month=JUNE, on=TODAY)


def test_who_asks_for_how_much() -> None:
    committee = make_organisation(kind=OrganisationKind.COMMITTEE)
    general = make_organisation(parent=committee, kind=OrganisationKind.GENERAL_BRANCH)
    branch = make_organisation(parent=general)
    actions = [
        make_action(name="支部党员大会", basis_level="central", minutes=60),
        make_action(name="月度小结", basis_level="company_practice", minutes=20),
        make_action(organisation=committee, name="专题调研", minutes=40),
        make_action(organisation=general, name="交叉检查", minutes=30),
        make_action(organisation=branch, name="读书会", minutes=10),
    ]
    start, end = date(2026, 6, 1), date(2026, 6, 20)
    task = make_task(committee, [branch], start=start, end=end).action
    for action in [*actions, task]:
        make_item(branch, action, due_on=end)
    make_item(branch, actions[0], due_on=end, period="2026-05")
    rows = load(EVERYWHERE, JUNE, on=TODAY)
    assert rows == [
        LoadRow("中央规定动作", actions[0].pk, "支部党员大会", 2, 120),
        LoadRow("上级要求和惯例", actions[1].pk, "月度小结", 1, 20),
        LoadRow("上级党委", actions[2].pk, "专题调研", 1, 40),
        LoadRow("党总支", actions[3].pk, "交叉检查", 1, 30),
        LoadRow("支部自定", actions[4].pk, "读书会", 1, 10),
        LoadRow("专项工作", task.pk, task.versions.get().name, 1, 30),
    ]
    behind = items_behind(EVERYWHERE, figure="asked", month=JUNE, on=TODAY)
    assert {asker: behind.filter(asked_by(asker)).count() for asker in (*ASKERS, "别人")} == {
        **{row.asker: row.items for row in rows},
        "别人": 0,
    }


def test_records_that_answer_nothing_are_ones_own() -> None:
    branch, action = make_organisation(), make_action()
    item = make_item(branch, action, due_on=date(2026, 6, 20))
    close(item)
    own = RecordData(kind=RecordKind.DATE_ONLY, held_on=date(2026, 5, 3))
    make_record(branch, data=own, by=None, on=TODAY)
    # A part of something asked: it answers an action, though no item stands on it.
    part = RecordData(kind=RecordKind.DATE_ONLY, held_on=date(2026, 5, 3), actions=(action.code,))
    make_record(branch, data=part, by=None, on=TODAY)
    assert own_records(EVERYWHERE, [MAY, JUNE]) == {MAY: 1, JUNE: 0}
    assert own_records(EVERYWHERE, []) == {}


def close(item: ReminderItem) -> None:
    close_item(item, data=RecordData(kind=RecordKind.DATE_ONLY, held_on=TODAY), by=None, on=TODAY)


def test_a_write_marks_its_branch_and_a_recount_takes_the_mark_away() -> None:
    branch, other = make_organisation(), make_organisation()
    items = [make_item(place, make_action(), due_on=date(2026, 6, 20)) for place in (branch, other)]
    rebuild()
    close(items[0])
    mark_not_applicable(items[1], reason="没有", by=None, on=TODAY)
    assert MonthSummary.objects.filter(open=1).count() == 2
    assert recount_stale(Organisation.objects.filter(pk=branch.pk)) == 1
    assert list(SummaryMark.objects.values_list("organisation", flat=True)) == [other.pk]
    assert recount_stale() == 1
    assert recount_stale() == 0
    assert by_place(EVERYWHERE, [JUNE], on=TODAY) == {
        (branch.pk, JUNE): Figures(asked=1, on_time=1, minutes=30, ahead=1),
        (other.pk, JUNE): Figures(not_applicable=1),
    }
    undo_item(items[0], by=None, on=TODAY)
    recount_stale()
    assert by_month(EVERYWHERE, [JUNE], on=TODAY)[JUNE].open == 1


def test_the_refresh_counts_what_it_makes_without_marks() -> None:
    branch = make_organisation()
    make_action(minutes=25)
    assert refresh(JUNE, on=TODAY).created == 1
    assert SummaryMark.objects.count() == 0
    assert by_place(EVERYWHERE, [JUNE], on=TODAY) == {(branch.pk, JUNE): Figures(asked=1, open=1, minutes=25)}
    Organisation.objects.filter(pk=branch.pk).update(dissolved_on=TODAY)
    assert refresh(JUNE, on=TODAY).withdrawn == 1
    assert by_place(EVERYWHERE, [JUNE], on=TODAY) == {}


TALK: dict[str, Any] = {"kind": "event_offset", "anchor": "application_received", "due_offset": {"months": 1}}


def make_talk() -> Organisation:
    """An application of the third of May, so that the talk is due on the third of June."""
    branch = make_organisation()
    make_action("talk", due_rule=TALK)
    member = make_member(branch, status=MemberStatus.APPLICANT)
    for kind, on in ((EventKind.APPLIED, date(2026, 5, 3)), (EventKind.TALKED, date(2026, 5, 20))):
        MemberEvent.objects.create(member=member, kind=kind, on=on, organisation=branch)
    MemberEvent.objects.filter(kind=EventKind.TALKED).update(corrected_at=timezone.now())
    refresh(MAY, on=date(2026, 5, 21))
    return branch


def test_an_item_that_moves_leaves_its_month() -> None:
    branch = make_talk()
    assert set(by_place(EVERYWHERE, [MAY, JUNE], on=TODAY)) == {(branch.pk, JUNE)}
    MemberEvent.objects.filter(kind=EventKind.APPLIED).update(on=date(2026, 4, 28))
    assert refresh(MAY, on=date(2026, 5, 22)).moved == 1
    assert set(by_place(EVERYWHERE, [MAY, JUNE], on=TODAY)) == {(branch.pk, MAY)}
    assert check_summaries().differences == ()


def test_a_fact_settles_and_its_correction_opens_again() -> None:
    make_talk()
    MemberEvent.objects.update(corrected_at=None)
    assert refresh(MAY, on=date(2026, 5, 22)).done == 1
    assert lead_days(EVERYWHERE, [JUNE]) == {JUNE: {14: 1}}
    MemberEvent.objects.filter(kind=EventKind.TALKED).update(corrected_at=timezone.now())
    refresh(MAY, on=date(2026, 5, 23))
    assert ReminderItem.objects.get().state == ItemState.OPEN
    assert lead_days(EVERYWHERE, [JUNE]) == {JUNE: {}}
    assert check_summaries().differences == ()
