"""Telling those who mend: something was found in their branch, or a result came back.

Called inside the transaction of what is told; nobody is told of their own act.
"""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from errorbank.models import Finding, FindingStep
from errorbank.notice_events import FINDING_RECORDED, FINDING_RETURNED, finding_subject
from errorbank.queries.keeping import keepers_of
from notices.actions.outbox import Letter, LineData, tell_all
from periods.labels import day_label


def tell_recorded(finding: Finding, *, by: User | None, on: date) -> None:
    line = _line(finding, finding.problem, "一项问题需要整改", on)
    title = f"{finding.organisation.name}有一项问题需要整改"
    _tell(finding, FINDING_RECORDED, f"finding:{finding.pk}", title, line, by=by, on=on)


def tell_returned(finding: Finding, step: FindingStep, *, by: User | None, on: date) -> None:
    line = _line(finding, f"{finding.problem}：{step.text}", "一项整改结果被退回，请补充后再提交", on)
    title = f"{finding.organisation.name}有一项整改结果被退回"
    _tell(finding, FINDING_RETURNED, f"finding_returned:{step.pk}", title, line, by=by, on=on)


def _line(finding: Finding, text: str, outside: str, on: date) -> LineData:
    until = f"（{day_label(finding.deadline_on, on)}前）"
    return LineData(
        text=f"{text}{until}",
        outside_text=f"{outside}{until}",
        subject=finding_subject(finding.pk),
        url=reverse("errorbank:finding_detail", args=[finding.pk]),
    )


def _tell(
    finding: Finding, event: str, key: str, title: str, line: LineData, *, by: User | None, on: date
) -> None:
    def letters() -> Iterator[Letter]:
        for user in _keepers(finding, by=by, on=on):
            yield Letter(
                recipient=user,
                event=event,
                key=key,
                title=title,
                outside_title="有一项问题需要整改" if event == FINDING_RECORDED else "有一项整改结果被退回",
                lines=(line,),
                url=line.url,
                organisation=finding.organisation,
            )

    tell_all(letters(), now=timezone.now())


def _keepers(finding: Finding, *, by: User | None, on: date) -> list[User]:
    keys = keepers_of([finding.organisation_id], on=on).get(finding.organisation_id, set())
    told = User.objects.filter(pk__in=keys, is_active=True)
    return list((told.exclude(pk=by.pk) if by else told).order_by("pk"))
