"""Party dues: the base, its bracket, and what is due; the whole base at one rate, in exact decimals.

Source: 关于中国共产党党费收缴、使用和管理的规定（中组发〔2008〕3号） 第一条 to 第十四条.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import TextChoices

from branches.rules.basis import Basis, merged_sentence
from branches.rules.organisations import Refusal
from branches.rules.sources import source
from periods.months import Month

ZERO = Decimal(0)
FEN = Decimal("0.01")
MOST = Decimal(10_000_000)


class DuesError(Refusal):
    """An amount cannot be; the message says in Chinese what to correct."""


class DuesCategory(TextChoices):
    WAGE = "wage_earner", "按月领工资"
    ANNUAL = "annual_salary", "年薪制"
    IRREGULAR = "irregular_income", "不按月领取收入"
    RETIREE = "retiree", "离退休"
    FIXED = "fixed_low", "学生、下岗失业、低保等"
    FARMER = "farmer", "农民"


class Rounding(TextChoices):
    FEN = "fen", "四舍五入到分"
    JIAO = "jiao", "四舍五入到角"


UNITS = {Rounding.FEN: FEN, Rounding.JIAO: Decimal("0.1")}


@dataclass(frozen=True, slots=True)
class Bracket:
    """More than `above` and not more than `up_to` (None: no end) is charged at `rate`."""

    above: Decimal
    up_to: Decimal | None
    rate: Decimal

    def holds(self, base: Decimal) -> bool:
        return self.above < base and (self.up_to is None or base <= self.up_to)

    @property
    def percent(self) -> str:
        return f"{(self.rate * 100).normalize():f}%"

    @property
    def range(self) -> str:
        if self.up_to is None:
            return f"{self.above:f} 元以上"
        if self.above == ZERO:
            return f"{self.up_to:f} 元以下（含）"
        return f"{self.above:f} 元以上至 {self.up_to:f} 元（含）"


@dataclass(frozen=True, slots=True)
class Item:
    """One part of an income, or one deduction. `certain`: the text names it."""

    code: str
    name: str
    certain: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    code: str
    text: str
    basis: tuple[Basis, ...]

    @property
    def rests_on(self) -> str:
        return merged_sentence(self.basis)


@dataclass(frozen=True, slots=True)
class Dues:
    """What one month costs. `bracket` None: a fixed amount, or nothing to charge.

    raw: before rounding; due: after it; due_to: the upper end where a range may be chosen from.
    """

    category: DuesCategory
    rounding: Rounding
    base: Decimal | None
    bracket: Bracket | None
    raw: Decimal
    due: Decimal
    due_to: Decimal | None = None


def brackets_of(category: DuesCategory) -> tuple[Bracket, ...]:
    return RETIREE_BRACKETS if category is DuesCategory.RETIREE else WAGE_BRACKETS


def round_to(amount: Decimal, rounding: Rounding) -> Decimal:
    return amount.quantize(UNITS[rounding], ROUND_HALF_UP)


def dues_for(
    category: DuesCategory | str, base: Decimal | None = None, rounding: Rounding | str = Rounding.FEN
) -> Dues:
    """What is due for one month. Raises DuesError for a base that is missing, negative or too large.

    An amount on the edge of a bracket belongs to the lower one (“含”); the whole base has one rate.
    """
    category, rounding = DuesCategory(category), Rounding(rounding)
    if category is DuesCategory.FIXED:
        return Dues(category, rounding, None, None, FIXED_LOW, round_to(FIXED_LOW, rounding))
    if category is DuesCategory.FARMER:
        low, high = FARMER_RANGE
        return Dues(category, rounding, None, None, low, round_to(low, rounding), round_to(high, rounding))
    amount = checked(base)
    bracket = next((b for b in brackets_of(category) if b.holds(amount)), None)
    raw = amount * bracket.rate if bracket else ZERO
    return Dues(category, rounding, amount, bracket, raw, round_to(raw, rounding))


def checked(amount: Decimal | None) -> Decimal:
    if amount is None:
        raise DuesError("请填写计算基数。")
    if amount < ZERO:
        raise DuesError("计算基数不能小于 0，请核对收入和扣除的金额。")
    if amount > MOST:
        raise DuesError("金额过大，请核对。")
    return amount


def base_from(income: Iterable[Decimal], deductions: Iterable[Decimal] = ()) -> Decimal:
    """What counts less what is deducted. Raises DuesError when that falls below zero."""
    return checked(sum(income, ZERO) - sum(deductions, ZERO))


def quarter_average(months: Sequence[Decimal]) -> Decimal:
    """The mean of three months, rounded to the fen: an amount of money is not finer (第四条)."""
    if len(months) != 3:
        raise DuesError("请填写上个季度三个月的纯收入。")
    return checked((sum(months, ZERO) / 3).quantize(FEN, ROUND_HALF_UP))


def first_month(admitted_on: date) -> Month:
    """A probationary member pays from the month of the general meeting (第八条)."""
    return Month.of(admitted_on)


def arrears_hint(months: int) -> str:
    """What so many unpaid months mean; empty while there is nothing to say. Source: 第十四条."""
    if months < ALERT_MONTHS[0]:
        return ""
    if months >= ARREARS_MONTHS:
        return (
            f"已有 {months} 个月没有交。没有正当理由连续 {ARREARS_MONTHS} 个月不交的，按自行脱党处理；"
            "请党支部先了解情况，有正当理由的尽快补交并写明原因。"
        )
    left = ARREARS_MONTHS - months
    pressing = "请尽快补交。" if months >= ALERT_MONTHS[-1] else "请及时补交。"
    return f"已有 {months} 个月没有交，{pressing}再过 {left} 个月就满连续 {ARREARS_MONTHS} 个月。"


def explain(result: Dues) -> list[str]:
    """Step by step, in words, how the amount came about."""
    if result.category is DuesCategory.FIXED:
        return [f"不按收入计算，每月固定交纳 {FIXED_LOW} 元。"]
    if result.category is DuesCategory.FARMER:
        low, high = FARMER_RANGE
        return [f"不按收入计算，每月在 {low} 元至 {high} 元之间交纳，具体由党组织确定。"]
    if result.base is None or result.bracket is None:
        return ["计算基数为 0，不套用比例。属于学生、下岗失业、领取低保等情形的，请改选相应类别。"]
    return [
        _which_bracket(result.base, result.bracket),
        f"全部基数按这一个比例计算，不分段："
        f"{result.base:f} × {result.bracket.percent} = {_plain(result.raw)} 元。",
        f"{result.rounding.label}，每月应交 {result.due} 元。",
    ]


def _which_bracket(base: Decimal, bracket: Bracket) -> str:
    said = f"计算基数 {base:f} 元，在“{bracket.range}”这一档，比例 {bracket.percent}。"
    if base == bracket.up_to:
        said += "金额正好等于上限，按规定算在较低的这一档。"
    return said


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _basis(rows: list[dict[str, Any]]) -> tuple[Basis, ...]:
    return tuple(Basis(r["document"], r["article"], r["verified"]) for r in rows)


def _brackets(name: str) -> tuple[Bracket, ...]:
    return tuple(
        Bracket(Decimal(r["above"]), Decimal(r["up_to"]) if r["up_to"] else None, Decimal(r["rate"]))
        for r in _FILE["brackets"][name]["rows"]
    )


def _items(rows: list[dict[str, Any]]) -> tuple[Item, ...]:
    return tuple(
        Item(r.get("code", ""), r["name"], r.get("certain", True), r.get("reason", "")) for r in rows
    )


_FILE = source("dues")
WAGE_BRACKETS, RETIREE_BRACKETS = _brackets("wage"), _brackets("retiree")
BRACKET_BASIS = {
    category: _basis(_FILE["brackets"]["retiree" if category is DuesCategory.RETIREE else "wage"]["basis"])
    for category in DuesCategory
} | dict.fromkeys((DuesCategory.FIXED, DuesCategory.FARMER), _basis(_FILE["fixed"]["basis"]))
FIXED_LOW = Decimal(_FILE["fixed"]["low"])
FARMER_RANGE = (Decimal(_FILE["fixed"]["farmer"][0]), Decimal(_FILE["fixed"]["farmer"][1]))
INCLUDED, DEDUCTED = _items(_FILE["base"]["include"]), _items(_FILE["base"]["deduct"])
EXCLUDED = _items(_FILE["base"]["exclude"])
PRINCIPLE, ENTERPRISE = _FILE["base"]["principle"], _FILE["base"]["enterprise"]
BASE_BASIS, INCLUDED_BASIS = _basis(_FILE["base"]["basis"]), _basis(_FILE["base"]["include_basis"])
NOTES = {r["code"]: Note(r["code"], r["text"], _basis(r["basis"])) for r in _FILE["special"]}
METHOD: str = _FILE["method"]["text"]
# What a category is told beside its fields, and what everybody may want to know.
NOTE_OF = {
    DuesCategory.ANNUAL: NOTES["annual_salary"],
    DuesCategory.IRREGULAR: NOTES["irregular_income"],
    DuesCategory.RETIREE: NOTES["retiree_base"],
}
ASIDE = tuple(NOTES[code] for code in ("wage_change", "annual_fix", "hardship", "voluntary", "where"))
CONFLICT: str = _FILE["conflict"]
ROUNDING_TEXT: str = _FILE["rounding"]["text"]
LATER_RULES: str = _FILE["later_rule_check"]
TIMING: dict[str, Any] = _FILE["timing"]
TIMING_BASIS = _basis(TIMING["basis"])
ALERT_MONTHS: list[int] = TIMING["alert_months"]
ARREARS_MONTHS: int = TIMING["arrears_months"]
