"""Two people confirm at the same moment, on PostgreSQL: SQLite lets one writer in at a time."""

from datetime import date

import pytest

from branches.actions.members import add_event, add_member
from branches.actions.roster.imports import (
    ImportDecided,
    commit_import,
    discard_import,
    preview_import,
    request_import,
)
from branches.actions.roster.writing import RosterChanged
from branches.models import Member, MemberEvent, Membership, Organisation, RosterImport
from branches.rules import EventKind, MemberStatus, OrganisationKind, Role
from jobs.actions import claim
from tests.branches.test_at_once import first_then, outcome
from tests.factories.branches import make_holder, make_member, make_organisation
from tests.factories.rosters import book

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
DAY = date(2026, 11, 22)
NEW = ("", "唐志明", "", "BR03", "正式党员", "", "", "")


def house() -> Organisation:
    general = make_organisation("DZ01", kind=OrganisationKind.GENERAL_BRANCH)
    make_organisation("BR03", parent=general)
    return general


def previewed(general: Organisation, line: tuple[str, ...] = NEW) -> RosterImport:
    by = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    content = book(line)
    row = request_import(general, content=content, file_name="名册.xlsx", roster_day=DAY, by=by, today=DAY)
    job = claim(str(row.job_id))
    assert job is not None
    preview_import(job, on=DAY)
    return RosterImport.objects.get(pk=row.pk)


def commit(row: RosterImport) -> object:
    return commit_import(row, by=row.made_by, today=DAY)


def test_a_double_click_writes_once() -> None:
    row = previewed(house())
    results = first_then(lambda: commit(row), lambda: commit(RosterImport.objects.get(pk=row.pk)))
    assert outcome(results) == [RosterImport, ImportDecided]
    assert Member.objects.filter(name="唐志明").count() == 1


def test_of_two_files_with_the_same_new_person_the_second_looks_again() -> None:
    general = house()
    first, second = previewed(general), previewed(general)
    results = first_then(lambda: commit(first), lambda: commit(second))
    assert outcome(results) == [RosterImport, RosterChanged]
    assert Member.objects.filter(name="唐志明").count() == 1


def test_a_code_given_on_a_page_meanwhile_keeps_the_whole_roster_out() -> None:
    general = house()
    row, place = previewed(general, ("M500", *NEW[1:])), Organisation.objects.get(code="BR03")
    facts = {"status": MemberStatus.FULL, "since": DAY, "by": row.made_by}
    results = first_then(
        lambda: add_member(code="M500", name="谢建平", organisation=place, **facts),  # type: ignore[arg-type]  # mixed values
        lambda: commit(row),
    )
    assert outcome(results) == [Member, RosterChanged]
    assert list(Member.objects.values_list("name", flat=True)) == ["谢建平"]


def test_an_event_entered_while_a_roster_is_written_stands_on_it() -> None:
    general = house()
    place = Organisation.objects.get(code="BR03")
    person = make_member(place, code="M400", name="雷彩霞", since=date(2020, 1, 1))
    row = previewed(general, ("M400", "雷彩霞", "", "BR03", "正式党员", "", "", "2021-01-01"))
    results = first_then(
        lambda: commit(row), lambda: add_event(person, kind=EventKind.RETIRED, on=DAY, by=row.made_by)
    )
    assert outcome(results) == [RosterImport, MemberEvent]
    spans = list(Membership.objects.filter(member=person).values_list("since", "until"))
    assert spans == [(date(2021, 1, 1), DAY)]


def test_a_roster_waits_for_an_event_and_looks_again() -> None:
    general = house()
    person = make_member(Organisation.objects.get(code="BR03"), code="M400", since=date(2020, 1, 1))
    row = previewed(general, ("M400", person.name, "", "BR03", "正式党员", "", "", "2021-01-01"))
    results = first_then(
        lambda: add_event(person, kind=EventKind.RETIRED, on=DAY, by=row.made_by), lambda: commit(row)
    )
    assert outcome(results) == [MemberEvent, RosterChanged]


def test_a_file_let_go_is_not_written() -> None:
    row = previewed(house())
    results = first_then(lambda: discard_import(row, by=row.made_by), lambda: commit(row))
    assert outcome(results) == [type(None), ImportDecided]
    assert Member.objects.count() == 0
