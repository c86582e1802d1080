"""The way of a request: the door first, nothing that listens beside it, no log line, no cookie."""

import logging
import sys
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from burden.box.selfcheck.report import Deviation
from burden.box.silence import PREFIX, SPEAKERS

DOOR = "burden.box.middleware.Door"
SIGNED_IN_PATH = "/w/"
# Programs that send errors with their requests to a server of their own, from below Django.
COLLECTORS = (
    "sentry_sdk",
    "raven",
    "rollbar",
    "bugsnag",
    "elasticapm",
    "newrelic",
    "ddtrace",
    "opentelemetry",
)


def door_is_first() -> Iterator[Deviation]:
    if not settings.MIDDLEWARE or settings.MIDDLEWARE[0] != DOOR:
        yield Deviation("匿名直通车的入口程序不在 MIDDLEWARE 第一位。", f"请把 {DOOR} 放回第一位。")


def pages_are_quiet() -> Iterator[Deviation]:
    """Every address below /box/ leads to a page that went through quiet_page."""
    for route, view in _views(get_resolver().url_patterns):
        if route.startswith(PREFIX.lstrip("/")) and not hasattr(view, "quiet_methods"):
            yield Deviation(f"页面 /{route} 没有经过匿名入口。", "请换回正式版本，或请开发人员改正。")


def _views(patterns: Iterable[object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            yield from _views(entry.url_patterns, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry.callback


def settings_are_safe() -> Iterator[Deviation]:
    if settings.DEBUG:
        yield Deviation("调试方式（DEBUG）开着。", "请关掉 DEBUG 后重新启动。")
    if settings.DEBUG_PROPAGATE_EXCEPTIONS:
        yield Deviation("DEBUG_PROPAGATE_EXCEPTIONS 开着，出错时内容会外传。", "请关掉后重新启动。")
    for name in ("SESSION_COOKIE_PATH", "CSRF_COOKIE_PATH"):
        if getattr(settings, name) != SIGNED_IN_PATH:
            yield Deviation(f"{name} 不是 {SIGNED_IN_PATH}，浏览器会带着登录信息打开匿名页面。", "请改回来。")
    for name in COLLECTORS:
        if name in sys.modules:
            yield Deviation(f"装有错误收集程序 {name}，它能看到每个请求。", "请卸下它后重新启动。")


def log_lines_are_left_out() -> Iterator[Deviation]:
    """Offer each logger and handler a line about a visit; it must be refused."""
    for name in SPEAKERS:
        speaker = logging.getLogger(name)
        if speaker.filter(_visit(name)):
            yield Deviation(
                f"日志“{name or 'root'}”会记下匿名页面的访问。",
                "请恢复 partyaffairs/logs.py 和 settings.LOGGING。",
            )
    for handler in logging.getLogger().handlers:
        if handler.filter(_visit("django.request")) and not _listens_in_tests(handler):
            yield Deviation(
                f"日志去向 {type(handler).__name__} 会记下匿名页面的访问。",
                "请在 settings.LOGGING 的这一项加上过滤器 Box。",
            )


def _listens_in_tests(handler: logging.Handler) -> bool:
    return type(handler).__module__.startswith("_pytest")


def _visit(name: str) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, __file__, 1, "Not Found: %s", (PREFIX,), None)
