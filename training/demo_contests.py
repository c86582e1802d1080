"""Contests of the demo: one whose result is published, one that is being judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from branches.demo import DemoTree
from training.actions.contest_judging import judge_work, name_judges
from training.actions.contest_works import WorkData, count_applause, screen_work, submit_work
from training.actions.contests import (
    ContestData,
    close_call,
    finish_judging,
    make_contest,
    open_call,
    publish_contest,
    start_judging,
)
from training.models import Contest, Work
from training.rules.contests import ContestKind


@dataclass(frozen=True)
class Told:
    """A work, and what it got from each judge for each criterion."""

    branch: str
    title: str
    body: str
    points: tuple[tuple[int, int, int], ...]
    comments: tuple[str, ...]


THEME_DAY = (
    Told(
        "BR03", "把主题党日开到烟田边",
        "一、起因。收购季党员都在站点，回来开会要走两个小时。\n\n"
        "二、做法。主题党日改在站点开，先学四十分钟，再用一小时一起核对烟农反映的三个问题，当场分工。\n\n"
        "三、结果。到会率从七成提高到全员，三个问题两周内办完两个，剩下一个写进了下月清单。",
        ((92, 90, 88), (88, 91, 90), (90, 86, 92)),
        ("问题定得小，办得实。", "到会率的变化有数据。", "剩下一个问题的后续可以再写清楚。"),
    ),
    Told(
        "BR05", "一次主题党日解决一件小事",
        "一、做法。每次只选一件大家都碰到的小事，会前收集，会上定办法，下次先看办得怎样。\n\n"
        "二、体会。事情小，才办得完；办得完，大家才愿意说。",
        ((84, 82, 80), (86, 80, 83), (80, 85, 82)),
        ("思路清楚，值得推广。", "可以多写一两件具体的事。", "语言朴实。"),
    ),
    Told(
        "BR07", "老党员讲，新党员记",
        "一、做法。请两位老党员各讲一件经历，新党员当场记，会后整理成一页纸，下次读给大家听。\n\n"
        "二、体会。讲的人认真，记的人也认真。",
        ((78, 76, 75), (80, 74, 78), (76, 79, 74)),
        ("形式亲切。", "成效部分可以再写一点变化。", "一页纸的做法好。"),
    ),
)  # fmt: skip
LECTURE = (
    Told(
        "BR02", "一张清单讲清组织生活",
        "各位同志，今天只讲一张清单。每个月要开什么会、谁来准备、什么时候前做完，都在这一张纸上。\n\n"
        "先看会议，再看党课，最后看主题党日。三件事里，哪些可以合并准备，我们一起找一找。",
        ((88, 86, 85),), ("例子贴近工作。",),
    ),
    Told(
        "BR04", "从一封思想汇报说起",
        "一封思想汇报，写了三页，只有一段是自己的话。今天就讲这一段。\n\n"
        "他写的是第一次独立完成任务的那天。把这一天讲清楚，比抄三页更有分量。",
        ((90, 92, 88),), ("开头抓人。",),
    ),
)  # fmt: skip
CRITERIA = (("主题鲜明", 30), ("做法具体", 40), ("成效真实", 30))
LECTURE_CRITERIA = (("主题鲜明", 40), ("讲得明白", 40), ("联系实际", 20))
# Nobody of the pairs and joint outputs of those who write here.
JUDGES = ("BR11", "BR12", "BR13")


def load(tree: DemoTree) -> None:
    day = tree.as_of
    begun, over = day - timedelta(days=75), day - timedelta(days=40)
    brief = "写一次真实开展的主题党日：为什么开、怎么开、有什么变化，一千字以内。正文不写姓名和支部名称。"
    title = f"{over.year} 年优秀主题党日案例评选"
    data = ContestData(ContestKind.THEME_DAY, title, brief, begun + timedelta(days=20), over, 2, CRITERIA)
    contest, works = _judging(tree, data, THEME_DAY, begun, begun + timedelta(days=22))
    _judge(tree, works, THEME_DAY, over)
    finish_judging(contest, by=tree.staff, on=over)
    publish_contest(contest, by=tree.staff, on=over)
    counts = {work.key: 30 + 4 * number for number, work in enumerate(works)}
    count_applause(contest, counts=counts, by=tree.staff)
    brief = "写一堂十分钟的微党课讲稿，讲一件身边的事。正文不写姓名和支部名称。"
    days = (day - timedelta(days=8), day + timedelta(days=9))
    data = ContestData(ContestKind.LECTURE, f"{day.year} 年微党课竞赛", brief, *days, 2, LECTURE_CRITERIA)
    _, works = _judging(tree, data, LECTURE, day - timedelta(days=25), day - timedelta(days=5))
    _judge(tree, works, LECTURE, day - timedelta(days=2))


def _judging(
    tree: DemoTree, data: ContestData, told: Sequence[Told], begun: date, screened: date
) -> tuple[Contest, list[Work]]:
    staff = tree.staff
    contest = make_contest(tree.general, data=data, by=staff, on=begun)
    open_call(contest, by=staff, on=begun)
    works = []
    for number, one in enumerate(told, 3):
        writer = tree.workers[one.branch]
        said = WorkData(one.title, one.body, [writer])
        on = begun + timedelta(days=number)
        works.append(submit_work(contest, tree.branches[one.branch], data=said, by=writer, on=on))
    close_call(contest, by=staff, on=screened)
    for work in works:
        screen_work(work, accept=True, note="", seen=0, by=staff)
    name_judges(contest, users=[tree.workers[code] for code in JUDGES], by=staff, on=screened)
    return start_judging(contest, by=staff, on=screened), works


def _judge(tree: DemoTree, works: Sequence[Work], told: Sequence[Told], on: date) -> None:
    """As many judges as the table has rows; the others are still reading."""
    criteria = list(works[0].contest.criteria.order_by("position"))
    for work, one in zip(works, told, strict=True):
        for code, row, comment in zip(JUDGES, one.points, one.comments, strict=False):
            points = {criterion.pk: Decimal(value) for criterion, value in zip(criteria, row, strict=True)}
            judge_work(work, points=points, comment=comment, by=tree.workers[code], on=on)
