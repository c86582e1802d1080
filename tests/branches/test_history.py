"""Past days: what the queries answer equals a naive replay of the events."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from branches.actions.groups import add_party_group, change_party_group
from branches.actions.members import EventData, add_event, correct_event
from branches.actions.organisations import move_organisation, set_units, update_organisation
from branches.actions.terms import add_term, extend_term
from branches.models import Member, MemberEvent, Organisation
from branches.queries.history import (
    TermOn,
    groups_on,
    name_on,
    names_on,
    parent_on,
    parents_on,
    place_on,
    term_on,
    timeline_of,
    units_on,
)
from branches.queries.people import member_page
from branches.queries.tree import past_tree_for
from branches.rules import EventKind, MemberStatus, OrganisationKind, Refusal
from tests.branches.conftest import House
from tests.factories.branches import make_member, make_organisation

Counter = Callable[[int], AbstractContextManager[object]]
FIRST, LAST = date(2024, 2, 20), date(2024, 3, 9)
DAYS = st.dates(FIRST, LAST)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


class OrganisationHistory(TestCase):
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        renames=st.lists(st.tuples(DAYS, st.sampled_from("甲乙丙丁")), max_size=4),
        moves=st.lists(st.tuples(DAYS, st.integers(0, 2)), max_size=4),
        units=st.lists(st.tuples(DAYS, st.sets(st.sampled_from(["一站", "二站", "三站"]))), max_size=4),
    )
    def test_any_day_equals_a_replay(
        self,
        renames: list[tuple[date, str]],
        moves: list[tuple[date, int]],
        units: list[tuple[date, set[str]]],
    ) -> None:
        above = [make_organisation(kind=OrganisationKind.GENERAL_BRANCH) for _ in range(3)]
        branch = make_organisation(parent=above[0], name="原名")
        renames.sort(key=lambda row: row[0])
        moves.sort(key=lambda row: row[0])
        units.sort(key=lambda row: row[0])
        for on, name in renames:
            update_organisation(branch, by=None, name=name, renamed_on=on)
        for on, number in moves:
            move_organisation(branch, parent=above[number], on=on, by=None)
        for on, wanted in units:
            set_units(branch, names=sorted(wanted), on=on, by=None)
        for day in EVERY_DAY:
            name = [n for on, n in [(FIRST, "原名"), *renames] if on <= day][-1]
            place = [above[n] for on, n in [(FIRST, 0), *moves] if on <= day][-1]
            covered = [w for on, w in [(FIRST, set[str]()), *units] if on <= day][-1]
            assert name_on(branch, on=day) == name
            assert parent_on(branch, on=day) == place
            assert {unit.name for unit in units_on(branch, on=day)} == covered


def replay(member: Member, day: date) -> tuple[str, int] | None:
    """Status and branch after every standing event up to that day, read one by one."""
    status, place = "", None
    after = {
        EventKind.ACTIVIST: MemberStatus.ACTIVIST,
        EventKind.ADMITTED: MemberStatus.PROBATIONARY,
        EventKind.CONVERTED: MemberStatus.FULL,
    }
    rank = {EventKind.REGISTERED: 0, EventKind.CONVERTED: 1, EventKind.MOVED_OUT: 2}
    rows = MemberEvent.objects.filter(member=member, corrected_at=None, on__lte=day)
    for event in sorted(rows, key=lambda e: (e.on, rank.get(EventKind(e.kind), 3))):
        if event.kind in (EventKind.MOVED_OUT, EventKind.DECEASED):
            place = None
            continue
        place = event.organisation_id or place
        status = after.get(EventKind(event.kind)) or event.status or status
    return (status, place) if place else None


STEPS = st.lists(
    st.tuples(
        DAYS,
        st.sampled_from([EventKind.MOVED_OUT, EventKind.MOVED_IN, EventKind.CONVERTED, EventKind.SECONDED]),
        st.integers(0, 1),
        st.booleans(),
    ),
    max_size=6,
)


class MemberHistory(TestCase):
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=STEPS)
    def test_any_day_of_a_person_equals_a_replay(
        self, steps: list[tuple[date, EventKind, int, bool]]
    ) -> None:
        places = [make_organisation(), make_organisation()]
        member = make_member(places[0], status=MemberStatus.PROBATIONARY, since=FIRST)
        for on, kind, number, withdrawn in steps:
            place = places[number] if kind == EventKind.MOVED_IN else None
            try:
                event = add_event(member, kind=kind, on=on, organisation=place, by=None)
                if withdrawn:
                    correct_event(event, reason="录错", by=None, replacement=None)
            except Refusal:
                continue
        for day in EVERY_DAY:
            found = place_on(member, on=day)
            assert (found and (found.status, found.organisation.pk)) == replay(member, day)


def test_lists_cost_one_statement(house: House, django_assert_num_queries: Counter) -> None:
    update_organisation(house.br03, by=None, name="新名", renamed_on=date(2024, 1, 1))
    for rows in ([house.br03], [house.br03, house.br04, house.general]):
        with django_assert_num_queries(2):
            names, parents = names_on(rows, on=date(2023, 1, 1)), parents_on(rows, on=date(2023, 1, 1))
        assert names[house.br03.pk] == "红土坡党支部"
        assert parents[house.br03.pk] == house.general.pk


def test_the_past_tree_has_names_and_places_of_its_day(house: House) -> None:
    other = make_organisation(
        "DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee, name="二总支"
    )
    move_organisation(house.br04, parent=other, on=date(2025, 1, 1), by=None)
    update_organisation(house.br03, by=None, name="新名", renamed_on=date(2025, 1, 1))
    Organisation.objects.filter(pk=other.pk).update(established_on=date(2024, 6, 1))

    def tree(past: date) -> list[tuple[str, int]]:
        found = past_tree_for(house.overseer, on=date(2026, 1, 1), past=past)
        return [(node.name, node.depth) for node in found]

    assert tree(date(2024, 5, 31)) == [
        ("上级党委", 0),
        ("分公司党总支", 1),
        ("红土坡党支部", 2),
        ("松林口党支部", 2),
    ]
    assert tree(date(2025, 1, 1)) == [
        ("上级党委", 0),
        ("分公司党总支", 1),
        ("新名", 2),
        ("二总支", 1),
        ("松林口党支部", 2),
    ]


def test_an_extension_counts_from_its_decision(house: House) -> None:
    assert term_on(house.br03, on=date(2024, 1, 1)) is None
    term = add_term(house.br03, elected_on=date(2021, 5, 12), ends_on=date(2024, 5, 12), by=None)
    extend_term(term, to=date(2024, 11, 12), basis="批复", on=date(2024, 4, 1), by=None)
    assert term_on(house.br03, on=date(2024, 3, 31)) == TermOn(date(2021, 5, 12), date(2024, 5, 12))
    assert term_on(house.br03, on=date(2024, 4, 1)) == TermOn(
        date(2021, 5, 12), date(2024, 11, 12), extended=True
    )


def people(organisation: Organisation, on: date) -> list[tuple[str | None, list[str]]]:
    return [
        (group.leader.name if group.leader else None, [member.name for member in group.members])
        for group in groups_on(organisation, on=on)
    ]


def test_who_leaves_the_branch_leaves_the_group_that_day(house: House) -> None:
    stays = make_member(house.br03, name="王宏伟", code="M005")
    group = add_party_group(
        house.br03,
        name="一组",
        since=date(2024, 1, 1),
        by=None,
        leader=house.ours,
        members=[house.ours, stays],
    )
    event = add_event(
        house.ours, kind=EventKind.MOVED_OUT, on=date(2025, 2, 28), announced_on=date(2025, 2, 1), by=None
    )
    assert people(house.br03, date(2023, 12, 31)) == []
    assert people(house.br03, date(2025, 2, 27)) == [("雷彩霞", ["雷彩霞", "王宏伟"])]
    assert people(house.br03, date(2025, 2, 28)) == [(None, ["王宏伟"])]
    correct_event(event, reason="没有转", by=None, replacement=None)
    assert people(house.br03, date(2025, 2, 28)) == [(None, ["王宏伟"])], "stays ended, as posts do"
    leaving = EventData(EventKind.MOVED_OUT, date(2025, 6, 1))
    add_event(house.ours, by=None, kind=leaving.kind, on=leaving.on)
    assert group.seats.filter(member=house.ours).count() == 1


def test_a_known_departure_ends_a_new_seat(house: House) -> None:
    add_event(house.ours, kind=EventKind.MOVED_OUT, on=date(2025, 6, 1), by=None)
    group = add_party_group(house.br03, name="一组", since=date(2025, 1, 1), by=None, leader=house.ours)
    assert [seat.until for seat in group.seats.all()] == [date(2025, 6, 1)]
    second = make_member(house.br03)
    change_party_group(
        group, name="一组", on=date(2025, 3, 1), by=None, leader=house.ours, members=[house.ours, second]
    )
    assert [seat.until for seat in group.seats.order_by("pk")] == [date(2025, 6, 1), None]


def test_a_group_of_another_branch_is_left_alone(house: House) -> None:
    group = add_party_group(house.br03, name="一组", since=date(2025, 1, 1), by=None, leader=house.ours)
    add_event(house.theirs, kind=EventKind.MOVED_IN, on=date(2025, 6, 1), organisation=house.br03, by=None)
    assert [seat.until for seat in group.seats.all()] == [None]


def test_a_relation_in_flight_reads_as_such_on_both_sides_of_its_day(house: House) -> None:
    add_event(
        house.ours,
        kind=EventKind.MOVED_OUT,
        on=date(2025, 11, 30),
        announced_on=date(2025, 10, 20),
        by=None,
    )

    def first(on: date) -> tuple[bool, bool, str]:
        entry = member_page(house.ours, on=on).timeline[0]
        return entry.planned, entry.in_flight, entry.becomes

    assert first(date(2025, 10, 19)) == (True, False, "不在本系统的党支部")
    assert first(date(2025, 10, 20)) == (True, True, "不在本系统的党支部")
    assert first(date(2025, 11, 29)) == (True, True, "不在本系统的党支部")
    assert first(date(2025, 11, 30)) == (False, False, "不在本系统的党支部")


def test_a_corrected_event_says_nothing_of_what_followed(house: House) -> None:
    event = add_event(house.ours, kind=EventKind.RETIRED, on=date(2025, 1, 1), by=None)
    correct_event(event, reason="录错", by=None, replacement=None)
    entries = timeline_of([event], house.ours.memberships.all(), on=date(2026, 1, 1))
    assert [(entry.planned, entry.in_flight, entry.becomes) for entry in entries] == [(False, False, "")]
