"""Pages of rechecks and proposals: who sees what, what is answered, what is refused."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from branches.models import Organisation
from branches.roles import holders_of
from branches.rules import Role
from errorbank.actions.rechecks import pass_recheck
from errorbank.actions.schedule import schedule_rechecks
from errorbank.models import Finding, Proposal, Recheck
from errorbank.rules import FindingState, ProposalState, RecheckState, Severity
from tests.factories.branches import make_holder
from tests.factories.errorbank import make_closed, make_entry
from tests.reminders.scene import ON, Scene

CLOSED = ON - timedelta(days=40)
SERIOUS: dict[str, Any] = {"severity": Severity.SERIOUS}
SignIn = Callable[[User], Client]


@pytest.fixture
def client_of(client: Client) -> SignIn:
    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


def due(scene: Scene, organisation: Organisation | None = None, **fields: Any) -> Recheck:
    place = organisation or scene.first
    finding = make_closed(place, fixer=scene.worker, closer=scene.staff, on=CLOSED, **(fields or SERIOUS))
    return Recheck.objects.waiting().get(finding=finding)


def proposal(place: Organisation, *, day: date = ON - timedelta(days=3), **fields: Any) -> Proposal:
    entry = make_entry()
    given = {"rule": entry.code, "subject": "2026Q3", "words": "2026 年第三季度没有党员大会记录", **fields}
    return Proposal.objects.create(organisation=place, entry=entry, happened_on=day, noticed_on=ON, **given)


def url(name: str, *args: object) -> str:
    return reverse(f"errorbank:{name}", args=args)


def test_mine_come_first_and_foreign_ones_never(scene: Scene, client_of: SignIn) -> None:
    mine = due(scene)
    schedule_rechecks(on=ON)
    foreign = make_closed(
        scene.foreign_branch, fixer=scene.worker, closer=scene.foreign_staff, on=CLOSED, **SERIOUS
    )
    shown = client_of(scene.staff).get(url("recheck_list"))
    assert [row.recheck for row in shown.context["rows"]] == [mine]
    assert shown.context["rows"][0].late_days == 10
    everything = client_of(scene.staff).get(url("recheck_list"), {"show": "waiting"})
    assert [row.recheck for row in everything.context["rows"]] == [mine]
    assert client_of(scene.staff).get(url("recheck_detail", foreign.rechecks.get().pk)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_rechecks_costs_the_same(
    scene: Scene, client_of: SignIn, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        due(scene)
    schedule_rechecks(on=ON)
    signed_in = client_of(scene.staff)
    with django_assert_num_queries(8):
        assert len(signed_in.get(url("recheck_list")).context["rows"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_proposals_costs_the_same(
    scene: Scene, client_of: SignIn, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        proposal(scene.first)
    signed_in = client_of(scene.staff)
    with django_assert_num_queries(9):
        assert len(signed_in.get(url("proposal_list")).context["rows"]) == count


def test_a_verifier_answers_with_one_line_and_one_button(scene: Scene, client_of: SignIn) -> None:
    recheck = due(scene)
    address = url("recheck_detail", recheck.pk)
    page = client_of(scene.staff).get(address).content.decode()
    assert "抽查最近三次" in page
    assert 'value="pass"' in page
    empty = client_of(scene.staff).post(address, {"answer": "pass"})
    assert (empty.status_code, "请填写复查看到的结果。" in empty.content.decode()) == (422, True)
    strange = client_of(scene.staff).post(address, {"answer": "perhaps", "result": "看过"})
    assert (strange.status_code, "看过" in strange.content.decode()) == (422, True)
    done = client_of(scene.staff).post(address, {"answer": "pass", "result": "查最近三次，齐全"})
    assert done["Location"] == url("recheck_list")
    recheck.refresh_from_db()
    assert (recheck.state, recheck.done_on, recheck.verifier) == (RecheckState.PASSED, ON, scene.staff)


def test_not_passed_is_a_finding_again(scene: Scene, client_of: SignIn) -> None:
    recheck = due(scene)
    client_of(scene.staff).post(url("recheck_detail", recheck.pk), {"answer": "fail", "result": "又缺票数"})
    made = Finding.objects.get(repeat_of=recheck.finding)
    assert (made.detail, made.state) == ("又缺票数", FindingState.OPEN)
    page = client_of(scene.staff).get(url("recheck_detail", recheck.pk)).content.decode()
    assert url("finding_detail", made.pk) in page


def test_the_second_answer_says_who_was_first(scene: Scene, client_of: SignIn) -> None:
    recheck = due(scene)
    colleague = make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    pass_recheck(recheck, result="齐全", by=colleague, on=ON)
    late = client_of(scene.staff).post(url("recheck_detail", recheck.pk), {"answer": "pass", "result": "好"})
    said = f"这次复查{ON:%Y-%m-%d} 已由{colleague.name}登记为“通过”，没有重复登记。"
    assert (late.status_code, said in late.content.decode()) == (422, True)


def test_another_verifier_is_chosen_among_those_who_may(scene: Scene, client_of: SignIn) -> None:
    recheck = due(scene)
    neighbour = make_holder(scene.second, Role.WORKER)
    address = url("recheck_assign", recheck.pk)
    form = client_of(scene.staff).get(address).context["form"]
    offered = {key for key, _ in form.fields["verifier"].choices}
    assert offered == {"", str(scene.staff.pk), str(neighbour.pk)}
    refused = client_of(scene.staff).post(address, {"verifier": scene.worker.pk})
    assert refused.status_code == 422
    client_of(scene.staff).post(address, {"verifier": neighbour.pk})
    assert client_of(neighbour).get(url("recheck_detail", recheck.pk)).status_code == 200
    assert client_of(neighbour).get(address).status_code == 403


@pytest.mark.parametrize("name", ["recheck_list", "proposal_list"])
def test_lists_are_for_reading(scene: Scene, client_of: SignIn, name: str) -> None:
    assert client_of(scene.staff).post(url(name)).status_code == 405
    assert client_of(scene.overseer).get(url(name)).status_code == 403


def test_the_branch_itself_sees_no_recheck_that_is_not_its_own_to_do(scene: Scene, client_of: SignIn) -> None:
    recheck = due(scene)
    assert client_of(scene.worker).get(url("recheck_detail", recheck.pk)).status_code == 404


def test_a_proposal_becomes_a_finding(scene: Scene, client_of: SignIn) -> None:
    row = proposal(scene.first)
    address = url("proposal_confirm", row.pk)
    page = client_of(scene.staff).get(address)
    assert page.context["deadlines"] == (ON + timedelta(days=30), ON + timedelta(days=15))
    done = client_of(scene.staff).post(address, {"detail": row.words})
    assert done["Location"] == url("proposal_list")
    row.refresh_from_db()
    assert row.finding is not None
    assert (row.state, row.finding.detail) == (ProposalState.CONFIRMED, row.words)
    assert row.finding.deadline_on == ON + timedelta(days=30)
    again = client_of(scene.staff).post(address, {"detail": row.words}, follow=True)
    assert "现在是“已转为问题”" in again.content.decode()
    assert Finding.objects.count() == 1


def test_a_proposal_is_dismissed_with_a_reason(scene: Scene, client_of: SignIn) -> None:
    row = proposal(scene.first)
    address = url("proposal_dismiss", row.pk)
    assert client_of(scene.staff).post(address, {"reason": ""}).status_code == 422
    client_of(scene.staff).post(address, {"reason": "经批准延期召开"})
    row.refresh_from_db()
    assert (row.state, row.reason) == (ProposalState.DISMISSED, "经批准延期召开")


def test_proposals_of_others_are_not_found(scene: Scene, client_of: SignIn) -> None:
    foreign = proposal(scene.foreign_branch)
    mine = proposal(scene.second)
    shown = client_of(scene.staff).get(url("proposal_list"))
    assert list(shown.context["rows"]) == [mine]
    for name in ("proposal_confirm", "proposal_dismiss"):
        assert client_of(scene.staff).get(url(name, foreign.pk)).status_code == 404
        assert client_of(scene.worker).get(url(name, mine.pk)).status_code == 403


def test_who_reads_proposals_may_see_members() -> None:
    assert holders_of("errorbank.confirm_proposal") <= holders_of("branches.view_member")
