"""Honours of the demo: one told to its end with an objection, one posted now, one just proposed."""

from datetime import date, timedelta

from accounts.models import User
from branches.demo import DemoTree
from branches.models import Post
from branches.rules import Role
from incentives.actions.honours import CallData, award, check_case, enter_vote, open_call, propose
from incentives.actions.public_notices import answer_objection, raise_objection, settle_notices
from incentives.actions.stories import draft_story, release_story, wording
from incentives.models import HonourCall, HonourCase, PublicNotice
from incentives.queries.honours import honours, judged, year_before
from incentives.queries.public_notices import notices_of
from incentives.queries.records import Worker, workers_of
from incentives.rules.honours import Verdict
from incentives.rules.public_notices import NoticeSubject
from incentives.rules.stories import StoryKind, first_draft
from records.rules import VoteCount

COMMITTEE, PEOPLE = 9, 3
MODEL_POST = "member_model_post"


def load(tree: DemoTree) -> None:
    """Of workers whom the demo's data do not exclude."""
    workers = _fitting(workers_of(tree.branches.values(), tree.as_of.year, on=tree.as_of), tree.as_of)
    staff = Post.objects.at(tree.as_of).filter(organisation=tree.committee, role=Role.COMMITTEE_STAFF)
    second = staff.select_related("user").first()
    if len(workers) < PEOPLE or second is None or second.user is None:
        return
    _told_to_the_end(tree, workers[:2], second.user)
    _running(tree, workers[2])


def _fitting(workers: list[Worker], on: date) -> list[Worker]:
    honour = honours()[MODEL_POST]
    return [
        each
        for each in workers
        if not any(
            found.verdict == Verdict.UNMET
            for ago in (34, 1)
            for found in judged(
                honour, year_before(each.user, each.organisation, on=on - timedelta(days=ago))
            )
        )
    ]


def _told_to_the_end(tree: DemoTree, workers: list[Worker], second: User) -> None:
    """Nominated, posted, objected to, answered, awarded, and told of."""
    first, other = workers
    call = _call(tree, MODEL_POST, "第一批", opens=-50, closes=-36)
    case = _proposed(tree, call, first, "把三张重复报表并成一张，每月少填两个小时。", ago=40)
    notice = _posted(tree, case, ago=34)
    said = raise_objection(
        notice, words="报表合并是几个支部一起提的，请核实。", by=other.user, on=_day(tree, 33)
    )
    answer = (
        "查了意见记录：是该同志先提出并写出合并方案，其他支部后来参加试用。表彰词里会写明共同试用的支部。"
    )
    answer_objection(said, uphold=False, answer=answer, by=second, on=_day(tree, 31))
    settle_notices(_day(tree, 15))
    case = award(case, by=tree.staff, on=_day(tree, 14))
    title = "一张表替三张表"
    for kind, heading in ((StoryKind.REPORT, title), (StoryKind.DEEDS, f"{first.user.name}先进事迹")):
        story = draft_story(
            case, kind=kind, title=heading, body=first_draft(case.evidence), by=tree.staff, on=_day(tree, 12)
        )
        if kind == StoryKind.REPORT:
            release_story(story, seen=wording(story), by=first.user, on=_day(tree, 11))


def _running(tree: DemoTree, worker: Worker) -> None:
    """Posted since yesterday; and a branch just proposed."""
    call = _call(tree, MODEL_POST, "第二批", opens=-12, closes=14)
    case = _proposed(tree, call, worker, "烟叶收购旺季守岗位、带徒弟，窗口服务零差错。", ago=6)
    _posted(tree, case, ago=1)
    branches = _call(tree, "red_flag_branch", f"{tree.as_of.year} 年度", opens=-5, closes=20)
    place = worker.organisation
    propose(
        branches,
        nominee=None,
        place=place,
        reason="规定动作一次办结，错题复查都过。",
        by=tree.staff,
        on=tree.as_of,
    )


def _day(tree: DemoTree, ago: int) -> date:
    return tree.as_of - timedelta(days=ago)


def _call(tree: DemoTree, honour: str, period: str, *, opens: int, closes: int) -> HonourCall:
    data = CallData(honour, period, _day(tree, -opens), _day(tree, -closes))
    return open_call(tree.general, data=data, by=tree.staff)


def _proposed(tree: DemoTree, call: HonourCall, worker: Worker, reason: str, *, ago: int) -> HonourCase:
    place = worker.organisation
    by = tree.secretaries.get(place.code, tree.admin)
    return propose(call, nominee=worker.user, place=place, reason=reason, by=by, on=_day(tree, ago))


def _posted(tree: DemoTree, case: HonourCase, *, ago: int) -> PublicNotice:
    """The day it was voted on; every number holds over half of the committee."""
    on = _day(tree, ago)
    case = check_case(case, by=tree.staff, on=on)
    vote = VoteCount(str(case.call), eligible=COMMITTEE, present=8, yes=7, no=0, abstain=1)
    enter_vote(case, vote=vote, held_on=on, by=tree.staff, on=on)
    return notices_of(NoticeSubject.HONOUR, case.pk).get()
