"""What a sender sees before a demand goes out: what it repeats, what is known, what it goes beyond."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from branches.models import Organisation
from branches.queries.policy import rules_for
from branches.rules.basis import Basis
from ledgers.ledger import Ledger
from ledgers.registry import UnknownLedgerError, find_ledger, slugs
from periods.calendars import WorkCalendar
from periods.months import Month
from reminders.demand_rules import FORMAL_KINDS, DemandKind
from reminders.demand_text import Limit, likeness, limits_hit, mentions, plain
from reminders.queries.demand_load import LEAST_BRANCHES, BranchLoad, branch_loads
from reminders.queries.demands import DemandLine, register
from reminders.queries.special_tasks import notice_workdays
from reminders.wording import hours_label

LIMITS_FILE = Path(__file__).parent.parent / "data" / "demand_limits.yaml"
NOTICE = "demand_notice_workdays"
DUPLICATE, KNOWN, SHORT_NOTICE, LIMIT, OVER_BUDGET = (
    "duplicate",
    "known",
    "short_notice",
    "limit",
    "over_budget",
)
# More than these are not read any more.
SHOWN = 3
_ASKING = ("报送", "上报", "填报", "报表", "提交", "提供", "统计", "汇总", "收集", "报")
# Titles that say nothing about which ledger holds them.
_EVERYWHERE = frozenset(
    {"党组织", "党支部", "负责人", "责任人", "所属期", "完成日期", "登记日期", "登记时间", "截止日期"}
)
_SHORTEST_COLUMN = 3


@dataclass(frozen=True)
class DemandDraft:
    """A demand before it goes out. `text`: why and how, as the sender wrote it; `end`: the day it is due."""

    name: str
    asker: str
    kind: str
    minutes: int
    start: date
    end: date
    text: str = ""

    @property
    def whole(self) -> str:
        return plain(f"{self.name}\n{self.text}")


@dataclass(frozen=True)
class DemandWarning:
    """`blocking`: sent only when something else ends. `ledger`: slug of the ledger that has it already."""

    code: str
    words: str
    blocking: bool = False
    ledger: str = ""

    @property
    def stored(self) -> dict[str, str]:
        return {"code": self.code, "words": self.words}


def lint(
    draft: DemandDraft,
    *,
    place: Organisation,
    on: date,
    calendar: WorkCalendar,
    lines: Sequence[DemandLine] | None = None,
) -> list[DemandWarning]:
    """Everything to be said before sending, the demand's own words first; nothing when nothing is to be said.

    `place` asks; `lines`: its register, where the caller has read it already.
    """
    known = register(place, on=on) if lines is None else lines
    return [
        *_duplicates(draft, known),
        *_in_ledgers(draft),
        *_notice(draft, place, on, calendar),
        *_limits(draft),
        *_budget(draft, place, on),
    ]


def cost_words(minutes: int, branches: int) -> str:
    """“120 分钟 × 13 个支部 = 26 小时”."""
    return f"{minutes} 分钟 × {branches} 个支部 = {hours_label(minutes * branches)}"


def _duplicates(draft: DemandDraft, lines: Sequence[DemandLine]) -> Iterator[DemandWarning]:
    """Registered demands of a similar name; the longest resemblance first."""
    found = [(shared, line) for line in lines if (shared := likeness(draft.name, line.name))]
    for shared, line in sorted(found, key=lambda pair: -len(pair[0]))[:SHOWN]:
        same = "，提出单位也相同" if line.asker == draft.asker else ""
        yield DemandWarning(
            DUPLICATE,
            f"登记册里已有“{line.name}”（{line.asker}，{line.frequency}，约 {line.minutes} 分钟），"
            f"名称里都有“{shared}”{same}。内容相同的，请合并，不必另发。",
        )


def _in_ledgers(draft: DemandDraft) -> Iterator[DemandWarning]:
    """What is asked for stands in a ledger."""
    text = draft.whole
    if draft.kind not in FORMAL_KINDS and not any(mentions(text, word) for word in _ASKING):
        return
    found: dict[str, str] = {}
    for word, slug in _ledger_words():
        if slug not in found and mentions(text, word):
            found[slug] = word
    for slug, word in list(found.items())[:SHOWN]:
        title = find_ledger(slug).title
        yield DemandWarning(
            KNOWN, f"要的“{word}”系统里已有：可以从《{title}》直接导出，不必请支部再报。", ledger=slug
        )


def ledger_holding(text: str) -> str:
    """The slug of the ledger that has what one line asks for; "" for none."""
    return next((slug for word, slug in _ledger_words() if mentions(plain(text), word)), "")


def _notice(
    draft: DemandDraft, place: Organisation, on: date, calendar: WorkCalendar
) -> Iterator[DemandWarning]:
    least = rules_for(place, on=on)[NOTICE].number
    days = notice_workdays(on=on, end=draft.end, calendar=calendar)
    if days < least:
        left = f"支部只有 {days} 个工作日办理" if days else "支部没有工作日可以办理"
        yield DemandWarning(
            SHORT_NOTICE, f"除今天外，{left}，少于 {least} 个工作日。如不是急事，建议推后截止日期。"
        )


def _limits(draft: DemandDraft) -> Iterator[DemandWarning]:
    for limit, found in limits_hit(draft.whole, draft.kind, limits()):
        said = f"写到了“{found}”" if found else f"要的是“{DemandKind(draft.kind).label}”"
        yield DemandWarning(LIMIT, f"{said}。{limit.basis}：{limit.says}。")


def _budget(draft: DemandDraft, place: Organisation, on: date) -> Iterator[DemandWarning]:
    """Whether there is time for it, of all branches of the sender together; never how many, never which.

    The branches chosen play no part: a sender who asks with a branch and without it, or for any two choices,
    reads the same, so that nothing can be worked out by comparing answers. What trying other minutes gives
    away is the sum of asked and available time, which the load page shows of the same branches; under
    LEAST_BRANCHES it is said of none. A branch that asks itself is told about itself.
    """
    month = Month.of(draft.end)
    loads = list(branch_loads(Organisation.objects.within(place), month, on=on).values())
    if not place.is_branch and len(loads) < LEAST_BRANCHES:
        return
    if _together_over(loads, draft.minutes):
        who = "本支部" if place.is_branch else "本单位所辖支部合计"
        yield _over(f"加上这一项，{month.label}{who}要用的时间超过可用时间。")


def _together_over(loads: Sequence[BranchLoad], minutes: int) -> bool:
    asked = sum((load.minutes + minutes for load in loads), Decimal(0))
    return asked > sum(load.budget for load in loads)


def _over(words: str) -> DemandWarning:
    return DemandWarning(OVER_BUDGET, f"{words}请先选一项可以停下的要求来替代。", blocking=True)


@cache
def limits() -> tuple[Limit, ...]:
    """The shipped limits; read once."""
    return tuple(_limit(row) for row in _content()["limits"])


def _limit(row: dict[str, Any]) -> Limit:
    return Limit(
        code=row["code"],
        says=row["says"],
        basis=Basis(row["document"], row["article"], row["verified"]).sentence,
        unit=row.get("unit", ""),
        high=Decimal(str(row.get("high", 0))),
        words=tuple(row.get("words", ())),
        kinds=tuple(row.get("kinds", ())),
    )


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(LIMITS_FILE.read_text("utf-8"))
    return content


def _ledger_words() -> list[tuple[str, str]]:
    """Words that name what a ledger holds, with the ledger's name: its title, its own columns, synonyms."""
    found = [find_ledger(slug) for slug in slugs()]
    held = Counter(column.title for ledger in found for column in ledger.columns)
    words = [(ledger.title.removesuffix("台账"), ledger.slug) for ledger in found]
    words += [(word, slug) for word, slug in _content()["synonyms"].items() if _is_known(slug)]
    words += [(title, ledger.slug) for ledger in found for title in _own_columns(ledger, held)]
    return [(word, slug) for word, slug in words if len(word) >= _SHORTEST_COLUMN]


def _own_columns(ledger: Ledger, held: Counter[str]) -> Iterator[str]:
    for column in ledger.columns:
        if held[column.title] == 1 and column.title not in _EVERYWHERE:
            yield column.title


def _is_known(slug: str) -> bool:
    try:
        find_ledger(slug)
    except UnknownLedgerError:
        return False
    return True
