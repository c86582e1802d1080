"""Two people at the same moment, on PostgreSQL: SQLite lets one writer in at a time."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connections, transaction

from accounts.models import User
from branches.actions.accounts import LastAdministrator, UsernameTaken, disable_account, open_account
from branches.actions.calendar import DayData, set_calendar_days
from branches.actions.events import FactRefused
from branches.actions.events_correct import FactData, correct_organisation_event
from branches.actions.groups import add_party_group
from branches.actions.members import MemberCodeTaken, add_event, add_member, update_member
from branches.actions.organisations import (
    CodeTaken,
    NameTaken,
    add_organisation,
    move_organisation,
    update_organisation,
)
from branches.actions.posts import PostRefused, end_post, give_post
from branches.actions.terms import TermRefused, add_term
from branches.models import GroupSeat, MemberEvent, Organisation, OrganisationEvent, PartyGroup, Post, Term
from branches.rules import EventKind, MemberStatus, OrganisationKind, Role
from tests.factories.branches import make_holder, make_member, make_organisation, make_tree

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ON = date(2026, 11, 22)
WAIT = 5


def first_then(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Run `first` and, before its transaction commits, begin `second`; gives results or errors."""
    done, results = threading.Event(), list[object]([None, None])

    def hold() -> None:
        with transaction.atomic():
            results[0] = first()
            done.set()
            follower.join(1)

    def follow() -> None:
        done.wait(WAIT)
        results[1] = second()

    def kept(work: Callable[[], None], place: int) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except Exception as error:  # the assertion names it
                results[place] = error
            finally:
                done.set()
                connections.close_all()

        return run

    follower = threading.Thread(target=kept(follow, 1))
    leader = threading.Thread(target=kept(hold, 0))
    for thread in (follower, leader):
        thread.start()
    for thread in (leader, follower):
        thread.join()
    return results


def outcome(results: list[object]) -> list[type]:
    return [type(result) for result in results]


def test_one_sign_in_name_is_opened_once() -> None:
    def work() -> object:
        return open_account(username="lei", name="雷彩霞", by=None)

    assert outcome(first_then(work, work)) == [tuple, UsernameTaken]


def test_one_roster_code_is_given_once() -> None:
    branch = make_organisation()
    other = make_member(branch)

    def add() -> object:
        return add_member(
            code="M100", name="某人", organisation=branch, status=MemberStatus.FULL, since=ON, by=None
        ).code

    def rename() -> object:
        return update_member(
            other, by=None, name="某人", code="M100", home_department="", assigned=False, joined_on=None
        )

    assert outcome(first_then(add, add)) == [str, MemberCodeTaken]
    add_again = first_then(lambda: other.pk, rename)
    assert outcome(add_again) == [int, MemberCodeTaken]


def test_one_organisation_code_is_given_once() -> None:
    _, general, branches = make_tree()

    def add() -> object:
        return add_organisation(
            code="X", name="甲", kind=OrganisationKind.BRANCH, parent=general, by=None
        ).code

    def rename(branch: Organisation) -> Callable[[], object]:
        return lambda: update_organisation(branch, by=None, code="Y").code

    assert outcome(first_then(add, add)) == [str, CodeTaken]
    assert outcome(first_then(rename(branches[0]), rename(branches[1]))) == [str, CodeTaken]


def test_the_same_name_is_added_once() -> None:
    _, general, _ = make_tree()

    def add(code: str) -> Callable[[], object]:
        return lambda: (
            add_organisation(code=code, name="甲", kind=OrganisationKind.BRANCH, parent=general, by=None).code
        )

    assert outcome(first_then(add("X"), add("Y"))) == [str, NameTaken]


@pytest.mark.parametrize("moves_first", [True, False])
def test_who_is_added_far_below_a_moving_one_moves_along(moves_first: bool) -> None:
    other = make_organisation(kind=OrganisationKind.COMMITTEE)
    committee, general, _ = make_tree()

    def move() -> object:
        return move_organisation(committee, parent=other, on=date(2026, 11, 22), by=None)

    def add() -> object:
        return add_organisation(code="X", name="甲", kind=OrganisationKind.BRANCH, parent=general, by=None)

    assert outcome(first_then(*((move, add) if moves_first else (add, move)))) == [Organisation] * 2
    made = Organisation.objects.select_related("parent").get(code="X")
    assert made.parent is not None
    assert (made.path, made.parent.path) == (
        f"{other.key}/{committee.key}/{general.key}/{made.key}/",
        f"{other.key}/{committee.key}/{general.key}/",
    )


