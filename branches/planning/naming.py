"""A name to begin with for a joint branch; people give the final one."""

from collections.abc import Sequence
from itertools import takewhile

from branches.planning.facts import Site

NAMED = 3
LONGEST = 80
SHORTEST_SUFFIX = 2


def joint_name(sites: Sequence[Site], seat: Site) -> str:
    """“翠坪、松林口烟站联合党支部”; with more than three “清水塘烟站等 4 单位联合党支部”."""
    stems = [seat.stem, *(site.stem for site in sites if site is not seat)]
    if len(stems) > NAMED:
        return f"{stems[0]}等 {len(stems)} 单位联合党支部"[-LONGEST:]
    common = _common_suffix(stems)
    names = [stem.removesuffix(common) for stem in stems]
    if not all(names):
        common, names = "", stems
    made = "、".join(names) + common + "联合党支部"
    return made if len(made) <= LONGEST else f"{seat.stem}等 {len(stems)} 单位联合党支部"[-LONGEST:]


def _common_suffix(stems: Sequence[str]) -> str:
    shared = takewhile(
        lambda column: len(set(column)) == 1, zip(*(stem[::-1] for stem in stems), strict=False)
    )
    suffix = "".join(column[0] for column in shared)[::-1]
    return suffix if len(suffix) >= SHORTEST_SUFFIX else ""
