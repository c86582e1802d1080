"""The spool and the keys: one size, nothing to see from outside, and a broken file is left alone."""

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from burden.box import shred, spool
from burden.box.files import ASIDE, KEY, BoxBroken, BoxBusy, held, set_aside
from burden.box.shred import Keys, LetterKey, Shred, new_key, new_week, unwrap, unwrap_open, wrap, wrap_open
from burden.box.sizes import OPEN_SIZE, SEALED_SIZE, SLOTS_A_WEEK, WRAPPED_SIZE
from burden.box.spool import MOST_WITHDRAWALS, DayFull, Entry, Spool, Waiting, WeekFull


def entry() -> Entry:
    return Entry(secrets.token_hex(32), secrets.token_bytes(SEALED_SIZE))


def waiting(box: Spool) -> Waiting:
    with box.held() as held_box:
        return held_box.read()


def lookups(box: Spool) -> set[str]:
    return {one.lookup for one in waiting(box).entries}


@pytest.fixture
def box(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "box", wait=0.05)


def full(box: Spool) -> list[Entry]:
    entries = [entry() for _ in range(SLOTS_A_WEEK)]
    with box.held() as held_box:
        held_box.write(Waiting(tuple(entries)))
    return entries


def test_what_was_taken_is_there_once(box: Spool) -> None:
    first, second = entry(), entry()
    for one in (first, second, first):
        box.accept(one)
    assert {one.lookup: one.sealed for one in waiting(box).entries} == {
        first.lookup: first.sealed,
        second.lookup: second.sealed,
    }


def test_a_full_week_takes_nothing_more_and_says_so(box: Spool) -> None:
    entries = full(box)
    with pytest.raises(WeekFull):
        box.accept(entry())
    box.accept(entries[0])  # again, it is in already
    assert lookups(box) == {one.lookup for one in entries}


def test_room_of_the_week_counts(box: Spool) -> None:
    with box.held() as held_box:
        held_box.write(Waiting(room=1))
    box.accept(entry())
    with pytest.raises(WeekFull):
        box.accept(entry())


def test_withdrawals_are_taken_without_looking_until_the_day_is_full(box: Spool) -> None:
    gone = {secrets.token_hex(32) for _ in range(MOST_WITHDRAWALS)}
    with box.held() as held_box:
        held_box.write(Waiting(withdrawals=frozenset(sorted(gone)[1:])))
    box.withdraw(min(gone))
    assert waiting(box).withdrawals == gone
    with pytest.raises(DayFull):
        box.withdraw(secrets.token_hex(32))


def test_a_letter_of_another_size_is_no_letter(box: Spool) -> None:
    with pytest.raises(ValueError, match="one size"):
        box.accept(Entry(secrets.token_hex(32), b"short"))


def outside(box: Spool) -> dict[str, tuple[int, float, int]]:
    """What can be seen without a key: names, sizes, times, modes."""
    seen = {file.name: file.stat() for file in (*box.folder.iterdir(), box.folder)}
    return {
        name: (one.st_size * (name != "box"), one.st_mtime, one.st_mode & 0o777) for name, one in seen.items()
    }


def test_from_outside_nothing_happened(box: Spool) -> None:
    box.beat()
    before = outside(box)
    box.accept(entry())
    after_letter = outside(box)
    box.withdraw(secrets.token_hex(32))
    full(box)
    assert before == after_letter == outside(box)
    assert before["spool"] == (spool.SIZE + 40, 0.0, 0o600)
    assert before["box"] == (0, 0.0, 0o700)


def test_each_writing_changes_everything_and_the_order(box: Spool) -> None:
    full(box)
    orders, contents = set(), []
    for _ in range(4):
        box.beat()
        orders.add(tuple(one.lookup for one in waiting(box).entries))
        contents.append((box.folder / "spool").read_bytes())
    assert len(orders) == 4
    same = sum(a == b for a, b in zip(*contents[:2], strict=True))
    assert same < spool.SIZE / 256 * 1.2


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: b"",
        lambda content: content[:100] + bytes([content[100] ^ 1]) + content[101:],
        lambda content: content + b"\n",
    ],
)
def test_a_broken_file_is_never_written_over(box: Spool, damage: Callable[[bytes], bytes]) -> None:
    box.accept(entry())
    file = box.folder / "spool"
    broken = damage(file.read_bytes())
    file.write_bytes(broken)
    with pytest.raises(BoxBroken):
        box.accept(entry())
    with pytest.raises(BoxBroken):
        box.withdraw("00" * 32)
    with pytest.raises(BoxBroken):
        box.beat()
    assert file.read_bytes() == broken


