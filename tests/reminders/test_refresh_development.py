"""One person's way from the application to the filed conversion: every duty once, closed by its own step."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from branches.actions.development import close_case
from branches.actions.development_steps import StepData, correct_step, open_case, record_step
from branches.actions.members import add_event
from branches.models import DevelopmentCase, Member, Organisation
from branches.rules import CaseState, EventKind
from periods.events import STEP
from periods.months import Month, month_range
from reminders.actions import refresh as refresh_module
from reminders.actions.catalogue_load import CATALOGUE, load_catalogue
from reminders.actions.refresh import refresh
from reminders.models import ActionVersion, ListChange, ReminderItem
from reminders.queries.anchors import BLOCKED, OWN_STEPS, PROPOSED_DAY, step_anchor
from reminders.queries.direct import STEP_OF
from reminders.queries.item_rows import tone_and_tag
from reminders.queries.settling import settling_key
from reminders.rules import ChangeKind, ItemState
from tests.factories.branches import make_member, make_tree
from tests.factories.development import make_applicant, step_data

pytestmark = pytest.mark.django_db
# All under the text of 2026; the reviews come half a year apart.
WAY: list[tuple[int, date]] = [
    (2, date(2026, 6, 20)),
    (3, date(2026, 7, 10)),
    (4, date(2026, 7, 20)),
    (5, date(2026, 7, 24)),
    (6, date(2027, 1, 6)),
    (6, date(2027, 7, 5)),
    (7, date(2027, 7, 12)),
    (8, date(2027, 7, 20)),
    (9, date(2027, 8, 10)),
    (10, date(2027, 8, 20)),
    (11, date(2027, 9, 1)),
    (12, date(2027, 9, 10)),
    (13, date(2027, 9, 15)),
    (14, date(2027, 9, 20)),
    (15, date(2027, 10, 8)),
    (16, date(2027, 12, 14)),
    (17, date(2027, 12, 20)),
    (18, date(2027, 12, 27)),
    (19, date(2027, 12, 30)),
    (20, date(2028, 1, 10)),
    (21, date(2028, 4, 6)),
    (22, date(2028, 9, 20)),
    (23, date(2028, 10, 9)),
    (24, date(2028, 12, 11)),
    (25, date(2028, 12, 28)),
]
DUTIES = {
    "applicant_talk": 2,
    "activist_determination": 3,
    "activist_filing": 4,
    "mentor_assignment": 5,
    "development_target_determination": 7,
    "target_consent": 8,
    "introducer_appointment": 9,
    "political_review": 10,
    "development_target_training": 11,
    "committee_review_pre_review": 13,
    "admission_meeting": 15,
    "committee_interview": 16,
    "committee_approval_tracking": 17,
    "admission_filing": 18,
    "probationer_assignment": 19,
    "admission_oath": 20,
    "conversion_application": 22,
    "probation_conversion": 23,
    "conversion_approval": 24,
    "recruitment_archive": 25,
}


class House:
    """A branch of three full members below a committee that may approve; of all actions recruiting alone."""

    def __init__(self, folder: Path) -> None:
        self.committee, _, (self.branch, self.other) = make_tree(2)
        Organisation.objects.filter(pk=self.committee.pk).update(approves_members=True)
        self.committee.refresh_from_db()
        self.people: list[Member] = [make_member(self.branch) for _ in range(3)]
        actions = yaml.safe_load(CATALOGUE.read_text("utf-8"))["actions"]
        wanted = [row for row in actions if row["category"] == "recruitment"]
        path = folder / "recruiting.yaml"
        path.write_text(yaml.safe_dump({"actions": wanted}, allow_unicode=True), "utf-8")
        load_catalogue(on=date(2026, 6, 1), path=path)

    def apply(self, on: date, name: str = "某人") -> DevelopmentCase:
        member = make_applicant(self.branch, name=name)
        add_event(member, kind=EventKind.APPLIED, on=on, organisation=self.branch, by=None)
        data = StepData(done_on=on, document="入党申请书")
        return open_case(member, applied_on=on, by=None, on=on, data=data)

    def record(self, case: DevelopmentCase, number: int, on: date, **fields: Any) -> None:
        until = {8: date(2027, 8, 2), 11: date(2027, 9, 3)}.get(number)
        today = max(on, until or on)
        given = {"done_on": on, "until_on": until, "note": "" if number == 10 else "见纸质材料", **fields}
        data = step_data(number, committee=self.committee, people=self.people, **given)
        record_step(case, number, data, by=None, on=today)
        case.refresh_from_db()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def run(on: date) -> None:
    refresh(Month.of(on), on=on)


def mine(case: DevelopmentCase) -> dict[str, list[ReminderItem]]:
    """The person's items by action: of the events, of the case and of the person."""
    found: dict[str, list[ReminderItem]] = {}
    items = ReminderItem.objects.select_related("action", "version").exclude(subject="")
    for item in items.filter(subject_name=case.member.name).order_by("opens_on", "pk"):
        found.setdefault(item.action.code, []).append(item)
    return found


