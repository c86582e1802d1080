"""What the ledgers of meetings and of activities share: the records of a period, and a row's common parts."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncDate

from accounts.models import User
from branches.ledger_scope import PeriodFilterForm, asked_days, known_by
from ledgers.ledger import Cleaned
from records.models import Record, RecordAction

VIEW = "records.view_record"


def records_held(
    form: type[PeriodFilterForm], user: User | None, cleaned: Cleaned, on: date, *, codes: Iterable[str]
) -> QuerySet[Record]:
    """Records of the period that answer one of these actions, as far as they were known by that day."""
    days = asked_days(cleaned, on)
    answering = RecordAction.objects.filter(action_code__in=sorted(codes)).values("record")
    held = Record.objects.filter(form.rows_of(user, cleaned, on), known_by(on), pk__in=answering)
    return held.filter(held_on__range=(days.first, days.last))


def in_ledger_order(records: QuerySet[Record]) -> QuerySet[Any]:
    """In tree order, then by day, each with `entered_on` and its organisation."""
    named = records.annotate(entered_on=TruncDate("entered_at")).select_related("organisation")
    return named.order_by("organisation__level", "organisation__code", "held_on", "pk")


def subject_of(record: Record) -> str:
    """Title and topics, once where they say the same."""
    return "：".join(dict.fromkeys(part for part in (record.title, record.topics) if part))
