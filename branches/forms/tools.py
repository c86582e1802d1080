"""The calculators' questions: what is typed is answered at once and kept nowhere."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from branches.forms.base import CodedField, DayField
from branches.models import Organisation
from branches.queries.tools import expected_voters
from branches.rules.dues import (
    DEDUCTED,
    INCLUDED,
    Dues,
    DuesCategory,
    DuesError,
    Item,
    Rounding,
    base_from,
    dues_for,
    quarter_average,
)
from branches.rules.votes import (
    MOST_PEOPLE,
    Requirement,
    VoteError,
    VoteKind,
    least_candidates,
    requirement,
)

ELIGIBLE_LABELS = {
    VoteKind.RESOLUTION: "应到会有表决权的党员",
    VoteKind.COMMITTEE_DECISION: "全体委员",
    VoteKind.ADMISSION: "应到会有表决权的党员",
    VoteKind.ELECTION: "应到会有选举权的人数",
}
MANY_MONTHS = 600


class PeopleField(forms.IntegerField):
    """A number of people, with the keyboard of digits on phones."""

    def __init__(self, label: str, **options: Any) -> None:
        widget = forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(
            label=label, min_value=0, max_value=MOST_PEOPLE, required=False, widget=widget, **options
        )


class AmountField(forms.DecimalField):
    """An amount of money; never offered again by the browser."""

    def __init__(self, label: str, **options: Any) -> None:
        widget = forms.NumberInput(attrs={"inputmode": "decimal", "autocomplete": "off", "step": "0.01"})
        options = {"required": False, **options}
        super().__init__(
            label=label, min_value=Decimal(0), max_digits=10, decimal_places=2, widget=widget, **options
        )


class VoteForm(forms.Form):
    """One vote of one kind; fields the kind does not ask for are left out."""

    organisation = CodedField(queryset=Organisation.objects.none(), label="党支部", required=False)
    eligible = PeopleField("应到会")
    present = PeopleField("实到会人数", help_text="会前想知道要来多少人，可以先不填。")
    approving = PeopleField("赞成票", help_text="还没有表决的可以不填。")
    written = PeopleField(
        "其中没有到会、会前正式提出书面意见赞成的", help_text="没有的不填；填了会加到赞成票里。"
    )
    seats = PeopleField("应选委员名额", help_text="填了会算出候选人至少几名。")

    def __init__(
        self, data: Any = None, *, kind: VoteKind, branches: QuerySet[Organisation], on: date
    ) -> None:
        super().__init__(data)
        self.kind, self.on, self.branches = kind, on, branches
        self.answer: Requirement | None = None
        self.candidates: int | None = None
        self.counted_from: Organisation | None = None
        self._ask_only_what_counts()
        self._offer_branches(branches)

    def _ask_only_what_counts(self) -> None:
        self.fields["eligible"].label = ELIGIBLE_LABELS[self.kind]
        if self.kind is VoteKind.ADMISSION:
            self.fields["approving"].label = "会上赞成票"
            self.fields["written"].label = "会前书面意见赞成的（没有到会的人）"
        else:
            del self.fields["written"]
        if self.kind is not VoteKind.ELECTION:
            del self.fields["seats"]

    def _offer_branches(self, branches: QuerySet[Organisation]) -> None:
        mine = list(branches[:2])
        if not mine:
            del self.fields["organisation"]
            return
        field = cast("forms.ModelChoiceField[Organisation]", self.fields["organisation"])
        field.queryset = branches
        counted = "委员人数" if self.kind is VoteKind.COMMITTEE_DECISION else "今天的正式党员人数"
        self.fields["eligible"].help_text = f"不填时，按所选党支部{counted}计算。"
        if len(mine) == 1:
            self.initial["organisation"] = mine[0].pk

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        eligible = self._eligible(data)
        if eligible is None:
            self.add_error("eligible", "请填写人数，或选择党支部。")
            return data
        if data.get("approving") is not None and data.get("present") is None:
            self.add_error("present", "填了赞成票，请同时填写实到会人数。")
            return data
        self._reckon(data, eligible)
        return data

    def _eligible(self, data: dict[str, Any]) -> int | None:
        typed: int | None = data.get("eligible")
        if typed is not None:
            return typed
        branch: Organisation | None = data.get("organisation")
        if branch is None:
            return None
        self.counted_from = branch
        return expected_voters(branch, self.kind, on=self.on)

    def _reckon(self, data: dict[str, Any], eligible: int) -> None:
        approving, written, present = data.get("approving"), data.get("written") or 0, data.get("present")
        if approving is not None and approving > present:
            self.add_error("approving", "会上的赞成票不能多于实到会人数，请核对。")
            return
        if written and present is not None and written > max(0, eligible - present):
            self.add_error("written", "提出书面意见的人不能多于没有到会的人数，请核对。")
            return
        total = None if approving is None else approving + written
        try:
            self.answer = requirement(self.kind, eligible=eligible, present=present, approving=total)
            self.candidates = least_candidates(data["seats"]) if data.get("seats") else None
        except VoteError as error:
            self.add_error(None, str(error))


BASE_LABELS = {
    DuesCategory.WAGE: "计算基数（元）",
    DuesCategory.ANNUAL: "当月实际领取的薪酬（税后，元）",
    DuesCategory.RETIREE: "每月离退休费或养老金（元）",
}


class DuesForm(forms.Form):
    """One month's dues of one category; amounts live only in this request."""

    rounding = forms.ChoiceField(label="零头", choices=Rounding.choices, initial=Rounding.FEN)
    admitted_on = DayField(
        label="支部党员大会通过的日期",
        required=False,
        help_text="刚接收的预备党员填写，告诉您从哪个月起交。",
    )
    unpaid = forms.IntegerField(
        label="已经连续几个月没有交",
        required=False,
        min_value=0,
        max_value=MANY_MONTHS,
        help_text="没有的不填。",
    )

    def __init__(self, data: Any = None, *, category: DuesCategory) -> None:
        super().__init__(data)
        self.category = category
        self.result: Dues | None = None
        self.counted = self.deducted = Decimal(0)
        self.fields["unpaid"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}
        if category in BASE_LABELS:
            wage = category is DuesCategory.WAGE
            self.fields["base"] = AmountField(BASE_LABELS[category], required=not wage)
        if category is DuesCategory.WAGE:
            self.fields["base"].help_text = "已经知道基数的直接填；不知道的，请用下面的“按工资条逐项计算”。"
            for item in (*INCLUDED, *DEDUCTED):
                self.fields[item.code] = AmountField(item.name, help_text=_uncertain(item))
        if category is DuesCategory.IRREGULAR:
            for n, name in enumerate(("第一个月", "第二个月", "第三个月"), 1):
                label = f"上个季度{name}的纯收入（元）"
                self.fields[f"month{n}"] = AmountField(label, required=True)

    @property
    def amounts(self) -> Iterator[forms.BoundField]:
        """The fields asked first."""
        return (self[name] for name in ("base", "month1", "month2", "month3") if name in self.fields)

    @property
    def income(self) -> list[forms.BoundField]:
        return [self[item.code] for item in INCLUDED if item.code in self.fields]

    @property
    def deductions(self) -> list[forms.BoundField]:
        return [self[item.code] for item in DEDUCTED if item.code in self.fields]

    @property
    def itemised(self) -> bool:
        """Whether the list of items was used, or is wrong somewhere."""
        return any(field.value() or field.errors for field in (*self.income, *self.deductions))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        try:
            self.result = dues_for(self.category, self._base(data), data["rounding"])
        except DuesError as error:
            self.add_error("base" if "base" in self.fields else None, str(error))
        return data

    def _base(self, data: dict[str, Any]) -> Decimal | None:
        if self.category is DuesCategory.IRREGULAR:
            return quarter_average([data["month1"], data["month2"], data["month3"]])
        base: Decimal | None = data.get("base")
        if self.category is not DuesCategory.WAGE:
            return base
        income = [data[item.code] for item in INCLUDED if data[item.code] is not None]
        deducted = [data[item.code] for item in DEDUCTED if data[item.code] is not None]
        if base is not None and (income or deducted):
            raise DuesError("基数和逐项金额请只填一种，另一种请清空。")
        if base is None and not income:
            raise DuesError("请填写计算基数，或按工资条逐项填写。")
        if base is not None:
            return base
        self.counted, self.deducted = sum(income, Decimal(0)), sum(deducted, Decimal(0))
        return base_from(income, deducted)


def _uncertain(item: Item) -> str:
    return item.reason if item.certain else f"{item.reason}；本单位规定扣除的再填（待核实）。"
