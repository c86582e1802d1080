"""Public notice of a decision before it holds: its days, its states, who may answer an objection; pure."""

from collections.abc import Collection
from datetime import date

from django.db.models import TextChoices

from periods.calendars import WorkCalendar

WORKDAYS = 5


class NoticeSubject(TextChoices):
    HONOUR = "honour", "荣誉"
    LEVEL = "level", "等级"


class NoticeState(TextChoices):
    OPEN = "open", "公示中"
    OBJECTED = "objected", "异议核查中"
    CLEAR = "clear", "公示通过"
    STOPPED = "stopped", "已中止"


RUNNING_NOTICES = frozenset({NoticeState.OPEN, NoticeState.OBJECTED})
ENDED_NOTICES = frozenset(NoticeState) - RUNNING_NOTICES


class ObjectionWay(TextChoices):
    NAMED = "named", "实名提出"
    IN_PERSON = "in_person", "当面向纪检反映"


class ObjectionOutcome(TextChoices):
    UPHELD = "upheld", "异议成立"
    DISMISSED = "dismissed", "异议不成立"


def last_notice_day(opened_on: date, calendar: WorkCalendar) -> date:
    """The fifth workday after the day of posting; objections come until its end."""
    return calendar.add_workdays(opened_on, WORKDAYS)


def takes_objections(state: str, until: date, *, on: date) -> bool:
    """While it is posted; an objection under review does not shut out another."""
    return state in RUNNING_NOTICES and on <= until


def is_over(until: date, *, on: date) -> bool:
    return on > until


def may_answer(user: int, *, first: int, apart: Collection[int]) -> bool:
    """A second reviewer: not who posted the notice, nor the nominee, the proposer or the objector."""
    return user != first and user not in apart
