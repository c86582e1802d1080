"""组织设置与换届: what the rules engine of branches says, as pointers to entries.

These are states, not events: the same state is pointed at once a year until somebody deals with it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from branches.models import Organisation, Post, Term
from branches.queries.facts import facts_of
from branches.queries.outlook import outlook_of
from branches.rules import COMMITTEE_ROLES, Role
from branches.rules.findings import Finding, FindingCode, FindingLevel, vacant_offices
from errorbank.detection.registry import Detector, Find, Hit, once
from periods.months import Month

# A vacancy is filled within two months (EB010).
VACANT_DAYS = 60


def by_finding(code: FindingCode, *levels: FindingLevel, now: bool = False) -> Find:
    """Branches of which the rules say this; `now`: only where it is true already, not foreseen."""

    def find(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
        outlooks = once(places, ("outlook", on), lambda: outlook_of(places, on=on))
        for key, outlook in outlooks.items():
            for finding in outlook.findings:
                if finding.code == code and _fits(finding, levels, on=on, now=now):
                    yield Hit(key, f"{on.year}", on, finding.text)

    return find


def _fits(finding: Finding, levels: tuple[FindingLevel, ...], *, on: date, now: bool) -> bool:
    foreseen = finding.month > Month.of(on)
    return (not levels or finding.level in levels) and not (now and foreseen)


def _unprepared_election(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """The term ends within the notice of the rules and no step of the election is written down."""
    begun = set(
        Term.objects.filter(organisation__in=places, election_steps__isnull=False).values_list(
            "pk", flat=True
        )
    )
    facts = once(places, ("facts", on), lambda: facts_of(places, on=on))
    for place in places:
        term = facts[place.pk].term
        if term and term.runs_until >= on and facts[place.pk].term_near and term.pk not in begun:
            yield Hit(
                place.pk, f"term:{term.pk}", on, f"任期 {term.runs_until:%Y-%m-%d} 届满，还没有登记换届环节"
            )


def _long_vacant(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """An office that a branch must have, held by nobody for more than two months."""
    earlier = on - timedelta(days=VACANT_DAYS)
    posts = Post.objects.filter(
        organisation__in=places, role__in=sorted({Role.WORKER, *COMMITTEE_ROLES}), since__lte=on
    )
    held: dict[tuple[int, str], list[tuple[date, date | None]]] = {}
    for key, role, start, end in posts.values_list("organisation", "role", "since", "until"):
        held.setdefault((key, role), []).append((start, end))
    facts = once(places, ("facts", on), lambda: facts_of(places, on=on))
    for place in places:
        for role in vacant_offices(facts[place.pk].holders) if place.is_branch else []:
            left = [end for _, end in held.get((place.pk, role), []) if end]
            # Never held here is unknown, not vacant since ever.
            if left and max(left) < earlier:
                words = f"{Role(role).label}自 {max(left):%Y-%m-%d} 离任后空缺"
                yield Hit(place.pk, f"{role}:{max(left)}", on, words)


def _is_branch(find: Find) -> Find:
    """The general branch's own list is no branch."""

    def branches_only(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
        branches = [place for place in places if place.is_branch]
        yield from find(places if len(branches) == len(places) else branches, since, on)

    return branches_only


STRUCTURE_DETECTORS = tuple(
    Detector(code, name, _is_branch(find), is_state=True)
    for code, name, find in (
        ("EB001", "正式党员不足规定人数", by_finding(FindingCode.HEADCOUNT_BREACH)),
        ("EB002", "本部门正式党员不足，靠抽调达到人数", by_finding(FindingCode.NOMINAL_BRANCH)),
        ("EB003", "覆盖单位超过规定数", by_finding(FindingCode.UNITS_ABOVE_MAX)),
        ("EB004", "预警期内正式党员将不足", by_finding(FindingCode.HEADCOUNT_IMMINENT)),
        ("EB005", "任期已届满，没有换届或延期", by_finding(FindingCode.TERM_EXPIRING, FindingLevel.LATE)),
        ("EB006", "届满在即，没有登记任何换届环节", _unprepared_election),
        ("EB010", "应有的职务空缺超过两个月", _long_vacant),
        ("EB011", "应设支部委员会而没有登记委员", by_finding(FindingCode.COMMITTEE_REQUIRED, now=True)),
        (
            "EB012",
            "设有副书记，正式党员少于本单位规定",
            by_finding(FindingCode.DEPUTY_BELOW_LOCAL_MIN, now=True),
        ),
        ("EB013", "党小组人数不足", by_finding(FindingCode.GROUP_TOO_SMALL)),
    )
)
