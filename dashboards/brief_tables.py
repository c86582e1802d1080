"""Leaf: the tables behind a brief's drawings, made of its stored figures alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.rules.brief_facts import Counted, Facts
from dashboards.rules.brief_words import SOON_DAYS, BriefSection, until


@dataclass(frozen=True)
class Table:
    """Words first, numbers after: `numbers` columns at the end stand right."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: int = 1

    @property
    def cells(self) -> list[list[tuple[str, str, bool]]]:
        """Each with its head, and whether it is a number."""
        first = len(self.heads) - self.numbers
        return [
            [(head, cell, n >= first) for n, (head, cell) in enumerate(zip(self.heads, row, strict=True))]
            for row in self.rows
        ]

    @property
    def columns(self) -> list[tuple[str, bool]]:
        first = len(self.heads) - self.numbers
        return [(head, n >= first) for n, head in enumerate(self.heads)]


def tables_of(facts: Facts) -> dict[str, list[Table]]:
    """By section; tables without rows are not there."""
    found = {
        BriefSection.WHOLE: [_months(facts), _index(facts)],
        BriefSection.DATES: [
            _counted(f"截至 {facts.as_of.month} 月 {facts.as_of.day} 日逾期未办", "事项", "项数", facts.late),
            _counted(f"此后 {SOON_DAYS} 天内到期", "事项", "项数", facts.soon),
        ],
        BriefSection.PROBLEMS: [
            _categories(facts),
            _counted("出现两次以上的问题", "问题", "次数", facts.repeats),
        ],
        BriefSection.LOAD: [_load(facts)],
        BriefSection.NEXT: [_coming(facts)],
    }
    return {section.value: [table for table in tables if table.rows] for section, tables in found.items()}


def _months(facts: Facts) -> Table:
    rows = [
        (
            month.of.label,
            "暂无" if month.rate is None else f"{month.rate}%",
            *(str(n) for n in (month.asked, month.on_time, month.done_late, month.open)),
        )
        for month in facts.months
        if month.asked
    ]
    heads = ("月份", "按时完成率", "应办", "按时办结", "逾期办结", "尚未办结")
    return Table("近 12 个月完成情况", heads, rows, numbers=5)


def _index(facts: Facts) -> Table:
    rows = [(part.name, part.raw, part.shown) for part in facts.index_parts] if facts.has_index else []
    return Table("主动性指数的三项", ("分项", "原始数", "得分（100 分）"), rows)


def _counted(title: str, name: str, number: str, lines: Sequence[Counted]) -> Table:
    return Table(title, (name, number), [(line.name, str(line.items)) for line in lines])


def _categories(facts: Facts) -> Table:
    rows = [(line.name, str(line.items), str(line.part)) for line in facts.categories]
    return Table("近 12 个月各类问题", ("类别", "问题", "再次出现"), rows, numbers=2)


def _load(facts: Facts) -> Table:
    rows = [(one.name, str(one.items), str(one.minutes), f"{one.percent}%") for one in facts.askers]
    return Table("本月要求的来源", ("来源", "项数", "分钟", "占比"), rows, numbers=3)


def _coming(facts: Facts) -> Table:
    rows = [(line.name, until(line), str(line.items)) for line in facts.coming]
    return Table("下月到期的事项", ("事项", "到期", "项数"), rows)
