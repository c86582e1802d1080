"""Periods and days as a reader says them."""

import re
from datetime import date, timedelta

from periods.events import KEY
from periods.months import Month, add_months, months_between
from periods.rule_parts import MonthDay

_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_QUARTERS = ("一", "二", "三", "四")
_HALVES = ("上", "下")
_KEY = re.compile(r"(?P<year>[0-9]{4})(?P<part>[QH#-]?)(?P<rest>[0-9-]*)")
_ISO_DAY = re.compile(r"(?<![0-9-])([0-9]{4}-[0-9]{2}-[0-9]{2})(?![0-9-])(?: (?=[\u4e00-\u9fff]))?")
_FIXED = {KEY: "按事件", "once": "一次性"}


def period_label(key: str) -> str:
    """“2026Q4” → “2026 年第四季度”. A key nobody knows is shown as it is."""
    if key in _FIXED:
        return _FIXED[key]
    if key.startswith(f"{KEY}#"):
        return f"第 {key.removeprefix(f'{KEY}#')} 次"
    match = _KEY.fullmatch(key)
    try:
        return _part_label(int(match["year"]), match["part"], match["rest"]) if match else key
    except (ValueError, IndexError):
        return key


def _part_label(year: int, part: str, rest: str) -> str:
    if part == "-":
        return MonthDay.parse(rest).label if "-" in rest else Month(year, int(rest)).label
    if part == "Q":
        return f"{year} 年第{_QUARTERS[int(rest) - 1]}季度"
    if part == "H":
        return f"{year} 年{_HALVES[int(rest) - 1]}半年"
    return f"{year} 年第 {int(rest)} 次" if part else f"{year} 年度"


def day_label(day: date, today: date | None = None) -> str:
    """“11 月 13 日 周五”, with the year in front when it is not today's."""
    year = f"{day.year} 年 " if today and today.year != day.year else ""
    return f"{year}{MonthDay.of(day).label} {_WEEKDAYS[day.weekday()]}"


def span_label(start: date, end: date) -> str:
    """“11 月 16 日—22 日”, “11 月 30 日—12 月 6 日”."""
    last = f"{end.month} 月 {end.day} 日" if end.month != start.month else f"{end.day} 日"
    return f"{start.month} 月 {start.day} 日—{last}"


def said_days(text: str, today: date) -> str:
    """A sentence with its days as day_label says them: “2026-12-31 起…” → “12 月 31 日 周四起…”."""

    def said(match: re.Match[str]) -> str:
        try:
            return day_label(date.fromisoformat(match[1]), today)
        except ValueError:
            return match[0]

    return _ISO_DAY.sub(said, text)


def week_bounds(day: date) -> tuple[date, date]:
    """Monday and Sunday of the day's week."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def days_left_label(due: date, today: date) -> str:
    left = (due - today).days
    if left < 0:
        return f"已逾期 {-left} 天"
    return f"还剩 {left} 天" if left else "今天截止"


def age_label(since: date, today: date) -> str:
    """How long something has waited, in its largest whole unit: “已 12 天”, “已 3 个月”, “已 2 年”."""
    if since >= today:
        return "今天"
    months = months_between(Month.of(since), Month.of(today))
    months -= add_months(since, months) > today
    if months >= 12:
        return f"已 {months // 12} 年"
    return f"已 {months} 个月" if months else f"已 {(today - since).days} 天"
