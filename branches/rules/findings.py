"""What the facts of a branch mean under the rules: one sentence each, with basis, severity and month.

The branch page, the structure overview, the outlook and the JSON all read these findings, so they cannot
disagree. Nobody is named: counts and offices are enough, and who may not see members reads them too.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

from branches.rules.headcount import Count, Projection
from branches.rules.organisations import COMMISSIONER_ROLES, COMMITTEE_ROLES, PolicySeverity, Role
from branches.rules.policy import Operator, Rule, plain
from periods.months import Month, add_months, add_years, months_between

Rules = Mapping[str, Rule]
# The number of the rule election_notice_months, for lists that read no rules; a test holds the two together.
ELECTION_NOTICE_MONTHS = 6


class FindingCode(TextChoices):
    HEADCOUNT_BREACH = "headcount_breach", "正式党员已不足"
    HEADCOUNT_IMMINENT = "headcount_imminent", "正式党员将不足"
    HEADCOUNT_LATER = "headcount_later", "正式党员以后将不足"
    NO_BUFFER = "no_buffer", "正式党员刚好达到"
    NOMINAL_BRANCH = "nominal_branch", "靠抽调达到设立条件"
    DEPARTURE_KNOWN = "departure_known", "有人将离开"
    DEPUTY_BELOW_LOCAL_MIN = "deputy_below_local_min", "副书记职务须研判"
    TERM_EXPIRING = "term_expiring", "任期届满"
    TERM_UNKNOWN = "term_unknown", "任期未登记"
    CONVERSION_DUE = "conversion_due", "预备期满"
    OFFICE_VACANT = "office_vacant", "职务空缺"
    SECRETARY_STANDING = "secretary_standing", "书记党龄"
    COMMITTEE_REQUIRED = "committee_required", "应设支部委员会"
    COMMITTEE_NOT_REQUIRED = "committee_not_required", "可不设支部委员会"
    COMMITTEE_SIZE = "committee_size", "支委会人数"
    DEPUTIES = "deputies", "副书记职数"
    MEMBERS_ABOVE_MAX = "members_above_max", "党员人数超过上限"
    UNITS_ABOVE_MAX = "units_above_max", "覆盖单位过多"
    GROUP_TOO_SMALL = "group_too_small", "党小组人数"
    MEMBERS_OUT_OF_RANGE = "members_out_of_range", "党员总数与组织设置"
    BRANCH_SPAN = "branch_span", "支部数量"


# What the command prints as alerts and the overview counts; the other findings stand on the pages.
ALERT_CODES = frozenset(
    {
        FindingCode.HEADCOUNT_BREACH,
        FindingCode.HEADCOUNT_IMMINENT,
        FindingCode.HEADCOUNT_LATER,
        FindingCode.DEPUTY_BELOW_LOCAL_MIN,
        FindingCode.NOMINAL_BRANCH,
        FindingCode.TERM_EXPIRING,
        FindingCode.CONVERSION_DUE,
    }
)


class FindingLevel(TextChoices):
    """Of headcount findings the level of the branch; of the others how pressing they are."""

    BREACH = "breach", "已不足"
    IMMINENT = "imminent", "将不足"
    LATE = "late", "须处理"
    LATER = "later", "以后"
    BORROWED = "borrowed", "靠抽调"
    LOCAL = "local", "本单位规定"
    NOTICE = "notice", "提醒"


# What has happened already; red is kept for it.
OVERDUE = frozenset({FindingLevel.BREACH, FindingLevel.LATE})
PRESSING = OVERDUE | {FindingLevel.IMMINENT}


@dataclass(frozen=True)
class Finding:
    """One sentence about the branch; `month` is the month in which it begins."""

    code: FindingCode
    level: FindingLevel
    month: Month
    text: str
    basis: str = ""
    severity: PolicySeverity | None = None

    @property
    def tone(self) -> str:
        """The class of its card: late or soon."""
        return "late" if self.level in OVERDUE else "soon"

    @property
    def is_alert(self) -> bool:
        return self.code in ALERT_CODES


@dataclass(frozen=True)
class BranchRecord:
    """The facts of one branch on one day that the rules look at.

    `until` is the last day asked about (the projection may reach further); `holders` lists who holds each
    office, by any key; `secretary_since` is the day the secretary became a full member; `probation_ends`
    lists the last days of probation of who is probationary now; `groups` the Party groups with their size.
    """

    on: date
    until: date
    projection: Projection
    holders: Mapping[Role, Sequence[str]]
    secretary_since: date | None = None
    has_term: bool = True
    term_ends: date | None = None
    term_extended: bool = False
    probation_ends: tuple[date, ...] = ()
    units: int = 0
    groups: tuple[tuple[str, int], ...] = ()

    @property
    def month(self) -> Month:
        return Month.of(self.on)

    @property
    def has_committee(self) -> bool:
        return has_committee(self.holders)

    @property
    def committee(self) -> int:
        """How many different people sit in the committee."""
        return len({key for role in COMMITTEE_ROLES for key in self.holders.get(role, ())})


def has_committee(holders: Mapping[Role, Sequence[str]]) -> bool:
    return any(holders.get(role) for role in COMMISSIONER_ROLES)


def vacant_offices(holders: Mapping[Role, Sequence[str]]) -> list[Role]:
    """Offices a branch must have and nobody holds, in the order of Role."""
    expected = {Role.WORKER, Role.SECRETARY} | (COMMISSIONER_ROLES if has_committee(holders) else set())
    return [role for role in Role if role in expected and not holders.get(role)]


def findings_on(record: BranchRecord, rules: Rules) -> tuple[Finding, ...]:
    """Every finding, the pressing ones first."""
    found = [
        *_headcount(record, rules),
        *_borrowed(record, rules),
        *_departures(record, rules),
        *_deputy_below(record, rules),
        *_term(record, rules),
        *_conversions(record, rules),
        *_offices(record, rules),
        *_committee(record, rules),
        *_sizes(record, rules),
    ]
    return tuple(
        sorted(found, key=lambda f: (f.level not in PRESSING, list(FindingCode).index(f.code), f.month))
    )


def _made(
    code: FindingCode, level: FindingLevel, month: Month, text: str, rule: Rule | None = None
) -> Finding:
    basis, severity = (rule.basis_sentence, rule.severity) if rule else ("", None)
    return Finding(code, level, month, text, basis, severity)


def least_full(rules: Rules) -> int:
    return rules["branch_min_full_members"].number


def horizon_end(on: date, rules: Rules) -> date:
    """The last day on which a fall is imminent."""
    return add_months(on, rules["outlook_horizon_months"].number)


def _headcount(record: BranchRecord, rules: Rules) -> Iterator[Finding]:
    rule, least = rules["branch_min_full_members"], least_full(rules)
    full = record.projection.now.full
    fall = record.projection.first(lambda count: count.full < least)
    if full < least:
        text = f"正式党员 {full} 人，不足 {least} 人，请与上级党组织商定调整办法。"
        yield _made(FindingCode.HEADCOUNT_BREACH, FindingLevel.BREACH, record.month, text, rule)
    elif fall:
        soon = fall[0] <= horizon_end(record.on, rules)
        code = FindingCode.HEADCOUNT_IMMINENT if soon else FindingCode.HEADCOUNT_LATER
        level = FindingLevel.IMMINENT if soon else FindingLevel.LATER
        yield _made(code, level, Month.of(fall[0]), _fall_text(record, fall, least), rule)
    elif full == least:
        text = f"正式党员刚好 {least} 人，再少 1 人就不足设立条件。"
        yield _made(FindingCode.NO_BUFFER, FindingLevel.NOTICE, record.month, text, rule)


def _fall_text(record: BranchRecord, fall: tuple[date, Count], least: int) -> str:
    day, count = fall
    return (
        f"{day:%Y-%m-%d} 起正式党员由 {record.projection.now.full} 人变为 {count.full} 人"
        f"（{reasons(record.projection, day)}），不足 {least} 人，请提前商定调整办法。"
    )


def reasons(projection: Projection, until: date) -> str:
    """“退休 2 人、组织关系转出 1 人”: what changes the number of full members up to that day."""
    counted = Counter(c.words for c in projection.changes if c.on <= until and c.count.full)
    return "、".join(f"{words} {number} 人" for words, number in counted.items())


def _borrowed(record: BranchRecord, rules: Rules) -> Iterator[Finding]:
    now, least = record.projection.now, least_full(rules)
    if now.own < least <= now.full:
        text = (
            f"本部门正式党员 {now.own} 人，不足 {least} 人；"
            f"另有抽调 {now.full - now.own} 人，人员返回前请先安排。"
        )
        rule = rules["branch_min_full_members"]
        yield _made(FindingCode.NOMINAL_BRANCH, FindingLevel.BORROWED, record.month, text, rule)


def _departures(record: BranchRecord, rules: Rules) -> Iterator[Finding]:
    """Departures that leave enough; the others are told with the fall."""
    leaving = [c for c in record.projection.changes if c.count.full < 0]
    if leaving and not record.projection.first(lambda count: count.full < least_full(rules)):
        first, last = leaving[0], leaving[-1]
        left = record.projection.at(last.on).full
        text = f"{first.on:%Y-%m-%d} 起将有 {len(leaving)} 名正式党员离开，届时剩 {left} 人。"
        yield _made(FindingCode.DEPARTURE_KNOWN, FindingLevel.NOTICE, Month.of(first.on), text)


def _deputy_below(record: BranchRecord, rules: Rules) -> Iterator[Finding]:
    rule = rules["deputy_secretary_min_full_members"]
    if not rule.enabled or not record.holders.get(Role.DEPUTY_SECRETARY):
        return
    if below := record.projection.first(lambda count: not rule.holds(count.full)):
        day, count = below
        when = "" if day == record.on else f"{day:%Y-%m-%d} 起"
        text = (
            f"设有副书记，{when}正式党员 {count.full} 人，"
            f"少于本单位规定的 {plain(rule.low)} 人，副书记职务须研判。"
        )
        yield _made(FindingCode.DEPUTY_BELOW_LOCAL_MIN, FindingLevel.LOCAL, Month.of(day), text, rule)


def whole_months_left(ends_on: date, *, on: date) -> int:
    """Whole months until that day; negative once it is over, 0 in the last month."""
    months = months_between(Month.of(on), Month.of(ends_on))
    if ends_on >= on:
        return months - (add_months(on, months) > ends_on)
    return min(months, -1)


def notice_begins(ends_on: date, months: int = ELECTION_NOTICE_MONTHS) -> date:
    """From that day on, so many months before the end, the election is prepared."""
    return add_months(ends_on, -months)


def _term(record: BranchRecord, rules: Rules) -> Iterator[Finding]:
    ends, rule = record.term_ends, rules["election_notice_months"]
    if not record.has_term:
        return
    if ends is None:
        text = "还没有登记任期，请补充最近一次选举的日期。"
        yield _made(FindingCode.TERM_UNKNOWN, FindingLevel.NOTICE, record.month, text)
    elif ends < record.on:
        text = f"任期已于 {ends:%Y-%m-%d} 届满，请尽快换届或办理延期批复。"
        code, term = FindingCode.TERM_EXPIRING, rules["term_branch_years"]
        yield _made(code, FindingLevel.LATE, Month.of(ends), text, term)
    elif notice_begins(ends, rule.number) <= record.on:
        text = _term_text(ends, record, rules)
        yield _made(FindingCode.TERM_EXPIRING, FindingLevel.NOTICE, Month.of(ends), text, rule)


def _term_text(ends: date, record: BranchRecord, rules: Rules) -> str:
    months = whole_months_left(ends, on=record.on)
    left = f"还有 {months} 个月，请着手准备换届。" if months else "不足一个月，请抓紧换届。"
    years = rules["term_shift_max_years"].number
    extra = "" if record.term_extended else f"确需延期的，最多延长 {years} 年，须经上级批准。"
    return f"任期 {ends:%Y-%m-%d} 届满，{left}{extra}"


def _conversions(record: BranchRecord, rules: Rules) -> Iterator[Finding]:
    """One finding a month: several people may be due in it. The text in force on that day is named."""
    due, rule = sorted(day for day in record.probation_ends if day <= record.until), rules["probation_years"]
    for month, late in sorted({(Month.of(day), day < record.on) for day in due}):
        days = [day for day in due if day in month and (day < record.on) == late]
        said = "、".join(f"{day:%Y-%m-%d}" for day in dict.fromkeys(days))
        what = "已满，请尽快讨论转正。" if late else "期满，届时讨论转正。"
        text = f"预备党员 {len(days)} 人的预备期 {said} {what}"
        level = FindingLevel.LATE if late else FindingLevel.NOTICE
        yield _made(FindingCode.CONVERSION_DUE, level, month, text, rule.on(max(days[0], record.on)))


def _offices(record: BranchRecord, rules: Rules) -> Iterator[Finding]:
    if vacant := vacant_offices(record.holders):
        text = f"空缺：{'、'.join(role.label for role in vacant)}。"
        missing = Role.SECRETARY in vacant
        level = FindingLevel.LATE if missing else FindingLevel.NOTICE
        rule = rules["no_committee_leadership"] if missing else None
        yield _made(FindingCode.OFFICE_VACANT, level, record.month, text, rule)
    rule = rules["secretary_party_standing"]
    since = record.secretary_since
    if since is not None and add_years(since, rule.number) > record.on:
        text = (
            f"书记自 {since:%Y-%m-%d} 起为正式党员，党龄不满 {rule.number} 年，一般应当满 {rule.number} 年。"
        )
        yield _made(FindingCode.SECRETARY_STANDING, FindingLevel.NOTICE, record.month, text, rule)
    rule, deputies = rules["deputy_secretary_max"], len(record.holders.get(Role.DEPUTY_SECRETARY, ()))
    if not rule.holds(deputies):
        text = f"副书记 {deputies} 人，一般设 {rule.number} 人，请核对任职登记。"
        yield _made(FindingCode.DEPUTIES, FindingLevel.NOTICE, record.month, text, rule)


def _committee(record: BranchRecord, rules: Rules) -> Iterator[Finding]:
    rule, full = rules["committee_required"], record.projection.now.full
    if record.has_committee:
        if not rule.holds(full):
            text = f"正式党员 {full} 人，不足 {rule.number} 人，下次换届可不再设支部委员会。"
            yield _made(FindingCode.COMMITTEE_NOT_REQUIRED, FindingLevel.NOTICE, record.month, text, rule)
        yield from _committee_size(record, rules)
    elif reached := record.projection.first(lambda count: rule.holds(count.full)):
        day, count = reached
        when = "" if day == record.on else f"{day:%Y-%m-%d} 起"
        text = f"{when}正式党员 {count.full} 人，应当设立支部委员会，请登记支部委员。"
        yield _made(FindingCode.COMMITTEE_REQUIRED, FindingLevel.NOTICE, Month.of(day), text, rule)


def _committee_size(record: BranchRecord, rules: Rules) -> Iterator[Finding]:
    usual, most = rules["committee_size_usual"], rules["committee_size_max"]
    if not most.holds(record.committee):
        text = f"支部委员会 {record.committee} 人，一般不超过 {most.number} 人。"
        yield _made(FindingCode.COMMITTEE_SIZE, FindingLevel.NOTICE, record.month, text, most)
    elif not usual.holds(record.committee):
        text = f"支部委员会 {record.committee} 人，一般由 {usual.text}组成。"
        yield _made(FindingCode.COMMITTEE_SIZE, FindingLevel.NOTICE, record.month, text, usual)


def _sizes(record: BranchRecord, rules: Rules) -> Iterator[Finding]:
    most = rules["branch_max_members"]
    if above := record.projection.first(lambda count: not most.holds(count.members)):
        day, count = above
        when = "" if day == record.on else f"{day:%Y-%m-%d} 起"
        text = f"{when}党员 {count.members} 人，支部一般不超过 {most.number} 人。"
        yield _made(FindingCode.MEMBERS_ABOVE_MAX, FindingLevel.NOTICE, Month.of(day), text, most)
    units = rules["joint_branch_units_max"]
    if not units.holds(record.units):
        text = f"覆盖单位 {record.units} 个，一般不超过 {units.number} 个。"
        yield _made(FindingCode.UNITS_ABOVE_MAX, FindingLevel.NOTICE, record.month, text, units)
    yield from _groups(record.groups, rules["party_group_min"], record.month)


def _groups(groups: Sequence[tuple[str, int]], rule: Rule, month: Month) -> Iterator[Finding]:
    small = [f"{name} {members} 人" for name, members in groups if not rule.holds(members)]
    if small:
        text = f"党小组一般不少于 {rule.number} 人：{'、'.join(small)}，可调整划分。"
        yield _made(FindingCode.GROUP_TOO_SMALL, FindingLevel.NOTICE, month, text, rule)


def findings_above(members: int, branches: int, rules: Rules, *, kind_rule: str, on: date) -> list[Finding]:
    """Findings of a general branch or a committee: `kind_rule` bounds the members of all branches below."""
    found = []
    rule, month = rules[kind_rule], Month.of(on)
    if not rule.holds(members):
        between = rule.operator == Operator.BETWEEN
        wanted = f"一般为 {rule.text}" if between else f"一般{rule.text}"
        text = f"所属党员共 {members} 人，{rule.name}{wanted}。"
        found.append(_made(FindingCode.MEMBERS_OUT_OF_RANGE, FindingLevel.NOTICE, month, text, rule))
    span = rules["branch_count_span"]
    if branches > 1 and span.enabled and not span.holds(members / branches):
        average = f"{members / branches:.1f}".removesuffix(".0")
        text = (
            f"{branches} 个支部平均 {average} 名党员，少于 {plain(span.low)} 名，"
            "可结合联合党支部等办法控制支部数量。"
        )
        found.append(_made(FindingCode.BRANCH_SPAN, FindingLevel.NOTICE, month, text, span))
    return found


def alerts_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.is_alert)
