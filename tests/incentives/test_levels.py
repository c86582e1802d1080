"""Levels from the application to the term, the yearly check, the warning, and lowering."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from branches.rules import Role
from errorbank.models import Finding
from errorbank.rules import Severity
from incentives.actions.level_facts import FactData, add_fact, adopt_levels, take_fact_back
from incentives.actions.level_years import (
    acknowledge_warning,
    assess_year,
    deliver_warning,
    lower_level,
    remind_term_ends,
    warn_level,
)
from incentives.actions.levels import apply_level, decide_level, withdraw_level
from incentives.actions.public_notices import answer_objection, raise_objection, settle_notices
from incentives.models import LevelFact, LevelTerm, LevelYear, PanelVote, PublicNotice
from incentives.queries.levels import level_coefficients, lines_for, standard_of
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.honours import Verdict, checksum
from incentives.rules.levels import LevelCheck, LevelCode, LevelState, PanelChoice, TermOrigin, shipped
from incentives.rules.public_notices import NoticeState
from notices.models import Message
from tests.factories.branches import make_holder
from tests.factories.errorbank import make_finding
from tests.incentives.level_scene import applied, held, panel, posted, ready
from tests.reminders.scene import ON, Scene, make_scene

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
AFTER = ON + timedelta(days=20)


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = make_scene(monkeypatch)
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: ON)
    return made


def serious(scene: Scene, *, self_reported: bool = False) -> None:
    post = scene.worker.posts.get()
    made = make_finding(scene.first)
    Finding.objects.filter(pk=made.pk).update(
        severity=Severity.SERIOUS, self_reported=self_reported, found_on=ON, responsible_post=post
    )


def test_an_application_freezes_its_evidence_and_is_made_once(scene: Scene) -> None:
    with pytest.raises(IncentiveRefused, match="还有条件没有达到：近一年培训学时不少于 24 学时"):
        apply_level(scene.first, level=LevelCode.SPECIALIST, statement="", by=scene.worker, on=ON)
    case = applied(scene)
    assert (case.state, case.checksum) == (LevelState.APPLIED, checksum(case.evidence))
    assert [(one["check"], one["data"]) for one in case.evidence["criteria"]] == [
        ("hours", "24 学时"),
        ("on_time", "还没有数据，不影响"),
        ("rechecks", "还没有数据，不影响"),
        ("exam", "80 分"),
    ]
    with pytest.raises(IncentiveRefused, match="正在办理"):
        apply_level(scene.first, level=LevelCode.SPECIALIST, statement="", by=scene.worker, on=ON)


def test_no_level_is_skipped(scene: Scene) -> None:
    with pytest.raises(IncentiveRefused, match="逐级晋升"):
        apply_level(scene.first, level=LevelCode.EXPERT, statement="", by=scene.worker, on=ON)


def test_the_year_of_a_serious_error_has_no_promotion_but_self_reported_ones_never_count(
    scene: Scene,
) -> None:
    serious(scene, self_reported=True)
    case = applied(scene)
    serious(scene)
    with pytest.raises(IncentiveRefused, match="当年不晋级"):
        decide_level(case, votes=panel(scene), held_on=ON, by=scene.staff, on=ON)
    withdraw_level(case, by=scene.worker, on=ON)
    with pytest.raises(IncentiveRefused, match="当年不晋级"):
        apply_level(scene.first, level=LevelCode.SPECIALIST, statement="", by=scene.worker, on=ON)


def test_the_panel_votes_by_name_and_never_with_the_applicant(scene: Scene) -> None:
    case = applied(scene)
    votes = panel(scene)
    for wrong, by, said in (
        (votes[:2], scene.staff, "至少 3 人"),
        ([*votes, (scene.worker, PanelChoice.YES)], scene.staff, "申请人请回避"),
        (votes, scene.worker, "申请人请回避"),
        ([*votes, votes[0]], scene.staff, "填了两次"),
    ):
        with pytest.raises(IncentiveRefused, match=said):
            decide_level(case, votes=wrong, held_on=ON, by=by, on=ON)
    decided = decide_level(case, votes=votes, held_on=ON, by=scene.staff, on=ON)
    notice = PublicNotice.objects.get()
    assert (decided.state, notice.organisation, notice.state) == (
        LevelState.NOTICED,
        scene.general,
        NoticeState.OPEN,
    )
    assert notice.words == f"拟认定{scene.first.name}{scene.worker.name}为党务专员"
    assert PanelVote.objects.filter(choice=PanelChoice.YES).count() == 3
    with pytest.raises(IncentiveRefused, match="公示中"):
        decide_level(case, votes=votes, held_on=ON, by=scene.staff, on=ON)


def test_without_more_than_half_of_the_panel_the_case_ends(scene: Scene) -> None:
    votes = panel(scene, PanelChoice.YES, PanelChoice.YES, PanelChoice.NO, PanelChoice.ABSENT)
    case = decide_level(applied(scene), votes=votes, held_on=ON, by=scene.staff, on=ON)
    assert (case.state, case.ended_for, PublicNotice.objects.count()) == (
        LevelState.DECLINED,
        "评审没有通过",
        0,
    )


def test_a_clear_notice_begins_the_term_once_and_the_record_counts_it(scene: Scene) -> None:
    posted(scene)
    assert [settle_notices(AFTER), settle_notices(AFTER)] == [1, 0]
    term = LevelTerm.objects.get()
    assert (term.level, term.origin, term.since) == (LevelCode.SPECIALIST, TermOrigin.FIRST, AFTER)
    assert term.until == date(2028, 12, 7)
    known = level_coefficients({scene.worker.pk: scene.first}, 2026, date(2026, 12, 31))
    assert [str(one.value) for one in known.values()] == ["1.00"]
    assert level_coefficients({scene.worker.pk: scene.first}, 2026, ON) == {}


def test_an_upheld_objection_ends_the_case_without_a_term(scene: Scene) -> None:
    case = posted(scene)
    objection = raise_objection(PublicNotice.objects.get(), words="学时不实", by=scene.overseer, on=ON)
    second = make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    answer_objection(objection, uphold=True, answer="查实", by=second, on=ON)
    case.refresh_from_db()
    assert (case.state, LevelTerm.objects.count()) == (LevelState.REJECTED, 0)


def test_withdrawing_stops_the_notice(scene: Scene) -> None:
    case = posted(scene)
    with pytest.raises(IncentiveRefused):
        withdraw_level(case, by=scene.staff, on=ON)
    assert PublicNotice.objects.get().state == NoticeState.OPEN
    assert withdraw_level(case, by=scene.worker, on=ON).state == LevelState.WITHDRAWN
    assert PublicNotice.objects.get().state == NoticeState.STOPPED
    assert settle_notices(AFTER) == 0


def test_a_term_is_renewed_from_three_months_before_its_end(scene: Scene) -> None:
    ready(scene)
    old = held(scene, LevelCode.SPECIALIST, date(2025, 6, 1))
    with pytest.raises(IncentiveRefused, match="现在还早"):
        apply_level(scene.first, level=LevelCode.SPECIALIST, statement="", by=scene.worker, on=ON)
    LevelTerm.objects.update(until=ON + timedelta(days=90))
    case = apply_level(scene.first, level=LevelCode.SPECIALIST, statement="", by=scene.worker, on=ON)
    assert case.renews
    decide_level(case, votes=panel(scene), held_on=ON, by=scene.staff, on=ON)
    settle_notices(AFTER)
    old.refresh_from_db()
    new = LevelTerm.objects.get(ended_on=None)
    assert (old.ended_on, new.origin, new.since) == (AFTER, TermOrigin.RENEWED, AFTER)


def missed(scene: Scene, term: LevelTerm, *years: int) -> None:
    for year in years:
        LevelYear.objects.create(
            user=scene.worker,
            organisation=scene.first,
            term=term,
            year=year,
            met=False,
            evidence={},
            checksum="",
            made_by=scene.staff,
            made_on=ON,
        )


def test_a_year_is_checked_once_after_its_end_and_missing_data_does_not_miss_it(scene: Scene) -> None:
    term = held(scene, LevelCode.SPECIALIST, date(2025, 1, 1))
    with pytest.raises(IncentiveRefused, match="还没有结束"):
        assess_year(term, year=2026, by=scene.staff, on=ON)
    with pytest.raises(IncentiveRefused, match="还没有认定"):
        assess_year(term, year=2024, by=scene.staff, on=ON)
    with pytest.raises(IncentiveRefused, match="本人请回避"):
        assess_year(term, year=2025, by=scene.worker, on=ON)
    assert assess_year(term, year=2025, by=scene.staff, on=ON).met
    with pytest.raises(IncentiveRefused, match="已经核对过"):
        assess_year(term, year=2025, by=scene.staff, on=ON)


def test_lowering_needs_two_missed_years_and_a_warning_that_arrived(scene: Scene) -> None:
    term = held(scene, LevelCode.SUPERVISOR, date(2024, 1, 1))
    missed(scene, term, 2025)
    with pytest.raises(IncentiveRefused, match="连续两年"):
        warn_level(term, words="未达标", by=scene.staff, on=ON, now=NOW)
    missed(scene, term, 2024)
    warning = warn_level(term, words="2024、2025 两年按时率未达标", by=scene.staff, on=ON, now=NOW)
    assert list(Message.objects.values_list("recipient", "title")) == [(scene.worker.pk, "等级书面告知")]
    with pytest.raises(IncentiveRefused, match="已经书面告知过"):
        warn_level(term, words="再次", by=scene.staff, on=ON, now=NOW)
    with pytest.raises(IncentiveRefused, match="还没有送达"):
        lower_level(warning, by=scene.staff, on=ON)
    with pytest.raises(IncentiveRefused, match="由本人确认"):
        acknowledge_warning(warning, by=scene.staff, on=ON)
    first = acknowledge_warning(warning, by=scene.worker, on=ON)
    assert acknowledge_warning(warning, by=scene.worker, on=AFTER).acknowledged_on == first.acknowledged_on
    with pytest.raises(IncentiveRefused, match="已经送达"):
        deliver_warning(warning, words="当面", delivered_on=ON, by=scene.staff, on=ON)
    lower = lower_level(warning, by=scene.staff, on=ON)
    assert lower is not None
    assert (lower.level, lower.origin, str(lower.coefficient)) == (
        LevelCode.SPECIALIST,
        TermOrigin.LOWERED,
        "1.0",
    )
    with pytest.raises(IncentiveRefused, match="不再有效"):
        lower_level(warning, by=scene.staff, on=ON)


def test_a_warning_may_be_delivered_on_paper_and_below_the_lowest_is_none(scene: Scene) -> None:
    term = held(scene, LevelCode.SPECIALIST, date(2024, 1, 1))
    missed(scene, term, 2024, 2025)
    warning = warn_level(term, words="两年未达标", by=scene.staff, on=ON, now=NOW)
    with pytest.raises(IncentiveRefused, match="送达日期"):
        deliver_warning(warning, words="当面", delivered_on=AFTER, by=scene.staff, on=ON)
    deliver_warning(warning, words="当面送交，支部书记在场", delivered_on=ON, by=scene.staff, on=ON)
    assert lower_level(warning, by=scene.staff, on=ON) is None
    assert not LevelTerm.objects.at(ON).exists()


def test_the_end_of_a_term_is_told_once_and_takes_no_level(scene: Scene) -> None:
    held(scene, LevelCode.SPECIALIST, ON - timedelta(days=800))
    assert [remind_term_ends(on=ON, now=NOW), remind_term_ends(on=ON, now=NOW)] == [1, 0]
    assert LevelTerm.objects.at(ON).count() == 1


def test_facts_need_a_source_and_another_person_and_can_be_taken_back(scene: Scene) -> None:
    data = FactData(scene.worker, LevelCheck.HOURS, ON, Decimal(8), "培训", "签到册")
    with pytest.raises(IncentiveRefused, match="由其他人登记"):
        add_fact(scene.first, data=data, by=scene.worker, on=ON)
    computed = FactData(scene.worker, LevelCheck.ON_TIME, ON, Decimal(99), "按时", "无")
    with pytest.raises(IncentiveRefused, match="不用登记"):
        add_fact(scene.first, data=computed, by=scene.staff, on=ON)
    fact = add_fact(scene.first, data=data, by=scene.staff, on=ON)
    take_fact_back(fact, reason="登记到别人名下", by=scene.staff)
    with pytest.raises(IncentiveRefused, match="已经撤销"):
        take_fact_back(fact, reason="再撤", by=scene.staff)
    level = standard_of(scene.first, on=ON).levels[LevelCode.SPECIALIST]
    assert (lines_for(scene.worker, level, on=ON)[0].data, LevelFact.objects.count()) == ("还没有记录", 1)


def test_a_new_version_of_the_criteria_holds_from_its_day(scene: Scene) -> None:
    levels = shipped()["levels"]
    levels[0]["criteria"] = [{"check": "hours", "at_least": "8", "years": 1, "origin": "proposal"}]
    given = {"levels": levels, "document": "等级认定办法", "note": "试行", "by": scene.staff}
    with pytest.raises(IncentiveRefused, match="不倒推"):
        adopt_levels(scene.general, since=ON - timedelta(days=1), on=ON, **given)
    adopt_levels(scene.general, since=AFTER, on=ON, **given)
    before, after = (standard_of(scene.first, on=day) for day in (ON, AFTER))
    assert [len(one.levels[LevelCode.SPECIALIST].criteria) for one in (before, after)] == [4, 1]
    assert standard_of(scene.foreign_branch, on=AFTER).document == "本单位建议标准"
    assert lines_for(scene.worker, after.levels[LevelCode.SPECIALIST], on=AFTER)[0].verdict == Verdict.UNMET
