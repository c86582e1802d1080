"""PostgreSQL restarted between requests, away, and cut in the middle of a transaction."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from branches.rules import Role
from tests.box.installation import Site, serving
from tests.factories.branches import make_holder, make_tree
from tests.faults.machines import OwnPostgres, own_postgres
from tests.faults.person import SERVER, Person, here, signed_in
from tests.services import current_database_url, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ADD = "/w/errors/findings/add/"
BROKEN = "刚才的操作可能没有保存。"


@contextmanager
def desk(folder: Path) -> Iterator[tuple[Person, OwnPostgres, dict[str, str]]]:
    """A worker at a portal whose database is the test's own to break, and the form of a problem found."""
    _, _, (branch, _) = make_tree()
    worker = make_holder(branch, Role.WORKER)
    absent = signed_in(Site(0), worker)
    form = {
        "organisation": str(branch.pk),
        "problem": "会议记录漏了缺席原因",
        "category": "meetings",
        "happened_on": "2026-01-05",
    }
    with (
        own_postgres("portal-cut", current_database_url()) as server,
        serving(here(folder / "portal", database=server.url), SERVER) as site,
    ):
        yield Person(site, absent.session, absent.token), server, form


def counts(server: OwnPostgres) -> tuple[int, ...]:
    """Findings, their steps and what was written down of them."""
    question = "SELECT (SELECT count(*) FROM errorbank_finding), (SELECT count(*) FROM errorbank_findingstep)"
    told = ", (SELECT count(*) FROM audit_auditevent WHERE event LIKE 'errorbank.%')"
    with psycopg.connect(server.url) as line:
        found = line.execute((question + told).encode()).fetchone()
    assert found
    return tuple(found)


def test_restarted_away_and_cut(tmp_path: Path) -> None:
    with desk(tmp_path) as (person, server, form):
        assert person.get(ADD)[0] == 200
        server.restart()
        assert person.post(ADD, form)[0] == 302  # the connection of before is dead
        assert counts(server) == (1, 1, 1)
        server.stop()
        status, page = person.get(ADD)
        assert (status, BROKEN in page, "Traceback" in page) == (500, True, False)
        server.start()
        assert person.get(ADD)[0] == 200
        cut_in_the_middle(person, server, {**form, "problem": "党小组会少开一次"})


def cut_in_the_middle(person: Person, server: OwnPostgres, form: dict[str, str]) -> None:
    """Its finding is written and its audit event waits for a lock when the session is ended."""
    with psycopg.connect(server.url) as held:
        held.execute("LOCK TABLE audit_auditevent IN EXCLUSIVE MODE")
        with asking(person, form) as answers:
            wait_until(lambda: server.cut('INSERT INTO "audit_auditevent"') == 1)
            wait_until(lambda: bool(answers))
    status, page = answers[0]
    assert (status, BROKEN in page) == (500, True)
    assert counts(server) == (1, 1, 1)
    assert person.post(ADD, form)[0] == 302
    assert counts(server) == (2, 2, 2)


@contextmanager
def asking(person: Person, form: dict[str, str]) -> Iterator[list[tuple[int, str]]]:
    answers: list[tuple[int, str]] = []
    asker = threading.Thread(target=lambda: answers.append(person.post(ADD, form)))
    asker.start()
    try:
        yield answers
    finally:
        asker.join()
