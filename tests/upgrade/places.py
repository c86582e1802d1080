"""Databases as the first release left them, and what is in a database of any release."""

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg.rows import dict_row

from tests.backups.office import empty_postgres, installation_at
from tests.box.installation import Installation
from tests.services import service_url

SQLITE, POSTGRES = "sqlite", "postgres"
Table = list[dict[str, Any]]


@contextmanager
def empty(engine: str, folder: Path) -> Iterator[Installation]:
    """An installation whose database has no table yet."""
    if engine == SQLITE:
        yield installation_at(folder)
        return
    with empty_postgres(f"upgrade_{folder.name}") as url:
        yield installation_at(folder, url)


@contextmanager
def first_release(engine: str, folder: Path) -> Iterator[Installation]:
    with empty(engine, folder) as office:
        office.run("tests.upgrade.first_release")
        yield office


@contextmanager
def copy_of(office: Installation, folder: Path) -> Iterator[Installation]:
    """The same database and keys once more."""
    if office.database.startswith("sqlite"):
        made = installation_at(folder)
        _copy_file(office.folder / "portal.sqlite3", folder / "portal.sqlite3")
        yield made
        return
    name = f"upgrade_{folder.name}"
    with psycopg.connect(service_url("TEST_POSTGRES_URL"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{urlsplit(office.database).path[1:]}"'.encode())
        try:
            yield installation_at(folder, urlsplit(office.database)._replace(path=f"/{name}").geturl())
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _copy_file(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(source, target)


def rows_in(url: str) -> dict[str, Table]:
    """Every row of every table by its columns, in the order of its values."""
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            database.row_factory = lambda cursor, row: {
                column[0]: value for column, value in zip(cursor.description, row, strict=True)
            }
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {one["name"]: _ordered(database.execute(_all(one["name"]))) for one in tables}
    with psycopg.connect(url, row_factory=dict_row) as held:
        found = held.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {one["tablename"]: _ordered(held.execute(_all(one["tablename"]).encode())) for one in found}


def _all(table: str) -> str:
    return f'SELECT * FROM "{table}"'  # noqa: S608 - names of our own tables


def _ordered(rows: Any) -> Table:
    return sorted(rows, key=repr)


def schema_of(url: str) -> list[str]:
    """Tables, columns in their order, constraints, indexes, triggers and functions."""
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            found = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
            return sorted(map(repr, found))
    parts = urlsplit(url)
    place = ["-h", parse_qs(parts.query)["host"][0], "-U", parts.username or "", parts.path[1:]]
    dump = ["pg_dump", "--schema-only", "--no-owner", "--no-privileges", *place]
    text = subprocess.run(dump, capture_output=True, text=True, check=True).stdout
    # Newer versions write a word of chance around the rest.
    lines = [line for line in text.splitlines() if not re.match(r"\\(un)?restrict ", line)]
    return [_LIST.sub(_each_as_text, line) for line in lines]


# A list of words in a constraint is spelled in another way once it was dumped and restored.
_LIST = re.compile(r"\(ARRAY\[([^]]*)\]\)::text\[\]")


def _each_as_text(found: re.Match[str]) -> str:
    words = [word.lstrip(", ") for word in found[1].split("::character varying")[:-1]]
    return "ARRAY[" + ", ".join(f"({word}::character varying)::text" for word in words) + "]"


def broken_keys(url: str) -> list[Any]:
    """Rows that point to none; on PostgreSQL also constraints that were never checked."""
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            return database.execute("PRAGMA foreign_key_check").fetchall()
    with psycopg.connect(url) as held:
        return held.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated").fetchall()
