"""Objects of the branches app, all of the own branch or of those above it."""

from datetime import date

from branches.actions.joint import GroupData, draft_plan
from branches.actions.joint_job import JOB
from branches.actions.roster.imports import preview_import, request_import
from branches.models import (
    AccessGrant,
    CalendarDay,
    DevelopmentCase,
    ElectionStep,
    Member,
    MemberEvent,
    Organisation,
    OrganisationEvent,
    RosterImport,
    Term,
)
from branches.rules import CaseState, GrantKind
from jobs.actions import claim, enqueue
from tests.factories.branches import make_group, make_user
from tests.factories.development import make_case
from tests.factories.rosters import book, id_number
from tests.hardening.scenery.world import DAY, Places, World, at


def of_branches(world: World) -> Places:
    return (
        _tree(world)
        | _people(world)
        | _recruiting(world)
        | _elections(world)
        | _joint(world)
        | _roster(world)
    )


def _tree(world: World) -> Places:
    branch, general = world.branch, world.general
    group = make_group(branch, leader=world.member)
    day = CalendarDay.objects.create(on=date(world.on.year + 3, 1, 1), name="元旦")
    fact = OrganisationEvent.objects.standing().filter(organisation=branch).order_by("pk")[0]
    return {
        **at(branch.pk, "branches:member_add", "branches:group_add", "branches:grant_add"),
        **at(branch.pk, "branches:post_add", "branches:term_add", "branches:roster_export"),
        **at(group.pk, "branches:group_edit", "branches:group_end"),
        **at(day.pk, "branches:calendar_remove"),
        **at(fact.pk, "branches:organisation_event_correct"),
        **at(general.pk, "branches:policy_edit", code="outlook_horizon_months"),
    }


def _people(world: World) -> Places:
    event = MemberEvent.objects.standing().filter(member=world.member).order_by("pk")[0]
    leaving = make_user()
    grant = AccessGrant.objects.create(
        user=leaving,
        organisation=world.branch,
        kind=GrantKind.STAND_IN,
        since=world.on,
        until=world.on + 9 * DAY,
        reason="出差",
    )
    return {
        **at(world.member.pk, "branches:event_add"),
        **at(event.pk, "branches:event_correct"),
        **at(grant.pk, "branches:grant_end"),
        **at(world.post.pk, "branches:post_end"),
        **at(world.secretary.pk, "branches:account_disable", "branches:account_enable"),
    }


def _recruiting(world: World) -> Places:
    people = list(
        Member.objects.in_branch(world.branch, on=world.on).exclude(pk=world.member.pk).order_by("pk")
    )
    committee = Organisation.objects.get(parent=None)
    case = make_case(world.branch, upto=4, committee=committee, people=people)
    closed = make_case(world.branch, upto=2, committee=committee, people=people)
    DevelopmentCase.objects.filter(pk=closed.pk).update(
        state=CaseState.DISCONTINUED, closed_on=world.on, closing_note="本人申请暂缓"
    )
    names = ("close", "detail", "dossier", "earlier")
    step = case.steps.order_by("number")[0]
    return {
        **at(case.pk, *(f"branches:development_{name}" for name in names)),
        **at(case.pk, "branches:development_record", number=5),
        **at(step.pk, "branches:development_correct"),
        **at(closed.pk, "branches:development_reopen"),
    }


def _elections(world: World) -> Places:
    term = Term.objects.current().get(organisation=world.branch)
    step = ElectionStep.objects.filter(term__organisation=world.branch).order_by("-pk")[0]
    return {
        **at(term.pk, "branches:term_extend"),
        **at(term.pk, "branches:election_step", kind="request"),
        **at(step.pk, "branches:election_step_take_back"),
    }


def _joint(world: World) -> Places:
    beside = Organisation.objects.branches().filter(parent=world.general).exclude(pk=world.branch.pk)
    few = [world.branch, *beside.order_by("pk")[:1]]
    group = GroupData(name="联合党支部", branches=few, seat=few[0])
    plan = draft_plan(
        world.general, groups=[group], as_of=world.on, parameters={}, figures={}, by=world.staff
    )
    job = enqueue(JOB, owner=world.staff, parameters={"query": "", "organisation": world.general.pk}, total=1)
    return {
        **at(plan.pk, "branches:joint_plan", "branches:joint_discard", "reminders:joint_carry_out"),
        **at(plan.pk, "branches:joint_step_record", number=1),
        **at(plan.groups.get().pk, "branches:joint_group_edit"),
        **at(job.pk, "branches:joint_progress", "branches:joint_cancel"),
    }


def _roster(world: World) -> Places:
    row = _import(world, id_number())
    names = ("again", "commit", "discard", "preview", "progress", "restart")
    read = _previewed(world)
    return at(row.pk, *(f"branches:roster_{name}" for name in names)) | at(read.pk, "branches:roster_errors")


def _previewed(world: World) -> RosterImport:
    row = _import(world, id_number(sequence="124"))
    job = claim(str(row.job_id))
    assert job
    preview_import(job, on=world.on)
    return row


def _import(world: World, number: str) -> RosterImport:
    content = book(["", "雷彩霞", number, world.branch.name, "正式党员", "2015-01-01", "", "2015-01-01"])
    return request_import(
        world.branch,
        content=content,
        file_name="名册.xlsx",
        roster_day=world.on,
        by=world.staff,
        today=world.on,
    )
