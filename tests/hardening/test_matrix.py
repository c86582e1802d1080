"""Who may open what: every URL × role × position × method, as matrix.txt says, one line for each.

A URL without a line fails, and so does a line without its URL. Objects are those of the demo; a letter is
what the portal answers: o opened, e answered with an error of a form, r led elsewhere, f refused, h as if it
were not there, m no such method, s asked to sign in, u a check of health that says no.
What the columns are, VIEWERS says; scenery/ makes the objects the demo has not.

MATRIX=write writes the file anew: read every line that changed before you commit it.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.models import User
from branches.access import holdings_of, permission_of
from branches.rules import GrantKind, Role
from tests.hardening.addresses import every_url
from tests.hardening.scenery import scenery
from tests.hardening.scenery.world import World
from tests.hardening.viewers import AS_OF, OUTSIDE, VIEWERS
from tests.hardening.walking import client_of, real_addresses, sent

FILE = Path(__file__).with_name("matrix.txt")
LETTERS = {
    200: "o",
    204: "o",
    301: "r",
    302: "r",
    400: "e",
    403: "f",
    404: "h",
    405: "m",
    409: "e",
    422: "e",
    503: "u",
}
METHODS = ("get", "post")
# Rows in which nobody gets further than a refusal, and why that cannot be otherwise here.
CLOSED = {
    "accounts:logout": "leads everybody to the page of signing in",
    "admin_logout": "leads everybody to the page of signing in",
    "branches:start": "there only until the first organisation is",
    "factors:factor_codes": "asks for a second factor of one's own: tests/factors",
    "factors:factor_off": "asks for a second factor of one's own: tests/factors",
    "factors:factor_replace": "asks for a second factor of one's own: tests/factors",
    "healthz_jobs": "says no where no job ever ran",
    "reminders:handover_mentor": "a post that names nobody is not found: tests/reminders",
    "reminders:handover_newcomer": "a post that names nobody is not found: tests/reminders",
}
SESSION = settings.SESSION_COOKIE_NAME


@pytest.fixture
def addresses(people: dict[str, User | None], world: World) -> dict[str, str]:
    """Found by those of the first branch, then by those above it; or of an object made for the page."""
    order = ("own_secretary", "own_worker", "staff", "committee", "administrator", "recipient")
    walked = real_addresses([user for name in order if (user := people[name])])
    return walked | scenery(world)


def letter(response: Any) -> str:
    if response.status_code == 302 and "/account/login/" in response.headers["Location"]:
        return "s"
    return LETTERS.get(response.status_code, str(response.status_code))


def declared() -> dict[str, list[str]]:
    """URL name → permission and a word of letters for each method."""
    rows = (line.split() for line in FILE.read_text("utf-8").splitlines() if line and line[0] != "#")
    return {name: rest for name, *rest in rows}


def permission_at(entry: Any) -> str:
    """What the view is marked with; “own” for pages of oneself, “public” for those without a sign-in."""
    if not getattr(entry.callback, "login_required", True):
        return "public"
    return permission_of(entry.callback) or "own"


def answered(
    addresses: dict[str, str], people: dict[str, User | None], viewers: tuple[str, ...], method: str
) -> dict[str, str]:
    """URL name → a letter for each viewer."""
    found = dict.fromkeys(sorted(addresses), "")
    for viewer in viewers:
        client = client_of(people[viewer])
        session = str(client.cookies.get(SESSION, ""))
        for name in found:
            found[name] += letter(sent(client, method, addresses[name]))
            # What ends or renews a session leaves the client with one that was taken back.
            if str(client.cookies.get(SESSION, "")) != session:
                client = client_of(people[viewer])
                session = str(client.cookies.get(SESSION, ""))
    return found


def unclassified(entries: dict[str, Any], lines: dict[str, list[str]]) -> dict[str, str]:
    """URLs whose permission is not the one of their line, and lines without a URL."""
    found = {name: permission_at(entry) for name, entry in entries.items()}
    said = {name: line[0] for name, line in lines.items()}
    return {name: found.get(name, "gone") for name in found.keys() ^ said.keys()} | {
        name: found[name] for name in found.keys() & said.keys() if found[name] != said[name]
    }


def test_every_url_has_its_line() -> None:
    assert unclassified(every_url(), declared()) == {}
    widths = {(len(get), len(post)) for _, get, post in declared().values()}
    assert widths == {(len(VIEWERS), len(VIEWERS))}


def unproven(lines: dict[str, list[str]]) -> set[str]:
    """Rows that say nothing of position: nobody is answered with more than a refusal."""
    return {name for name, (_, *words) in lines.items() if not set("ore") & set("".join(words))}


def test_every_row_opens_to_somebody() -> None:
    lines = declared()
    assert unproven(lines) == CLOSED.keys()
    closed = ["training.run_session", *("s" + "h" * (len(VIEWERS) - 1) for _ in METHODS)]
    assert unproven(lines | {"training:session_edit": closed}) == {*CLOSED, "training:session_edit"}


@pytest.mark.django_db
def test_every_role_and_every_grant_looks(people: dict[str, User | None]) -> None:
    """A member added to either needs a viewer, of the own branch or above it."""
    own = [user for name, user in people.items() if user and not name.startswith(("beside", "foreign"))]
    held = {holding for user in own for holding in holdings_of(user, on=AS_OF)}
    assert held == {*Role, *GrantKind}
    assert people.keys() == set(VIEWERS)


def test_a_view_nobody_guarded_is_noticed() -> None:
    def open_door(request: HttpRequest) -> HttpResponse:
        return HttpResponse("all of it")

    entry = path("w/open/", open_door, name="open_door")
    assert unclassified(every_url() | {"open_door": entry}, declared()) == {"open_door": "own"}
    month = every_url()["reminders:month_list"]
    changed = path("w/reminders/", open_door, name="month_list")
    entries = every_url() | {"reminders:month_list": changed}
    assert (permission_at(month), unclassified(entries, declared())) == (
        "reminders.view_item",
        {"reminders:month_list": "own"},
    )


@pytest.mark.django_db
def test_what_is_not_ones_own_stays_closed(addresses: dict[str, str], people: dict[str, User | None]) -> None:
    places = [VIEWERS.index(viewer) for viewer in OUTSIDE]
    said = {name: "".join(get[place] for place in places) for name, (_, get, _) in declared().items()}
    found = answered(addresses, people, OUTSIDE, "get")
    assert {name: word for name, word in found.items() if said[name] != word} == {}


@pytest.mark.full
@pytest.mark.django_db
@pytest.mark.parametrize("place", range(len(METHODS)))
def test_every_role_position_and_method(
    addresses: dict[str, str], people: dict[str, User | None], place: int
) -> None:
    found = answered(addresses, people, VIEWERS, METHODS[place])
    if os.environ.get("MATRIX") == "write":
        _write(found, place)
    assert found == {name: line[1 + place] for name, line in declared().items() if name in found}


def _write(found: dict[str, str], place: int) -> None:
    head = [line for line in FILE.read_text("utf-8").splitlines() if line.startswith("#")]
    lines, entries = declared(), every_url()
    rows = []
    for name, word in found.items():
        words = lines.get(name, ["", "-" * len(VIEWERS), "-" * len(VIEWERS)])[1:]
        words[place] = word
        rows.append(" ".join([name, permission_at(entries[name]), *words]))
    FILE.write_text("\n".join([*head, *rows, ""]), "utf-8")
