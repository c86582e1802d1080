"""An office of the first release comes along with all it has, however often the way is cut off."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.backups.office import manage
from tests.box.installation import Installation
from tests.database import empty_database
from tests.effort import tries
from tests.services import current_database_url
from tests.upgrade.first_release import RELEASE
from tests.upgrade.places import (
    POSTGRES,
    SQLITE,
    Table,
    broken_keys,
    copy_of,
    empty,
    first_release,
    rows_in,
    schema_of,
)

ENGINES = [SQLITE, pytest.param(POSTGRES, marks=pytest.mark.postgres)]
KILLS = tries(6, 40)
SEED = "20261122"
# What a migration may change in rows there were: its own list, and what Django says of models.
OF_DJANGO = {"django_migrations", "django_content_type", "auth_permission", "sqlite_sequence"}


# Written by the upgrade itself: when, and with which number, differs from run to run.
MOMENTS = {"applied", "changed_at"}
COUNTED_ON = {
    "auth_permission",
    "branches_groupseat",
    "django_content_type",
    "django_migrations",
    "records_recordaction",
    "reminders_leaddays",
    "reminders_monthsummary",
}


def killed(office: Installation, mode: str, kills: int) -> dict[str, int]:
    seen: dict[str, int] = json.loads(
        office.run("tests.upgrade.killing", mode, str(kills), SEED).splitlines()[-1]
    )
    print(mode, seen)
    return seen


def assert_all_rows_are_there(before: dict[str, Table], after: dict[str, Table]) -> None:
    """With every column there was, but for those named in the data of the release."""
    gone: dict[str, list[str]] = {}
    for table, rows in before.items():
        if table in OF_DJANGO:
            continue
        columns = list(rows[0]) if rows else []
        kept = [name for name in columns if after.get(table) and name in after[table][0]]
        if rows and kept != columns:
            gone[table] = sorted(set(columns) - set(kept))
        assert _of(after.get(table, []), kept) == _of(rows, kept), table
    assert gone == {table: sorted(columns) for table, columns in RELEASE["gone"].items()}


def _of(rows: Table, columns: list[str]) -> list[str]:
    return sorted(repr([row[name] for name in columns]) for row in rows) if columns else []


def told(rows: Table, *columns: str) -> set[tuple[Any, ...]]:
    return {tuple(str(row[name]) for name in columns) for row in rows}


def assert_migrations_did_what_they_say(before: dict[str, Table], after: dict[str, Table]) -> None:
    assert_seats_come_from_groups(before, after)
    assert_duties_come_from_posts(before, after)
    done = {
        (item["record_id"], item["action_id"])
        for item in before["reminders_reminderitem"]
        if item["record_id"]
    }
    codes = {action["id"]: action["code"] for action in before["reminders_action"]}
    assert len(done) > 30
    assert told(after["records_recordaction"], "record_id", "action_code") == {
        (str(record), codes[action]) for record, action in done
    }


def assert_seats_come_from_groups(before: dict[str, Table], after: dict[str, Table]) -> None:
    """Members and a leader who is none; a closed group ends its seats, one of no day has none."""
    groups = {group["id"]: group for group in before["branches_partygroup"]}
    people = {(row["partygroup_id"], row["member_id"]) for row in before["branches_partygroup_members"]}
    people |= {(key, group["leader_id"]) for key, group in groups.items() if group["leader_id"]}
    wanted = {
        (str(key), str(person), str(groups[key]["since"]), str(groups[key]["until"]))
        for key, person in people
        if groups[key]["since"] != groups[key]["until"]
    }
    assert len(wanted) == 6
    assert told(after["branches_groupseat"], "group_id", "member_id", "since", "until") == wanted
    leading = [seat for seat in after["branches_groupseat"] if seat["leads"]]
    assert told(leading, "group_id", "member_id") == {
        (str(key), str(group["leader_id"])) for key, group in groups.items() if group["leader_id"]
    }


def assert_duties_come_from_posts(before: dict[str, Table], after: dict[str, Table]) -> None:
    """A superuser, who holds the administrators' post, and whose member once held it; nobody else."""
    held = [post for post in before["branches_post"] if post["role"] == "administrator"]
    by_member = {member["id"]: member["user_id"] for member in before["branches_member"]}
    wanted = {post["user_id"] or by_member[post["member_id"]] for post in held}
    wanted |= {user["id"] for user in before["accounts_user"] if user["is_superuser"]}
    assert len(wanted) == 3
    found = {user["id"]: user["exclusive_duty"] for user in after["accounts_user"]}
    assert found == {key: "administrator" if key in wanted else "" for key in found}


