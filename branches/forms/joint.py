"""Forms of the joint-branch planner: what is asked, a draft's groups and filing steps."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from django import forms

from accounts.models import User
from branches.actions import joint as actions
from branches.forms.base import ActionForm, CodedField, DayField
from branches.models import JointPlan, JointPlanGroup, JointPlanStep, Member, Organisation
from branches.models.organisation import OrganisationQuerySet
from branches.planning.facts import Preferences
from branches.rules import ROOT_KINDS

# One hidden field says that the form was sent: an unticked box looks like one that was never shown.
ASKED = "asked"
MOST_COMPOSED = 12


def _whole(label: str, least: int, most: int, help_text: str = "") -> forms.IntegerField:
    said = f"请填 {least} 至 {most} 的整数。"
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        help_text=help_text,
        error_messages=dict.fromkeys(("min_value", "max_value", "invalid", "required"), said),
    )


class PreferencesForm(forms.Form):
    """Limits and wishes of one what-if; begins with the rules of the organisation."""

    distance_km = forms.FloatField(
        label="各单位间最远（公里，直线）",
        min_value=0.1,
        max_value=2000,
        error_messages=dict.fromkeys(
            ("min_value", "max_value", "invalid", "required"), "请填 0.1 至 2000 的公里数。"
        ),
    )
    preferred_low = _whole("适宜正式党员数，从", 0, 200)
    preferred_high = _whole("到", 1, 200)
    preferred_units = _whole("适宜覆盖单位数，不超过", 1, 20)
    same_line = forms.BooleanField(label="只与同一业务条线的支部联合", required=False)
    hosts = forms.BooleanField(label="没有其他伙伴时，可以并入情况正常的邻近支部", required=False)
    alone = forms.BooleanField(label="本部门正式党员够数的支部可以单独保留", required=False)
    most_units = _whole("覆盖单位，最多", 1, 20, "条例：一般不超过 5 个。")
    most_members = _whole("党员，最多", 3, 500, "条例：一般不超过 50 人。")
    least_own = _whole("抽调返回后本部门正式党员，至少", 1, 20, "成立党支部须有正式党员 3 人以上。")

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        low, high = data.get("preferred_low"), data.get("preferred_high")
        if low is not None and high is not None and low > high:
            self.add_error("preferred_high", "上限不能小于下限，请核对。")
        return data

    def preferences(self) -> Preferences:
        return Preferences(**{name: self.cleaned_data[name] for name in asdict(Preferences())})


def _shown(wishes: Preferences) -> dict[str, Any]:
    """As a person writes them: 40, not 40.0."""
    return {**asdict(wishes), "distance_km": f"{wishes.distance_km:g}"}


class PlannerForm(PreferencesForm):
    """For whom, on which day, which branches, under which conditions. Sent with GET: it writes nothing."""

    asked = forms.CharField(widget=forms.HiddenInput, required=False, initial="1")
    organisation = CodedField(label="范围", queryset=Organisation.objects.none())
    as_of = DayField(label="测算日期")
    branches = forms.MultipleChoiceField(
        label="只测算这些支部",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="都不选时，测算预警所列的支部。",
    )

    def __init__(
        self,
        data: Any,
        *,
        places: OrganisationQuerySet,
        organisation: Organisation,
        on: date,
        wishes: Preferences,
    ) -> None:
        initial = {**_shown(wishes), "organisation": organisation.pk, "as_of": on}
        super().__init__(data, initial=initial)
        self.fields["organisation"].queryset = places  # type: ignore[attr-defined]  # a ModelChoiceField
        rows = Organisation.objects.within(organisation).branches().active(on=on).order_by("code")
        choices = [(row.code, row.name) for row in rows]
        self.fields["branches"].choices = choices  # type: ignore[attr-defined]  # a MultipleChoiceField

    def values(self) -> dict[str, Any]:
        """The clean values, or the initial ones of a form that was not sent."""
        return dict(self.cleaned_data) if self.is_bound else {**self.initial, "branches": []}


def planning_places(places: OrganisationQuerySet, *, on: date) -> OrganisationQuerySet:
    """Committees and general branches among these, as scopes of a proposal."""
    return places.active(on=on).filter(kind__in=sorted(ROOT_KINDS)).in_tree_order()


class ComposeForm(PreferencesForm):
    """Groups composed by hand: every branch is put into one of some numbered groups, or left out."""

    def __init__(self, data: Any, *, branches: Iterable[Organisation], wishes: Preferences) -> None:
        super().__init__(data, initial=_shown(wishes))
        self.rows = list(branches)
        most = min(max(len(self.rows) // 2, 1), MOST_COMPOSED)
        choices = [("", "不联合"), *((str(n), f"第 {n} 组") for n in range(1, most + 1))]
        for row in self.rows:
            self.fields[f"in_{row.pk}"] = forms.ChoiceField(label=row.name, choices=choices, required=False)

    @property
    def choices_of(self) -> list[Any]:
        return [self[f"in_{row.pk}"] for row in self.rows]

    def composed(self) -> list[list[Organisation]]:
        """The groups with somebody in them, by their numbers; one branch alone is no group."""
        found: dict[str, list[Organisation]] = {}
        for row in self.rows:
            if number := self.cleaned_data.get(f"in_{row.pk}"):
                found.setdefault(number, []).append(row)
        return [found[number] for number in sorted(found, key=int)]


class JointGroupForm(ActionForm):
    """Name, seat and candidate of one group of a draft."""

    name = forms.CharField(label="联合党支部名称", max_length=80)
    seat = CodedField(label="集中地点（所在支部）", queryset=Organisation.objects.none())
    secretary = CodedField(
        label="书记人选",
        queryset=Member.objects.none(),
        required=False,
        empty_label="暂不确定",
        help_text="实施时按此登记书记任职；选举产生后可再调整。",
    )

    def __init__(self, data: Any = None, *, group: JointPlanGroup, on: date) -> None:
        initial = {"name": group.name, "seat": group.seat_id, "secretary": group.secretary_id}
        super().__init__(data, initial=initial)
        self.group = group
        # A branch that was moved to others since has nobody to offer here.
        scope = Organisation.objects.within(group.plan.organisation)
        branches = scope.filter(pk__in=group.branches.values("pk")).order_by("code")
        self.offer_rows("seat", branches)
        self.offer_rows("secretary", full_members(branches, on=on))

    def act(self, *, by: User | None, on: date) -> JointPlanGroup:
        if by is None:
            raise TypeError("A draft is changed by a person.")
        return actions.change_group(self.group, by=by, on=on, **self.cleaned_data)


def full_members(branches: Iterable[Organisation], *, on: date) -> Any:
    """Full members of these branches on that day, for a choice."""
    from_here = actions.full_memberships(branches, on=on)
    return Member.objects.filter(pk__in=from_here.values("member")).order_by("code")


class JointStepForm(ActionForm):
    """When one filing step was done, and its document; without a day it is taken back."""

    refusal_field = "done_on"

    done_on = DayField(label="办理日期", required=False, help_text="清空日期并保存，即撤回这一环节的登记。")
    document = forms.CharField(label="文号或说明", max_length=120, required=False)

    def __init__(self, data: Any = None, *, plan: JointPlan, step: JointPlanStep) -> None:
        super().__init__(data, initial={"done_on": step.done_on, "document": step.document})
        self.plan, self.number = plan, step.number

    def act(self, *, by: User | None, on: date) -> JointPlanStep:
        if by is None:
            raise TypeError("A step is recorded by a person.")
        return actions.record_step(self.plan, number=self.number, by=by, today=on, **self.cleaned_data)


class JointDiscardForm(ActionForm):
    refusal_field = "reason"

    reason = forms.CharField(label="作废原因", max_length=200)

    def __init__(self, data: Any = None, *, plan: JointPlan) -> None:
        super().__init__(data)
        self.plan = plan

    def act(self, *, by: User | None, on: date) -> JointPlan:
        if by is None:
            raise TypeError("A plan is discarded by a person.")
        return actions.discard_plan(self.plan, reason=self.cleaned_data["reason"], by=by)
