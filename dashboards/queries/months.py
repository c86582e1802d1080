"""Months of a scope: their figures as links, and how two of them differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from dashboards.addresses import Addresses
from dashboards.queries.frame import Frame
from periods.months import Month
from reminders.queries.summaries import Figures

_NAMES = [field.name for field in fields(Figures)]


@dataclass(frozen=True)
class MonthLine:
    """One month of the whole scope, and its figures as links."""

    month: Month
    figures: Figures
    addresses: Addresses

    @property
    def rate(self) -> int | None:
        return percent(self.figures)

    @property
    def due_url(self) -> str:
        return self.addresses.items("due", month=self.month)

    @property
    def counts(self) -> list[tuple[str, int, str]]:
        """Label, number, address."""
        figures = self.figures
        numbers = (
            ("应办", "asked", figures.asked),
            ("已到期", "due", figures.due),
            ("按时办结", "on_time", figures.on_time),
            ("逾期办结", "done_late", figures.done_late),
            ("尚未办结", "open", figures.open),
        )
        return [(label, count, self.addresses.items(key, month=self.month)) for label, key, count in numbers]


def percent(figures: Figures) -> int | None:
    """The completion rate as a whole number, rounded down: 100 is everything."""
    return None if figures.rate is None else int(figures.rate)


def summed(figures: Iterable[Figures]) -> Figures:
    found = list(figures)
    return Figures(**{name: sum(getattr(one, name) for one in found) for name in _NAMES})


@dataclass(frozen=True)
class Change:
    """One figure in two months, and the difference in words."""

    name: str
    now: str
    now_url: str
    then: str
    then_url: str
    words: str


def changes_between(frame: Frame, whole: Mapping[Month, Figures]) -> list[Change]:
    """Nothing when no other month was asked for."""
    other = frame.asked.compare
    if other is None:
        return []
    now = MonthLine(frame.month, whole[frame.month], frame.addresses)
    then = MonthLine(other, whole[other], frame.addresses)
    counts = [
        Change(name, str(count), url, str(before), url_before, _more(count - before, "项"))
        for (name, count, url), (_, before, url_before) in zip(now.counts, then.counts, strict=True)
    ]
    minutes = (now.figures.minutes, then.figures.minutes)
    return [
        _rates(now, then),
        *counts,
        Change(
            "预计用时",
            f"{minutes[0]} 分钟",
            now.counts[0][2],
            f"{minutes[1]} 分钟",
            then.counts[0][2],
            _more(minutes[0] - minutes[1], "分钟"),
        ),
    ]


def _rates(now: MonthLine, then: MonthLine) -> Change:
    words = "没有可比的数"
    if now.rate is not None and then.rate is not None:
        words = _higher(now.rate - then.rate)
    return Change("按时完成率", _rate(now), now.due_url, _rate(then), then.due_url, words)


def _rate(line: MonthLine) -> str:
    return "暂无" if line.rate is None else f"{line.rate}%"


def _higher(points: int) -> str:
    return f"{'高' if points > 0 else '低'} {abs(points)} 个百分点" if points else "一样"


def _more(count: int, unit: str) -> str:
    return f"{'多' if count > 0 else '少'} {abs(count)} {unit}" if count else "一样"