def assert_the_office_goes_on(office: Installation) -> None:
    """Prepared as at every start, then signed in with a password of then; see tests.upgrade.looking."""
    assert json.loads(office.run("tests.upgrade.looking").splitlines()[-1]) == {
        "audit": "",
        "summaries": 0,
        "health": "ok",
        "signed in": [302, 200],
        "in November": 4,
        "not on the page": [],
        "made by a second refresh": 0,
    }


def backed_up(office: Installation) -> Path:
    assert manage(office, "backup").returncode == 0
    [file] = (office.folder / "backups").glob("*.backup")
    return file


def restored(office: Installation, file: Path) -> list[str]:
    """What is said after the count of rows."""
    said = manage(office, "restore", str(file), "--without-box")
    assert said.returncode == 0, said.stderr
    return said.stdout.splitlines()[1:]


def today(kept_databases: Path) -> str:
    """The URL of the database that the tests run on: made by today's migrations, from nothing."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{empty_database(kept_databases)}"
    return current_database_url()


@pytest.mark.django_db  # its tables are compared
@pytest.mark.parametrize("engine", ENGINES)
def test_an_office_of_the_first_release_comes_along(
    engine: str, tmp_path: Path, kept_databases: Path
) -> None:
    """By a backup made at that release; the upgrade is killed on the way and goes on where it was."""
    with first_release(engine, tmp_path / "first") as then, empty(engine, tmp_path / "restored") as office:
        file = backed_up(then)
        before = rows_in(then.database)
        assert len(before["reminders_reminderitem"]) == 73
        assert restored(office, file) == [
            "备份来自较早的版本：请先运行 migrate，再运行 verify_audit 核对审计链。"
        ]
        assert rows_in(office.database) == before
        assert office.run("tests.upgrade.looking", "health").strip() == "503 migrations are due"
        assert killed(office, "anywhere", KILLS) == {"killed": KILLS, "failed": 0}
        after = rows_in(office.database)
        assert_all_rows_are_there(before, after)
        assert_migrations_did_what_they_say(before, after)
        assert broken_keys(office.database) == []
        assert schema_of(office.database) == schema_of(today(kept_databases))
        assert_the_office_goes_on(office)


@pytest.mark.parametrize("engine", ENGINES)
def test_without_our_executor_a_kill_between_work_and_note_is_for_ever(engine: str, tmp_path: Path) -> None:
    """The positive control: such a kill is found, and it matters."""
    with first_release(engine, tmp_path / "first") as office:
        assert killed(office, "control", 1) == {"killed": 1, "failed": 1}


# --- thoroughly ----------------------------------------------------------------------------------


def of_every_run(rows: dict[str, Table]) -> dict[str, list[str]]:
    """Without moments of the run, and without numbers that a transaction that was cut off has used up."""
    numbers = {"id", "content_type_id"}
    return {
        table: _of(found, sorted(set(found[0]) - MOMENTS - (numbers if table in COUNTED_ON else set())))
        for table, found in rows.items()
        if found
    }


@pytest.mark.full
@pytest.mark.parametrize("engine", ENGINES)
def test_killed_at_each_border_the_end_is_that_of_an_undisturbed_run(engine: str, tmp_path: Path) -> None:
    with first_release(engine, tmp_path / "first") as office, copy_of(office, tmp_path / "calm") as calm:
        assert killed(calm, "anywhere", 0) == {"killed": 0, "failed": 0}
        seen = killed(office, "borders", 400)
        assert seen["failed"] == 0
        assert seen["killed"] > 100
        assert schema_of(office.database) == schema_of(calm.database)
        assert of_every_run(rows_in(office.database)) == of_every_run(rows_in(calm.database))


@pytest.mark.full
@pytest.mark.parametrize("engine", ENGINES)
def test_our_executor_makes_the_tables_that_that_of_django_makes(engine: str, tmp_path: Path) -> None:
    with empty(engine, tmp_path / "ours") as ours, empty(engine, tmp_path / "theirs") as theirs:
        assert killed(ours, "anywhere", 0) == {"killed": 0, "failed": 0}
        assert killed(theirs, "theirs", 0) == {"killed": 0, "failed": 0}
        assert schema_of(ours.database) == schema_of(theirs.database)
        assert of_every_run(rows_in(ours.database)) == of_every_run(rows_in(theirs.database))
