"""Forms of the measure list, its measures and their values."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, DayField, lines_of
from branches.models import Organisation
from branches.rules import OrganisationKind
from burden.actions.measure_values import ValueData, add_value, correct_value
from burden.actions.measures import (
    EntryData,
    add_entry,
    adopt_entries,
    close_list,
    draft_list,
    issue_list,
    word_entry,
)
from burden.models import Measure, MeasureEntry, MeasureList, MeasureValue
from burden.models.measures import EDIT
from burden.rules.measures import LARGEST, months_to_fill
from burden.rules.measures_vocabulary import Cadence, Direction
from periods.months import Month

TO_VERIFY = "（待核实）"
NO_SECRETS = "不得录入涉密和敏感内容。"


def number_field(label: str, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_value=LARGEST, max_digits=9, decimal_places=2, **options
    )


def places_for(user: User, permission: str, *, on: date) -> QuerySet[Organisation]:
    """The general branches and committees this person edits such a list for."""
    kinds = (OrganisationKind.GENERAL_BRANCH, OrganisationKind.COMMITTEE)
    mine = Organisation.objects.permitted_to(user, permission, on=on).active(on=on)
    return mine.filter(kind__in=kinds).in_tree_order()


def offer_places(form: ActionForm, places: QuerySet[Organisation]) -> None:
    """One place is no question."""
    form.offer_rows("organisation", places)
    if len(found := list(places[:2])) == 1:
        form.initial["organisation"] = found[0].pk
        form.fields["organisation"].widget = forms.HiddenInput()


class DraftForm(ActionForm):
    submit_label = "起草"
    refusal_field = "note"

    organisation = CodedField(label="组织", queryset=Organisation.objects.none())
    year = forms.TypedChoiceField(label="年度", coerce=int)
    note = forms.CharField(
        label="这一版要改什么",
        max_length=200,
        required=False,
        help_text="本年度第一版可以不填；已经印发过的，写明改什么、为什么改，读者会看到。",
    )

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data, initial={"year": on.year})
        self.offer("year", [(str(year), f"{year} 年") for year in (on.year, on.year + 1)])
        offer_places(self, places_for(user, EDIT, on=on))

    def act(self, *, by: User | None, on: date) -> MeasureList:
        said = self.cleaned_data
        return draft_list(said["organisation"], year=said["year"], by=cast(User, by), note=said["note"])


class AdoptForm(ActionForm):
    """Which measures of the draft are taken up."""

    submit_label = "保存勾选"

    adopted = forms.TypedMultipleChoiceField(label="采用的措施", required=False, coerce=int)

    def __init__(self, data: Any = None, *, draft: MeasureList) -> None:
        super().__init__(data)
        self.draft = draft
        keys = draft.entries.order_by("position").values_list("pk", "name")
        self.offer("adopted", [(str(pk), name) for pk, name in keys])

    def act(self, *, by: User | None, on: date) -> MeasureList:
        return adopt_entries(self.draft, adopted=self.cleaned_data["adopted"], by=cast(User, by))


class EntryForm(ActionForm):
    """One measure of a draft, or a new one of the organisation's own."""

    name = forms.CharField(label="措施", max_length=60)
    doing = forms.CharField(
        label="具体做法", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text=NO_SECRETS
    )
    owner = forms.CharField(label="责任单位", max_length=60)
    indicator = forms.CharField(
        label="指标", max_length=60, help_text="看哪一个数，例如“台账类项目占总分的比例”。"
    )
    formula = forms.CharField(
        label="怎么算", max_length=200, help_text="用文字写明怎么数、怎么除，别人照着能算出同样的数。"
    )
    unit = forms.CharField(label="单位", max_length=12, help_text="例如“%”“次”“小时”。")
    baseline = number_field("起点数值")
    baseline_counted = forms.BooleanField(
        label="起点数值是实际统计出来的",
        required=False,
        help_text="没有统计过的先不勾，清单上注明“示例，待实测”。",
    )
    direction = forms.ChoiceField(label="目标方向", choices=Direction.choices)
    target = number_field("目标数值")
    deadline = DayField(label="完成时限")
    cadence = forms.ChoiceField(label="填报周期", choices=Cadence.choices)
    basis = forms.CharField(
        label="依据",
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="一行一条；没有核对过原文的，在行末写“（待核实）”。",
    )

    def __init__(self, data: Any = None, *, draft: MeasureList, entry: MeasureEntry | None = None) -> None:
        super().__init__(data, initial=_entry_values(entry) if entry else {"cadence": Cadence.MONTHLY})
        self.draft, self.entry = draft, entry

    def clean_deadline(self) -> date:
        deadline: date = self.cleaned_data["deadline"]
        if deadline.year < self.draft.year:
            raise forms.ValidationError(f"这是 {self.draft.year} 年的清单，时限不能早于这一年。")
        return deadline

    def clean_basis(self) -> tuple[dict[str, Any], ...]:
        lines = lines_of(self.cleaned_data["basis"])
        return tuple(
            {"words": line.removesuffix(TO_VERIFY), "verified": not line.endswith(TO_VERIFY)}
            for line in lines
        )

    def act(self, *, by: User | None, on: date) -> MeasureEntry:
        data = EntryData(**self.cleaned_data)
        if self.entry is None:
            return add_entry(self.draft, data=data, by=cast(User, by))
        return word_entry(self.entry, data=data, by=cast(User, by))


