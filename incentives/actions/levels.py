"""Levels from the application to the term: each step once, in the order of the table of moves."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from incentives.actions.public_notices import open_notice, stop_notice
from incentives.actions.telling import tell_level
from incentives.models import LevelCase, LevelTerm, PanelVote
from incentives.models.levels import count_votes, panel_passed
from incentives.notice_hooks import notice_hook
from incentives.queries.levels import evidence_pack, serious_findings, standard_of, term_of
from incentives.queries.public_notices import notices_of
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.honours import checksum, unmet
from incentives.rules.levels import (
    LEVEL_MOVES,
    PANEL_LEAST,
    RUNNING_LEVELS,
    LevelCode,
    LevelState,
    PanelChoice,
    TermOrigin,
    last_term_day,
    may_renew,
    next_code,
)
from incentives.rules.public_notices import NoticeSubject
from records.rules import vote_errors

SERIOUS = "本年度有严重错题主要责任，当年不晋级；明年可以再申请。"
OBJECTION = "公示期间的异议经核查成立"
Votes = Sequence[tuple[User, PanelChoice]]


@transaction.atomic
def apply_level(place: Organisation, *, level: LevelCode, statement: str, by: User, on: date) -> LevelCase:
    """For oneself: the next level, or the one held for another term. Raises IncentiveRefused."""
    User.objects.select_for_update().get(pk=by.pk)
    term = term_of(by, on=on)
    renews = term is not None and term.level == level
    _refuse_application(by, term, level, on)
    standard = standard_of(place, on=on)
    wanted = standard.levels[level]
    pack = evidence_pack(by, place, wanted, standard, on)
    missing = unmet(pack)
    if missing:
        raise IncentiveRefused(
            f"还有条件没有达到：{'、'.join(missing)}。系统里没有的，可请党总支按出处登记。"
        )
    made = LevelCase.objects.create(
        user=by,
        organisation=place,
        level=level,
        renews=renews,
        statement=statement.strip(),
        applied_on=on,
        evidence=pack,
        checksum=checksum(pack),
        coefficient=wanted.coefficient,
        term_years=wanted.term_years,
    )
    audit.record("incentives.level_applied", by=by, target=made, detail={"level": str(level)})
    return made


def _refuse_application(by: User, term: LevelTerm | None, level: LevelCode, on: date) -> None:
    if LevelCase.objects.filter(user=by, state__in=sorted(RUNNING_LEVELS)).exists():
        raise IncentiveRefused("您有一项申请正在办理，办完以后再申请。")
    if term is not None and term.level == level:
        if not may_renew(term.until, on=on):
            raise IncentiveRefused("有效期满前三个月起可以申请续期，现在还早。")
    elif level != next_code(term.level if term else ""):
        raise IncentiveRefused("等级逐级晋升，请申请下一级。")
    elif serious_findings(by, on.year).exists():
        raise IncentiveRefused(SERIOUS)


def _locked(case: LevelCase, to: LevelState) -> LevelCase:
    row = LevelCase.objects.select_for_update(of=("self",)).select_related("user").get(pk=case.pk)
    if to not in LEVEL_MOVES[LevelState(row.state)]:
        raise IncentiveRefused(f"现在是“{row.get_state_display()}”，不能做这一步，请刷新页面查看。")
    return row


@transaction.atomic
def decide_level(case: LevelCase, *, votes: Votes, held_on: date, by: User, on: date) -> LevelCase:
    """The panel's named votes: passed, it is posted at once; else the case ends. Raises IncentiveRefused."""
    row = _locked(case, LevelState.NOTICED)
    _refuse_panel(row, votes, held_on, by, on)
    row.voted_on = held_on
    PanelVote.objects.bulk_create(PanelVote(case=row, member=user, choice=choice) for user, choice in votes)
    if panel_passed([str(choice) for _, choice in votes]):
        row.state = LevelState.NOTICED
        place = row.organisation.parent or row.organisation
        words = f"拟认定{row.organisation.name}{row.user.name}为{row.get_level_display()}"
        words += "（续期）" if row.renews else ""
        apart = {user.pk: user for user in (row.user, *(member for member, _ in votes))}
        open_notice(place, NoticeSubject.LEVEL, row.pk, words, by=by, on=on, apart=apart.values())
    else:
        _close(row, LevelState.DECLINED, "评审没有通过", on)
    row.save()
    audit.record("incentives.level_decided", by=by, target=row, detail={"state": str(row.state)})
    tell_level(row, "评审通过，开始公示。" if row.state == LevelState.NOTICED else "评审没有通过。", by=by)
    return row


