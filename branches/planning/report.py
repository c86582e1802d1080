"""A proposal in words and plain numbers: what the page shows, the command prints and a draft keeps."""

from collections.abc import Sequence
from typing import Any

from branches.planning.facts import Leader, Question, Site
from branches.planning.geography import great_circle_km, km_label
from branches.planning.groups import Group, extra_points
from branches.planning.naming import joint_name
from branches.planning.plan import Alternative, Proposal

Report = dict[str, Any]
LEADERS_SHOWN = 5
STATUS_WORDS = {
    "nothing_to_place": "没有需要联合的支部。",
    "optimal": "已逐一比较全部可行组合，第 1 个方案为最优。",
    "restricted": "支部较多，每个支部只与最近的 {nearest} 个支部比较；在此范围内第 1 个方案为最优。",
    "time_limit": "在限定时间内求得，与理论最优的差距不超过 {gap}。",
}


def proposal_report(proposal: Proposal) -> Report:
    """Everything said of one proposal, ready for JSON."""
    question = proposal.question
    best = proposal.alternatives[0] if proposal.alternatives else None
    return {
        "alternatives": [alternative_report(question, one, best) for one in proposal.alternatives],
        "unplaced": [
            {"code": one.site.code, "name": one.site.name, "why": one.why, "helps": list(one.helps)}
            for one in proposal.unplaced
        ],
        "places": places_report(question),
        "seconds": proposal.seconds,
        "status": proposal.status,
        "status_text": _status_text(proposal),
        "groups_compared": len(proposal.possible.groups),
        "nearest_only": proposal.possible.nearest_only,
    }


def _place_report(site: Site) -> Report:
    """What a sketch needs of a branch."""
    latitude, longitude = site.place or (None, None)
    return {
        "code": site.code,
        "label": site.stem,
        "latitude": latitude,
        "longitude": longitude,
        "members": site.members_now,
        "host": site.host,
    }


def places_report(question: Question) -> list[Report]:
    return [_place_report(site) for site in question.sites]


def _status_text(proposal: Proposal) -> str:
    gap = proposal.alternatives[0].choice.gap if proposal.alternatives else 0.0
    words = STATUS_WORDS[proposal.status].format(nearest=proposal.possible.nearest_only, gap=f"{gap:.2%}")
    if proposal.status == "time_limit" and proposal.possible.nearest_only:
        words += f"支部较多，每个支部只与最近的 {proposal.possible.nearest_only} 个支部比较。"
    return words


def alternative_report(question: Question, one: Alternative, best: Alternative | None) -> Report:
    return {
        "rank": one.rank,
        "objective": objective_report(question, one.groups),
        "gap": one.choice.gap,
        "gap_text": f"{one.choice.gap:.2%}",
        "behind": _behind(one, best) if best else "",
        "groups": [group_report(question, group) for group in one.joint],
        "alone": [_alone_report(question, group) for group in one.alone],
        "comparison": comparison(question, one.groups),
    }


def objective_report(question: Question, groups: Sequence[Group]) -> Report:
    """The ordered aims, then the points by their parts, in words and numbers."""
    left, lines, hosts, points = (sum(g.aims[n] for g in groups) for n in range(4))
    return {
        "left_below": left,
        "extra_lines": lines,
        "healthy_changed": hosts,
        "points": points / 10,
        "terms": [
            _term("left_below", "仍不足设立条件的支部", left, "个"),
            _term("extra_lines", "跨业务条线", lines, "处"),
            _term("healthy_changed", "牵动情况正常的支部", hosts, "个"),
            *_point_terms(question, groups),
        ],
    }


def _point_terms(question: Question, groups: Sequence[Group]) -> list[Report]:
    extras = [extra_points(g.own, g.full, g.units if g.joint else 0, question.preferences) for g in groups]
    travel = sum(g.travel for g in groups) / 10
    return [
        _term("travel", "每次集中单程出行", travel, "人公里", travel),
        _term("branches", "联合后的支部", len(groups), "个", sum(e.branch for e in extras)),
        _term("size", "正式党员数偏离适宜范围", *_counted(extras, "size", 10, "人")),
        _term("units", "覆盖单位超出适宜数", *_counted(extras, "units", 10, "个")),
        _term("no_buffer", "本部门正式党员刚好达到最低数", *_counted(extras, "no_buffer", 15, "组")),
    ]


def _counted(extras: Sequence[Any], name: str, weight: int, unit: str) -> tuple[float, str, float]:
    points = sum(getattr(extra, name) for extra in extras)
    return points // weight, unit, points


def _term(code: str, name: str, value: float, unit: str, points: float | None = None) -> Report:
    shown = f"{value:g}" if isinstance(value, int) else f"{value:.1f}".removesuffix(".0")
    return {"code": code, "name": name, "value": value, "text": f"{shown} {unit}", "points": points}


def _behind(one: Alternative, best: Alternative) -> str:
    """How the alternative stands to the best one, by the first aim in which they differ."""
    if one.rank == best.rank:
        return ""
    more = [mine - theirs for mine, theirs in zip(one.choice.aims, best.choice.aims, strict=True)]
    for number, words in zip(
        more, ("多 {} 个支部仍不足设立条件", "多 {} 处跨条线", "多牵动 {} 个正常支部"), strict=False
    ):
        if number:
            return f"比第 1 个方案{words.format(number)}。"
    if not more[3]:
        return "与第 1 个方案各项相同。"
    return f"各项优先目标与第 1 个方案相同，综合分值多 {more[3] / 10:g}。"


