"""A question read into words, and the words found again in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branches.rules.search import (
    EXCERPT_LENGTH,
    LONGEST_QUESTION,
    MOST_WORDS,
    TOO_LONG,
    TOO_MANY,
    TOO_SHORT,
    Word,
    excerpt,
    holds,
    marked,
    read_question,
)


def texts(typed: str) -> list[str]:
    return [word.text for word in read_question(typed).words]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", []),
        (" \t\u3000\n", []),
        ("雷", ["雷"]),
        ("党课 红土坡", ["党课", "红土坡"]),
        ("党课\u3000红土坡", ["党课", "红土坡"]),
        ("党课 党课", ["党课"]),
        ("M003 ｍ００３", ["M003"]),
        ("党\x07课", ["党", "课"]),
        ("党\u200b课", ["党课"]),
        ("党\ud800课", ["党课"]),
        ("%", []),
        ("%%", ["%%"]),
        ("𠮷", ["𠮷"]),
        ("雷 3", ["雷", "3"]),
    ],
)
def test_words_of_a_question(typed: str, words: list[str]) -> None:
    assert texts(typed) == words


@pytest.mark.parametrize(
    ("typed", "trouble"),
    [
        ("a", TOO_SHORT),
        ("3 _ %", TOO_SHORT),
        ("党" * LONGEST_QUESTION, ""),
        ("党" * (LONGEST_QUESTION + 1), TOO_LONG),
        (" ".join("甲乙丙丁戊己"), ""),
        (" ".join("甲乙丙丁戊己庚"), TOO_MANY),
        ("", ""),
    ],
)
def test_what_is_not_looked_for_is_said_in_words(typed: str, trouble: str) -> None:
    question = read_question(typed)
    assert question.trouble == trouble
    assert bool(question.words) is (not trouble and bool(typed))


def test_a_question_that_is_too_long_stays_as_far_as_it_fits() -> None:
    assert read_question("党" * 200).text == "党" * LONGEST_QUESTION
    assert MOST_WORDS == 6


def test_a_word_is_asked_for_in_every_width() -> None:
    assert Word("Ａ（1").forms == ("A(1", "Ａ（1", "A（1")
    assert Word("党课").forms == ("党课",)


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("支部党员大会", "党员", "支部[党员]大会"),
        ("党员党员", "党员", "[党员党员]"),
        ("ＭＡＸ（一）", "max (", "[ＭＡＸ（]一）"),
        ("上党课、听党课", "党课", "上[党课]、听[党课]"),
        ("㎏", "kg", "[㎏]"),
        ("没有", "党课", "没有"),
        ("<b>党课</b>", "<b>", "[<b>]党课</b>"),
        ("", "党课", ""),
    ],
)
def test_found_words_are_marked(text: str, words: str, shown: str) -> None:
    parts = marked(text, read_question(words).words or (Word(words),))
    assert "".join(f"[{part.text}]" if part.found else part.text for part in parts) == shown


def test_every_word_must_stand_in_the_text() -> None:
    assert holds("党员台账", read_question("台账 党员").words)
    assert not holds("党员台账", read_question("台账 党费").words)


def test_an_excerpt_begins_shortly_before_the_word() -> None:
    text = "前" * 30 + "党课" + "后" * 80
    assert excerpt(text, (Word("党课"),)) == "…" + "前" * 12 + "党课" + "后" * 46 + "…"
    assert excerpt("一\n党课", (Word("党课"),)) == "一 党课"
    assert excerpt(text, (Word("党费"),)) == ""


@given(st.text(max_size=80), st.text(max_size=LONGEST_QUESTION))
def test_nothing_typed_upsets_it_and_no_text_is_changed(text: str, typed: str) -> None:
    words = read_question(typed).words
    assert "".join(part.text for part in marked(text, words)) == text
    assert len(excerpt(text, words)) <= EXCERPT_LENGTH + 2
    for word in words:
        word.text.encode()
        assert holds(word.text, (word,))
