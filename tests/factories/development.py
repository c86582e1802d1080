"""Test data of recruiting: a branch with full members, and cases walked up to a step."""

from datetime import date
from typing import Any

from accounts.models import User
from branches.actions.development import refresh_case
from branches.actions.development_events import event_of
from branches.actions.development_steps import StepData, record_step
from branches.models import DevelopmentCase, Member, MemberEvent, Membership, Organisation
from branches.rules import Event, EventKind, membership_spans
from branches.rules.development_order import APPROVED_STEPS
from tests.factories.branches import make_member

TODAY = date(2026, 11, 22)
# A plausible way, all under the text of 2014 until the admission.
DAYS: dict[int, date] = {
    1: date(2023, 3, 1),
    2: date(2023, 3, 20),
    3: date(2023, 9, 1),
    4: date(2023, 9, 10),
    5: date(2023, 9, 15),
    6: date(2024, 2, 20),
    7: date(2024, 9, 10),
    8: date(2024, 9, 20),
    9: date(2024, 10, 8),
    10: date(2024, 10, 20),
    11: date(2024, 11, 4),
    12: date(2025, 3, 3),
    13: date(2025, 5, 6),
    14: date(2025, 5, 20),
    15: date(2025, 6, 27),
    16: date(2025, 7, 15),
    17: date(2025, 8, 1),
    18: date(2025, 8, 10),
    19: date(2025, 8, 12),
    20: date(2025, 8, 20),
    21: date(2025, 12, 20),
}


def make_applicant(
    organisation: Organisation, *, name: str = "", birth_on: date = date(1995, 5, 4)
) -> Member:
    """A person of the roster without any event yet."""
    member = make_member(organisation, name=name, birth_on=birth_on)
    member.events.all().delete()
    member.memberships.all().delete()
    Member.objects.filter(pk=member.pk).update(joined_on=None)
    member.refresh_from_db()
    return member


def step_data(number: int, *, committee: Organisation, people: list[Member], **fields: Any) -> StepData:
    """What a correct entry of this step holds."""
    given: dict[str, Any] = {"done_on": DAYS.get(number), "document": "有"}
    if number == 10:
        given.pop("document")
    if number in (5, 9):
        given["people"] = tuple(people[:2])
    if number == 9:
        given["introducers_confirmed"] = True
    if number == 6:
        given["note"] = "其余考察见纸质登记表"
    if number in APPROVED_STEPS or number == 4:
        given["decided_by"] = committee
    if number == 11:
        given |= {"days": 3, "until_on": date(2024, 11, 6)}
    if number in (15, 23):
        given |= {"eligible": 3, "present": 3, "approving": 3, "secret_ballot": True}
    return StepData(**(given | fields))


def walk(
    case: DevelopmentCase,
    numbers: range,
    *,
    committee: Organisation,
    people: list[Member],
    by: User | None = None,
) -> None:
    """Record these steps as they should be."""
    for number in numbers:
        data = step_data(
            number, committee=committee, people=people, note="" if number == 10 else "见纸质材料"
        )
        record_step(case, number, data, by=by, on=TODAY)
    case.refresh_from_db()


def make_case(
    organisation: Organisation,
    *,
    upto: int,
    committee: Organisation,
    people: list[Member],
    name: str = "",
    by: User | None = None,
) -> DevelopmentCase:
    """A case that stands at the step `upto`, with rows and events as the actions leave them."""
    member = make_applicant(organisation, name=name)
    case = DevelopmentCase.objects.create(member=member, opened_on=DAYS[1])
    for number in range(1, upto + 1):
        data = step_data(
            number, committee=committee, people=people, note="" if number == 10 else "见纸质材料"
        )
        step = case.steps.create(number=number, entered_by=by, **data.columns())
        step.people.set(data.people)
    _enter_events(case, organisation)
    refresh_case(case, on=TODAY)
    return case


def _enter_events(case: DevelopmentCase, organisation: Organisation) -> None:
    found = [data for step in case.steps.order_by("number") if (data := event_of(step))]
    MemberEvent.objects.bulk_create(
        MemberEvent(
            member=case.member,
            kind=data.kind,
            on=data.on,
            organisation=organisation if data.kind == EventKind.APPLIED else None,
        )
        for data in found
    )
    events = [
        Event(data.kind, data.on, organisation.pk if data.kind == EventKind.APPLIED else None)
        for data in found
    ]
    Membership.objects.bulk_create(
        Membership(
            member=case.member,
            organisation=organisation,
            status=span.status,
            since=span.since,
            until=span.until,
        )
        for span in membership_spans(events)
    )
    admitted = case.steps.filter(number=15).first()
    if admitted:
        Member.objects.filter(pk=case.member_id).update(joined_on=admitted.done_on)
