"""Pages below /box/ that misbehave, and one elsewhere: the door must hold for them too."""

import logging

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpResponse
from django.urls import include, path

from burden.box.door import QuietRequest, quiet_page, quiet_read

REASONS: dict[str, type[Exception]] = {
    "crash": RuntimeError,
    "missing": Http404,
    "refused": PermissionDenied,
    "suspicious": SuspiciousOperation,
    "bad": BadRequest,
}


@quiet_page
def trouble(request: QuietRequest, kind: str) -> HttpResponse:
    raise REASONS[kind](f"CANARY {request.POST.get('text', '')}")


@quiet_page
def chatty(request: QuietRequest) -> HttpResponse:
    """Says and sets everything it should not."""
    logging.getLogger("django.request").error("CANARY said at %s", request.path, extra={"request": request})
    logging.getLogger().error("CANARY said")
    response = HttpResponse(repr(sorted(request.META)) + request.META["REMOTE_ADDR"] + str(request.COOKIES))
    response.set_cookie("who", "me")
    response["Vary"] = "Cookie"
    return response


@quiet_read
def only_read(request: QuietRequest) -> HttpResponse:
    return HttpResponse(str([hasattr(request, name) for name in ("user", "session", "htmx", "csp_nonce")]))


def forgotten(request: QuietRequest) -> HttpResponse:
    """A view whose author forgot the decorator."""
    messages.info(request, "CANARY")
    return HttpResponse("CANARY")


urlpatterns = [
    path("box/trouble/<str:kind>/", trouble),
    path("box/chatty/", chatty),
    path("box/read/", only_read),
    path("box/forgotten/", forgotten),
    path("w/astray/", only_read),
    path("w/account/", include("accounts.urls")),
]
