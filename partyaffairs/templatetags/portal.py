"""Words and drawings every page uses the same way."""

from datetime import date, datetime
from functools import lru_cache
from typing import TypeVar

import lucide
from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

D = TypeVar("D", bound=date)
WEEKDAYS = "一二三四五六日"


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """A decorative icon: the words beside it carry the meaning, so readers skip it."""
    return _drawing(name, size)


@lru_cache(maxsize=256)
def _drawing(name: str, size: int) -> SafeString:
    drawing = lucide._render_icon(name, size, aria_hidden="true", focusable="false")
    return mark_safe(drawing)  # noqa: S308  # from the icon package, no user text


@register.filter
def day(value: date | datetime | None) -> str:
    """`11 月 13 日 周五`"""
    if value is None:
        return ""
    shown = _local(value)
    return f"{shown.month} 月 {shown.day} 日 周{WEEKDAYS[shown.weekday()]}"


@register.filter
def full_day(value: date | datetime | None) -> str:
    """`2026 年 11 月 13 日`"""
    if value is None:
        return ""
    shown = _local(value)
    return f"{shown.year} 年 {shown.month} 月 {shown.day} 日"


@register.filter
def clock(value: datetime | None) -> str:
    """`11 月 13 日 09:32`"""
    if value is None:
        return ""
    shown = _local(value)
    return f"{shown.month} 月 {shown.day} 日 {shown:%H:%M}"


def _local(value: D) -> D:
    """A stored moment in the zone of the house; a plain date stays."""
    return value.astimezone(timezone.get_current_timezone()) if isinstance(value, datetime) else value
