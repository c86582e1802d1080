"""The register and its pages: who reads what, entering, proposing, deciding, changing, ending, statements."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import AuditEvent
from branches.rules import Role
from reminders.actions.demands import (
    AlreadyDecided,
    ChangeTooEarly,
    DemandData,
    DemandExists,
    EndsBeforeStart,
    NotStanding,
    add_demand,
    change_demand,
    decide_demand,
    end_demand,
    propose_demand,
)
from reminders.demand_rules import DemandKind, DemandState, Nature, Per
from reminders.models import OutsideDemand
from tests.factories.branches import make_holder
from tests.factories.demands import make_demand
from tests.factories.reminders import make_action, make_task
from tests.reminders.scene import HOSTILE, ON, Scene, make_scene

pytestmark = pytest.mark.django_db
LIST = reverse("burden:demand_list")
DATA = DemandData("周报", "公司办公室", DemandKind.REPORT, Nature.FORMALITY, 1, Per.WEEK, 20, ON)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def as_(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def url(page: str, demand: OutsideDemand) -> str:
    return reverse(f"burden:demand_{page}", args=[demand.pk])


def typed(**fields: Any) -> dict[str, Any]:
    given = {
        "name": "周报", "asker": "公司办公室", "kind": "report", "per": "week", "times": "1", "minutes": "20",
        "basis": "", "since": "2026-11-18",
    }  # fmt: skip
    return {**given, **fields}


# ---- actions -------------------------------------------------------------------------------------------


def test_an_entered_demand_stands_from_its_first_day_and_only_once(scene: Scene) -> None:
    demand = add_demand(scene.general, data=DATA, by=scene.staff)
    assert (demand.state, demand.until, demand.made_by, demand.decided_by) == (
        DemandState.STANDING,
        None,
        scene.staff,
        scene.staff,
    )
    assert AuditEvent.objects.get(event="reminders.demand_added").detail["minutes"] == 20
    with pytest.raises(DemandExists):
        add_demand(scene.general, data=DATA, by=scene.staff)
    # Of another organisation it is another demand.
    add_demand(scene.first, data=DATA, by=scene.staff)
    assert OutsideDemand.objects.count() == 2


def test_a_proposal_counts_when_it_was_looked_at(scene: Scene) -> None:
    demand = propose_demand(scene.first, data=DATA, by=scene.worker)
    assert list(OutsideDemand.objects.at(ON)) == []
    decided = decide_demand(demand, accepted=True, reason="", by=scene.staff)
    assert (list(OutsideDemand.objects.at(ON)), decided.decided_by) == ([demand], scene.staff)
    with pytest.raises(AlreadyDecided):
        decide_demand(demand, accepted=False, reason="重复", by=scene.staff)


def test_a_change_from_a_later_day_leaves_the_past_as_it_was(scene: Scene) -> None:
    demand = make_demand(scene.general, since=date(2026, 1, 1), minutes=30)
    data = DemandData(
        "月度业务小结", "公司办公室", "report", "formality", 1, Per.QUARTER, 60, date(2026, 12, 1)
    )
    later = change_demand(demand, data=data, by=scene.staff, on=ON)
    demand.refresh_from_db()
    assert (demand.until, demand.minutes, later.follows, later.until) == (
        date(2026, 11, 30),
        30,
        demand,
        None,
    )
    assert [list(OutsideDemand.objects.at(day)) for day in (ON, date(2026, 12, 1))] == [[demand], [later]]


def test_from_its_first_day_it_is_a_correction(scene: Scene) -> None:
    demand = make_demand(scene.general, since=ON)
    data = DemandData("月报", "安全科", "form", "formality", 2, Per.MONTH, 15, ON)
    changed = change_demand(demand, data=data, by=scene.staff, on=ON)
    assert (changed.pk, changed.name, changed.asker, changed.times) == (demand.pk, "月报", "安全科", 2)
    assert OutsideDemand.objects.count() == 1


def test_what_cannot_be_changed_is_refused(scene: Scene) -> None:
    demand = make_demand(scene.general, since=ON)
    early = DemandData("月报", "安全科", "form", "formality", 1, Per.MONTH, 15, date(2026, 11, 17))
    with pytest.raises(ChangeTooEarly):
        change_demand(demand, data=early, by=scene.staff, on=ON)
    gone = make_demand(scene.general, name="停了的", until=date(2026, 11, 17))
    with pytest.raises(NotStanding):
        change_demand(gone, data=DATA, by=scene.staff, on=ON)
    make_demand(scene.general, name="周报")
    with pytest.raises(DemandExists):
        change_demand(demand, data=DATA, by=scene.staff, on=ON)


def test_ending_once_and_twice(scene: Scene) -> None:
    demand = make_demand(scene.general, since=date(2026, 11, 1))
    with pytest.raises(EndsBeforeStart):
        end_demand(demand, until=date(2026, 10, 31), reason="不要了", by=scene.staff, on=ON)
    ended = end_demand(demand, until=date(2026, 11, 17), reason="不要了", by=scene.staff, on=ON)
    assert (ended.until, ended.reason) == (date(2026, 11, 17), "不要了")
    with pytest.raises(NotStanding):
        end_demand(demand, until=ON, reason="又一次", by=scene.staff, on=ON)


# ---- the list ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_needs_nine_statements(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for n in range(rows):
        make_demand(scene.general, name=f"要求{n}", minutes=30 + n)
        make_demand(scene.first, name=f"提出{n}", state=DemandState.PROPOSED)
    make_demand(scene.foreign_general, name="外单位的")
    as_(client, scene.staff).get(LIST)
    with django_assert_num_queries(9):
        response = client.get(LIST)
    page = response.context["page"]
    assert [line.name for line in page.lines] == [f"要求{n}" for n in reversed(range(rows))]
    assert [demand.name for demand in page.waiting] == [f"提出{n}" for n in range(rows)]


def test_the_list_is_narrowed_by_what_is_asked_for(scene: Scene, client: Client) -> None:
    make_action(name="支部大会", minutes=60)
    make_demand(scene.general, name=HOSTILE, asker=HOSTILE)
    make_demand(scene.general, name="例会", asker="办公室", kind="meeting", nature="core", basis="会议制度")
    as_(client, scene.staff)

    def names(**asked: str) -> list[str]:
        return [line.name for line in client.get(LIST, asked).context["page"].lines]

    assert names() == ["支部大会", HOSTILE, "例会"]
    assert names(nature="formality") == names(asker=HOSTILE) == names(kind="report") == [HOSTILE]
    assert names(source="action") == names(q="大会") == ["支部大会"]
    assert names(kind="nonsense") == names()
    page = client.get(LIST, {"asker": HOSTILE}).content.decode()
    assert "<script>alert" not in page
    assert "没有写明依据" in page
    assert "会议制度（待核实）" in client.get(LIST).content.decode()
    assert "没有符合条件的要求" in client.get(LIST, {"q": "没有这个"}).content.decode()


def test_what_some_are_asked_is_no_part_of_what_each_spends(scene: Scene, client: Client) -> None:
    make_demand(scene.general, minutes=30)
    make_demand(scene.first, name="日报", minutes=100)
    make_task(scene.general, [scene.first], start=ON, end=ON)
    page = as_(client, scene.staff).get(LIST).context["page"]
    assert (len(page.lines), page.minutes, page.formality) == (3, Decimal(30), Decimal(30))
    page = as_(client, scene.worker).get(LIST).context["page"]
    assert (len(page.lines), page.minutes, page.formality) == (3, Decimal(160), Decimal(130))


def test_a_worker_reads_what_reaches_the_own_branch_and_may_name_more(scene: Scene, client: Client) -> None:
    make_demand(scene.general, name="总支月报")
    mine = make_demand(scene.first, name="我提出的", state=DemandState.PROPOSED)
    other = make_demand(scene.second, name="别的支部的")
    response = as_(client, scene.worker).get(LIST)
    assert [line.name for line in response.context["page"].lines] == ["总支月报"]
    assert response.context["page"].waiting == [mine]
    page = response.content.decode()
    assert (reverse("burden:demand_propose") in page, reverse("burden:demand_add") in page) == (True, False)
    assert client.get(url("detail", other)).status_code == 404
    assert "待核对" in client.get(url("detail", mine)).content.decode()


# ---- entering, proposing, deciding ---------------------------------------------------------------------


def test_staff_enter_a_demand(scene: Scene, client: Client) -> None:
    as_(client, scene.staff)
    add = reverse("burden:demand_add")
    assert "登记系统外的要求" in client.get(add).content.decode()
    sent = client.post(add, typed(organisation=scene.general.pk, own="on"))
    demand = OutsideDemand.objects.get()
    assert sent.headers["Location"] == url("detail", demand)
    assert (demand.own, demand.nature, demand.state) == (True, Nature.FORMALITY, DemandState.STANDING)
    again = client.post(add, typed(organisation=scene.general.pk))
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["name"])
    assert "周报" in again.content.decode()


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("minutes", {"minutes": "0"}),
        ("times", {"times": "32"}),
        ("kind", {"kind": "action"}),
        ("since", {"since": "2026-13-01"}),
        ("organisation", {"organisation": "999999"}),
    ],
)
def test_what_does_not_hold_comes_back(
    scene: Scene, client: Client, field: str, fields: dict[str, Any]
) -> None:
    data = {**typed(organisation=scene.general.pk), **fields}
    response = as_(client, scene.staff).post(reverse("burden:demand_add"), data)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert OutsideDemand.objects.count() == 0


def test_a_worker_proposes_for_the_own_branch_and_staff_decide(scene: Scene, client: Client) -> None:
    propose = reverse("burden:demand_propose")
    as_(client, scene.worker)
    foreign = client.post(propose, typed(organisation=scene.second.pk))
    assert (foreign.status_code, list(foreign.context["form"].errors)) == (422, ["organisation"])
    client.post(propose, typed(organisation=scene.first.pk))
    demand = OutsideDemand.objects.get()
    assert (demand.organisation, demand.state, demand.own) == (scene.first, DemandState.PROPOSED, False)
    assert client.get(url("decide", demand)).status_code == 403
    as_(client, scene.staff)
    assert client.get(propose).headers["Location"] == reverse("burden:demand_add")
    empty = client.post(url("decide", demand), {"accepted": "no"})
    assert (empty.status_code, list(empty.context["form"].errors)) == (422, ["reason"])
    client.post(url("decide", demand), {"accepted": "no", "reason": "已经取消"})
    demand.refresh_from_db()
    assert (demand.state, demand.reason) == (DemandState.DECLINED, "已经取消")
    assert "已经取消" in client.get(url("detail", demand)).content.decode()
    twice = client.post(url("decide", demand), {"accepted": "yes"})
    assert (twice.status_code, twice.context["form"].non_field_errors()) == (
        422,
        ["这一条已经核对过了，请刷新页面。"],
    )


def test_staff_change_and_end_a_demand(scene: Scene, client: Client) -> None:
    demand = make_demand(scene.general, since=date(2026, 1, 1))
    as_(client, scene.staff)
    assert 'value="月度业务小结"' in client.get(url("edit", demand)).content.decode()
    client.post(url("edit", demand), typed(name="月度业务小结", per="month", minutes="10"))
    later = OutsideDemand.objects.get(follows=demand)
    assert (later.since, later.minutes) == (ON, 10)
    page = client.get(url("detail", demand)).content.decode()
    assert reverse("burden:demand_detail", args=[later.pk]) in page
    assert url("edit", demand) not in page
    late = client.post(url("end", later), {"until": "2026-11-01", "reason": "不再需要"})
    assert (late.status_code, list(late.context["form"].errors)) == (422, ["until"])
    client.post(url("end", later), {"until": "2026-11-18", "reason": "不再需要"})
    later.refresh_from_db()
    assert (later.until, later.reason) == (ON, "不再需要")


def test_refused_foreign_and_wrong_methods(scene: Scene, client: Client) -> None:
    demand = make_demand(scene.general)
    pages = [url(name, demand) for name in ("edit", "end", "decide")]
    as_(client, scene.foreign_staff)
    assert [client.get(page).status_code for page in [*pages, url("detail", demand)]] == [404] * 4
    assert client.get(LIST, {"scope": scene.general.code}).status_code == 404
    as_(client, scene.overseer)
    assert [client.get(page).status_code for page in [*pages, reverse("burden:demand_add")]] == [403] * 4
    assert client.get(url("detail", demand)).status_code == 200
    assert client.get(reverse("burden:demand_propose")).status_code == 403
    as_(client, make_holder(scene.general, Role.ADMINISTRATOR))
    assert [client.get(page).status_code for page in (LIST, url("detail", demand))] == [403, 403]
    as_(client, scene.staff)
    assert [client.post(page).status_code for page in (LIST, url("detail", demand))] == [405, 405]
    assert [client.put(page).status_code for page in [*pages, reverse("burden:demand_add")]] == [405] * 4
