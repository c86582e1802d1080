"""A program over tables that are older or newer than itself says so, and touches nothing."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from partyaffairs.checks import database_is_not_newer

pytestmark = pytest.mark.django_db

APPLIED = MigrationRecorder.Migration.objects
REFUSED = (
    "数据库由更新的版本写过（reminders.0999_of_next_year、visits.0001_initial），现在的程序用不了，没有动任何数据。"
    "请换回更新的程序；确实要退回旧版本，请用更新前做的备份恢复到空的数据库。"
)


@pytest.fixture
def older() -> None:
    APPLIED.filter(app="training").order_by("-name")[:1].get().delete()


@pytest.fixture
def newer() -> None:
    """Another app, and a further migration of one we know."""
    APPLIED.create(app="visits", name="0001_initial")
    APPLIED.create(app="reminders", name="0999_of_next_year")


def health(client: Client) -> tuple[int, str]:
    answer = client.get("/healthz")
    assert (answer["Content-Type"], "Set-Cookie" in answer) == ("text/plain", False)
    return answer.status_code, answer.content.decode()


def test_well(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        assert health(client) == (200, "ok")
    assert database_is_not_newer(None, ["default"]) == []


def test_what_an_app_of_earlier_days_noted_is_not_newer(client: Client) -> None:
    APPLIED.create(app="sessions", name="0001_initial")
    assert health(client) == (200, "ok")
    APPLIED.create(app="sessions", name="0002_of_next_year")
    assert health(client) == (503, "the database is newer than the program")


def test_migrations_are_due(client: Client, older: None) -> None:
    assert health(client) == (503, "migrations are due")
    assert database_is_not_newer(None, ["default"]) == []


def test_the_database_is_newer(client: Client, newer: None) -> None:
    assert health(client) == (503, "the database is newer than the program")
    assert database_is_not_newer(None, None) == []
    [problem] = database_is_not_newer(None, ["default"])
    assert (problem.id, problem.msg) == (
        "partyaffairs.E003",
        "A newer version has changed this database: reminders.0999_of_next_year, visits.0001_initial.",
    )


@pytest.mark.parametrize("command", ["prepare", "migrate"])
def test_nothing_goes_back(newer: None, command: str) -> None:
    """Not even backwards to a named migration: rows would be thrown away with their columns."""
    with pytest.raises(CommandError) as refused:
        call_command(command, stdout=StringIO(), stderr=StringIO(), skip_checks=True)
    assert str(refused.value) == REFUSED
    assert APPLIED.filter(name="0999_of_next_year").count() == 1
