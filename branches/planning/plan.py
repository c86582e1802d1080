"""The whole proposal: several ranked alternatives, and what could not be placed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from time import monotonic

from branches.planning.facts import Question, Site
from branches.planning.geography import distances_hm
from branches.planning.groups import Group, Possible, make_group, possible_groups
from branches.planning.help import Unplaced, explain
from branches.planning.solver import Choice, Chooser

ALTERNATIVES = 4
SECONDS = 24.0
# Share of the time for the best one; the others start from what it proved.
BEST_SHARE = 0.6
# An alternative to a plan of many groups differs in more than one of them.
DIFFERENT_SHARE = 0.05


@dataclass(frozen=True)
class Alternative:
    """One way to join the branches; groups of several branches first, each kind by code of the seat."""

    rank: int
    choice: Choice
    groups: tuple[Group, ...]

    @property
    def joint(self) -> list[Group]:
        return [group for group in self.groups if group.joint]

    @property
    def alone(self) -> list[Group]:
        return [group for group in self.groups if not group.joint]


@dataclass(frozen=True)
class Proposal:
    """What the planner found; `nearest_only` says that groups beyond so many neighbours were not looked at.

    `differ`: in how many joint groups each alternative differs at least from every better one.
    """

    question: Question
    possible: Possible
    alternatives: tuple[Alternative, ...]
    unplaced: tuple[Unplaced, ...]
    differ: int
    seconds: float

    @property
    def status(self) -> str:
        """nothing_to_place, optimal, restricted (proven among nearest neighbours), time_limit."""
        if not self.question.to_place:
            return "nothing_to_place"
        if not all(alternative.choice.proven for alternative in self.alternatives[:1]):
            return "time_limit"
        return "restricted" if self.possible.nearest_only else "optimal"

    def sites_of(self, group: Group) -> list[Site]:
        return [self.question.sites[n] for n in group.members_of]


def propose(
    question: Question,
    *,
    alternatives: int = ALTERNATIVES,
    seconds: float = SECONDS,
    tick: Callable[[int], None] = lambda done: None,
) -> Proposal:
    """The best joinings in their order; `tick` is called with the number of alternatives found so far."""
    began = monotonic()
    possible = possible_groups(question)
    chooser, found, differ = Chooser(question, possible.groups), list[Choice](), 1
    until = began + seconds
    while question.to_place and len(found) < alternatives:
        tick(len(found))
        left = until - monotonic()
        share = BEST_SHARE if not found else 1 / (alternatives - len(found))
        choice = chooser.best(seconds=left * share, former=found, differ=differ)
        if choice is None or left <= 0:
            break
        found.append(choice)
        differ = max(1, ceil(DIFFERENT_SHARE * sum(possible.groups[n].joint for n in found[0].chosen)))
    # One that could not be proven best may have been found before a better one.
    found.sort(key=lambda choice: choice.aims)
    made = tuple(_alternative(rank, choice, possible, question) for rank, choice in enumerate(found, 1))
    left_over = _left_over(made[0]) if made else []
    unplaced = tuple(explain(question, possible, n) for n in left_over)
    return Proposal(question, possible, made, unplaced, differ, round(monotonic() - began, 3))


def assess(question: Question, together: Sequence[Sequence[int]]) -> list[Group]:
    """The figures of groups somebody composed by hand, by site numbers."""
    distances = distances_hm(question.sites)
    return [make_group(question, distances, chosen) for chosen in together]


def _alternative(rank: int, choice: Choice, possible: Possible, question: Question) -> Alternative:
    groups = [possible.groups[n] for n in choice.chosen]
    groups.sort(key=lambda g: (not g.joint, question.sites[g.members_of[0]].code))
    return Alternative(rank, choice, tuple(groups))


def _left_over(best: Alternative) -> list[int]:
    return [group.members_of[0] for group in best.alone if not group.placed]
