"""Leaf: the five columns of the overview. Every item is in exactly one of them, or withdrawn."""

from datetime import date

from django.db.models import Q, TextChoices

from periods.months import Month
from reminders.rules import OPEN_STATES, SETTLED_STATES, ItemState


class Bucket(TextChoices):
    DONE = "done", "已完成"
    TODO = "todo", "待办"
    OVERDUE = "overdue", "已逾期"
    RETURNED = "returned", "退回"
    NOT_APPLICABLE = "not_applicable", "不适用"
    WITHDRAWN = "withdrawn", "已撤下"

    @property
    def tone(self) -> str:
        """The colour of its tag."""
        return _TONES.get(self, "")


_TONES = {
    Bucket.DONE: "ok",
    Bucket.OVERDUE: "late",
    Bucket.RETURNED: "soon",
    Bucket.NOT_APPLICABLE: "off",
    Bucket.WITHDRAWN: "off",
}

# What a list counts; an item that was withdrawn is asked of nobody.
COUNTED = (Bucket.DONE, Bucket.TODO, Bucket.OVERDUE, Bucket.RETURNED, Bucket.NOT_APPLICABLE)


def in_bucket(bucket: Bucket, *, on: date) -> Q:
    """The condition that puts an item into this column on that day."""
    if bucket is Bucket.TODO:
        return Q(state=ItemState.OPEN, due_on__gte=on)
    if bucket is Bucket.OVERDUE:
        return Q(state=ItemState.OPEN, due_on__lt=on)
    return Q(state=ItemState(bucket.value))


def bucket_of(state: str, due_on: date, *, on: date) -> Bucket:
    if state == ItemState.OPEN:
        return Bucket.OVERDUE if due_on < on else Bucket.TODO
    return Bucket(state)


def is_listed(*, on: date) -> Q:
    """From its first reminder day; what was sent back is listed at once, however early it was done."""
    return Q(remind_on__lte=on) | Q(state=ItemState.RETURNED)


def of_month(month: Month, *, on: date) -> Q:
    """Items that stand on the month's list, so that a number equals the rows behind it.

    The current month: what is listed and still open, however old, and what was due or done in it. A past
    month: what was due or done in it. A coming month: what is known to fall due or to be listed in it.
    """
    bounds = (month.first, month.last)
    due_or_done = Q(due_on__range=bounds) | Q(done_on__range=bounds)
    unsettled = Q(state__in=sorted(OPEN_STATES))
    if month == Month.of(on):
        return (unsettled & is_listed(on=on)) | (Q(state__in=sorted(SETTLED_STATES)) & due_or_done)
    if month < Month.of(on):
        return due_or_done
    return unsettled & (Q(due_on__range=bounds) | Q(remind_on__range=bounds))
