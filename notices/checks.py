"""System checks: the settings of what leaves the portal name places that can be reached."""

from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from notices.providers import BadOrigin, parse_origin


def ways_out_are_well_named(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return [*_portal_url(), *_webhook_hosts(), *_sender()]


def _portal_url() -> Iterator[Error]:
    if settings.PORTAL_URL and (words := _wrong(settings.PORTAL_URL)):
        yield Error(f"PORTAL_URL: {words}", id="notices.E001")


def _webhook_hosts() -> Iterator[Error]:
    for entry in settings.NOTICE_WEBHOOK_HOSTS:
        if words := _wrong(entry):
            yield Error(f"NOTICE_WEBHOOK_HOSTS: {words}", id="notices.E002")


def _wrong(origin: str) -> str:
    try:
        parse_origin(origin)
    except BadOrigin as bad:
        return str(bad)
    return ""


def _sender() -> Iterator[Error]:
    if not settings.EMAIL_ENABLED:
        return
    try:
        validate_email(parseaddr(settings.NOTICE_SENDER)[1])
    except ValidationError:
        yield Error("EMAIL_URL is given, but NOTICE_SENDER is no e-mail address.", id="notices.E003")
