"""Cleaning, tidying and measuring of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgers.text import clean_text, display_width, tidy_spaces, wrapped_lines


@pytest.mark.parametrize(
    ("screen", "paper"),
    [
        ("2026 年 11 月 13 日", "2026年11月13日"),
        ("第 1 页 / 共 5 页", "第1页 / 共5页"),
        ("共\u00a03\u2009条", "共3条"),
        ("Excel 2016 版", "Excel 2016版"),
        ("红土坡 烟站", "红土坡 烟站"),
        ("09:30 — 11:00", "09:30 — 11:00"),
        ("第 1\n页", "第1\n页"),
        ("𠮷 3 号", "𠮷3号"),
        ("", ""),
    ],
)
def test_tidy_spaces(screen: str, paper: str) -> None:
    assert tidy_spaces(screen) == paper


@given(st.text())
def test_tidying_is_done_once_and_takes_only_blanks(text: str) -> None:
    tidied = tidy_spaces(text)
    assert tidy_spaces(tidied) == tidied
    assert "".join(tidied.split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b\x1b[0m\x7f", "a␀b␛[0m␡"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("\tx\n", "\tx\n"),
        ("坏\ud800字\ufffe\uffff", "坏\ufffd字\ufffd\ufffd"),
        ("𠮷欧阳é", "𠮷欧阳é"),
    ],
)
def test_clean_text(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_cleaned_text_can_be_written_everywhere(text: str) -> None:
    kept = clean_text(text)
    assert kept.encode().decode() == kept
    assert [c for c in kept if ord(c) < 32 and c not in "\t\n"] == []


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("党支部", 6), ("a\n党支部", 6), ("（一）", 6), ("e\u0301", 1), ("", 0)]
)
def test_display_width(text: str, width: int) -> None:
    assert display_width(text) == width


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [("党支部", 6, 1), ("党支部", 5, 2), ("", 5, 1), ("a\nb", 5, 2), ("abc", 0, 3)],
)
def test_wrapped_lines(text: str, columns: int, lines: int) -> None:
    assert wrapped_lines(text, columns) == lines
