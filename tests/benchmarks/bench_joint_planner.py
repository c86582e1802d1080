"""How long a proposal takes: 13 and 200 branches, spread over counties of different size.

Budget: 13 branches in a second, 200 in 30 seconds with the gap to the optimum stated. Memory is that of
this process. Prints one line of figures a case; gates only on what does not depend on the machine's load.
"""

import resource
from datetime import date
from random import Random

import pytest

from branches.planning.facts import Leader, Question, Site
from branches.planning.plan import SECONDS, Proposal, propose

LINES = ("烟叶", "烟叶", "烟叶", "专卖", "机关")


def land(branches: int, degrees: float, *, small: float, seed: int = 1) -> Question:
    """Branches spread evenly over a square of so many degrees, a share of them too small."""
    draw = Random(seed)
    sites = []
    for n in range(branches):
        own = draw.randint(1, 3) if draw.random() < small else draw.randint(4, 9)
        borrowed = draw.randint(0, 3) if own < 3 else 0
        sites.append(
            Site(
                key=n,
                code=f"BR{n:03}",
                name=f"第{n}党支部",
                line=draw.choice(LINES),
                place=(24 + draw.random() * degrees, 103 + draw.random() * degrees),
                full_now=own + borrowed,
                members_now=own + borrowed + draw.randint(0, 2),
                own_after=own,
                full_after=own + borrowed,
                members_after=own + borrowed,
                leaders=(Leader(n, f"M{n}", f"党员{n}", date(2015, 1, 1)),),
                host=own > 3,
            )
        )
    return Question(tuple(sites))


@pytest.mark.parametrize(
    ("branches", "degrees", "small"),
    [(13, 0.6, 0.6), (60, 1.0, 0.6), (200, 0.7, 0.6), (200, 1.0, 0.6), (200, 2.0, 0.6), (200, 1.0, 1.0)],
)
def test_proposal_in_time(branches: int, degrees: float, small: float) -> None:
    proposal = propose(land(branches, degrees, small=small))
    report(proposal, branches, degrees)
    assert len(proposal.alternatives) == 4
    assert proposal.seconds < (1 if branches == 13 else SECONDS + 6)
    if branches == 13:
        assert proposal.status == "optimal"


def report(proposal: Proposal, branches: int, degrees: float) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    gaps = [alternative.choice.gap for alternative in proposal.alternatives]
    print(
        f"\n{branches} branches, {degrees} degrees: {len(proposal.question.to_place)} to place, "
        f"{len(proposal.possible.groups)} groups (nearest {proposal.possible.nearest_only}), "
        f"{proposal.seconds} s, {proposal.status}, gaps {gaps}, {memory:.0f} MB"
    )