def group_report(question: Question, group: Group) -> Report:
    sites = [question.sites[n] for n in group.members_of]
    seat = question.sites[group.seat]
    leaders = leaders_of(question, group)
    return {
        "branches": [site.code for site in sites],
        "keys": [site.key for site in sites],
        "names": [site.name for site in sites],
        "name": joint_name(sites, seat),
        "seat": seat.code,
        "seat_key": seat.key,
        "seat_name": seat.stem,
        "full_now": sum(site.full_now for site in sites),
        "full_after": group.full,
        "own_full_after": group.own,
        "members": group.members,
        "units": group.units,
        "lines": sorted({site.line or "未登记" for site in sites}),
        "diameter_km": group.diameter / 10,
        "travel_person_km": group.travel / 10,
        "secretary_candidates": [_leader_report(leader) for leader in leaders[:LEADERS_SHOWN]],
        "ways": [_way_report(site, seat) for site in sites],
        "reasons": reasons(question, group, sites, leaders),
    }


def _way_report(site: Site, seat: Site) -> Report:
    """One branch of a group and its way to the seat; None where a place is not known."""
    return {
        "code": site.code,
        "name": site.name,
        "latitude": site.place[0] if site.place else None,
        "longitude": site.place[1] if site.place else None,
        "km": round(great_circle_km(site.place, seat.place), 1) if site.place and seat.place else None,
    }


def leaders_of(question: Question, group: Group) -> list[Leader]:
    """Who could be secretary: office holders first, those of the seat before equals, then by standing."""
    known = [(n != group.seat, leader) for n in group.members_of for leader in question.sites[n].leaders]
    known.sort(key=lambda one: (one[1].rank, one[0], one[1].standing_since, one[1].code))
    return [leader for _, leader in known]


def _leader_report(leader: Leader) -> Report:
    return {
        "key": leader.key,
        "code": leader.code,
        "name": leader.name,
        "standing_since": f"{leader.standing_since:%Y-%m-%d}",
        "now": ("现任书记", "现任副书记", "现任支委", "")[leader.rank],
    }


def reasons(question: Question, group: Group, sites: Sequence[Site], leaders: Sequence[Leader]) -> list[str]:
    """The four principles, one sentence each, and a word on a healthy branch that is taken in."""
    wishes = question.preferences
    lines = sorted({site.line or "未登记" for site in sites})
    hosts = [site.name for site in sites if site.host]
    gone = sum(site.full_now - site.full_after for site in sites)
    leave = f"已知离开的 {gone} 人离开、" if gone else ""
    seat = question.sites[group.seat].stem
    return [
        f"地域相邻：最远两处直线相距 {km_label(group.diameter)}，不超过 {wishes.distance_km:g} 公里。",
        f"行业相近：同属{lines[0]}条线。" if len(lines) == 1 else f"行业相近：跨{'、'.join(lines)}条线。",
        f"规模适当：{leave}抽调人员全部返回后，本部门正式党员仍有 {group.own} 人；"
        f"现有党员 {group.members} 人，覆盖 {group.units} 个单位。",
        f"便于管理：在{seat}集中，单程合计 {group.travel / 10:g} 人公里；"
        + (f"可任书记的有{_names(leaders)}。" if leaders else "暂无可任书记的人选。"),
        *(f"“{name}”情况正常，作为依托并入，帮助邻近支部达到条件。" for name in hosts),
    ]


def _names(leaders: Sequence[Leader]) -> str:
    shown = "、".join(leader.name for leader in leaders[:3])
    return shown if len(leaders) <= 3 else f"{shown}等 {len(leaders)} 人"


def _alone_report(question: Question, group: Group) -> Report:
    site = question.sites[group.members_of[0]]
    words = (
        f"抽调人员返回、已知离开的人员离开后，本部门正式党员仍有 {group.own} 人，可以单独保留。"
        if group.placed
        else f"抽调人员返回、已知离开的人员离开后，本部门正式党员只有 {group.own} 人，还没有合适的伙伴。"
    )
    return {
        "code": site.code,
        "name": site.name,
        "own_full_after": group.own,
        "placed": group.placed,
        "reason": words,
    }


def comparison(question: Question, groups: Sequence[Group]) -> list[Report]:
    """Now and then, for the branches concerned."""
    sites = [question.sites[n] for group in groups for n in group.members_of]
    least = question.preferences.least_own
    short = sum(site.own_after < least for site in sites)
    joint = [group for group in groups if group.joint]
    farthest = max((group.diameter for group in joint), default=0)
    return [
        _pair("支部", f"{len(sites)} 个", f"{len(groups)} 个"),
        _pair(
            f"抽调返回后本部门正式党员不足 {least} 人的支部",
            f"{short} 个",
            f"{sum(g.own < least for g in groups)} 个",
        ),
        _pair(
            "本部门正式党员最少的支部",
            f"{_least(s.own_after for s in sites)} 人",
            f"{_least(g.own for g in groups)} 人",
        ),
        _pair("每次集中单程出行", "各在本单位", f"{sum(g.travel for g in groups) / 10:g} 人公里"),
        _pair("同一支部内最远两处", "—", km_label(farthest)),
    ]


def _least(numbers: Any) -> int:
    return min(numbers, default=0)


def _pair(name: str, now: str, then: str) -> Report:
    return {"name": name, "now": now, "then": then}
