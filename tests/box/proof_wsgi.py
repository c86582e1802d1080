"""The portal for the search for canaries: crashes and leaks where a request's header asks for it.

Nothing of it is in the product: seams are replaced from outside. `X-Crash: NAME` raises in that seam, with
what was sent in the message of the exception; `X-Leak: NAME` lets a letter out as a careless build would.
A collector of errors without any filter of ours listens, as somebody may install one.
"""

import io
import logging
import os
import signal
import tempfile
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest  # noqa: F401 - the settings know by it that static files need no manifest
from celery import current_app
from django.conf import settings
from django.core.mail import mail_admins
from django.core.signals import got_request_exception
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.utils.log import AdminEmailHandler

# seam → where it stands; those of `DEADLY` end the process instead of raising.
SEAMS = {
    "sender": "burden.box.middleware.forget_sender",
    "resolve": "burden.box.middleware.resolve",
    "refusal": "burden.box.middleware.refusal_of",
    "token": "burden.box.middleware.is_recent",
    "levels": "burden.box.views.open_levels",
    "form": "burden.box.views.LetterForm",
    "normalise": "burden.box.forms.normalise",
    "check": "burden.box.views.exposures",
    "people": "burden.box.views.names_of_people",
    "places": "burden.box.views.names_of_places",
    "receipt": "burden.box.views.read_receipt",
    "accept": "burden.box.views.accept_letter",
    "recipients": "burden.box.actions.public_keys",
    "seal": "burden.box.actions.seal_letter",
    "lookup": "burden.box.actions.lookup_of",
    "spool": "burden.box.spool.HeldSpool.write",
    "disk": "burden.box.files._sync",
    "page": "burden.box.views.render_quietly",
    "die": "burden.box.files.replace",
    "kill": "burden.box.files._sync",
}
DEADLY: dict[str, Callable[[], None]] = {
    "die": lambda: os._exit(9),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
}
LEAKS = ("log", "clear", "session", "task", "mail", "upload")

_crash: ContextVar[str] = ContextVar("crash", default="")
_leak: ContextVar[str] = ContextVar("leak", default="")
_body: ContextVar[bytes] = ContextVar("body", default=b"")


def made() -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """The WSGI application: `gunicorn "tests.box.proof_wsgi:made()"`."""
    portal = get_wsgi_application()
    _collect()
    for name, place in SEAMS.items():
        _replace(place, partial(_seam, name))
    _replace("burden.box.views.accept_letter", _with_leak)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        _body.set(body)
        _crash.set(environ.get("HTTP_X_CRASH", ""))
        _leak.set(environ.get("HTTP_X_LEAK", ""))
        return portal(environ, start_response)

    return application


def _replace(place: str, made_from: Callable[[Any], Any]) -> None:
    seam = patch(place)
    seam.new = made_from(seam.get_original()[0])
    seam.start()


def _seam(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def passed(*arguments: Any, **named: Any) -> Any:
        if _crash.get() == name:
            DEADLY.get(name, lambda: None)()
            raise RuntimeError(f"{_body.get().decode('utf-8', 'replace')} {arguments} {named}")
        return original(*arguments, **named)

    return passed


def _with_leak(accept: Callable[..., Any]) -> Callable[..., Any]:
    def leaking(letter: Any, *arguments: Any, **named: Any) -> Any:
        if _leak.get():
            globals()[f"leak_{_leak.get()}"](letter.text)
        return accept(letter, *arguments, **named)

    return leaking


def leak_log(text: str) -> None:
    with (Path(settings.VAR_DIR) / "leak.log").open("a") as log:
        handler = logging.StreamHandler(log)
        handler.emit(logging.makeLogRecord({"msg": "taken: %s", "args": (text,)}))


def leak_clear(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS leak (words text)")
        cursor.execute("INSERT INTO leak VALUES (%s)", [text])


def leak_session(text: str) -> None:
    """As Django keeps it: signed, in base64, packed when that is shorter."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["typed"] = text * 5
    session.save()


def leak_task(text: str) -> None:
    current_app.send_task("burden.tasks.made_up", args=[text])


def leak_mail(text: str) -> None:
    settings.ADMINS = [("Administrator", "admin@example.com")]
    mail_admins("error", f"POST: {text}", html_message=f"<p>{text}</p>")


def leak_upload(text: str) -> None:
    with tempfile.NamedTemporaryFile(suffix=".upload", delete=False) as file:
        file.write(text.encode())


def _collect() -> None:
    """What an administrator's own collector would do: every record and every exception, with its frames."""
    file = (Path(settings.VAR_DIR) / "collector.log").open("a", buffering=1)
    handler = logging.StreamHandler(file)
    handler.setLevel(logging.DEBUG)
    root = logging.getLogger()
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    settings.ADMINS = [("Administrator", "admin@example.com")]
    root.addHandler(AdminEmailHandler(include_html=True))

    def hear(request: Any = None, **_: Any) -> None:
        file.write(f"exception at {request and request.path} with {_body.get().decode('utf-8', 'replace')}\n")

    got_request_exception.connect(hear, weak=False)
