"""Leaf: the five columns of the overview. Every item is in exactly one of them, or withdrawn."""

from datetime import date

from django.db.models import Q, TextChoices

from periods.months import Month
from reminders.rules import ItemState


class Bucket(TextChoices):
    DONE = "done", "已完成"
    TODO = "todo", "待办"
    OVERDUE = "overdue", "已逾期"
    RETURNED = "returned", "退回"
    NOT_APPLICABLE = "not_applicable", "不适用"
    WITHDRAWN = "withdrawn", "已撤下"


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


def of_month(month: Month, *, on: date) -> Q:
    """Items that belong to the month.

    Settled ones by their due date or the date they were done; open ones from their first reminder day, and
    once overdue in every later month up to the current one.
    """
    in_month = Q(due_on__range=(month.first, month.last))
    settled = Q(state__in=[ItemState.DONE, ItemState.NOT_APPLICABLE]) & (
        in_month | Q(done_on__range=(month.first, month.last))
    )
    unsettled = Q(state__in=[ItemState.OPEN, ItemState.RETURNED])
    listed = Q(remind_on__lte=month.last, due_on__gte=month.first)
    late = Q(due_on__lt=month.first) if month <= Month.of(on) else Q(pk__in=[])
    return settled | (unsettled & (listed | late))
