"""Outputs: what they are, the states of a version, and how they are put together; no ORM, no clock."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import TextChoices

# A review is asked for by the workday on or after so many days.
REVIEW_WITHIN = timedelta(days=10)


class OutputKind(TextChoices):
    METHOD = "method", "工作法"
    CASE = "case", "案例"
    RESEARCH = "research", "研究成果"


class OutputState(TextChoices):
    DRAFT = "draft", "草稿"
    CREDIT = "credit", "待作者确认署名"
    REVIEW = "review", "待审核"
    RETURNED = "returned", "退回修改"
    PUBLISHED = "published", "已入库"
    SUPERSEDED = "superseded", "已有新版"


# Its text may still be changed.
WRITABLE = frozenset({OutputState.DRAFT, OutputState.RETURNED})
UNDECIDED = frozenset({*WRITABLE, OutputState.CREDIT, OutputState.REVIEW})


def after_credit(authors: Collection[int], agreed: Collection[int]) -> OutputState:
    """Where a version handed in stands: with the reviewer once every author agrees."""
    return OutputState.REVIEW if set(authors) <= set(agreed) else OutputState.CREDIT
