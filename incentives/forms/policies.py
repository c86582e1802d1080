"""The numbers of a policy: tried on a past year first, then adopted."""

from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, DayField
from branches.models import Organisation
from branches.rules import OrganisationKind
from incentives.actions.policies import PolicyData, adopt_policy
from incentives.models import WeightPolicy
from incentives.models.contributions import EDIT_POLICY
from incentives.queries.record_page import years_until
from incentives.queries.scenarios import Scenario, try_policy
from incentives.rules.contributions import EntryKind, IncentiveRefused
from incentives.rules.policies import OUTCOMES, PROCESS, SCALE_LABELS, SCALES, numbers_of, shipped

AMOUNTS = {"base": "基数（元）", "floor": "下限", "cap": "上限"}


class PolicyForm(ActionForm):
    """Starts from the shipped suggestion. A scale is typed as “0.85=1.00，1=1.30”."""

    submit_label = "试算"

    organisation = CodedField(label="党总支", queryset=Organisation.objects.none())
    year = forms.ChoiceField(label="用哪一年的数据试算")
    budget = forms.DecimalField(
        label="可用额度（元）", min_value=0, max_digits=12, decimal_places=2, required=False
    )
    since = DayField(
        label="自哪天起执行", help_text="贡献的权重从这一天起；系数从下一年起，第一次采用的当年就用。"
    )
    document = forms.CharField(label="依据文件", max_length=120, initial="本单位建议")
    article = forms.CharField(label="条款", max_length=40, required=False)
    note = forms.CharField(label="说明", max_length=200)

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data, initial={"since": on})
        places = Organisation.objects.permitted_to(user, EDIT_POLICY, on=on)
        self.offer_rows("organisation", places.filter(kind=OrganisationKind.GENERAL_BRANCH).in_tree_order())
        self.offer("year", [(str(year), f"{year} 年") for year in years_until(on)])
        self._offer_numbers(shipped()["numbers"])

    def _offer_numbers(self, said: Any) -> None:
        for name, label in AMOUNTS.items():
            self.fields[name] = forms.CharField(label=label, max_length=12, initial=said[name])
        for kind in EntryKind:
            text = said["weights"][kind.value]
            label = f"权重：{kind.label}"
            self.fields[f"weight_{kind.value}"] = forms.CharField(label=label, max_length=8, initial=text)
        for part in (PROCESS, *OUTCOMES):
            label = f"工作实绩中的占比：{SCALE_LABELS[part]}"
            self.fields[f"share_{part}"] = forms.CharField(
                label=label, max_length=8, initial=said["shares"][part]
            )
        for name in SCALES:
            points = "，".join("=".join(point) for point in said["scales"][name]["points"])
            label = f"对照点：{SCALE_LABELS[name]}"
            self.fields[f"points_{name}"] = forms.CharField(label=label, max_length=120, initial=points)

    @property
    def numbers(self) -> dict[str, Any]:
        """As typed; ranges stay those of the suggestion."""
        said, kept = self.cleaned_data, shipped()["numbers"]["scales"]
        return {
            **{name: said[name] for name in AMOUNTS},
            "weights": {kind.value: said[f"weight_{kind.value}"] for kind in EntryKind},
            "shares": {part: said[f"share_{part}"] for part in (PROCESS, *OUTCOMES)},
            "scales": {
                name: {"range": kept[name]["range"], "points": _points(said[f"points_{name}"])}
                for name in SCALES
            },
        }

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            try:
                numbers_of(self.numbers)
            except IncentiveRefused as refusal:
                self.add_error(None, str(refusal))
        return self.cleaned_data

    def tried(self, *, on: date) -> Scenario:
        said = self.cleaned_data
        place, year = said["organisation"], int(said["year"])
        return try_policy(place, self.numbers, year=year, budget=said["budget"], on=on)

    def act(self, *, by: User | None, on: date) -> WeightPolicy:
        said = self.cleaned_data
        data = PolicyData(said["since"], said["document"], said["article"], said["note"], self.numbers)
        return adopt_policy(said["organisation"], data=data, by=cast(User, by), on=on)


def _points(text: str) -> list[list[str]]:
    """“0.85=1.00，1=1.30” as pairs; whether they are numbers is judged with the rest."""
    return [point.strip().split("=") for point in text.replace("，", ",").split(",")]
