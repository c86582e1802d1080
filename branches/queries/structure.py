"""The structure overview of who oversees several branches, and the outlook page of one branch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from accounts.models import User
from branches.models import Member, Organisation
from branches.queries.findings import KIND_RULES
from branches.queries.outlook import outlook_under
from branches.queries.policy import Rules, rules_of
from branches.rules import OrganisationKind
from branches.rules.findings import Finding, findings_above
from branches.rules.headcount import Change
from branches.rules.outlook import (
    USUAL_MONTHS,
    BranchOutlook,
    MonthFigure,
    OutlookLevel,
    effect_of,
    words_of,
)

VIEW = "branches.view_structure"
LEVELS = tuple(OutlookLevel)


@dataclass(frozen=True)
class NextEvent:
    """What changes next in a branch."""

    on: date
    words: str


@dataclass(frozen=True)
class StructureRow:
    organisation: Organisation
    outlook: BranchOutlook
    next_event: NextEvent | None


@dataclass(frozen=True)
class Above:
    """A general branch or committee, and what the rules say of everything below it."""

    organisation: Organisation
    members: int
    branches: int
    findings: Sequence[Finding]


@dataclass(frozen=True)
class Structure:
    """Every branch the person oversees, worst first, with the number of each level."""

    on: date
    rows: list[StructureRow] = field(default_factory=list)
    above: list[Above] = field(default_factory=list)
    horizon_months: int = 0

    @property
    def counts(self) -> list[tuple[OutlookLevel, int]]:
        found = Counter(row.outlook.level for row in self.rows)
        return [(level, found[level]) for level in LEVELS]


def structure_for(user: User, *, today: date, on: date) -> Structure:
    """The structure as of `on`, of what the person may oversee `today`; nine statements."""
    permitted = Organisation.objects.permitted_to(user, VIEW, on=today).active(on=on)
    organisations = list(permitted.order_by("code"))
    rules = rules_of(organisations, on=on)
    branches = [o for o in organisations if o.is_branch]
    outlooks = outlook_under(rules, branches, on=on, months=USUAL_MONTHS)
    rows = [StructureRow(o, outlooks[o.pk], _next_event(outlooks[o.pk])) for o in branches]
    rows.sort(key=lambda row: (LEVELS.index(row.outlook.level), row.outlook.lowest, row.organisation.code))
    above = [_above(o, rows, rules[o.pk], on) for o in organisations if o.kind in KIND_RULES]
    horizon = max((rules[o.pk]["outlook_horizon_months"].number for o in branches), default=0)
    return Structure(on, rows, above, horizon)


def _next_event(outlook: BranchOutlook) -> NextEvent | None:
    for day, changes in groupby(outlook.changes, key=lambda change: change.on):
        return NextEvent(day, words_of(changes))
    return None


def _above(organisation: Organisation, rows: Sequence[StructureRow], rules: Rules, on: date) -> Above:
    """Who oversees an organisation oversees everything below it, so the rows are complete."""
    below = [row.outlook for row in rows if row.organisation.path.startswith(organisation.path)]
    members = sum(one.full_now + one.probationary_now for one in below)
    kind_rule = KIND_RULES[OrganisationKind(organisation.kind)]
    findings = findings_above(members, len(below), rules, kind_rule=kind_rule, on=on)
    return Above(organisation, members, len(below), findings)


@dataclass(frozen=True)
class EventLine:
    """One change of the outlook in words; `who` is empty for readers who may not see members."""

    on: date
    what: str
    who: str
    effect: str
    expected: bool
    member: int


@dataclass(frozen=True)
class MonthRow:
    figure: MonthFigure
    words: str

    @property
    def borrowed(self) -> int:
        return self.figure.full - self.figure.own


@dataclass(frozen=True)
class OutlookPage:
    """Everything the outlook page of one branch shows."""

    outlook: BranchOutlook
    events: list[EventLine]
    rows: list[MonthRow]
    horizon_months: int


def outlook_page(organisation: Organisation, *, on: date, months: int, named: bool) -> OutlookPage:
    """A constant number of statements; people are named only when `named`."""
    rules = rules_of([organisation], on=on)[organisation.pk]
    outlook = outlook_under({organisation.pk: rules}, [organisation], on=on, months=months)[organisation.pk]
    last = outlook.months[-1].month.last
    changes = [change for change in outlook.changes if change.on <= last]
    names = _names(changes) if named else {}
    rows = [MonthRow(f, words_of(c for c in changes if c.on in f.month)) for f in outlook.months]
    events = [_line(change, names) for change in changes]
    return OutlookPage(outlook, events, rows, rules["outlook_horizon_months"].number)


def _names(changes: Sequence[Change]) -> dict[int, str]:
    members = Member.objects.filter(pk__in={change.member for change in changes})
    return dict(members.values_list("pk", "name"))


def _line(change: Change, names: Mapping[int, str]) -> EventLine:
    return EventLine(
        on=change.on,
        what=change.what.label,
        who=names.get(change.member, ""),
        effect=effect_of(change.count),
        expected=change.expected,
        member=change.member,
    )
