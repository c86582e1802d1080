"""Identity numbers: the check character, the birth date inside, and the mask."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branches.rules.id_numbers import (
    IdNumberError,
    check_character,
    is_masked,
    masked,
    masked_text,
    parse_id_number,
)

TODAY = date(2026, 11, 22)


def numbered(place: str, born: str, sequence: str) -> str:
    seventeen = place + born + sequence
    return seventeen + check_character(seventeen)


# The example printed in the standard itself.
@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_standards_own_examples_have_these_check_characters(number: str) -> None:
    assert check_character(number[:17]) == number[17]


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002X",
        "11010519491231002x",
        " 110105 19491231 002X\n",
        "１１０１０５１９４９１２３１００２Ｘ",
        "'11010519491231002X",
    ],
    ids=["as printed", "lower case", "blanks", "full width", "apostrophe"],
)
def test_the_same_number_however_it_is_typed(text: str) -> None:
    number = parse_id_number(text, on=TODAY)
    assert (number.text, number.birth_on) == ("11010519491231002X", date(1949, 12, 31))
    assert number.masked == "1101**********002X"
    assert "19491231" not in repr(number)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("110105491231002", "15 位的旧号码"),
        ("110105194912310021", "校验码不符"),
        ("1101051949123100", "应为 18 位，这里是 16 位"),
        ("1.10105194912310E+17", "科学记数"),
        (numbered("532501", "19900230", "001"), "不是真实存在的日期"),
        (numbered("532501", "19010229", "001"), "不是真实存在的日期"),
        (numbered("532501", "20270101", "001"), "不在合理范围"),
        (numbered("532501", "18991231", "001"), "不在合理范围"),
        ("01010519491231002X", "应为 18 位"),
        ("无", "应为 18 位，这里是 1 位"),
    ],
)
def test_refused_with_a_hint_that_does_not_repeat_the_number(text: str, sentence: str) -> None:
    with pytest.raises(IdNumberError) as refused:
        parse_id_number(text, on=TODAY)
    assert sentence in str(refused.value)
    assert text not in str(refused.value) or len(text) < 3


def test_29_february_of_a_leap_year() -> None:
    assert parse_id_number(numbered("532501", "20000229", "012"), on=TODAY).birth_on == date(2000, 2, 29)


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(110000, 659999))
def test_every_number_made_by_the_rule_is_read_and_one_wrong_digit_is_not(
    born: date, sequence: int, place: int
) -> None:
    number = numbered(str(place), f"{born:%Y%m%d}".rjust(8, "0"), f"{sequence:03d}")
    assert parse_id_number(number, on=TODAY).birth_on == born
    wrong = number[:5] + str((int(number[5]) + 1) % 10) + number[6:]
    with pytest.raises(IdNumberError):
        parse_id_number(wrong, on=TODAY)


def test_the_mask_hides_birth_and_sequence_and_is_recognised() -> None:
    assert masked("532501199001011234") == "5325**********1234"
    assert [
        is_masked(text) for text in ("5325**********1234", "5325**********123x", "532501199001011234", "****")
    ] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("12345", "*****"),
        ("110105491231002", "1101*******1002"),
        ("", ""),
        ("110105194912310021", "1101**********0021"),
    ],
)
def test_wrong_numbers_are_masked_too(text: str, shown: str) -> None:
    assert masked_text(text) == shown
