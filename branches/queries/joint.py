"""The branches as the planner asks about them: who is in trouble, who could help, where everybody stands."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Min, Q

from branches.models import CoveredUnit, MemberEvent, Membership, Organisation, Post
from branches.planning.facts import Leader, Preferences, Question, Site
from branches.planning.plan import propose
from branches.planning.report import Report, proposal_report
from branches.queries.outlook import outlook_of
from branches.queries.policy import Rules, rules_for
from branches.rules import (
    COMMITTEE_ROLES,
    PARTY_MEMBER_STATUSES,
    EventKind,
    MemberStatus,
    OrganisationKind,
    Role,
)
from branches.rules.findings import FindingCode
from branches.rules.outlook import BranchOutlook, OutlookLevel
from branches.rules.policy import Rule
from periods.months import add_months, add_years

# Departures known within a year count, or within the horizon of the organisation where it looks farther:
# nobody sets up a branch for less.
LEAST_HORIZON_MONTHS = 12
TROUBLE = frozenset(OutlookLevel) - {OutlookLevel.OK}
HEADCOUNT_FINDINGS = frozenset(
    {
        FindingCode.HEADCOUNT_BREACH,
        FindingCode.HEADCOUNT_IMMINENT,
        FindingCode.HEADCOUNT_LATER,
        FindingCode.NO_BUFFER,
        FindingCode.NOMINAL_BRANCH,
        FindingCode.DEPARTURE_KNOWN,
    }
)
_RANKS = {Role.SECRETARY: 0, Role.DEPUTY_SECRETARY: 1}


@dataclass(frozen=True)
class Scene:
    """One organisation's branches on a day: their outlooks, and the question asked about them."""

    organisation: Organisation
    on: date
    horizon_months: int
    branches: dict[int, Organisation]
    outlooks: dict[int, BranchOutlook]
    question: Question

    @property
    def in_trouble(self) -> list[BranchOutlook]:
        return [one for one in self.outlooks.values() if one.level in TROUBLE]


@dataclass
class _People:
    """Who is in one branch, and of them who stays, over the horizon."""

    members: int = 0
    members_after: int = 0
    full: int = 0
    full_after: int = 0
    own_after: int = 0
    leaders: list[Leader] = field(default_factory=list)


def planning_organisation(*, on: date) -> Organisation | None:
    """Where planning begins when nobody names a place: the one general branch, else the top of the tree."""
    active = Organisation.objects.active(on=on)
    general = list(active.filter(kind=OrganisationKind.GENERAL_BRANCH).order_by("code")[:2])
    return general[0] if len(general) == 1 else active.filter(level=0).order_by("code").first()


def trouble_report(scene: Scene) -> list[dict[str, Any]]:
    """Who is in trouble and why, the worst first, in the words of the outlook."""
    levels = list(OutlookLevel)
    found = sorted(scene.in_trouble, key=lambda one: (levels.index(one.level), one.code))
    return [
        {
            "key": one.organisation,
            "code": one.code,
            "name": one.name,
            "level": one.level.value,
            "level_text": one.level.label,
            "full_now": one.full_now,
            "own_after": one.own_department_after,
            "reasons": [finding.text for finding in one.findings if finding.code in HEADCOUNT_FINDINGS],
        }
        for one in found
    ]


def report_of(scene: Scene, *, tick: Callable[[int], None] = lambda done: None) -> Report:
    """The proposal for this scene with everything said about it, ready for JSON."""
    return {
        "as_of": f"{scene.on:%Y-%m-%d}",
        "organisation": scene.organisation.code,
        "horizon_months": scene.horizon_months,
        "in_trouble": trouble_report(scene),
        **proposal_report(propose(scene.question, tick=tick)),
    }


def preferences_for(organisation: Organisation, *, on: date) -> Preferences:
    """Limits and wishes from the rules that hold for this organisation."""
    return _preferences(rules_for(organisation, on=on))


def _preferences(rules: Rules) -> Preferences:
    size, base = rules["joint_preferred_members"], Preferences()
    return Preferences(
        distance_km=float(rules["joint_distance_km"].high or base.distance_km),
        preferred_low=int(size.low or 0),
        preferred_high=int(size.high or base.most_members),
        preferred_units=_number(rules["joint_units_preferred"], base.preferred_units),
        most_units=_number(rules["joint_branch_units_max"], base.most_units),
        most_members=_number(rules["branch_max_members"], base.most_members),
        least_own=_number(rules["branch_min_full_members"], base.least_own),
    )


def _number(rule: Rule, otherwise: int) -> int:
    return rule.number or otherwise


def scene_of(
    organisation: Organisation,
    *,
    on: date,
    chosen: Collection[str] = (),
    preferences: Preferences | None = None,
) -> Scene:
    """What is asked on that day: the branches in trouble, or those with the `chosen` codes.

    A constant number of statements. Healthy branches with enough own members and somebody to lead stand
    beside them as possible hosts; whoever is in trouble but not chosen is left alone.
    """
    places = Organisation.objects.within(organisation).branches().active(on=on).order_by("code")
    branches = {place.pk: place for place in places}
    rules = rules_for(organisation, on=on)
    horizon, wishes = _horizon_months(rules), preferences or _preferences(rules)
    outlooks = outlook_of(branches.values(), on=on, months=horizon)
    wanted = {pk for pk, one in outlooks.items() if _is_wanted(one, chosen)}
    sites = [
        site
        for site in _sites(branches, wanted, on, horizon)
        if not site.host or _can_host(site, outlooks[site.key], wishes)
    ]
    return Scene(organisation, on, horizon, branches, outlooks, Question(tuple(sites), wishes))


