"""Judges: naming them, their judgements, and one who drops out."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from training.actions.contests import ContestRefused, ask_judges, locked, refuse_own, settle_done
from training.actions.contests_telling import tell_judges
from training.models import Contest, Judge, Judgement, Point, Work
from training.queries.judging import runners_among, seats_of
from training.rules.contests import MOST_POINTS, ContestPhase

LONGEST_REASON = 200
CLOSED = "评审已经结束，评委不能再调整。"


@transaction.atomic
def name_judges(contest: Contest, *, users: Sequence[User], by: User, on: date) -> int:
    """These people judge as well; returns how many are new. Raises ContestRefused for who runs contests."""
    row = locked(contest)
    refuse_own(row, by)
    if not row.is_open or row.has_result:
        raise ContestRefused(CLOSED)
    if knowing := runners_among(users, row, on=on):
        names = "、".join(user.name for user in knowing)
        raise ContestRefused(f"{names}负责组织竞赛，能看到作者，请另请评委。")
    known = set(row.judges.values_list("user", flat=True))
    new = [user for user in users if user.pk not in known]
    Judge.objects.bulk_create([Judge(contest=row, user=user) for user in new])
    if new and row.is_judging:
        ask_judges(row, by=by, on=on)
        tell_judges(row, [user.pk for user in new], by=by)
    audit.record("training.judges_named", by=by, target=row, detail={"judges": [user.pk for user in new]})
    return len(new)


@transaction.atomic
def drop_judge(judge: Judge, *, reason: str, by: User, on: date) -> Contest:
    """Somebody does not judge any longer: what they gave counts no more, and judging is open again.

    Raises ContestRefused without a reason: what the others gave may be known by then.
    """
    row = locked(judge.contest)
    refuse_own(row, by)
    if not row.is_open:
        raise ContestRefused(CLOSED)
    if not reason.strip():
        raise ContestRefused("请写明不再担任评委的原因，会记入操作记录。")
    given = judge.judgements.count()
    if not Judge.objects.filter(pk=judge.pk).delete()[0]:
        raise ContestRefused("这位评委已经移出，请重新打开页面查看。")
    if row.has_result:
        row.phase = ContestPhase.JUDGING
        row.save(update_fields=["phase"])
    if row.is_judging:
        ask_judges(row, by=by, on=on)
    detail = {"judge": judge.user_id, "judgements": given, "reason": reason.strip()[:LONGEST_REASON]}
    audit.record("training.judge_dropped", by=by, target=row, detail=detail)
    return row


@transaction.atomic
def judge_work(work: Work, *, points: Mapping[int, Decimal], comment: str, by: User, on: date) -> Judgement:
    """Final once given. Raises ContestRefused for a second one, for who is bound, for a missing point."""
    row = locked(work.contest)
    seat = next(iter(seats_of(row, on=on, only=by)), None)
    if not row.is_judging or seat is None or work.pk not in seat.works:
        raise ContestRefused("这份作品现在不由您评审，请重新打开页面查看。")
    if runners_among([by], row, on=on):
        raise ContestRefused("您负责组织竞赛，能看到作者，请由其他评委评审。")
    if work.pk in seat.judged:
        raise ContestRefused("这份作品您已经评过，提交以后不能再改。")
    criteria = list(row.criteria.order_by("position"))
    if any(not 0 <= points.get(criterion.pk, Decimal(-1)) <= MOST_POINTS for criterion in criteria):
        raise ContestRefused("请给每个评分项打 0 至 100 分。")
    if not comment.strip():
        raise ContestRefused("请写一句给作者的话，公布以后作者能看到，不署评委姓名。")
    given = Judgement.objects.create(work=work, judge=seat.judge, comment=comment.strip(), given_on=on)
    Point.objects.bulk_create(
        Point(judgement=given, criterion=criterion, points=points[criterion.pk]) for criterion in criteria
    )
    settle_done(row, seats_of(row, on=on), by=by, on=on)
    audit.record("training.work_judged", by=by, target=work)
    return given
