"""The calculators: what they answer, whom they ask, and that they keep nothing."""

import logging
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from accounts.access import SEEN
from accounts.models import OwnSession, User
from branches.rules import GrantKind, MemberStatus, Role
from branches.rules.basis import Basis, merged_sentence
from branches.rules.dues import DuesCategory
from tests.branches.conftest import House, signed_in
from tests.factories.branches import make_member, make_organisation, make_post, make_user

VOTES, DUES = "/w/organisations/tools/votes/", "/w/organisations/tools/dues/"
Counter = Callable[[int], AbstractContextManager[object]]


def text_of(page: str) -> str:
    """The words of a page, without tags and line breaks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def votes(client: Client, **asked: Any) -> tuple[int, str]:
    answer = client.get(VOTES, {"asked": "1", **asked})
    return answer.status_code, text_of(answer.content.decode())


def dues(client: Client, category: str = "wage_earner", **typed: Any) -> tuple[int, str]:
    answer = client.post(f"{DUES}?category={category}", {"rounding": "fen", **typed})
    return answer.status_code, text_of(answer.content.decode())


@pytest.mark.parametrize(
    ("asked", "heading"),
    [
        ({"kind": "resolution", "eligible": 10}, "至少到会 5 人，至少 6 票赞成"),
        ({"kind": "resolution", "eligible": 10, "present": 5, "approving": 5}, "没有通过 赞成还差 1 票"),
        ({"kind": "admission_or_conversion", "eligible": 10, "present": 5}, "不能表决 到会还差 1 人"),
        (
            {"kind": "admission_or_conversion", "eligible": 10, "present": 6, "approving": 5, "written": 2},
            "通过 到会 6 人，赞成 7 票",
        ),
        ({"kind": "election", "eligible": 10, "present": 8, "approving": 5}, "当选 到会 8 人，赞成 5 票"),
        ({"kind": "election", "eligible": 10, "present": 8, "approving": 4}, "没有当选 赞成还差 1 票"),
        ({"kind": "election", "eligible": 10, "present": 7, "approving": 7}, "不能表决 到会还差 1 人"),
        ({"kind": "committee_decision", "eligible": 5}, "至少到会 3 人，至少 3 票赞成"),
    ],
)
def test_votes_are_answered_in_words(house: House, asked: dict[str, Any], heading: str) -> None:
    status, page = votes(signed_in(house.worker), **asked)
    assert status == 200
    assert heading in page


def test_an_election_names_its_own_denominator_and_the_candidates(house: House) -> None:
    _, page = votes(signed_in(house.worker), kind="election", eligible=10, seats=3)
    assert "如果全部到会，至少 6 票；实到会少，所需票数也少。" in page
    assert "应选 3 名，候选人至少 4 名（差额不少于 20%，待核实）。" in page
    assert (
        "依据：《中国共产党基层组织选举工作条例》第十三条、《中国共产党基层组织选举工作条例》（待核实）"
        in page
    )


def test_an_admission_rests_on_three_articles_named_once(house: House) -> None:
    _, page = votes(signed_in(house.worker), kind="admission_or_conversion", eligible=3)
    assert "依据：《中国共产党发展党员工作细则（2026年修订）》第十九条、第二十条、第三十二条" in page
    assert "支部人员一有变动就可能不具备设立条件" in page


def test_full_members_of_the_branch_are_counted_when_no_number_is_given(house: House) -> None:
    make_member(house.br03)
    make_member(house.br03, status=MemberStatus.PROBATIONARY)
    make_member(house.br03, status=MemberStatus.ACTIVIST)
    client = signed_in(house.worker)
    _, page = votes(client, kind="resolution", organisation=house.br03.pk)
    assert "应到会按红土坡党支部今天的正式党员 2 人计算" in page
    _, page = votes(client, kind="resolution", organisation=house.br03.pk, eligible=7)
    assert "应到会按" not in page


def test_the_committee_is_counted_by_its_people(house: House) -> None:
    for role in (Role.SECRETARY, Role.ORGANISATION_COMMISSIONER, Role.DISCIPLINE_COMMISSIONER):
        make_post(house.br03, role, member=make_member(house.br03))
    _, page = votes(signed_in(house.worker), kind="committee_decision", organisation=house.br03.pk)
    assert "应到会按红土坡党支部委员 3 人计算" in page
    assert "至少到会 2 人，至少 2 票赞成" in page


def test_a_foreign_branch_is_no_choice(house: House) -> None:
    status, page = votes(signed_in(house.worker), kind="resolution", organisation=house.br04.pk)
    assert status == 422
    assert "松林口党支部" not in page


def test_ones_only_branch_is_chosen_already(house: House) -> None:
    page = signed_in(house.worker).get(VOTES).content.decode()
    assert f'<option value="{house.br03.pk}" selected>' in page
    assert "松林口党支部" not in page
    staff = signed_in(house.staff).get(VOTES).content.decode()
    assert "selected" in staff
    assert f'<option value="{house.br04.pk}">' in staff


def test_dissolved_branches_are_not_offered(house: House) -> None:
    house.br04.dissolved_on = date(2020, 1, 1)
    house.br04.save()
    assert "松林口党支部" not in signed_in(house.staff).get(VOTES).content.decode()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({}, "请填写人数，或选择党支部。"),
        ({"eligible": 0}, "应到会人数请填 1 或更大的整数。"),
        ({"eligible": 5, "present": 6}, "实到会人数应当在 0 至 5 之间，请核对。"),
        ({"eligible": 5, "present": 4, "approving": 5}, "会上的赞成票不能多于实到会人数，请核对。"),
        ({"eligible": 5, "approving": 5}, "填了赞成票，请同时填写实到会人数。"),
        (
            {"kind": "admission_or_conversion", "eligible": 5, "present": 4, "approving": 4, "written": 2},
            "提出书面意见的人不能多于没有到会的人数，请核对。",
        ),
        ({"kind": "election", "eligible": 10, "present": 12, "approving": 3}, "请核对。"),
        ({"kind": "admission_or_conversion", "eligible": 5, "present": 6, "written": 1}, "请核对。"),
    ],
)
def test_numbers_that_cannot_be_keep_what_was_typed(
    house: House, asked: dict[str, Any], sentence: str
) -> None:
    answer = signed_in(house.worker).get(VOTES, {"asked": "1", **asked})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    for name, value in asked.items():
        assert name == "kind" or f'name="{name}" value="{value}"' in page


@pytest.mark.parametrize("kind", ["", "boss", "<b>"])
def test_an_unknown_kind_is_the_usual_vote(house: House, kind: str) -> None:
    page = signed_in(house.worker).get(VOTES, {"kind": kind}).content.decode()
    assert 'name="kind" value="resolution"' in page
    assert f"{DUES}?category=x" not in page


def test_who_may_be_left_out_is_marked_for_confirmation(house: House) -> None:
    page = text_of(signed_in(house.worker).get(VOTES).content.decode())
    assert "选举时可以不计入应到会人数的（待核实）" in page
    assert "依据：行业、上级党委或本单位惯例（待核实）" in page


def test_votes_cost_the_same_for_many_branches(house: House, django_assert_num_queries: Counter) -> None:
    client = signed_in(house.staff)
    client.get(VOTES)
    with django_assert_num_queries(5):
        client.get(VOTES)
    for _ in range(3):
        make_organisation(parent=house.general)
    with django_assert_num_queries(5):
        client.get(VOTES)


@pytest.mark.parametrize(
    ("category", "typed", "due"),
    [
        ("wage_earner", {"base": "5001"}, "每月应交 75.02 元"),
        ("wage_earner", {"base": "5001", "rounding": "jiao"}, "每月应交 75.0 元"),
        ("wage_earner", {"base": "3000.01"}, "每月应交 30.00 元"),
        ("wage_earner", {"basic": "3200", "tax": "33.50", "insurance": "500"}, "每月应交 13.33 元"),
        ("annual_salary", {"base": "18000"}, "每月应交 360.00 元"),
        ("irregular_income", {"month1": "0", "month2": "0", "month3": "10000"}, "每月应交 33.33 元"),
        ("retiree", {"base": "5000"}, "每月应交 25.00 元"),
        ("fixed_low", {}, "每月应交 0.20 元"),
        ("farmer", {}, "每月应交 0.20 至 1.00 元"),
        ("wage_earner", {"base": "0"}, "每月应交 0.00 元"),
    ],
)
def test_dues_are_answered(house: House, category: str, typed: dict[str, str], due: str) -> None:
    status, page = dues(signed_in(house.worker), category, **typed)
    assert status == 200
    assert due in page


def test_dues_say_why(house: House) -> None:
    client = signed_in(house.worker)
    _, page = dues(client, base="3000")
    assert "计算基数 3000 元，在“3000 元以下（含）”这一档，比例 0.5%。" in page
    assert "金额正好等于上限，按规定算在较低的这一档。" in page
    assert "全部基数按这一个比例计算，不分段：3000 × 0.5% = 15 元。" in page
    assert "依据：《关于中国共产党党费收缴、使用和管理的规定（中组发〔2008〕3号）》第二条" in page
    _, page = dues(client, basic="3200", bonus="1000.50", tax="33.50")
    assert "计入的收入合计 4200.50 元，扣除合计 33.50 元，计算基数 4167.00 元。" in page
    _, page = dues(client, "irregular_income", month1="100", month2="100", month3="101")
    assert "平均数（四舍五入到分）是 100.33 元" in page


def test_what_the_texts_disagree_on_is_said(house: House) -> None:
    page = text_of(signed_in(house.worker).get(DUES).content.decode())
    assert "口径以上级通知为准（待核实）" in page
    assert "系统不保存" in page
    retired = text_of(signed_in(house.worker).get(DUES, {"category": "retiree"}).content.decode())
    assert "后来的口径为基本离退休费或基本养老金（不含津补贴）。口径以上级通知为准（待核实）。" in retired


def test_new_members_and_arrears(house: House) -> None:
    _, page = dues(signed_in(house.worker), "fixed_low", admitted_on="2026-01-31", unpaid="5")
    assert "从 2026 年 1 月起交纳（大会通过的当月起算）。" in page
    assert "已有 5 个月没有交，请尽快补交。再过 1 个月就满连续 6 个月。" in page


@pytest.mark.parametrize(
    ("category", "typed", "sentence"),
    [
        ("wage_earner", {}, "请填写计算基数，或按工资条逐项填写。"),
        ("wage_earner", {"base": "5000", "basic": "3200"}, "基数和逐项金额请只填一种，另一种请清空。"),
        ("wage_earner", {"basic": "100", "tax": "100.01"}, "计算基数不能小于 0，请核对收入和扣除的金额。"),
        ("wage_earner", {"tax": "100"}, "请填写计算基数，或按工资条逐项填写。"),
        ("retiree", {}, "这个字段是必填项。"),
        ("retiree", {"base": "-1"}, "确保该值大于或等于0"),
        ("retiree", {"base": "一千"}, "输入一个数字。"),
        ("irregular_income", {"month1": "1", "month2": "2"}, "这个字段是必填项。"),
        ("farmer", {"unpaid": "-1"}, "确保该值大于或等于0"),
        ("farmer", {"admitted_on": "昨天"}, "没有认出日期"),
    ],
)
def test_amounts_that_cannot_be_keep_what_was_typed(
    house: House, category: str, typed: dict[str, str], sentence: str
) -> None:
    answer = signed_in(house.worker).post(f"{DUES}?category={category}", {"rounding": "fen", **typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    for name, value in typed.items():
        assert re.search(f'name="{name}" value="{value}"', page)


def everything_stored() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table; of sessions what they hold."""
    rows = {
        m._meta.label: list(m._default_manager.order_by("pk").values())
        for m in apps.get_models()
        if m is not OwnSession
    }
    sessions = [{k: v for k, v in s.get_decoded().items() if k != SEEN} for s in OwnSession.objects.all()]
    return rows | {"sessions": sessions}


