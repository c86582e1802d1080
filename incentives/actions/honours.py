"""Honours from the call to the award; each step once, in the order of the table of moves."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from incentives.actions.public_notices import open_notice, stop_notice
from incentives.actions.telling import tell_honour
from incentives.models import HonourCall, HonourCase, HonourNumber
from incentives.notice_hooks import notice_hook
from incentives.queries.honours import evidence_of, honours, may_propose
from incentives.queries.public_notices import notices_of
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.honours import DROPPED_CASES, CaseState, checksum, may_move, unmet
from incentives.rules.public_notices import NoticeSubject
from periods.months import Month
from records.rules import VoteCount, vote_errors

OBJECTION = "公示期间的异议经核查成立"


@dataclass(frozen=True)
class CallData:
    honour: str
    period: str
    opens_on: date
    closes_on: date


@transaction.atomic
def open_call(place: Organisation, *, data: CallData, by: User) -> HonourCall:
    """Raises IncentiveRefused."""
    Organisation.objects.select_for_update().get(pk=place.pk)
    if data.closes_on < data.opens_on:
        raise IncentiveRefused("截止提名的日期早于开始日期，请核对。")
    honour = honours()[data.honour]
    same = HonourCall.objects.filter(organisation=place, honour=honour.code, period=data.period)
    if same.exists():
        raise IncentiveRefused(f"“{data.period}{honour.name}”已经开始评选，不用重复开。")
    made = HonourCall.objects.create(
        organisation=place,
        honour=honour.code,
        name=honour.name,
        period=data.period,
        opens_on=data.opens_on,
        closes_on=data.closes_on,
        opened_by=by,
    )
    audit.record("incentives.honour_called", by=by, target=made)
    return made


@transaction.atomic
def propose(
    call: HonourCall, *, nominee: User | None, place: Organisation, reason: str, by: User, on: date
) -> HonourCase:
    """A person of that branch, or the branch itself. Raises IncentiveRefused."""
    row = HonourCall.objects.select_for_update(of=("self",)).get(pk=call.pk)
    _refuse_proposal(row, nominee, place, by, on)
    made = HonourCase.objects.create(
        call=row, nominee=nominee, organisation=place, reason=reason.strip(), proposed_by=by, proposed_on=on
    )
    detail = {"nominee": nominee.pk if nominee else None, "organisation": place.pk}
    audit.record("incentives.honour_proposed", by=by, target=made, detail=detail)
    tell_honour(made, "已收到提名。", by=by, on=on)
    return made


def _refuse_proposal(call: HonourCall, nominee: User | None, place: Organisation, by: User, on: date) -> None:
    honour = honours()[call.honour]
    if not call.opens_on <= on <= call.closes_on:
        raise IncentiveRefused("现在不在提名的日子里。")
    if honour.for_branches != (nominee is None):
        raise IncentiveRefused("这项荣誉评的是支部。" if honour.for_branches else "这项荣誉评的是个人。")
    if not may_propose(by, honour, place, on=on):
        raise IncentiveRefused("您的职务不在这项荣誉的提名人范围内，可以请支部书记提名。")
    if nominee is not None and nominee.pk == by.pk:
        raise IncentiveRefused("请由别人提名您，不能提名自己。")
    standing = HonourCase.objects.filter(call=call).exclude(state__in=sorted(DROPPED_CASES))
    same = standing.filter(nominee=nominee) if nominee else standing.filter(nominee=None, organisation=place)
    if same.exists():
        raise IncentiveRefused("已经有人提名过，不用重复提名。")
    _refuse_over_cap(call, honour.monthly_cap, by, on)


def _refuse_over_cap(call: HonourCall, cap: int, by: User, on: date) -> None:
    """Withdrawn ones count too; the proposer is locked, so that two at once are counted one by one."""
    User.objects.select_for_update().get(pk=by.pk)
    month = Month.of(on)
    made = HonourCase.objects.filter(
        call__honour=call.honour, proposed_by=by, proposed_on__range=(month.first, month.last)
    )
    if made.count() >= cap:
        raise IncentiveRefused(f"这项荣誉每人每月最多提名 {cap} 个，下个月还可以再提。")


def _locked(case: HonourCase, to: CaseState) -> HonourCase:
    row = HonourCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not may_move(row.state, to):
        raise IncentiveRefused(f"现在是“{row.get_state_display()}”，不能做这一步，请刷新页面查看。")
    return row


@transaction.atomic
def check_case(case: HonourCase, *, by: User, on: date) -> HonourCase:
    """Freeze what data say today, with its checksum. Raises IncentiveRefused."""
    row = _locked(case, CaseState.CHECKED)
    _refuse_part(row, by)
    row.evidence = evidence_of(row, on=on)
    row.checksum, row.state, row.checked_by = checksum(row.evidence), CaseState.CHECKED, by
    row.save(update_fields=["evidence", "checksum", "state", "checked_by"])
    audit.record("incentives.honour_checked", by=by, target=row, detail={"checksum": row.checksum})
    return row


def _refuse_part(row: HonourCase, by: User) -> None:
    if by.pk in (row.nominee_id, row.proposed_by_id):
        raise IncentiveRefused("提名人和被提名人请回避，由其他人办理这一步。")


@transaction.atomic
def enter_vote(case: HonourCase, *, vote: VoteCount, held_on: date, by: User, on: date) -> HonourCase:
    """The committee's vote: passed, it is posted at once; else the case ends. Raises IncentiveRefused."""
    row = _locked(case, CaseState.NOTICED)
    _refuse_part(row, by)
    missing = unmet(row.evidence)
    if missing:
        raise IncentiveRefused(f"有不符合的条件（{'、'.join(missing)}），不能提交评议。")
    if held_on > on:
        raise IncentiveRefused("评议的日期还没有到，请核对。")
    errors = vote_errors(vote)
    if errors:
        raise IncentiveRefused(errors[0])
    row.voted_on, row.eligible, row.present = held_on, vote.eligible, vote.present
    row.yes, row.no, row.abstain = vote.yes, vote.no, vote.abstain
    if row.passed:
        row.state = CaseState.NOTICED
        _post(row, by=by, on=on)
    else:
        _close(row, CaseState.DECLINED, "评议没有通过", by, on)
    row.save()
    audit.record("incentives.honour_voted", by=by, target=row, detail={"state": str(row.state)})
    tell_honour(row, "评议通过，开始公示。" if row.passed else "评议没有通过。", by=by, on=on)
    return row


