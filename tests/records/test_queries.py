"""Reads of records: the tick list, class hours, who still has to be talked with."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from branches.models import Member, Membership, Organisation
from branches.rules import MemberStatus, Role
from records.actions import AttendanceData, RecordData, TalkData, cancel_record, make_record
from records.models import Record
from records.queries import attendance_options, hours_of, talk_coverage
from records.rules import RecordKind
from tests.factories.branches import make_member, make_organisation, make_post

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def attend(
    branch: Organisation,
    *people: Member,
    held_on: date = date(2026, 5, 8),
    hours: str = "2",
    kind: RecordKind = RecordKind.LECTURE,
    absent: Sequence[Member] = (),
) -> Record:
    data = RecordData(
        kind=kind,
        held_on=held_on,
        hours=Decimal(hours) if hours else None,
        attendance=(
            *(AttendanceData(person) for person in people),
            *(AttendanceData(person, present=False) for person in absent),
        ),
    )
    return make_record(branch, data=data, by=None, on=TODAY)


def talk(branch: Organisation, talker: Member, partner: Member, held_on: date = date(2026, 6, 1)) -> Record:
    data = RecordData(kind=RecordKind.TALK_COVERAGE, held_on=held_on, talks=(TalkData(talker, partner),))
    return make_record(branch, data=data, by=None, on=TODAY)


def test_the_tick_list_names_party_members_of_that_day(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    branch = make_organisation()
    full = make_member(branch, code="B")
    probationary = make_member(branch, code="A", status=MemberStatus.PROBATIONARY)
    make_member(branch, status=MemberStatus.ACTIVIST)
    make_member(branch, since=date(2026, 12, 1))
    make_member(make_organisation())
    make_post(branch, Role.SECRETARY, member=full)
    with django_assert_num_queries(1):
        options = attendance_options(branch, on=TODAY)
    assert [(o.member, o.may_vote, o.on_committee, o.is_secretary) for o in options] == [
        (probationary, False, False, False),
        (full, True, True, True),
    ]


def test_a_post_that_ended_yesterday_is_no_office() -> None:
    branch = make_organisation()
    member = make_member(branch)
    make_post(branch, Role.SECRETARY, member=member, until=date(2026, 11, 21))
    assert [o.on_committee for o in attendance_options(branch, on=TODAY)] == [False]


def test_hours_are_summed_of_what_stands_and_was_attended_this_year() -> None:
    branch = make_organisation()
    one, two = make_member(branch, code="1"), make_member(branch, code="2")
    attend(branch, one, two, hours="2")
    attend(branch, one, hours="1.5", kind=RecordKind.ACTIVITY, absent=[two])
    attend(branch, one, hours="", kind=RecordKind.MEETING)
    attend(branch, one, two, held_on=date(2025, 12, 31))
    cancel_record(attend(branch, one, two), by=None, on=TODAY)
    rows = hours_of(branch, year=2026, on=TODAY)
    assert [(row.name, row.hours) for row in rows] == [(one.name, Decimal("3.5")), (two.name, Decimal(2))]


def test_hours_go_with_the_person_to_the_next_branch() -> None:
    old, new = make_organisation(), make_organisation()
    member = make_member(old)
    attend(old, member, hours="3")
    Membership.objects.filter(member=member).update(until=date(2026, 7, 1))
    Membership.objects.create(
        member=member, organisation=new, status=MemberStatus.FULL, since=date(2026, 7, 1)
    )
    assert hours_of(old, year=2026, on=TODAY) == []
    assert [row.hours for row in hours_of(new, year=2026, on=TODAY)] == [Decimal(3)]


def test_hours_of_an_earlier_day_are_those_of_that_day() -> None:
    branch = make_organisation()
    member = make_member(branch)
    attend(branch, member, held_on=date(2026, 5, 8))
    assert [row.hours for row in hours_of(branch, year=2026, on=date(2026, 5, 7))] == [Decimal(0)]
    assert [row.hours for row in hours_of(branch, year=2026, on=date(2026, 5, 8))] == [Decimal(2)]


def branch_with_committee() -> tuple[Organisation, Member, Member, list[Member]]:
    branch = make_organisation()
    secretary, commissioner = make_member(branch, code="1"), make_member(branch, code="2")
    members = [make_member(branch, code=str(n)) for n in (3, 4)]
    make_post(branch, Role.SECRETARY, member=secretary)
    make_post(branch, Role.ORGANISATION_COMMISSIONER, member=commissioner)
    return branch, secretary, commissioner, members


def test_committee_talks_with_the_secretary_members_with_either(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    branch, secretary, commissioner, (third, fourth) = branch_with_committee()
    with django_assert_num_queries(2):
        coverage = talk_coverage(branch, year=2026, on=TODAY)
    assert [(row.name, row.wanted, row.partners) for row in coverage.rows] == [
        (commissioner.name, "与书记", (secretary.pk,)),
        (third.name, "与书记或委员", (secretary.pk, commissioner.pk)),
        (fourth.name, "与书记或委员", (secretary.pk, commissioner.pk)),
    ]
    assert coverage.missing_names == (commissioner.name, third.name, fourth.name)
    talk(branch, third, secretary)
    talk(branch, third, fourth)
    talk(branch, commissioner, fourth, held_on=date(2026, 8, 1))
    coverage = talk_coverage(branch, year=2026, on=TODAY)
    assert [(row.name, row.last_with, row.last_on) for row in coverage.rows] == [
        (commissioner.name, "", None),
        (third.name, secretary.name, date(2026, 6, 1)),
        (fourth.name, commissioner.name, date(2026, 8, 1)),
    ]


def test_talks_of_last_year_or_taken_back_do_not_count() -> None:
    branch, secretary, commissioner, _ = branch_with_committee()
    talk(branch, secretary, commissioner, held_on=date(2025, 12, 31))
    cancel_record(talk(branch, secretary, commissioner), by=None, on=TODAY)
    assert talk_coverage(branch, year=2026, on=TODAY).missing_names[0] == commissioner.name


def test_without_any_office_every_talk_counts_and_one_person_needs_none() -> None:
    branch = make_organisation()
    one = make_member(branch, code="1")
    assert talk_coverage(branch, year=2026, on=TODAY).rows == ()
    two = make_member(branch, code="2")
    talk(branch, one, two)
    assert talk_coverage(branch, year=2026, on=TODAY).missing == ()
