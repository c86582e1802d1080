"""What ledgers share: written periods, the day they end on, names and entries as they were on a day."""

from datetime import date

import pytest
from django import forms

from branches.ledger_scope import Days, PeriodField, ScopedFilterForm, asked_days, known_by, names_on_day
from branches.ledgers.members import MemberLedgerForm
from branches.models import OrganisationEvent
from branches.rules import OrganisationEventKind
from errorbank.ledgers.findings import RectificationLedgerForm
from periods.months import whole_years
from periods.spans import day_of
from records.ledgers.meetings import MeetingLedgerForm
from records.models import Record
from tests.factories.branches import make_organisation
from tests.factories.records import make_held, moment

ON = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("text", "days", "cleaned"),
    [(" 2026q4 ", False, "2026Q4"), ("2026", False, "2026"), ("2026-11-13", True, "2026-11-13")],
)
def test_a_period_is_read_as_it_is_written(text: str, days: bool, cleaned: str) -> None:
    assert PeriodField(days=days).clean(text) == cleaned


@pytest.mark.parametrize(("text", "days"), [("2026-13", False), ("2026-11-13", False), ("2026-02-30", True)])
def test_what_is_no_period_is_said(text: str, days: bool) -> None:
    with pytest.raises(forms.ValidationError):
        PeriodField(days=days).clean(text)


@pytest.mark.parametrize(
    ("text", "first", "last", "day"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31), date(2026, 10, 31)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30), ON),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), ON),
        ("2027", date(2027, 1, 1), date(2027, 12, 31), ON),
        ("2026-11-13", date(2026, 11, 13), date(2026, 11, 13), date(2026, 11, 13)),
        ("", date.min, date.max, ON),
    ],
)
def test_the_day_is_the_end_of_the_period_or_today(text: str, first: date, last: date, day: date) -> None:
    assert asked_days({"period": text}, ON) == Days(first, last, day)


@pytest.mark.parametrize("text", ["2026-2-3", "2026-02-30", "1899-12-31", "2200-01-01", "20261113", "2026"])
def test_what_is_no_day(text: str) -> None:
    assert day_of(text) is None


@pytest.mark.parametrize(
    ("since", "day", "years"),
    [
        (date(2010, 7, 1), date(2026, 6, 30), 15),
        (date(2010, 7, 1), date(2026, 7, 1), 16),
        (date(1984, 2, 29), date(2026, 2, 27), 41),
        (date(1984, 2, 29), date(2026, 2, 28), 42),
        (date(2026, 7, 1), date(2026, 7, 1), 0),
    ],
)
def test_whole_years(since: date, day: date, years: int) -> None:
    assert whole_years(since, day) == years


@pytest.mark.django_db
def test_an_organisation_renamed_twice_had_three_names() -> None:
    place = make_organisation(name="丙")
    for on, before, after in ((date(2026, 3, 1), "甲", "乙"), (date(2026, 6, 1), "乙", "丙")):
        OrganisationEvent.objects.create(
            organisation=place, kind=OrganisationEventKind.RENAMED, on=on, before=before, after=after
        )
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1))
    assert [names_on_day(day).get(place.pk, place.name) for day in days] == ["甲", "乙", "乙", "丙"]


@pytest.mark.django_db
def test_what_was_known_at_the_end_of_a_day() -> None:
    record = make_held(make_organisation(), on=date(2026, 11, 1), entered=date(2026, 11, 5))
    Record.objects.filter(pk=record.pk).update(cancelled_at=moment(date(2026, 11, 9)))
    known = {day: Record.objects.filter(known_by(date(2026, 11, day))).exists() for day in (4, 5, 8, 9)}
    assert known == {4: False, 5: True, 8: True, 9: False}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("form", "offered"),
    [
        (MeetingLedgerForm, ["2026-11", "2026-10", "2026Q4", "2026", "2025"]),
        (RectificationLedgerForm, ["", "2026-11", "2026-10", "2026Q4", "2026", "2025"]),
        (MemberLedgerForm, ["2026-11-18", "2026-10", "2025"]),
    ],
)
def test_the_usual_periods_are_one_tap_away(form: type[ScopedFilterForm], offered: list[str]) -> None:
    blank = form(user=None, on=ON)
    written = [period for _, period in blank.shortcuts()]
    assert written == offered
    assert [blank.fields["period"].clean(period) for period in written] == offered
