"""Codes on slips: hard to guess, easy to read, and a slip of the pen is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burden.rules.survey_codes import ALPHABET, LENGTH, grouped, new_code, new_codes, read_code
from burden.rules.survey_results import least_codes


def test_codes_are_different_and_in_no_order() -> None:
    codes = new_codes(200)
    assert (len(set(codes)), {len(code) for code in codes}) == (200, {LENGTH})
    assert codes != sorted(codes)
    assert {one for code in codes for one in code} == set(ALPHABET)


def test_a_code_is_read_however_it_was_written() -> None:
    code = new_code()
    shown = grouped(code)
    assert [len(part) for part in shown.split("-")] == [4, 4, 4]
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code)
    for typed in (
        shown,
        shown.lower(),
        code,
        f" {shown} ",
        shown.replace("-", "—"),
        shown.replace("-", " "),
        wide,
    ):
        assert read_code(typed) == code


def test_letters_that_look_like_digits_are_taken_for_them() -> None:
    code = next(code for code in iter(new_code, "") if {"0", "1"} <= set(code))
    for typed in (code.replace("0", "O").replace("1", "I"), code.replace("0", "o").replace("1", "l")):
        assert read_code(typed) == code


@given(st.integers(0, LENGTH - 2), st.integers(1, 31))
def test_one_wrong_character_is_noticed(place: int, shift: int) -> None:
    code = new_code()
    other = ALPHABET[(ALPHABET.index(code[place]) + shift) % len(ALPHABET)]
    # The first and the last of the alphabet weigh the same: the one pair that is taken for each other.
    if {code[place], other} != {ALPHABET[0], ALPHABET[-1]}:
        assert read_code(code[:place] + other + code[place + 1 :]) is None


@pytest.mark.parametrize(
    "typed", ["", "ABCD", "U" * 12, "汉字" * 6, "0" * 13, "-" * 12, "ABCD-EFGH-JKMN-PQRS"]
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


@pytest.mark.parametrize(("invited", "codes"), [(5, 15), (30, 40), (50, 60), (66, 80), (100, 120)])
def test_more_codes_than_people(invited: int, codes: int) -> None:
    assert least_codes(invited) == codes
