"""Telling the workers below that a brief is there to be read."""

from datetime import date, datetime

from django.urls import reverse

from accounts.models import User
from dashboards.models import Brief
from dashboards.notice_events import BRIEF_RELEASED, brief_subject
from dashboards.queries.briefs import workers_below
from notices.actions.outbox import Letter, LineData, tell_all


def tell_released(brief: Brief, *, on: date, now: datetime) -> int:
    """Once to each; nobody of the own act. Called inside the transaction of the release."""
    workers = workers_below(brief.organisation, on=on).exclude(briefs_released=brief)
    return tell_all((_letter(brief, user) for user in workers.order_by("pk")), now=now)


def _letter(brief: Brief, user: User) -> Letter:
    again = "更正后的" if brief.reason else ""
    title = f"{brief.organisation.name}发布了{again} {brief.of.label}月度通报"
    url = reverse("dashboards:brief_detail", args=[brief.pk])
    line = LineData(
        text=f"{brief.issue}：{brief.title}",
        outside_text=f"{brief.of.label}月度通报",
        subject=brief_subject(brief.pk),
        url=url,
    )
    return Letter(
        recipient=user,
        event=BRIEF_RELEASED,
        key=f"brief:{brief.pk}",
        title=title,
        outside_title=f"{brief.of.label}月度通报已发布",
        lines=(line,),
        intro=f"更正原因：{brief.reason}" if brief.reason else "",
        url=url,
        organisation=brief.organisation,
    )
