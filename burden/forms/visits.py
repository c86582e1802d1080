"""Forms of planned visits: filing, carrying out, cancelling, rating."""

from datetime import date
from functools import cached_property
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, DayField, SeveralField, lines_of
from branches.models import Organisation
from burden.actions.visit_ratings import rate_visit
from burden.actions.visits import (
    COPIED,
    VisitRefused,
    cancel_visit,
    change_visit,
    file_visit,
    refuse_unfit,
    register_visit,
    undo_link,
)
from burden.models import PlannedVisit, VisitRating
from burden.models.visits import FILE_VISIT
from burden.queries.visit_warnings import VisitData
from burden.rules.visit_vocabulary import Extra, Grade, VisitMode
from errorbank.actions.inspections import InspectionData
from errorbank.models import Inspection
from errorbank.rules import ErrorCategory, Source
from periods.months import add_months
from reminders.queries.demand_lint import DemandWarning

USUAL_MINUTES = 120
# What an office may have looked by.
LOOKED_BY = (Source.PARTY_BUILDING_CHECK, Source.POLITICAL_SUPERVISION, Source.INSPECTION_TOUR)


class BranchesField(SeveralField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


def _lines(label: str, length: int, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=length,
        required=False,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class VisitForm(ActionForm):
    """A visit to be filed or changed; what to answer to warnings is asked on the page that shows them."""

    submit_label = "下一步：核对"
    ASKED_LATER = ("over_reason", "replaces")

    organisation = CodedField(label="备案单位", queryset=Organisation.objects.none())
    department = forms.CharField(
        label="检查部门", max_length=40, help_text="写部门或单位，例如“党建工作部”，不写个人姓名。"
    )
    title = forms.CharField(label="检查事项", max_length=80, help_text="例如“上半年党费收缴检查”。")
    basis = forms.CharField(label="依据", max_length=200, help_text="文件名称和条款，或年度工作要点。")
    categories = forms.MultipleChoiceField(
        label="检查内容",
        choices=ErrorCategory.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="按错题库的类别选，系统据此核对是否重复。",
    )
    clauses = _lines("其他检查内容", 600, "上面没有的，一行写一项。")
    since = DayField(label="开始日期")
    until = DayField(label="结束日期")
    mode = forms.ChoiceField(label="方式", choices=VisitMode.choices, initial=VisitMode.ON_SITE)
    people = forms.IntegerField(label="检查人数", min_value=1, max_value=99, initial=2)
    minutes = forms.IntegerField(
        label="每个支部用时（分钟）",
        min_value=1,
        max_value=9999,
        initial=USUAL_MINUTES,
        help_text="支部接待、准备材料一共要用的时间。",
    )
    materials = _lines("要的材料", 1000, "一行写一项。系统里已有的，下一步会列出，支部不用再报。")
    everywhere = forms.BooleanField(label="全部党支部", required=False)
    targets = BranchesField(label="检查哪些党支部", queryset=Organisation.objects.none(), required=False)
    why = forms.CharField(label="变更说明", max_length=200, help_text="为什么变更；原来的内容会留存。")
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    replaces = forms.CharField(label="停下哪一项要求来替代", max_length=120, required=False)
    over_reason = forms.CharField(
        label="仍要备案的理由",
        max_length=200,
        required=False,
        help_text="会和上面的提示一起留在这项计划的页面上。",
    )

    def __init__(self, data: Any = None, *, user: User, on: date, visit: PlannedVisit | None = None) -> None:
        start = add_months(on, 1)
        super().__init__(data, initial=_initial(visit) if visit else {"since": start, "until": start})
        self.on, self.visit = on, visit
        places = Organisation.objects.permitted_to(user, FILE_VISIT, on=on).active(on=on)
        self.places = places.branches().in_tree_order()
        if visit:
            del self.fields["organisation"]
            self.places = self.places.within(visit.organisation)
        else:
            self._offer_offices(places)
        if not (visit and visit.is_filed):
            del self.fields["why"]
        self.offer_rows("targets", self.places)
        for name in self.ASKED_LATER:
            self.fields[name].widget = forms.HiddenInput()

    def _offer_offices(self, places: Any) -> None:
        offices = places.exclude(pk__in=places.branches()).in_tree_order()
        self.offer_rows("organisation", offices)
        if len(found := list(offices[:2])) == 1:
            self.initial["organisation"] = found[0].pk
            self.fields["organisation"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            try:
                refuse_unfit(self.place, self.visit_data, self.on)
            except VisitRefused as refusal:
                self.add_error(None, str(refusal))
        return self.cleaned_data

    @property
    def place(self) -> Organisation:
        return self.visit.organisation if self.visit else self.cleaned_data["organisation"]

    @cached_property
    def visit_data(self) -> VisitData:
        said = self.cleaned_data
        below = self.places.filter(path__startswith=self.place.path)
        names = ("basis", "since", "until", "people", "minutes", "categories", "mode")
        return VisitData(
            **{name: said[name] for name in names},
            department=" ".join(said["department"].split()),
            title=said["title"].strip(),
            targets=list(below if said["everywhere"] else said["targets"]),
            clauses="\n".join(lines_of(said["clauses"])),
            materials="\n".join(lines_of(said["materials"])),
        )

    def ask(self, warnings: list[DemandWarning]) -> list[forms.BoundField]:
        """The fields of the page that shows the warnings; the others travel with it unseen."""
        names = ["over_reason"] if warnings else []
        if any(warning.blocking for warning in warnings):
            names.insert(0, "replaces")
        for name in names:
            self.fields[name].widget = forms.TextInput(attrs={"maxlength": 200})
        return [self[name] for name in names]

    def act(self, *, by: User | None, on: date) -> PlannedVisit:
        said, person = self.cleaned_data, cast(User, by)
        answers = {name: said[name] for name in self.ASKED_LATER}
        if self.visit is None:
            return file_visit(self.place, data=self.visit_data, by=person, on=on, **answers)
        return change_visit(
            self.visit,
            data=self.visit_data,
            by=person,
            on=on,
            why=said.get("why", ""),
            seen=said["seen"],
            **answers,
        )


def _initial(visit: PlannedVisit) -> dict[str, Any]:
    targets = list(visit.targets.values_list("pk", flat=True))
    found = {name: getattr(visit, name) for name in (*COPIED, "since", "until") if name != "organisation"}
    return {**found, "targets": targets, "seen": visit.revisions.count()}


class CarryOutForm(ActionForm):
    """Registers the inspection that the plan foresaw: days and source are all that is left to say."""

    submit_label = "登记为已开展"

    source = forms.ChoiceField(label="来源", choices=[(s.value, s.label) for s in LOOKED_BY])
    since = DayField(label="实际开始日期")
    until = DayField(label="实际结束日期")

    def __init__(self, data: Any = None, *, visit: PlannedVisit, on: date) -> None:
        late = min(visit.until, on)
        super().__init__(data, initial={"since": min(visit.since, late), "until": late})
        self.visit = visit

    def act(self, *, by: User | None, on: date) -> Inspection:
        visit, said = self.visit, self.cleaned_data
        data = InspectionData(
            source=Source(said["source"]),
            title=visit.title,
            since=said["since"],
            until=said["until"],
            targets=list(visit.targets.in_tree_order()),
            inspectors=visit.department,
            clauses="、".join(visit.clause_names.values()),
        )
        return register_visit(visit, data=data, by=cast(User, by), on=on)


class CancelForm(ActionForm):
    submit_label = "取消计划"
    refusal_field = "reason"

    reason = forms.CharField(label="取消原因", max_length=200)

    def __init__(self, data: Any = None, *, visit: PlannedVisit) -> None:
        super().__init__(data)
        self.visit = visit

    def act(self, *, by: User | None, on: date) -> PlannedVisit:
        return cancel_visit(self.visit, reason=self.cleaned_data["reason"], by=cast(User, by), on=on)


class UnlinkForm(ActionForm):
    submit_label = "解除对应"
    refusal_field = "reason"

    reason = forms.CharField(
        label="解除原因", max_length=100, help_text="例如“对应错了，应为下半年的检查”；会留在备案经过里。"
    )

    def __init__(self, data: Any = None, *, visit: PlannedVisit) -> None:
        super().__init__(data)
        self.visit = visit

    def act(self, *, by: User | None, on: date) -> PlannedVisit:
        return undo_link(self.visit, reason=self.cleaned_data["reason"], by=cast(User, by), on=on)


class RatingForm(ActionForm):
    submit_label = "保存评价"

    grade = forms.ChoiceField(label="这次检查总的来看", choices=Grade.choices, widget=forms.RadioSelect)
    extra = forms.ChoiceField(
        label="有没有另外要计划以外的材料", choices=Extra.choices, widget=forms.RadioSelect
    )

    def __init__(
        self, data: Any = None, *, inspection: Inspection, branch: Organisation, rating: VisitRating | None
    ) -> None:
        super().__init__(data, initial={"grade": rating.grade, "extra": rating.extra} if rating else None)
        self.inspection, self.branch = inspection, branch

    def act(self, *, by: User | None, on: date) -> VisitRating:
        return rate_visit(
            self.inspection,
            self.branch,
            grade=Grade(self.cleaned_data["grade"]),
            extra=Extra(self.cleaned_data["extra"]),
            by=cast(User, by),
            on=on,
        )
