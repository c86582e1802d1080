"""Pure rules: spelling, chaining, and text a database can keep."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from audit.rules import EMPTY_HASH, canonical, chained_hash, storable

AT = datetime(2026, 11, 5, 1, 2, 3, tzinfo=UTC)


def test_canonical_spelling_is_fixed() -> None:
    assert canonical({"b": {"y": 1, "x": "汉"}, "a": None}, AT) == (
        '{"a":null,"at":"2026-11-05T01:02:03.000000+00:00","b":{"x":"汉","y":1}}'
    )


def test_the_same_moment_is_spelled_the_same_in_every_zone() -> None:
    shanghai = AT.astimezone(timezone(timedelta(hours=8)))
    assert canonical({}, shanghai) == canonical({}, AT)


def test_hash_depends_on_place_previous_and_words() -> None:
    base = chained_hash(1, EMPTY_HASH, "a")
    others = {
        chained_hash(2, EMPTY_HASH, "a"),
        chained_hash(1, "f" * 64, "a"),
        chained_hash(1, EMPTY_HASH, "b"),
    }
    assert len(base) == 64
    assert len(others | {base}) == 4


def test_unstorable_text_is_shown_as_a_mark() -> None:
    told = storable({"a\x00": ["x\ud800", ("y", {"z": "\udfff"})], "n": 3})
    assert told == {"a\ufffd": ["x\ufffd", ["y", {"z": "\ufffd"}]], "n": 3}


@given(st.text())
def test_every_text_becomes_storable_once_and_for_all(text: str) -> None:
    kept = storable(text)
    assert storable(kept) == kept
    assert "\x00" not in kept
    assert kept.encode().decode() == kept
