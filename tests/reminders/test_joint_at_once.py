"""Two people with one plan at the same moment, on PostgreSQL: SQLite lets one writer in at a time."""

from datetime import date

import pytest

from accounts.models import User
from branches.actions.joint import GroupData, PlanRefused, draft_plan, record_step
from branches.models import JointPlan, Organisation
from branches.rules import OrganisationKind, Role
from branches.rules.joint import Filing
from reminders.actions.joint import CarriedOut, CarryOutRefused, carry_out
from tests.branches.test_at_once import first_then
from tests.factories.branches import make_holder, make_member, make_tree

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
TODAY = date(2026, 11, 22)


def draft(general: Organisation, places: list[Organisation], by: User) -> JointPlan:
    group = GroupData("甲乙联合党支部", places, places[0])
    return draft_plan(general, groups=[group], as_of=TODAY, parameters={}, figures={}, by=by)


def test_a_branch_gets_into_one_plan() -> None:
    _, general, places = make_tree()
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    results = first_then(lambda: draft(general, places, staff), lambda: draft(general, places, staff))
    assert [type(result) for result in results] == [JointPlan, PlanRefused]
    assert JointPlan.objects.count() == 1


def test_a_plan_is_carried_out_once() -> None:
    _, general, places = make_tree()
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    for place in places:
        make_member(place)
        make_member(place)
    plan = draft(general, places, staff)
    record_step(plan, number=Filing.REPLY, done_on=TODAY, document="", by=staff, today=TODAY)

    def act() -> CarriedOut:
        return carry_out(JointPlan.objects.get(), effective_on=TODAY, by=staff, today=TODAY)

    results = first_then(act, act)
    assert [type(result) for result in results] == [CarriedOut, CarryOutRefused]
    assert Organisation.objects.filter(kind=OrganisationKind.JOINT_BRANCH).count() == 1
