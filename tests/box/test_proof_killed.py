"""Kill -9 during ticks and releases, on both databases: no letter is lost, none is there twice."""

import json
from pathlib import Path

import pytest

from tests.box.installation import Installation, on_sqlite
from tests.effort import tries
from tests.services import current_database_url

KILLS = tries(14, 100)
SEED = "20261123"


def assert_nothing_lost(installation: Installation) -> None:
    seen = json.loads(installation.run("tests.box.ticking", str(KILLS), SEED).splitlines()[-1])
    print(seen)
    assert {name: seen[name] for name in ("lost", "doubled", "stuck")} == {
        "lost": 0,
        "doubled": 0,
        "stuck": 0,
    }
    assert seen["killed"] >= KILLS // 3


@pytest.mark.django_db
def test_killed_ticks_lose_and_double_nothing(kept_databases: Path, tmp_path: Path) -> None:
    assert_nothing_lost(on_sqlite(tmp_path, kept_databases))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_killed_ticks_lose_and_double_nothing_on_postgres(tmp_path: Path) -> None:
    assert_nothing_lost(Installation(tmp_path, current_database_url()))
