"""Codes by the published test values of RFC 6238, and what counts as the same typing."""

import re
from base64 import b32decode
from urllib.parse import parse_qs, urlsplit

import pytest

from factors import rules

# RFC 6238, appendix B, SHA-1: the last six of the eight digits.
SECRET = b"12345678901234567890"
PUBLISHED = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]


@pytest.mark.parametrize(("at", "code"), PUBLISHED)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert rules.matched(SECRET, code, at=at) == rules.Match(step=at // 30, drift=0)


@pytest.mark.parametrize(("late", "found"), [(-90, None), (-30, 1), (0, 0), (30, -1), (60, None)], ids=str)
def test_one_step_to_either_side_is_taken(late: int, found: int | None) -> None:
    match = rules.matched(SECRET, "081804", at=1111111109 + late)
    assert (match and match.drift) == found


def test_a_step_that_was_used_is_never_taken_again() -> None:
    step = 1111111109 // 30
    assert rules.matched(SECRET, "081804", at=1111111109, after=step) is None
    assert rules.matched(SECRET, "081804", at=1111111109, after=step - 1) == rules.Match(step, 0)


def test_a_clock_that_is_minutes_off_is_learnt_with_the_first_code() -> None:
    at = 1111111109 + 480
    first = rules.matched(SECRET, "081804", at=at, tolerance=rules.FIRST_TOLERANCE)
    assert first == rules.Match(step=1111111109 // 30, drift=-16)
    assert rules.matched(SECRET, "081804", at=at) is None
    assert rules.matched(SECRET, "081804", at=at, drift=-16) == first


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "-12345"])
def test_only_six_digits_are_a_code(typed: str) -> None:
    assert (rules.is_app_code(typed), rules.matched(SECRET, typed, at=59)) == (False, None)


@pytest.mark.parametrize(
    ("typed", "plain"), [("２８７ ０８２", "287082"), (" 287-082 ", "287082"), ("KX7MP－ACDEF", "kx7mpacdef")]
)
def test_spaces_dashes_and_width_do_not_matter(typed: str, plain: str) -> None:
    assert rules.plain(typed) == plain
    assert rules.recovery_digest(SECRET, typed) == rules.recovery_digest(SECRET, plain)


def test_recovery_codes_are_ten_different_readable_ones() -> None:
    codes = rules.new_recovery_codes()
    assert len(set(codes)) == 10
    pattern = f"[{rules.READABLE}]{{5}}-[{rules.READABLE}]{{5}}"
    assert [code for code in codes if not re.fullmatch(pattern, code)] == []
    assert [code for code in codes if rules.is_app_code(rules.plain(code))] == []


def test_the_picture_and_the_typed_key_say_the_same() -> None:
    address = urlsplit(rules.authenticator_address(SECRET, account="雷.worker"))
    said = parse_qs(address.query)
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert (
        b32decode(said["secret"][0]) == b32decode(rules.secret_for_typing(SECRET).replace(" ", "")) == SECRET
    )
    assert said["issuer"] == ["党务工作台"]
