"""Contests from the draft to the published result."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from branches.rules import Refusal
from training.actions.contests_telling import tell_judges, tell_result
from training.actions.duties import DutyData, ask, settle, take_back
from training.models import Contest, Criterion, Point, Work
from training.queries.judging import Seat, places_of, runners_among, seats_of
from training.rules.contests import (
    LEAST_FOR_A_WORK,
    LEAST_JUDGES,
    ContestKind,
    ContestPhase,
    WorkState,
    may_move,
    shown,
    standings,
    weights_fit,
)
from training.rules.duties import DutyKind


class ContestRefused(Refusal):
    """It cannot be done so; str() says what to do."""


NOT_DRAFT = "征集已经开始，竞赛的要求和评分项不能再改。"


@dataclass(frozen=True)
class ContestData:
    """What a contest asks for; `criteria`: name and weight, in their order."""

    kind: ContestKind
    title: str
    brief: str
    call_until: date
    judge_until: date
    awards: int
    criteria: Sequence[tuple[str, int]]

    def fill(self, contest: Contest) -> Contest:
        for name in ("kind", "title", "brief", "call_until", "judge_until", "awards"):
            setattr(contest, name, getattr(self, name))
        return contest


@transaction.atomic
def make_contest(place: Organisation, *, data: ContestData, by: User, on: date) -> Contest:
    """Begin a contest as a draft. Raises ContestRefused."""
    Organisation.objects.select_for_update().get(pk=place.pk)
    _refuse_unfit(place, data, on)
    contest = data.fill(Contest(organisation=place, made_by=by))
    contest.save()
    _set_criteria(contest, data)
    audit.record("training.contest_made", by=by, target=contest)
    return contest


@transaction.atomic
def change_contest(contest: Contest, *, data: ContestData, by: User, on: date) -> Contest:
    """Change the draft. Raises ContestRefused once works are called for."""
    row = locked(contest)
    if not row.is_draft:
        raise ContestRefused(NOT_DRAFT)
    _refuse_unfit(row.organisation, data, on, besides=row)
    data.fill(row).save()
    row.criteria.all().delete()
    _set_criteria(row, data)
    audit.record("training.contest_changed", by=by, target=row)
    return row


@transaction.atomic
def open_call(contest: Contest, *, by: User, on: date) -> Contest:
    row = _to(contest, ContestPhase.CALL)
    if row.call_until < on:
        raise ContestRefused("征集截止日期已经过了，请先修改日期，再开始征集。")
    return _moved(row, ContestPhase.CALL, by)


@transaction.atomic
def open_call_again(contest: Contest, *, call_until: date, judge_until: date, by: User, on: date) -> Contest:
    """Too few works: the call goes on until another day."""
    row = _to(contest, ContestPhase.CALL)
    if row.is_draft:
        raise ContestRefused("竞赛还在筹备，请直接开始征集。")
    if call_until < on:
        raise ContestRefused("征集截止日期要在今天或今天以后。")
    if judge_until < call_until:
        raise ContestRefused("评审截止日期要在征集截止以后。")
    row.call_until, row.judge_until = call_until, judge_until
    row.save(update_fields=["call_until", "judge_until"])
    return _moved(row, ContestPhase.CALL, by)


@transaction.atomic
def close_call(contest: Contest, *, by: User, on: date) -> Contest:
    """The organiser may close it before its day."""
    return _moved(_to(contest, ContestPhase.SCREENING), ContestPhase.SCREENING, by)


@transaction.atomic
def start_judging(contest: Contest, *, by: User, on: date) -> Contest:
    """Raises ContestRefused for works not screened yet and for too few judges."""
    row = _to(contest, ContestPhase.JUDGING)
    refuse_own(row, by)
    if row.has_result:
        raise ContestRefused("评审已经全部完成；有评委退出时，从评委页面移出，评审自动重新开始。")
    if row.works.filter(state=WorkState.SUBMITTED).exists():
        raise ContestRefused("还有作品没有初审，请先逐份初审。")
    if not row.works.accepted().exists():
        raise ContestRefused("还没有通过初审的作品，可以重新开放征集。")
    refuse_too_few(row, on)
    _moved(row, ContestPhase.JUDGING, by)
    ask_judges(row, by=by, on=on)
    tell_judges(row, list(row.judges.values_list("user", flat=True)), by=by)
    return row


@transaction.atomic
def finish_judging(contest: Contest, *, by: User, on: date) -> Contest:
    """Raises ContestRefused while a judgement is missing."""
    row = _to(contest, ContestPhase.RESULT)
    refuse_own(row, by)
    seats = refuse_too_few(row, on)
    missing = [seat.judge.user.name for seat in seats if not seat.is_done]
    if missing:
        raise ContestRefused(f"还有评委没有评完：{'、'.join(missing)}。请提醒一下，或在评委页面调整。")
    settle(DutyKind.JUDGING, row.pk, by=by, on=on)
    return _moved(row, ContestPhase.RESULT, by)


@transaction.atomic
def publish_contest(contest: Contest, *, by: User, on: date) -> Contest:
    """Freeze places and scores and write to the authors; what has been published stays so.

    Raises ContestRefused where a tie has come up since and too few judges without one are left.
    """
    row = _to(contest, ContestPhase.PUBLISHED)
    refuse_own(row, by)
    seats = _still_enough(row, on)
    weights = dict(row.criteria.order_by("position").values_list("pk", "weight"))
    for standing in standings(_judged(seats), weights):
        Work.objects.filter(pk=standing.work).update(place=standing.place, score=shown(standing.score))
    row.published_on = on
    _moved(row, ContestPhase.PUBLISHED, by)
    tell_result(row, by=by)
    return row


@transaction.atomic
def cancel_contest(contest: Contest, *, reason: str, by: User, on: date) -> Contest:
    row = _to(contest, ContestPhase.CANCELLED)
    if not reason.strip():
        raise ContestRefused("请写明取消的原因，各支部会看到。")
    row.cancelled_for = reason.strip()
    take_back(DutyKind.JUDGING, row.pk, on=on)
    return _moved(row, ContestPhase.CANCELLED, by)


def locked(contest: Contest) -> Contest:
    rows = Contest.objects.select_related("organisation__parent").select_for_update(of=("self",))
    return rows.get(pk=contest.pk)


def ask_judges(contest: Contest, *, by: User, on: date) -> None:
    """On the month lists of the judges' organisations; done where all judges there are done."""
    seats = seats_of(contest, on=on)
    held = places_of([seat.judge.user_id for seat in seats], on=on)
    keys = {key for places in held.values() for key in places}
    asked = {place.pk: place for place in Organisation.objects.filter(pk__in=keys).active(on=on)}
    note = "由评委本人打开，逐份打分。"
    name = f"评审：{contest.title}"
    data = DutyData(DutyKind.JUDGING, contest.pk, name, contest.judge_until, note)
    ask(asked.values(), data=data, on=on)
    settle_done(contest, seats, by=by, on=on)


