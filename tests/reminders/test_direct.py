"""An item leads first to the page where its fact is registered, for who may register it there."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve, reverse

from accounts.models import User
from branches.models import DevelopmentCase, Member, MemberEvent, Membership, Organisation, Term
from branches.rules import EventKind, MemberStatus, Role
from periods.months import Month
from records.rules import RecordKind
from reminders.actions.refresh import refresh
from reminders.models import ReminderItem
from reminders.queries.direct import Direct, direct_of, is_direct
from reminders.rules import ItemState
from tests.factories.branches import make_holder, make_member, make_post
from tests.factories.reminders import make_action
from tests.reminders.scene import ON, Scene, make_scene

pytestmark = pytest.mark.django_db
BEFORE = date(2026, 11, 2)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def rule(anchor: str) -> dict[str, Any]:
    return {"kind": "event_offset", "anchor": anchor, "due_offset": {"months": 1}}


def item_of(anchor: str, kind: RecordKind = RecordKind.DATE_ONLY) -> ReminderItem:
    make_action("x", name="某事项", due_rule=rule(anchor), record_kind=kind)
    refresh(Month.of(ON), on=ON)
    return ReminderItem.objects.for_list().get()


def applicant(branch: Organisation) -> Member:
    member = make_member(branch, name="某人", status=MemberStatus.APPLICANT)
    MemberEvent.objects.create(member=member, kind=EventKind.APPLIED, on=BEFORE, organisation=branch)
    return member


def case_of(member: Member, **fields: Any) -> DevelopmentCase:
    return DevelopmentCase.objects.create(member=member, opened_on=BEFORE, **{"next_step": 2, **fields})


def waits_for(number: int) -> None:
    """As if the steps before were there; the refresh derives the number from them."""
    DevelopmentCase.objects.update(next_step=number)


def led_to(item: ReminderItem, user: User) -> tuple[str, str, bool] | None:
    found: Direct | None = direct_of(item, user, on=ON)
    if found is None:
        return None
    match = resolve(found.url.partition("?")[0])
    return match.view_name, found.label, found.registers


def test_a_step_of_the_open_case(scene: Scene) -> None:
    case = case_of(applicant(scene.first))
    item = item_of("application_received")
    waits_for(2)
    assert led_to(item, scene.worker) == ("branches:development_record", "登记这一步", True)
    found = direct_of(item, scene.worker, on=ON)
    assert found is not None
    assert found.url == reverse("branches:development_record", args=[case.pk, 2])


def test_a_step_that_is_not_next_leads_to_the_case(scene: Scene) -> None:
    case_of(applicant(scene.first), next_step=1)
    item = item_of("application_received")
    assert led_to(item, scene.worker) == ("branches:development_detail", "到发展党员档案登记", True)


def test_who_has_no_case_gets_one(scene: Scene) -> None:
    member = applicant(scene.first)
    found = direct_of(item_of("application_received"), scene.worker, on=ON)
    assert found is not None
    assert (found.url, found.label) == (
        f"{reverse('branches:development_add')}?member={member.pk}",
        "建立发展党员档案",
    )


def test_what_a_superior_decides_is_looked_at_by_the_branch_and_entered_by_staff(scene: Scene) -> None:
    member = make_member(scene.first, name="某人", status=MemberStatus.PROBATIONARY)
    MemberEvent.objects.create(member=member, kind=EventKind.ADMITTED, on=BEFORE, organisation=scene.first)
    case_of(member, next_step=17)
    item = item_of("admission_meeting_date")
    waits_for(17)
    assert led_to(item, scene.worker) == ("branches:development_detail", "查看发展党员档案", False)
    assert led_to(item, scene.staff) == ("branches:development_record", "登记这一步", True)


def test_a_blocked_case_is_opened(scene: Scene) -> None:
    case_of(applicant(scene.first), blocked="原因", blocked_since=BEFORE)
    item = _blocked_item(scene)
    assert led_to(item, scene.worker) == ("branches:development_detail", "打开发展党员档案", True)


def _blocked_item(scene: Scene) -> ReminderItem:
    case = DevelopmentCase.objects.get()
    action = make_action("y", due_rule=rule("development_blocked"))
    return ReminderItem.objects.create(
        organisation=scene.first,
        action=action,
        version=action.versions.get(),
        period="event",
        subject=f"blocked:{case.pk}#2026-11-02",
        subject_name="某人",
        opens_on=BEFORE,
        remind_on=BEFORE,
        due_on=date(2026, 12, 2),
        minutes=10,
    )


def test_an_election(scene: Scene) -> None:
    term = Term.objects.create(
        organisation=scene.first, elected_on=date(2023, 11, 25), ends_on=date(2026, 11, 25)
    )
    item = item_of("term_end", RecordKind.ELECTION)
    assert led_to(item, scene.staff) == ("branches:election_detail", "登记换届环节和结果", True)
    assert led_to(item, scene.worker) == ("branches:election_detail", "查看换届环节", False)
    found = direct_of(item, scene.staff, on=ON)
    assert found is not None
    assert found.url == reverse("branches:election_detail", args=[term.pk])


def test_an_election_that_is_not_reported_yet_leads_to_the_chain_of_the_term_it_ended(scene: Scene) -> None:
    ended = Term.objects.create(
        organisation=scene.first, elected_on=date(2023, 11, 25), ends_on=date(2026, 11, 25)
    )
    Term.objects.create(organisation=scene.first, elected_on=BEFORE, ends_on=date(2029, 11, 2))
    found = direct_of(item_of("election_held"), scene.staff, on=ON)
    assert found is not None
    assert (found.url, found.hint) == (
        reverse("branches:election_detail", args=[ended.pk]),
        "登记报批备案后，这一项自动办结，不用再填一次。",
    )


def test_a_by_election(scene: Scene) -> None:
    make_post(scene.first, Role.SECRETARY, member=make_member(scene.first), until=BEFORE)
    item = item_of("office_vacated", RecordKind.ELECTION)
    assert led_to(item, scene.staff) == ("branches:post_add", "登记新的任职", True)
    assert led_to(item, scene.worker) is None


def test_a_falling_headcount(scene: Scene) -> None:
    members = [make_member(scene.first) for _ in range(3)]
    Membership.objects.filter(member=members[0]).update(until=BEFORE)
    item = item_of("headcount_threshold_crossed", RecordKind.DOCUMENT)
    assert led_to(item, scene.worker) == ("branches:organisation_outlook", "查看人数预测", True)


def test_somebody_away(scene: Scene) -> None:
    member = make_member(scene.first)
    MemberEvent.objects.create(member=member, kind=EventKind.SECONDED, on=date(2026, 2, 1))
    item = item_of("unit_changed_or_away_6_months")
    assert led_to(item, scene.staff) == ("branches:event_add", "登记转出或返回", True)
    assert led_to(item, scene.worker) is None


def test_a_monthly_duty_has_none(scene: Scene) -> None:
    make_action("monthly")
    refresh(Month.of(ON), on=ON)
    item = ReminderItem.objects.for_list().filter(organisation=scene.first).get()
    assert (is_direct(item), direct_of(item, scene.worker, on=ON)) == (False, None)


# --- the pages ----------------------------------------------------------------------------------------


def test_the_list_leads_there_and_asks_nothing_twice(scene: Scene, client: Client) -> None:
    case = case_of(applicant(scene.first))
    item = item_of("application_received")
    waits_for(2)
    client.force_login(scene.worker)
    way = f"/w/reminders/items/{item.pk}/register/"
    page = client.get("/w/reminders/").content.decode()
    assert (page.count(f'href="{way}"'), page.count('name="quick"')) == (1, 0)
    assert client.get(way).headers["Location"] == reverse("branches:development_record", args=[case.pk, 2])
    detail = client.get(f"/w/reminders/items/{item.pk}/").content.decode()
    assert detail.count("登记这一步") == 1
    assert "登记“党组织派人谈话”后，这一项自动办结，不用再填一次。" in detail
    assert f"/w/reminders/items/{item.pk}/close/" not in detail


def test_a_vote_keeps_its_half_page_beside_it(scene: Scene, client: Client) -> None:
    case_of(applicant(scene.first), next_step=3)
    item = item_of("application_received", RecordKind.VOTE)
    client.force_login(scene.worker)
    detail = client.get(f"/w/reminders/items/{item.pk}/").content.decode()
    assert detail.count("只留本次记录") == 1
    form = client.get(f"/w/reminders/items/{item.pk}/close/").content.decode()
    assert form.count("到发展党员档案登记") == 1


def test_who_may_not_register_there_keeps_the_half_page(scene: Scene, client: Client) -> None:
    Term.objects.create(organisation=scene.first, elected_on=date(2023, 11, 25), ends_on=date(2026, 11, 25))
    item = item_of("term_end", RecordKind.ELECTION)
    client.force_login(scene.worker)
    answer = client.get(f"/w/reminders/items/{item.pk}/register/")
    assert answer.headers["Location"] == f"/w/reminders/items/{item.pk}/close/"
    form = client.get(answer.headers["Location"]).content.decode()
    assert form.count("党总支登记选举结果后，这一项自动办结。") == 1


def test_a_done_item_leads_nowhere(scene: Scene, client: Client) -> None:
    case_of(applicant(scene.first))
    item = item_of("application_received")
    ReminderItem.objects.update(state=ItemState.DONE, done_on=ON)
    client.force_login(scene.worker)
    assert "登记这一步" not in client.get(f"/w/reminders/items/{item.pk}/").content.decode()
    answer = client.get(f"/w/reminders/items/{item.pk}/register/", follow=True).content.decode()
    assert "这一项已经办结，没有重复登记。" in answer


def test_refused_foreign_and_wrong_method(scene: Scene, client: Client) -> None:
    case_of(applicant(scene.first))
    way = f"/w/reminders/items/{item_of('application_received').pk}/register/"
    client.force_login(make_holder(scene.foreign_branch))
    assert client.get(way).status_code == 404
    client.force_login(scene.worker)
    assert client.post(way).status_code == 405
    client.force_login(scene.overseer)
    assert client.get(way).status_code == 403