@pytest.mark.parametrize("category", DuesCategory.values)
def test_nothing_is_stored_and_nothing_is_logged(
    house: House, category: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in(house.worker)
    client.get(DUES)
    before = everything_stored()
    amount = "7654.32"
    with caplog.at_level(logging.DEBUG):
        answer = client.post(
            f"{DUES}?category={category}",
            {"rounding": "fen", "base": amount, "month1": amount, "month2": amount, "month3": amount},
        )
        client.post(f"{DUES}?category={category}", {"rounding": "no", "base": amount})
    assert answer.status_code == 200
    assert everything_stored() == before
    assert amount not in caplog.text
    assert amount not in str(answer.headers)


def test_a_vote_is_not_stored_either(house: House) -> None:
    client = signed_in(house.worker)
    client.get(VOTES)
    before = everything_stored()
    votes(client, kind="election", eligible=10, present=8, approving=5)
    assert everything_stored() == before


def test_amounts_are_kept_by_no_browser_and_taken_from_no_address(house: House) -> None:
    client = signed_in(house.worker)
    for answer in (client.get(DUES), client.post(DUES, {"rounding": "fen", "base": "5001"})):
        assert answer.headers["Cache-Control"] == "no-store"
        assert 'autocomplete="off"' in answer.content.decode()
    by_address = client.get(DUES, {"base": "5001", "rounding": "fen"}).content.decode()
    assert "5001" not in by_address
    assert 'method="post"' in by_address


# Fields of the frame: search and the size of letters.
FRAME_FIELDS = {"q", "large", "next"}


@pytest.mark.parametrize("category", DuesCategory.values)
def test_each_category_asks_only_its_own(house: House, category: str) -> None:
    page = signed_in(house.worker).get(DUES, {"category": category}).content.decode()
    asked = set(re.findall(r'<input[^>]+name="(\w+)"', page)) - {"csrfmiddlewaretoken", *FRAME_FIELDS}
    own = {
        "wage_earner": {
            "base",
            "basic",
            "post",
            "skill",
            "allowance",
            "bonus",
            "tax",
            "insurance",
            "annuity",
        },
        "annual_salary": {"base"},
        "irregular_income": {"month1", "month2", "month3"},
        "retiree": {"base"},
    }.get(category, set())
    assert asked == own | {"admitted_on", "unpaid"}


def test_dues_cost_no_queries_of_their_own(house: House, django_assert_num_queries: Counter) -> None:
    client = signed_in(house.worker)
    client.get(DUES)
    with django_assert_num_queries(3):
        dues(client, base="5001")


@pytest.mark.parametrize("url", [VOTES, DUES])
def test_who_has_no_post_is_refused(house: House, url: str) -> None:
    assert signed_in(make_user()).get(url).status_code == 403
    answer = Client().get(url)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/w/account/login/?next={url}")


def test_methods(house: House) -> None:
    client = signed_in(house.worker)
    assert [client.post(VOTES).status_code, client.put(DUES).status_code] == [405, 405]


@pytest.mark.parametrize("who", ["worker", "staff", "overseer", "administrator"])
def test_every_role_finds_the_calculators_in_one_click(house: House, who: str) -> None:
    user: User = getattr(house, who)
    page = signed_in(user).get("/w/organisations/", follow=True).content.decode()
    assert f'<a href="{VOTES}">计算器</a>' in page
    assert f'<a href="{VOTES}" class="active" aria-current="page">计算器</a>' in (
        signed_in(user).get(DUES).content.decode()
    )


def test_a_stand_in_may_use_them(house: House) -> None:
    user = make_user()
    house.br03.grants.create(
        user=user,
        kind=GrantKind.STAND_IN,
        since=date(2020, 1, 1),
        until=date(2199, 1, 1),
        reason="代办",
        granted_by=house.staff,
    )
    assert signed_in(user).get(VOTES).status_code == 200


def test_articles_of_one_document_share_its_name() -> None:
    one, two = Basis("甲", "第一条", True), Basis("甲", "第二条", True)
    assert merged_sentence([one, two, Basis("乙", "第三条", True)]) == "《甲》第一条、第二条、《乙》第三条"
    assert merged_sentence([one, Basis("甲", "第二条", False)]) == "《甲》第一条、《甲》第二条（待核实）"
    assert merged_sentence([one, Basis("甲", "", True)]) == "《甲》第一条、《甲》"
    assert merged_sentence([]) == ""
