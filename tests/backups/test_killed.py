"""Kill -9 anywhere: no half backup has a name, and a restore is repeated and ends whole."""

import json
from pathlib import Path

import pytest

from tests.backups.conftest import Office
from tests.backups.office import empty_postgres, installation_at
from tests.box.installation import Installation
from tests.effort import tries

KILLS = tries(10, 150)
KILLS_ON_POSTGRES = tries(4, 60)  # each takes seconds
SEED = "20261123"


def assert_nothing_half(office: Office, target: Installation, kills: int) -> None:
    arguments = (str(office.file), str(office.keys), str(kills), SEED)
    seen = json.loads(target.run("tests.backups.killing", *arguments).splitlines()[-1])
    print(seen)
    killed = {name: seen.pop(name) for name in ("killed backups", "killed restores")}
    assert seen == {"half": 0, "left": 0, "silent": 0, "unequal": 0, "stuck": 0}
    assert min(killed.values()) >= kills // 2


def test_killed_backups_and_restores(office: Office, tmp_path: Path) -> None:
    assert_nothing_half(office, installation_at(tmp_path / "elsewhere"), KILLS)


@pytest.mark.postgres
def test_killed_backups_and_restores_on_postgres(office: Office, tmp_path: Path) -> None:
    with empty_postgres("restored_killed") as url:
        assert_nothing_half(office, installation_at(tmp_path / "elsewhere", url), KILLS_ON_POSTGRES)
