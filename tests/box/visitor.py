"""Somebody at the pages below /box/: sends forms as a browser does, and knows today's form token."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from burden.box.door import TOKEN, token_of

ORIGIN = "http://testserver"


class Visitor(Client):
    """`post` sends a small form from our own page; `fields` are those of the form."""

    def send(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
        body = {TOKEN: token_of(timezone.localdate()), **(fields or {})}
        return self.form(path, body, **{"origin": ORIGIN, **headers})

    def form(self, path: str, fields: dict[str, Any], **headers: str) -> HttpResponse:
        """Exactly these fields and headers, without the token and the origin of a page of ours."""
        from_form = {"content_type": "application/x-www-form-urlencoded", "headers": headers}
        return self.post(path, urlencode(fields, doseq=True), **from_form)  # type: ignore[return-value,arg-type]
