"""What a scenario card says, as typed by staff and as kept; no ORM, no clock.

The text of the steps, one after the other with an empty line between:

    党员大会的表决，应到 12 人，实到 7 人，可以开始吗？
    + 可以，超过应到的半数 | 对：半数以上有表决权的党员到会，才能开会表决。
    - 不可以，要三分之二到会 | 三分之二是另一种会议的要求，这里过半数就可以。
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices


class CardState(TextChoices):
    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"
    RETIRED = "retired", "已停用"


MOST_STEPS, MOST_CHOICES, LONGEST = 12, 5, 200
RIGHT, WRONG, PARTED = "+", "-", "|"


class CardTextRefused(ValueError):
    """The steps cannot be read; str() says in Chinese where and what to do."""


@dataclass(frozen=True)
class Choice:
    text: str
    result: str
    right: bool = False


@dataclass(frozen=True)
class Step:
    text: str
    choices: tuple[Choice, ...]

    @property
    def right(self) -> int:
        """The place of the right choice."""
        return next(number for number, choice in enumerate(self.choices) if choice.right)


def parse_steps(text: str) -> tuple[Step, ...]:
    """The steps of a typed text. Raises CardTextRefused."""
    blocks = [block for block in _blocks(text) if block]
    if not blocks:
        raise CardTextRefused("请至少写一步：先写情境和问题，再逐行写选项。")
    if len(blocks) > MOST_STEPS:
        raise CardTextRefused(f"最多 {MOST_STEPS} 步，现在有 {len(blocks)} 步，请拆成两张。")
    return tuple(_step(number, block) for number, block in enumerate(blocks, 1))


def _blocks(text: str) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in (raw.strip() for raw in text.splitlines()):
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return blocks


def _step(number: int, lines: Sequence[str]) -> Step:
    asked = [line for line in lines if line[0] not in (RIGHT, WRONG)]
    choices = tuple(_choice(number, line) for line in lines if line[0] in (RIGHT, WRONG))
    if not asked or lines[0][0] in (RIGHT, WRONG):
        raise CardTextRefused(f"第 {number} 步没有情境和问题：第一行写问题，后面逐行写选项。")
    if not 2 <= len(choices) <= MOST_CHOICES:
        raise CardTextRefused(f"第 {number} 步要有 2 至 {MOST_CHOICES} 个选项，现在是 {len(choices)} 个。")
    if sum(choice.right for choice in choices) != 1:
        raise CardTextRefused(f"第 {number} 步要有且只有一个正确选项，用“{RIGHT}”开头，其余用“{WRONG}”。")
    return Step("".join(asked), choices)


def _choice(number: int, line: str) -> Choice:
    text, parted, result = (part.strip() for part in line[1:].partition(PARTED))
    if not (text and parted and result):
        raise CardTextRefused(f"第 {number} 步的“{line[:20]}”没有写完：选项和结果之间用“{PARTED}”隔开。")
    if max(len(text), len(result)) > LONGEST:
        raise CardTextRefused(f"第 {number} 步的“{line[:20]}”太长，选项和结果各不超过 {LONGEST} 字。")
    return Choice(text, result, line[0] == RIGHT)


def steps_text(steps: Sequence[Step]) -> str:
    """The text that parse_steps reads back."""
    return "\n\n".join(
        "\n".join(
            [step.text]
            + [f"{RIGHT if c.right else WRONG} {c.text} {PARTED} {c.result}" for c in step.choices]
        )
        for step in steps
    )


def kept(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The shape of CardVersion.steps."""
    return [
        {
            "text": step.text,
            "choices": [{"text": c.text, "result": c.result, "right": c.right} for c in step.choices],
        }
        for step in steps
    ]


def read(rows: Sequence[dict[str, Any]]) -> tuple[Step, ...]:
    return tuple(Step(row["text"], tuple(Choice(**choice) for choice in row["choices"])) for row in rows)


def draft_of(
    problem: str, *, wrong: str, right: str, why_wrong: str, measure: str, recheck: str
) -> tuple[Step, ...]:
    """The first draft of a card from an entry of the error bank: do it right, mend it, look again."""
    return (
        _drafted(f"{problem}：碰到这种情况，怎么做？", (right, "这样做符合要求。"), (wrong, why_wrong)),
        _drafted(
            "检查时发现已经这样做了，接下来怎么办？",
            (measure, "对。先把这一次改到位，以后照着做。"),
            ("先放一放，下次注意就行", "这一次的问题还在，到期复查仍会发现。"),
            right_first=False,
        ),
        _drafted(
            "改完以后，怎样才算真的改好了？",
            (recheck, "对。按复查办法核对过，才可以销号。"),
            ("材料补齐，就算改好了", "只补材料，看不出做法有没有改。"),
            right_first=False,
        ),
    )


def _drafted(text: str, right: tuple[str, str], wrong: tuple[str, str], *, right_first: bool = True) -> Step:
    choices = [Choice(right[0][:LONGEST], right[1], True), Choice(wrong[0][:LONGEST], wrong[1][:LONGEST])]
    return Step(text, tuple(choices if right_first else reversed(choices)))


def is_passed(steps: Sequence[Step], answers: Sequence[int]) -> bool:
    """Every step answered right at the first try."""
    return len(answers) == len(steps) and all(
        step.right == answer for step, answer in zip(steps, answers, strict=True)
    )


@dataclass(frozen=True)
class Screen:
    """One page on the beamer; without a step it is the last one, with the debrief."""

    number: int
    before: int | None
    after: int | None
    place: int = 0
    step: Step | None = None
    is_open: bool = False


def screens_of(steps: Sequence[Step]) -> int:
    """Every step twice, asked and answered, and the debrief."""
    return 2 * len(steps) + 1


def screen_of(steps: Sequence[Step], number: int) -> Screen:
    last = screens_of(steps)
    before, after = number - 1 or None, number + 1 if number < last else None
    if number == last:
        return Screen(number, before, after)
    place, opened = divmod(number - 1, 2)
    return Screen(number, before, after, place + 1, steps[place], bool(opened))
