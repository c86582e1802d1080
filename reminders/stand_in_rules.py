"""What leave and standing in may look like; no ORM, no clock."""

from datetime import date, timedelta

from periods.labels import span_label

LONGEST_DAYS = 92
# A line about coming leave stands on the month list this long before it begins.
SHOWN_BEFORE = timedelta(days=14)


def days_trouble(since: date, until: date, *, on: date) -> str:
    """Why these days cannot be arranged on that day, as a sentence; empty when they can."""
    if since < on:
        return "开始日期请选今天或以后的日期。"
    return end_trouble(since, until)


def end_trouble(since: date, until: date) -> str:
    if until < since:
        return "结束日期不能早于开始日期。"
    if (until - since).days >= LONGEST_DAYS:
        return f"一次最多安排 {LONGEST_DAYS} 天；时间更长的，建议办理工作交接。"
    return ""


def leave_line(absent: str, deputy: str, since: date, until: date) -> str:
    """“张三 11 月 10 日—20 日请假，由李四代办”."""
    return f"{absent} {leave_days(since, until)}请假，由{deputy}代办"


def leave_days(since: date, until: date) -> str:
    """“11 月 10 日—20 日”, a single day as “11 月 10 日”, with the years where they differ."""
    if since == until:
        return _day(since)
    if since.year != until.year:
        return f"{since.year} 年 {_day(since)}—{until.year} 年 {_day(until)}"
    return span_label(since, until)


def _day(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"
