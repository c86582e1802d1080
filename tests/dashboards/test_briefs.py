"""Monthly briefs: prepared, prepared again, worded, released, corrected; what is refused and what is told."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEvent
from branches.models import Organisation
from branches.rules import Role
from dashboards.actions.briefs import (
    BriefFixed,
    BriefRefusal,
    BriefThere,
    correct_brief,
    drop_correction,
    prepare_brief,
    prepare_due,
    release_brief,
    renew_brief,
    word_section,
)
from dashboards.models import Brief
from dashboards.notice_events import BRIEF_RELEASED, brief_still_open, brief_subject
from dashboards.queries.briefs import due_briefs, facts_for
from dashboards.rules.brief_words import BriefSection, BriefState
from dashboards.tasks import prepare_briefs
from notices.models import Message
from notices.models.message import MessageQuerySet
from notices.rules import Level
from partyaffairs.schedule import BEAT_SCHEDULE
from periods.calendars import WorkCalendar
from periods.months import Month
from reminders.actions.summaries import mark_recount
from tests.dashboards.board_scene import Scene, local_action
from tests.dashboards.brief_scene import NOW, OCTOBER, ON, SEPTEMBER, make_brief_scene, prepared, released
from tests.factories.branches import make_holder
from tests.factories.items import make_done

pytestmark = pytest.mark.django_db
PLAIN = WorkCalendar()
WHOLE = BriefSection.WHOLE


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_brief_scene(monkeypatch)


def events(brief: Brief) -> list[str]:
    found = AuditEvent.objects.filter(target_type="dashboards.brief", target_id=str(brief.pk))
    return list(found.order_by("pk").values_list("event", flat=True))


# --- prepared --------------------------------------------------------------------------------


def test_a_brief_holds_the_figures_of_its_branches(scene: Scene) -> None:
    brief = prepared(scene)
    facts = Brief.objects.get(pk=brief.pk).figures
    assert (facts.now.asked, facts.now.on_time, facts.now.done_late, facts.now.rate) == (6, 3, 3, 50)
    assert (facts.branches, facts.late_items, facts.soon_items, facts.found, facts.repeated) == (
        3,
        3,
        4,
        6,
        3,
    )
    assert [(one.name, one.minutes) for one in facts.askers] == [
        ("中央规定动作", 180),
        ("上级要求和惯例", 60),
    ]
    # What is due in November: of each branch three, and the general branch's own.
    assert [(one.name, one.items, one.first) for one in facts.coming] == [
        ("党费公示", 6, "2026-11-10"),
        ("支部委员会会议", 3, "2026-11-12"),
        ("党总支加的事", 1, "2026-11-27"),
    ]
    assert (brief.state, brief.edition, brief.number, brief.edited) == (BriefState.DRAFT, 1, None, {})
    assert events(brief) == ["dashboards.brief_prepared"]


def test_no_branch_is_named_in_figures_or_words(scene: Scene) -> None:
    brief = prepared(scene)
    kept = f"{brief.facts}{brief.generated}"
    names = [place.name for place in (*scene.branches, scene.other_branch, scene.foreign_branch)]
    assert [name for name in names if name in kept] == []


def test_sensitive_matters_are_counted_and_have_no_name(scene: Scene) -> None:
    scene.dues.versions.update(sensitive=True)
    facts = prepared(scene).figures
    assert [(line.name, line.items) for line in facts.late] == [("其他事项", 3)]
    assert [(line.name, line.items) for line in facts.soon] == [("党总支加的事", 1), ("其他事项", 3)]
    assert [(line.name, line.items) for line in facts.coming][:1] == [("其他事项", 6)]


def test_one_month_has_one_brief(scene: Scene) -> None:
    prepared(scene)
    with pytest.raises(BriefThere, match="2026 年 10 月的通报已经有了"):
        prepared(scene)
    with pytest.raises(IntegrityError), transaction.atomic():
        Brief.objects.create(organisation=scene.general, month=OCTOBER.first, facts={}, prepared_at=NOW)
    assert Brief.objects.count() == 1


@pytest.mark.parametrize("month", [Month(2026, 11), Month(2026, 12)])
def test_a_month_that_is_not_over_has_none(scene: Scene, month: Month) -> None:
    with pytest.raises(BriefRefusal, match="还没有过完"):
        prepared(scene, month)


# --- by the calendar -------------------------------------------------------------------------


def test_the_last_month_is_due_from_the_first_workday_on(scene: Scene) -> None:
    # 1 November 2026 is a Sunday.
    generals = [scene.general, scene.other, scene.foreign]
    sunday, monday = date(2026, 11, 1), date(2026, 11, 2)
    assert due_briefs(on=sunday, calendar=PLAIN) == [(place, SEPTEMBER) for place in _ordered(generals)]
    assert due_briefs(on=monday, calendar=PLAIN) == [(place, OCTOBER) for place in _ordered(generals)]


def _ordered(places: list[Organisation]) -> list[Organisation]:
    return sorted(places, key=lambda place: (place.level, place.code))


def test_the_run_prepares_once_for_every_general_branch(scene: Scene) -> None:
    assert prepare_due(on=ON, now=NOW) == 3
    assert prepare_due(on=ON, now=NOW) == 0
    assert not Brief.objects.exclude(prepared_by=None).exists()
    assert set(Brief.objects.values_list("organisation", "month")) == {
        (place.pk, OCTOBER.first) for place in (scene.general, scene.other, scene.foreign)
    }


def test_missed_months_are_made_up_and_a_second_run_adds_nothing(scene: Scene) -> None:
    prepare_brief(scene.general, Month(2026, 7), by=None, on=ON, now=NOW)
    assert prepare_due(on=ON, now=NOW) == 5
    assert prepare_due(on=ON, now=NOW) == 0
    months = (
        Brief.objects.filter(organisation=scene.general).order_by("month").values_list("month", flat=True)
    )
    assert [month.month for month in months] == [7, 8, 9, 10]


def test_thirteen_months_without_the_portal_are_made_up_and_not_whole_years(scene: Scene) -> None:
    prepare_brief(scene.general, Month(2025, 6), by=None, on=ON, now=NOW)
    due = [month for place, month in due_briefs(on=ON, calendar=PLAIN) if place == scene.general]
    assert (due[0], due[-1], len(due)) == (Month(2025, 8), OCTOBER, 15)


def test_what_was_dissolved_or_founded_later_is_left_out(scene: Scene) -> None:
    scene.other.dissolved_on = date(2026, 11, 10)
    scene.other.save()
    scene.foreign.established_on = date(2026, 11, 5)
    scene.foreign.save()
    assert due_briefs(on=ON, calendar=PLAIN) == [(scene.general, OCTOBER)]


def test_one_that_fails_holds_up_no_other(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    real = prepare_brief.__globals__["facts_for"]

    def broken(place: object, month: Month, *, on: date) -> object:
        if place == scene.general:
            raise DatabaseError("gone")
        return real(place, month, on=on)

    monkeypatch.setitem(prepare_brief.__globals__, "facts_for", broken)
    assert prepare_due(on=ON, now=NOW) == 2


# --- prepared again, worded ------------------------------------------------------------------


def test_preparing_again_says_what_changed_and_keeps_what_was_written(scene: Scene) -> None:
    brief = prepared(scene)
    word_section(brief, WHOLE, text=" 甲乙丙。 \n\n 丁。", by=scene.staff, now=NOW)
    make_done(
        scene.branches[0], action=scene.meeting, done_on=date(2026, 10, 9), due=date(2026, 10, 12), period="z"
    )
    mark_recount([scene.branches[0]])
    changes = renew_brief(brief, by=scene.staff, on=ON, now=NOW + timedelta(hours=1))
    assert changes[:3] == [
        "按时完成率由 50% 变为 57%",
        "应办事项由 6 项变为 7 项",
        "按时办结由 3 项变为 4 项",
    ]
    again = Brief.objects.get(pk=brief.pk)
    assert (again.figures.now.asked, again.sections[0].text) == (7, "甲乙丙。\n丁。")
    assert "应办事项 7 项" in again.sections[0].generated
    assert renew_brief(again, by=scene.staff, on=ON, now=NOW) == []


def test_the_generated_words_come_back(scene: Scene) -> None:
    brief = prepared(scene)
    once = word_section(brief, WHOLE, text="改过。", by=scene.staff, now=NOW)
    twice = word_section(brief, WHOLE, text="改过。", by=scene.staff, now=NOW)
    assert (once.edited, twice.edited, twice.edited_by) == (
        {"whole": "改过。"},
        {"whole": "改过。"},
        scene.staff,
    )
    restored = word_section(brief, WHOLE, text="", by=scene.staff, now=NOW)
    assert (restored.edited, restored.sections[0].text) == ({}, brief.sections[0].generated)
    # Typing the generated words again is no change of one's own.
    assert word_section(brief, WHOLE, text=brief.sections[0].generated, by=scene.staff, now=NOW).edited == {}
    assert events(brief) == [
        "dashboards.brief_prepared",
        "dashboards.brief_edited",
        "dashboards.brief_edited",
    ]


# --- released --------------------------------------------------------------------------------


def test_a_release_numbers_by_the_year_and_is_fixed(scene: Scene) -> None:
    first, second = released(scene, SEPTEMBER), released(scene)
    other = released(scene, place=scene.other)
    assert [brief.issue for brief in (first, second, other)] == [
        "2026 年第 1 期",
        "2026 年第 2 期",
        "2026 年第 1 期",
    ]
    assert (first.released_by, first.released_on) == (scene.staff, ON)
    for act in (
        lambda: release_brief(first, by=scene.staff, on=ON, now=NOW),
        lambda: renew_brief(first, by=scene.staff, on=ON, now=NOW),
        lambda: word_section(first, WHOLE, text="x", by=scene.staff, now=NOW),
        lambda: drop_correction(first, by=scene.staff),
    ):
        with pytest.raises(BriefFixed, match="已经发布，不能再改"):
            act()
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        Brief.objects.filter(pk=first.pk).update(facts={})
    assert Brief.objects.get(pk=first.pk).figures == first.figures


def _told() -> MessageQuerySet:
    return Message.objects.filter(event=BRIEF_RELEASED)


def test_the_workers_below_are_told_once(scene: Scene) -> None:
    make_holder(scene.branches[1], Role.SECRETARY)
    abroad = make_holder(scene.other_branch, Role.WORKER)
    brief = released(scene)
    told = list(_told().values_list("recipient", "event", "level", "title", "url"))
    assert told == [
        (
            scene.worker.pk,
            "dashboards.brief_released",
            Level.DIGEST,
            f"{scene.general.name}发布了 2026 年 10 月月度通报",
            f"/w/dashboard/briefs/{brief.pk}/",
        )
    ]
    assert not _told().filter(recipient=abroad).exists()
    with pytest.raises(BriefFixed):
        release_brief(brief, by=scene.staff, on=ON, now=NOW)
    assert _told().count() == 1


# --- corrected -------------------------------------------------------------------------------


def test_a_correction_is_a_new_edition_with_the_same_number(scene: Scene) -> None:
    brief = released(scene)
    draft = correct_brief(brief, reason="原统计有误", by=scene.staff, now=NOW)
    assert (draft.edition, draft.facts, draft.state) == (2, brief.facts, BriefState.DRAFT)
    with pytest.raises(BriefRefusal, match="还有一份草稿"):
        correct_brief(brief, reason="再来", by=scene.staff, now=NOW)
    assert brief_still_open([brief_subject(brief.pk)], ON) == {brief_subject(brief.pk)}
    second = release_brief(draft, by=scene.staff, on=ON, now=NOW)
    assert (second.issue, second.edition) == (brief.issue, 2)
    subjects = [brief_subject(brief.pk), brief_subject(second.pk), "item:1"]
    assert brief_still_open(subjects, ON) == {brief_subject(second.pk)}
    assert _told().filter(recipient=scene.worker).count() == 2
    assert list(Brief.objects.standing()) == [second]


def test_a_correction_needs_a_reason_and_can_be_taken_back(scene: Scene) -> None:
    brief = released(scene)
    with pytest.raises(BriefRefusal, match="更正原因"):
        correct_brief(brief, reason="  ", by=scene.staff, now=NOW)
    draft = correct_brief(brief, reason="原统计有误", by=scene.staff, now=NOW)
    drop_correction(draft, by=scene.staff)
    assert list(Brief.objects.all()) == [brief]
    first = prepared(scene, SEPTEMBER)
    with pytest.raises(BriefRefusal, match="第一版"):
        drop_correction(first, by=scene.staff)


def test_the_general_branchs_own_work_is_counted_with_it(scene: Scene) -> None:
    make_done(
        scene.general, action=local_action(scene.general), done_on=date(2026, 10, 9), due=date(2026, 10, 12)
    )
    mark_recount([scene.general])
    facts = prepared(scene).figures
    # Seven asked of all, six of the branches.
    assert (facts.now.asked, facts.asked) == (7, 6)


def test_the_timetable_knows_the_run(scene: Scene) -> None:
    """By its name, as the beat sends it."""
    entry = BEAT_SCHEDULE["prepare-briefs"]
    assert entry["task"] == prepare_briefs.name
    assert (prepare_briefs(), prepare_briefs()) == (3, 0)


@pytest.mark.parametrize("branches", [3, 6])
def test_counting_takes_the_same_statements_for_more_branches(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries, branches: int
) -> None:
    scene = make_brief_scene(monkeypatch, branches=branches)
    with django_assert_num_queries(18):
        facts_for(scene.general, OCTOBER, on=ON)
