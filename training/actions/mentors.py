"""Offering help, asking for it quietly, and pairs of mentor and pupil.

Nothing here writes down who asked for help but the request itself: no audit row, no name in a notice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from branches.rules import Refusal
from training.actions.duties import DutyData, ask, settle
from training.actions.mentors_telling import tell_asked, tell_pair
from training.models import HelpRequest, MentorTopic, Pair, PairTalk
from training.queries.mentors import loads_of
from training.rules.duties import DutyKind
from training.rules.mentors import ASKED_WITHIN, DECIDE_BEFORE, LONGEST_PAIR, topic_names


class MentorRefused(Refusal):
    """It cannot be done so; str() says what to do."""


ENDED = "这对结对已经结束，请重新打开页面查看。"


@transaction.atomic
def offer_topics(user: User, *, topics: Sequence[str], most: int) -> int:
    """Exactly these topics are offered from now on; what was asked already stays. Returns how many."""
    user.mentor_topics.exclude(topic__in=topics).delete()
    MentorTopic.objects.bulk_create(
        [MentorTopic(user=user, topic=topic, most=most) for topic in topics],
        update_conflicts=True,
        unique_fields=["user", "topic"],
        update_fields=["most"],
    )
    return len(topics)


@transaction.atomic
def ask_help(offer: MentorTopic, *, by: User, on: date) -> HelpRequest:
    """Ask whoever offers this; only the helper learns who asks. Raises MentorRefused."""
    # Locked, so that of two clicks at once the second sees the first.
    row = MentorTopic.objects.select_for_update(of=("self",)).select_related("user").get(pk=offer.pk)
    if row.user_id == by.pk:
        raise MentorRefused("这是您自己提供的帮助，请另选一位同事。")
    waiting = HelpRequest.objects.waiting().filter(helper=row.user, topic=row.topic)
    if waiting.filter(asker=by).exists():
        raise MentorRefused(f"已经请过{row.user.name}，对方看得到，不用再请。")
    if loads_of([row.user_id], on=on)[row.user_id, row.topic] >= row.most:
        raise MentorRefused(f"{row.user.name}手上已经满了，请先另选一位，或过些天再来。")
    request = HelpRequest.objects.create(asker=by, helper=row.user, topic=row.topic, asked_on=on)
    tell_asked(request)
    return request


@transaction.atomic
def close_help(request: HelpRequest, *, by: User, on: date) -> HelpRequest:
    """Talked about, or no longer needed; either of the two may say so. Raises MentorRefused."""
    row = HelpRequest.objects.select_for_update().get(pk=request.pk)
    if by.pk not in (row.asker_id, row.helper_id) or row.closed_on:
        raise MentorRefused("这一条已经收起，不用再办。")
    row.closed_on = on
    row.save(update_fields=["closed_on"])
    return row


def forget_helps(*, on: date) -> int:
    """Closed requests that no count needs any longer are deleted; returns how many."""
    gone, _ = HelpRequest.objects.filter(closed_on__isnull=False, asked_on__lte=on - ASKED_WITHIN).delete()
    return gone


@dataclass(frozen=True)
class PairData:
    mentor: User
    pupil: User
    goals: Sequence[str]
    since: date
    until: date


@transaction.atomic
def make_pair(place: Organisation, *, data: PairData, by: User, on: date) -> Pair:
    """Bring two together; both are told, the office decides before the end. Raises MentorRefused."""
    # Locked, so that of two clicks at once the second sees the first.
    Organisation.objects.select_for_update().get(pk=place.pk)
    _refuse_unfit(data, on)
    _refuse_full(data, on)
    pair = Pair.objects.create(
        organisation=place,
        mentor=data.mentor,
        pupil=data.pupil,
        goals=list(data.goals),
        since=data.since,
        until=data.until,
        made_by=by,
    )
    _ask_to_decide(pair, on)
    tell_pair(pair, by=by, on=on)
    audit.record("training.pair_made", by=by, target=pair, detail={"until": pair.until})
    return pair


@transaction.atomic
def prolong_pair(pair: Pair, *, until: date, by: User, on: date) -> Pair:
    """It goes on until that day. Raises MentorRefused."""
    row = _standing(pair)
    if until <= max(row.until, on):
        raise MentorRefused("新的结束日期要晚于今天，也晚于原来的结束日期。")
    if until - row.since > LONGEST_PAIR:
        raise MentorRefused("一次结对最长两年；还要继续的，请结束以后重新结对。")
    row.until = until
    row.save(update_fields=["until"])
    _ask_to_decide(row, on)
    tell_pair(row, by=by, on=on)
    audit.record("training.pair_prolonged", by=by, target=row, detail={"until": until})
    return row


@transaction.atomic
def end_pair(pair: Pair, *, by: User, on: date) -> Pair:
    """It is over from this day on; neither sees the other's map any longer. Raises MentorRefused."""
    row = _standing(pair)
    row.ended_on = on
    row.save(update_fields=["ended_on"])
    settle(DutyKind.PAIR, row.pk, by=by, on=on)
    tell_pair(row, by=by, on=on)
    audit.record("training.pair_ended", by=by, target=row, detail={})
    return row


