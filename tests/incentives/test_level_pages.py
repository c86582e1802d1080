"""Who sees and does what of levels, the reserve pool and evidence files; ledgers and the PDF."""

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.rules import Role
from incentives.actions.development import (
    answer_reserve,
    decide_reserve,
    dossier_pdf,
    end_reserve,
    make_dossier,
    propose_reserve,
)
from incentives.ledgers.levels import LEVELS, RESERVE
from incentives.models import LevelCase, LevelFact, LevelPolicy, Recommendation, ReservePlace
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.levels import LevelCode, LevelState, ReserveState
from ledgers.ledger import Cell, Tone
from tests.factories.branches import make_holder
from tests.incentives.level_scene import applied, held, ready
from tests.ledgers.opened import document_of, excel_rows, in_excel
from tests.reminders.scene import ON, Scene, make_scene

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
MINE, LIST = reverse("incentives:level_mine"), reverse("incentives:level_list")
POOL = reverse("incentives:reserve_list")
LIST_STATEMENTS, MINE_STATEMENTS, POOL_STATEMENTS = 9, 12, 5


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def proposed(scene: Scene) -> ReservePlace:
    return propose_reserve(
        scene.first, user=scene.worker, reason="按期完成换届", by=scene.staff, on=ON, now=NOW
    )


def statuses(client: Client, user: User, *addresses: str) -> list[int]:
    client.force_login(user)
    return [client.get(address).status_code for address in addresses]


def test_the_progress_view_says_what_lacks_and_opens_the_lists(scene: Scene, client: Client) -> None:
    ready(scene, hours="20")
    client.force_login(scene.worker)
    page = client.get(MINE)
    assert [line.missing for line in page.context["page"].missing] == ["还差 4 学时"]
    address = reverse("incentives:level_evidence", args=[scene.worker.pk, "hours", 1])
    assert address in page.content.decode()
    rows = client.get(address).context["rows"]
    assert [(row.words, row.counts, row.source) for row in rows] == [("党务培训", "20 学时", "签到册")]
    assert [client.post(MINE).status_code, client.post(address).status_code] == [405, 405]


def test_a_worker_sees_the_own_levels_and_staff_their_scope(scene: Scene, client: Client) -> None:
    other = make_holder(scene.second, Role.WORKER)
    case = applied(scene)
    mine = reverse("incentives:level_case", args=[case.pk])
    person = reverse("incentives:level_person", args=[scene.worker.pk])
    evidence = reverse("incentives:level_evidence", args=[scene.worker.pk, "hours", 1])
    files = reverse("incentives:dossier_list", args=[scene.worker.pk])
    decide = reverse("incentives:level_decide", args=[case.pk])
    every = (mine, evidence, files, person, decide)
    assert statuses(client, scene.worker, *every) == [200, 200, 200, 403, 403]
    assert statuses(client, other, *every) == [404, 404, 404, 403, 403]
    assert statuses(client, scene.staff, *every) == [200] * 5
    assert statuses(client, scene.overseer, *every) == [200, 200, 200, 200, 403]
    assert statuses(client, scene.foreign_staff, *every) == [404] * 5


def test_applying_and_deciding_by_the_pages(scene: Scene, client: Client) -> None:
    apply = reverse("incentives:level_apply", args=["specialist"])
    client.force_login(scene.worker)
    refused = client.post(apply, {"statement": "请审"})
    assert (refused.status_code, "还有条件没有达到" in refused.content.decode()) == (422, True)
    ready(scene)
    made = client.post(apply, {"statement": "请审"})
    case = LevelCase.objects.get()
    assert made.headers["Location"] == reverse("incentives:level_case", args=[case.pk])
    panel = [make_holder(scene.general, Role.GENERAL_BRANCH_STAFF) for _ in range(3)]
    typed = {"held_on": ON.isoformat()}
    for seat, one in enumerate(panel, 1):
        typed |= {f"member_{seat}": str(one.pk), f"choice_{seat}": "yes"}
    decide = reverse("incentives:level_decide", args=[case.pk])
    client.force_login(scene.staff)
    assert client.post(decide, {**typed, "choice_2": ""}).status_code == 422
    assert (
        client.post(decide, {**typed, "member_4": str(scene.worker.pk), "choice_4": "yes"}).status_code == 422
    )
    assert client.post(decide, typed).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.votes.count()) == (LevelState.NOTICED, 3)
    client.force_login(scene.worker)
    withdraw = reverse("incentives:level_withdraw", args=[case.pk])
    assert client.post(withdraw).headers["Location"] == MINE


def test_facts_and_standards_by_the_pages(scene: Scene, client: Client) -> None:
    add = reverse("incentives:level_fact_add", args=[scene.worker.pk])
    typed = {"check": "hours", "happened_on": "2026-11-01", "amount": "8", "words": "培训", "source": ""}
    assert statuses(client, scene.worker, add) == [403]
    assert statuses(client, scene.foreign_staff, add) == [404]
    client.force_login(scene.staff)
    assert client.post(add, typed).status_code == 422
    assert client.post(add, {**typed, "source": "签到册"}).status_code == 302
    back = reverse("incentives:level_fact_back", args=[LevelFact.objects.get().pk])
    assert client.post(back, {"reason": "重复"}).status_code == 302
    standard = reverse("incentives:level_standard")
    form = client.get(standard).context["form"]
    typed = {name: str(field.initial) for name, field in form.fields.items() if field.initial is not None}
    typed |= {
        "organisation": str(scene.general.pk),
        "since": ON.isoformat(),
        "document": "办法",
        "note": "试行",
    }
    assert client.post(standard, {**typed, "specialist_0": "30"}).status_code == 302
    assert LevelPolicy.objects.get().levels[0]["criteria"][0]["at_least"] == "30"


