"""Reads: what they say, and that they cost the same for one row and for many."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest

from branches.actions.members import add_event
from branches.actions.organisations import add_organisations
from branches.models import Member, PartyGroup, Term
from branches.queries.accounts import account_rows, with_state
from branches.queries.calendar import calendar_years
from branches.queries.facts import branch_facts
from branches.queries.findings import findings_of
from branches.queries.people import member_page, people_of, posts_of
from branches.queries.reach import (
    accounts_managed_by,
    candidates_for,
    endable_posts,
    givable_roles,
    givable_roles_anywhere,
    members_without_account,
)
from branches.queries.tree import next_codes, next_member_code, node_of, tree_for
from branches.rules import EventKind, MemberStatus, OrganisationKind, Role
from tests.branches.conftest import House
from tests.factories.branches import make_holder, make_member, make_organisation, make_post, make_user

ON = date(2026, 11, 22)
Counter = Callable[[int], AbstractContextManager[object]]


def test_facts_of_a_branch(house: House) -> None:
    make_member(house.br03, assigned=True)
    make_member(house.br03, status=MemberStatus.PROBATIONARY, since=date(2026, 11, 1))
    make_member(house.br03, status=MemberStatus.ACTIVIST)
    make_member(house.br03, since=ON + timedelta(days=1))
    gone = make_member(house.br03, since=date(2020, 1, 1))
    add_event(gone, kind=EventKind.MOVED_OUT, on=ON, by=None)
    leaving = make_member(house.br03, since=date(2020, 1, 1))
    add_event(leaving, kind=EventKind.RETIRED, on=date(2027, 1, 31), by=None)
    make_post(house.br03, Role.SECRETARY, member=house.ours)
    PartyGroup.objects.create(organisation=house.br03, name="一组", since=date(2025, 1, 1))
    Term.objects.create(organisation=house.br03, elected_on=date(2021, 1, 30), ends_on=date(2024, 1, 30))
    term = Term.objects.create(
        organisation=house.br03, elected_on=date(2024, 1, 30), ends_on=date(2027, 1, 30)
    )
    facts = branch_facts(house.br03, on=ON)
    assert (facts.full, facts.probationary, facts.applicants) == (3, 1, 1)
    assert (facts.own_department, facts.assigned, facts.members) == (2, 1, 4)
    assert (facts.groups, facts.term, facts.months_left, facts.term_near) == (1, term, 2, True)
    assert (facts.secretary, facts.workers) == ("雷彩霞", [house.worker.name])
    assert (facts.vacant, facts.has_committee, facts.committee_due) == ([], False, False)
    assert [(f.tone, f.text) for f in findings_of(house.br03, on=ON)] == [
        ("soon", "正式党员刚好 3 人，再少 1 人就不足设立条件。"),
        ("soon", "本部门正式党员 2 人，不足 3 人；另有抽调 1 人，人员返回前请先安排。"),
        ("soon", "2027-01-31 起将有 1 名正式党员离开，届时剩 3 人。"),
        (
            "soon",
            "任期 2027-01-30 届满，还有 2 个月，请着手准备换届。确需延期的，最多延长 1 年，须经上级批准。",
        ),
        ("soon", "党小组一般不少于 3 人：一组 0 人，可调整划分。"),
    ]


def test_facts_of_seven_full_members_want_a_committee(house: House) -> None:
    for _ in range(6):
        make_member(house.br03)
    assert branch_facts(house.br03, on=ON).committee_due is True
    make_post(house.br03, Role.ORGANISATION_COMMISSIONER, member=house.ours)
    facts = branch_facts(house.br03, on=ON)
    assert facts.has_committee is True
    assert facts.vacant == [Role.SECRETARY, Role.PUBLICITY_COMMISSIONER, Role.DISCIPLINE_COMMISSIONER]


def test_a_general_branch_is_not_judged(house: House) -> None:
    assert branch_facts(house.general, on=ON).vacant == []


def test_tree_of_staff_sums_what_is_below(house: House) -> None:
    make_member(house.br03, status=MemberStatus.PROBATIONARY)
    make_organisation("BR05", parent=house.general, dissolved_on=date(2026, 1, 1))
    found = tree_for(house.staff, on=ON)
    assert [(n.organisation.code, n.depth, n.full, n.probationary) for n in found] == [
        ("DZ01", 0, 2, 1),
        ("BR03", 1, 1, 1),
        ("BR04", 1, 1, 0),
    ]
    searched = tree_for(house.staff, on=ON, search=" br04 ")
    assert [n.organisation.code for n in searched] == ["DZ01", "BR04"]
    assert [n.organisation.code for n in tree_for(house.staff, on=ON, search="松林")] == ["DZ01", "BR04"]
    assert tree_for(house.staff, on=ON, search="没有") == []


def test_tree_of_a_worker_is_the_own_branch(house: House) -> None:
    assert [(n.organisation.code, n.full) for n in tree_for(house.worker, on=ON)] == [("BR03", 1)]


def test_tree_costs_the_same_for_any_number(house: House, django_assert_num_queries: Counter) -> None:
    with django_assert_num_queries(5):
        tree_for(house.staff, on=ON)
    add_organisations(
        names=[f"支部{n}" for n in range(20)], kind=OrganisationKind.BRANCH, parent=house.general, by=None
    )
    with django_assert_num_queries(5):
        tree_for(house.staff, on=ON)


def test_node_of_a_dissolved_branch_is_still_readable(house: House) -> None:
    old = make_organisation(parent=house.general, dissolved_on=date(2026, 1, 1))
    assert node_of(old, on=ON).organisation == old
    assert [n.organisation for n in node_of(house.general, on=ON).children] == [house.br03, house.br04]


def test_codes_follow_the_highest_number(house: House) -> None:
    make_organisation("BRX", parent=house.general)
    assert next_codes(OrganisationKind.BRANCH, 2) == ["BR05", "BR06"]
    assert next_codes(OrganisationKind.GENERAL_BRANCH, 1) == ["DZ02"]
    assert next_codes(OrganisationKind.COMMITTEE, 1) == ["DW02"]
    Member.objects.filter(pk=house.ours.pk).update(code="M1000")
    assert next_member_code() == "M1001"


def test_people_stand_in_the_order_of_their_status(house: House) -> None:
    activist = make_member(house.br03, code="M001", status=MemberStatus.ACTIVIST)
    probationary = make_member(house.br03, code="M002", status=MemberStatus.PROBATIONARY)
    add_event(house.ours, kind=EventKind.RETIRED, on=date(2027, 1, 1), by=None)
    make_post(house.br03, Role.SECRETARY, member=house.ours)
    assert [(p.member, p.posts, p.until) for p in people_of(house.br03, on=ON)] == [
        (house.ours, [Role.SECRETARY], date(2027, 1, 1)),
        (probationary, [], None),
        (activist, [], None),
    ]


def test_posts_show_the_open_ones_first(house: House) -> None:
    ended = make_post(house.br03, Role.SECRETARY, member=house.ours, until=date(2020, 1, 1))
    assert list(posts_of(house.br03)) == [house.worker.posts.get(), ended]


@pytest.mark.parametrize(
    ("extended", "ends"), [(None, date(2027, 7, 27)), (6, date(2028, 1, 27))], ids=["plain", "extended"]
)
def test_the_member_page_reckons_the_probation(house: House, extended: int | None, ends: date) -> None:
    member = make_member(house.br03, status=MemberStatus.PROBATIONARY, since=date(2026, 7, 27))
    if extended:
        add_event(member, kind=EventKind.PROBATION_EXTENDED, on=date(2026, 9, 1), months=extended, by=None)
    page = member_page(member, on=ON)
    assert (page.probation_ends_on, page.span.organisation if page.span else None) == (ends, house.br03)
    assert member_page(house.ours, on=ON).probation_ends_on is None


def test_managed_accounts_and_their_filters(house: House) -> None:
    lei = make_user("lei", name="雷彩霞")
    Member.objects.filter(pk=house.ours.pk).update(user=lei)
    make_user("nobody")
    managed = accounts_managed_by(house.staff, on=ON)
    assert list(with_state(managed, "", "")) == sorted([house.worker, lei], key=lambda user: user.username)
    assert list(with_state(managed, "new", "雷")) == [lei]
    assert list(with_state(managed, "closed", "")) == []
    assert list(with_state(managed, "open", "LEI")) == [lei]
    assert accounts_managed_by(house.worker, on=ON).count() == 0


def test_account_rows_name_the_posts(house: House, django_assert_num_queries: Counter) -> None:
    user = make_user()
    Member.objects.filter(pk=house.ours.pk).update(user=user)
    make_post(house.br03, Role.SECRETARY, member=house.ours)
    make_post(house.br03, Role.DEPUTY_SECRETARY, member=house.ours, until=date(2020, 1, 1))
    with django_assert_num_queries(2):
        rows = account_rows([user, house.worker], on=ON)
    assert [[post.role for post in row.posts] for row in rows] == [["secretary"], ["worker"]]


def test_members_without_account_hold_nothing_beyond(house: House) -> None:
    other = make_organisation("DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee)
    far = make_member(house.br03)
    make_post(other, Role.SECRETARY, member=far)
    assert list(members_without_account(house.staff, on=ON).order_by("code")) == [house.ours, house.theirs]


def test_who_may_give_and_end_which_posts(house: House) -> None:
    assert Role.ADMINISTRATOR not in givable_roles(house.staff, house.general, on=ON)
    assert Role.ADMINISTRATOR in givable_roles(house.administrator, house.general, on=ON)
    assert givable_roles_anywhere(house.administrator, on=ON) == list(Role)
    assert Role.COMMITTEE_STAFF not in givable_roles_anywhere(house.staff, on=ON)
    assert Role.GENERAL_BRANCH_STAFF not in givable_roles(house.staff, house.general, on=ON)
    peer = make_holder(house.general, Role.GENERAL_BRANCH_STAFF)
    assert peer.posts.get() not in endable_posts(house.staff, on=ON)
    here = make_holder(house.general, Role.ADMINISTRATOR)
    assert here.posts.get() not in endable_posts(house.staff, on=ON)
    assert here.posts.get() in endable_posts(house.administrator, on=ON)
    ended = make_post(house.br03, until=ON - timedelta(days=1))
    assert ended not in endable_posts(house.staff, on=ON)


def test_candidates_are_members_below_and_managed_accounts(house: House) -> None:
    make_member(house.br03, status=MemberStatus.ACTIVIST)
    found = candidates_for(house.br03, house.staff, on=ON)
    assert [(c.member, c.user) for c in found[:1]] == [(house.ours, None)]
    assert {c.user for c in found[1:]} == {house.worker}
    assert {c.member for c in candidates_for(house.general, house.staff, on=ON)} == {
        house.ours,
        house.theirs,
        None,
    }


def test_calendar_years_beyond_the_library(db: None) -> None:
    years = calendar_years(on=ON)
    assert [(y.number, y.in_library, y.known) for y in years] == [
        (2026, True, True),
        (2027, False, False),
        (2028, False, False),
    ]
