"""Actions that follow dated events: pending makes an item, settled takes it back, a moved date moves it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from branches.models import Member, MemberEvent, Membership, Organisation, Term
from branches.rules import EventKind, MemberStatus, Role
from periods.months import Month
from reminders.actions.catalogue_load import load_catalogue
from reminders.actions.refresh import refresh
from reminders.actions.refresh_steps import RefreshResult
from reminders.models import ListChange, ReminderItem
from reminders.rules import ChangeKind, ItemState
from tests.factories.branches import make_member, make_organisation, make_post, make_user
from tests.factories.reminders import make_action

pytestmark = pytest.mark.django_db
MAY = Month(2026, 5)
DAY = date(2026, 5, 11)
BEFORE = date(2026, 4, 20)
SetUp = Callable[[Organisation], object]


def rule(anchor: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "event_offset", "anchor": anchor, "due_offset": {"months": 1}, **fields}


def run(on: date = DAY) -> RefreshResult:
    return refresh(Month.of(on), on=on)


def person(branch: Organisation, status: MemberStatus, *events: tuple[EventKind, date]) -> Member:
    """Somebody of that status with these events besides being registered long ago."""
    member = make_member(branch, status=status, name="某人")
    MemberEvent.objects.bulk_create(
        MemberEvent(member=member, kind=kind, on=on, organisation=branch) for kind, on in events
    )
    return member


def moving(branch: Organisation, announced: date, on: date) -> Member:
    member = make_member(branch)
    MemberEvent.objects.create(member=member, kind=EventKind.MOVED_OUT, announced_on=announced, on=on)
    Membership.objects.filter(member=member).update(until=on)
    return member


def term(branch: Organisation, ends_on: date, **fields: Any) -> Term:
    return Term.objects.create(
        organisation=branch, elected_on=ends_on.replace(year=ends_on.year - 3), ends_on=ends_on, **fields
    )


def ended(branch: Organisation, role: Role, until: date, *, member: Member | None = None) -> None:
    if role == Role.WORKER:
        make_post(branch, role, user=make_user(), until=until)
    else:
        make_post(branch, role, member=member or make_member(branch), until=until)


def reelected(branch: Organisation) -> None:
    member = make_member(branch)
    make_post(branch, Role.SECRETARY, member=member, until=BEFORE)
    make_post(branch, Role.SECRETARY, member=member, since=date(2026, 4, 21))


def replaced(branch: Organisation, role: Role) -> None:
    ended(branch, role, BEFORE)
    make_post(branch, role, member=make_member(branch), since=date(2026, 4, 21))


def large(branch: Organisation) -> None:
    for _ in range(7):
        make_member(branch)


def large_with_vacancy(branch: Organisation) -> None:
    large(branch)
    ended(branch, Role.DISCIPLINE_COMMISSIONER, BEFORE)


def falling(branch: Organisation, until: date) -> None:
    members = [make_member(branch) for _ in range(3)]
    Membership.objects.filter(member=members[0]).update(until=until)


APPLICANT, ACTIVIST = MemberStatus.APPLICANT, MemberStatus.ACTIVIST
TARGET, PROBATIONARY, FULL = MemberStatus.DEVELOPMENT_TARGET, MemberStatus.PROBATIONARY, MemberStatus.FULL
E = EventKind
PENDING: list[tuple[str, SetUp, bool]] = [
    ("application_received", lambda b: person(b, APPLICANT, (E.APPLIED, BEFORE)), True),
    ("application_received", lambda b: person(b, APPLICANT, (E.APPLIED, BEFORE), (E.TALKED, DAY)), False),
    ("application_received", lambda b: person(b, ACTIVIST, (E.APPLIED, BEFORE)), False),
    ("talk_done", lambda b: person(b, APPLICANT, (E.TALKED, BEFORE)), True),
    ("talk_done", lambda b: person(b, ACTIVIST, (E.TALKED, BEFORE)), False),
    ("activist_date", lambda b: person(b, ACTIVIST, (E.ACTIVIST, BEFORE)), True),
    ("activist_date", lambda b: person(b, TARGET, (E.ACTIVIST, BEFORE)), False),
    ("development_target_date", lambda b: person(b, TARGET, (E.DEVELOPMENT_TARGET, BEFORE)), True),
    (
        "development_target_date",
        lambda b: person(b, TARGET, (E.DEVELOPMENT_TARGET, BEFORE), (E.PRE_REVIEWED, DAY)),
        False,
    ),
    ("training_done", lambda b: person(b, TARGET, (E.TRAINED, BEFORE)), True),
    ("training_done", lambda b: person(b, TARGET, (E.TRAINED, BEFORE), (E.PRE_REVIEWED, DAY)), False),
    ("pre_review_passed", lambda b: person(b, TARGET, (E.PRE_REVIEWED, BEFORE)), True),
    ("pre_review_passed", lambda b: person(b, PROBATIONARY, (E.PRE_REVIEWED, BEFORE)), False),
    ("admission_meeting_date", lambda b: person(b, PROBATIONARY, (E.ADMITTED, BEFORE)), True),
    (
        "admission_meeting_date",
        lambda b: person(b, PROBATIONARY, (E.ADMITTED, BEFORE), (E.APPROVED, DAY)),
        False,
    ),
    ("approval_notice_date", lambda b: person(b, PROBATIONARY, (E.APPROVED, BEFORE)), True),
    (
        "approval_notice_date",
        lambda b: person(b, PROBATIONARY, (E.APPROVED, BEFORE), (E.OATH_TAKEN, DAY)),
        False,
    ),
    ("conversion_approved", lambda b: person(b, FULL, (E.CONVERSION_APPROVED, BEFORE)), True),
    ("conversion_approved", lambda b: person(b, FULL, (E.CONVERSION_APPROVED, date(2026, 2, 7))), False),
    ("sign_of_problem", lambda b: person(b, FULL, (E.REMINDER_NEEDED, date(2026, 2, 8))), True),
    ("sign_of_problem", lambda b: person(b, FULL, (E.REMINDER_NEEDED, date(2026, 2, 7))), False),
    ("unit_changed_or_away_6_months", lambda b: moving(b, BEFORE, date(2026, 5, 12)), True),
    ("unit_changed_or_away_6_months", lambda b: moving(b, BEFORE, DAY), False),
    ("unit_changed_or_away_6_months", lambda b: moving(b, date(2026, 5, 12), date(2026, 6, 12)), False),
    ("unit_changed_or_away_6_months", lambda b: person(b, FULL, (E.SECONDED, date(2025, 11, 11))), True),
    ("unit_changed_or_away_6_months", lambda b: person(b, FULL, (E.SECONDED, date(2025, 11, 12))), False),
    ("term_end", lambda b: term(b, date(2026, 5, 20)), True),
    ("term_end", lambda b: None, False),
    ("office_vacated", lambda b: ended(b, Role.SECRETARY, BEFORE), True),
    ("office_vacated", lambda b: ended(b, Role.SECRETARY, DAY), False),
    ("office_vacated", lambda b: replaced(b, Role.SECRETARY), False),
    ("office_vacated", lambda b: ended(b, Role.DISCIPLINE_COMMISSIONER, BEFORE), False),
    ("office_vacated", large_with_vacancy, True),
    ("office_vacated", lambda b: ended(b, Role.WORKER, BEFORE), False),
    ("worker_changed", lambda b: ended(b, Role.WORKER, DAY), True),
    ("worker_changed", lambda b: ended(b, Role.SECRETARY, BEFORE), True),
    ("worker_changed", lambda b: ended(b, Role.SECRETARY, date(2026, 2, 7)), False),
    ("worker_changed", lambda b: replaced(b, Role.SECRETARY), True),
    ("worker_changed", reelected, False),
    ("worker_changed", lambda b: make_post(b, Role.WORKER, since=BEFORE), False),
    ("worker_changed", lambda b: ended(b, Role.DEPUTY_SECRETARY, BEFORE), False),
    ("headcount_threshold_crossed", lambda b: falling(b, BEFORE), True),
    ("headcount_threshold_crossed", lambda b: [make_member(b) for _ in range(3)], False),
    ("probation_end", lambda b: person(b, PROBATIONARY, (E.ADMITTED, date(2025, 5, 20))), True),
    ("probation_end", lambda b: person(b, FULL, (E.ADMITTED, date(2025, 5, 20))), False),
    ("error_found", large, False),
]


@pytest.mark.parametrize(("anchor", "given", "pending"), PENDING)
def test_anchor(anchor: str, given: SetUp, pending: bool) -> None:
    given(make_organisation("A"))
    make_action("x", due_rule=rule(anchor))
    assert run().created == int(pending)
    assert run().unchanged == int(pending)


def shown() -> list[tuple[Any, ...]]:
    rows = ReminderItem.objects.order_by("pk").values_list(
        "subject", "subject_name", "opens_on", "due_on", "state"
    )
    assert set(ReminderItem.objects.values_list("period", flat=True)) <= {"event"}
    return list(rows)


def test_the_item_names_the_event_and_the_person() -> None:
    member = person(make_organisation("A"), APPLICANT, (E.APPLIED, BEFORE))
    make_action("x", due_rule=rule("application_received"))
    run()
    event = member.events.get(kind=E.APPLIED)
    assert shown() == [(f"event:{event.pk}", "某人", BEFORE, date(2026, 5, 20), "open")]


def test_a_corrected_event_takes_its_item_back() -> None:
    member = person(make_organisation("A"), FULL, (E.REMINDER_NEEDED, BEFORE))
    make_action("x", due_rule=rule("sign_of_problem"))
    run()
    member.events.filter(kind=E.REMINDER_NEEDED).update(corrected_at="2026-05-11T00:00:00Z")
    assert run().withdrawn == 1
    assert ReminderItem.objects.get().reason == "相关事件已更正或办结"


def test_an_old_happening_is_not_taken_back_by_time_alone() -> None:
    person(make_organisation("A"), FULL, (E.REMINDER_NEEDED, BEFORE))
    make_action("x", due_rule=rule("sign_of_problem"))
    run()
    for later in (date(2026, 9, 1), date(2027, 5, 20), date(2028, 6, 1)):
        assert run(later).withdrawn == 0
    assert ReminderItem.objects.get().state == ItemState.OPEN


def test_a_settled_matter_is_done_by_its_fact_even_overdue() -> None:
    member = person(make_organisation("A"), APPLICANT, (E.APPLIED, BEFORE))
    make_action("x", due_rule=rule("application_received"))
    run()
    MemberEvent.objects.create(member=member, kind=E.TALKED, on=date(2026, 7, 1))
    assert run(date(2026, 6, 30)).carried_over == 1
    result = run(date(2026, 7, 1))
    assert (result.done, result.withdrawn) == (1, 0)


def test_a_pending_matter_from_long_ago_is_made_overdue() -> None:
    person(make_organisation("A"), APPLICANT, (E.APPLIED, date(2024, 1, 10)))
    make_action("x", due_rule=rule("application_received"))
    result = run()
    assert (result.created, result.carried_over) == (1, 1)
    assert shown()[0][3] == date(2024, 2, 9)


def test_an_extended_term_moves_the_item_wherever_it_ends() -> None:
    branch = make_organisation("A")
    mine = term(branch, date(2026, 8, 12))
    make_action("x", due_rule=rule("term_end", due_offset={"days": 0}, alert_before_months=[6, 3, 1]))
    assert run().created == 1
    assert shown() == [(f"term:{mine.pk}", "", date(2026, 2, 12), date(2026, 8, 12), "open")]
    mine.extended_to = date(2027, 8, 12)
    mine.save()
    result = run()
    assert (result.moved, result.withdrawn) == (1, 0)
    assert shown() == [(f"term:{mine.pk}", "", date(2027, 2, 12), date(2027, 8, 12), "open")]
    moved = ListChange.objects.get(kind=ChangeKind.MOVED)
    assert (moved.old_due_on, moved.new_due_on) == (date(2026, 8, 12), date(2027, 8, 12))


def test_a_new_term_closes_the_item_of_the_old() -> None:
    branch = make_organisation("A")
    term(branch, date(2026, 5, 20))
    make_action("x", due_rule=rule("term_end", due_offset={"days": 0}, alert_before_months=[6]))
    run()
    Term.objects.create(organisation=branch, elected_on=DAY, ends_on=date(2029, 5, 11))
    result = run()
    assert (result.done, result.withdrawn, result.created) == (1, 0, 0)


def test_a_term_far_away_makes_nothing_yet() -> None:
    term(make_organisation("A"), date(2026, 12, 12))
    make_action("x", due_rule=rule("term_end", due_offset={"days": 0}, alert_before_months=[6]))
    assert [run(day).created for day in (date(2026, 5, 31), date(2026, 6, 1))] == [0, 1]


def test_an_extended_probation_moves_the_item() -> None:
    member = person(make_organisation("A"), PROBATIONARY, (E.ADMITTED, date(2025, 5, 20)))
    make_action("x", due_rule=rule("probation_end", alert_before_days=[30, 7]))
    run()
    first = (f"member:{member.pk}", "某人", BEFORE, date(2026, 6, 19))
    assert shown() == [(*first[:2], date(2026, 4, 20), date(2026, 6, 18), "open")]
    MemberEvent.objects.create(member=member, kind=E.PROBATION_EXTENDED, on=DAY, months=6)
    assert run().moved == 1
    assert shown() == [(*first[:2], date(2026, 10, 21), date(2026, 12, 18), "open")]


def test_probation_known_only_from_the_register_counts_from_joining() -> None:
    make_member(make_organisation("A"), status=PROBATIONARY, since=date(2025, 5, 20), name="某人")
    make_action("x", due_rule=rule("probation_end"))
    run(date(2026, 5, 20))
    assert shown()[0][2:4] == (date(2026, 5, 20), date(2026, 6, 18))


def test_a_repeated_duty_has_one_item_each_turn() -> None:
    member = person(make_organisation("A"), ACTIVIST, (E.ACTIVIST, date(2025, 9, 15)))
    make_action("x", due_rule=rule("activist_date", due_offset=None, every={"months": 6}))
    event = member.events.get(kind=E.ACTIVIST)
    run(date(2026, 2, 1))
    result = run(date(2026, 3, 1))
    assert (result.created, result.unchanged) == (1, 1)
    assert shown() == [
        (f"event:{event.pk}:1", "某人", date(2025, 9, 15), date(2026, 3, 13), "open"),
        (f"event:{event.pk}:2", "某人", date(2026, 3, 16), date(2026, 9, 15), "open"),
    ]
    assert run(date(2026, 4, 1)).carried_over == 1


def test_turns_overdue_stay_when_the_person_moves_on() -> None:
    member = person(make_organisation("A"), ACTIVIST, (E.ACTIVIST, date(2025, 9, 15)))
    make_action("x", due_rule=rule("activist_date", due_offset=None, every={"months": 6}))
    run(date(2026, 3, 1))
    Membership.objects.filter(member=member).update(status=TARGET)
    assert run(date(2026, 4, 1)).withdrawn == 1
    assert [row[4] for row in shown()] == ["open", "withdrawn"]


def test_a_duty_not_before_a_year_waits_for_it() -> None:
    person(make_organisation("A"), ACTIVIST, (E.ACTIVIST, date(2025, 5, 20)))
    make_action("x", due_rule=rule("activist_date", due_offset=None, not_before={"years": 1}))
    assert [run(date(2026, month, 1)).created for month in (4, 5)] == [0, 1]
    assert shown()[0][2:4] == (date(2026, 5, 20), date(2026, 5, 20))


def test_training_and_review_end_with_their_own_events() -> None:
    load_catalogue(on=DAY)
    person(make_organisation("A"), TARGET, (E.DEVELOPMENT_TARGET, BEFORE), (E.TRAINED, DAY))
    run()
    codes = ReminderItem.objects.filter(period="event").values_list("action__code", flat=True)
    assert sorted(codes) == ["committee_review_pre_review", "political_review"]


def test_a_falling_headcount_is_one_matter_whatever_its_day() -> None:
    branch = make_organisation("A")
    falling(branch, date(2026, 6, 20))
    make_action("x", due_rule=rule("headcount_threshold_crossed"))
    assert [run(day).created for day in (DAY, date(2026, 6, 1))] == [0, 1]
    Membership.objects.filter(until=date(2026, 6, 20)).update(until=date(2026, 6, 10))
    assert run(date(2026, 6, 2)).moved == 1
    assert shown() == [("headcount", "", date(2026, 6, 10), date(2026, 7, 10), "open")]
    assert run(date(2026, 8, 1)).moved == 0
    make_member(branch, since=date(2026, 8, 2))
    result = run(date(2026, 8, 2))
    assert (result.done, result.withdrawn) == (1, 0)


def test_the_person_s_branch_of_today_has_the_item() -> None:
    first, second = make_organisation("A"), make_organisation("B")
    member = person(first, PROBATIONARY, (E.ADMITTED, date(2025, 5, 20)))
    make_action("x", due_rule=rule("probation_end"))
    Membership.objects.filter(member=member).update(until=BEFORE)
    Membership.objects.create(member=member, organisation=second, status=PROBATIONARY, since=BEFORE)
    run()
    assert list(ReminderItem.objects.values_list("organisation", flat=True)) == [second.pk]


def test_one_branch_alone_gets_its_events_alone() -> None:
    first, second = make_organisation("A"), make_organisation("B")
    for branch in (first, second):
        applicant = person(branch, APPLICANT, (E.APPLIED, BEFORE))
        term(branch, date(2026, 5, 20))
        falling(branch, BEFORE)
        ended(branch, Role.SECRETARY, BEFORE, member=applicant)
    for anchor in ("application_received", "term_end", "headcount_threshold_crossed", "office_vacated"):
        make_action(anchor, due_rule=rule(anchor))
    assert refresh(MAY, organisation=first, on=DAY).created == 4
    assert set(ReminderItem.objects.values_list("organisation", flat=True)) == {first.pk}


def test_a_made_up_month_asks_events_as_they_stand_today() -> None:
    branch = make_organisation("A")
    person(branch, APPLICANT, (E.APPLIED, date(2026, 3, 10)), (E.TALKED, date(2026, 4, 1)))
    waiting = person(branch, APPLICANT, (E.APPLIED, date(2026, 3, 12)))
    make_action("x", due_rule=rule("application_received"))
    assert refresh(Month(2026, 3), on=DAY).created == 1
    assert shown()[0][0] == f"event:{waiting.events.get(kind=E.APPLIED).pk}"
