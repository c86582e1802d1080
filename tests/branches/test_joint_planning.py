"""The planner: the exact choice against brute force, what it refuses, and what it says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branches.planning import linear
from branches.planning.facts import WEIGHTS, Leader, Preferences, Question, Site
from branches.planning.geography import great_circle_km
from branches.planning.groups import possible_groups
from branches.planning.naming import joint_name
from branches.planning.plan import Proposal, assess, propose
from branches.planning.report import proposal_report

LONG_AGO = date(2015, 1, 1)
# One hundredth of a degree of latitude is 1.1 km.
NORTH, EAST = 24.4, 103.4


def make_site(number: int, own: int = 2, *, north: float = 0, east: float = 0, **given: object) -> Site:
    leader = Leader(number, f"M{number:03}", f"党员{number}", LONG_AGO, 0)
    site = Site(
        key=number,
        code=f"BR{number:02}",
        name=f"第{number}站党支部",
        line="烟叶",
        place=(NORTH + north, EAST + east),
        full_now=own,
        members_now=own,
        own_after=own,
        full_after=own,
        members_after=own,
        leaders=(leader,) if own else (),
    )
    return replace(site, **given)  # type: ignore[arg-type]  # every name is a field of Site


def ask(*sites: Site, **wishes: object) -> Proposal:
    return propose(Question(sites, replace(Preferences(), **wishes)))  # type: ignore[arg-type]  # as above


def partners(proposal: Proposal, rank: int = 1) -> list[list[str]]:
    report = proposal_report(proposal)["alternatives"][rank - 1]
    return [group["branches"] for group in report["groups"]]


# --- brute force, written apart from the planner ---------------------------------------------------


def partitions(items: list[int]) -> Iterator[list[list[int]]]:
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for smaller in partitions(rest):
        yield [[first], *smaller]
        for n, group in enumerate(smaller):
            yield [*smaller[:n], [first, *group], *smaller[n + 1 :]]


def km(one: Site, other: Site) -> float | None:
    if one.place is None or other.place is None:
        return None
    return round(great_circle_km(one.place, other.place), 1)


def value_of(sites: list[Site], wishes: Preferences) -> tuple[int, int, int, int] | None:
    """The aims of one group; None when the rules forbid it."""
    own, full = sum(s.own_after for s in sites), sum(s.full_after for s in sites)
    joint = len(sites) > 1
    if joint:
        apart = [km(a, b) for a in sites for b in sites if a is not b]
        if any(d is None or d > wishes.distance_km for d in apart):
            return None
        if (
            sum(s.units for s in sites) > wishes.most_units
            or sum(s.members_now for s in sites) > wishes.most_members
        ):
            return None
        if own < wishes.least_own or not any(s.leaders for s in sites):
            return None
        if wishes.same_line and len({s.line for s in sites}) > 1:
            return None
        if any(s.host for s in sites) and not wishes.hosts:
            return None
    travel = min(
        sum(round(s.members_after * (km(s, seat) or 0) * 10) if s is not seat else 0 for s in sites)
        for seat in sites
    )
    off = max(wishes.preferred_low - full, full - wishes.preferred_high, 0)
    over = max(sum(s.units for s in sites) - wishes.preferred_units, 0) if joint else 0
    points = WEIGHTS.branch + WEIGHTS.person_off_size * off + WEIGHTS.unit_over * over
    points += WEIGHTS.no_buffer if own == wishes.least_own else 0
    left = 0 if own >= wishes.least_own and (joint or wishes.alone) else 1
    hosts = sum(s.host for s in sites) if joint else 0
    return left, len({s.line for s in sites}) - 1, hosts, travel + 10 * points


def best_by_force(question: Question) -> tuple[int, ...]:
    best: tuple[int, ...] | None = None
    for partition in partitions(list(range(len(question.sites)))):
        total = [0, 0, 0, 0]
        for group in partition:
            sites = [question.sites[n] for n in group]
            if all(site.host for site in sites) and len(sites) == 1:
                continue
            value = None if all(site.host for site in sites) else value_of(sites, question.preferences)
            if value is None:
                break
            total = [a + b for a, b in zip(total, value, strict=True)]
        else:
            best = tuple(total) if best is None else min(best, tuple(total))
    assert best is not None
    return best


@st.composite
def questions(draw: st.DrawFn) -> Question:
    count = draw(st.integers(1, 6))
    grid = st.integers(0, 40)
    sites = []
    for number in range(1, count + 1):
        own = draw(st.integers(0, 4))
        site = make_site(number, own, north=draw(grid) / 100, east=draw(grid) / 100)
        borrowed = draw(st.integers(0, 3))
        site = replace(
            site,
            line=draw(st.sampled_from(["烟叶", "专卖"])),
            units=draw(st.integers(1, 2)),
            full_after=own + borrowed,
            members_after=own + borrowed,
            members_now=own + borrowed + draw(st.integers(0, 25)),
            host=own > 2 and draw(st.booleans()),
            place=site.place if draw(st.integers(0, 9)) else None,
        )
        sites.append(site)
    wishes = Preferences(
        distance_km=draw(st.sampled_from([15, 25, 40])),
        same_line=draw(st.booleans()),
        hosts=draw(st.booleans()),
        alone=draw(st.booleans()),
    )
    return Question(tuple(sites), wishes)


@settings(max_examples=120, deadline=None)
@given(questions())
def test_the_best_alternative_is_the_optimum_of_brute_force(question: Question) -> None:
    proposal = propose(question, alternatives=2)
    if not question.to_place:
        assert (proposal.status, proposal.alternatives) == ("nothing_to_place", ())
        return
    best = proposal.alternatives[0]
    assert best.choice.aims == best_by_force(question)
    assert (best.choice.gap, proposal.status) == (0.0, "optimal")
    placed = sorted(n for group in best.groups for n in group.members_of if not question.sites[n].host)
    assert placed == question.to_place


@settings(max_examples=60, deadline=None)
@given(questions(), st.integers(1, 6))
def test_the_optimum_survives_leaving_columns_out_by_the_bound(question: Question, direct: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(linear, "DIRECT", direct)
        found = propose(question, alternatives=1).alternatives
    assert [best.choice.aims for best in found] == ([best_by_force(question)] if question.to_place else [])
    assert [best.choice.gap for best in found] == [0.0] * len(found)


def test_eight_branches_against_brute_force() -> None:
    owns = (1, 2, 2, 1, 2, 3, 1, 5)
    sites = tuple(
        make_site(n, own, north=(n * 7 % 20) / 100, east=(n * 11 % 20) / 100, host=own == 5)
        for n, own in enumerate(owns, 1)
    )
    question = Question(sites, Preferences(distance_km=18))
    assert propose(question).alternatives[0].choice.aims == best_by_force(question)


# --- what it proposes --------------------------------------------------------------------------------


def test_two_small_neighbours_are_joined() -> None:
    proposal = ask(make_site(1, 2), make_site(2, 2, north=0.1))
    group = proposal_report(proposal)["alternatives"][0]["groups"][0]
    assert group["branches"] == ["BR01", "BR02"]
    assert (group["own_full_after"], group["units"], group["lines"]) == (4, 2, ["烟叶"])
    assert (group["diameter_km"], group["travel_person_km"]) == (11.1, 22.2)
    assert group["seat"] == "BR01"
    assert group["reasons"] == [
        "地域相邻：最远两处直线相距 11.1 公里，不超过 40 公里。",
        "行业相近：同属烟叶条线。",
        "规模适当：抽调人员全部返回后，本部门正式党员仍有 4 人；现有党员 4 人，覆盖 2 个单位。",
        "便于管理：在第1站集中，单程合计 22.2 人公里；可任书记的有党员1、党员2。",
    ]


def test_a_healthy_branch_hosts_only_where_nobody_else_can() -> None:
    small, other, healthy = (
        make_site(1, 2),
        make_site(2, 2, north=0.3),
        make_site(3, 6, north=0.02, host=True),
    )
    assert partners(ask(small, other, healthy)) == [["BR01", "BR02"]]
    far = replace(other, place=(NORTH + 3, EAST))
    assert partners(ask(small, far, healthy)) == [["BR01", "BR03"]]
    report = proposal_report(ask(small, far, healthy))
    assert report["alternatives"][0]["objective"]["healthy_changed"] == 1
    assert report["alternatives"][0]["groups"][0]["reasons"][-1] == (
        "“第3站党支部”情况正常，作为依托并入，帮助邻近支部达到条件。"
    )


def test_the_same_line_comes_before_the_shorter_way() -> None:
    leaf, near, far = make_site(1, 2), make_site(2, 2, north=0.02, line="专卖"), make_site(3, 2, north=0.3)
    alone = make_site(4, 2, north=0.03, line="专卖")
    assert partners(ask(leaf, near, far, alone)) == [["BR01", "BR03"], ["BR02", "BR04"]]


def test_alternatives_are_ranked_and_each_is_different() -> None:
    sites = [make_site(n, 2, north=n * 0.05) for n in range(1, 7)]
    proposal = ask(*sites)
    found = [partners(proposal, rank) for rank in range(1, 5)]
    aims = [alternative.choice.aims for alternative in proposal.alternatives]
    assert aims == sorted(aims)
    assert len({str(each) for each in found}) == 4
    assert proposal_report(proposal)["alternatives"][0]["behind"] == ""
    assert proposal_report(proposal)["alternatives"][1]["behind"].startswith("各项优先目标与第 1 个方案相同")


def test_the_answer_does_not_depend_on_the_run() -> None:
    sites = [make_site(n, n % 3, north=(n * 3 % 7) / 50, east=(n * 5 % 7) / 50) for n in range(1, 10)]
    reports = [proposal_report(ask(*sites)) | {"seconds": 0} for _ in range(2)]
    assert reports[0] == reports[1]


def test_units_and_members_are_limits() -> None:
    three = [make_site(n, 1, north=n / 100, units=2) for n in (1, 2, 3)]
    assert partners(ask(*three)) == []
    assert proposal_report(ask(*three))["unplaced"][0]["why"].endswith(
        "都不能同时做到相互距离、党员不超过 50 人、覆盖单位不超过 5 个和本部门正式党员不少于 3 人。"
    )
    big = [make_site(n, 2, north=n / 100, members_now=26) for n in (1, 2)]
    assert partners(ask(*big)) == []


def test_somebody_must_be_able_to_lead() -> None:
    sites = [make_site(n, 2, north=n / 100, leaders=()) for n in (1, 2)]
    unplaced = proposal_report(ask(*sites))["unplaced"]
    assert (
        unplaced[0]["why"]
        == "40.0 公里以内的支部无论怎样组合，都没有党龄满 1 年、近期不离开的正式党员可任书记。"
    )


@pytest.mark.parametrize(
    ("other", "wishes", "why", "helps"),
    [
        (
            make_site(2, 2, north=0.9),
            {},
            "40.0 公里以内没有其他支部，最近的“第2站党支部”相距 100.1 公里。",
            ["把距离放宽到 101 公里。"],
        ),
        (
            make_site(2, 2, north=0.1, line="专卖"),
            {"same_line": True},
            "40.0 公里以内没有同属“烟叶”条线的支部。",
            ["允许与其他业务条线的支部联合。"],
        ),
        (
            make_site(2, 6, north=0.1, host=True),
            {"hosts": False},
            "40.0 公里以内只有情况正常的支部，而条件设为不牵动正常支部。",
            ["允许并入情况正常的邻近支部。"],
        ),
        (
            make_site(2, 2, north=0.5, line="专卖"),
            {"same_line": True},
            "40.0 公里以内没有其他支部，最近的“第2站党支部”相距 55.6 公里。",
            ["把距离放宽到 56 公里，并允许跨条线、并入正常支部。"],
        ),
        (
            make_site(2, 0, north=0.1),
            {},
            "40.0 公里以内的支部无论怎样组合，本部门正式党员合计只有 2 人，仍不足 3 人。",
            [],
        ),
    ],
)
def test_who_cannot_be_placed_is_told_why_and_what_would_help(
    other: Site, wishes: dict[str, object], why: str, helps: list[str]
) -> None:
    unplaced = proposal_report(ask(make_site(1, 2), other, **wishes))["unplaced"]
    assert unplaced[0] == {"code": "BR01", "name": "第1站党支部", "why": why, "helps": helps}


def test_without_a_place_nobody_is_a_neighbour() -> None:
    unplaced = proposal_report(ask(make_site(1, 2, place=None), make_site(2, 2)))["unplaced"]
    assert unplaced[0]["why"] == "没有登记坐标，无法判断与哪些支部相邻。"
    assert unplaced[0]["helps"] == ["在支部资料中补填纬度和经度。"]


def test_a_branch_with_enough_own_members_may_stay_unless_it_is_to_be_joined() -> None:
    fine, other = make_site(1, 6), make_site(2, 6, north=0.33)
    assert partners(ask(fine, other)) == []
    assert partners(ask(fine, other, alone=False)) == [["BR01", "BR02"]]


def test_nothing_to_place_gives_nothing() -> None:
    report = proposal_report(ask(make_site(1, 6, host=True)))
    assert (report["status"], report["alternatives"], report["unplaced"]) == ("nothing_to_place", [], [])


def test_too_many_groups_are_restricted_to_neighbours_and_it_is_said() -> None:
    sites = tuple(make_site(n, 2, north=(n % 6) / 50, east=(n // 6) / 50) for n in range(1, 31))
    possible = possible_groups(Question(sites), most=3000)
    assert possible.nearest_only == 10
    assert len(possible.groups) <= 3030


def test_groups_by_hand_get_the_same_figures() -> None:
    question = Question((make_site(1, 2), make_site(2, 1, north=0.9)))
    group = assess(question, [[0, 1]])[0]
    assert (group.own, group.placed, group.diameter) == (3, True, 1001)


@pytest.mark.parametrize(
    ("stems", "name"),
    [
        (["翠坪烟站", "松林口烟站"], "翠坪、松林口烟站联合党支部"),
        (["机关第一", "物流"], "机关第一、物流联合党支部"),
        (["烟站", "松林口烟站"], "烟站、松林口烟站联合党支部"),
        (["甲站", "乙站", "丙站", "丁站"], "甲站等 4 单位联合党支部"),
    ],
)
def test_the_name_to_begin_with(stems: list[str], name: str) -> None:
    sites = [make_site(n, name=f"{stem}党支部") for n, stem in enumerate(stems, 1)]
    assert joint_name(sites, sites[0]) == name


def test_distances_are_great_circles() -> None:
    # A quarter of the meridian of a sphere of that radius.
    assert isclose(great_circle_km((0, 0), (90, 0)), 10007.557, abs_tol=0.01)
    assert great_circle_km((24.4, 103.4), (24.4, 103.4)) == 0
