"""Each condition of applies_when: true where the dated facts say so, on the day they say so."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from branches.models import MemberEvent, Membership, Organisation, PartyGroup, Post
from branches.rules import EventKind, MemberStatus, Role
from periods.months import Month
from reminders.actions.refresh import refresh
from reminders.models import ReminderItem
from reminders.rules import ItemState
from tests.factories.branches import LONG_AGO, make_member, make_organisation, make_post
from tests.factories.reminders import make_action

pytestmark = pytest.mark.django_db
MAY = Month(2026, 5)
DAY = date(2026, 5, 10)
COMMITTEE = (Role.SECRETARY, Role.ORGANISATION_COMMISSIONER, Role.PUBLICITY_COMMISSIONER)
SetUp = Callable[[Organisation], object]


def people(branch: Organisation, count: int, status: MemberStatus = MemberStatus.FULL) -> None:
    for _ in range(count):
        make_member(branch, status=status)


def committee(branch: Organisation, full: int = 7, roles: tuple[Role, ...] = COMMITTEE) -> None:
    people(branch, full - len(roles))
    for role in roles:
        make_post(branch, role, member=make_member(branch))


def one_person_with_every_post(branch: Organisation) -> None:
    people(branch, 6)
    member = make_member(branch)
    for role in COMMITTEE:
        make_post(branch, role, member=member)


def group(branch: Organisation, since: date = LONG_AGO, until: date | None = None) -> None:
    PartyGroup.objects.create(organisation=branch, name="第一党小组", since=since, until=until)


def seconded(branch: Organisation, on: date, *, back: date | None = None, corrected: bool = False) -> None:
    member = make_member(branch)
    gone = MemberEvent.objects.create(member=member, kind=EventKind.SECONDED, on=on)
    if back:
        MemberEvent.objects.create(member=member, kind=EventKind.RETURNED, on=back)
    if corrected:
        MemberEvent.objects.filter(pk=gone.pk).update(corrected_at="2026-01-01T00:00:00Z")


def leaving(branch: Organisation, count: int, until: date, full: int = 4) -> None:
    people(branch, full)
    leavers = Membership.objects.filter(organisation=branch).order_by("pk")[:count]
    Membership.objects.filter(pk__in=leavers.values("pk")).update(until=until)


def ended(branch: Organisation, role: Role, until: date) -> None:
    make_post(branch, role, member=make_member(branch), until=until)


def led(branch: Organisation) -> Post:
    return make_post(branch, Role.SECRETARY, member=make_member(branch))


def led_without_deputy(branch: Organisation, since: date) -> None:
    led(branch)
    ended(branch, Role.DEPUTY_SECRETARY, since)


FACTS: list[tuple[str, SetUp, bool]] = [
    ("has_committee", committee, True),
    ("has_committee", lambda b: committee(b, full=6), False),
    ("has_committee", lambda b: committee(b, roles=COMMITTEE[:2]), False),
    ("has_committee", one_person_with_every_post, False),
    ("has_groups", group, True),
    ("has_groups", lambda b: group(b, since=DAY), True),
    ("has_groups", lambda b: group(b, since=DAY + timedelta(days=1)), False),
    ("has_groups", lambda b: group(b, until=DAY), False),
    ("has_activist", lambda b: people(b, 2, MemberStatus.ACTIVIST), True),
    ("has_activist", lambda b: people(b, 2, MemberStatus.APPLICANT), False),
    ("has_applicant", lambda b: people(b, 1, MemberStatus.APPLICANT), True),
    ("has_development_target", lambda b: people(b, 1, MemberStatus.DEVELOPMENT_TARGET), True),
    ("has_probationary", lambda b: people(b, 1, MemberStatus.PROBATIONARY), True),
    ("has_probationary", lambda b: people(b, 3), False),
    ("has_mobile_members", lambda b: seconded(b, date(2025, 11, 10)), True),
    ("has_mobile_members", lambda b: seconded(b, date(2025, 11, 11)), False),
    ("has_mobile_members", lambda b: seconded(b, date(2025, 1, 1), back=date(2025, 12, 1)), False),
    ("has_mobile_members", lambda b: seconded(b, date(2025, 1, 1), back=DAY + timedelta(days=1)), True),
    ("has_mobile_members", lambda b: seconded(b, date(2025, 1, 1), corrected=True), False),
    ("office_vacant", lambda b: people(b, 3), True),
    ("office_vacant", led, False),
    ("office_vacant", committee, False),
    ("office_vacant", lambda b: committee(b, roles=COMMITTEE[:2]), True),
    ("office_vacant", lambda b: led_without_deputy(b, date(2026, 4, 1)), True),
    ("office_vacant", lambda b: led_without_deputy(b, date(2025, 4, 1)), False),
    ("headcount_risk", lambda b: people(b, 3), False),
    ("headcount_risk", lambda b: people(b, 2), True),
    ("headcount_risk", lambda b: None, False),
    ("headcount_risk", lambda b: leaving(b, 2, date(2026, 11, 10)), True),
    ("headcount_risk", lambda b: leaving(b, 2, date(2026, 11, 11)), False),
    ("headcount_risk", lambda b: leaving(b, 1, date(2026, 6, 1)), False),
    ("role:secretary", led, True),
    ("role:secretary", lambda b: ended(b, Role.SECRETARY, date(2026, 5, 9)), False),
    ("role:deputy_secretary", lambda b: ended(b, Role.DEPUTY_SECRETARY, DAY), True),
    ("role:deputy_secretary", led, False),
    ("role:committee_member", lambda b: ended(b, Role.DISCIPLINE_COMMISSIONER, DAY), True),
    ("role:committee_member", lambda b: make_post(b, Role.WORKER), False),
    ("open_errors", led, False),
    ("trigger:absence_or_arrears", led, False),
    ("all", lambda b: None, True),
    ("general_branch", committee, False),
]


@pytest.mark.parametrize(("condition", "given", "applies"), FACTS)
def test_condition(condition: str, given: SetUp, applies: bool) -> None:
    branch = make_organisation("A")
    given(branch)
    make_action("x", applies_when=[condition])
    assert refresh(MAY, on=DAY).created == int(applies)


def test_alternatives_make_one_item() -> None:
    committee(make_organisation("A"))
    make_organisation("B")
    make_action("x", applies_when=["role:secretary", "role:deputy_secretary", "role:committee_member"])
    assert refresh(MAY, on=DAY).created == 1
    assert ReminderItem.objects.get().subject == ""
    assert refresh(MAY, on=DAY).unchanged == 1


def test_one_item_for_each_person() -> None:
    branch = make_organisation("A")
    activist = make_member(branch, name="甲", status=MemberStatus.ACTIVIST)
    probationer = make_member(branch, name="乙", status=MemberStatus.PROBATIONARY)
    make_member(branch, name="丙")
    rule = {"kind": "periodic", "period": "quarter", "per_person": True}
    make_action("x", applies_when=["has_activist", "has_probationary"], due_rule=rule)
    assert refresh(MAY, on=DAY).created == 2
    rows = ReminderItem.objects.order_by("pk").values_list("subject", "subject_name", "period")
    assert sorted(rows) == [
        (f"member:{activist.pk}", "甲", "2026Q2"),
        (f"member:{probationer.pk}", "乙", "2026Q2"),
    ]


def test_a_person_who_is_one_no_more_loses_the_item() -> None:
    branch = make_organisation("A")
    activist = make_member(branch, status=MemberStatus.ACTIVIST)
    make_member(branch, status=MemberStatus.ACTIVIST)
    make_action(
        "x",
        applies_when=["has_activist"],
        due_rule={"kind": "periodic", "period": "month", "per_person": True},
    )
    refresh(MAY, on=DAY)
    Membership.objects.filter(member=activist).update(until=DAY)
    result = refresh(MAY, on=DAY)
    assert (result.withdrawn, result.unchanged) == (1, 1)
    gone = ReminderItem.objects.get(state=ItemState.WITHDRAWN)
    assert (gone.subject, gone.reason) == (f"member:{activist.pk}", "此人身份已变化，不再适用")


def test_the_same_facts_for_people_and_for_the_branch() -> None:
    branch = make_organisation("A")
    people(branch, 2, MemberStatus.PROBATIONARY)
    make_action(
        "each",
        applies_when=["has_probationary"],
        due_rule={"kind": "periodic", "period": "year", "per_person": True},
    )
    make_action("once", applies_when=["has_probationary"])
    refresh(MAY, on=DAY)
    codes = ReminderItem.objects.order_by("action__code").values_list("action__code", flat=True)
    assert list(codes) == ["each", "each", "once"]


@pytest.mark.parametrize(
    ("month", "on", "applies"), [(MAY, DAY, 1), (MAY, date(2026, 7, 1), 0), (Month(2026, 4), DAY, 1)]
)
def test_conditions_are_asked_within_the_month(month: Month, on: date, applies: int) -> None:
    """Of the running month today counts, of a past one its last day."""
    group(make_organisation("A"), until=date(2026, 5, 20))
    make_action("x", applies_when=["has_groups"])
    assert refresh(month, on=on).created == applies
