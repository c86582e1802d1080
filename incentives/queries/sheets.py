"""Bonus sheets: those issued, and what the next one would say."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from accounts.models import User
from branches.models import Organisation
from incentives.models import AnnualRecord, BonusSheet
from incentives.models.records import VIEW_BONUS
from incentives.queries.records import YearRecord, workers_of, year_records


def sheet_records(place: Organisation, year: int, *, on: date) -> list[YearRecord]:
    """Of every worker at or below the organisation; four statements."""
    return year_records(workers_of(Organisation.objects.within(place), year, on=on), year, on=on)


def total_of(records: Iterable[YearRecord]) -> Decimal:
    return sum((record.result.bonus for record in records), Decimal("0.00"))


def sheets_for(user: User, *, on: date) -> QuerySet[BonusSheet]:
    found = BonusSheet.objects.permitted_to(user, VIEW_BONUS, on=on)
    related = ("organisation", "issued_by", "policy")
    return found.select_related(*related).order_by("-year", "organisation__code", "-version")


def lines_of(sheet: BonusSheet) -> QuerySet[AnnualRecord]:
    """By organisation and name."""
    rows = AnnualRecord.objects.filter(sheet=sheet).select_related("user", "organisation")
    return rows.order_by("organisation__level", "organisation__code", "user__name", "pk")
