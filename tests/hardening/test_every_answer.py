"""Whatever an address answers, the answer carries the same armour: every URL times every status."""

from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from branches.rules import OrganisationKind, Role
from tests.factories.branches import make_holder, make_organisation, make_user
from tests.hardening.addresses import all_addresses, finished

pytestmark = pytest.mark.django_db
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
BOX_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
BROKEN = "tests.hardening.addresses.Broken"
HTML = "text/html"


class Inline(HTMLParser):
    """Collects what a policy without inline would block, so that it never stands in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.found.append(tag)
        for name, value in attrs:
            where = (value or "").strip().lower()
            if name == "style" or name.startswith(("on", "hx-on")) or where.startswith("javascript:"):
                self.found.append(f"{tag} {name}")


def inline_in(html: str) -> list[str]:
    reader = Inline()
    reader.feed(html)
    return reader.found


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<script src='/static/a.js'></script><p class='a'>", []),
        ("<script>alert(1)</script>", ["script"]),
        ("<style>a{}</style>", ["style"]),
        ("<p style='color:red' onclick='x()'>", ["p style", "p onclick"]),
        ("<a href=' JavaScript:x()'>", ["a href"]),
        ("<b hx-on:click='x()'>", ["b hx-on:click"]),
    ],
)
def test_the_reader_sees_what_is_inline(html: str, found: list[str]) -> None:
    assert inline_in(html) == found


def weaknesses(response: Any) -> Iterator[str]:
    """What this one answer lacks."""
    path = response.request["PATH_INFO"]
    headers = response.headers
    policy = BOX_POLICY if path.startswith("/box/") else POLICY
    given = sorted(part.strip() for part in headers.get("Content-Security-Policy", "").split(";"))
    if given != sorted(part.strip() for part in policy.split(";")):
        yield f"policy {given}"
    if headers.get("X-Content-Type-Options") != "nosniff":
        yield "no nosniff"
    if headers.get("X-Frame-Options") != "DENY":
        yield "may be framed"
    if headers.get("Referrer-Policy") not in {"same-origin", "strict-origin", "no-referrer"}:
        yield f"referrer {headers.get('Referrer-Policy')}"
    if {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(headers):
        yield "says too much"
    if not path.startswith("/w/") and response.cookies:
        yield "a cookie on a public page"
    if headers.get("Content-Type", "").startswith(HTML) and not response.streaming:
        yield from inline_in(response.content.decode())


def gathered(
    client: Client, send: Callable[[Client, str], HttpResponse]
) -> tuple[Counter[int], dict[str, list[str]]]:
    """How often each status came, and what was wrong at which address."""
    seen: Counter[int] = Counter()
    wrong = {}
    for name, address in all_addresses().items():
        response = send(client, address)
        seen[response.status_code] += 1
        if found := list(weaknesses(response)):
            wrong[f"{name} {response.status_code}"] = found
        finished(response)
    return seen, wrong


def client_of(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
        client.get("/w/account/")  # stamps the session, which browsers send below /w/ alone
    return client


def staff() -> User:
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="党总支")
    make_organisation(parent=general)
    return make_holder(general, Role.GENERAL_BRANCH_STAFF)


def got(client: Client, address: str) -> Any:
    return client.get(address)


def deleted(client: Client, address: str) -> Any:
    return client.delete(address)


def test_the_addresses_are_found() -> None:
    assert len(all_addresses()) > 250


def test_for_a_stranger() -> None:
    seen, wrong = gathered(client_of(None), got)
    assert wrong == {}
    assert (seen[200] > 3, seen[302] > 200) == (True, True)


def test_for_somebody_without_a_post() -> None:
    seen, wrong = gathered(client_of(make_user()), got)
    assert wrong == {}
    assert min(seen[200], seen[403]) > 5


def test_for_staff_whose_rows_are_not_there() -> None:
    seen, wrong = gathered(client_of(staff()), got)
    assert wrong == {}
    assert min(seen[200], seen[404]) > 20


def test_for_a_method_no_page_knows() -> None:
    seen, wrong = gathered(client_of(staff()), deleted)
    assert wrong == {}
    assert seen[405] > 100
    assert seen[200] + seen[500] == 0


@pytest.mark.filterwarnings("default")
def test_when_the_view_breaks(settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, BROKEN]
    seen, wrong = gathered(client_of(staff()), got)
    assert wrong == {}
    assert seen[500] > 200


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("/nothing/here/", {}, 404),
        ("/w/nothing/here/", {}, 404),
        ("/w/%00/", {}, 400),
        ("/w/account/login/", {"Host": "bad host"}, 400),
    ],
)
def test_answers_that_no_view_gave(address: str, headers: dict[str, str], status: int) -> None:
    response = client_of(None).get(address, headers=headers)
    assert (response.status_code, list(weaknesses(response))) == (status, [])


def test_a_refused_token_is_armoured_too() -> None:
    response = Client(enforce_csrf_checks=True).post("/w/account/login/", {"username": "x"})
    assert (response.status_code, list(weaknesses(response))) == (403, [])
