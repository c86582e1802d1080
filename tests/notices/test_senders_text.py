"""The words that leave: one plain line each, whole lines dropped where they do not fit, and counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.senders import Outgoing
from notices.senders.text import KEYWORD, fitted, heading, plain, text_of

LINES = ("三会一课 11 月 30 日到期", "党费收缴 12 月 5 日到期")


def words(outgoing: Outgoing, limit: int = 10_000) -> str:
    return text_of(fitted(outgoing, fits=lambda some: len(text_of(some).encode()) <= limit))


def test_title_lines_rest_and_link_stand_one_below_the_other() -> None:
    outgoing = Outgoing("m-1", "本周有 5 项工作到期", LINES, 3, "https://portal.example.com/w/reminders/")
    assert words(outgoing) == (
        "【党务工作台】本周有 5 项工作到期\n"
        "· 三会一课 11 月 30 日到期\n"
        "· 党费收缴 12 月 5 日到期\n"
        "另有 3 项\n"
        "查看：https://portal.example.com/w/reminders/"
    )


def test_without_lines_and_link_the_title_stands_alone() -> None:
    assert words(Outgoing("m-1", "有一份交接等您确认")) == "【党务工作台】有一份交接等您确认"


def test_a_title_that_names_the_product_is_not_given_its_name_twice() -> None:
    assert heading(Outgoing("m-1", f"{KEYWORD}提醒")) == "党务工作台提醒"


def test_what_does_not_fit_is_left_out_line_by_line_and_counted() -> None:
    outgoing = Outgoing("m-1", "标题", ("甲" * 30, "乙" * 30, "丙" * 30), 2)
    whole = len(words(outgoing).encode())
    assert words(outgoing, whole - 1) == f"【党务工作台】标题\n· {'甲' * 30}\n· {'乙' * 30}\n另有 3 项"
    assert words(outgoing, 60) == "【党务工作台】标题\n共 5 项"


@pytest.mark.parametrize(
    ("given_text", "seen"),
    [
        ("一行\r\n两行\t三", "一行 两行 三"),
        ('<at user_id="all">所有人</at>', '＜at user_id="all"＞所有人＜/at＞'),
        ("<@all>注意", "＜@all＞注意"),
        ("零\u200b宽\u202e倒\ud800", "零宽倒"),
        ("  \u3000空 格\u2028 ", "空 格"),
        ("**粗体** [链接](http://x) `码`", "**粗体** [链接](http://x) `码`"),
    ],
    ids=["breaks", "mention", "mention of all", "invisible", "spaces", "markdown is only text"],
)
def test_a_line_is_one_line_that_mentions_nobody(given_text: str, seen: str) -> None:
    assert plain(given_text) == seen


@given(
    title=st.text(max_size=300),
    lines=st.lists(st.text(max_size=120), max_size=40),
    more=st.integers(0, 99),
    limit=st.integers(900, 4000),
)
def test_it_always_fits_and_nothing_is_lost_from_the_count(
    title: str, lines: list[str], more: int, limit: int
) -> None:
    outgoing = Outgoing("m-1", title, tuple(lines), more)
    found = fitted(outgoing, fits=lambda some: len(text_of(some).encode()) <= limit)
    assert len(text_of(found).encode()) <= limit
    assert len(found.lines) + found.more == len(lines) + more
    assert text_of(found).count("\n") == len(found.lines) + bool(found.more)
