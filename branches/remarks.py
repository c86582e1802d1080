"""Leaf: what the numbers of a branch mean, in words a worker understands."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from branches.rules import COMMITTEE_FROM, LONGEST_EXTENSION_YEARS, Role
from periods.months import Month, add_months, months_between

LEAST_FULL = 3
# Superiors are told and the election is prepared half a year ahead.
ELECTION_NOTICE_MONTHS = 6
BRANCH_RULES_4 = "《中国共产党支部工作条例（试行）》第四条"
Level = Literal["late", "soon", "ok"]


@dataclass(frozen=True)
class Remark:
    """One sentence about the branch, how pressing it is, and the document it rests on."""

    level: Level
    text: str
    basis: str = ""


def whole_months_left(ends_on: date, *, on: date) -> int:
    """Whole months until that day; negative once it is over, 0 in the last month."""
    months = months_between(Month.of(on), Month.of(ends_on))
    if ends_on >= on:
        return months - (add_months(on, months) > ends_on)
    return min(months, -1)


def headcount_remark(full: int, own_department: int) -> Remark | None:
    """Source: 中国共产党支部工作条例（试行） 第四条."""
    basis = BRANCH_RULES_4
    if full < LEAST_FULL:
        return Remark(
            "late", f"正式党员 {full} 人，不足 {LEAST_FULL} 人，请与上级党组织商定调整办法。", basis
        )
    if own_department < LEAST_FULL:
        return Remark(
            "soon",
            f"本部门正式党员 {own_department} 人，靠抽调人员达到 {LEAST_FULL} 人，人员返回前请先安排。",
            basis,
        )
    if full == LEAST_FULL:
        return Remark("soon", "正式党员刚好 3 人，再少 1 人就不足设立条件。", basis)
    return None


def departure_remark(full: int, leaving: list[tuple[date, int]]) -> Remark | None:
    """`leaving`: days from which so many full members are gone, already decided."""
    if not leaving:
        return None
    first, gone = min(leaving)[0], sum(count for _, count in leaving)
    left = full - gone
    text = f"{first:%Y-%m-%d} 起将有 {gone} 名正式党员离开，届时剩 {left} 人"
    if left < LEAST_FULL:
        return Remark("late", f"{text}，不足 {LEAST_FULL} 人，请提前商定调整办法。", BRANCH_RULES_4)
    return Remark("soon", f"{text}。")


def committee_remark(full: int, *, has_committee: bool) -> Remark | None:
    """Source: 中国共产党支部工作条例（试行） 第十七条."""
    basis = "《中国共产党支部工作条例（试行）》第十七条"
    if full >= COMMITTEE_FROM and not has_committee:
        return Remark("soon", f"正式党员 {full} 人，应当设立支部委员会，请登记支部委员。", basis)
    if full < COMMITTEE_FROM and has_committee:
        return Remark(
            "soon", f"正式党员 {full} 人，不足 {COMMITTEE_FROM} 人，下次换届可不再设支部委员会。", basis
        )
    return None


def term_remark(ends_on: date | None, *, extended: bool, on: date) -> Remark | None:
    """Source: 关于党的基层组织任期的意见 一, 二."""
    basis = "《关于党的基层组织任期的意见》"
    if ends_on is None:
        return Remark("soon", "还没有登记任期，请补充最近一次选举的日期。")
    months = whole_months_left(ends_on, on=on)
    if months < 0:
        return Remark("late", f"任期已于 {ends_on:%Y-%m-%d} 届满，请尽快换届或办理延期批复。", basis)
    if months >= ELECTION_NOTICE_MONTHS:
        return None
    text = (
        f"任期 {ends_on:%Y-%m-%d} 届满，还有 {months} 个月，请着手准备换届。"
        if months
        else "任期本月内届满，请抓紧换届。"
    )
    extra = "" if extended else f"确需延期的，最多延长 {LONGEST_EXTENSION_YEARS} 年，须经上级批准。"
    return Remark("soon", text + extra, basis)


def vacancy_remark(vacant: list[Role]) -> Remark | None:
    if not vacant:
        return None
    return Remark(
        "late" if Role.SECRETARY in vacant else "soon", f"空缺：{'、'.join(r.label for r in vacant)}。"
    )
