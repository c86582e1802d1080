"""Handovers of branches that become one: they go on there, unless the person keeps the post."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from branches.actions.grants import grant_access
from branches.actions.joint import GroupData, draft_plan, record_step
from branches.models import AccessGrant, JointPlan, JointPlanGroup, Organisation, Post
from branches.rules import GrantKind, OrganisationKind, Role
from branches.rules.joint import Filing
from reminders.actions.handover import open_due_handovers, open_handover
from reminders.actions.joint import carry_out, preview
from reminders.handover_rules import HandoverState
from reminders.models import Handover, StandIn
from tests.factories.branches import make_holder, make_member, make_organisation, make_post, make_user

pytestmark = pytest.mark.django_db
TODAY, DAY, REPLY = date(2026, 11, 22), date(2026, 11, 16), date(2026, 11, 10)


@dataclass
class Case:
    first: Organisation
    second: Organisation
    staff: User
    leaving: Post
    staying: Post
    secretary: Post
    plan: JointPlan


@pytest.fixture
def case() -> Case:
    """Both branches lose their worker at the end of the year; only one of them keeps a secretary."""
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="分公司党总支")
    first = make_organisation("BR01", parent=general, name="甲站党支部")
    second = make_organisation("BR02", parent=general, name="乙站党支部")
    people = [make_member(place, user=make_user()) for place in (first, first, second, second)]
    leaving = make_post(first, Role.WORKER, user=make_user(name="李离任"), until=date(2026, 12, 31))
    staying = make_post(second, Role.WORKER, user=make_user(name="钱留任"))
    make_post(first, Role.SECRETARY, member=people[0])
    secretary = make_post(second, Role.SECRETARY, member=people[2])
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    group = GroupData("甲乙联合党支部", [first, second], first, people[0])
    plan = draft_plan(general, groups=[group], as_of=TODAY, parameters={}, figures={}, by=staff)
    record_step(plan, number=Filing.REPLY, done_on=REPLY, document="", by=staff, today=TODAY)
    return Case(first, second, staff, leaving, staying, secretary, plan)


def carried(case: Case) -> tuple[Organisation, tuple[str, ...]]:
    group = carry_out(case.plan, effective_on=DAY, by=case.staff, today=TODAY).groups[0]
    return group.joined.made, group.handovers_moved


def test_who_keeps_the_post_in_the_joint_branch_hands_nothing_over(case: Case) -> None:
    """The leaver goes along until the known last day, so the old post's handover is over."""
    (old,) = open_due_handovers(on=DAY - timedelta(days=5))
    made, moved = carried(case)
    old.refresh_from_db()
    assert moved == ()
    assert (old.state, old.reason) == (
        HandoverState.CANCELLED,
        "李离任在“甲乙联合党支部”继续担任“党务工作者”。",
    )
    opened = {one.leaver_name: one for one in open_due_handovers(on=TODAY)}
    assert {one.organisation for one in opened.values()} == {made}
    assert opened["李离任"].last_day == date(2026, 12, 31)
    assert opened["李离任"].grant is not None


def test_a_secretary_who_is_none_any_more_hands_over_to_the_new_one(case: Case) -> None:
    made, _ = carried(case)
    opened = {one.leaver_post: one for one in open_due_handovers(on=TODAY)}
    handover = opened[case.secretary]
    assert (handover.organisation, handover.role) == (made, Role.SECRETARY)
    assert handover.newcomer_post == made.posts.get(role=Role.SECRETARY)
    assert case.staying not in opened


def test_a_running_one_goes_on_in_the_joint_branch(case: Case) -> None:
    handover = open_handover(case.secretary, last_day=date(2026, 11, 30), by=case.staff, on=DAY)
    before = handover.grant
    assert before is not None
    shown = preview(case.plan, effective_on=DAY, by=case.staff, today=TODAY).groups[0].handovers_moved
    handover.refresh_from_db()
    assert handover.organisation == case.second
    made, moved = carried(case)
    handover.refresh_from_db()
    assert moved == shown == (f"{handover.leaver_name}（书记）",)
    assert (handover.organisation, handover.state) == (made, HandoverState.OPEN)
    assert handover.newcomer_post == made.posts.get(role=Role.SECRETARY)
    assert handover.grant is not None
    assert handover.grant.organisation == made
    assert AccessGrant.objects.filter(kind=GrantKind.HANDOVER).count() == 1
    open_due_handovers(on=TODAY)
    handover.refresh_from_db()
    assert handover.last_day == DAY - timedelta(days=1)
    assert handover.grant is not None
    assert handover.grant.since == DAY


def test_leave_arranged_ahead_ends_with_the_branch(case: Case) -> None:
    grant = grant_access(
        make_user(), case.second, kind=GrantKind.STAND_IN, since=TODAY, until=TODAY, reason="请假", by=None
    )
    StandIn.objects.create(
        organisation=case.second, absent_post=case.staying, grant=grant, arranged_by=case.staff
    )
    carried(case)
    assert StandIn.objects.count() == 0
    assert Handover.objects.count() == 0


def test_a_newcomer_who_goes_along_stays_the_newcomer(case: Case) -> None:
    account = make_user(name="王接任")
    coming = make_post(case.first, Role.WORKER, user=account, since=DAY - timedelta(days=9))
    case.leaving.until = DAY - timedelta(days=5)
    case.leaving.save()
    (handover,) = open_due_handovers(on=DAY - timedelta(days=4))
    assert handover.newcomer_post == coming
    handover.lines.update(confirmed_at=timezone.now())
    made, _ = carried(case)
    handover.refresh_from_db()
    assert handover.newcomer_post == made.posts.get(user=account)
    assert handover.lines.filter(confirmed_at=None).count() == 0


def test_it_goes_on_where_the_joint_branch_became_part_of_another(case: Case) -> None:
    handover = open_handover(case.secretary, last_day=date(2026, 11, 30), by=case.staff, on=DAY)
    made, _ = carried(case)
    last = make_organisation("BR09", parent=made.parent, name="丙联合党支部")
    again = JointPlanGroup.objects.create(plan=case.plan, name=last.name, seat=made, made=last)
    again.branches.set([made])
    Organisation.objects.filter(pk=made.pk).update(dissolved_on=TODAY)
    open_due_handovers(on=TODAY)
    handover.refresh_from_db()
    assert (handover.organisation, handover.state) == (last, HandoverState.OPEN)
    assert handover.grant is not None
    assert handover.grant.organisation == last


def test_it_falls_with_a_joint_branch_that_ends_and_stops_no_other(case: Case) -> None:
    handover = open_handover(case.secretary, last_day=date(2026, 11, 30), by=case.staff, on=DAY)
    other = make_organisation("BR08", parent=case.first.parent, name="丁站党支部")
    make_post(other, Role.WORKER, user=make_user(name="周离任"), until=TODAY)
    made, _ = carried(case)
    Organisation.objects.filter(pk=made.pk).update(dissolved_on=TODAY)
    opened = {one.leaver_name for one in open_due_handovers(on=TODAY)}
    handover.refresh_from_db()
    assert (handover.state, handover.reason) == (
        HandoverState.CANCELLED,
        "“甲乙联合党支部”已撤销，没有接续的支部。",
    )
    assert opened == {"周离任"}
