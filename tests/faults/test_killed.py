"""Kill -9 anywhere in the work of a day: what is made up afterwards is what an undisturbed office has."""

from pathlib import Path

from tests.box.installation import Installation
from tests.effort import FULL, tries
from tests.faults.lives import compared, copied

DAYS = tries(2, 46)
CONTROL_DAYS = 12
SEED = 20261123


def test_a_killed_life_ends_like_an_undisturbed_one(start: Installation, tmp_path: Path) -> None:
    found = compared(copied(start, tmp_path / "one"), copied(start, tmp_path / "two"), "live", DAYS, SEED)
    print(sum(found.killed.values()), "kills:", found.killed, "rows:", found.rows)
    assert (found.lost, found.doubled) == ({}, {})
    assert sum(found.killed.values()) >= (500 if FULL else DAYS * 5)


def test_the_oracle_sees_a_loss_and_a_double(start: Installation, tmp_path: Path) -> None:
    def control(variant: str) -> tuple[set[str], set[str]]:
        one, two = copied(start, tmp_path / f"{variant}1"), copied(start, tmp_path / f"{variant}2")
        found = compared(one, two, "control", CONTROL_DAYS, SEED, variant)
        assert found.killed["control"] >= CONTROL_DAYS // 2
        return set(found.lost), set(found.doubled)

    assert control("right") == (set(), set())
    assert control("mark_first") == ({"audit.AuditEvent"}, set())
    assert control("effect_first") == (set(), {"audit.AuditEvent"})
