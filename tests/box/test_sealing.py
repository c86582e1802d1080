"""Sealed letters and replies: one size, opened by whom they are for, and no way to tell a dummy."""

import pytest
from nacl.public import PrivateKey

from burden.box.limits import Level, Outcome, categories
from burden.box.sealing import (
    Letter,
    NotForThisKey,
    Reply,
    SealingError,
    TooLong,
    WrongPassphrase,
    dummy,
    no_reply,
    open_letter,
    open_reply,
    reseal,
    seal_letter,
    seal_reply,
    unwrap_private,
    wrap_private,
)
from burden.box.sizes import (
    PLACE_SIZE,
    RECIPIENT_PLACES,
    REPLY_LIMIT,
    REPLY_SIZE,
    SEALED_SIZE,
    TEXT_LIMIT,
)
from tests.box.recipients import CHEAP

LETTER = Letter("excessive_trace", "每次活动要交三套照片。")
WRITER = PrivateKey.generate()
ANNA, BORIS, CLARA = (PrivateKey.generate() for _ in range(3))


def sealed(letter: Letter = LETTER, *recipients: PrivateKey, level: str = Level.OWN) -> bytes:
    keys = [one.public_key for one in recipients or (ANNA, BORIS)]
    return seal_letter(letter, level=level, reply_key=WRITER.public_key, recipients=keys)


@pytest.mark.parametrize("text", ["", "短", "长" * TEXT_LIMIT, "🀄" * TEXT_LIMIT, 'a"\n\t' * 500])
def test_whatever_is_written_takes_the_same_room_and_comes_back(text: str) -> None:
    longest = max(categories(), key=len)
    one = sealed(Letter(longest, text), level=Level.SUPERIOR)
    opened = open_letter(one, BORIS)
    assert len(one) == SEALED_SIZE == len(dummy())
    assert (opened.letter, opened.level) == (Letter(longest, text), Level.SUPERIOR)
    assert opened.reply_key == WRITER.public_key


def test_every_recipient_opens_it_and_nobody_else() -> None:
    six = [PrivateKey.generate() for _ in range(RECIPIENT_PLACES)]
    one = sealed(LETTER, *six)
    assert [open_letter(one, private).letter for private in six] == [LETTER] * 6
    with pytest.raises(NotForThisKey):
        open_letter(one, CLARA)
    with pytest.raises(NotForThisKey):
        open_letter(dummy(), ANNA)


def test_what_was_changed_does_not_open() -> None:
    one = bytearray(sealed())
    one[-1] ^= 1
    with pytest.raises(NotForThisKey):
        open_letter(bytes(one), ANNA)


def test_too_much_is_refused() -> None:
    with pytest.raises(TooLong):
        sealed(Letter("other", "长" * (TEXT_LIMIT + 1)))
    with pytest.raises(SealingError):
        sealed(LETTER, *[PrivateKey.generate() for _ in range(RECIPIENT_PLACES + 1)])


def test_resealing_lets_one_in_and_another_out() -> None:
    again = reseal(sealed(), ANNA, [ANNA.public_key, CLARA.public_key])
    assert open_letter(again, CLARA) == open_letter(sealed(), ANNA)
    with pytest.raises(NotForThisKey):
        open_letter(again, BORIS)
    with pytest.raises(NotForThisKey):
        reseal(sealed(), CLARA, [CLARA.public_key])


def test_sealed_twice_nothing_is_the_same() -> None:
    first, second = sealed(), sealed()
    same = sum(a == b for a, b in zip(first, second, strict=True))
    assert same < SEALED_SIZE / 256 * 2


def on_the_curve(point: bytes) -> bool:
    """Whether 32 bytes are the first coordinate of a point of Curve25519, as every public key is."""
    p = 2**255 - 19
    x = int.from_bytes(point, "little")
    return x < p and pow(x**3 + 486662 * x**2 + x, (p - 1) // 2, p) in (0, 1)


def points(one: bytes) -> list[bytes]:
    return [one[n * PLACE_SIZE : n * PLACE_SIZE + 32] for n in range(RECIPIENT_PLACES)]


def test_the_places_of_a_dummy_are_points_like_those_of_a_letter() -> None:
    assert all(on_the_curve(point) for one in (sealed(), dummy(), dummy()) for point in points(one))
    assert on_the_curve(no_reply()[:32])
    # What random bytes would look like: the check notices them.
    assert not all(on_the_curve(bytes([n]) * 32) for n in range(40))


def test_the_place_of_a_recipient_is_any() -> None:
    found = set()
    for _ in range(80):
        one = sealed(LETTER, ANNA)
        for place in range(RECIPIENT_PLACES):
            start = place * PLACE_SIZE
            cut = one[:start] + bytes(PLACE_SIZE) + one[start + PLACE_SIZE :]
            try:
                open_letter(cut, ANNA)
            except NotForThisKey:
                found.add(place)
    assert found == set(range(RECIPIENT_PLACES))


def test_a_reply_opens_with_the_receipt_alone() -> None:
    reply = Reply(Outcome.ADOPTED, "谢" * REPLY_LIMIT)
    one = seal_reply(reply, WRITER.public_key)
    assert len(one) == REPLY_SIZE == len(no_reply())
    assert open_reply(one, WRITER) == reply
    assert [open_reply(one, ANNA), open_reply(no_reply(), WRITER), open_reply(b"", WRITER)] == [None] * 3
    with pytest.raises(TooLong):
        seal_reply(Reply(Outcome.ADOPTED, "谢" * (REPLY_LIMIT + 1)), WRITER.public_key)


def test_a_private_key_comes_back_with_its_passphrase_alone() -> None:
    wrapped = wrap_private(ANNA, "口令 很 长", cost=CHEAP)
    assert bytes(unwrap_private(wrapped, "口令 很 长")) == bytes(ANNA)
    assert bytes(ANNA) not in wrapped
    assert wrapped != wrap_private(ANNA, "口令 很 长", cost=CHEAP)
    with pytest.raises(WrongPassphrase):
        unwrap_private(wrapped, "口令 很 短")
    with pytest.raises(WrongPassphrase):
        unwrap_private(wrapped[:-1] + bytes([wrapped[-1] ^ 1]), "口令 很 长")


def test_nothing_shows_in_a_report() -> None:
    shown = f"{LETTER!r}{open_letter(sealed(), ANNA)!r}{Reply('adopted', '谢谢')!r}"
    assert "照片" not in shown
    assert "excessive" not in shown
    assert "谢谢" not in shown
