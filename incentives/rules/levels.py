"""Levels 专员 → 主管 → 专家: criteria against numbers, terms, and when a level may be lowered; pure.

A person stands against the criteria alone, never against another person.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.db.models import TextChoices

from incentives.rules.contributions import EntryKind
from incentives.rules.honours import Origin, Verdict
from periods.months import add_years

SHIPPED = Path(__file__).resolve().parents[1] / "data" / "levels.yaml"
# A term may be renewed, and its end is told, from this long before it.
RENEW_FROM = timedelta(days=90)
MISSED_IN_A_ROW = 2
PANEL_LEAST = 3


class LevelCode(TextChoices):
    SPECIALIST = "specialist", "党务专员"
    SUPERVISOR = "supervisor", "党务主管"
    EXPERT = "expert", "党务专家"


ORDER = tuple(LevelCode)


class LevelCheck(TextChoices):
    """What a criterion asks for."""

    YEARS = "years", "党务工作任职年限"
    HOURS = "hours", "培训学时"
    ON_TIME = "on_time", "规定动作按时率"
    RECHECKS = "rechecks", "错题复查合格率"
    MENTORING = "mentoring", "帮带人次"
    CONTRIBUTIONS = "contributions", "实践案例或错题条目"
    OUTPUTS = "outputs", "被推广的成果"
    ROTATION = "rotation", "轮训检查"
    EXAM = "exam", "党务基础测试"
    AWARD = "award", "市级以上奖项"
    REVIEW = "review", "评审会答辩"


UNITS = {
    LevelCheck.YEARS: "年",
    LevelCheck.HOURS: "学时",
    LevelCheck.ON_TIME: "%",
    LevelCheck.RECHECKS: "%",
    LevelCheck.MENTORING: "人次",
    LevelCheck.CONTRIBUTIONS: "项",
    LevelCheck.OUTPUTS: "项",
    LevelCheck.ROTATION: "次",
    LevelCheck.EXAM: "分",
    LevelCheck.AWARD: "项",
    LevelCheck.REVIEW: "次",
}
# Without any data these say nothing about a person, so they stand against nobody.
RATES = frozenset({LevelCheck.ON_TIME, LevelCheck.RECHECKS})
# Entered by staff with a source where the portal does not know: all but what it alone decides.
ENTERED = tuple(check for check in LevelCheck if check not in {*RATES, LevelCheck.YEARS})
ENTRY_KINDS: Mapping[LevelCheck, frozenset[EntryKind]] = {
    LevelCheck.MENTORING: frozenset({EntryKind.MENTORING}),
    LevelCheck.CONTRIBUTIONS: frozenset({EntryKind.ERROR_ENTRY, EntryKind.OUTPUT}),
    LevelCheck.OUTPUTS: frozenset({EntryKind.OUTPUT}),
}
# Of these the best counts, of the others the sum.
BEST = frozenset({LevelCheck.EXAM})


class LevelState(TextChoices):
    APPLIED = "applied", "已申请，待评审"
    NOTICED = "noticed", "公示中"
    GRANTED = "granted", "已认定"
    DECLINED = "declined", "评审未通过"
    REJECTED = "rejected", "异议成立，不予认定"
    WITHDRAWN = "withdrawn", "本人撤回"


LEVEL_MOVES: Mapping[LevelState, frozenset[LevelState]] = {
    LevelState.APPLIED: frozenset({LevelState.NOTICED, LevelState.DECLINED, LevelState.WITHDRAWN}),
    LevelState.NOTICED: frozenset({LevelState.GRANTED, LevelState.REJECTED, LevelState.WITHDRAWN}),
    LevelState.GRANTED: frozenset(),
    LevelState.DECLINED: frozenset(),
    LevelState.REJECTED: frozenset(),
    LevelState.WITHDRAWN: frozenset(),
}
RUNNING_LEVELS = frozenset(state for state, after in LEVEL_MOVES.items() if after)


class PanelChoice(TextChoices):
    YES = "yes", "赞成"
    NO = "no", "反对"
    ABSTAIN = "abstain", "弃权"
    ABSENT = "absent", "缺席"


class TermOrigin(TextChoices):
    FIRST = "first", "首次认定"
    PROMOTED = "promoted", "晋升"
    RENEWED = "renewed", "续期"
    LOWERED = "lowered", "降级"


class ReserveState(TextChoices):
    PROPOSED = "proposed", "待本人同意"
    AGREED = "agreed", "本人同意，待研究"
    IN_POOL = "in_pool", "在库"
    REFUSED = "refused", "本人不同意"
    DECLINED = "declined", "研究未通过"
    ENDED = "ended", "已出库"


RESERVE_MOVES: Mapping[ReserveState, frozenset[ReserveState]] = {
    ReserveState.PROPOSED: frozenset({ReserveState.AGREED, ReserveState.REFUSED, ReserveState.ENDED}),
    ReserveState.AGREED: frozenset({ReserveState.IN_POOL, ReserveState.DECLINED, ReserveState.ENDED}),
    ReserveState.IN_POOL: frozenset({ReserveState.ENDED}),
    ReserveState.REFUSED: frozenset(),
    ReserveState.DECLINED: frozenset(),
    ReserveState.ENDED: frozenset(),
}
RUNNING_RESERVE = frozenset(state for state, after in RESERVE_MOVES.items() if after)
# How a rank would be said; a recommendation states a criterion and its evidence instead.
RANK_WORDS = ("排名", "名列", "第一名", "第二名", "第三名", "名次", "位居第", "排第")


@dataclass(frozen=True)
class LevelCriterion:
    """`years`: how far back the numbers go, 0 for everything. `either`: another check that satisfies it."""

    check: LevelCheck
    at_least: Decimal
    years: int
    origin: Origin
    either: LevelCheck | None = None

    @property
    def words(self) -> str:
        other = f"，或{self.either.label}" if self.either else ""
        when = "近一年" if self.years else ""
        return f"{when}{self.check.label}不少于 {self.at_least} {UNITS[self.check]}{other}".replace(" %", "%")


@dataclass(frozen=True)
class Level:
    code: LevelCode
    coefficient: Decimal
    term_years: int
    criteria: tuple[LevelCriterion, ...]

    @property
    def name(self) -> str:
        return self.code.label


def shipped() -> dict[str, Any]:
    given: dict[str, Any] = yaml.safe_load(SHIPPED.read_text("utf-8"))
    return given


def levels_of(given: Sequence[Mapping[str, Any]]) -> dict[LevelCode, Level]:
    """From the shape of data/levels.yaml."""
    return {LevelCode(one["code"]): _level(one) for one in given}


def _level(one: Mapping[str, Any]) -> Level:
    criteria = tuple(
        LevelCriterion(
            LevelCheck(each["check"]),
            Decimal(str(each["at_least"])),
            int(each["years"]),
            Origin(each["origin"]),
            LevelCheck(each["or"]) if "or" in each else None,
        )
        for each in one["criteria"]
    )
    code = LevelCode(one["code"])
    return Level(code, Decimal(str(one["coefficient"])), int(one["term_years"]), criteria)


def next_code(held: str) -> LevelCode | None:
    """One step at a time; none above the highest."""
    place = ORDER.index(LevelCode(held)) + 1 if held else 0
    return ORDER[place] if place < len(ORDER) else None


def lower_code(held: str) -> LevelCode | None:
    place = ORDER.index(LevelCode(held))
    return ORDER[place - 1] if place else None


@dataclass(frozen=True)
class Number:
    """What data say to one check; `value` empty: there are none."""

    value: Decimal | None
    words: str


@dataclass(frozen=True)
class Line:
    """One criterion as it stands for one person."""

    criterion: LevelCriterion
    verdict: Verdict
    data: str
    missing: str = ""
    known: bool = True


Numbers = Mapping[tuple[LevelCheck, int], Number]


def check_line(criterion: LevelCriterion, numbers: Numbers) -> Line:
    held = numbers[criterion.check, criterion.years]
    other = numbers[criterion.either, criterion.years].value if criterion.either else None
    if held.value is None and criterion.check in RATES:
        return Line(criterion, Verdict.NO_DATA, held.words)
    value = held.value or Decimal(0)
    if value >= criterion.at_least or (other or 0) > 0:
        return Line(criterion, Verdict.MET, held.words)
    known = criterion.check in RATES or value > 0
    return Line(criterion, Verdict.UNMET, held.words, missing_words(criterion, value), known)


def met_for_year(lines: Sequence[Line]) -> bool:
    """A finished year is missed by what data show alone: nothing stored stands against nobody."""
    return not any(line.verdict == Verdict.UNMET and line.known for line in lines)


def missing_words(criterion: LevelCriterion, value: Decimal) -> str:
    """What still lacks, in words a person can act on."""
    unit, short = UNITS[criterion.check], plain(criterion.at_least - value)
    if criterion.check in RATES:
        return f"现在 {plain(value)}%，达到 {plain(criterion.at_least)}% 就够"
    if criterion.check == LevelCheck.EXAM:
        return f"测试达到 {plain(criterion.at_least)} 分就够" if value else "还没有测试成绩"
    said = f"还差 {short} {unit}"
    return f"{said}，或有一项{criterion.either.label}" if criterion.either else said


def plain(value: Decimal) -> str:
    """Without zeros that say nothing."""
    return format(value.normalize(), "f") if value else "0"


def missing_of(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line.verdict == Verdict.UNMET]


def last_term_day(since: date, years: int) -> date:
    """The day before the same day so many years later."""
    return add_years(since, years) - timedelta(days=1)


def may_renew(until: date, *, on: date) -> bool:
    return on >= until - RENEW_FROM


def missed_in_a_row(missed: Collection[int], met: Collection[int]) -> tuple[int, ...]:
    """The last two years that were assessed, when both were missed and they follow each other."""
    known = sorted({*missed, *met})[-MISSED_IN_A_ROW:]
    if len(known) < MISSED_IN_A_ROW or known[-1] - known[0] != MISSED_IN_A_ROW - 1:
        return ()
    return tuple(known) if all(year in missed for year in known) else ()


def years_held(spans: Sequence[tuple[date, date]]) -> Decimal:
    """Years to one decimal over spans of first and last days; two posts at the same time count once."""
    total, end = 0, date.min
    for first, last in sorted(spans):
        begin = max(first, end + timedelta(days=1)) if end > date.min else first
        if last >= begin:
            total, end = total + (last - begin).days + 1, last
    return (Decimal(total) / Decimal("365.25")).quantize(Decimal("0.1"))


def says_rank(text: str) -> bool:
    return any(word in text for word in RANK_WORDS)
