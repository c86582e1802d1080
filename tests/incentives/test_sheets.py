"""The bonus sheet: its own grant, the budget, versions, what is frozen, and both ledgers."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.models import AccessGrant
from branches.rules import GrantKind
from incentives.actions.contributions import take_back
from incentives.actions.sheets import SheetData, issue_sheet
from incentives.ledgers.contributions import CONTRIBUTIONS
from incentives.ledgers.sheets import BONUSES, ROOM_TO_SIGN
from incentives.models import AnnualRecord, BonusSheet, BranchCondition, ContributionEntry
from incentives.rules.contributions import IncentiveRefused
from ledgers.ledger import Cell, Tone
from tests.factories.branches import make_holder
from tests.incentives.entry_scene import DAY, NOW, closed_item, pull
from tests.ledgers.opened import document_of, excel_rows, in_excel
from tests.reminders.scene import ON, Scene, make_scene

END = date(2026, 12, 20)
LIST, ISSUE = reverse("incentives:sheet_list"), reverse("incentives:sheet_issue")


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = make_scene(monkeypatch)
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: END)
    return made


def granted(scene: Scene, user: User | None = None) -> User:
    """Staff with the dated grant for bonuses of the general branch."""
    holder = user or scene.staff
    AccessGrant.objects.create(
        user=holder,
        organisation=scene.general,
        kind=GrantKind.BONUS,
        since=ON,
        until=END,
        reason="年终出表",
    )
    return holder


def issued(scene: Scene, budget: str = "5000", on: date = END) -> BonusSheet:
    data = SheetData(2026, Decimal(budget), "年终出表")
    return issue_sheet(scene.general, data=data, by=scene.staff, on=on)


def test_a_sheet_freezes_the_year_and_a_correction_is_another_version(scene: Scene) -> None:
    make_holder(scene.foreign_branch)
    first = issued(scene)
    assert (first.version, str(first.total), first.policy) == (1, "600.00", None)
    given = {"evidence": "导航实测", "made_by": scene.staff, "since": date(2026, 1, 1)}
    BranchCondition.objects.create(organisation=scene.first, drive_minutes=75, **given)
    second = issued(scene)
    assert (second.version, str(second.total)) == (2, "690.00")
    kept = AnnualRecord.objects.order_by("sheet__version").values_list("user", "bonus", "effective")
    assert [(user, str(bonus), str(effective)) for user, bonus, effective in kept] == [
        (scene.worker.pk, "600.00", "1.0000"),
        (scene.worker.pk, "690.00", "1.1500"),
    ]


def test_a_sheet_keeps_to_its_budget_and_its_season(scene: Scene) -> None:
    with pytest.raises(IncentiveRefused, match=r"差 100\.01 元"):
        issued(scene, "499.99")
    with pytest.raises(IncentiveRefused, match="最早 12 月"):
        issued(scene, on=date(2026, 11, 30))
    assert str(issued(scene, "600").total) == "600.00"


def test_the_sheet_needs_its_own_grant(scene: Scene, client: Client) -> None:
    sheet = issued(scene)
    detail = reverse("incentives:sheet_detail", args=[sheet.pk])
    pages = (LIST, ISSUE, detail)
    for user in (scene.worker, scene.staff, scene.overseer):
        client.force_login(user)
        assert [client.get(page).status_code for page in pages] == [403] * 3
        assert client.get(reverse("ledgers:ledger_preview", args=["bonuses"])).status_code == 404
    client.force_login(granted(scene))
    assert [client.get(page).status_code for page in pages] == [200] * 3
    assert [client.post(LIST).status_code, client.post(detail).status_code] == [405] * 2
    assert client.get(LIST).context["sheets"].get() == sheet
    AccessGrant.objects.update(until=ON)
    client.force_login(User.objects.get(pk=scene.staff.pk))
    assert client.get(detail).status_code == 403


def test_a_grant_for_another_place_opens_nothing_here(scene: Scene, client: Client) -> None:
    sheet = issued(scene)
    granted(scene, scene.foreign_staff)
    AccessGrant.objects.update(organisation=scene.foreign_general)
    client.force_login(scene.foreign_staff)
    assert list(client.get(LIST).context["sheets"]) == []
    assert client.get(reverse("incentives:sheet_detail", args=[sheet.pk])).status_code == 404
    typed = {"organisation": scene.general.pk, "year": "2026", "budget": "5000", "note": "年终"}
    assert (client.post(ISSUE, typed).status_code, BonusSheet.objects.count()) == (422, 1)


def test_issuing_by_the_page_and_each_person_sees_the_own(scene: Scene, client: Client) -> None:
    client.force_login(granted(scene))
    typed = {"organisation": scene.general.pk, "year": "2026", "budget": "100", "note": "年终"}
    refused = client.post(ISSUE, typed)
    assert (refused.status_code, "超过可用额度" in refused.content.decode()) == (422, True)
    made = client.post(ISSUE, {**typed, "budget": "5000"})
    sheet = BonusSheet.objects.get()
    assert made.headers["Location"] == reverse("incentives:sheet_detail", args=[sheet.pk])
    assert client.delete(ISSUE).status_code == 405
    client.force_login(scene.worker)
    text = client.get(reverse("incentives:record_mine")).content.decode()
    assert "奖金 <b>600.00 元</b>" in text


@pytest.mark.parametrize("more", [0, 2])
def test_the_sheet_costs_the_same_for_more_people(
    scene: Scene, client: Client, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(more):
        make_holder(scene.second)
    sheet = issued(scene)
    client.force_login(granted(scene))
    with django_assert_num_queries(8):
        found = client.get(reverse("incentives:sheet_detail", args=[sheet.pk])).context["lines"]
        assert len(found) == 1 + more


# --- ledgers --------------------------------------------------------------------------------------


def test_the_ledger_of_bonuses_holds_the_latest_values(scene: Scene) -> None:
    issued(scene)
    issued(scene)
    found = document_of(BONUSES, "", granted(scene), on=END)
    ones = (Decimal("1.00"),) * 6
    paid = Decimal(600)
    row = (1, scene.first.name, scene.worker.name, 2026, *ones, Decimal(1), Decimal(1), paid, ROOM_TO_SIGN)
    total = (None, "合计", "1 人", 2026, *[None] * 8, paid, "")
    assert list(found.rows) == [row, total]
    assert excel_rows(found) == [tuple(in_excel(value) for value in line) for line in (row, total)]
    assert list(document_of(BONUSES, "", scene.overseer, on=END).rows) == []
    assert list(document_of(BONUSES, "period=2025", scene.staff, on=END).rows) == []


def test_the_ledger_of_entries_adds_up_with_its_counter_entries(scene: Scene) -> None:
    closed_item(scene.first, scene.worker)
    closed_item(scene.foreign_branch, scene.foreign_staff, code="other")
    pull()
    take_back(ContributionEntry.objects.get(user=scene.worker), reason="记重", by=scene.staff, now=NOW)
    found = document_of(CONTRIBUTIONS, "", scene.staff, on=END)
    same = (scene.first.name, scene.worker.name, DAY, "办结事项", "支部党员大会")
    assert list(found.rows) == [
        (1, *same, Decimal(1), "建议权重", Cell("已冲销")),
        (2, *same, Decimal(-1), "建议权重", Cell("冲销", Tone.SOON)),
    ]
    assert list(document_of(CONTRIBUTIONS, "kind=mentoring", scene.staff, on=END).rows) == []
    assert excel_rows(found) == [tuple(in_excel(value) for value in row) for row in found.rows]
