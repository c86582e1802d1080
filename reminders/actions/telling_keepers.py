"""Telling the keepers of lists at once: an item came back, a special task was sent or withdrawn.

Called inside the transaction of what is told. Nobody is told of their own act, and nobody twice of one.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.urls import reverse

from accounts.models import User
from branches.models import Organisation
from notices.actions.outbox import Letter, LineData, tell_all, withdraw
from periods.labels import day_label
from reminders.actions.telling import outside_name
from reminders.models import ItemReturn, SpecialTask
from reminders.notice_events import ITEM_RETURNED, TASK_SENT, TASK_WITHDRAWN, item_subject, task_subject
from reminders.queries.keepers import away_from, keepings, may_keep
from reminders.rules import ActionKind

OUTSIDE_TASK = ActionKind.SPECIAL_TASK.label


def tell_returned(entry: ItemReturn, *, closed_by: User | None, on: date, now: datetime) -> None:
    """The keepers of the list, and who closed it if that person still may."""
    item = entry.item
    people = {keeping.user for keeping in keepings(on=on, organisations=[item.organisation])}
    if closed_by and closed_by.pk not in people and _still_there(closed_by, item.organisation, on):
        people.add(closed_by.pk)
    line = LineData(
        text=f"{item.title}：{entry.reason}",
        outside_text=f"{outside_name(item)}，请补正后重新登记",
        subject=item_subject(item.pk),
        url=reverse("reminders:item_detail", args=[item.pk]),
    )
    tell_all(
        (
            Letter(
                recipient=user,
                event=ITEM_RETURNED,
                key=f"returned:{entry.pk}",
                title=f"{item.organisation.name}有一项退回",
                outside_title="有一项退回",
                lines=(line,),
                intro=f"对照：{entry.checklist_line}",
                url=line.url,
                organisation=item.organisation,
            )
            for user in _users(people, but=entry.by_id)
        ),
        now=now,
    )


def tell_task_sent(task: SpecialTask, *, name: str, due_on: date, on: date, now: datetime) -> None:
    by = f"{day_label(due_on, on)}前完成"
    texts = (f"{name}，{by}", f"{OUTSIDE_TASK}，{by}")
    _tell_task(task, TASK_SENT, f"task:{task.pk}", "新的专项工作", texts, but=task.sent_by_id, on=on, now=now)


def tell_task_withdrawn(
    task: SpecialTask, *, name: str, reason: str, by: User, on: date, now: datetime
) -> None:
    """What has not left the portal yet of its sending need not leave any more."""
    withdraw([task_subject(task.pk)], now=now)
    texts = (f"{name}已撤回：{reason}", f"一项{OUTSIDE_TASK}已撤回，不用再办")
    key = f"task_withdrawn:{task.pk}"
    _tell_task(task, TASK_WITHDRAWN, key, "专项工作已撤回", texts, but=by.pk, on=on, now=now)


def _tell_task(
    task: SpecialTask,
    event: str,
    key: str,
    title: str,
    texts: tuple[str, str],
    *,
    but: int,
    on: date,
    now: datetime,
) -> None:
    """One message per person, however many of the chosen branches are theirs."""
    places: dict[int, int] = defaultdict(int)
    for keeping in keepings(on=on, organisations=task.targets.all()):
        places[keeping.user] += 1
    inside, outside = texts
    page = reverse("reminders:task_item", args=[task.pk])
    tell_all(
        (
            Letter(
                recipient=user,
                event=event,
                key=key,
                title=title,
                outside_title=title,
                lines=(LineData(_said(inside, places[user.pk]), outside, task_subject(task.pk), page),),
                url=page,
            )
            for user in _users(places, but=but)
        ),
        now=now,
    )


def _said(text: str, places: int) -> str:
    return f"{text}（您的 {places} 个支部）" if places > 1 else text


def _users(keys: Iterable[int], *, but: int) -> list[User]:
    return list(User.objects.filter(pk__in=[key for key in keys if key != but]).order_by("pk"))


def _still_there(user: User, organisation: Organisation, on: date) -> bool:
    return may_keep(user, organisation, on=on) and not away_from(user, organisation, on=on)
