"""The key of the channel's files is a new one after every tick: copies taken before stay closed."""

from pathlib import Path

import pytest
from nacl.public import PrivateKey

from burden.box.actions import tick
from burden.box.files import ASIDE, KEY, BoxBroken, renewed_key
from burden.box.spool import Spool
from tests.box.channel import MONDAY, TUESDAY, everywhere, send, waiting


def key_lines(folder: Path) -> list[str]:
    return (folder / KEY).read_text().split()


@pytest.mark.django_db
def test_a_copy_of_the_spool_does_not_open_with_the_key_of_the_next_day(
    recipients: list[PrivateKey], folder: Path
) -> None:
    tick(MONDAY)
    send("多头填表")
    copy, [old] = (folder / "spool").read_bytes(), key_lines(folder)
    tick(TUESDAY)
    [new] = key_lines(folder)
    assert new != old
    assert everywhere(recipients[0]) == ["多头填表"]
    (folder / "spool").write_bytes(copy)
    with pytest.raises(BoxBroken):
        waiting()


@pytest.mark.django_db
def test_stopped_half_way_both_keys_stay_until_the_next_tick(
    recipients: list[PrivateKey], folder: Path
) -> None:
    tick(MONDAY)
    send("多头填表")
    [old] = key_lines(folder)
    with Spool(folder).held(), pytest.raises(OSError, match="disk"), renewed_key(folder):
        raise OSError("disk")
    assert (len(key_lines(folder)), key_lines(folder)[1]) == (2, old)
    assert everywhere(recipients[0]) == ["多头填表"]
    tick(TUESDAY)
    assert len(key_lines(folder)) == 1
    assert everywhere(recipients[0]) == ["多头填表"]


@pytest.mark.django_db
def test_a_file_that_was_set_aside_keeps_its_key(recipients: list[PrivateKey], folder: Path) -> None:
    tick(MONDAY)
    [old] = key_lines(folder)
    (folder / f"spool{ASIDE}1").write_bytes(b"")
    tick(TUESDAY)
    assert key_lines(folder)[1:] == [old]
