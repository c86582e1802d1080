"""Forms of the register: enter, propose, decide, change, end."""

from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, DayField
from branches.models import Organisation
from burden.queries.demand_scope import EDIT_DEMAND, PROPOSE, scope_of
from reminders.actions.demands import (
    DemandData,
    add_demand,
    change_demand,
    decide_demand,
    end_demand,
    propose_demand,
)
from reminders.demand_rules import DemandKind, Nature, Per, nature_of
from reminders.models import OutsideDemand

# Of the catalogue and of special tasks the portal knows by itself.
OUTSIDE_KINDS = [
    (kind.value, kind.label) for kind in DemandKind if kind not in (DemandKind.ACTION, DemandKind.TASK)
]
BY_KIND = ("", "按类别判断")
MAX_MINUTES, MAX_TIMES = 2400, 31


class DemandForm(ActionForm):
    """What is asked, by whom, how often and how long it takes."""

    submit_label = "登记"
    refusal_field = "name"

    organisation = CodedField(label="由谁承担", queryset=Organisation.objects.none())
    name = forms.CharField(
        label="名称", max_length=80, help_text="例如“安全生产月报”；不得录入涉密和敏感内容。"
    )
    asker = forms.CharField(label="由谁提出", max_length=40, help_text="部门或单位，例如“公司办公室”。")
    kind = forms.ChoiceField(label="类别", choices=OUTSIDE_KINDS)
    per = forms.ChoiceField(label="周期", choices=Per.choices, initial=Per.MONTH)
    times = forms.IntegerField(label="每个周期几次", min_value=1, max_value=MAX_TIMES, initial=1)
    minutes = forms.IntegerField(
        label="每次大约几分钟", min_value=1, max_value=MAX_MINUTES, help_text="一个支部办一次，连准备在内。"
    )
    basis = forms.CharField(
        label="依据", max_length=200, required=False, help_text="文件名称；不清楚可以不填。"
    )
    since = DayField(label="从哪天起")

    def __init__(self, data: Any = None, *, user: User, on: date, **options: Any) -> None:
        super().__init__(data, initial={"since": on, **options.pop("initial", {})}, **options)
        self.user, self.on = user, on
        self._offer_places()

    def _offer_places(self) -> None:
        """One place is no question."""
        found = self.places()
        self.offer_rows("organisation", Organisation.objects.filter(pk__in=[each.pk for each in found]))
        if len(found) == 1:
            self.initial["organisation"] = found[0].pk
            self.fields["organisation"].widget = forms.HiddenInput()

    def places(self) -> list[Organisation]:
        """Branches of one's own."""
        scope = scope_of(self.user, PROPOSE, code="", on=self.on)
        return [place for place in scope.choices if place.is_branch] if scope else []

    def demand(self, **more: Any) -> DemandData:
        said = self.cleaned_data
        names = ("name", "asker", "kind", "times", "per", "minutes", "basis", "since")
        given = {name: said[name] for name in names}
        return DemandData(**given, nature=said.get("nature") or nature_of(said["kind"]), **more)

    def act(self, *, by: User | None, on: date) -> OutsideDemand:
        return propose_demand(self.cleaned_data["organisation"], data=self.demand(), by=cast(User, by))


class ProposeForm(DemandForm):
    submit_label = "提交核对"


class StaffDemandForm(DemandForm):
    """Staff say besides whether it is the work itself, whether the basis was seen, and whose own it is."""

    nature = forms.ChoiceField(
        label="性质",
        choices=[BY_KIND, *Nature.choices],
        required=False,
        help_text="主责工作：工作本身；事务性：为了报、填、留、迎检而做。",
    )
    verified = forms.BooleanField(label="依据已经对照原文", required=False)
    own = forms.BooleanField(
        label="是本组织自己提出的要求",
        required=False,
        help_text="自己提出的，可以自己停止，或由新的要求替代。",
    )

    def places(self) -> list[Organisation]:
        mine = Organisation.objects.permitted_to(self.user, EDIT_DEMAND, on=self.on).active(on=self.on)
        return list(mine.in_tree_order())

    def demand(self, **more: Any) -> DemandData:
        said = self.cleaned_data
        return super().demand(verified=said["verified"], own=said["own"], **more)

    def act(self, *, by: User | None, on: date) -> OutsideDemand:
        return add_demand(self.cleaned_data["organisation"], data=self.demand(), by=cast(User, by))


class ChangeForm(StaffDemandForm):
    """The same from its first day is a correction; from a later one it is a change, and the past stays."""

    submit_label = "保存"

    def __init__(self, data: Any = None, *, demand: OutsideDemand, user: User, on: date) -> None:
        self.held = demand
        names = ("name", "asker", "kind", "nature", "per", "times", "minutes", "basis", "verified", "own")
        initial = {name: getattr(demand, name) for name in names}
        super().__init__(data, user=user, on=on, initial={**initial, "since": max(on, demand.since)})
        del self.fields["organisation"]
        self.fields[
            "since"
        ].help_text = f"从 {demand.since:%Y-%m-%d} 起登记。写这一天是更正；写以后的日期，以前的月份保持原样。"

    def _offer_places(self) -> None:
        """It stays where it is."""

    def act(self, *, by: User | None, on: date) -> OutsideDemand:
        return change_demand(self.held, data=self.demand(), by=cast(User, by), on=on)


class EndForm(ActionForm):
    submit_label = "停止"
    refusal_field = "until"

    until = DayField(label="最后一天")
    reason = forms.CharField(label="为什么停止", max_length=200)

    def __init__(self, data: Any = None, *, demand: OutsideDemand, on: date) -> None:
        super().__init__(data, initial={"until": on})
        self.held = demand

    def act(self, *, by: User | None, on: date) -> OutsideDemand:
        return end_demand(self.held, **self.cleaned_data, by=cast(User, by), on=on)


class DecideForm(ActionForm):
    """Taken into the register, or not with a reason."""

    submit_label = "保存"

    accepted = forms.TypedChoiceField(
        label="核对结果",
        choices=[("yes", "情况属实，列入登记册"), ("no", "不列入")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="说明", max_length=200, required=False, help_text="不列入的，请说明原因。")

    def __init__(self, data: Any = None, *, demand: OutsideDemand) -> None:
        super().__init__(data)
        self.held = demand

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("accepted") is False and not said.get("reason"):
            self.add_error("reason", "请写明不列入的原因，提出的支部会看到。")
        return said

    def act(self, *, by: User | None, on: date) -> OutsideDemand:
        return decide_demand(self.held, **self.cleaned_data, by=cast(User, by))
