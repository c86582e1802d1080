"""Carrying out a plan of joint branches: what moves, what stays, what is refused; the preview agrees."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from branches.actions.grants import grant_access
from branches.actions.groups import add_party_group
from branches.actions.joint import GroupData, discard_plan, draft_plan, record_step
from branches.actions.members import add_event
from branches.actions.organisations import move_organisation
from branches.models import JointPlan, Member, Membership, Organisation, Post
from branches.rules import EventKind, GrantKind, JointPlanState, MemberStatus, OrganisationKind, Refusal, Role
from branches.rules.joint import Filing
from periods.months import Month
from reminders.actions.joint import CarryOutRefused, carry_out, preview
from reminders.actions.refresh import refresh
from reminders.actions.summaries import rebuild, recount_stale
from reminders.actions.summaries_check import check_summaries
from reminders.models import ListChange, ReminderItem
from reminders.queries.summaries import by_place
from reminders.rules import ChangeKind, ItemState
from tests.factories.branches import make_holder, make_member, make_organisation, make_post, make_user
from tests.factories.items import make_done, make_item
from tests.factories.reminders import make_action, make_task

TODAY, DAY, REPLY = date(2026, 11, 22), date(2026, 11, 16), date(2026, 11, 10)
BEFORE = DAY - timedelta(days=1)


@dataclass
class Case:
    general: Organisation
    first: Organisation
    second: Organisation
    staff: User
    leader: Member
    worker: Member
    clerk: User
    plan: JointPlan


def members(place: Organisation, count: int) -> list[Member]:
    return [make_member(place) for _ in range(count)]


@pytest.fixture
def case(db: None, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: TODAY)
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="分公司党总支")
    spot: dict[str, Any] = {"latitude": Decimal("24.4"), "longitude": Decimal("103.4")}
    first = make_organisation("BR01", parent=general, name="甲站党支部", industry_line="烟叶", **spot)
    second = make_organisation("BR02", parent=general, name="乙站党支部", industry_line="烟叶")
    leader, worker = members(first, 2)
    members(second, 2)
    make_post(first, Role.SECRETARY, member=leader)
    make_post(first, Role.WORKER, member=worker)
    clerk = make_holder(second, Role.WORKER)
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    plan = draft_plan(
        general,
        groups=[GroupData("甲乙联合党支部", [first, second], first, leader)],
        as_of=TODAY,
        parameters={},
        figures={},
        by=staff,
    )
    record_step(
        plan, number=Filing.REPLY, done_on=REPLY, document="红烟党〔2026〕12号", by=staff, today=TODAY
    )
    return Case(general, first, second, staff, leader, worker, clerk, plan)


def done(case: Case, on: date = DAY) -> Organisation:
    result = carry_out(case.plan, effective_on=on, by=case.staff, today=TODAY)
    return result.groups[0].joined.made


def test_the_joint_branch_stands_with_everything_of_its_seat(case: Case) -> None:
    made = done(case)
    assert (made.name, made.kind, made.parent, made.code) == (
        "甲乙联合党支部",
        OrganisationKind.JOINT_BRANCH,
        case.general,
        "BR03",
    )
    assert (made.latitude, made.longitude, made.industry_line) == (Decimal("24.4"), Decimal("103.4"), "烟叶")
    assert made.established_on == DAY
    assert list(made.units.order_by("pk").values_list("name", flat=True)) == ["甲站", "乙站"]
    assert case.plan.state == JointPlanState.CARRIED_OUT
    assert (case.plan.effective_on, case.plan.groups.get().made) == (DAY, made)


def test_people_move_by_a_dated_event_and_history_stays(case: Case) -> None:
    applicant = make_member(case.second, status=MemberStatus.ACTIVIST)
    made = done(case)
    now = Membership.objects.at(DAY).filter(organisation=made)
    assert now.count() == 5
    assert now.get(member=applicant).status == MemberStatus.ACTIVIST
    assert Membership.objects.at(BEFORE).filter(organisation=case.first).count() == 2
    event = case.leader.events.get(kind=EventKind.MOVED_IN)
    assert (event.on, event.organisation, event.note) == (DAY, made, "由“甲站党支部”并入")


def test_a_known_departure_keeps_its_day(case: Case) -> None:
    leaving = make_member(case.first)
    add_event(leaving, kind=EventKind.RETIRED, on=date(2026, 12, 31), by=case.staff)
    made = done(case)
    span = leaving.memberships.get(organisation=made)
    assert (span.since, span.until) == (DAY, date(2026, 12, 31))


def test_a_fact_after_the_day_that_names_an_old_branch_names_the_new_one(case: Case) -> None:
    elsewhere = make_organisation(parent=case.general)
    coming = make_member(elsewhere)
    add_event(coming, kind=EventKind.MOVED_IN, on=date(2026, 12, 1), organisation=case.first, by=case.staff)
    result = carry_out(case.plan, effective_on=DAY, by=case.staff, today=TODAY).groups[0].joined
    assert result.facts_redirected == (f"{coming.name} 2026-12-01 组织关系转入",)
    assert coming.memberships.latest("since").organisation == result.made
    corrected = coming.events.exclude(corrected_at=None).get()
    assert (corrected.organisation, corrected.correction_reason) == (case.first, "原支部并入“甲乙联合党支部”")


def test_posts_end_the_day_before_and_begin_in_the_joint_branch(case: Case) -> None:
    made = done(case)
    assert set(
        Post.objects.filter(organisation__in=[case.first, case.second]).values_list("until", flat=True)
    ) == {BEFORE}
    given = made.posts.order_by("pk").values_list("role", "member", "user", "since", "until")
    assert list(given) == [
        (Role.SECRETARY, case.leader.pk, None, DAY, None),
        (Role.WORKER, case.worker.pk, None, DAY, None),
        (Role.WORKER, None, case.clerk.pk, DAY, None),
    ]
    assert Organisation.objects.permitted_to(case.clerk, "reminders.close_item", on=TODAY).get() == made


def test_groups_go_on_and_grants_end(case: Case) -> None:
    people = list(Member.objects.in_branch(case.first, on=TODAY))
    add_party_group(
        case.first, name="第一党小组", since=date(2026, 1, 1), by=case.staff, leader=people[0], members=people
    )
    grant = grant_access(
        make_user(),
        case.second,
        kind=GrantKind.STAND_IN,
        since=date(2026, 11, 1),
        until=date(2026, 11, 30),
        reason="代办",
        by=case.staff,
    )
    made = done(case)
    group = made.party_groups.get()
    assert (group.name, group.since, group.seats.filter(until=None).count()) == ("第一党小组", DAY, 2)
    assert group.seats.get(leads=True).member == people[0]
    assert case.first.party_groups.get().until == DAY
    grant.refresh_from_db()
    assert grant.until == BEFORE


def test_the_old_branches_are_dissolved_with_the_basis(case: Case) -> None:
    done(case)
    case.first.refresh_from_db()
    assert (case.first.dissolved_on, case.first.name) == (DAY, "甲站党支部")
    said = AuditEvent.objects.filter(event="branches.organisation_dissolved").values_list(
        "detail__reason", flat=True
    )
    assert set(said) == {"红烟党〔2026〕12号（2026-11-10 批复），并入“甲乙联合党支部”"}
    assert Organisation.objects.filter(facts_changed=True).count() >= 3


def test_a_recorded_election_begins_the_term(case: Case) -> None:
    record_step(case.plan, number=Filing.ELECTION, done_on=DAY, document="", by=case.staff, today=TODAY)
    made = done(case)
    term = made.terms.get()
    assert (term.elected_on, term.ends_on) == (DAY, date(2029, 11, 16))


def test_open_items_move_and_one_of_the_same_stays(case: Case) -> None:
    action = make_action(name="主题党日")
    late = make_item(case.first, action=action, period="2026-11", due=date(2026, 11, 30))
    soon = make_item(case.second, action=action, period="2026-11", due=date(2026, 11, 28))
    single = make_item(case.second, name="党费收缴")
    made = done(case)
    for item in (late, soon, single):
        item.refresh_from_db()
    assert (soon.organisation, soon.state, soon.responsible_name) == (made, ItemState.OPEN, case.worker.name)
    assert (single.organisation, single.state) == (made, ItemState.OPEN)
    assert (late.organisation, late.state, late.reason) == (
        case.first,
        ItemState.WITHDRAWN,
        "已并入“甲乙联合党支部”，同一事项由联合党支部办理",
    )
    changes = (
        ListChange.objects.filter(item=soon).order_by("pk").values_list("organisation", "kind", "reason")
    )
    assert list(changes) == [
        (case.second.pk, ChangeKind.WITHDRAWN, "转由“甲乙联合党支部”办理"),
        (made.pk, ChangeKind.NEW, "由“乙站党支部”转来"),
    ]


def test_what_was_sent_back_is_the_one_that_stays(case: Case) -> None:
    action = make_action()
    make_item(case.first, action=action, period="2026-11", due=date(2026, 11, 20))
    returned = make_item(case.second, action=action, period="2026-11", state=ItemState.RETURNED)
    made = done(case)
    returned.refresh_from_db()
    assert (returned.organisation, returned.state) == (made, ItemState.RETURNED)


def test_closed_items_stay_and_are_not_demanded_again(case: Case) -> None:
    action = make_action(name="支部党员大会")
    mine = make_done(
        case.first, action=action, period="2026Q4", done_on=date(2026, 11, 5), due=date(2026, 12, 31)
    )
    yours = make_done(
        case.second, action=action, period="2026Q4", done_on=date(2026, 11, 6), due=date(2026, 12, 31)
    )
    over = make_done(case.first, action=make_action(), period="2026-05", done_on=date(2026, 5, 6))
    made = done(case)
    for item in (mine, yours, over):
        before = item.organisation
        item.refresh_from_db()
        assert (item.organisation, item.state) == (before, ItemState.DONE)
    marked = ReminderItem.objects.get(organisation=made)
    assert (marked.action, marked.period, marked.state, marked.reason) == (
        action,
        "2026Q4",
        ItemState.NOT_APPLICABLE,
        "联合前已由甲站党支部、乙站党支部办结",
    )


def test_matters_of_the_old_branch_itself_end(case: Case) -> None:
    term = make_item(case.first, period="event", subject="term:1", subject_name="本届")
    person = make_item(case.first, period="event", subject=f"member:{case.worker.pk}")
    made = done(case)
    term.refresh_from_db()
    person.refresh_from_db()
    assert (term.state, term.reason) == (ItemState.WITHDRAWN, "原支部已撤销，此事随之结束")
    assert (person.organisation, person.state) == (made, ItemState.OPEN)


def test_a_special_task_reaches_the_joint_branch_and_survives_the_next_refresh(case: Case) -> None:
    task = make_task(case.general, [case.first], start=date(2026, 11, 1), end=date(2026, 11, 30))
    refresh(Month(2026, 11), on=TODAY)
    item = ReminderItem.objects.get(organisation=case.first, action=task.action)
    made = done(case)
    refresh(Month(2026, 11), on=TODAY)
    item.refresh_from_db()
    assert (item.organisation, item.state) == (made, ItemState.OPEN)
    assert made in task.targets.all()
    assert not ReminderItem.objects.unsettled().filter(organisation__in=[case.first, case.second]).exists()


def test_the_preview_says_exactly_what_happens_and_changes_nothing(case: Case) -> None:
    make_member(case.second, status=MemberStatus.APPLICANT)
    make_item(case.first, name="主题党日")
    add_party_group(case.first, name="小组", since=date(2026, 1, 1), by=case.staff, members=[case.leader])
    entries, before = AuditEvent.objects.count(), state_of_everything()
    seen = preview(case.plan, effective_on=DAY, by=case.staff, today=TODAY)
    assert (state_of_everything(), AuditEvent.objects.count()) == (before, entries)
    assert case.plan.state == JointPlanState.APPROVED
    assert carry_out(case.plan, effective_on=DAY, by=case.staff, today=TODAY) == seen
    joined = seen.groups[0].joined
    assert [person.branch for person in joined.people] == ["甲站党支部"] * 2 + ["乙站党支部"] * 3
    assert [(item.title, item.branch) for item in seen.groups[0].items_moved] == [("主题党日", "甲站党支部")]


def state_of_everything() -> list[Any]:
    models = (Organisation, Membership, Post, ReminderItem, ListChange)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_twice_is_once(case: Case) -> None:
    done(case)
    before = state_of_everything()
    with pytest.raises(CarryOutRefused, match="方案已于 2026-11-16 实施，没有重复办理。"):
        done(case)
    assert state_of_everything() == before


def unreplied(case: Case) -> None:
    record_step(case.plan, number=Filing.REPLY, done_on=None, document="", by=case.staff, today=TODAY)


def discarded(case: Case) -> None:
    discard_plan(case.plan, reason="情况变化", by=case.staff)


def left_alone(case: Case) -> None:
    for member in Member.objects.in_branch(case.second, on=DAY):
        add_event(member, kind=EventKind.MOVED_OUT, on=date(2026, 11, 12), by=case.staff)


def moved_away(case: Case) -> None:
    other = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="另一党总支")
    move_organisation(case.second, parent=other, on=date(2026, 11, 12), by=case.staff)


def late_post(case: Case) -> None:
    make_post(case.second, Role.WORKER, since=DAY)


def young_branch(case: Case) -> None:
    Organisation.objects.filter(pk=case.second.pk).update(established_on=DAY)


def gone_secretary(case: Case) -> None:
    add_event(case.leader, kind=EventKind.MOVED_OUT, on=date(2026, 11, 12), by=case.staff)
    members(case.first, 1)


@pytest.mark.parametrize(
    ("change", "on", "sentence"),
    [
        (unreplied, DAY, "还没有登记基层党委的批复，请先登记批复日期和文号。"),
        (discarded, DAY, "方案已作废，不能实施。"),
        (None, date(2026, 11, 23), "实施日期 2026-11-23 还没有到，请到当天再实施。"),
        (None, date(2026, 11, 9), "实施日期不能早于批复日期 2026-11-10。"),
        (left_alone, DAY, "只有 2 名正式党员，不足 3 人，请作废本方案后重新测算。"),
        (moved_away, DAY, "“乙站党支部”已不在“分公司党总支”之下，请作废本方案后重新测算。"),
        (late_post, DAY, "任职从 2026-11-16 开始，不早于实施日期，请先核对任职日期。"),
        (young_branch, DAY, "实施日期须晚于“乙站党支部”的成立日期 2026-11-16。"),
        (gone_secretary, DAY, "不是正式党员，不能担任“书记”，请核对人选或日期。"),
    ],
)
def test_refused_with_a_sentence_and_nothing_changed(
    case: Case, change: Callable[[Case], None] | None, on: date, sentence: str
) -> None:
    if change:
        change(case)
    before = state_of_everything()
    with pytest.raises(Refusal, match=sentence):
        done(case, on)
    assert state_of_everything() == before


def test_the_day_may_be_the_last_of_february(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    leap = date(2028, 2, 29)
    plan = carry_out(case.plan, effective_on=leap, by=case.staff, today=leap)
    assert plan.groups[0].joined.made.established_on == leap
    assert set(Post.objects.filter(organisation=case.first).values_list("until", flat=True)) == {
        date(2028, 2, 28)
    }


# --- the page -----------------------------------------------------------------------------------------


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_page_shows_the_preview_and_then_does_it(case: Case) -> None:
    client, url = signed_in(case.staff), f"/w/reminders/joint/{case.plan.pk}/"
    frame = client.get(url).content.decode()
    assert (
        frame.count('<a href="/w/organisations/joint/" class="active" aria-current="page">联合党支部</a>')
        == 1
    )
    page = client.get(url).content.decode()
    assert 'value="2026-11-10"' in page
    assert "甲乙联合党支部" in page
    assert Organisation.objects.filter(kind=OrganisationKind.JOINT_BRANCH).count() == 0
    answer = client.post(url, {"effective_on": "2026-11-16"})
    assert answer.headers["Location"] == f"/w/organisations/joint/plans/{case.plan.pk}/"
    assert Organisation.objects.filter(kind=OrganisationKind.JOINT_BRANCH, established_on=DAY).count() == 1
    again = client.post(url, {"effective_on": "2026-11-16"})
    assert (again.status_code, "没有重复办理" in again.content.decode()) == (422, True)


def test_a_day_that_does_not_fit_is_said_beside_the_field(case: Case) -> None:
    client, url = signed_in(case.staff), f"/w/reminders/joint/{case.plan.pk}/"
    for given, sentence in (("2026-11-30", "还没有到"), ("昨天", "没有认出日期")):
        answer = client.get(url, {"effective_on": given})
        assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
        assert "确认实施" not in answer.content.decode()


def test_only_staff_of_this_general_branch_may(case: Case) -> None:
    url = f"/w/reminders/joint/{case.plan.pk}/"
    foreign = make_organisation(kind=OrganisationKind.GENERAL_BRANCH)
    assert signed_in(make_holder(foreign, Role.GENERAL_BRANCH_STAFF)).get(url).status_code == 404
    assert signed_in(case.clerk).get(url).status_code == 403
    assert signed_in(case.staff).delete(url).status_code == 405


def test_the_months_of_the_old_branches_and_of_the_new_one_are_counted(case: Case) -> None:
    make_item(case.first, name="主题党日")
    make_done(case.second, name="党课", done_on=date(2026, 11, 12))
    rebuild()
    made = done(case)
    recount_stale()
    checked = check_summaries()
    assert (checked.differences, checked.waiting) == ((), 0)
    found = by_place(Organisation.objects.all(), [Month.of(TODAY)], on=TODAY)
    counts = {place: (row.asked, row.open, row.not_applicable) for (place, _), row in found.items()}
    assert counts == {case.second.pk: (1, 0, 0), made.pk: (1, 1, 1)}
