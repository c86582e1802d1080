"""Posting a notice, objecting, answering, and ending it after its days."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.calendar import work_calendar
from branches.models import Organisation
from incentives.actions.telling import tell_objector, tell_reviewers
from incentives.models.notices import Objection, PublicNotice
from incentives.notice_hooks import tell_subject
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.public_notices import (
    NoticeState,
    NoticeSubject,
    ObjectionOutcome,
    ObjectionWay,
    is_over,
    last_notice_day,
    may_answer,
    takes_objections,
)

CLOSED = "公示已经截止，不能再提异议。"
UPHELD_REASON = "异议成立"


@transaction.atomic
def open_notice(
    place: Organisation,
    subject_kind: NoticeSubject,
    subject_id: int,
    words: str,
    *,
    by: User,
    on: date,
    apart: Iterable[User] = (),
) -> PublicNotice:
    """Post a subject for five workdays. `by` is the first reviewer; `apart`: nominee, proposer.

    Raises IncentiveRefused when the subject is posted already.
    """
    Organisation.objects.select_for_update().get(pk=place.pk)
    same = PublicNotice.objects.running().filter(subject_kind=subject_kind, subject_id=subject_id)
    if same.exists():
        raise IncentiveRefused("已经在公示，不用重复公示。")
    made = PublicNotice.objects.create(
        organisation=place,
        subject_kind=subject_kind,
        subject_id=subject_id,
        words=words,
        opened_on=on,
        until=last_notice_day(on, work_calendar()),
        opened_by=by,
    )
    made.apart.set(apart)
    audit.record("incentives.notice_opened", by=by, target=made, detail={"until": made.until.isoformat()})
    return made


@transaction.atomic
def raise_objection(notice: PublicNotice, *, words: str, by: User, on: date) -> Objection:
    """By name; read by the reviewers alone. Raises IncentiveRefused."""
    row = _locked(notice, on)
    if Objection.objects.unanswered().filter(notice=row, objector=by).exists():
        raise IncentiveRefused("您的异议已经收到，正在核查，不用重复提交。")
    return _kept(row, words, by, on, way=ObjectionWay.NAMED, objector=by)


@transaction.atomic
def record_objection(notice: PublicNotice, *, words: str, name: str, by: User, on: date) -> Objection:
    """What somebody said in person, written down by discipline inspection. Raises IncentiveRefused."""
    row = _locked(notice, on)
    if row.apart.filter(pk=by.pk).exists():
        raise IncentiveRefused("您与这项公示有关，请由其他纪检人员登记。")
    return _kept(row, words, by, on, way=ObjectionWay.IN_PERSON, objector_name=name.strip())


def _locked(notice: PublicNotice, on: date) -> PublicNotice:
    row = PublicNotice.objects.select_for_update().get(pk=notice.pk)
    if not takes_objections(row.state, row.until, on=on):
        raise IncentiveRefused(CLOSED)
    return row


def _kept(row: PublicNotice, words: str, by: User, on: date, **who: object) -> Objection:
    if not words.strip():
        raise IncentiveRefused("请写明对什么有异议、依据是什么。")
    made = Objection.objects.create(notice=row, words=words.strip(), received_on=on, recorded_by=by, **who)
    row.state = NoticeState.OBJECTED
    row.save(update_fields=["state"])
    audit.record("incentives.objection_kept", by=by, target=row, detail={"way": str(made.way)})
    tell_reviewers(made, by=by, on=on)
    return made


@transaction.atomic
def answer_objection(objection: Objection, *, uphold: bool, answer: str, by: User, on: date) -> Objection:
    """By a second reviewer. Upheld, the notice stops at once; else it runs on. Raises IncentiveRefused."""
    notice = PublicNotice.objects.select_for_update().get(pk=objection.notice_id)
    row = (
        Objection.objects.select_for_update(of=("self",))
        .select_related("notice__organisation")
        .get(pk=objection.pk)
    )
    _refuse_answer(row, notice, answer, by)
    row.outcome = ObjectionOutcome.UPHELD if uphold else ObjectionOutcome.DISMISSED
    row.answer, row.answered_by, row.answered_on = answer.strip(), by, on
    row.save(update_fields=["outcome", "answer", "answered_by", "answered_on"])
    audit.record("incentives.objection_answered", by=by, target=notice, detail={"outcome": str(row.outcome)})
    tell_objector(row, by=by)
    if notice.is_running:
        _after_answer(notice, uphold, on)
    return row


@transaction.atomic
def record_told(objection: Objection, *, by: User, on: date) -> Objection:
    """The answer was told in person to who had spoken in person. Raises IncentiveRefused."""
    row = Objection.objects.select_for_update(of=("self",)).select_related("notice").get(pk=objection.pk)
    if row.way != ObjectionWay.IN_PERSON or not row.outcome:
        raise IncentiveRefused("先要有核查答复，才能登记已告知。")
    if row.told_on:
        raise IncentiveRefused("已经登记过告知，不用重复登记。")
    row.told_on = on
    row.save(update_fields=["told_on"])
    audit.record("incentives.objection_told", by=by, target=row.notice)
    return row


def _refuse_answer(row: Objection, notice: PublicNotice, answer: str, by: User) -> None:
    if row.outcome:
        raise IncentiveRefused("这条异议刚刚已经答复过，请刷新页面查看。")
    apart = {*notice.apart.values_list("pk", flat=True)}
    if row.objector_id is not None:
        apart.add(row.objector_id)
    if not may_answer(by.pk, first=notice.opened_by_id, apart=apart):
        raise IncentiveRefused("核查要由第二个人做：发布公示的人、被提名人、提名人和提出异议的人请回避。")
    if not answer.strip():
        raise IncentiveRefused("请写明核查结论和理由，提出异议的人能看到。")


def _after_answer(notice: PublicNotice, uphold: bool, on: date) -> None:
    if uphold:
        _end(notice, NoticeState.STOPPED, on, reason=UPHELD_REASON)
    elif not Objection.objects.unanswered().filter(notice=notice).exists():
        notice.state = NoticeState.OPEN
        notice.save(update_fields=["state"])
        if is_over(notice.until, on=on):
            _end(notice, NoticeState.CLEAR, on)


def _end(notice: PublicNotice, state: NoticeState, on: date, *, reason: str = "") -> None:
    notice.state, notice.ended_on, notice.stopped_for = state, on, reason
    notice.save(update_fields=["state", "ended_on", "stopped_for"])
    audit.record("incentives.notice_ended", by=None, target=notice, detail={"state": str(state)})
    cleared = state == NoticeState.CLEAR
    tell_subject(notice.subject_kind, notice.subject_id, cleared=cleared, on=on)


@transaction.atomic
def stop_notice(notice: PublicNotice, *, reason: str, by: User, on: date) -> PublicNotice:
    """The subject was withdrawn; its own action says what becomes of it. Ended ones stay as they are."""
    row = PublicNotice.objects.select_for_update().get(pk=notice.pk)
    if row.is_running:
        row.state, row.ended_on, row.stopped_for = NoticeState.STOPPED, on, reason
        row.save(update_fields=["state", "ended_on", "stopped_for"])
        audit.record("incentives.notice_stopped", by=by, target=row, detail={"reason": reason})
    return row


def settle_notices(on: date) -> int:
    """End every notice whose days are over and that no objection holds; a second run finds none."""
    due = PublicNotice.objects.filter(state=NoticeState.OPEN, until__lt=on).order_by("pk")
    return sum(_settle(pk, on) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _settle(pk: int, on: date) -> bool:
    """Holidays entered since it was posted put its last day off, never forward."""
    row = PublicNotice.objects.select_for_update().filter(pk=pk, state=NoticeState.OPEN).first()
    if row is None:
        return False
    last = last_notice_day(row.opened_on, work_calendar())
    if last > row.until:
        row.until = last
        row.save(update_fields=["until"])
    if not is_over(row.until, on=on):
        return False
    _end(row, NoticeState.CLEAR, on)
    return True
