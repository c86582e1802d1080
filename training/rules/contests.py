"""How a contest moves on, who may not judge whom, and how scores become places; no ORM, no clock."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import TextChoices

WHOLE = 100
MOST_POINTS = Decimal(100)
CENT = Decimal("0.01")


# So many judges at least, and so many without a tie to each work.
LEAST_JUDGES, LEAST_FOR_A_WORK = 3, 2
SHORTEST_NAME = 2
# “机关” alone is a word, “机关第一” is a branch.
SHORTEST_BRANCH = 3
BRANCH_ENDS = ("党支部委员会", "支部委员会", "党支部", "支部")


class ContestKind(TextChoices):
    THEME_DAY = "theme_day", "优秀主题党日案例"
    LECTURE = "lecture", "微党课"
    PRACTICE = "practice", "最佳实践"


class WorkState(TextChoices):
    SUBMITTED = "submitted", "待初审"
    ACCEPTED = "accepted", "已通过初审"
    RETURNED = "returned", "请修改"
    WITHDRAWN = "withdrawn", "已撤回"


# Their authors may still change them.
CHANGEABLE = frozenset({WorkState.SUBMITTED, WorkState.RETURNED})


class ContestPhase(TextChoices):
    DRAFT = "draft", "筹备"
    CALL = "call", "征集"
    SCREENING = "screening", "初审"
    JUDGING = "judging", "盲评"
    RESULT = "result", "评定结果"
    PUBLISHED = "published", "已公布"
    CANCELLED = "cancelled", "已取消"


# The one table of moves. Too few works open the call again; a judge who drops out opens judging again.
# What has been published stays so.
MOVES: dict[ContestPhase, frozenset[ContestPhase]] = {
    ContestPhase.DRAFT: frozenset({ContestPhase.CALL, ContestPhase.CANCELLED}),
    ContestPhase.CALL: frozenset({ContestPhase.SCREENING, ContestPhase.CANCELLED}),
    ContestPhase.SCREENING: frozenset({ContestPhase.CALL, ContestPhase.JUDGING, ContestPhase.CANCELLED}),
    ContestPhase.JUDGING: frozenset({ContestPhase.RESULT, ContestPhase.CANCELLED}),
    ContestPhase.RESULT: frozenset({ContestPhase.JUDGING, ContestPhase.PUBLISHED}),
    ContestPhase.PUBLISHED: frozenset(),
    ContestPhase.CANCELLED: frozenset(),
}


def may_move(here: ContestPhase, there: ContestPhase) -> bool:
    return there in MOVES[here]


def names_in(text: str, names: Collection[str]) -> list[str]:
    """Those names that stand in the text however they are written apart; a single letter is no name.

    Spaces, dots, invisible characters and the width of letters make no difference.
    """
    plain = _letters(text)
    wanted = {name: _letters(name) for name in names}
    found = {name: bare for name, bare in wanted.items() if len(bare) >= SHORTEST_NAME and bare in plain}
    # “金山烟站党支部” says it all: “金山烟站” need not be named beside it.
    return [name for name, bare in found.items() if not any(bare != o and bare in o for o in found.values())]


def _letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def names_of_branch(name: str, *, above: str = "") -> list[str]:
    """How a branch may be called: in full, without what its name shares with the one above, without the end.

    “甲公司第一烟站党支部” below “甲公司党总支” is also “第一烟站党支部” and “第一烟站”.
    """
    shared = next((i for i, pair in enumerate(zip(name, above, strict=False)) if len(set(pair)) > 1), 0)
    forms = [name, name[shared:]]
    ends = next((end for end in BRANCH_ENDS if name.endswith(end)), "")
    forms += [form.removesuffix(ends) for form in forms]
    return [form for form in dict.fromkeys(forms) if form == name or len(form) >= SHORTEST_BRANCH]


class Conflict(TextChoices):
    AUTHOR = "author", "本人是作者"
    BRANCH = "branch", "作品出自本支部"
    MENTOR = "mentor", "与作者是师徒"
    CO_AUTHOR = "co_author", "与作者合作过成果"


@dataclass(frozen=True)
class JudgeTies:
    """Keys of what binds a judge: own branches, mentors and pupils, those with whom something was written."""

    person: int
    branches: frozenset[int] = frozenset()
    paired: frozenset[int] = frozenset()
    wrote_with: frozenset[int] = frozenset()


def conflict_of(judge: JudgeTies, *, authors: Collection[int], branches: Collection[int]) -> Conflict | None:
    """Why this judge does not judge a work of these authors and branches; the closest tie, None for none."""
    if judge.person in authors:
        return Conflict.AUTHOR
    if not judge.branches.isdisjoint(branches):
        return Conflict.BRANCH
    if not judge.paired.isdisjoint(authors):
        return Conflict.MENTOR
    return None if judge.wrote_with.isdisjoint(authors) else Conflict.CO_AUTHOR


def weights_fit(weights: Collection[int]) -> bool:
    """Weights are whole per cents above nought and make 100 together."""
    return all(weight > 0 for weight in weights) and sum(weights) == WHOLE


def weighted(points: Mapping[int, Decimal], weights: Mapping[int, int]) -> Decimal:
    """One judge's score of one work: points (0–100) by criterion, exact. KeyError for a missing criterion."""
    return sum((points[key] * weight for key, weight in weights.items()), Decimal()) / WHOLE


def median(scores: Collection[Decimal]) -> Decimal:
    """The middle score; of an even number the mean of the two in the middle, exact.

    Raises ValueError for no scores at all.
    """
    if not scores:
        raise ValueError("no scores")
    ordered, middle = sorted(scores), len(scores) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def shown(score: Decimal) -> Decimal:
    """To two decimals, halves upwards; for the eye alone, places come from the exact score."""
    return score.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Standing:
    work: int
    place: int
    score: Decimal


def standings(
    judged: Mapping[int, Sequence[Mapping[int, Decimal]]], weights: Mapping[int, int]
) -> list[Standing]:
    """Works by place. `judged`: for each work the points of each judge by criterion.

    Ties: equal medians are parted by the median of the heaviest criterion, then of the next; of equal weights
    the first named comes first. Works equal in all share the place, and the next place is left out.
    """
    order = sorted(weights, key=lambda key: -weights[key])
    keys = {work: _sort_key(given, weights, order) for work, given in judged.items()}
    ranked = sorted(keys, key=lambda work: ([-part for part in keys[work]], work))
    return [
        Standing(work, 1 + sum(other > keys[work] for other in keys.values()), keys[work][0])
        for work in ranked
    ]


def _sort_key(
    given: Sequence[Mapping[int, Decimal]], weights: Mapping[int, int], order: Sequence[int]
) -> list[Decimal]:
    total = median([weighted(points, weights) for points in given])
    return [total, *(median([points[key] for points in given]) for key in order)]
