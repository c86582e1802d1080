"""Joint branches: the four principles, the filing steps of setting one up, and the dates that fit them.

Source: 中国共产党支部工作条例（试行） 第五条 (four principles), 第六条 (setting up), 第七条 (dissolving).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from branches.rules.basis import Basis
from periods.months import add_months

BRANCH_RULES = "中国共产党支部工作条例（试行）"
# Principles, setting up, dissolving; the texts were seen, the numbers of the articles not.
JOINT_BASIS = Basis(BRANCH_RULES, "第五条、第六条、第七条", verified=False)


class Filing(IntEnum):
    """The steps in their order; the reply is what approves a plan."""

    APPLICATION = 1
    REPLY = 2
    ELECTION = 3
    FILED = 4


@dataclass(frozen=True)
class FilingStep:
    number: Filing
    name: str
    hint: str


FILING_STEPS = (
    FilingStep(Filing.APPLICATION, "基层单位提出申请", "写明联合的支部、名称、书记人选和理由。"),
    FilingStep(Filing.REPLY, "基层党委会议研究批复", "一般不超过 1 个月；登记批复后方可实施。"),
    FilingStep(Filing.ELECTION, "召开党员大会选举支委会或书记、副书记", "不设支委会的，由党员大会选举书记。"),
    FilingStep(Filing.FILED, "批复和选举结果报上级党委组织部门备案", "由基层党委上报。"),
)


def reply_due(applied_on: date | None, months: int) -> date | None:
    """The day by which the committee usually replies."""
    return add_months(applied_on, months) if applied_on else None


def out_of_order(done: Mapping[int, date], number: int, on: date) -> str:
    """Why that day does not fit the other steps; empty when it does. A later step may wait, not precede."""
    names = {step.number: step.name for step in FILING_STEPS}
    earlier = [(other, day) for other, day in done.items() if other < number and day > on]
    later = [(other, day) for other, day in done.items() if other > number and day < on]
    if earlier:
        other, day = max(earlier, key=lambda one: one[1])
        return f"日期不能早于“{names[Filing(other)]}”的 {day:%Y-%m-%d}，请核对。"
    if later:
        other, day = min(later, key=lambda one: one[1])
        return f"日期不能晚于“{names[Filing(other)]}”的 {day:%Y-%m-%d}，请核对。"
    return ""
