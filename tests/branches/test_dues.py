"""Party dues: every worked example, every edge, and the words that explain them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branches.rules.dues import (
    DEDUCTED,
    EXCLUDED,
    INCLUDED,
    NOTES,
    RETIREE_BRACKETS,
    WAGE_BRACKETS,
    DuesCategory,
    DuesError,
    Rounding,
    arrears_hint,
    base_from,
    dues_for,
    explain,
    first_month,
    quarter_average,
)
from branches.rules.sources import source
from periods.months import Month

WAGE, RETIREE = DuesCategory.WAGE, DuesCategory.RETIREE
EXAMPLES = source("dues")["examples"]
cents = st.decimals(min_value=0, max_value=1_000_000, places=2)


def test_the_file_has_all_its_examples() -> None:
    assert len(EXAMPLES) == 16


@pytest.mark.parametrize("row", EXAMPLES, ids=[f"{r['category']}-{r.get('base', '')}" for r in EXAMPLES])
def test_worked_examples(row: dict[str, str]) -> None:
    base = Decimal(row["base"]) if "base" in row else None
    to_fen, to_jiao = (dues_for(row["category"], base, unit) for unit in Rounding)
    rate = to_fen.bracket.rate if to_fen.bracket else None
    assert (to_fen.raw, str(to_fen.due), str(to_jiao.due)) == (
        Decimal(row["raw"]),
        row["fen"],
        row["jiao"],
    )
    assert rate == (Decimal(row["rate"]) if "rate" in row else None)


@pytest.mark.parametrize(
    ("category", "base", "rate", "due"),
    [
        (WAGE, "2999.99", "0.005", "15.00"),
        (WAGE, "3000", "0.005", "15.00"),
        (WAGE, "3000.01", "0.010", "30.00"),
        (WAGE, "5000", "0.010", "50.00"),
        (WAGE, "5000.01", "0.015", "75.00"),
        (WAGE, "10000", "0.015", "150.00"),
        (WAGE, "10000.01", "0.020", "200.00"),
        (WAGE, "0.01", "0.005", "0.00"),
        (RETIREE, "5000", "0.005", "25.00"),
        (RETIREE, "5000.01", "0.010", "50.00"),
        (DuesCategory.ANNUAL, "10000", "0.015", "150.00"),
        (DuesCategory.IRREGULAR, "3000.01", "0.010", "30.00"),
    ],
)
def test_edges_belong_to_the_lower_bracket(category: DuesCategory, base: str, rate: str, due: str) -> None:
    found = dues_for(category, Decimal(base))
    assert found.bracket
    assert (found.bracket.rate, str(found.due)) == (Decimal(rate), due)


def test_no_income_costs_nothing_and_says_which_category_may_fit() -> None:
    found = dues_for(WAGE, Decimal(0))
    assert (found.bracket, str(found.due)) == (None, "0.00")
    assert explain(found) == [
        "计算基数为 0，不套用比例。属于学生、下岗失业、领取低保等情形的，请改选相应类别。"
    ]


@pytest.mark.parametrize(
    ("base", "sentence"),
    [
        (Decimal("-0.01"), "计算基数不能小于 0，请核对收入和扣除的金额。"),
        (None, "请填写计算基数。"),
        (Decimal(10_000_001), "金额过大，请核对。"),
    ],
)
def test_impossible_bases_are_refused_in_words(base: Decimal | None, sentence: str) -> None:
    with pytest.raises(DuesError) as refused:
        dues_for(WAGE, base)
    assert str(refused.value) == sentence


def test_farmers_choose_within_a_range() -> None:
    found = dues_for(DuesCategory.FARMER)
    assert (str(found.due), str(found.due_to)) == ("0.20", "1.00")
    assert explain(found) == ["不按收入计算，每月在 0.20 元至 1.00 元之间交纳，具体由党组织确定。"]


def test_the_fixed_amount_is_explained() -> None:
    found = dues_for(DuesCategory.FIXED, rounding=Rounding.JIAO)
    assert (str(found.due), explain(found)) == ("0.2", ["不按收入计算，每月固定交纳 0.20 元。"])


def test_the_way_to_the_amount_is_told_step_by_step() -> None:
    assert explain(dues_for(WAGE, Decimal("5001"))) == [
        "计算基数 5001 元，在“5000 元以上至 10000 元（含）”这一档，比例 1.5%。",
        "全部基数按这一个比例计算，不分段：5001 × 1.5% = 75.015 元。",
        "四舍五入到分，每月应交 75.02 元。",
    ]
    assert explain(dues_for(WAGE, Decimal("3000"), Rounding.JIAO)) == [
        "计算基数 3000 元，在“3000 元以下（含）”这一档，比例 0.5%。"
        "金额正好等于上限，按规定算在较低的这一档。",
        "全部基数按这一个比例计算，不分段：3000 × 0.5% = 15 元。",
        "四舍五入到角，每月应交 15.0 元。",
    ]


def test_the_base_is_what_counts_less_what_is_deducted() -> None:
    income = [Decimal("3200"), Decimal("1800.50"), Decimal("900")]
    assert base_from(income, [Decimal("120.50"), Decimal("780")]) == Decimal("5000.00")
    with pytest.raises(DuesError):
        base_from([Decimal(100)], [Decimal("100.01")])


def test_which_items_count_and_which_are_uncertain() -> None:
    assert [item.code for item in INCLUDED] == ["basic", "post", "skill", "allowance", "bonus"]
    assert {item.code: item.certain for item in DEDUCTED} == {
        "tax": True,
        "insurance": False,
        "annuity": False,
    }
    assert [item.certain for item in EXCLUDED] == [False, False]


@pytest.mark.parametrize(
    ("months", "average"),
    [
        (("3000", "3000", "3000"), "3000.00"),
        (("0", "0", "10000"), "3333.33"),
        (("5000", "5000", "5000.01"), "5000.00"),
        (("5000", "5000", "5000.02"), "5000.01"),
    ],
)
def test_irregular_income_is_the_mean_of_a_quarter(months: tuple[str, ...], average: str) -> None:
    assert quarter_average([Decimal(m) for m in months]) == Decimal(average)


def test_a_quarter_has_three_months() -> None:
    with pytest.raises(DuesError, match="三个月"):
        quarter_average([Decimal(1), Decimal(2)])


@pytest.mark.parametrize("day", [date(2026, 1, 31), date(2026, 1, 1)])
def test_a_probationary_member_pays_from_the_month_of_the_meeting(day: date) -> None:
    assert first_month(day) == Month(2026, 1)


@pytest.mark.parametrize(
    ("months", "sentence"),
    [
        (0, ""),
        (1, "已有 1 个月没有交，请及时补交。再过 5 个月就满连续 6 个月。"),
        (4, "已有 4 个月没有交，请及时补交。再过 2 个月就满连续 6 个月。"),
        (5, "已有 5 个月没有交，请尽快补交。再过 1 个月就满连续 6 个月。"),
        (
            6,
            "已有 6 个月没有交。没有正当理由连续 6 个月不交的，按自行脱党处理；"
            "请党支部先了解情况，有正当理由的尽快补交并写明原因。",
        ),
    ],
)
def test_arrears_are_named_before_they_are_grave(months: int, sentence: str) -> None:
    assert arrears_hint(months) == sentence


def test_what_is_not_verified_says_so() -> None:
    assert [basis.sentence for basis in NOTES["annual_fix"].basis] == [
        "《中央组织部关于进一步规范党费工作的通知》（待核实）"
    ]
    assert [basis.verified for basis in NOTES["retiree_base"].basis] == [True, False]


def test_brackets_join_without_gap() -> None:
    for brackets in (WAGE_BRACKETS, RETIREE_BRACKETS):
        assert [b.above for b in brackets[1:]] == [b.up_to for b in brackets[:-1]]
        assert (brackets[0].above, brackets[-1].up_to) == (Decimal(0), None)


@given(cents.filter(lambda amount: amount > 0))
def test_every_base_has_exactly_one_bracket_and_one_rate(base: Decimal) -> None:
    for category in (WAGE, RETIREE):
        found = dues_for(category, base)
        brackets = RETIREE_BRACKETS if category is RETIREE else WAGE_BRACKETS
        assert [b for b in brackets if b.holds(base)] == [found.bracket]
        assert found.bracket
        assert found.raw == base * found.bracket.rate
        assert abs(found.due - found.raw) <= Decimal("0.005")


@given(cents, cents)
def test_who_earns_more_never_pays_less(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert dues_for(WAGE, low).raw <= dues_for(WAGE, high).raw
