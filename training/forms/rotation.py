"""Forms of the rotation: a new year, and who cannot go when."""

from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField
from branches.models import Organisation
from training.actions.rotation import drop_out, make_plan
from training.models import RotationPlan
from training.models.rotation import PLAN_ROTATION
from training.queries.rotation import people_of_plan
from training.rules.rotation import MONTHS, MOST_A_MONTH

MONTH_CHOICES = [(str(month), f"{month} 月") for month in MONTHS]


class MonthsField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> list[int]:
        return [int(month) for month in super().clean(value)]


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no subscript at run time
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class RotationForm(ActionForm):
    """A year to be planned."""

    submit_label = "排出草案"

    organisation = CodedField(label="组织者", queryset=Organisation.objects.none())
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)
    per_month = forms.TypedChoiceField(
        label="每月几位",
        coerce=int,
        choices=[(str(n), f"{n} 位") for n in range(MOST_A_MONTH, 0, -1)],
        help_text="两位同行时，新手和有经验的搭配。",
    )
    busy = MonthsField(
        label="业务繁忙的月份", choices=MONTH_CHOICES, required=False, help_text="这些月份只安排一位。"
    )

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data, initial={"year": on.year + (on.month > MONTHS[-2]), "busy": ["1", "12"]})
        offices = Organisation.objects.permitted_to(user, PLAN_ROTATION, on=on).active(on=on)
        hosts = offices.exclude(pk__in=offices.branches()).in_tree_order()
        self.offer_rows("organisation", hosts)
        if len(found := list(hosts[:2])) == 1:
            self.initial["organisation"] = found[0].pk
            self.fields["organisation"].widget = forms.HiddenInput()

    def act(self, *, by: User | None, on: date) -> RotationPlan:
        said = self.cleaned_data
        return make_plan(
            said["organisation"],
            year=said["year"],
            per_month=said["per_month"],
            busy=said["busy"],
            by=cast(User, by),
            on=on,
        )


class AwayForm(ActionForm):
    """Somebody cannot go in some months."""

    submit_label = "登记并重排"
    refusal_field = "months"

    person = PersonField(label="谁", queryset=User.objects.none(), empty_label="请选择")
    months = MonthsField(label="不便参加的月份", choices=MONTH_CHOICES, help_text="只登记月份，不用写原因。")

    def __init__(self, data: Any = None, *, plan: RotationPlan, on: date) -> None:
        super().__init__(data)
        self.plan = plan
        keys = [person.key for person in people_of_plan(plan, on=on)]
        self.offer_rows("person", User.objects.filter(pk__in=keys).order_by("name", "pk"))

    def act(self, *, by: User | None, on: date) -> RotationPlan:
        said = self.cleaned_data
        return drop_out(self.plan, said["person"], months=said["months"], by=cast(User, by), on=on)