def settle_done(contest: Contest, seats: Sequence[Seat], *, by: User, on: date) -> None:
    held = places_of([seat.judge.user_id for seat in seats], on=on)
    waiting = {key for seat in seats if not seat.is_done for key in held[seat.judge.user_id]}
    done = {key for seat in seats for key in held[seat.judge.user_id]} - waiting
    for place in Organisation.objects.filter(pk__in=done):
        settle(DutyKind.JUDGING, contest.pk, by=by, on=on, only=place)


def refuse_own(contest: Contest, by: User) -> None:
    """Who wrote or handed in a work of it leads neither judges nor result. Raises ContestRefused."""
    own = Work.objects.written_by(by).filter(contest=contest).exclude(state=WorkState.WITHDRAWN)
    if own.exists():
        raise ContestRefused("您是参赛作品的作者或报送人，评委和结果请由其他人员办理。")


def refuse_too_few(contest: Contest, on: date) -> list[Seat]:
    """The judges, enough of them for every work. Raises ContestRefused."""
    seats = seats_of(contest, on=on)
    if len(seats) < LEAST_JUDGES:
        raise ContestRefused(f"评委至少要 {LEAST_JUDGES} 位，现在有 {len(seats)} 位，请先确定评委。")
    if knowing := runners_among([seat.judge.user for seat in seats], contest, on=on):
        names = "、".join(user.name for user in knowing)
        raise ContestRefused(f"{names}能看到作者，不能担任评委，请在评委页面移出并另请一位。")
    free = [work for seat in seats for work in seat.works]
    few = [w.title for w in contest.works.accepted().order_by("key") if free.count(w.pk) < LEAST_FOR_A_WORK]
    if few:
        names = "、".join(f"《{title}》" for title in few)
        raise ContestRefused(f"能评{names}的评委不足 {LEAST_FOR_A_WORK} 位（其他评委需要回避），请增加评委。")
    return seats


