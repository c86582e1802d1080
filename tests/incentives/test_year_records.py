"""A year in coefficients: from which data, for whom, and what must not change it."""

from datetime import date
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from errorbank.models import Recheck
from errorbank.rules import RecheckState
from incentives.actions.contributions import decide_nomination, take_back
from incentives.models import BranchCondition, ContributionEntry
from incentives.queries.records import YearRecord, worker_of, workers_of, year_records
from incentives.rules.coefficients import NO_DATA, Measured
from incentives.sources import MEASURES
from reminders.rules import ItemState
from tests.factories.branches import make_holder, make_post
from tests.factories.errorbank import make_closed
from tests.incentives.entry_scene import DAY, NOW, closed_item, nominated, pull
from tests.reminders.scene import ON, Scene, central_action, make_item, make_scene

YEAR = ON.year


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def record_of(scene: Scene) -> YearRecord:
    worker = worker_of(scene.worker, YEAR, on=ON)
    assert worker is not None
    return year_records([worker], YEAR, on=ON)[0]


def values(scene: Scene) -> dict[str, str]:
    return {factor.code: str(factor.value) for factor in record_of(scene).factors}


def words(scene: Scene, code: str) -> str:
    return next(factor.words for factor in record_of(scene).factors if factor.code == code)


ALL_ONE = dict.fromkeys(
    ("level", "performance", "complexity", "contribution", "hardship", "workload"), "1.00"
)


def test_without_data_everything_counts_one(scene: Scene) -> None:
    found = record_of(scene)
    assert (values(scene), str(found.result.bonus), found.provisional) == (ALL_ONE, "600.00", True)
    assert [factor.missing for factor in found.factors] == [True] * 6
    assert words(scene, "contribution") == NO_DATA


def due_item(scene: Scene, code: str, *, on_time: bool, minutes: int = 60) -> None:
    fields = {"due_on": DAY, "responsible_post": scene.worker.posts.get(), "minutes": minutes}
    done_on = DAY if on_time else ON
    closed_item(scene.first, scene.worker, code=code, done_on=done_on, **fields)


def test_on_time_and_workload_from_what_one_answers_for(scene: Scene) -> None:
    for n in range(3):
        due_item(scene, f"a{n}", on_time=True, minutes=3000)
    due_item(scene, "a3", on_time=False, minutes=5200)
    post = scene.worker.posts.get()
    gone = central_action("gone")
    state = ItemState.NOT_APPLICABLE
    make_item(scene.first, gone, due_on=DAY, responsible_post=post, state=state, reason="不适用")
    make_item(scene.first, central_action("later"), due_on=date(2026, 11, 30), responsible_post=post)
    # 3 of 4 in time: 0.75 is 0.92 of the coefficient's scale; 14200 minutes in 11 months.
    assert words(scene, "performance").startswith("规定动作按时率：应办 4 项，按时 3 项；")
    assert words(scene, "workload") == "承担事项平均每月 21.52 小时"
    assert values(scene) == {**ALL_ONE, "performance": "0.97", "workload": "1.20"}


def test_what_fell_due_before_the_post_began_is_not_counted(scene: Scene) -> None:
    due_item(scene, "late", on_time=False)
    scene.worker.posts.update(since=ON)
    assert values(scene) == ALL_ONE


def test_rechecks_count_and_what_was_self_reported_never_costs(scene: Scene) -> None:
    for self_reported, state in ((True, RecheckState.FAILED), (False, RecheckState.PASSED)):
        finding = make_closed(
            scene.first, fixer=scene.worker, closer=scene.staff, self_reported=self_reported
        )
        finding.responsible_post = scene.worker.posts.get()
        finding.save()
        other = {"new_finding": make_closed(scene.first, fixer=scene.worker, closer=scene.staff)}
        Recheck.objects.filter(finding=finding, stage=1).update(
            state=state, done_on=DAY, **(other if state == RecheckState.FAILED else {})
        )
    assert "复查 1 次，通过 1 次" in words(scene, "performance")
    assert values(scene)["performance"] == "1.09"


def test_contributions_add_up_and_counter_entries_take_away(scene: Scene) -> None:
    asked = [nominated(scene, words=f"第 {n} 次帮带") for n in range(3)]
    for each in asked:
        decide_nomination(each, approve=True, answer="", by=scene.staff, on=ON, now=NOW)
    assert (values(scene)["contribution"], words(scene, "contribution")) == (
        "1.13",
        "3 条贡献，权重合计 6.00",
    )
    entry = ContributionEntry.objects.earliest("pk")
    take_back(entry, reason="记重了", by=scene.staff, now=NOW)
    assert words(scene, "contribution") == "2 条贡献，权重合计 4.00"
    pull()
    assert words(scene, "contribution") == "2 条贡献，权重合计 4.00"


def test_harder_work_counts_more_and_is_no_contribution_besides(scene: Scene) -> None:
    closed_item(scene.first, scene.worker, category="organization")
    closed_item(scene.first, scene.worker, code="plain")
    pull()
    assert words(scene, "complexity") == "办结 2 项，难度权重平均 1.50"
    assert values(scene) == {**ALL_ONE, "complexity": "1.20"}


def test_the_latest_known_remoteness_counts(scene: Scene) -> None:
    given = {"organisation": scene.first, "made_by": scene.staff, "evidence": "导航实测"}
    for since, minutes in ((date(2026, 1, 1), 75), (date(2025, 1, 1), 30), (date(2026, 12, 1), 120)):
        BranchCondition.objects.create(since=since, drive_minutes=minutes, **given)
    assert (values(scene)["hardship"], words(scene, "hardship")) == (
        "1.15",
        "距县城车程 75 分钟（导航实测）",
    )


def test_level_and_satisfaction_come_from_their_readers(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    level, four = Measured(Decimal("1.3"), "党务主管"), Measured(Decimal(5), "5.00 分")
    monkeypatch.setitem(MEASURES, "level", lambda people, year, until: dict.fromkeys(people, level))
    monkeypatch.setitem(MEASURES, "satisfaction", lambda people, year, until: dict.fromkeys(people, four))
    assert values(scene) == {**ALL_ONE, "level": "1.3", "performance": "1.09"}


def test_who_is_a_worker_of_the_year(scene: Scene) -> None:
    make_post(scene.second, user=scene.worker, since=date(2026, 3, 1))
    make_holder(scene.second, until=date(2025, 12, 31))
    places = [scene.first, scene.second]
    found = workers_of(places, YEAR, on=ON)
    assert [(w.user, w.organisation, w.since) for w in found] == [
        (scene.worker, scene.second, date(2026, 3, 1))
    ]
    assert worker_of(scene.staff, YEAR, on=ON) is None


@pytest.mark.parametrize("more", [0, 2])
def test_statements_do_not_grow_with_people(
    scene: Scene, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(more):
        make_holder(scene.second)
    with django_assert_num_queries(6):
        found = year_records(workers_of([scene.first, scene.second], YEAR, on=ON), YEAR, on=ON)
    assert len(found) == 1 + more
