"""Whether a group somebody composed keeps the four principles: one sentence each, kept or not."""

from dataclasses import dataclass

from branches.planning.facts import Question
from branches.planning.geography import km_label
from branches.planning.groups import Group


@dataclass(frozen=True)
class Checked:
    """`required` by the documents: without it the group cannot be proposed at all."""

    kept: bool
    text: str
    required: bool = False


def check_group(question: Question, group: Group) -> list[Checked]:
    sites, wishes = [question.sites[n] for n in group.members_of], question.preferences
    unknown = [site.name for site in sites if site.place is None]
    lines = sorted({site.line or "未登记" for site in sites})
    far = group.diameter > wishes.distance_hm
    return [
        Checked(len(sites) > 1, f"由 {len(sites)} 个支部组成。", required=True),
        Checked(
            not unknown and not far,
            f"{'、'.join(unknown)}没有登记坐标，距离未能核对。"
            if unknown
            else f"最远两处直线相距 {km_label(group.diameter)}（条件 {wishes.distance_km:g} 公里以内）。",
        ),
        Checked(len(lines) == 1, f"业务条线：{'、'.join(lines)}。"),
        Checked(
            group.own >= wishes.least_own,
            f"抽调人员返回、已知离开的人员离开后，本部门正式党员 {group.own} 人"
            f"（至少 {wishes.least_own} 人）。",
        ),
        Checked(group.full >= wishes.least_own, f"正式党员 {group.full} 人（含抽调）。", required=True),
        Checked(
            wishes.preferred_low <= group.full <= wishes.preferred_high,
            f"正式党员适宜 {wishes.preferred_low} 至 {wishes.preferred_high} 人。",
        ),
        Checked(
            group.members <= wishes.most_members,
            f"党员 {group.members} 人（一般不超过 {wishes.most_members} 人）。",
        ),
        Checked(
            group.units <= wishes.most_units,
            f"覆盖 {group.units} 个单位（一般不超过 {wishes.most_units} 个）。",
        ),
        Checked(any(site.leaders for site in sites), "有党龄满 1 年、近期不离开的正式党员可任书记。"),
    ]


def refused(checks: list[Checked]) -> str:
    """What the documents do not allow, in one sentence; empty when a draft may be made."""
    broken = [check.text for check in checks if check.required and not check.kept]
    return "".join(broken)
