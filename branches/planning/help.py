"""Why a branch could not be placed, and which change of the limits would place it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil

from branches.planning.facts import Preferences, Question, Site
from branches.planning.geography import distances_hm, km_label
from branches.planning.groups import Possible, possible_groups

# So many nearest branches are looked at when asking what would help one branch.
LOOKED_AT = 14
FARTHEST_KM = 500


@dataclass(frozen=True)
class Unplaced:
    """A branch that stays below the least number of own full members, with the reason and what would help."""

    site: Site
    why: str
    helps: tuple[str, ...]


def explain(question: Question, possible: Possible, n: int) -> Unplaced:
    site, wishes = question.sites[n], question.preferences
    if site.place is None:
        return Unplaced(site, "没有登记坐标，无法判断与哪些支部相邻。", ("在支部资料中补填纬度和经度。",))
    if not wishes.alone and not _has_group(possible, n) and site.own_after >= wishes.least_own:
        return Unplaced(site, "没有符合条件的伙伴支部。", tuple(_helps(question, possible, n)))
    if _has_group(possible, n):
        return Unplaced(
            site, "单独看可以与邻近支部联合，但那些支部已编入其他组，抽出来会使别的支部不足。", ()
        )
    return Unplaced(site, _why(question, possible, n), tuple(_helps(question, possible, n)))


def _has_group(possible: Possible, n: int) -> bool:
    return any(group.joint and n in group.members_of for group in possible.groups)


def _why(question: Question, possible: Possible, n: int) -> str:
    wishes, site = question.preferences, question.sites[n]
    near = _nearest(question, possible, n)
    if not near:
        return "没有其他登记了坐标的支部可以联合。"
    first = possible.distances[n][near[0]] or 0
    within = [m for m in near if (possible.distances[n][m] or 0) <= wishes.distance_hm]
    limit = km_label(wishes.distance_hm)
    if not within:
        name = question.sites[near[0]].name
        return f"{limit}以内没有其他支部，最近的“{name}”相距 {km_label(first)}。"
    allowed = [m for m in within if wishes.hosts or not question.sites[m].host]
    if not allowed:
        return f"{limit}以内只有情况正常的支部，而条件设为不牵动正常支部。"
    if wishes.same_line and not any(question.sites[m].line == site.line for m in allowed):
        return f"{limit}以内没有同属“{site.line or '未登记'}”条线的支部。"
    return f"{limit}以内的支部无论怎样组合，{_shortfall(question, [n, *allowed])}"


def _shortfall(question: Question, together: list[int]) -> str:
    wishes, sites = question.preferences, [question.sites[n] for n in together]
    own = sum(site.own_after for site in sites)
    if own < wishes.least_own:
        return f"本部门正式党员合计只有 {own} 人，仍不足 {wishes.least_own} 人。"
    if not any(site.leaders for site in sites):
        return "都没有党龄满 1 年、近期不离开的正式党员可任书记。"
    return (
        f"都不能同时做到相互距离、党员不超过 {wishes.most_members} 人、"
        f"覆盖单位不超过 {wishes.most_units} 个和本部门正式党员不少于 {wishes.least_own} 人。"
    )


def _helps(question: Question, possible: Possible, n: int) -> Iterator[str]:
    """Single changes that would do; where none does, the distance with everything else given up too."""
    wishes = question.preferences
    around = [n, *_nearest(question, possible, n)]
    small = Question(tuple(question.sites[m] for m in around), wishes)
    single = list(_single_helps(small, wishes))
    yield from single
    if not single and (distance := _least_distance(small, replace(wishes, same_line=False, hosts=True))):
        yield f"把距离放宽到 {distance} 公里，并允许跨条线、并入正常支部。"


def _single_helps(small: Question, wishes: Preferences) -> Iterator[str]:
    if wishes.same_line and _placed(small, replace(wishes, same_line=False)):
        yield "允许与其他业务条线的支部联合。"
    if not wishes.hosts and _placed(small, replace(wishes, hosts=True)):
        yield "允许并入情况正常的邻近支部。"
    if distance := _least_distance(small, wishes):
        yield f"把距离放宽到 {distance} 公里。"


def _nearest(question: Question, possible: Possible, n: int) -> list[int]:
    """The nearest branches with a known place, nearest first."""
    row = possible.distances[n]
    known = [m for m in range(len(row)) if m != n and row[m] is not None]
    return sorted(known, key=lambda m: (row[m] or 0, m))[:LOOKED_AT]


def _placed(small: Question, wishes: Preferences) -> bool:
    """Whether the first site of the small question can stand in an allowed group."""
    # Only groups with the first site count: everybody else is asked as a partner of it.
    groups = possible_groups(Question(small.sites, wishes)).groups
    return any(group.joint and 0 in group.members_of for group in groups)


def _least_distance(small: Question, wishes: Preferences) -> int | None:
    """Whole kilometres from which the first site can be placed; more distance never takes a group away."""
    table = distances_hm(small.sites)
    steps = sorted({ceil((d or 0) / 10) for row in table for d in row} - {0})
    steps = [km for km in steps if wishes.distance_km < km <= FARTHEST_KM]
    low, high = 0, len(steps)
    while low < high:
        middle = (low + high) // 2
        if _placed(small, replace(wishes, distance_km=steps[middle])):
            high = middle
        else:
            low = middle + 1
    return steps[low] if low < len(steps) else None
