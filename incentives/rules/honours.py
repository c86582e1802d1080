"""Honours: their definitions, the criteria by data, the way of a case, and the frozen evidence; pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import TextChoices

PERSON, BRANCH = "person", "branch"
OWN = "own"
TENTH = Decimal("0.1")


class Origin(TextChoices):
    SEED = "seed", "文件"
    PROPOSAL = "proposal", "建议"
    UNVERIFIED = "unverified", "待核实"


class Check(TextChoices):
    """What stored data can tell of the year before."""

    SERIOUS = "serious_findings", "严重错题"
    REPEATS = "repeat_findings", "重犯错题"
    ON_TIME = "on_time", "按时率"
    RECHECKS = "recheck_rate", "复查合格率"
    FIXING = "timely_fixing", "整改及时率"
    CONTRIBUTIONS = "contributions", "贡献记录"


class Verdict(TextChoices):
    MET = "met", "符合"
    UNMET = "unmet", "不符合"
    NO_DATA = "no_data", "没有数据，不影响"
    JUDGED = "judged", "由评议判断"


class CaseState(TextChoices):
    PROPOSED = "proposed", "已提名"
    CHECKED = "checked", "资格已核，待评议"
    NOTICED = "noticed", "公示中"
    CLEARED = "cleared", "公示通过，待表彰"
    AWARDED = "awarded", "已表彰"
    DECLINED = "declined", "未通过"
    REJECTED = "rejected", "异议成立，不予表彰"
    WITHDRAWN = "withdrawn", "本人退出"


# The one table of what may follow what.
MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.PROPOSED: frozenset({CaseState.CHECKED, CaseState.DECLINED, CaseState.WITHDRAWN}),
    CaseState.CHECKED: frozenset({CaseState.NOTICED, CaseState.DECLINED, CaseState.WITHDRAWN}),
    CaseState.NOTICED: frozenset({CaseState.CLEARED, CaseState.REJECTED, CaseState.WITHDRAWN}),
    CaseState.CLEARED: frozenset({CaseState.AWARDED, CaseState.WITHDRAWN}),
    CaseState.AWARDED: frozenset(),
    CaseState.DECLINED: frozenset(),
    CaseState.REJECTED: frozenset(),
    CaseState.WITHDRAWN: frozenset(),
}
RUNNING_CASES = frozenset(state for state, after in MOVES.items() if after)
DROPPED_CASES = frozenset({CaseState.DECLINED, CaseState.REJECTED, CaseState.WITHDRAWN})


def may_move(state: str, to: CaseState) -> bool:
    return to in MOVES[CaseState(state)]


@dataclass(frozen=True)
class Criterion:
    words: str
    origin: Origin
    check: Check | None
    at_least: Decimal | None
    at_most: Decimal | None
    kind: str


@dataclass(frozen=True)
class Honour:
    code: str
    name: str
    group: str
    subject: str
    origin: Origin
    cadence: str
    granted_by: str
    proposers: frozenset[str]
    monthly_cap: int
    criteria: tuple[Criterion, ...]

    @property
    def is_own(self) -> bool:
        """Granted here; the others are recommended to the superior organisation."""
        return self.granted_by == OWN

    @property
    def for_branches(self) -> bool:
        return self.subject == BRANCH


def read_honour(given: Mapping[str, Any]) -> Honour:
    return Honour(
        code=given["code"],
        name=given["name"],
        group=given["group"],
        subject=given["subject"],
        origin=Origin(given["origin"]),
        cadence=given["cadence"],
        granted_by=given["granted_by"],
        proposers=frozenset(given["proposers"]),
        monthly_cap=int(given["monthly_cap"]),
        criteria=tuple(_criterion(one) for one in given["criteria"]),
    )


def _criterion(given: Mapping[str, Any]) -> Criterion:
    least, most = given.get("at_least"), given.get("at_most")
    return Criterion(
        words=given["words"],
        origin=Origin(given["origin"]),
        check=Check(given["check"]) if "check" in given else None,
        at_least=None if least is None else Decimal(str(least)),
        at_most=None if most is None else Decimal(str(most)),
        kind=given.get("kind", ""),
    )


@dataclass(frozen=True)
class Reading:
    """What data say to one check; `value` None: nothing is stored, which excludes nobody."""

    value: Decimal | None
    words: str


@dataclass(frozen=True)
class Finding:
    """One criterion as it was found."""

    criterion: Criterion
    verdict: Verdict
    words: str


def percent(good: int, every: int) -> Decimal | None:
    if not every:
        return None
    return (Decimal(100 * good) / every).quantize(TENTH, ROUND_HALF_UP)


def judge(criterion: Criterion, reading: Reading | None) -> Finding:
    if criterion.check is None:
        return Finding(criterion, Verdict.JUDGED, "由评议会判断")
    if reading is None or reading.value is None:
        return Finding(criterion, Verdict.NO_DATA, reading.words if reading else "没有数据")
    low = criterion.at_least is not None and reading.value < criterion.at_least
    high = criterion.at_most is not None and reading.value > criterion.at_most
    return Finding(criterion, Verdict.UNMET if low or high else Verdict.MET, reading.words)


def frozen(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """As it is kept: texts only."""
    return [
        {
            "words": each.criterion.words,
            "origin": each.criterion.origin.value,
            "verdict": each.verdict.value,
            "data": each.words,
        }
        for each in findings
    ]


def checksum(evidence: Mapping[str, Any]) -> str:
    """SHA-256 of the evidence in its one written form."""
    text = json.dumps(evidence, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def unmet(evidence: Mapping[str, Any]) -> list[str]:
    return [one["words"] for one in evidence["criteria"] if one["verdict"] == Verdict.UNMET]
