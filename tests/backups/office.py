"""An office with data in every part that a backup has to carry, and what is in a database as plain rows."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection

from audit.actions import record, seal_events
from branches.rules import Role
from branches.sealed import digest, seal
from burden.box.limits import Level
from reminders.actions.refresh import refresh_due
from tests.box.channel import MONDAY, TUESDAY, WEDNESDAY, send, ticks
from tests.box.installation import Installation
from tests.box.recipients import add_recipients
from tests.factories.branches import make_holder, make_member, make_tree
from tests.services import ROOT, service_url

FILES = {
    "study/2026/11/方案 一.pdf": b"%PDF-1.7 \x00\xff" * 40_000,
    "study/2026/11/empty.txt": b"",
    "jobs/0b6f/result.xlsx": bytes(range(256)) * 9,
}


def fill() -> None:
    """Committed: catalogue and entries as shipped, people, a month of reminders, letters, files, audit."""
    call_command("load_catalogue", verbosity=0, stdout=StringIO())
    committee, general, branches = make_tree()
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    for branch in branches:
        make_holder(branch)
        member = make_member(branch, name="雷彩霞")
        number = "530102199001011234"
        type(member).objects.filter(pk=member.pk).update(
            id_number_sealed=seal(number), id_number_digest=digest(number + str(member.pk))
        )
    refresh_due(on=TUESDAY)
    fill_little()
    record("backups.tested", by=staff, target=committee, detail={"text": "“引号” & <b>\U0001f331"})
    seal_events()
    send("星期一写的")
    ticks(MONDAY, WEDNESDAY)
    send("还在等候的")


def fill_little() -> None:
    """Files, and a letter that waits."""
    for name, content in FILES.items():
        default_storage.save(name, ContentFile(content))
    add_recipients(Level.OWN, Level.OWN)
    send("一封意见")
    record("backups.tested", by=None)


def installation_at(folder: Path, database: str = "") -> Installation:
    """An empty one with the keys of this process, as an administrator carries them over."""
    folder.mkdir(parents=True)
    (folder / "secret_key").write_text(settings.SECRET_KEY)
    (folder / "personal_data_key").write_text(settings.PERSONAL_DATA_KEYS[0])
    return Installation(folder, database or f"sqlite:///{folder}/portal.sqlite3")


def manage(
    installation: Installation, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A management command to its end, well or not."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=installation.environment(NOTICE_SENDER="portal@example.com", **environment),
        capture_output=True,
        text=True,
    )


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }


Rows = dict[str, list[str]]


def rows_here() -> Rows:
    """Of the database of this process."""
    if connection.vendor == "sqlite":
        return rows_of(f"sqlite:///{connection.settings_dict['NAME']}")
    url = urlsplit(service_url("TEST_POSTGRES_URL"))
    return rows_of(url._replace(path=f"/{connection.settings_dict['NAME']}").geturl())


def rows_of(url: str) -> Rows:
    """Every row of every table as text, sequences too; any column and any value counts."""
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            names = [n for (n,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {n: sorted(map(repr, database.execute(_all(n)))) for n in names}
    with psycopg.connect(url) as held:
        tables = held.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        found = {n: sorted(map(repr, held.execute(_all(n).encode()))) for (n,) in tables}
        numbers = held.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall()
        return {**found, "sequences": sorted(map(repr, numbers))}


def _all(table: str) -> str:
    return f'SELECT * FROM "{table}"'  # noqa: S608 - names of our own tables


@contextmanager
def empty_postgres(name: str) -> Iterator[str]:
    """The URL of a new database beside that of the tests; dropped afterwards."""
    url = urlsplit(service_url("TEST_POSTGRES_URL"))
    with psycopg.connect(url.geturl(), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0'.encode())
        try:
            yield url._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