def test_set_aside_by_hand_it_is_kept_and_a_new_one_begins(box: Spool) -> None:
    box.accept(entry())
    broken = (box.folder / "spool").read_bytes()[:-1]
    (box.folder / "spool").write_bytes(broken)
    kept = set_aside(box.folder, "spool")
    new = entry()
    box.accept(new)
    assert ASIDE in kept.name
    assert kept.read_bytes() == broken
    assert lookups(box) == {new.lookup}


def test_without_its_key_nothing_begins_anew(box: Spool) -> None:
    box.accept(entry())
    key = box.folder / KEY
    kept = key.read_bytes()
    key.unlink()
    with pytest.raises(BoxBroken):
        box.beat()
    (box.folder / "spool").rename(box.folder / "spool.elsewhere")
    with pytest.raises(BoxBroken):
        box.beat()
    assert not key.exists()
    key.write_bytes(kept)
    (box.folder / "spool.elsewhere").rename(box.folder / "spool")
    box.beat()
    key.write_text("no key")
    with pytest.raises(BoxBroken):
        box.beat()


def test_a_new_key_in_front_seals_and_the_old_one_opens(box: Spool) -> None:
    one = entry()
    box.accept(one)
    key = box.folder / KEY
    old = key.read_text()
    key.write_text(f"{secrets.token_hex(32)}\n{old}")
    box.beat()
    key.write_text(key.read_text().split()[0])
    assert lookups(box) == {one.lookup}


def test_who_waits_too_long_is_told(box: Spool) -> None:
    box.beat()
    with held(box.folder), pytest.raises(BoxBusy):
        box.accept(entry())
    box.accept(entry())


def test_many_at_once_all_have_their_place(tmp_path: Path) -> None:
    box = Spool(tmp_path / "box")
    entries = [entry() for _ in range(SLOTS_A_WEEK)]

    def send(part: list[Entry]) -> None:
        for one in part:
            box.accept(one)

    threads = [threading.Thread(target=send, args=(entries[n::4],)) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert lookups(box) == {one.lookup for one in entries}


def test_a_crash_before_the_name_is_given_leaves_the_old_file(
    box: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = entry()
    box.accept(one)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken_disk)
        with pytest.raises(OSError, match="disk"):
            box.accept(entry())
    assert lookups(box) == {one.lookup}


def broken_disk(descriptor: int) -> None:
    raise OSError("disk")


@pytest.fixture
def keys(box: Spool) -> Iterator[Shred]:
    with held(box.folder):
        yield Shred(box.folder)


def test_keys_come_back_and_the_file_keeps_its_size(box: Spool, keys: Shred) -> None:
    assert keys.read() is None
    keys.write(Keys())
    size = (box.folder / shred.NAME).stat().st_size
    many = {secrets.token_hex(32): new_key(is_dummy=bool(n % 2)) for n in range(shred.MOST)}
    given = Keys((new_week(), new_week()), many)
    keys.write(given)
    assert keys.read() == given
    assert (box.folder / shred.NAME).stat().st_size == size == shred.SIZE + 40
    with pytest.raises(ValueError, match="more keys"):
        keys.write(Keys((), {**many, secrets.token_hex(32): new_key()}))


def test_a_wrapped_letter_opens_with_its_key_alone() -> None:
    sealed, key, week = secrets.token_bytes(SEALED_SIZE), new_key(), new_week()
    lookup = secrets.token_hex(32)
    wrapped = wrap(sealed, key)
    outer = wrap_open(lookup, wrapped, week)
    assert (len(wrapped), len(outer)) == (WRAPPED_SIZE, OPEN_SIZE)
    assert unwrap_open(outer, (new_week(), week)) == (lookup, wrapped, week)
    assert unwrap(wrapped, key) == sealed
    with pytest.raises(BoxBroken):
        unwrap(wrapped, LetterKey(secrets.token_bytes(32), is_dummy=False))
    with pytest.raises(BoxBroken):
        unwrap_open(outer, (new_week(),))
