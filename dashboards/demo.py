"""Briefs for the demo: two released ones, and the draft of the last month that waits for staff."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from branches.calendar import work_calendar
from branches.demo import DemoTree
from dashboards.actions.briefs import prepare_brief, release_brief, word_section
from dashboards.models import Brief
from dashboards.notice_events import BRIEF_RELEASED
from dashboards.queries.briefs import last_complete
from dashboards.rules.brief_words import BriefSection
from notices.models import Message
from periods.calendars import WorkCalendar
from periods.months import Month

RELEASED = 2
PREPARED_AT, RELEASED_AT = time(6, 20), time(10, 30)
READ_AFTER = timedelta(hours=3)
ADDED = "请各党支部提前定下党员大会和主题党日的时间，合并安排。"


def load(tree: DemoTree) -> None:
    """As the portal would have prepared them and staff released them, month by month."""
    calendar = work_calendar()
    last = last_complete(on=tree.as_of, calendar=calendar)
    for month in [last.plus(n) for n in range(-RELEASED, 0)]:
        _release(tree, _prepare(tree, month, calendar), calendar)
    draft = _prepare(tree, last, calendar)
    words = f"{draft.generated[BriefSection.NEXT]}\n{ADDED}"
    word_section(draft, BriefSection.NEXT, text=words, by=tree.staff, now=draft.prepared_at)


def _prepare(tree: DemoTree, month: Month, calendar: WorkCalendar) -> Brief:
    on = calendar.on_or_after(month.next().first)
    now = timezone.make_aware(datetime.combine(on, PREPARED_AT))
    return prepare_brief(tree.general, month, by=None, on=on, now=now)


def _release(tree: DemoTree, brief: Brief, calendar: WorkCalendar) -> None:
    """On the next workday; whoever was told then has read it since."""
    on = calendar.add_workdays(brief.figures.as_of, 1)
    now = timezone.make_aware(datetime.combine(on, RELEASED_AT))
    release_brief(brief, by=tree.staff, on=on, now=now)
    Message.objects.filter(event=BRIEF_RELEASED, read_at=None).update(read_at=now + READ_AFTER)
