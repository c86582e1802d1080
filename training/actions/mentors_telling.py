"""Telling a helper that somebody asks, never who; telling the two of their pair."""

from datetime import date

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notices.actions.outbox import Letter, LineData, tell, tell_all
from periods.labels import day_label
from training.models import HelpRequest, Pair
from training.notice_events import HELP_ASKED, PAIR_TOLD, help_subject


def tell_asked(request: HelpRequest) -> None:
    """Without a name even inside the portal: whoever prints or forwards it gives nobody away."""
    line = LineData(
        text="打开“我需要帮手”，看是哪位同事。",
        outside_text="请登录查看",
        subject=help_subject(request.pk),
        url=reverse("training:help_list"),
    )
    letter = Letter(
        recipient=request.helper,
        event=HELP_ASKED,
        key=f"help:{request.pk}",
        title=f"有同事想请您帮忙：{request.topic_name}",
        outside_title="有一条消息等您看",
        lines=(line,),
        url=line.url,
        inside_only=True,
    )
    tell(letter, now=timezone.now())


def tell_pair(pair: Pair, *, by: User, on: date) -> None:
    words = (
        "已经结束，谢谢两位。" if pair.has_ended else f"到{day_label(pair.until, on)}为止，{pair.goal_names}"
    )
    url = reverse("training:pair_detail", args=[pair.pk])
    line = LineData(text=words, outside_text="请登录查看", url=url)
    state = pair.ended_on or pair.until
    letters = [
        Letter(
            recipient=user,
            event=PAIR_TOLD,
            key=f"pair:{pair.pk}:{state}:{pair.has_ended}",
            title=f"结对帮带：{pair.mentor.name}带{pair.pupil.name}",
            outside_title="有一条结对帮带的消息",
            lines=(line,),
            url=url,
            organisation=pair.organisation,
        )
        for user in (pair.mentor, pair.pupil)
        if user.is_active and user.pk != by.pk
    ]
    tell_all(letters, now=timezone.now())