@pytest.mark.parametrize("more", [0, 2])
def test_pages_cost_the_same_for_more_people(
    scene: Scene, client: Client, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_holder(scene.foreign_branch, Role.WORKER)
    held(scene, LevelCode.SPECIALIST, date(2026, 1, 1))
    for role in (Role.SECRETARY, Role.DEPUTY_SECRETARY)[:more]:
        held(scene, LevelCode.SPECIALIST, date(2026, 1, 1), user=make_holder(scene.first, role))
    proposed(scene)
    client.force_login(scene.staff)
    with django_assert_num_queries(LIST_STATEMENTS):
        assert len(client.get(LIST).context["rows"]) == 1 + more
    with django_assert_num_queries(POOL_STATEMENTS):
        assert len(client.get(POOL).context["rows"]) == 1
    client.force_login(scene.worker)
    with django_assert_num_queries(MINE_STATEMENTS):
        assert len(client.get(MINE).context["page"].terms) == 1


def test_the_pool_is_agreed_first_decided_by_another_and_seen_by_few(scene: Scene, client: Client) -> None:
    place = proposed(scene)
    with pytest.raises(IncentiveRefused, match="不用重复"):
        proposed(scene)
    with pytest.raises(IncentiveRefused, match="待本人同意"):
        decide_reserve(place, accept=True, reason="", by=scene.overseer, on=ON)
    with pytest.raises(IncentiveRefused, match="由本人答复"):
        answer_reserve(place, agrees=True, by=scene.staff, on=ON)
    client.force_login(scene.worker)
    answer = reverse("incentives:reserve_answer", args=[place.pk])
    assert [client.get(answer).status_code, client.post(answer, {"agrees": "yes"}).status_code] == [405, 302]
    with pytest.raises(IncentiveRefused, match="另一个人"):
        decide_reserve(place, accept=True, reason="", by=scene.staff, on=ON)
    decided = decide_reserve(place, accept=True, reason="", by=scene.overseer, on=ON)
    assert (decided.state, decided.since) == (ReserveState.IN_POOL, ON)
    colleague = make_holder(scene.first, Role.SECRETARY)
    seen = {}
    for user in (scene.worker, scene.staff, colleague, scene.foreign_staff):
        client.force_login(user)
        seen[user.pk] = len(client.get(POOL).context["rows"])
    assert list(seen.values()) == [1, 1, 0, 0]
    end = reverse("incentives:reserve_end", args=[place.pk])
    assert client.post(end, {"reason": "无关"}).status_code == 404
    assert end_reserve(place, reason="", by=scene.worker, on=ON).ended_for == "本人退出"


def test_a_recommendation_states_a_criterion_and_never_a_rank(scene: Scene, client: Client) -> None:
    add = reverse("incentives:recommendation_add")
    typed = {"person": str(scene.worker.pk), "purpose": "岗位选拔", "evidence": "通报"}
    assert statuses(client, scene.worker, add) == [403]
    client.force_login(scene.staff)
    ranked = client.post(add, {**typed, "criterion": "考核排名第一"})
    assert (ranked.status_code, "不写名次" in ranked.content.decode()) == (422, True)
    assert client.post(add, {**typed, "criterion": "任期内达标"}).status_code == 302
    assert Recommendation.objects.get().criterion == "任期内达标"


def test_the_evidence_file_is_frozen_and_made_again_the_same(scene: Scene, client: Client) -> None:
    held(scene, LevelCode.SUPERVISOR, date(2026, 1, 1))
    client.force_login(scene.worker)
    made = client.post(reverse("incentives:dossier_make", args=[scene.worker.pk]))
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(made.content)).pages)
    assert [part in text for part in ("履职实绩档案", scene.worker.name, "党务主管", "贡献记录")] == [
        True
    ] * 4
    held_file = make_dossier(scene.worker, scene.first, by=scene.staff, on=ON)
    assert (held_file.made_by, held_file.pk) == (scene.worker, held_file.pk)
    ready(scene)
    address = reverse("incentives:dossier_download", args=[held_file.pk])
    assert client.get(address).content == made.content
    assert statuses(client, scene.foreign_staff, address) == [404]
    held_file.snapshot["name"] = "别人"
    with pytest.raises(IncentiveRefused, match="校验码"):
        dossier_pdf(held_file, by=scene.worker)


def test_the_ledgers_of_levels_and_of_the_pool(scene: Scene) -> None:
    held(scene, LevelCode.SPECIALIST, date(2026, 1, 1))
    proposed(scene)
    found = document_of(LEVELS, "", scene.staff, on=ON)
    row = (
        1,
        scene.first.name,
        scene.worker.name,
        "党务专员",
        "首次认定",
        date(2026, 1, 1),
        date(2027, 12, 31),
        None,
    )
    assert list(found.rows) == [(*row, Cell("有效", Tone.OK))]
    assert excel_rows(found) == [tuple(in_excel(value) for value in each) for each in found.rows]
    assert list(document_of(LEVELS, "", scene.foreign_staff, on=ON).rows) == []
    pool = document_of(RESERVE, "", scene.staff, on=ON)
    assert [each[1:5] for each in pool.rows] == [
        (scene.first.name, scene.worker.name, "按期完成换届", Cell("待本人同意", Tone.OK))
    ]
    assert list(document_of(RESERVE, "", scene.foreign_staff, on=ON).rows) == []
