"""A line of the duty list (权责清单), settled or suggested; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from burden.rules.measures_vocabulary import DutyKind


@dataclass(frozen=True)
class DutyLine:
    """`decides`: who is asked when in doubt; `basis` in words, `verified` once somebody read it there."""

    kind: DutyKind
    text: str
    decides: str = ""
    basis: str = ""
    verified: bool = False


def by_kind(lines: Iterable[DutyLine]) -> list[tuple[DutyKind, Sequence[DutyLine]]]:
    """Every kind with its lines in their order; a kind without lines is left out."""
    every = list(lines)
    grouped = [(kind, [line for line in every if line.kind == kind]) for kind in DutyKind]
    return [(kind, found) for kind, found in grouped if found]
