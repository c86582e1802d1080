"""Whose figures a reader may see together."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from branches.models import AccessGrant
from branches.rules import GrantKind, OrganisationKind, Role
from dashboards.queries.scope import Scope, UnknownScope, scope_of
from tests.factories.branches import make_holder, make_organisation, make_post, make_tree, make_user

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 18)


def names(user: User) -> list[str]:
    scope = scope_of(user, code="", on=ON)
    return [place.name for place in scope.choices] if scope else []


def shown(user: User, code: str = "") -> Scope:
    scope = scope_of(user, code=code, on=ON)
    assert scope is not None
    return scope


def test_who_answers_for_several_sees_the_whole_and_never_one_branch_alone() -> None:
    committee, general, _ = make_tree()
    other = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, parent=committee, name="另一党总支")
    make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="外单位党总支")
    assert names(make_holder(committee, Role.COMMITTEE_STAFF)) == ["上级党委", "党总支", "另一党总支"]
    assert names(make_holder(general, Role.GENERAL_BRANCH_STAFF)) == ["党总支"]
    assert names(make_holder(general, Role.SECRETARY)) == ["党总支"]
    staff = make_holder(other, Role.GENERAL_BRANCH_STAFF)
    assert list(shown(staff).places.in_tree_order()) == [other]


@pytest.mark.parametrize("role", [Role.WORKER, Role.SECRETARY, Role.PUBLICITY_COMMISSIONER])
def test_a_branch_is_seen_by_who_holds_a_post_on_it(role: Role) -> None:
    _, _, (first, second) = make_tree()
    user = make_holder(first, role)
    assert names(user) == [first.name]
    assert shown(user).is_branch
    make_post(second, Role.WORKER, user=user)
    assert names(user) == [first.name, second.name]
    assert shown(user, second.code).place == second


def test_neither_administrators_nor_guests_nor_those_whose_post_ended_see_anything() -> None:
    _, general, (first, _) = make_tree()
    guest = make_user()
    for kind in (GrantKind.ROTATION, GrantKind.STAND_IN):
        AccessGrant.objects.create(
            user=guest,
            organisation=first,
            kind=kind,
            since=date(2026, 11, 1),
            until=date(2026, 12, 1),
            reason="r",
        )
    gone = make_holder(first, Role.WORKER, until=date(2026, 11, 17))
    disabled = make_holder(first, Role.WORKER)
    disabled.is_active = False
    people = [make_holder(general, Role.ADMINISTRATOR), make_holder(general, Role.WORKER), guest, gone]
    assert [names(user) for user in [*people, disabled]] == [[]] * 5


@pytest.mark.parametrize("whose", ["second", "general", "foreign", "nobody"])
def test_a_guessed_scope_is_unknown(whose: str) -> None:
    _, general, (first, second) = make_tree()
    foreign = make_organisation(kind=OrganisationKind.GENERAL_BRANCH)
    codes = {"second": second.code, "general": general.code, "foreign": foreign.code, "nobody": "%"}
    with pytest.raises(UnknownScope):
        scope_of(make_holder(first, Role.WORKER), code=codes[whose], on=ON)


def test_a_dissolved_branch_still_counts_and_stands_no_more() -> None:
    _, general, (first, second) = make_tree()
    second.dissolved_on = date(2026, 3, 1)
    second.save()
    scope = shown(make_holder(general, Role.GENERAL_BRANCH_STAFF))
    assert list(scope.places.in_tree_order()) == [general, first, second]
    assert list(scope.branches(on=ON)) == [first]


def test_one_statement() -> None:
    _, general, _ = make_tree(branches=3)
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        scope_of(staff, code=general.code, on=ON)
    assert len(asked) == 1