def _entry_values(entry: MeasureEntry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in EntryForm.base_fields if name != "basis"}
    for name in ("baseline", "target"):
        values[name] = _plain(values[name])
    lines = [row["words"] + ("" if row.get("verified") else TO_VERIFY) for row in entry.basis]
    return {**values, "basis": "\n".join(lines)}


class IssueForm(ActionForm):
    submit_label = "印发"

    document_number = forms.CharField(
        label="文号",
        max_length=40,
        required=False,
        help_text="有文号的填写，例如“党总支〔2026〕3 号”；没有就不填。",
    )

    def __init__(self, data: Any = None, *, draft: MeasureList) -> None:
        super().__init__(data)
        self.draft = draft

    def act(self, *, by: User | None, on: date) -> MeasureList:
        number = self.cleaned_data["document_number"]
        return issue_list(self.draft, document_number=number, by=cast(User, by), on=on)


class CloseForm(ActionForm):
    submit_label = "收尾"

    note = forms.CharField(
        label="年终说明",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="全年做成了什么、哪些没有做到、下一年怎么办；所有人都能看到。",
    )

    def __init__(self, data: Any = None, *, shown: MeasureList) -> None:
        super().__init__(data)
        self.shown = shown

    def act(self, *, by: User | None, on: date) -> MeasureList:
        return close_list(self.shown, note=self.cleaned_data["note"], by=cast(User, by), on=on)


class ValueForm(ActionForm):
    """The value of one month with its evidence."""

    month = forms.TypedChoiceField(label="月份", coerce=Month.parse)
    value = number_field("数值")
    evidence = forms.CharField(
        label="佐证",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"写明数从哪里来、怎么数的，不用另交材料；{NO_SECRETS}",
    )

    def __init__(
        self, data: Any = None, *, measure: Measure, entry: MeasureEntry, on: date, now: datetime
    ) -> None:
        super().__init__(data)
        self.measure, self.now = measure, now
        said = set(measure.measured_values.filter(corrects=None).values_list("month", flat=True))
        months = [m for m in months_to_fill(entry.of_list.year, on=on) if m.first not in said]
        self.offer("month", [(str(month), month.label) for month in months])
        self.fields["value"].label = f"数值（{entry.unit}）"
        # What is over is asked for first.
        past = [month for month in months if month.last < on] or months
        self.initial["month"] = str(past[0]) if past else ""

    def act(self, *, by: User | None, on: date) -> MeasureValue:
        said = self.cleaned_data
        data = ValueData(said["value"], said["evidence"])
        return add_value(self.measure, month=said["month"], data=data, by=cast(User, by), on=on, now=self.now)


class CorrectionForm(ActionForm):
    submit_label = "保存更正"

    value = number_field("正确的数值")
    evidence = forms.CharField(label="佐证", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    reason = forms.CharField(label="更正原因", max_length=200, help_text="所有人都能看到；原来的数会保留。")

    def __init__(self, data: Any = None, *, value: MeasureValue, now: datetime) -> None:
        shown = {"value": _plain(value.value), "evidence": value.evidence}
        super().__init__(data, initial=shown)
        self.wrong, self.now = value, now

    def act(self, *, by: User | None, on: date) -> MeasureValue:
        said = self.cleaned_data
        data = ValueData(said["value"], said["evidence"])
        return correct_value(
            self.wrong, data=data, reason=said["reason"], by=cast(User, by), on=on, now=self.now
        )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
