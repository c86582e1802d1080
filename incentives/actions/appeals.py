"""Contesting one's year or an entry of it, and answering: by another person, in writing, by a day."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from audit import actions as audit
from branches.calendar import work_calendar
from branches.models import Organisation
from incentives.actions.contributions import take_back
from incentives.models import Appeal, ContributionEntry
from incentives.notice_events import APPEAL_ANSWERED, APPEAL_MADE, appeal_subject
from incentives.queries.appeals import answerers_of, grader_of, may_cancel, others_than
from incentives.rules.appeals import ANSWER_WORKDAYS, AppealState
from incentives.rules.contributions import IncentiveRefused
from notices.actions.outbox import Letter, LineData, tell, tell_all


@transaction.atomic
def appeal(
    place: Organisation,
    *,
    year: int,
    entry: ContributionEntry | None,
    words: str,
    by: User,
    on: date,
    now: datetime,
) -> Appeal:
    """Contest the own year, or one own entry of it. Raises IncentiveRefused."""
    User.objects.select_for_update().get(pk=by.pk)  # of two clicks at once the second sees the first
    if entry is not None and (entry.user_id != by.pk or entry.happened_on.year != year):
        raise IncentiveRefused("只能对本人这一年的记录提出申诉。")
    if not words.strip():
        raise IncentiveRefused("请写明哪里不对、应当是怎样。")
    if Appeal.objects.waiting().filter(user=by, year=year, entry=entry).exists():
        raise IncentiveRefused("这一项的申诉正在等答复，不用重复提出。")
    due = work_calendar().add_workdays(on, ANSWER_WORKDAYS)
    made = Appeal.objects.create(
        organisation=place, user=by, year=year, entry=entry, words=words.strip(), made_on=on, due_on=due
    )
    _tell_answerers(made, on=on, now=now)
    audit.record("incentives.appeal_made", by=by, target=made, detail={"year": year})
    return made


@transaction.atomic
def answer_appeal(
    row: Appeal,
    *,
    corrected: bool,
    answer: str,
    by: User,
    on: date,
    now: datetime,
    cancel_entry: bool = False,
) -> Appeal:
    """Answer in writing; `cancel_entry` takes the contested entry back. Raises IncentiveRefused."""
    row = Appeal.objects.select_for_update(of=("self",)).select_related("entry", "user").get(pk=row.pk)
    _refuse_answer(row, answer, by, on=on)
    if corrected and cancel_entry and row.entry:
        if not may_cancel(by, row.entry, on=on):
            raise IncentiveRefused("冲销由党总支的党务干部办理：请先联系他们答复这一件。")
        take_back(row.entry, reason=f"申诉更正：{answer.strip()}"[:200], by=by, now=now)
    row.state = AppealState.CORRECTED if corrected else AppealState.EXPLAINED
    row.answer, row.answered_by, row.answered_on = answer.strip(), by, on
    row.save(update_fields=["state", "answer", "answered_by", "answered_on"])
    _tell_person(row, now=now)
    audit.record("incentives.appeal_answered", by=by, target=row, detail={"state": str(row.state)})
    return row


def _refuse_answer(row: Appeal, answer: str, by: User, *, on: date) -> None:
    if row.state != AppealState.WAITING:
        raise IncentiveRefused("这一件刚刚已经答复过，请刷新页面查看。")
    if by.pk == row.user_id:
        raise IncentiveRefused("本人的申诉请由其他人答复。")
    if by.pk == grader_of(row) and others_than(by, row, on=on).exists():
        raise IncentiveRefused("这一项是您记上或出表的，请由另一位党务干部答复。")
    if not answer.strip():
        raise IncentiveRefused("请写明核对了什么、结果如何，本人看得到。")


def _tell_answerers(row: Appeal, *, on: date, now: datetime) -> None:
    url = reverse("incentives:appeal_answer", args=[row.pk])
    line = LineData(
        text=f"{row.user.name}对 {row.year} 年的激励记录提出申诉，请在 {row.due_on:%Y-%m-%d} 前答复",
        outside_text=f"有一件申诉待答复（{row.due_on:%Y-%m-%d}前）",
        subject=appeal_subject(row.pk),
        url=url,
    )

    def letters() -> Iterator[Letter]:
        for user in answerers_of(row.organisation, on=on).exclude(pk=row.user_id):
            yield Letter(
                recipient=user,
                event=APPEAL_MADE,
                key=f"appeal:{row.pk}",
                title="有一件申诉待答复",
                outside_title="有一件申诉待答复",
                lines=(line,),
                url=url,
                organisation=row.organisation,
            )

    tell_all(letters(), now=now)


def _tell_person(row: Appeal, *, now: datetime) -> None:
    url = reverse("incentives:appeal_list")
    line = LineData(text=f"{row.get_state_display()}：{row.answer}", outside_text="申诉已有答复", url=url)
    tell(
        Letter(
            recipient=row.user,
            event=APPEAL_ANSWERED,
            key=f"appeal_answered:{row.pk}",
            title="您的申诉已有答复",
            outside_title="申诉已有答复",
            lines=(line,),
            url=url,
            organisation=row.organisation,
        ),
        now=now,
    )
