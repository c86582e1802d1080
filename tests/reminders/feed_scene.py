"""Calendar links as tests use them: fetched as a calendar program does, read by a parser."""

from typing import Any

from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from accounts.models import User
from reminders.actions.feeds import make_feed

# The parser's own types leave open what a property is; the tests compare plain values.
Event = Any


def address_of(user: User, label: str = "我的手机") -> str:
    return f"/calendar/{make_feed(user, label=label, now=timezone.now()).token}.ics"


def fetch(address: str, **headers: str) -> Any:
    """A program that knows no cookie."""
    return Client().get(address, headers=headers)


def read(text: bytes) -> list[Event]:
    return list(Calendar.from_ical(text).walk("VEVENT"))


def events(response: Any) -> list[Event]:
    assert response.status_code == 200
    return read(response.content)


def titles(address: str) -> list[str]:
    return [str(event["SUMMARY"]) for event in events(fetch(address))]
