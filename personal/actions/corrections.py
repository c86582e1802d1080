"""Asking for a correction of one's own data, and answering in writing."""

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from audit import actions as audit
from notices.actions.outbox import Letter, LineData, tell, tell_all
from personal.models import Correction
from personal.notice_events import CORRECTION_ANSWERED, CORRECTION_ASKED, correction_subject
from personal.queries import answerers_of, place_of
from personal.rules import CorrectionRefused, CorrectionState, CorrectionSubject, checked_words


@transaction.atomic
def ask_correction(
    *, subject: CorrectionSubject, words: str, by: User, on: date, now: datetime
) -> Correction:
    """Tell staff that something kept about oneself is wrong. Raises CorrectionRefused."""
    User.objects.select_for_update().get(pk=by.pk)  # of two clicks at once the second sees the first
    place, text = place_of(by, on=on), checked_words(words)
    if place is None:
        raise CorrectionRefused("您还没有登记所在的党组织，请直接联系党总支工作人员。")
    if Correction.objects.waiting().filter(user=by, subject=subject).exists():
        raise CorrectionRefused("这一类信息的申请正在核对，有了答复再提出新的。")
    answerers = answerers_of(place, asker=by, on=on)
    if not answerers:
        raise CorrectionRefused(
            "目前没有其他工作人员可以答复您的申请，请直接联系党委党务干部；"
            "也可以请系统管理员先登记一位党务干部，再提出申请。"
        )
    made = Correction.objects.create(user=by, organisation=place, subject=subject, words=text, asked_at=now)
    _tell_answerers(made, answerers, now=now)
    audit.record("personal.correction_asked", by=by, target=made, detail={"subject": subject})
    return made


@transaction.atomic
def answer_correction(
    row: Correction, *, corrected: bool, answer: str, by: User, now: datetime
) -> Correction:
    """Answer in writing; the correction itself is made where the fact is kept. Raises CorrectionRefused."""
    row = Correction.objects.select_for_update(of=("self",)).select_related("user").get(pk=row.pk)
    if row.state == CorrectionState.RECALLED:
        raise CorrectionRefused("本人已撤回这项申请，不用答复。")
    if row.state != CorrectionState.WAITING:
        raise CorrectionRefused("这项申请已经答复，不用重复答复。")
    if row.user_id == by.pk:
        raise CorrectionRefused("本人的申请请由另一位工作人员答复。")
    row.answer = checked_words(answer)
    row.state = CorrectionState.CORRECTED if corrected else CorrectionState.EXPLAINED
    row.answered_by, row.answered_at = by, now
    row.save(update_fields=["answer", "state", "answered_by", "answered_at"])
    _tell_asker(row, now=now)
    audit.record("personal.correction_answered", by=by, target=row, detail={"corrected": corrected})
    return row


@transaction.atomic
def recall_correction(row: Correction, *, by: User) -> Correction:
    """Take back one's own request while it waits. Raises CorrectionRefused."""
    row = Correction.objects.select_for_update(of=("self",)).of(by).get(pk=row.pk)
    if row.state != CorrectionState.WAITING:
        raise CorrectionRefused("这项申请已经答复或撤回，不能再撤回。")
    row.state = CorrectionState.RECALLED
    row.save(update_fields=["state"])
    audit.record("personal.correction_recalled", by=by, target=row)
    return row


def _tell_answerers(row: Correction, answerers: list[User], *, now: datetime) -> None:
    line = LineData(
        text=f"{row.user.name}提出更正：{row.get_subject_display()}",
        outside_text="一项个人信息更正申请待答复",
        subject=correction_subject(row.pk),
        url=reverse("personal:correction_answer", args=[row.pk]),
    )
    title = f"{row.organisation.name}有一项更正申请"
    tell_all(
        (
            Letter(
                recipient=user,
                event=CORRECTION_ASKED,
                key=f"correction:{row.pk}",
                title=title,
                outside_title="有一项更正申请待答复",
                lines=(line,),
                url=line.url,
                organisation=row.organisation,
            )
            for user in answerers
        ),
        now=now,
    )


def _tell_asker(row: Correction, *, now: datetime) -> None:
    line = LineData(
        text=f"{row.get_subject_display()}：{row.get_state_display()}",
        outside_text="您的更正申请已有答复",
        url=reverse("personal:own_data"),
    )
    tell(
        Letter(
            recipient=row.user,
            event=CORRECTION_ANSWERED,
            key=f"correction_answered:{row.pk}",
            title="您的更正申请已有答复",
            outside_title="您的更正申请已有答复",
            lines=(line,),
            url=line.url,
        ),
        now=now,
    )
