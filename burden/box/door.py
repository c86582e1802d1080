"""The one way into every public page below /box/. Nobody is known there and nothing is written down.

`quiet_page` marks a view; the middleware (burden.box.middleware, first of all) answers marked views
itself, so that no session, account, message or htmx middleware ever sees the request. A marked view
that is reached any other way answers 503 instead of running without its door.

What a view may rely on: no cookies, no address, no browser name in the request; method and origin
are checked, the body is a small form; `render_quietly` gives templates `door`, which every form
posts back (templates/box/_door.html). Whatever it raises becomes a plain page and is told nobody.
"""

import hmac
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import wraps
from hashlib import shake_256
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import validate_host
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac

# 2,000 characters take at most 24 KB on the way; ten times that still gets its page back, with every word.
BODY_LIMIT = 240 * 1024
FORM = "application/x-www-form-urlencoded"
# Over https a network sees how long an answer is: usual ones have this length, longer ones a multiple.
STEP = 32 * 1024
# Nothing that a proxy could pack smaller, and the same for everybody.
_FILL = shake_256(b"burden.box.door").hexdigest(STEP // 2).encode("ascii")
_BEFORE, _AFTER = b"<!-- ", b" -->\n"
READING = ("GET", "HEAD")
METHODS = (*READING, "POST")
TOKEN = "door"  # noqa: S105 - the name of a form field
SALT = "burden.box.door"
# What names a sender or a device; the body and what the checks need stay.
FORGOTTEN = (
    "HTTP_COOKIE",
    "HTTP_AUTHORIZATION",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_USER_AGENT",
    "HTTP_ACCEPT_LANGUAGE",
    "REMOTE_HOST",
    "REMOTE_PORT",
    "REMOTE_USER",
)
HEADERS = {
    "Cache-Control": "no-store",
    # The origin alone, no path. With "no-referrer" browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "strict-origin",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
# status: (what it says, what to do)
PROBLEMS = {
    400: ("这一页打不开", "请回到首页，重新打开。"),
    403: ("没有收下", "请从本系统的页面填写后提交。如果浏览器太旧，请换手机或别的浏览器再试。"),
    404: ("没有这一页", "请检查网址，或者从下面重新进入。"),
    405: ("这一页打不开", "请从下面重新进入。"),
    413: ("内容太长，没有收下", "请返回上一页，缩短后再提交。正文最多 2000 字，不能带附件。"),
    415: ("没有收下", "这里只收文字。请从本系统的页面填写后提交。"),
    500: ("没有办成", "系统暂时出错，您写的内容没有留下。请过一会儿再试。"),
    503: ("暂时不能使用", "系统设置还没有完成，请稍后再来。"),
}


class QuietRequest(HttpRequest):
    """A request that came through the door."""

    door_token: str


P = ParamSpec("P")
QuietView = Callable[Concatenate[QuietRequest, P], HttpResponse]
PlainView = Callable[Concatenate[HttpRequest, P], HttpResponse]


def quiet_page(view: QuietView[P]) -> PlainView[P]:
    """A public page below /box/ that may be read and posted to."""
    return _marked(view, METHODS)


def quiet_read(view: QuietView[P]) -> PlainView[P]:
    """A public page below /box/ that is only read."""
    return _marked(view, READING)


def _marked(view: QuietView[P], methods: tuple[str, ...]) -> PlainView[P]:
    @wraps(view)
    def behind_the_door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not hasattr(request, "door_token"):
            return problem(503)
        return view(request, *args, **kwargs)  # type: ignore[arg-type]  # the token makes it one

    # csrf_exempt: without a session there is no cookie to compare with; the door asks for the origin.
    marks = {"quiet_methods": methods, "login_required": False, "csrf_exempt": True}
    for name, value in marks.items():
        setattr(behind_the_door, name, value)
    return behind_the_door


def render_quietly(
    request: QuietRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Like `render`, without context processors: they look for accounts and messages."""
    known = {TOKEN: request.door_token, **(context or {})}
    return HttpResponse(render_to_string(template, known), status=status)


def problem(status: int) -> HttpResponse:
    """A plain page for whatever went wrong; it shows even when templates do not."""
    title, advice = PROBLEMS.get(status, PROBLEMS[500])
    try:
        page: str = render_to_string("box/problem.html", {"problem": title, "advice": advice})
    except Exception:  # whatever it is, it must not become a report about a visit
        page = f'<!doctype html><html lang="zh-CN"><title>意见</title><h1>{title}</h1><p>{advice}</p></html>'
    return HttpResponse(page, status=status)


def padded(page: bytes) -> bytes:
    """The page with a comment behind it, so that its length is a whole number of steps."""
    least = len(page) + len(_BEFORE) + len(_AFTER)
    return page + _BEFORE + _FILL[: -least % STEP] + _AFTER


def token_of(day: date) -> str:
    """The same for everybody on one day: it says that a form is recent, never whose it is."""
    return salted_hmac(SALT, day.isoformat(), algorithm="sha256").hexdigest()[:32]


def is_recent(token: str, *, on: date) -> bool:
    """Today's, or yesterday's: a form may be open at midnight."""
    known = (token_of(on), token_of(on - timedelta(days=1)))
    return any(hmac.compare_digest(token.encode(), one.encode()) for one in known)


def forget_sender(request: HttpRequest) -> None:
    """Take from the request who sent it, also for the web server, which holds the same mapping."""
    for name in FORGOTTEN:
        request.META.pop(name, None)
    request.META["REMOTE_ADDR"] = ""


def comes_from_us(request: HttpRequest) -> bool:
    """Whether a form was sent from one of our pages, by what the browser says and no page can change.

    `Sec-Fetch-Site` is sent over https only; `Origin` by every browser since 2020, before that the
    referrer, which our pages reduce to the origin. None of them: refused.
    """
    if request.META.get("HTTP_SEC_FETCH_SITE", "same-origin") != "same-origin":
        return False
    said = request.META.get("HTTP_ORIGIN") or _origin_of(request.META.get("HTTP_REFERER", ""))
    ours = f"{request.scheme}://{request.get_host()}"
    return said == ours or _is_trusted(said)


def _origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def _is_trusted(origin: str) -> bool:
    """CSRF_TRUSTED_ORIGINS, with its `*.` for subdomains, as in the rest of the portal."""
    said = urlsplit(origin)
    for trusted in map(urlsplit, settings.CSRF_TRUSTED_ORIGINS):
        host = trusted.netloc.removeprefix("*")
        if said.scheme == trusted.scheme and said.netloc and validate_host(said.netloc, [host]):
            return True
    return False


def refusal_of(request: HttpRequest, methods: tuple[str, ...]) -> int:
    """The status with which the door refuses, before a byte of the body is read; 0: come in."""
    if request.method not in methods:
        return 405
    if request.method in READING:
        return 0
    if not comes_from_us(request):
        return 403
    if request.content_type != FORM:
        return 415
    length = request.META.get("CONTENT_LENGTH") or "0"
    return 413 if not length.isdecimal() or int(length) > BODY_LIMIT else 0
