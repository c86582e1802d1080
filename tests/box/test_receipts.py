"""Receipts: what is written down is read back, what was mistyped is noticed, nothing leads back."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burden.box.receipts import BODY, Receipt, lookup_of, new_receipt, read_receipt, reply_keys_of
from burden.rules.survey_codes import ALPHABET
from tests.effort import tries

KNOWN = "0123456789ABCDEFGHJKMNPQRS"


def known() -> Receipt:
    return next(filter(None, (read_receipt(KNOWN + one) for one in ALPHABET)))


def test_a_receipt_is_27_characters_in_nine_groups() -> None:
    receipt = new_receipt()
    assert [len(group) for group in receipt.groups] == [3] * 9
    assert str(receipt) == "-".join(receipt.groups)
    assert set(receipt.characters) <= set(ALPHABET)


def test_no_two_are_the_same_and_every_place_takes_every_character() -> None:
    receipts = [new_receipt().characters for _ in range(tries(1500, 20_000))]
    assert len(set(receipts)) == len(receipts)
    assert [len({one[n] for one in receipts}) for n in range(BODY + 1)] == [32] * (BODY + 1)


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda text: text.replace("-", ""),
        lambda text: text.replace("-", " "),
        lambda text: f"  {text}\n",
        lambda text: text.replace("0", "O").replace("1", "l"),
        lambda text: text.replace("0", "o").replace("1", "I"),
        lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else "－" for c in text),
    ],
)
def test_it_is_read_however_it_was_written(change: Callable[[str], str]) -> None:
    assert read_receipt(change(str(known()))) == known()


@pytest.mark.parametrize("typed", ["", "AAA", str(known())[:-1], f"{known()}0", f"{known()}U", "号" * 27])
def test_what_is_no_receipt_is_none(typed: str) -> None:
    assert read_receipt(typed) is None


def test_one_wrong_character_anywhere_is_noticed() -> None:
    right = known().characters
    wrong = [
        right[:place] + other + right[place + 1 :]
        for place in range(len(right))
        for other in ALPHABET
        if other != right[place]
    ]
    assert [typed for typed in wrong if read_receipt(typed)] == []


@given(body=st.text(ALPHABET, min_size=BODY, max_size=BODY), place=st.integers(0, BODY - 1))
def test_two_swapped_neighbours_are_noticed(body: str, place: int) -> None:
    right = next(filter(None, (read_receipt(body + one) for one in ALPHABET))).characters
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assert (read_receipt(swapped) is None) == (swapped != right)


def test_lookup_and_reply_keys_are_fixed_and_have_nothing_in_common() -> None:
    lookup, keys = lookup_of(known()), reply_keys_of(known())
    assert lookup == lookup_of(known())
    assert len(bytes.fromhex(lookup)) == 32
    assert bytes(keys) == bytes(reply_keys_of(known()))
    assert bytes.fromhex(lookup) not in (bytes(keys), bytes(keys.public_key))
    assert lookup_of(new_receipt()) != lookup


def test_a_receipt_does_not_show_itself_in_a_report() -> None:
    assert repr(known()) == "Receipt()"
