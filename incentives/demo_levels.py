"""Levels of the demo: people on each level, one application under public notice, a reserve place."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from branches.demo import DemoTree
from incentives.actions.development import answer_reserve, propose_reserve, recommend
from incentives.actions.level_facts import FactData, add_fact
from incentives.actions.levels import apply_level, decide_level
from incentives.models import LevelTerm
from incentives.queries.level_page import panel_for
from incentives.queries.levels import lines_for, standard_of
from incentives.queries.records import Worker, workers_of
from incentives.rules.honours import Verdict
from incentives.rules.levels import (
    ORDER,
    PANEL_LEAST,
    RATES,
    LevelCheck,
    LevelCode,
    PanelChoice,
    TermOrigin,
    last_term_day,
)
from periods.months import add_years

# Before the portal began, levels were decided on paper: their terms are entered as they stand.
HELD = (LevelCode.SPECIALIST, LevelCode.SUPERVISOR, LevelCode.EXPERT)
APPLIED_BEFORE = timedelta(days=9)
PANEL_SIZE = 5
EXAM = ((LevelCheck.EXAM, Decimal(82), "党务基础测试", "成绩单"),)


def load(tree: DemoTree) -> None:
    workers = workers_of(tree.branches.values(), tree.as_of.year, on=tree.as_of)
    if len(workers) <= len(HELD):
        return
    for n, (worker, code) in enumerate(zip(workers, HELD, strict=False)):
        _term(worker, code, add_years(tree.as_of, -1) + timedelta(days=31 * n))
    hours = (LevelCheck.HOURS, Decimal(16), "县委党校支部书记轮训", "结业证书")
    _add(tree, workers[0], (hours, *EXAM), tree.as_of - timedelta(days=40))
    _application(tree, workers[len(HELD) :])
    _reserve(tree, workers[1], workers[2])


def _term(worker: Worker, code: LevelCode, since: date) -> None:
    level = standard_of(worker.organisation, on=since).levels[code]
    LevelTerm.objects.create(
        user=worker.user,
        organisation=worker.organisation,
        level=code,
        coefficient=level.coefficient,
        since=since,
        until=last_term_day(since, level.term_years),
        origin=TermOrigin.FIRST if code == ORDER[0] else TermOrigin.PROMOTED,
    )


def _add(
    tree: DemoTree, worker: Worker, given: Iterable[tuple[LevelCheck, Decimal, str, str]], day: date
) -> None:
    for check, amount, words, source in given:
        data = FactData(worker.user, check, day, amount, words, source)
        add_fact(worker.organisation, data=data, by=tree.staff, on=tree.as_of)


def _application(tree: DemoTree, workers: Sequence[Worker]) -> None:
    """For the first level, by the first who meets it: applied some days ago, voted by name, posted since."""
    day = tree.as_of - APPLIED_BEFORE
    level = standard_of(tree.general, on=day).levels[LevelCode.SPECIALIST]
    for worker in workers:
        lines = lines_for(worker.user, level, on=day)
        if any(line.verdict == Verdict.UNMET and line.criterion.check in RATES for line in lines):
            continue
        _add(tree, worker, ((LevelCheck.HOURS, Decimal(24), "党务专题培训", "签到册"), *EXAM), day)
        words = "按时完成规定动作，希望继续提高。"
        case = apply_level(worker.organisation, level=level.code, statement=words, by=worker.user, on=day)
        panel = [one.user for one in panel_for(case, on=tree.as_of) if one.user.pk != tree.staff.pk]
        votes = [(user, PanelChoice.YES) for user in panel[:PANEL_SIZE]]
        if len(votes) >= PANEL_LEAST:
            decide_level(case, votes=votes, held_on=tree.as_of, by=tree.staff, on=tree.as_of)
        return


def _reserve(tree: DemoTree, first: Worker, second: Worker) -> None:
    now = timezone.make_aware(datetime.combine(tree.as_of, time(10)))
    reason = "连续三年按期完成换届和组织生活会，带教两名新任党务工作者。"
    made = propose_reserve(
        first.organisation, user=first.user, reason=reason, by=tree.staff, on=tree.as_of, now=now
    )
    answer_reserve(made, agrees=True, by=first.user, on=tree.as_of)
    propose_reserve(
        second.organisation,
        user=second.user,
        reason="主持的主题党日做法已在三个支部使用。",
        by=tree.staff,
        on=tree.as_of,
        now=now,
    )
    recommend(
        second.organisation,
        user=second.user,
        purpose="推荐参加党建岗位选拔",
        criterion="党务专家，任期内年度核对达标",
        evidence="等级认定公示、成果推广通报",
        by=tree.staff,
        on=tree.as_of,
    )
