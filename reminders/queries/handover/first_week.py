"""The newcomer's first days: a short list made of what is stored, gone by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from branches.models import DevelopmentCase, Member, Organisation
from branches.queries.development import next_words
from notices.models import Channel
from periods.labels import day_label, days_left_label
from reminders.handover_rules import FIRST_WEEK_DAYS, FIRST_WEEK_LINES, FIRST_WEEK_SHOWN_DAYS, Part
from reminders.models import CalendarFeed, Handover, ReminderItem
from reminders.queries.handover.people import account_of, handover_url, secretaries_of

ITEMS_NAMED = 3


@dataclass(frozen=True)
class FirstStep:
    """One thing to do first."""

    title: str
    detail: str = ""
    url: str = ""
    tone: str = ""


def first_week(handover: Handover, *, on: date) -> list[FirstStep]:
    """At most FIRST_WEEK_LINES lines; empty before the change of hands and some days after it."""
    if handover.changed_hands_at is None or handover.newcomer_post is None:
        return []
    begun = timezone.make_naive(handover.changed_hands_at).date()
    if on < begun or on > begun + timedelta(days=FIRST_WEEK_SHOWN_DAYS):
        return []
    return list(_steps(handover, on))[:FIRST_WEEK_LINES]


def _steps(handover: Handover, on: date) -> Iterator[FirstStep]:
    yield from _items(handover, on)
    yield from _recruiting(handover, on)
    yield from _whom_to_ask(handover, on)
    yield from _own_settings(handover)
    yield from _traps(handover)


def _items(handover: Handover, on: date) -> Iterator[FirstStep]:
    """What is overdue or due within the week; the rest stays behind one line."""
    soon = ReminderItem.objects.filter(
        organisation=handover.organisation_id, due_on__lte=on + timedelta(days=FIRST_WEEK_DAYS)
    )
    rows = list(soon.unsettled().select_related("version").order_by("due_on", "pk"))
    for item in rows[:ITEMS_NAMED]:
        late = item.due_on < on
        detail = f"{day_label(item.due_on, on)}截止，{days_left_label(item.due_on, on)}"
        url = reverse("reminders:item_detail", args=[item.pk])
        yield FirstStep(item.title, detail, url, "late" if late else "soon")
    if (left := len(rows) - ITEMS_NAMED) > 0:
        url = f"{reverse('reminders:month_list')}?organisation={handover.organisation.code}"
        yield FirstStep(f"另有 {left} 项一周内到期或已逾期", "在本月清单里逐项办理", url)


def _recruiting(handover: Handover, on: date) -> Iterator[FirstStep]:
    place = Organisation.objects.filter(pk=handover.organisation_id)
    cases = DevelopmentCase.objects.ongoing().exclude(next_due_on=None)
    here = cases.filter(member__in=Member.objects.of_organisations(place, on=on))
    first = here.select_related("member").order_by("next_due_on", "pk").first()
    if first is not None and first.next_due_on is not None:
        url = reverse("branches:development_detail", args=[first.pk])
        detail = f"{next_words(first, on)}，{day_label(first.next_due_on, on)}前"
        yield FirstStep(f"发展党员：{first.member.name}", detail, url)


def _whom_to_ask(handover: Handover, on: date) -> Iterator[FirstStep]:
    people = [f"书记{user.name}" for user in secretaries_of(handover.organisation, on=on)]
    if handover.mentor_name:
        people.insert(0, f"结对帮带的{handover.mentor_name}")
    if people:
        yield FirstStep("有不清楚的先问", "、".join(people))


def _own_settings(handover: Handover) -> Iterator[FirstStep]:
    """Ways to be told and the calendar, as long as the newcomer has none."""
    account = account_of(handover.newcomer_post) if handover.newcomer_post else None
    if account is None:
        return
    if not CalendarFeed.objects.in_use().of(account).exists():
        yield FirstStep(
            "把到期日放进自己的日历", "手机日历订阅一次，之后自动更新", reverse("reminders:feed_list")
        )
    if not Channel.objects.of(account).exists():
        yield FirstStep("设置通知方式", "邮件或群机器人，到期前会提醒")


def _traps(handover: Handover) -> Iterator[FirstStep]:
    traps = handover.lines.filter(part=Part.TRAPS).count()
    if traps:
        yield FirstStep("读一遍容易出错的地方", f"交接清单里有 {traps} 条", url=handover_url(handover.pk))
