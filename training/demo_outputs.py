"""Outputs of the demo: a year's library with uses and a pick, one to review, one whose author is asked."""

from dataclasses import dataclass
from datetime import timedelta

from branches.demo import DemoTree
from errorbank.rules import ErrorCategory
from training.actions.outputs import (
    OutputData,
    add_output,
    answer_credit,
    pick_output,
    review_output,
    submit_output,
    use_output,
)
from training.models import Output
from training.rules.outputs import OutputKind


@dataclass(frozen=True)
class Told:
    """An output that came in so many days before the as-of day; `uses`: branch and what it says changed."""

    days: int
    branch: str
    kind: OutputKind
    topic: ErrorCategory
    title: str
    summary: str
    body: str
    uses: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()


LIBRARY = (
    Told(
        250, "BR03", OutputKind.METHOD, ErrorCategory.ORGANIZATIONAL_LIFE, "主题党日四步法",
        "月初定题、会前备料、会上讨论、会后落实，一次主题党日半天备好。",
        "一、月初定题。对照本月清单，从当月重点工作里选一个题目，支委会定下来，同时写明谁来准备。\n\n"
        "二、会前备料。材料提前三天发给党员，只发要讨论的一页纸，不印成册。\n\n"
        "三、会上讨论。先用十分钟讲清问题，再请每位党员说一条办法，记录人当场记下。\n\n"
        "四、会后落实。把说到的办法归成不超过三件事，写明谁办、哪天前办，下一次主题党日先看办得怎样。",
        (("BR01", "准备一次主题党日从两天减到半天。"), ("BR04", "党员发言从三四人增加到人人都讲。"),
         ("BR07", "会后的事有人跟，上个月三件都办完了。")),
        ("BR01",),
    ),
    Told(
        190, "BR02", OutputKind.METHOD, ErrorCategory.MEETINGS, "会议记录当场核对法",
        "散会前用五分钟对照检查点核对记录，不再事后补改。",
        "一、散会前五分钟，记录人把应到、实到、议题、决议四项念一遍。\n\n"
        "二、与会人员当场补正，缺席的写明原因。\n\n"
        "三、主持人看过后当天录入，清单上的这一项自动办结，不再另填台账。",
        (("BR05", "检查时会议记录没有再被退回。"), ("BR06", "月底不用集中补记录。")),
    ),
    Told(
        120, "BR05", OutputKind.CASE, ErrorCategory.RECRUITMENT, "一份延误的思想汇报怎样补救",
        "发现间隔超期以后，如实记录、说明原因、调整计划的做法。",
        "起因：培养联系人换岗，季度考察晚了一个月。\n\n"
        "做法：支委会如实记录延误和原因，没有倒签日期；重新明确培养联系人，并把下一次考察写进本月清单。\n\n"
        "体会：换岗当天就要交接培养联系工作，交接单里单列一项。",
        (("BR08", "交接单加了培养联系人一项，换人没有断档。"),),
    ),
    Told(
        60, "BR04", OutputKind.RESEARCH, ErrorCategory.FORMALISM_RECTIFICATION, "党务工作者的时间去哪儿了",
        "对一个季度的事项用时做了记录，找出三类可以合并的活动。",
        "一、怎么记。三位党务工作者连续一个季度记录每项工作的用时，只记到半小时。\n\n"
        "二、看到什么。学习、主题党日和党课常常分三次准备，内容相近。\n\n"
        "三、建议。同一主题一次准备，能合并的活动合并开展，记录一次，各项自动办结。",
    ),
)  # fmt: skip
NEW = Told(
    8, "BR07", OutputKind.CASE, ErrorCategory.MEMBER_MANAGEMENT, "流动党员一月一联系",
    "每月固定一天打一个电话，把外出党员的学习和困难记清楚。",
    "做法：每月第一个工作日由支委分头联系外出党员，问学习、问困难，需要支部办的当天列入清单。",
)  # fmt: skip
ASKED = Told(
    3, "BR02", OutputKind.METHOD, ErrorCategory.DUES, "党费交纳提前三天提醒",
    "核对、提醒、公示各定一天，月末不再催。",
    "做法：每月二十日核对基数，二十五日提醒，次月五日前公示。", (), ("BR01",),
)  # fmt: skip


def load(tree: DemoTree) -> None:
    for told in LIBRARY:
        _published(tree, told)
    _submitted(tree, NEW)
    _submitted(tree, ASKED, agreed=False)
    first = Output.objects.get(title=LIBRARY[0].title)
    reason = "已有三个支部用起来，步骤清楚，四个人的支部也做得到。"
    pick_output(first, reason=reason, by=tree.staff, on=tree.as_of)


def _submitted(tree: DemoTree, told: Told, *, agreed: bool = True) -> Output:
    writer, on = tree.workers[told.branch], tree.as_of - timedelta(days=told.days)
    authors = [tree.workers[code] for code in told.others]
    data = OutputData(told.kind, str(told.topic), told.title, told.summary, told.body, authors)
    output = add_output(tree.branches[told.branch], data=data, by=writer)
    submit_output(output, by=writer, on=on)
    for author in authors if agreed else ():
        answer_credit(output, agrees=True, by=author, on=on)
    return output


def _published(tree: DemoTree, told: Told) -> None:
    output, on = _submitted(tree, told), tree.as_of - timedelta(days=told.days)
    version = output.versions.get()
    review_output(version, accept=True, answer="", by=tree.staff, on=on)
    output.refresh_from_db()
    for number, (code, changed) in enumerate(told.uses, 1):
        since = on + timedelta(days=14 * number)
        use_output(output, tree.branches[code], changed=changed, since=since, by=tree.workers[code], on=since)
