"""Answers everything below /box/ before any other middleware can look at it. First in MIDDLEWARE."""

from collections.abc import Callable
from typing import Any, cast

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.template.loader import render_to_string
from django.urls import is_valid_path, resolve
from django.utils import timezone

from burden.box.door import (
    HEADERS,
    METHODS,
    READING,
    TOKEN,
    forget_sender,
    is_recent,
    padded,
    problem,
    refusal_of,
    token_of,
)
from burden.box.silence import is_below, silence

REFUSED = {PermissionDenied: 403, Http404: 404, BadRequest: 400, SuspiciousOperation: 400}


class Door:
    """The chain of a quiet page is the https redirect with its headers, the checks and the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        # The view's own troubles become pages inside, so that these too get the headers.
        self.inner = SecurityMiddleware(_caught(_come_in))
        self.quiet = _caught(self._without_sender)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_below(request.path_info):
            return self.get_response(request)
        with silence():
            return _closed(self.quiet(request))

    def _without_sender(self, request: HttpRequest) -> HttpResponseBase:
        forget_sender(request)
        return cast(HttpResponseBase, self.inner(request))


def _caught(answer: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Whatever happens is told nobody: no log, no mail, no signal that error collectors hear."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        try:
            return cast(HttpResponseBase, answer(request))
        except Exception as reason:  # anything; a report would say that somebody was here, and what was sent
            return problem(_status_of(reason))

    return answered


def _status_of(reason: Exception) -> int:
    known = {**REFUSED, MultiPartParserError: 400}
    return next((status for kind, status in known.items() if isinstance(reason, kind)), 500)


def _closed(response: HttpResponseBase) -> HttpResponseBase:
    """Say what every page says; nothing in it depends on who came."""
    response.cookies.clear()
    response.headers.pop("Vary", None)
    for name, value in HEADERS.items():
        response[name] = value
    if isinstance(response, HttpResponse):
        response.content = padded(response.content)
        response["Content-Length"] = str(len(response.content))
    response._has_been_logged = True  # type: ignore[attr-defined]  # else Django logs each 4xx and 5xx
    return response


def _come_in(request: HttpRequest) -> HttpResponseBase:
    request.get_host()  # raises for a host that is not ours
    if request.method in READING and request.path_info[-1] != "/" and is_valid_path(f"{request.path_info}/"):
        return HttpResponsePermanentRedirect(f"{request.path}/")
    view, args, kwargs = resolve(request.path_info)
    methods: tuple[str, ...] = getattr(view, "quiet_methods", ())
    if not methods:
        raise Http404
    if status := refusal_of(request, methods):
        return _refused(status, methods)
    today = timezone.localdate()
    request.door_token = token_of(today)  # type: ignore[attr-defined]  # makes it a QuietRequest
    if request.method == "POST" and not is_recent(request.POST.get(TOKEN, ""), on=today):
        return _once_more(request)
    response: HttpResponseBase = view(request, *args, **kwargs)
    return response


def _refused(status: int, methods: tuple[str, ...]) -> HttpResponse:
    response = problem(status)
    if status == 405:
        response["Allow"] = ", ".join(methods or METHODS)
    return response


def _once_more(request: HttpRequest) -> HttpResponse:
    """The form is from another day: what was typed is kept in the page and one tap sends it again."""
    fields = [(name, value) for name, values in request.POST.lists() if name != TOKEN for value in values]
    context = {"fields": fields, "action": request.path, TOKEN: token_of(timezone.localdate())}
    return HttpResponse(render_to_string("box/once_more.html", context), status=422)
