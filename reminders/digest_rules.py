"""When a digest is due and in which words a matter is told; no ORM, no clock."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import Enum

from periods.labels import day_label, week_bounds

MOST_LINES = 20
AHEAD_WEEKS = 2
# What is due is told from this time of the day on.
DUE_FROM = time(7, 30)
# On the day of the weekly digest it waits for the digest, unless that comes in the afternoon.
DUE_WAITS_UNTIL = time(12)


class Section(Enum):
    """The parts of a digest in their order."""

    OVERDUE = "已逾期"
    TODAY = "今天到期"
    WEEK = "本周到期"
    LATER = "今后两周"


@dataclass(frozen=True)
class Matter:
    """One open item as it is told. advised: its day is a proposal, so it is never called overdue."""

    name: str
    due_on: date
    place: str = ""
    returned: bool = False
    advised: bool = False


def week_key(on: date) -> str:
    """“2026-W47”: the week of ISO 8601, which may belong to the year before or after."""
    year, week, _ = on.isocalendar()
    return f"{year}-W{week:02d}"


def horizon(on: date) -> date:
    """The last day a weekly digest looks at."""
    return week_bounds(on)[1] + timedelta(weeks=AHEAD_WEEKS)


def section_of(due_on: date, on: date) -> Section:
    if due_on < on:
        return Section.OVERDUE
    if due_on == on:
        return Section.TODAY
    return Section.WEEK if due_on <= week_bounds(on)[1] else Section.LATER


def matter_words(matter: Matter, on: date) -> str:
    """“【已逾期 12 天】第一党支部：主题党日（11 月 6 日 周五截止）”: the date is true whenever it is read."""
    place = f"{matter.place}：" if matter.place else ""
    day = day_label(matter.due_on, on)
    by = f"建议 {day}前办理" if matter.advised else f"{day}截止"
    return f"【{_tag(matter, on)}】{place}{matter.name}（{by}）"


def _tag(matter: Matter, on: date) -> str:
    late = (on - matter.due_on).days
    words = f"{heading(matter, on)} {late} 天" if late > 0 else heading(matter, on)
    return f"退回 · {words}" if matter.returned else words


def heading(matter: Matter, on: date) -> str:
    """The part of the digest a matter belongs to, as it is said."""
    section = section_of(matter.due_on, on)
    if matter.due_on > horizon(on):
        return "以后"
    if matter.advised and section is Section.OVERDUE:
        return "已过建议日期"
    return "建议今天办理" if matter.advised and section is Section.TODAY else section.value


def summary(matters: Sequence[Matter], on: date) -> str:
    """“已逾期 2 项，本周到期 3 项，今后两周 4 项。” in the order given; a part without items is left out."""
    counts = Counter(heading(matter, on) for matter in matters)
    return "，".join(f"{label} {count} 项" for label, count in counts.items()) + "。" if counts else ""


def below_words(branches: int, items: int) -> str:
    return f"{branches} 个支部有 {items} 项逾期"
