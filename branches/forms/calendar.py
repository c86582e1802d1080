"""The editable working calendar: several days pasted at once."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from branches.actions import calendar as actions
from branches.actions.calendar import DayData
from branches.forms.base import ActionForm, lines_of
from periods.months import FIRST_YEAR, LAST_YEAR

DAY_LINE = re.compile(r"(?P<day>\d{4}-\d{1,2}-\d{1,2})\s+(?P<kind>休|班)\s*(?P<name>.{0,40})")
MANY = 120


class CalendarDaysForm(ActionForm):
    submit_label = "加入日历"

    days = forms.CharField(
        label="放假和调休上班的日子，每行一个",
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "2027-01-01 休 元旦\n2027-01-09 班 元旦调休"}),
        help_text="写成“日期 休或班 名称”。平常的周末和工作日不用写；同一天再写一次即改正。",
    )

    def __init__(self, data: Any = None, *, library_years: frozenset[int]) -> None:
        super().__init__(data)
        self.library_years = library_years

    def clean_days(self) -> list[DayData]:
        lines = lines_of(self.cleaned_data["days"])
        if len(lines) > MANY:
            raise ValidationError(f"一次最多 {MANY} 行，请分几次。")
        days = [_day(line) for line in lines]
        if known := next((d for d in days if d.on.year in self.library_years), None):
            raise ValidationError(f"{known.on.year} 年的放假安排系统已有，不必填写 {known.on:%Y-%m-%d}。")
        return days

    def act(self, *, by: User | None, on: date) -> int:
        return actions.set_calendar_days(self.cleaned_data["days"], by=by)


def _day(line: str) -> DayData:
    match = DAY_LINE.fullmatch(line)
    try:
        day = date(*map(int, match["day"].split("-"))) if match else None
    except ValueError:
        day = None
    if match is None or day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(f"没有认出“{line[:40]}”，请写成“2027-01-01 休 元旦”。")
    return DayData(day, match["kind"] == "班", match["name"].strip())
