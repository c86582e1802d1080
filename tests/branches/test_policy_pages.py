"""The pages of the rules."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from branches.models import PolicyRule
from branches.rules import Role
from tests.branches.conftest import House, signed_in
from tests.factories.branches import make_holder, make_organisation

DEPUTY = "deputy_secretary_min_full_members"


def page(client: Client, **query: str) -> str:
    return client.get("/w/organisations/rules/", query).content.decode()


def adjust(house: House, code: str = DEPUTY, **given: Any) -> Any:
    data = {
        "enabled": "on",
        "low": "4",
        "since": timezone.localdate().isoformat(),
        "reason": "会议纪要〔2026〕3号",
    }
    address = f"/w/organisations/rules/{house.general.pk}/{code}/"
    return signed_in(house.staff).post(address, {**data, **given})


def test_staff_read_rules_with_their_documents(house: House) -> None:
    text = page(signed_in(house.staff))
    assert text.count('class="rule"') == 22
    assert text.count("待核实</span>") == 14
    assert "《中国共产党支部工作条例（试行）》第二十条" in text
    assert f'href="/w/organisations/rules/{house.general.pk}/{DEPUTY}/"' in text
    assert "/rules/branch_min_full_members/" not in text


@pytest.mark.parametrize("who", ["worker", "overseer", "administrator"])
def test_everybody_reads_and_who_may_not_adjust_has_no_button(house: House, who: str) -> None:
    text = page(signed_in(getattr(house, who)))
    assert text.count('class="rule"') == 22
    assert ("调整设副书记" in text) is (who == "administrator")


def test_a_branch_page_has_no_button_and_a_foreign_one_is_not_found(house: House) -> None:
    client = signed_in(house.staff)
    assert "调整设副书记" not in page(client, organisation="BR03")
    make_organisation("BR99")
    assert client.get("/w/organisations/rules/?organisation=BR99").status_code == 404


def test_an_adjustment_shows_with_its_reason_and_the_old_version(house: House) -> None:
    answer = adjust(house)
    assert answer.status_code == 302
    assert answer["Location"] == "/w/organisations/rules/?organisation=DZ01"
    text = page(signed_in(house.worker))
    assert "不少于 4 人" in text
    assert "历次版本（2）" in text
    assert f"会议纪要〔2026〕3号（{house.staff.name}）" in text
    assert "不少于 4 人" not in page(signed_in(house.worker), on="2026-01-01").split("历次版本")[0]


def test_a_preference_with_two_bounds_and_one_with_one_number(house: House) -> None:
    assert adjust(house, "joint_preferred_members", low="5", high="30").status_code == 302
    assert adjust(house, "outlook_horizon_months", low="9").status_code == 302
    rows = PolicyRule.objects.order_by("pk")
    assert [(row.code, row.low, row.high, row.enabled) for row in rows] == [
        ("joint_preferred_members", Decimal(5), Decimal(30), True),
        ("outlook_horizon_months", Decimal(9), Decimal(9), True),
    ]


def test_switching_off(house: House) -> None:
    data = {"low": "5", "since": timezone.localdate().isoformat(), "reason": "不再执行"}
    address = f"/w/organisations/rules/{house.general.pk}/{DEPUTY}/"
    assert signed_in(house.staff).post(address, data).status_code == 302
    assert [(row.enabled, row.low) for row in PolicyRule.objects.all()] == [(False, Decimal(5))]
    assert "停用" in page(signed_in(house.staff))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": ""}, "请填写调整原因。"),
        ({"low": "0"}, "确保该值大于或等于1。"),
        ({"low": "5"}, "与当日已有的规定相同，没有需要保存的改动。"),
        ({"since": "昨天"}, "没有认出日期"),
    ],
)
def test_errors_keep_what_was_typed(house: House, given: dict[str, str], words: str) -> None:
    answer = adjust(house, **given)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert given.get("reason", "会议纪要〔2026〕3号") in text
    assert PolicyRule.objects.count() == 0


def test_who_may_not_adjust(house: House) -> None:
    address = f"/w/organisations/rules/{house.general.pk}/{DEPUTY}/"
    assert signed_in(house.worker).get(address).status_code == 403
    assert signed_in(house.overseer).post(address).status_code == 403
    elsewhere = make_holder(make_organisation("DZ99", kind="general_branch"), Role.GENERAL_BRANCH_STAFF)
    assert signed_in(elsewhere).get(address).status_code == 404
    client = signed_in(house.staff)
    assert client.get(address.replace(DEPUTY, "branch_min_full_members")).status_code == 404
    assert client.get(address.replace(str(house.general.pk), str(house.br03.pk))).status_code == 404
    assert client.put(address).status_code == 405
    assert client.post("/w/organisations/rules/").status_code == 405
    assert client.get(address).status_code == 200


def test_the_list_costs_the_same_for_any_number(house: House, django_assert_num_queries: Any) -> None:
    client = signed_in(house.staff)
    page(client)  # the first page of a session writes that it began
    with django_assert_num_queries(7):
        page(client)
    for n in range(3):
        make_organisation(f"BR1{n}", parent=house.general)
        adjust(house, since=date(2026, 1, 1 + n).isoformat(), low=str(6 + n))
    with django_assert_num_queries(7):
        page(client)
