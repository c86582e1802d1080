"""Writes of protected hours: agreed with a line manager from a day on, until another agreement or an end."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Post
from branches.rules import Refusal
from reminders.models import AgreedTime


class AgreementRefusal(Refusal):
    """An agreement is refused; str() is the sentence for the reader."""


class PostNotHeld(AgreementRefusal):
    def __init__(self) -> None:
        super().__init__("所选的人在这一天没有担任这个支部的党务工作者，请换一个日期。")


class LaterAgreement(AgreementRefusal):
    def __init__(self, since: date) -> None:
        super().__init__(f"{since:%Y-%m-%d} 起已经有一次商定，新的商定请选这一天以后。")


class AlreadyEnded(AgreementRefusal):
    def __init__(self) -> None:
        super().__init__("这次商定已经结束。")


class EndsTooEarly(AgreementRefusal):
    def __init__(self, since: date) -> None:
        super().__init__(f"最后一天请选 {since:%Y-%m-%d} 或以后。")


@dataclass(frozen=True)
class AgreementData:
    hours_a_week: Decimal
    agreed_with: str
    since: date
    usual_time: str = ""


@transaction.atomic
def agree_time(post: Post, *, data: AgreementData, by: User) -> AgreedTime:
    """From that day on; what was agreed before ends on the day before. Raises PostNotHeld, LaterAgreement."""
    held = Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
    if held.since > data.since or (held.until is not None and held.until < data.since):
        raise PostNotHeld
    latest = AgreedTime.objects.filter(post=held).order_by("-since").first()
    if latest and latest.since >= data.since:
        raise LaterAgreement(latest.since)
    if latest and (latest.until is None or latest.until >= data.since):
        latest.until = data.since - timedelta(days=1)
        latest.save(update_fields=["until"])
    made = AgreedTime.objects.create(post=held, made_by=by, **vars(data))
    detail = {"hours_a_week": data.hours_a_week, "since": data.since}
    audit.record("reminders.time_agreed", by=by, target=held, detail=detail)
    return made


@transaction.atomic
def end_agreement(agreed: AgreedTime, *, until: date, by: User) -> AgreedTime:
    """`until` is the last day. Raises AlreadyEnded, EndsTooEarly."""
    held = AgreedTime.objects.select_for_update(of=("self",)).select_related("post").get(pk=agreed.pk)
    if held.until is not None and held.until <= until:
        raise AlreadyEnded
    if until < held.since:
        raise EndsTooEarly(held.since)
    held.until = until
    held.save(update_fields=["until"])
    audit.record("reminders.time_agreement_ended", by=by, target=held.post, detail={"until": until})
    return held
