"""The log names what went wrong and no key."""

import logging

import pytest
from django.conf import settings
from django.test import Client

from partyaffairs.logs import KeysLeftOut

TOKEN = "kQ3-vT9_secret"


@pytest.mark.parametrize(
    ("message", "args", "written"),
    [
        ("Not Found: %s", (f"/calendar/{TOKEN}.ics",), "Not Found: /calendar/…"),
        (
            "Internal Server Error: %s (%s)",
            (f"/calendar/{TOKEN}", 500),
            "Internal Server Error: /calendar/… (500)",
        ),
        (f'"GET /calendar/{TOKEN}.ics HTTP/1.1"', (), '"GET /calendar/… HTTP/1.1"'),
        ("Not Found: %s", ("/w/reminders/",), "Not Found: /w/reminders/"),
        ("100% of %s", (), "100% of %s"),
    ],
)
def test_a_line_keeps_everything_but_the_key(message: str, args: tuple[object, ...], written: str) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, message, args, None)
    assert KeysLeftOut().filter(record)
    assert record.getMessage() == written


@pytest.mark.django_db
def test_every_line_goes_through_it(capfd: pytest.CaptureFixture[str]) -> None:
    assert [handler["filters"] for handler in settings.LOGGING["handlers"].values()] == [["Keys", "Box"]]
    Client().get(f"/calendar/{TOKEN}.ics")
    assert TOKEN not in "".join(capfd.readouterr())


def test_the_proxy_writes_no_error_of_a_link_down() -> None:
    proxy = (settings.BASE_DIR / "deploy/nginx.conf").read_text("utf-8")
    place = proxy.partition("location ^~ /calendar/ {")[2].partition("}")[0]
    assert place.split() == ["error_log", "/dev/null", "crit;", "proxy_pass", "$portal;"]
