"""What the address of the board asks for; what cannot be read falls back and is said."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from periods.months import Month, UnknownMonth

# Nothing was written down before.
FIRST_YEAR = 2000
# How far back a board looks, the month itself included.
MONTHS = 12
OFFERED = 24


@dataclass(frozen=True)
class Asked:
    """The month looked at, the one it is compared with, and what in the address could not be read."""

    month: Month
    compare: Month | None = None
    troubles: tuple[str, ...] = ()

    @property
    def earlier(self) -> Month:
        return self.month.previous()

    def later(self, *, on: date) -> Month | None:
        """The month after this one; none after the current one."""
        return self.month.next() if self.month < Month.of(on) else None

    def at(self, month: Month) -> "Asked":
        """The same question about another month; it is not compared with itself."""
        return Asked(month, None if self.compare == month else self.compare)

    def offered(self, *, on: date) -> list[Month]:
        """The last two years, the latest first, and whatever was asked for before them."""
        current = Month.of(on)
        last = [current.plus(-n) for n in range(OFFERED)]
        earlier = {self.month, *([self.compare] if self.compare else [])} - set(last)
        return last + sorted(earlier, reverse=True)

    def without(self, trouble: str) -> "Asked":
        return replace(self, troubles=(*self.troubles, trouble))


def read_asked(data: Mapping[str, str], *, on: date) -> Asked:
    """`?month=` and `?compare=`, as “2026-11”."""
    current = Month.of(on)
    month, trouble = read_month(data.get("month", ""), current)
    asked = Asked(month or current)
    if trouble:
        asked = asked.without(f"{trouble}下面是 {current.label}的情况。")
    compare, trouble = read_month(data.get("compare", ""), current)
    if trouble:
        return asked.without(f"{trouble}下面没有作对比。")
    if compare == asked.month:
        return asked.without("对比的月份和查看的月份相同，请换一个月份；下面没有作对比。")
    return replace(asked, compare=compare)


def read_month(typed: str, current: Month) -> tuple[Month | None, str]:
    """The month, or the sentence that says why not."""
    if not typed.strip():
        return None, ""
    try:
        month = Month.parse(typed)
    except UnknownMonth as unknown:
        return None, str(unknown)
    if month > current:
        return None, f"{month.label}还没有到，请选当月或以前的月份。"
    if month.year < FIRST_YEAR:
        return None, f"请选 {FIRST_YEAR} 年以后的月份。"
    return month, ""
