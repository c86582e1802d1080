"""Rotation (轮训): who looks at other branches in which month; no ORM, no clock."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import TextChoices

MONTHS = range(1, 13)
MOST_A_MONTH = 2
# What a plan costs. Each weight outweighs what a single exchange could save on those below it.
SHORT, CHANGED, TURN, BOTH_NEW, ADJACENT, UNWELCOME = 100_000, 1_000, 100, 30, 20, 10


class RotationState(TextChoices):
    DRAFT = "draft", "草案"
    PUBLISHED = "published", "已发布"


@dataclass(frozen=True)
class Person:
    """One worker. `closed`: branches never checked by this person: the own ones and those paired with them.

    `away`: months that cannot be; `unwelcome`: months better left; `turns`: months of earlier years.
    """

    key: int
    closed: frozenset[int] = frozenset()
    away: frozenset[int] = frozenset()
    unwelcome: frozenset[int] = frozenset()
    experienced: bool = True
    turns: int = 0


@dataclass(frozen=True)
class Question:
    """`needed`: how many persons each month that is planned takes. `fixed`: months gone, as they were.

    `before`: what stood until now, kept wherever it can be.
    """

    people: Sequence[Person]
    branches: Sequence[int]
    needed: Mapping[int, int]
    fixed: Mapping[int, frozenset[int]] = field(default_factory=dict)
    before: Mapping[int, frozenset[int]] = field(default_factory=dict)
    # What each person looked at, and is kept where the person stays: (month, person) to branches.
    visits: Mapping[tuple[int, int], frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Turns:
    """Months with their persons. `gap`: how far from the best it may be; 0 when proven."""

    months: Mapping[int, frozenset[int]]
    cost: int
    gap: float


def needed_by_month(per_month: int, busy: frozenset[int]) -> dict[int, int]:
    """In a busy month one person is enough."""
    return {month: 1 if month in busy else per_month for month in MONTHS}


def cost_of(months: Mapping[int, frozenset[int]], asked: Question) -> int:
    """What these turns cost: the measure of the solver, said independently of it."""
    people = {person.key: person for person in asked.people}
    turns = Counter(key for keys in months.values() for key in keys)
    total = sum(_turn_costs(person.turns, turns[person.key]) for person in asked.people)
    for month, keys in months.items():
        if month in asked.fixed:
            continue
        total += SHORT * (asked.needed[month] - len(keys))
        total += BOTH_NEW * max(0, sum(not people[key].experienced for key in keys) - 1)
        total += UNWELCOME * sum(month in people[key].unwelcome for key in keys)
        if asked.before:
            total += CHANGED * len(keys - asked.before.get(month, frozenset()))
    return total + ADJACENT * sum(
        len(keys & months.get(month + 1, frozenset())) for month, keys in months.items()
    )


def _turn_costs(before: int, turns: int) -> int:
    return TURN * sum(range(before + 1, before + turns + 1))


def may_go(person: Person, month: int) -> bool:
    return month not in person.away


def can_look_at(person: Person, branch: int) -> bool:
    return branch not in person.closed


def conflicts(
    months: Mapping[int, Mapping[int, frozenset[int]]], asked: Question, names: Mapping[int, str]
) -> dict[int, list[str]]:
    """What does not fit, month by month, in words; `months` tells each person's branches.

    Of months gone only what the next one repeats is said: nothing else of them can be changed.
    """
    people = {person.key: person for person in asked.people}
    found = {
        month: [] if month in asked.fixed else _of_month(month, chosen, people, asked, names)
        for month, chosen in months.items()
    }
    for month, chosen in months.items():
        if month in asked.fixed and month + 1 in asked.fixed:
            continue
        both = sorted(set(chosen) & set(months.get(month + 1, {})))
        found[month] += [f"{names[key]}连续两个月都有安排，建议错开。" for key in both]
    return {month: lines for month, lines in found.items() if lines}


def _of_month(
    month: int,
    chosen: Mapping[int, frozenset[int]],
    people: Mapping[int, Person],
    asked: Question,
    names: Mapping[int, str],
) -> list[str]:
    lines = []
    if len(chosen) < asked.needed.get(month, 0):
        lines.append(f"还缺 {asked.needed[month] - len(chosen)} 人。")
    for key, branches in chosen.items():
        person = people.get(key)
        if person is None:
            lines.append(f"{names[key]}不在可安排的人员里。")
            continue
        if month in person.away:
            lines.append(f"{names[key]}这个月不在。")
        if branches & person.closed:
            lines.append(f"{names[key]}不能检查本支部或者结对的支部。")
        if not branches:
            lines.append(f"{names[key]}还没有分配支部。")
    if len(chosen) > 1 and not any(key in people and people[key].experienced for key in chosen):
        lines.append("两位都是新手，建议换一位有经验的同行。")
    return lines