def _post(row: HonourCase, *, by: User, on: date) -> None:
    apart = {each.pk: each for each in (row.nominee, row.proposed_by) if each is not None}
    who = row.subject_name
    if row.nominee is not None:
        who = f"{row.organisation.name}{who}"
    verb = "拟表彰" if honours()[row.call.honour].is_own else "拟推荐"
    words = f"{verb}{who}为{row.call}"
    open_notice(
        row.call.organisation, NoticeSubject.HONOUR, row.pk, words, by=by, on=on, apart=apart.values()
    )


def _close(row: HonourCase, state: CaseState, reason: str, by: User | None, on: date) -> None:
    row.state, row.ended_on, row.ended_by, row.ended_for = state, on, by, reason


@transaction.atomic
def decline_case(case: HonourCase, *, reason: str, by: User, on: date) -> HonourCase:
    """Before the notice, with a reason that the proposer and the nominee read. Raises IncentiveRefused."""
    row = _locked(case, CaseState.DECLINED)
    _refuse_part(row, by)
    if not reason.strip():
        raise IncentiveRefused("请写明原因，提名人和被提名人都能看到。")
    _close(row, CaseState.DECLINED, reason.strip(), by, on)
    row.save()
    audit.record("incentives.honour_declined", by=by, target=row)
    tell_honour(row, f"没有提交评议，原因：{row.ended_for}", by=by, on=on)
    return row


@transaction.atomic
def withdraw_case(case: HonourCase, *, by: User, on: date) -> HonourCase:
    """By the nominee, any day before the award and without a reason. Raises IncentiveRefused."""
    notice = notices_of(NoticeSubject.HONOUR, case.pk).first()
    if notice is not None:
        stop_notice(notice, reason="本人退出", by=by, on=on)
    row = _locked(case, CaseState.WITHDRAWN)
    if row.nominee_id != by.pk:
        raise IncentiveRefused("只有本人可以退出。")
    if row.state == CaseState.NOTICED and notice is None:
        raise IncentiveRefused("刚刚开始公示，请刷新页面以后再退出。")
    _close(row, CaseState.WITHDRAWN, "本人退出", by, on)
    row.save()
    audit.record("incentives.honour_withdrawn", by=by, target=row)
    return row


@notice_hook(NoticeSubject.HONOUR)
def notice_ended(subject_id: int, cleared: bool, on: date) -> None:
    """The public notice of a case has run out, or an objection was upheld."""
    row = HonourCase.objects.select_for_update(of=("self",)).get(pk=subject_id)
    if row.state != CaseState.NOTICED:
        return
    if cleared:
        row.state = CaseState.CLEARED
    else:
        _close(row, CaseState.REJECTED, OBJECTION, None, on)
    row.save()
    audit.record("incentives.honour_notice_ended", by=None, target=row, detail={"state": str(row.state)})
    words = "公示期满，没有异议成立，等待授予。" if cleared else f"{OBJECTION}，评选到此为止。"
    tell_honour(row, words, by=None, on=on)


@transaction.atomic
def award(case: HonourCase, *, by: User, on: date) -> HonourCase:
    """Grant it, with a number of its own where the honour is granted here. Raises IncentiveRefused."""
    row = _locked(case, CaseState.AWARDED)
    _refuse_part(row, by)
    if checksum(row.evidence) != row.checksum:
        raise IncentiveRefused("证据快照和校验码不一致，请联系系统管理员核查后再办。")
    _close(row, CaseState.AWARDED, "", by, on)
    if honours()[row.call.honour].is_own:
        row.number = _next_number(row.call.organisation, on.year)
    row.save()
    audit.record("incentives.honour_awarded", by=by, target=row, detail={"number": row.number})
    tell_honour(row, "已经授予，祝贺。" if row.number else "已经推荐上报，祝贺。", by=by, on=on)
    return row


def _next_number(place: Organisation, year: int) -> str:
    Organisation.objects.select_for_update().get(pk=place.pk)
    held, _ = HonourNumber.objects.get_or_create(organisation=place, year=year)
    held.last += 1
    held.save(update_fields=["last"])
    return f"{year}-{held.last:03d}"