def _horizon_months(rules: Rules) -> int:
    return max(LEAST_HORIZON_MONTHS, rules["outlook_horizon_months"].number)


def composed_question(scene: Scene, branches: Iterable[Organisation], preferences: Preferences) -> Question:
    """The question of groups somebody composes: these branches in the order of their codes, none a host."""
    placed = {branch.pk: branch for branch in sorted(branches, key=lambda branch: branch.code)}
    return Question(tuple(_sites(placed, placed, scene.on, scene.horizon_months)), preferences)


def _is_wanted(one: BranchOutlook, chosen: Collection[str]) -> bool:
    return one.code in chosen if chosen else one.level in TROUBLE


def _can_host(site: Site, outlook: BranchOutlook, wishes: Preferences) -> bool:
    return outlook.level not in TROUBLE and site.own_after >= wishes.least_own and bool(site.leaders)


def _sites(branches: dict[int, Organisation], wanted: Collection[int], on: date, horizon: int) -> list[Site]:
    people, units = _people(branches, on, add_months(on, horizon)), _units(branches, on)
    return [_site(branch, people[pk], units[pk], host=pk not in wanted) for pk, branch in branches.items()]


def _site(branch: Organisation, people: _People, units: list[str], *, host: bool) -> Site:
    known = branch.latitude is not None and branch.longitude is not None
    return Site(
        key=branch.pk,
        code=branch.code,
        name=branch.name,
        line=branch.industry_line,
        place=(float(branch.latitude or 0), float(branch.longitude or 0)) if known else None,
        full_now=people.full,
        members_now=people.members,
        own_after=people.own_after,
        full_after=people.full_after,
        members_after=people.members_after,
        units=max(len(units), 1),
        leaders=tuple(people.leaders),
        host=host,
    )


def _people(branches: Collection[int], on: date, until: date) -> dict[int, _People]:
    """Everybody of today, in four statements; who leaves within the horizon is not counted after it."""
    people: dict[int, _People] = defaultdict(_People)
    spans = Membership.objects.at(on).filter(organisation__in=branches, status__in=PARTY_MEMBER_STATUSES)
    away, ranks = _away(branches, on, until), _offices(branches, on)
    standing = _standing(branches, on)
    for span in spans.select_related("member").order_by("member__code"):
        one, stays = people[span.organisation_id], span.until is None or span.until > until
        own = not span.member.assigned
        full = span.status == MemberStatus.FULL
        one.members += 1
        one.members_after += stays
        one.full += full
        one.full_after += full and stays
        one.own_after += full and stays and own
        since = standing.get(span.member_id)
        if full and stays and own and since and since <= add_years(on, -1) and span.member_id not in away:
            rank = ranks.get((span.organisation_id, span.member_id), 3)
            one.leaders.append(Leader(span.member_id, span.member.code, span.member.name, since, rank))
    return people


def _standing(branches: Collection[int], on: date) -> dict[int, date]:
    """Since when everybody is a full member: the first span known, or a year from an earlier admission.

    Source: 发展党员工作细则 第三十三条 (standing counts from the end of the probation year).
    """
    here = Membership.objects.at(on).filter(organisation__in=branches)
    full = Membership.objects.filter(member__in=here.values("member"), status=MemberStatus.FULL)
    first = full.values_list("member", "member__joined_on").annotate(Min("since"))
    return {
        member: min(since, add_years(joined_on, 1)) if joined_on else since
        for member, joined_on, since in first
    }


def _away(branches: Collection[int], on: date, until: date) -> set[int]:
    """Who is seconded elsewhere, or will be within the horizon, without a day of return before its end."""
    here = Membership.objects.at(on).filter(organisation__in=branches)
    events = MemberEvent.objects.standing().filter(
        kind__in=[EventKind.SECONDED, EventKind.RETURNED], on__lte=until, member__in=here.values("member")
    )
    last = dict(events.order_by("on", "pk").values_list("member", "kind"))
    return {member for member, kind in last.items() if kind == EventKind.SECONDED}


def _offices(branches: Collection[int], on: date) -> dict[tuple[int, int], int]:
    held = Post.objects.at(on).filter(organisation__in=branches, role__in=sorted(COMMITTEE_ROLES))
    ranks: dict[tuple[int, int], int] = {}
    for place, member, role in held.exclude(member=None).values_list("organisation", "member", "role"):
        key = (place, member or 0)
        ranks[key] = min(_RANKS.get(Role(role), 2), ranks.get(key, 3))
    return ranks


def _units(branches: Collection[int], on: date) -> dict[int, list[str]]:
    """The covered units by branch on that day."""
    names: dict[int, list[str]] = defaultdict(list)
    running = CoveredUnit.objects.filter(
        Q(since=None) | Q(since__lte=on), Q(until=None) | Q(until__gt=on), organisation__in=branches
    )
    for place, name in running.order_by("pk").values_list("organisation", "name"):
        names[place].append(name)
    return names
