"""The box in which answers wait: sums alone, one size, nothing to read, nothing lost."""

import os
import stat
from pathlib import Path

import pytest
from pytest_django import Settings

from branches.sealed import TamperedToken, UnknownKey
from burden.box.ballots import SIZE, Ballots, BallotsFull, ballot_box
from tests.burden.survey_scene import own_box

MARK = "a" * 64


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    return own_box(settings, tmp_path)


def write(ballots: Ballots) -> bytes:
    with ballot_box() as box:
        box.write(ballots)
        return box.file.read_bytes()


def read(round_: int) -> Ballots:
    with ballot_box() as box:
        return box.read(round_)


def test_answers_become_sums(folder: Path) -> None:
    first = read(7).plus({"load": "1", "stance": "3"}, MARK)
    write(first.plus({"load": "1", "stance": "2"}, "b" * 64))
    held = read(7)
    assert (held.people, held.tally) == (2, {"load": {"1": 2}, "stance": {"2": 1, "3": 1}})
    assert (held.knows([MARK]), held.knows(["c" * 64, "b" * 64]), held.knows(["c" * 64])) == (
        True,
        True,
        False,
    )


def test_the_order_in_which_answers_came_is_not_kept(folder: Path) -> None:
    said = [({"load": "1"}, "1" * 64), ({"load": "4"}, "2" * 64), ({"load": "2"}, "3" * 64)]
    there, back = Ballots(7), Ballots(7)
    for answers, mark in said:
        there = there.plus(answers, mark)
    for answers, mark in reversed(said):
        back = back.plus(answers, mark)
    assert there == back
    assert list(there.tally["load"]) == list(back.tally["load"]) == ["1", "2", "4"]


def test_the_file_has_one_size_one_time_and_is_new_each_time(folder: Path) -> None:
    empty, again = write(Ballots()), write(Ballots())
    full = Ballots(7)
    for n in range(100):
        full = full.plus({"load": str(n % 5 + 1)}, f"{n:064x}")
    much = write(full)
    assert len(empty) == len(again) == len(much) > SIZE
    # Two writings of the same thing share nothing but their head: who compares copies sees no place.
    alike = sum(a == b for a, b in zip(empty[9:], again[9:], strict=True))
    assert alike < len(empty) / 100
    assert b"load" not in much
    status = (folder / "survey").stat()
    assert (status.st_mtime, stat.S_IMODE(status.st_mode)) == (0, 0o600)
    assert sorted(os.listdir(folder)) == ["survey", "survey.lock"]


def test_what_belongs_to_another_round_counts_for_nothing(folder: Path) -> None:
    write(Ballots(6).plus({"load": "1"}, MARK))
    assert read(7) == Ballots(7)


def test_a_new_key_in_front_still_opens_what_waits(folder: Path, settings: Settings) -> None:
    old = settings.PERSONAL_DATA_KEYS
    write(Ballots(7).plus({"load": "1"}, MARK))
    settings.PERSONAL_DATA_KEYS = ["n" * 48, *old]
    assert read(7).people == 1
    settings.PERSONAL_DATA_KEYS = ["n" * 48]
    with pytest.raises(UnknownKey):
        read(7)


def test_a_changed_file_is_not_taken_for_an_empty_one(folder: Path) -> None:
    content = bytearray(write(Ballots(7)))
    content[-1] ^= 1
    (folder / "survey").write_bytes(bytes(content))
    with pytest.raises(TamperedToken):
        read(7)


def test_what_does_not_fit_leaves_the_box_as_it_was(folder: Path) -> None:
    before = write(Ballots(7).plus({"load": "1"}, MARK))
    crowd = Ballots(7, 3000, {}, frozenset(f"{n:032x}" for n in range(3000)))
    with pytest.raises(BallotsFull):
        write(crowd)
    assert (folder / "survey").read_bytes() == before