@transaction.atomic
def note_talk(pair: Pair, *, held_on: date, by: User, on: date) -> PairTalk:
    """The two talked that day; only the day is kept. Raises MentorRefused."""
    row = _standing(pair)
    if by.pk not in (row.mentor_id, row.pupil_id):
        raise MentorRefused("交流日期由结对的两个人自己记。")
    if not row.since <= held_on <= min(on, row.until):
        raise MentorRefused("请填结对期间已经过去的日期，或今天。")
    talk, made = PairTalk.objects.get_or_create(pair=row, held_on=held_on)
    if not made:
        raise MentorRefused("这一天已经记过，没有重复记。")
    return talk


def _refuse_unfit(data: PairData, on: date) -> None:
    if data.mentor == data.pupil:
        raise MentorRefused("帮带人和被帮带人不能是同一位，请重新选择。")
    if not data.goals:
        raise MentorRefused("请至少选择一项帮带内容。")
    if not data.since <= data.until or data.until <= on:
        raise MentorRefused("结束日期要晚于今天，也不早于开始日期。")
    if data.until - data.since > LONGEST_PAIR:
        raise MentorRefused("一次结对最长两年，请把结束日期提前。")
    if Pair.objects.standing().filter(mentor=data.mentor, pupil=data.pupil).exists():
        raise MentorRefused("这两位已经在结对，没有重复安排。")


def _refuse_full(data: PairData, on: date) -> None:
    """Nobody is given more on a topic than offered; what is not offered is agreed upon by talking."""
    offered = data.mentor.mentor_topics.select_for_update().filter(topic__in=data.goals)
    loads = loads_of([data.mentor.pk], on=on)
    full = [row for row in offered.order_by("topic") if loads[data.mentor.pk, row.topic] >= row.most]
    if full:
        topics = "、".join(f"“{topic_names([row.topic])}”同时最多 {row.most} 件" for row in full)
        raise MentorRefused(f"{data.mentor.name}{topics}，已经满了，请另选一位，或减少帮带内容。")


def _standing(pair: Pair) -> Pair:
    row = Pair.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=pair.pk)
    if row.has_ended:
        raise MentorRefused(ENDED)
    return row


def _ask_to_decide(pair: Pair, on: date) -> None:
    name = f"结对到期，续还是结束：{pair.mentor.name}带{pair.pupil.name}"
    asked_on = max(pair.until - DECIDE_BEFORE, pair.since)
    ask(
        [pair.organisation],
        data=DutyData(DutyKind.PAIR, pair.pk, name, pair.until, pair.goal_names, asked_on),
        on=on,
    )
