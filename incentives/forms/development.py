"""Proposing for the reserve pool, deciding, ending, and recommending under equal conditions."""

from datetime import date, datetime
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm
from incentives.actions.development import decide_reserve, end_reserve, propose_reserve, recommend
from incentives.models import Recommendation, ReservePlace
from incentives.models.development import KEEP_RESERVE
from incentives.queries.level_page import people_for

AREA = forms.Textarea(attrs={"rows": 4})


class PersonForm(ActionForm):
    """About somebody else where one keeps the pool."""

    person = forms.ChoiceField(label="谁")

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data)
        found = people_for(user, KEEP_RESERVE, on=on)
        self.people = {str(one.user.pk): one for one in found if one.user.pk != user.pk}
        names = [(key, f"{one.user.name}（{one.organisation.name}）") for key, one in self.people.items()]
        self.offer("person", [("", "请选择"), *names])


class ReserveForm(PersonForm):
    submit_label = "提出，请本人答复"
    refusal_field = "reason"

    reason = forms.CharField(
        label="理由",
        max_length=400,
        widget=AREA,
        help_text="写符合什么条件、有什么佐证，不写名次。本人能看到。",
    )

    def __init__(self, data: Any = None, *, user: User, on: date, now: datetime) -> None:
        super().__init__(data, user=user, on=on)
        self.now = now

    def act(self, *, by: User | None, on: date) -> ReservePlace:
        one = self.people[self.cleaned_data["person"]]
        return propose_reserve(
            one.organisation,
            user=one.user,
            reason=self.cleaned_data["reason"],
            by=cast(User, by),
            on=on,
            now=self.now,
        )


class RecommendForm(PersonForm):
    submit_label = "登记推荐"

    purpose = forms.CharField(label="推荐事项", max_length=120, help_text="例如：推荐参加岗位选拔。")
    criterion = forms.CharField(label="符合的条件", max_length=200, help_text="写条件，不写名次。")
    evidence = forms.CharField(label="佐证", max_length=400, widget=AREA)

    def act(self, *, by: User | None, on: date) -> Recommendation:
        said = dict(self.cleaned_data)
        one = self.people[said.pop("person")]
        return recommend(one.organisation, user=one.user, by=cast(User, by), on=on, **said)


class PlaceForm(ActionForm):
    refusal_field = "reason"

    reason = forms.CharField(label="原因", max_length=200, required=False, help_text="本人能看到。")

    def __init__(self, data: Any = None, *, place: ReservePlace) -> None:
        super().__init__(data)
        self.place = place


class ReserveDecideForm(PlaceForm):
    submit_label = "保存"
    field_order = ("accept", "reason")

    accept = forms.ChoiceField(
        label="研究结果", choices=[("yes", "同意入库"), ("no", "这次不入库")], widget=forms.RadioSelect
    )

    def act(self, *, by: User | None, on: date) -> ReservePlace:
        said = self.cleaned_data
        return decide_reserve(
            self.place, accept=said["accept"] == "yes", reason=said["reason"], by=cast(User, by), on=on
        )


class ReserveEndForm(PlaceForm):
    submit_label = "结束"

    def act(self, *, by: User | None, on: date) -> ReservePlace:
        return end_reserve(self.place, reason=self.cleaned_data["reason"], by=cast(User, by), on=on)
