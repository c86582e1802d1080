"""Public notices: their last day over holidays, objections, a second reviewer, their end."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import AuditEvent
from branches.models import CalendarDay
from branches.rules import Role
from incentives.actions.public_notices import (
    answer_objection,
    open_notice,
    raise_objection,
    record_objection,
    settle_notices,
    stop_notice,
)
from incentives.models import Objection, PublicNotice
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.honours import CaseState
from incentives.rules.public_notices import (
    ENDED_NOTICES,
    RUNNING_NOTICES,
    NoticeState,
    NoticeSubject,
    ObjectionOutcome,
    last_notice_day,
    may_answer,
    takes_objections,
)
from incentives.tasks import settle_public_notices
from periods.calendars import WorkCalendar
from tests.factories.branches import make_holder
from tests.incentives.honour_scene import AFTER, LAST, posted
from tests.reminders.scene import ON, Scene, make_scene

FIRST = date(2026, 1, 1)


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


@settings(max_examples=200, deadline=None)
@given(
    start=st.dates(FIRST, date(2028, 12, 31)),
    special=st.dictionaries(st.integers(0, 40), st.booleans(), max_size=15),
)
def test_the_last_day_is_the_fifth_workday_after_the_posting(start: date, special: dict[int, bool]) -> None:
    """Against counting day by day, with any holidays and any worked weekends."""
    calendar = WorkCalendar(special={start + timedelta(days=n): works for n, works in special.items()})
    last, day, counted = last_notice_day(start, calendar), start, 0
    while counted < 5:
        day += timedelta(days=1)
        given_work = special.get((day - start).days)
        counted += given_work if given_work is not None else day.weekday() < 5
    assert last == day
    for n in range((last - start).days + 1):
        assert takes_objections(NoticeState.OPEN, last, on=start + timedelta(days=n))
    assert not takes_objections(NoticeState.OPEN, last, on=last + timedelta(days=1))


def test_ended_notices_take_no_objections() -> None:
    kept = {state for state in NoticeState if takes_objections(state, LAST, on=LAST)}
    assert (sorted(kept), sorted(kept | ENDED_NOTICES)) == (sorted(RUNNING_NOTICES), sorted(NoticeState))


def test_a_second_reviewer_is_neither_the_first_nor_a_part() -> None:
    assert [may_answer(user, first=1, apart={2, 3}) for user in (1, 2, 3, 4)] == [False, False, False, True]


def test_over_the_national_day_the_notice_runs_on(scene: Scene) -> None:
    made = open_notice(scene.general, NoticeSubject.LEVEL, 1, "拟认定", by=scene.staff, on=date(2026, 9, 29))
    # Worked: 30 September, 8, 9 and 10 October (a Saturday) and 12 October; 1 to 7 October are holidays.
    assert made.until == date(2026, 10, 12)


def test_a_notice_runs_its_days_and_clears_once(scene: Scene) -> None:
    case, notice = posted(scene)
    assert (notice.until, notice.state, case.state) == (LAST, NoticeState.OPEN, CaseState.NOTICED)
    assert (settle_notices(LAST), settle_notices(AFTER), settle_notices(AFTER)) == (0, 1, 0)
    notice.refresh_from_db()
    case.refresh_from_db()
    assert (notice.state, notice.ended_on, case.state) == (NoticeState.CLEAR, AFTER, CaseState.CLEARED)
    assert AuditEvent.objects.filter(event="incentives.notice_ended").count() == 1


def test_holidays_entered_later_put_the_end_off(scene: Scene) -> None:
    _, notice = posted(scene)
    CalendarDay.objects.create(on=date(2026, 11, 24), workday=False)
    assert settle_notices(AFTER) == 0
    notice.refresh_from_db()
    assert (notice.until, notice.state) == (date(2026, 11, 26), NoticeState.OPEN)
    assert settle_notices(date(2026, 11, 27)) == 1


def test_the_nightly_task_ends_what_is_over(scene: Scene) -> None:
    posted(scene, on=ON - timedelta(days=20))
    assert (settle_public_notices(), settle_public_notices()) == (1, 0)


def test_a_subject_is_posted_once_at_a_time(scene: Scene) -> None:
    case, notice = posted(scene)
    with pytest.raises(IncentiveRefused, match="已经在公示"):
        open_notice(scene.general, NoticeSubject.HONOUR, case.pk, "再来", by=scene.staff, on=ON)
    stop_notice(notice, reason="更正", by=scene.staff, on=ON)
    open_notice(scene.general, NoticeSubject.HONOUR, case.pk, "再来", by=scene.staff, on=ON)
    assert PublicNotice.objects.count() == 2


def test_an_objection_by_name_holds_the_notice_until_it_is_answered(scene: Scene) -> None:
    case, notice = posted(scene)
    other = make_holder(scene.second)
    said = raise_objection(notice, words="不符合", by=other, on=LAST)
    with pytest.raises(IncentiveRefused, match="正在核查"):
        raise_objection(notice, words="再说一遍", by=other, on=LAST)
    assert settle_notices(AFTER) == 0
    answer_objection(said, uphold=False, answer="查过，符合。", by=scene.overseer, on=AFTER)
    notice.refresh_from_db()
    case.refresh_from_db()
    assert (notice.state, case.state) == (NoticeState.CLEAR, CaseState.CLEARED)
    with pytest.raises(IncentiveRefused, match="已经答复过"):
        answer_objection(said, uphold=True, answer="改主意", by=scene.overseer, on=AFTER)
    with pytest.raises(IncentiveRefused, match="已经截止"):
        raise_objection(notice, words="晚了", by=other, on=AFTER)


def test_two_objections_are_both_answered_before_it_goes_on(scene: Scene) -> None:
    _, notice = posted(scene)
    both = [raise_objection(notice, words="不符合", by=make_holder(scene.second), on=ON) for _ in range(2)]
    states = []
    for each in both:
        answer_objection(each, uphold=False, answer="查过，符合。", by=scene.overseer, on=ON)
        notice.refresh_from_db()
        states.append(notice.state)
    assert states == [NoticeState.OBJECTED, NoticeState.OPEN]
    assert settle_notices(AFTER) == 1


def test_an_upheld_objection_stops_it_at_once(scene: Scene) -> None:
    case, notice = posted(scene)
    said = raise_objection(notice, words="不符合", by=make_holder(scene.second), on=ON)
    answer_objection(said, uphold=True, answer="查实。", by=scene.overseer, on=ON)
    notice.refresh_from_db()
    case.refresh_from_db()
    assert (notice.state, notice.ended_on, case.state) == (NoticeState.STOPPED, ON, CaseState.REJECTED)
    assert (settle_notices(AFTER), case.ended_for) == (0, "公示期间的异议经核查成立")


def test_what_is_said_in_person_is_written_down_by_discipline_inspection(scene: Scene) -> None:
    _, notice = posted(scene)
    discipline = make_holder(scene.second, Role.DISCIPLINE_COMMISSIONER)
    made = record_objection(notice, words="当面反映", name=" ", by=discipline, on=ON)
    assert (made.objector, made.objector_name, made.recorded_by) == (None, "", discipline)
    with pytest.raises(IncentiveRefused, match="由其他纪检人员"):
        record_objection(notice, words="当面反映", name="", by=scene.worker, on=ON)
    with pytest.raises(IncentiveRefused, match="请写明对什么"):
        record_objection(notice, words=" ", name="", by=discipline, on=ON)


def test_the_first_reviewer_the_nominee_the_proposer_and_the_objector_do_not_answer(scene: Scene) -> None:
    case, notice = posted(scene)
    said = raise_objection(notice, words="不符合", by=scene.overseer, on=ON)
    for user in (scene.staff, scene.worker, case.proposed_by, scene.overseer):
        with pytest.raises(IncentiveRefused, match="第二个人"):
            answer_objection(said, uphold=False, answer="符合。", by=user, on=ON)
    second = make_holder(scene.committee, Role.COMMITTEE_STAFF)
    with pytest.raises(IncentiveRefused, match="请写明核查结论"):
        answer_objection(said, uphold=False, answer=" ", by=second, on=ON)
    assert answer_objection(said, uphold=False, answer="符合。", by=second, on=ON).outcome == (
        ObjectionOutcome.DISMISSED
    )


def test_the_database_keeps_objections_whole(scene: Scene) -> None:
    _, notice = posted(scene)
    said = raise_objection(notice, words="不符合", by=scene.overseer, on=ON)
    for broken in ({"outcome": "upheld"}, {"objector": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Objection.objects.filter(pk=said.pk).update(**broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicNotice.objects.filter(pk=notice.pk).update(state=NoticeState.CLEAR)
