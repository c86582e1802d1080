"""One rule with its bounds, as calculations read it; where rules come from is `branches.queries.policy`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import TextChoices

from branches.rules.basis import Basis, sentence_of
from branches.rules.organisations import PolicySeverity


class Operator(TextChoices):
    """How `low` and `high` bound the metric."""

    AT_LEAST = ">=", "不少于"
    AT_MOST = "<=", "不超过"
    EXACTLY = "==", "为"
    BETWEEN = "between", "在两数之间"


class Metric(NamedTuple):
    """What is counted, and in which unit it is said."""

    label: str
    unit: str


METRICS: Mapping[str, Metric] = {
    "full_members": Metric("正式党员", "人"),
    "members_total": Metric("党员（含预备党员）", "人"),
    "members_per_branch": Metric("平均每个支部党员", "人"),
    "committee_size": Metric("委员", "人"),
    "secretaries": Metric("书记", "人"),
    "deputy_secretaries": Metric("副书记", "人"),
    "secretary_party_years": Metric("党龄", "年"),
    "covered_units": Metric("覆盖单位", "个"),
    "project_months": Metric("工期", "个月"),
    "group_members": Metric("党小组党员", "人"),
    "term_years": Metric("任期", "年"),
    "term_shift_years": Metric("延期或提前", "年"),
    "months_before_term_end": Metric("届满前", "个月"),
    "reply_months": Metric("批复", "个月"),
    "probation_years": Metric("预备期", "年"),
    "extension_months": Metric("延长", "个月"),
    "months_ahead": Metric("提前", "个月"),
    "distance_km": Metric("距离", "公里"),
    "days": Metric("天数", "天"),
    "percent": Metric("比例", "%"),
    "minutes": Metric("分钟数", "分钟"),
    "workdays": Metric("提前", "个工作日"),
    "visits": Metric("次数", "次"),
}


# The largest bound that makes sense, where it is not that of a number of people or kilometres.
LARGEST_BOUND = 999
LARGEST_BOUNDS: Mapping[str, int] = {"months_ahead": 36, "percent": 100, "minutes": 9999}
# Preferences a calculation cannot do without: they can be set, not switched off.
ALWAYS_ON = frozenset(
    {
        "outlook_horizon_months",
        "finding_days_general",
        "finding_days_serious",
        "finding_repeat_days",
        "recheck_days_first",
        "recheck_days_second",
        "recheck_days_third",
        "recheck_sample_percent",
        "recheck_announce_days",
        "completion_target_percent",
        "branch_minutes_budget",
        "demand_notice_workdays",
        "portal_minutes_per_item",
        "trace_share_percent",
        "visit_gap_days",
        "visits_per_quarter",
        "same_clause_per_quarter",
    }
)


@dataclass(frozen=True)
class Rule:
    """What holds when all is well: `low` and `high` bound the metric as `operator` says.

    `enabled` is False where an organisation has switched a local rule off. `basis` may be empty only for
    rules made in tests. `later` lists general versions that come into force after the day asked about.
    """

    code: str
    name: str
    metric: str
    operator: str
    low: Decimal | None
    high: Decimal | None
    severity: PolicySeverity
    enabled: bool = True
    configurable: bool = False
    basis: tuple[Basis, ...] = ()
    caution: str = ""
    later: tuple[tuple[date, "Rule"], ...] = field(default=(), compare=False)

    def on(self, day: date) -> "Rule":
        """The version in force on a coming day."""
        return next((rule for since, rule in reversed(self.later) if since <= day), self)

    def holds(self, value: Decimal | float) -> bool:
        """Whether the value keeps the rule; bounds are inclusive."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    @property
    def number(self) -> int:
        """The one bound of a rule that has one: 3 of “at least 3”, 6 of “exactly 6”."""
        bound = self.low if self.low is not None else self.high
        return int(bound or 0)

    @property
    def switchable(self) -> bool:
        return self.configurable and self.code not in ALWAYS_ON

    @property
    def largest(self) -> int:
        return LARGEST_BOUNDS.get(self.metric, LARGEST_BOUND)

    @property
    def text(self) -> str:
        """“不少于 3 人”."""
        unit = METRICS[self.metric].unit if self.metric in METRICS else ""
        if self.operator == Operator.BETWEEN:
            return f"{plain(self.low)} 至 {plain(self.high)} {unit}"
        bound = plain(self.low if self.low is not None else self.high)
        if self.operator == Operator.EXACTLY:
            return f"{bound} {unit}"
        return f"{Operator(self.operator).label} {bound} {unit}"

    @property
    def basis_sentence(self) -> str:
        """The documents; a local rule says that it is one."""
        if self.severity == PolicySeverity.LOCAL:
            documents = sentence_of(basis for basis in self.basis if not basis.place.startswith("本单位"))
            return f"本单位规定，参见{documents}" if documents else "本单位规定"
        return sentence_of(self.basis)


def plain(value: Decimal | None) -> str:
    """A bound without trailing zeros: 3, 2.5."""
    return "" if value is None else f"{value.normalize():f}"
