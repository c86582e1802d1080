"""Leaf: where a number of the board opens its list; the figures in an address and their names."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.urls import reverse
from django.utils.http import urlencode

from periods.months import Month

# Figure of items → its name, and the words that say what is counted.
ITEM_FIGURES: Mapping[str, tuple[str, str]] = {
    "late": ("已逾期", "过了截止日期还没有办，或退回后还没有补办的事项，不论哪个月到期。"),
    "soon": ("14 天内到期", "从今天起 14 天内到期、还没有办的事项。"),
    "asked": ("要求办理的事项", "截止日期在当月的事项，不含已撤下的和不适用的。"),
    "due": ("已到期的事项", "截止日期在当月、到今天已经到期的事项，不含已撤下的和不适用的。"),
    "on_time": ("按时办结", "截止日期在当月、在截止日期当天或以前办结的事项。"),
    "done_late": ("逾期办结", "截止日期在当月、过了截止日期才办结的事项。"),
    "open": ("尚未办结", "截止日期在当月、还没有办或退回待补办的事项。"),
    "early": ("提醒以前办结", "截止日期在当月、在系统开始提醒以前就办结的事项。"),
}
# What is true on the day and belongs to no month.
OF_TODAY = frozenset({"late", "soon"})
FINDING_FIGURES: Mapping[str, tuple[str, str]] = {
    "found": ("近 12 个月的问题", "发生日期在截至当月的 12 个月内的问题，不含支部自查发现的。"),
    "repeated": (
        "再次出现的问题",
        "近 12 个月发生的问题中，同一支部同一问题或同一事项在规定天数内再次发生的；不含支部自查发现的。",
    ),
}


@dataclass(frozen=True)
class Addresses:
    """The addresses of one scope and month."""

    scope: str
    month: Month

    def board(self, *, compare: Month | None = None) -> str:
        return _address("dashboard", scope=self.scope, month=self.month, compare=compare)

    def items(
        self,
        figure: str,
        *,
        month: Month | None = None,
        place: str = "",
        action: int | None = None,
        asker: str = "",
        branches: bool = False,
        span: int | None = None,
    ) -> str:
        """`branches`: without what the general branch keeps itself; `span`: months that end with this one."""
        return _address(
            "dashboard_list",
            figure=figure,
            scope=self.scope,
            month=None if figure in OF_TODAY else month or self.month,
            place=place,
            action=action,
            asker=asker,
            branches=1 if branches else None,
            span=span,
        )

    def findings(self, figure: str, *, category: str = "", entry: int | None = None) -> str:
        return _address(
            "dashboard_findings",
            figure=figure,
            scope=self.scope,
            month=self.month,
            category=category,
            entry=entry,
        )


def _address(page: str, **asked: object) -> str:
    words = {key: str(value) for key, value in asked.items() if value not in (None, "")}
    return f"{_page(page)}?{urlencode(words)}"


@cache
def _page(name: str) -> str:
    """One board has a thousand of these addresses; the pages of a running portal stay where they are."""
    return reverse(f"dashboards:{name}")