def days(until: date) -> Iterator[date]:
    """The first and the middle of every month of the way."""
    for month in month_range(Month(2026, 6), Month.of(until)):
        yield from (month.first, month.day(15))


def test_a_whole_way_makes_every_duty_once_and_closes_it_by_its_step(house: House) -> None:
    case = house.apply(date(2026, 6, 1))
    todo = [*WAY]
    for day in days(date(2028, 12, 1)):
        while todo and todo[0][1] < day:
            number, on = todo.pop(0)
            house.record(case, number, on)
            run(max(on, date(2027, 8, 2) if number == 8 else on))
        run(day)
    house.record(case, *todo.pop(0))
    run(WAY[-1][1])
    case.refresh_from_db()
    assert case.state == CaseState.COMPLETED
    found = mine(case)
    reviews = {code: found.pop(code) for code in ("activist_review", "probationary_education")}
    steps = dict(WAY)
    assert {code: [item.done_on for item in items] for code, items in found.items()} == {
        code: [steps[number]] for code, number in DUTIES.items()
    }
    assert [item.done_on for item in reviews["activist_review"]][:2] == [date(2027, 1, 6), date(2027, 7, 5)]
    assert {item.state for items in found.values() for item in items} == {ItemState.DONE}
    assert {item.settled_by.partition(":")[0] for items in found.values() for item in items} == {
        "event",
        "step",
    }


def test_every_own_step_has_one_action_and_every_matter_a_step(house: House) -> None:
    versions = list(ActionVersion.objects.select_related("action"))
    anchors = Counter(str(version.due_rule.get("anchor")) for version in versions)
    assert {name: n for name, n in anchors.items() if name.startswith(STEP)} == {
        step_anchor(number): 1 for number in OWN_STEPS
    }
    matters = {settling_key(version.action.code, version.due_rule) for version in versions} - {""}
    assert matters - STEP_OF.keys() == {BLOCKED}


def waiting(case: DevelopmentCase) -> list[tuple[Any, ...]]:
    items = ReminderItem.objects.filter(subject_name=case.member.name).unsettled()
    return [(i.action.code, i.subject, i.title, i.due_on) for i in items.order_by("due_on", "pk")]


def walked(house: House, upto: int) -> DevelopmentCase:
    case = house.apply(date(2026, 6, 1))
    for number, on in WAY:
        if number <= upto and on <= dict(WAY)[upto]:
            house.record(case, number, on)
    return case


def test_a_step_of_the_case_names_the_person_and_the_step(house: House) -> None:
    case = walked(house, 3)
    run(date(2026, 7, 12))
    # No rule says by when: a month from the step before is proposed.
    assert waiting(case)[0] == (
        "activist_filing",
        f"case:{case.pk}",
        "积极分子报上级党委备案（某人）",
        date(2026, 8, 10),
    )


def test_a_proposed_day_is_said_to_be_one(house: House) -> None:
    case = walked(house, 3)
    run(date(2026, 7, 12))
    notes = dict(ReminderItem.objects.filter(state=ItemState.OPEN).values_list("action__code", "note"))
    assert notes == {"activist_filing": PROPOSED_DAY, "activist_review": ""}
    assert case.next_due_on is None
    filing = ReminderItem.objects.get(action__code="activist_filing")
    assert tone_and_tag(filing, on=filing.due_on + timedelta(days=1)) == ("soon", "已过建议日期 1 天")


def test_a_late_step_is_done_late_with_the_day_of_the_step(house: House) -> None:
    case = walked(house, 3)
    run(date(2026, 7, 12))
    run(date(2026, 12, 1))
    house.record(case, 4, date(2026, 11, 30))
    run(date(2026, 12, 1))
    item = ReminderItem.objects.get(action__code="activist_filing")
    assert (item.state, item.done_on) == (ItemState.DONE, date(2026, 11, 30))
    assert item.due_on < date(2026, 11, 30)
    change = ListChange.objects.filter(item=item).order_by("pk").last()
    assert change is not None
    assert (change.kind, change.reason) == (ChangeKind.DONE, "已登记“上级党委备案”，自动办结")


def test_a_corrected_step_opens_its_item_again(house: House) -> None:
    case = walked(house, 3)
    run(date(2026, 7, 12))
    house.record(case, 4, date(2026, 7, 20))
    run(date(2026, 7, 20))
    step = case.steps.get(number=4)
    correct_step(step, reason="登记错了", replacement=None, by=None, on=date(2026, 7, 21))
    run(date(2026, 7, 21))
    item = ReminderItem.objects.get(action__code="activist_filing")
    assert (item.state, item.settled_by, item.done_on, item.reason) == (ItemState.OPEN, "", None, "")
    last = ListChange.objects.filter(item=item).order_by("pk").last()
    assert last is not None
    assert (last.kind, last.reason) == (ChangeKind.RESTORED, "登记已更正，恢复待办")


