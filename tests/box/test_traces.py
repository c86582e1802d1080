"""What the files of SQLite hold besides the rows: nothing of the day before, and no sign of a letter."""

from pathlib import Path

import pytest
from django.db import connection

from burden.box.actions import beat, look_up, tick, withdraw
from burden.box.limits import SLOTS_A_WEEK, Level
from burden.models.box import BoxLetter
from tests.box.channel import MONDAY, NEXT_MONDAY, TUESDAY, WEDNESDAY, send
from tests.box.recipients import add_recipients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]


def database_files() -> dict[str, bytes]:
    """The database and its journal."""
    main = Path(connection.settings_dict["NAME"])
    return {end: file.read_bytes() for end in ("", "-wal") if (file := Path(f"{main}{end}")).exists()}


def pieces() -> list[bytes]:
    """Of each row a name and some bytes, long enough to be nowhere by chance."""
    found = []
    for lookup, sealed in BoxLetter.objects.values_list("lookup", "sealed"):
        found += [lookup.encode(), bytes(sealed)[40:72]]
    return found


def left_of(wanted: list[bytes]) -> int:
    files = database_files().values()
    return sum(any(one in content for content in files) for one in wanted)


def test_after_a_tick_nothing_is_left_of_the_batch_before() -> None:
    add_recipients(Level.OWN, Level.OWN)
    tick(MONDAY)
    for day in (TUESDAY, WEDNESDAY, NEXT_MONDAY):
        before = pieces()
        assert left_of(before) == 2 * SLOTS_A_WEEK
        send()
        tick(day)
        assert left_of(before) == 0
        assert database_files().get("-wal", b"") == b""


def test_taking_looking_and_withdrawing_change_no_byte_of_the_database() -> None:
    add_recipients(Level.OWN, Level.OWN)
    tick(MONDAY)
    before = database_files()
    receipt = send()
    look_up(receipt)
    withdraw(receipt)
    beat()
    assert database_files() == before


def test_a_tick_puts_back_how_carefully_others_write() -> None:
    tick(MONDAY)
    with connection.cursor() as cursor:
        settings = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "secure_delete")
        ]
    assert settings == [1, 0]
