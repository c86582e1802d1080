"""The text of a scenario card: read, written back, refused with the place and what to do."""

import pytest

from training.rules.cards import (
    MOST_STEPS,
    CardTextRefused,
    Choice,
    Step,
    draft_of,
    is_passed,
    kept,
    parse_steps,
    read,
    steps_text,
)

TEXT = """应到 12 人，实到 7 人，可以开始吗？
+ 可以，超过半数 | 对，半数以上到会才能表决。
- 不可以 | 过半数就可以。

表决时 5 人赞成，通过了吗？
- 通过了，5 票超过实到的一半 | 分母是应到会的人数。
+ 没有通过 | 对，要超过应到会 12 人的一半。
"""
STEPS = (
    Step(
        "应到 12 人，实到 7 人，可以开始吗？",
        (Choice("可以，超过半数", "对，半数以上到会才能表决。", True), Choice("不可以", "过半数就可以。")),
    ),
    Step(
        "表决时 5 人赞成，通过了吗？",
        (
            Choice("通过了，5 票超过实到的一半", "分母是应到会的人数。"),
            Choice("没有通过", "对，要超过应到会 12 人的一半。", True),
        ),
    ),
)


def test_a_text_is_read_and_written_back() -> None:
    assert parse_steps(TEXT) == STEPS
    assert parse_steps("\n\n" + TEXT.replace("\n", "\r\n") + "\n\n") == STEPS
    assert parse_steps(steps_text(STEPS)) == STEPS
    assert read(kept(STEPS)) == STEPS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "至少写一步"),
        ("+ 甲 | 乙\n- 丙 | 丁", "第 1 步没有情境和问题"),
        ("问题\n+ 甲 | 乙", "2 至 5 个选项"),
        ("问题\n- 甲 | 乙\n- 丙 | 丁", "有且只有一个正确选项"),
        ("问题\n+ 甲 | 乙\n+ 丙 | 丁", "有且只有一个正确选项"),
        ("问题\n+ 甲\n- 丙 | 丁", "没有写完"),
        ("问题\n+ 甲 |\n- 丙 | 丁", "没有写完"),
        (f"问题\n+ {'甲' * 201} | 乙\n- 丙 | 丁", "太长"),
        ("\n\n".join(["问题\n+ 甲 | 乙\n- 丙 | 丁"] * (MOST_STEPS + 1)), "最多 12 步"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_to_do(text: str, words: str) -> None:
    with pytest.raises(CardTextRefused, match=words):
        parse_steps(text)


@pytest.mark.parametrize(
    ("answers", "passed"), [((0, 1), True), ((0, 0), False), ((0,), False), ((), False), ((0, 1, 0), False)]
)
def test_a_card_is_passed_when_every_first_choice_was_right(answers: tuple[int, ...], passed: bool) -> None:
    assert is_passed(STEPS, answers) is passed


def test_the_draft_of_an_entry_can_be_read_back() -> None:
    steps = draft_of(
        "没有半数到会",
        wrong="照常" * 150,
        right="改期再开",
        why_wrong="人数不够",
        measure="重新召开",
        recheck="看下一次签到",
    )
    assert parse_steps(steps_text(steps)) == steps
    assert steps[0].right == 0
