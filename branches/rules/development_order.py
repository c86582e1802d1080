"""What must have been done before a step may be taken; which step belongs to whom."""

from collections.abc import Mapping
from datetime import date

from branches.rules import StepOutcome
from branches.rules.development import STEPS, CaseFacts, StepFact

# Step → the steps that come before it whatever the day (第七条 to 第三十六条 in their order).
_BEFORE: Mapping[int, tuple[int, ...]] = {
    2: (1,),
    3: (1,),
    4: (3,),
    5: (3,),
    6: (3,),
    7: (3,),
    8: (7,),
    9: (7,),
    10: (7,),
    11: (7,),
    12: (8, 10),
    13: (9, 10, 12),
    14: (13,),
    15: (13, 14),
    16: (15,),
    17: (15,),
    18: (17,),
    19: (17,),
    20: (17,),
    21: (15,),
    22: (15,),
    23: (17, 22),
    24: (23,),
    25: (24,),
}
# The paper that each step leaves, as the list of a person's papers names it.
PAPERS: Mapping[int, str] = {
    1: "入党申请书",
    2: "谈话登记",
    3: "推荐推优情况、研究决定",
    4: "备案回执",
    5: "培养联系人登记",
    6: "《入党积极分子培养考察登记表》",
    7: "听取意见、讨论记录",
    8: "同意件、公示证明",
    9: "入党介绍人登记",
    10: "政治审查结论性材料",
    11: "结业证明",
    12: "审查意见",
    13: "预审书面通知（志愿书编号）",
    14: "《入党志愿书》",
    15: "大会决议、票数",
    16: "谈话意见（写入志愿书）",
    17: "批复（注明预备期起止）",
    18: "备案件",
    19: "编入党支部和党小组的记录",
    20: "入党宣誓记录（日期、地点）",
    21: "《预备党员教育考察登记表》",
    22: "转正申请书",
    23: "转正大会决议、票数",
    24: "转正批复",
    25: "归档签收",
}
# Decided by a superior committee, and so entered by who works there.
SUPERIOR_STEPS = frozenset({4, 8, 13, 16, 17, 18, 24})
# Decided by a committee with the power to approve; a general branch has none (第十八条, 第二十二条).
APPROVED_STEPS = frozenset({8, 13, 17, 24})


def out_of_order(facts: CaseFacts, step: StepFact) -> str:
    """Why this step cannot have been taken on its day, in Chinese; empty when nothing stands before it.

    What lies before the first step entered is in the paper files and not asked for.
    """
    begun = min((s.number for s in facts.steps), default=step.number)
    for number in _BEFORE.get(step.number, ()):
        if number < begun:
            continue
        # A meeting on conversion is answered whatever it decided; every other step must have gone well.
        earlier = [s.on for s in facts.of(number) if s.outcome is StepOutcome.PASSED or number == 23]
        sentence = _why(number, step, min(earlier, default=None))
        if sentence:
            return sentence
    return ""


def _why(number: int, step: StepFact, done_on: date | None) -> str:
    name, before = STEPS[step.number].name, STEPS[number].name
    if done_on is None:
        return f"“{name}”之前应当先办“{before}”（第 {number} 步），请先登记那一步。"
    if done_on > step.on:
        return f"“{name}”的日期 {step.on:%Y-%m-%d} 早于“{before}”的日期 {done_on:%Y-%m-%d}，请核对。"
    return ""
