"""Contributions of the demo: what the sources find, what people named, how remote the stations lie."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from branches.actions.grants import grant_access
from branches.demo import DemoTree
from branches.rules import GrantKind
from incentives.actions.appeals import answer_appeal, appeal
from incentives.actions.contributions import (
    NominationData,
    decide_nomination,
    nominate,
    pull_entries,
    take_back,
)
from incentives.actions.records import add_condition
from incentives.actions.sheets import SheetData, issue_sheet
from incentives.models import ContributionEntry
from incentives.queries.records import workers_of
from incentives.queries.sheets import sheet_records, total_of
from incentives.rules.contributions import EntryKind

NAMED = (
    (EntryKind.MENTORING, "带教新任党务工作者，独立办完一次支部党员大会", "带教记录", True, ""),
    (EntryKind.SESSION, "在季度例会上主讲组织生活会怎么开", "例会纪要", True, ""),
    (EntryKind.OUTPUT, "主题党日四步法在三个支部用起来", "总支通报", True, ""),
    (EntryKind.OTHER, "整理支部活动照片", "相册", False, "照片数量不计入贡献，谢谢整理。"),
    (EntryKind.CONTEST, "微党课竞赛二等奖", "获奖证书", None, ""),
)
FIRST_DRIVE, FARTHER, EVERY = 35, 10, 14


def load(tree: DemoTree) -> None:
    """Last year's sheet is issued as of today: its data lie in this database since."""
    now = timezone.make_aware(datetime.combine(tree.as_of, time(3, 10)))
    _conditions(tree)
    pull_entries(on=tree.as_of, now=now)
    _nominations(tree, now)
    _correction(tree, now)
    _sheet(tree)
    _appeals(tree, now)


def _conditions(tree: DemoTree) -> None:
    stations = [place for place in tree.branches.values() if place.party_day]
    for n, place in enumerate(stations):
        add_condition(
            organisation=place,
            since=tree.as_of.replace(year=tree.as_of.year - 1, month=1, day=1),
            drive_minutes=FIRST_DRIVE + n * FARTHER,
            altitude=None,
            evidence="导航实测",
            by=tree.staff,
        )


def _nominations(tree: DemoTree, now: datetime) -> None:
    """By secretaries of the same branch; the last one still waits for staff."""
    workers = workers_of(tree.branches.values(), tree.as_of.year, on=tree.as_of)
    for n, ((kind, words, evidence, approve, answer), worker) in enumerate(zip(NAMED, workers, strict=False)):
        day = max(tree.as_of - timedelta(days=n * EVERY), tree.as_of.replace(month=1, day=1))
        data = NominationData(worker.user, kind, day, words, evidence)
        by = tree.secretaries.get(worker.organisation.code, tree.admin)
        made = nominate(worker.organisation, data=data, by=by, on=tree.as_of)
        if approve is not None:
            decide_nomination(made, approve=approve, answer=answer, by=tree.staff, on=tree.as_of, now=now)


def _correction(tree: DemoTree, now: datetime) -> None:
    """One entry was named twice in other words, and taken back."""
    entry = ContributionEntry.objects.standing().filter(kind=EntryKind.SESSION).first()
    if entry is not None:
        take_back(entry, reason="与培训签到重复登记，按一次计。", by=tree.staff, now=now)


def _sheet(tree: DemoTree) -> None:
    """Staff hold the grant until the end of the year's settling."""
    year = tree.as_of.year - 1
    grant_access(
        tree.staff,
        tree.general,
        kind=GrantKind.BONUS,
        since=tree.as_of,
        until=tree.as_of + timedelta(days=90),
        reason="年终绩效奖金测算和出表",
        by=tree.admin,
    )
    records = sheet_records(tree.general, year, on=tree.as_of)
    if records:
        budget = (total_of(records) / 1000 + 1).to_integral_value() * 1000
        data = SheetData(year, Decimal(budget), "上年度结算")
        issue_sheet(tree.general, data=data, by=tree.staff, on=tree.as_of)


def _appeals(tree: DemoTree, now: datetime) -> None:
    """One was explained last month, one waits."""
    asked_on = tree.as_of - timedelta(days=30)
    first, second = (workers_of(tree.branches.values(), tree.as_of.year, on=tree.as_of)[n] for n in (1, 2))
    old = appeal(
        first.organisation,
        year=tree.as_of.year,
        entry=None,
        words="旺季的收购值守没有算进工作负荷。",
        by=first.user,
        on=asked_on,
        now=now,
    )
    answer_appeal(
        old,
        corrected=False,
        answer="工作负荷按承担事项平均每月的小时数计；收购值守不是党务事项，不计入。",
        by=tree.staff,
        on=asked_on + timedelta(days=6),
        now=now,
    )
    appeal(
        second.organisation,
        year=tree.as_of.year,
        entry=None,
        words="车程登记为旧路，改道后多二十分钟，请核对艰苦程度数据。",
        by=second.user,
        on=tree.as_of,
        now=now,
    )
