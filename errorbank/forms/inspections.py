"""Forms of inspections, and of writing down what they found."""

from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.access import may
from branches.forms.base import ActionForm, CodedField, DayField, SeveralField
from branches.models import Organisation
from branches.queries.policy import rules_for
from errorbank.actions.findings_write import FindingData
from errorbank.actions.inspections import InspectionData, record_findings, register_inspection
from errorbank.forms.findings import long_text
from errorbank.forms.wording import DEIDENTIFIED, checked_field, hide_unasked, refuse_touchy
from errorbank.models import ErrorEntry, Finding, Inspection
from errorbank.rules import ErrorCategory, Severity, Source
from errorbank.rules.limits import limits_of

INSPECT = "errorbank.inspect"
# What a person may have looked by; the others are the portal's own.
LOOKED_BY = (
    Source.PARTY_BUILDING_CHECK,
    Source.POLITICAL_SUPERVISION,
    Source.INSPECTION_TOUR,
    Source.ROTATION,
    Source.SELF_CHECK,
)


class PlacesField(SeveralField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class InspectionForm(ActionForm):
    submit_label = "登记检查"

    organisation = CodedField(label="登记单位", queryset=Organisation.objects.none())
    source = forms.ChoiceField(label="来源", choices=[(s.value, s.label) for s in LOOKED_BY])
    title = forms.CharField(label="名称", max_length=80, help_text="例如“2026 年四季度党建检查”。")
    inspectors = forms.CharField(
        label="由谁检查",
        max_length=120,
        required=False,
        help_text="写单位或部门，例如“分公司党建工作部”，不写个人姓名。",
    )
    since = DayField(label="开始日期")
    until = DayField(label="结束日期")
    everywhere = forms.BooleanField(label="全部党支部都检查了", required=False)
    targets = PlacesField(label="检查了哪些党支部", queryset=Organisation.objects.none(), required=False)
    clauses = long_text("检查内容", length=1000, required=False, help_text="对照哪些条款、看了哪些材料。")
    checked = checked_field()

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data, initial={"since": on, "until": on})
        places = Organisation.objects.permitted_to(user, INSPECT, on=on).active(on=on)
        offices = places.exclude(pk__in=places.branches()).in_tree_order()
        self.offer_rows("organisation", offices)
        self.places = places.branches().in_tree_order()
        self.offer_rows("targets", self.places)
        if len(found := list(offices[:2])) == 1:
            self.initial["organisation"] = found[0].pk
            self.fields["organisation"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        refuse_touchy(self, ("title", "inspectors", "clauses"), self.cleaned_data)
        if not self.cleaned_data["everywhere"] and not self.cleaned_data.get("targets"):
            self.add_error("targets", "请选择检查了哪些党支部。全部检查了的，勾选“全部党支部都检查了”。")
        if self.cleaned_data.get("source") == Source.INSPECTION_TOUR and not self.cleaned_data["checked"]:
            self.add_error("checked", "巡视巡察的内容只能去标识登记，请核对后勾选。")
        return self.cleaned_data

    def act(self, *, by: User | None, on: date) -> Inspection:
        said = dict(self.cleaned_data)
        said.pop("checked")
        place, chosen = said.pop("organisation"), said.pop("targets")
        targets = list(self.places.filter(path__startswith=place.path) if said.pop("everywhere") else chosen)
        data = InspectionData(**{**said, "source": Source(said["source"])}, targets=targets)
        return register_inspection(place, data=data, by=cast(User, by), on=on)


class RecordForm(ActionForm):
    """One problem, found in one or several of the branches looked at."""

    submit_label = "登记问题"

    targets = PlacesField(label="哪些党支部有这个问题", queryset=Organisation.objects.none())
    problem = forms.CharField(label="问题", max_length=200, help_text=DEIDENTIFIED)
    category = forms.ChoiceField(label="类别", choices=[("", "请选择"), *ErrorCategory.choices])
    severity = forms.ChoiceField(label="程度", choices=Severity.choices, initial=Severity.GENERAL)
    detail = long_text("具体情况", length=600, required=False)
    measure = forms.CharField(label="整改措施", max_length=400, required=False)
    happened_on = DayField(label="发生日期", help_text="问题发生在哪一天；说不准的，填检查那天。")
    deadline_on = DayField(label="整改期限", required=False, help_text="不填则按程度自动计算。")
    checked = checked_field()

    def __init__(
        self, data: Any = None, *, inspection: Inspection, entry: ErrorEntry | None, user: User, on: date
    ) -> None:
        super().__init__(data, initial={"happened_on": min(inspection.until, on), **_worded(entry)})
        self.inspection, self.entry = inspection, entry
        if inspection.source != Source.INSPECTION_TOUR:
            hide_unasked(self, ("problem", "detail", "measure"))
        limits = limits_of(rules_for(inspection.organisation, on=on))
        self.fields[
            "deadline_on"
        ].help_text = (
            f"不填则自动计算：一般问题 {limits.general_days} 天，严重问题 {limits.serious_days} 天。"
        )
        mine = Organisation.objects.permitted_to(user, "errorbank.record_finding", on=on)
        self.offer_rows("targets", mine.filter(inspected_by=inspection).in_tree_order())

    def clean(self) -> dict[str, Any]:
        refuse_touchy(self, ("problem", "detail", "measure"), self.cleaned_data)
        if self.inspection.source == Source.INSPECTION_TOUR and not self.cleaned_data["checked"]:
            self.add_error("checked", "巡视巡察发现的问题只能去标识登记，请核对后勾选。")
        return self.cleaned_data

    def act(self, *, by: User | None, on: date) -> list[Finding]:
        said = self.cleaned_data
        data = FindingData(
            source=self._source(cast(User, by), on=on),
            happened_on=said["happened_on"],
            entry=self.entry,
            category=ErrorCategory(said["category"]),
            severity=Severity(said["severity"]),
            problem=said["problem"],
            detail=said["detail"],
            measure=said["measure"],
            deadline_on=said["deadline_on"],
            inspection=self.inspection,
        )
        return record_findings(list(said["targets"]), data=data, by=cast(User, by), on=on)

    def _source(self, by: User, *, on: date) -> Source:
        """Who may not inspect is here for a rotation month; the finding says so, whatever was looked by."""
        return Source(self.inspection.source) if may(by, INSPECT, on=on) else Source.ROTATION


def _worded(entry: ErrorEntry | None) -> dict[str, Any]:
    wording = entry.published if entry else None
    names = ("problem", "category", "severity", "measure")
    return {name: getattr(wording, name) for name in names} if wording else {}