def _refuse_panel(row: LevelCase, votes: Votes, held_on: date, by: User, on: date) -> None:
    members = [user.pk for user, _ in votes]
    if row.user_id in (by.pk, *members):
        raise IncentiveRefused("申请人请回避：不能参加评审，也不能登记评审结果。")
    if len(set(members)) < len(members):
        raise IncentiveRefused("同一位评审人填了两次，请核对。")
    if sum(choice != PanelChoice.ABSENT for _, choice in votes) < PANEL_LEAST:
        raise IncentiveRefused(f"评审要有至少 {PANEL_LEAST} 人实名表态，请补齐。")
    if not row.applied_on <= held_on <= on:
        raise IncentiveRefused("评审日期要在申请以后、今天以前，请核对。")
    if not row.renews and serious_findings(row.user, on.year).exists():
        raise IncentiveRefused(SERIOUS)
    if checksum(row.evidence) != row.checksum:
        raise IncentiveRefused("证据快照和校验码不一致，请联系系统管理员核查后再办。")
    errors = vote_errors(count_votes(str(row), [str(choice) for _, choice in votes]))
    if errors:
        raise IncentiveRefused(errors[0])


def _close(row: LevelCase, state: LevelState, reason: str, on: date) -> None:
    row.state, row.ended_on, row.ended_for = state, on, reason


@transaction.atomic
def withdraw_level(case: LevelCase, *, by: User, on: date) -> LevelCase:
    """By the applicant, any day before it is granted. Raises IncentiveRefused."""
    notice = notices_of(NoticeSubject.LEVEL, case.pk).first()
    if notice is not None:
        stop_notice(notice, reason="本人撤回", by=by, on=on)
    row = _locked(case, LevelState.WITHDRAWN)
    if row.user_id != by.pk:
        raise IncentiveRefused("只有本人可以撤回。")
    if row.state == LevelState.NOTICED and notice is None:
        raise IncentiveRefused("刚刚开始公示，请刷新页面以后再撤回。")
    _close(row, LevelState.WITHDRAWN, "本人撤回", on)
    row.save()
    audit.record("incentives.level_withdrawn", by=by, target=row)
    return row


@notice_hook(NoticeSubject.LEVEL)
def level_notice_ended(subject_id: int, cleared: bool, on: date) -> None:
    """The public notice has run out, or an objection was upheld."""
    row = LevelCase.objects.select_for_update(of=("self",)).select_related("user").get(pk=subject_id)
    if row.state != LevelState.NOTICED:
        return
    if not cleared:
        _close(row, LevelState.REJECTED, OBJECTION, on)
    elif not row.renews and serious_findings(row.user, on.year).exists():
        _close(row, LevelState.REJECTED, SERIOUS, on)
    else:
        _close(row, LevelState.GRANTED, "", on)
        _begin_term(row, on)
    row.save()
    audit.record("incentives.level_notice_ended", by=None, target=row, detail={"state": str(row.state)})
    tell_level(row, row.ended_for or "公示期满，已经认定，祝贺。", by=None)


def _begin_term(row: LevelCase, on: date) -> LevelTerm:
    User.objects.select_for_update().get(pk=row.user_id)
    held = LevelTerm.objects.filter(user=row.user, ended_on=None).first()
    origin = TermOrigin.RENEWED if row.renews else TermOrigin.PROMOTED if held else TermOrigin.FIRST
    if held is not None:
        end_term(held, on)
    return LevelTerm.objects.create(
        user=row.user,
        organisation=row.organisation,
        level=row.level,
        coefficient=row.coefficient,
        since=on,
        until=last_term_day(on, row.term_years),
        origin=origin,
        case=row,
    )


def end_term(term: LevelTerm, on: date) -> None:
    term.ended_on = on
    term.save(update_fields=["ended_on"])
