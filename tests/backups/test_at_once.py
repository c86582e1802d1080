"""People go on working while a backup is made, and it is of one moment all the same."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from audit.actions import record
from backups.actions import make_backup
from tests.backups.office import empty_postgres, fill_little, installation_at, manage
from tests.box.installation import Installation


@contextmanager
def somebody_writing() -> Iterator[list[int]]:
    """Always two rows in one transaction; counts how often."""
    over, written = threading.Event(), list[int]()

    def write() -> None:
        while not over.wait(0.002):
            with transaction.atomic():
                record("backups.first", by=None)
                record("backups.second", by=None)
            written.append(1)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield written
    finally:
        over.set()
        writer.join()


def assert_of_one_moment(target: Installation, tmp_path: Path) -> None:
    """Its counts and its rows agree (restore compares them), and no transaction is there by half."""
    fill_little()
    keys = tmp_path / "keys"
    with somebody_writing() as written:
        made = [make_backup(tmp_path / "made", now=timezone.localtime(), box_keys=keys) for _ in range(3)]
    assert len(written) > 3
    counts = [one.manifest.facts.tables["audit_auditevent"] for one in made]
    assert counts == sorted(counts)
    assert [count % 2 for count in counts] == [1, 1, 1]  # the one event of the office, and pairs
    done = manage(target, "restore", str(made[-1].file), "--box-keys", str(keys))
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_of_one_moment(var: Path, tmp_path: Path) -> None:
    assert_of_one_moment(installation_at(tmp_path / "elsewhere"), tmp_path)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_backup_is_of_one_moment_on_postgres(var: Path, tmp_path: Path) -> None:
    with empty_postgres("restored_moment") as url:
        assert_of_one_moment(installation_at(tmp_path / "elsewhere", url), tmp_path)