def hold_up(case: DevelopmentCase, reason: str, since: date) -> None:
    DevelopmentCase.objects.filter(pk=case.pk).update(blocked=reason, blocked_since=since)


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases stay as the test wrote them."""
    monkeypatch.setattr(refresh_module, "refresh_cases", lambda place, *, on: 0)


@pytest.mark.usefixtures("frozen")
def test_a_blocked_case_is_one_item_that_says_why(house: House) -> None:
    case = walked(house, 3)
    hold_up(case, "培养联系人不是正式党员", date(2026, 7, 15))
    run(date(2026, 7, 16))
    assert [code for code, *_ in waiting(case)] == ["development_blocked", "activist_review"]
    item = ReminderItem.objects.get(action__code="development_blocked")
    assert (item.action.code, item.subject, item.note) == (
        "development_blocked",
        f"blocked:{case.pk}#2026-07-15",
        "培养联系人不是正式党员",
    )
    hold_up(case, "另有原因", date(2026, 7, 15))
    run(date(2026, 7, 17))
    item.refresh_from_db()
    assert item.note == "另有原因"
    DevelopmentCase.objects.filter(pk=case.pk).update(blocked="", blocked_since=None)
    run(date(2026, 7, 18))
    item.refresh_from_db()
    assert (item.state, item.done_on, item.settled_by) == (
        ItemState.DONE,
        date(2026, 7, 18),
        f"case:{case.pk}",
    )


@pytest.mark.usefixtures("frozen")
def test_held_up_again_is_another_matter(house: House) -> None:
    case = walked(house, 3)
    for since in (date(2026, 7, 15), date(2026, 8, 3)):
        hold_up(case, "原因", since)
        run(since)
        DevelopmentCase.objects.filter(pk=case.pk).update(blocked="", blocked_since=None)
        run(since)
    blocked = ReminderItem.objects.filter(action__code="development_blocked")
    assert list(blocked.values_list("state", flat=True)) == [ItemState.DONE] * 2


@pytest.mark.usefixtures("frozen")
def test_a_closed_case_takes_its_items_back(house: House) -> None:
    case = walked(house, 3)
    hold_up(case, "原因", date(2026, 7, 15))
    run(date(2026, 7, 16))
    case.refresh_from_db()
    close_case(case, state=CaseState.DISCONTINUED, on=date(2026, 7, 17), note="本人撤回", by=None)
    run(date(2026, 7, 17))
    assert ReminderItem.objects.get(action__code="development_blocked").state == ItemState.WITHDRAWN


def test_a_step_moves_with_the_person_to_another_branch(house: House) -> None:
    case = walked(house, 3)
    run(date(2026, 7, 12))
    span = case.member.memberships.get(until=None)
    span.until = date(2026, 7, 15)
    span.save()
    case.member.memberships.create(organisation=house.other, status=span.status, since=date(2026, 7, 15))
    run(date(2026, 7, 15))
    items = ReminderItem.objects.filter(action__code="activist_filing").order_by("pk")
    assert [(item.organisation, item.state) for item in items] == [
        (house.branch, ItemState.WITHDRAWN),
        (house.other, ItemState.OPEN),
    ]


def test_what_comes_next_is_derived_before_the_list_is_made(house: House) -> None:
    case = walked(house, 3)
    DevelopmentCase.objects.filter(pk=case.pk).update(next_step=None, next_due_on=None)
    run(date(2026, 7, 12))
    case.refresh_from_db()
    assert case.next_step == 4
    assert [code for code, *_ in waiting(case)] == ["activist_filing", "activist_review"]


def test_a_review_closes_the_turn_in_which_it_was_held_and_one_turn_only(house: House) -> None:
    case = walked(house, 5)
    run(date(2027, 1, 12))
    reviews = ReminderItem.objects.filter(action__code="activist_review").order_by("opens_on")
    run(date(2027, 2, 1))
    assert list(reviews.values_list("state", flat=True)) == [ItemState.OPEN] * 2
    house.record(case, 6, date(2027, 2, 1))
    run(date(2027, 2, 1))
    late, coming = reviews
    assert (late.state, late.done_on, late.done_on and late.done_on > late.due_on) == (
        ItemState.DONE,
        date(2027, 2, 1),
        True,
    )
    assert coming.state == ItemState.OPEN
    run(date(2027, 3, 1))
    coming.refresh_from_db()
    assert coming.state == ItemState.OPEN
