"""Forms of the rotation: a new year, and who cannot go when."""

from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, SeveralField
from branches.models import Organisation
from training.actions.rotation import drop_out, make_plan, pair_branches, set_month
from training.models import RotationPlan
from training.models.rotation import PLAN_ROTATION
from training.queries.rotation import Chosen, people_of_plan, year_of
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


class PlacesField(SeveralField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class MonthForm(ActionForm):
    """By hand: who goes in one month, and where."""

    first = PersonField(label="第一位", queryset=User.objects.none(), required=False, empty_label="不安排")
    first_places = PlacesField(label="第一位看哪些支部", queryset=Organisation.objects.none(), required=False)
    second = PersonField(label="第二位", queryset=User.objects.none(), required=False, empty_label="不安排")
    second_places = PlacesField(
        label="第二位看哪些支部", queryset=Organisation.objects.none(), required=False
    )

    def __init__(self, data: Any = None, *, plan: RotationPlan, month: int, on: date) -> None:
        self.standing = year_of(plan)[month]
        super().__init__(data, initial=_initial(self.standing))
        self.plan, self.month = plan, month
        self.people = people_of_plan(plan, on=on)
        keys = [person.key for person in self.people]
        people = User.objects.filter(pk__in=keys).order_by("name", "pk")
        places = Organisation.objects.within(plan.organisation).branches().active(on=on).in_tree_order()
        for name in NTH:
            self.offer_rows(name, people)
            self.offer_rows(f"{name}_places", places)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("first") and said.get("first") == said.get("second"):
            self.add_error("second", "两位不能是同一个人。")
        for name in NTH:
            if said.get(name) and not said.get(f"{name}_places"):
                self.add_error(f"{name}_places", "请选择要看的支部。")
        return said

    @property
    def chosen(self) -> Chosen:
        """What is chosen so far, complete or not; somebody named twice counts once. At first what stands."""
        if not self.is_bound:
            return self.standing
        said = self.cleaned_data
        return {
            said[name].pk: frozenset(place.pk for place in said.get(f"{name}_places") or ())
            for name in NTH
            if said.get(name)
        }

    def act(self, *, by: User | None, on: date) -> RotationPlan:
        return set_month(self.plan, self.month, self.chosen, by=cast(User, by), on=on)


NTH = ("first", "second")


def _initial(standing: Chosen) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, (person, places) in zip(NTH, standing.items(), strict=False):
        found[name] = person
        found[f"{name}_places"] = list(places)
    return found


class PairForm(ActionForm):
    """Two branches that work as a pair."""

    submit_label = "登记结对"
    refusal_field = "second"

    first = CodedField(label="支部", queryset=Organisation.objects.none())
    second = CodedField(label="结对的支部", queryset=Organisation.objects.none())

    def __init__(self, data: Any = None, *, plan: RotationPlan, on: date) -> None:
        super().__init__(data)
        self.plan = plan
        places = Organisation.objects.within(plan.organisation).branches().active(on=on).in_tree_order()
        for name in NTH:
            self.offer_rows(name, places)

    def act(self, *, by: User | None, on: date) -> None:
        said = self.cleaned_data
        pair_branches(self.plan.organisation, said["first"], said["second"], by=cast(User, by))
