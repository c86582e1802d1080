"""What counts as a visit to the channel, so that whoever writes logs can leave it out; no Django."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

PREFIX = "/box/"
# The loggers that may speak of a request: Django's, the web server's, the sign-in lock's; "" is the root.
SPEAKERS = (
    "",
    "django",
    "django.request",
    "django.server",
    "django.security",
    "django.security.csrf",
    "django.security.DisallowedHost",
    "django.security.DisallowedRedirect",
    "django.security.RequestDataTooBig",
    "django.security.TooManyFieldsSent",
    "django.security.TooManyFilesSent",
    "django.security.SuspiciousOperation",
    "django.security.SuspiciousMultipartForm",
    "django.db.backends",
    "django.template",
    "gunicorn.error",
    "gunicorn.access",
    "axes",
    "py.warnings",
)
_ADDRESS = re.compile(r"(?:^|[\s\"'(=])(?:https?://[^/\s]*)?/+box", re.IGNORECASE)
_inside: ContextVar[bool] = ContextVar("inside_the_box", default=False)


def is_below(path: str) -> bool:
    """Whether a path leads to the channel; a slip of the finger (/Box, //box/, /boxx) counts as well."""
    return path.lstrip("/").lower().startswith("box")


def names_it(words: str) -> bool:
    """Whether a log line holds such an address. The desk below /w/ is no visit."""
    return bool(_ADDRESS.search(words))


def inside() -> bool:
    return _inside.get()


@contextmanager
def silence() -> Iterator[None]:
    """While one visit is answered; only for this thread or task."""
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)