def test_a_calendar_change_during_a_refresh_is_not_swallowed() -> None:
    """A refresh clears the mark it saw; the change that comes meanwhile sets it again."""
    make_organisation()

    def refreshing() -> object:
        return Organisation.objects.stale().update(facts_changed=False)

    def changing() -> object:
        return set_calendar_days([DayData(date(2027, 1, 1), workday=False)], by=None)

    assert first_then(refreshing, changing) == [1, 1]
    assert Organisation.objects.stale().count() == 1


def test_two_administrators_cannot_end_each_other() -> None:
    committee = make_organisation(kind=OrganisationKind.COMMITTEE)
    one, two = make_holder(committee, Role.ADMINISTRATOR), make_holder(committee, Role.ADMINISTRATOR)

    def ending(post: Post) -> Callable[[], object]:
        return lambda: end_post(post, on=ON, by=None)

    results = first_then(ending(one.posts.get()), ending(two.posts.get()))
    assert outcome(results) == [Post, PostRefused]


def test_two_administrators_cannot_close_each_other() -> None:
    committee = make_organisation(kind=OrganisationKind.COMMITTEE)
    one, two = make_holder(committee, Role.ADMINISTRATOR), make_holder(committee, Role.ADMINISTRATOR)
    me, you = (User.objects.get(pk=user.pk) for user in (one, two))  # as the other request read them
    results = first_then(
        lambda: disable_account(one, by=two, on=ON), lambda: disable_account(you, by=me, on=ON)
    )
    assert outcome(results) == [bool, LastAdministrator]


@pytest.mark.parametrize("leaves_first", [True, False])
def test_a_group_formed_while_a_member_leaves_does_not_keep_them(leaves_first: bool) -> None:
    branch = make_organisation()
    goes, stays = make_member(branch), make_member(branch)

    def leave() -> object:
        return add_event(goes, kind=EventKind.MOVED_OUT, on=ON, by=None)

    def form() -> object:
        return add_party_group(
            branch, name="一组", since=date(2026, 1, 1), by=None, leader=stays, members=[goes, stays]
        )

    order = (leave, form) if leaves_first else (form, leave)
    assert set(outcome(first_then(*order))) == {MemberEvent, PartyGroup}
    assert dict(GroupSeat.objects.values_list("member", "until")) == {goes.pk: ON, stays.pk: None}


def test_one_of_two_corrections_of_a_fact_counts() -> None:
    branch = make_organisation()
    update_organisation(branch, by=None, name="新名", renamed_on=date(2024, 1, 1))
    event = branch.events.get()

    def correcting(day: int) -> Callable[[], object]:
        right = FactData(date(2024, 2, day), name="新名")
        row = OrganisationEvent.objects.get(pk=event.pk)
        return lambda: correct_organisation_event(row, reason="录错", by=None, replacement=right)

    assert outcome(first_then(correcting(1), correcting(2))) == [OrganisationEvent, FactRefused]
    assert branch.events.standing().get().on == date(2024, 2, 1)


def test_one_of_two_equal_elections_counts() -> None:
    branch = make_organisation()

    def elect() -> object:
        return add_term(branch, elected_on=date(2024, 3, 8), ends_on=date(2027, 3, 8), by=None)

    assert outcome(first_then(elect, elect)) == [Term, TermRefused]
    assert branch.events.count() == 1


def test_a_post_given_while_the_member_leaves_ends_with_it() -> None:
    branch = make_organisation()
    member = make_member(branch)
    results = first_then(
        lambda: add_event(member, kind=EventKind.MOVED_OUT, on=ON, by=None),
        lambda: give_post(branch, role=Role.SECRETARY, member=member, since=date(2026, 1, 1), by=None),
    )
    assert isinstance(results[1], Post)
    assert results[1].until == date(2026, 11, 21)
