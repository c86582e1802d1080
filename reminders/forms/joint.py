"""The day from which joint branches stand."""

from datetime import date
from typing import Any

from accounts.models import User
from branches.forms.base import ActionForm, DayField
from branches.models import JointPlan
from reminders.actions.joint import CarriedOut, carry_out, preview


class CarryOutForm(ActionForm):
    effective_on = DayField(
        label="实施日期", help_text="从这一天起由联合党支部开展工作；不早于批复日期，不晚于今天。"
    )

    def __init__(self, data: Any = None, *, plan: JointPlan, **options: Any) -> None:
        super().__init__(data, **options)
        self.plan = plan

    def act(self, *, by: User | None, on: date) -> CarriedOut:
        return carry_out(self.plan, effective_on=self.cleaned_data["effective_on"], by=by, today=on)


class PreviewForm(CarryOutForm):
    """The same day, with what would happen instead of doing it."""

    def act(self, *, by: User | None, on: date) -> CarriedOut:
        return preview(self.plan, effective_on=self.cleaned_data["effective_on"], by=by, today=on)