def _still_enough(row: Contest, on: date) -> list[Seat]:
    try:
        return refuse_too_few(row, on)
    except ContestRefused as refusal:
        way = "请在评委页面移出需要回避的评委，评审自动重新开始，再另请评委。"
        raise ContestRefused(f"有评委在评审以后才需要回避，不能公布。{refusal}{way}") from refusal


def _judged(seats: Sequence[Seat]) -> dict[int, list[dict[int, Decimal]]]:
    """Points by criterion of each judge, for every work; of who is bound to a work by now nothing counts."""
    free = {(seat.judge.pk, work) for seat in seats for work in seat.works}
    given: dict[tuple[int, int], dict[int, Decimal]] = defaultdict(dict)
    for judge, work, criterion, points in (
        Point.objects.filter(judgement__judge__in=[seat.judge.pk for seat in seats])
        .order_by("judgement", "criterion__position")
        .values_list("judgement__judge", "judgement__work", "criterion", "points")
    ):
        given[judge, work][criterion] = points
    judged: dict[int, list[dict[int, Decimal]]] = defaultdict(list)
    for (judge, work), points_given in given.items():
        if (judge, work) in free:
            judged[work].append(points_given)
    return judged


def _to(contest: Contest, there: ContestPhase) -> Contest:
    row = locked(contest)
    if not may_move(row.stage, there):
        raise ContestRefused(f"这项竞赛现在是“{row.get_phase_display()}”，请重新打开页面查看。")
    return row


def _moved(row: Contest, there: ContestPhase, by: User) -> Contest:
    before, row.phase = row.phase, there
    row.save(update_fields=["phase", "published_on", "cancelled_for"])
    audit.record("training.contest_moved", by=by, target=row, detail={"from": before, "to": there})
    return row


def _set_criteria(contest: Contest, data: ContestData) -> None:
    Criterion.objects.bulk_create(
        Criterion(contest=contest, name=name, weight=weight, position=position)
        for position, (name, weight) in enumerate(data.criteria, 1)
    )


def _refuse_unfit(
    place: Organisation, data: ContestData, on: date, *, besides: Contest | None = None
) -> None:
    if data.call_until < on:
        raise ContestRefused("征集截止日期要在今天或今天以后。")
    if data.judge_until < data.call_until:
        raise ContestRefused("评审截止日期要在征集截止以后。")
    if not weights_fit([weight for _, weight in data.criteria]):
        total = sum(weight for _, weight in data.criteria)
        raise ContestRefused(f"各评分项的权重相加要等于 100，每项大于 0；现在是 {total}。")
    names = [name for name, _ in data.criteria]
    if len(set(names)) < len(names):
        raise ContestRefused("评分项有重名，请改一个名称。")
    same = Contest.objects.filter(organisation=place, title=data.title)
    if (same.exclude(pk=besides.pk) if besides else same).exists():
        raise ContestRefused("已有同名的竞赛，请打开那一项修改，或换一个名称。")
