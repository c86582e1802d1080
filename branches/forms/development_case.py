"""Forms of a whole case: opened, earlier steps made up from paper, closed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db import transaction

from accounts.models import User
from branches.actions import development as cases
from branches.actions import development_steps as steps
from branches.actions.development import ApplicantData, CaseRefused
from branches.actions.development_reopen import reopen_case
from branches.actions.development_steps import StepData
from branches.forms.base import ActionForm, CodedField, DayField
from branches.models import DevelopmentCase, Member, Organisation
from branches.models.organisation import OrganisationQuerySet
from branches.rules import CaseState, MemberStatus, Refusal
from branches.rules.development import STEPS
from branches.rules.development_order import PAPERS

POLITICAL_REVIEW = 10
# Where a case may begin when its earlier steps are on paper: step → what it says of the person.
BEGINNINGS = {
    1: "刚递交入党申请书",
    3: "已确定为入党积极分子",
    7: "已确定为发展对象",
    15: "已接收为预备党员",
}
_BEGUN_BY = {
    MemberStatus.APPLICANT: 1,
    MemberStatus.ACTIVIST: 3,
    MemberStatus.DEVELOPMENT_TARGET: 7,
    MemberStatus.PROBATIONARY: 15,
}


class CaseFields(ActionForm):
    """How far the person is; the earlier steps can be made up later."""

    submit_label = "建立档案"

    applied_on = DayField(label="申请日期", help_text="收到入党申请书的日期。")
    first = forms.TypedChoiceField(label="现在办到哪里", choices=list(BEGINNINGS.items()), coerce=int)
    first_on = DayField(
        label="确定或接收的日期",
        required=False,
        help_text="刚递交申请书的不填；其他的填确定为积极分子、发展对象或大会接收为预备党员的日期。",
    )
    note = forms.CharField(
        label="说明", max_length=200, required=False, help_text="超过期限等情况请写明原因；没有的不填。"
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("first", 1) != 1 and "first_on" in data and not data["first_on"]:
            self.add_error("first_on", "请填确定或接收的日期。")
        return data

    def open(self, who: Member | ApplicantData, *, by: User | None, on: date) -> DevelopmentCase:
        first: int = self.cleaned_data["first"]
        applied_on = self.cleaned_data["applied_on"]
        document = PAPERS[first] if first == 1 else ""
        day = applied_on if first == 1 else self.cleaned_data["first_on"]
        data = StepData(done_on=day, document=document, note=self.cleaned_data["note"])
        return steps.open_case(who, applied_on=applied_on, by=by, on=on, first=first, data=data)


class CaseAddForm(CaseFields):
    """A new applicant, put into the roster with the case."""

    organisation = CodedField(label="党支部", queryset=Organisation.objects.none())
    name = forms.CharField(label="姓名", max_length=40)
    code = forms.CharField(label="名册编号", max_length=32)
    birth_on = DayField(label="出生日期", required=False, help_text="用来核对申请时是否年满十八岁。")

    field_order = ("organisation", "name", "code", "birth_on", "applied_on")

    def __init__(self, data: Any = None, *, places: OrganisationQuerySet, on: date, **options: Any) -> None:
        super().__init__(data, **options)
        branches = places.branches().active(on=on).in_tree_order()
        self.offer_rows("organisation", branches)
        if len(found := list(branches[:2])) == 1:
            self.fields["organisation"].initial = found[0].pk
        for name in ("first", "first_on", "note"):
            del self.fields[name]

    def act(self, *, by: User | None, on: date) -> DevelopmentCase:
        names = ("organisation", "name", "code", "birth_on")
        who = ApplicantData(**{name: self.cleaned_data[name] for name in names})
        self.cleaned_data |= {"first": 1, "note": ""}
        return self.open(who, by=by, on=on)


class CaseOpenForm(CaseFields):
    """A case for somebody who is in the roster already."""

    def __init__(self, data: Any = None, *, member: Member, status: MemberStatus, since: date) -> None:
        first = _BEGUN_BY.get(status, 1)
        initial = {"first": first, "applied_on": since if first == 1 else None, "first_on": since}
        super().__init__(data, initial=initial | ({"first_on": None} if first == 1 else {}))
        self.member = member

    def act(self, *, by: User | None, on: date) -> DevelopmentCase:
        return self.open(self.member, by=by, on=on)


class EarlierForm(ActionForm):
    """Several steps made up from the paper file at once: a day and a document each, all or nothing.

    `deciders`: each step that may be made up, with the one committee that can have decided it.
    """

    submit_label = "补登"

    note = forms.CharField(
        label="说明",
        max_length=200,
        initial="按纸质材料补登",
        help_text="写在每一步的说明里；政治审查不记说明。",
    )

    def __init__(
        self, data: Any = None, *, case: DevelopmentCase, deciders: Mapping[int, Organisation | None]
    ) -> None:
        super().__init__(data)
        self.case, self.numbers, self.deciders = case, sorted(deciders), deciders
        for number in self.numbers:
            self.fields[f"on_{number}"] = DayField(label=f"{STEPS[number].name}的日期", required=False)
            if number != POLITICAL_REVIEW:
                self.fields[f"document_{number}"] = forms.CharField(
                    label=f"{STEPS[number].name}的材料",
                    max_length=120,
                    required=False,
                    initial=PAPERS[number],
                )
        for name in set(self.fields) - {"note"}:
            self.fields[name].widget.attrs["class"] = "form-control"

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "step": STEPS[number],
                "day": self[f"on_{number}"],
                "document": self[f"document_{number}"] if number != POLITICAL_REVIEW else None,
            }
            for number in self.numbers
        ]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.errors and not any(data.get(f"on_{number}") for number in self.numbers):
            raise forms.ValidationError("请至少填一步的日期。")
        return data

    @transaction.atomic
    def act(self, *, by: User | None, on: date) -> int:
        filled = [number for number in self.numbers if self.cleaned_data[f"on_{number}"]]
        for number in filled:
            try:
                steps.record_step(self.case, number, self._data(number), by=by, on=on)
            except Refusal as refusal:
                raise CaseRefused(f"第 {number} 步：{refusal}") from None
        return len(filled)

    def _data(self, number: int) -> StepData:
        given = self.cleaned_data
        if number == POLITICAL_REVIEW:
            return StepData(done_on=given[f"on_{number}"])
        document = given[f"document_{number}"]
        day, decider = given[f"on_{number}"], self.deciders[number]
        return StepData(done_on=day, document=document, note=given["note"], decided_by=decider)


class CaseCloseForm(ActionForm):
    submit_label = "办结"

    state = forms.ChoiceField(label="办结方式")
    day = DayField(label="决定日期")
    note = forms.CharField(label="原因", max_length=200, help_text="例如本人书面撤回申请、经讨论不再培养。")

    def __init__(self, data: Any = None, *, case: DevelopmentCase, probationary: bool, on: date) -> None:
        super().__init__(data, initial={"day": on})
        self.case = case
        ends = [CaseState.REVOKED] if probationary else []
        self.offer("state", [(s.value, s.label) for s in [*ends, CaseState.DISCONTINUED]])

    def act(self, *, by: User | None, on: date) -> DevelopmentCase:
        data = self.cleaned_data
        state = CaseState(data["state"])
        return cases.close_case(self.case, state=state, on=data["day"], note=data["note"], by=by, today=on)


class CaseReopenForm(ActionForm):
    submit_label = "重新打开"

    reason = forms.CharField(label="原因", max_length=200, help_text="例如登记错了人，或上级没有同意终止。")

    def __init__(self, data: Any = None, *, case: DevelopmentCase) -> None:
        super().__init__(data)
        self.case = case

    def act(self, *, by: User | None, on: date) -> DevelopmentCase:
        return reopen_case(self.case, reason=self.cleaned_data["reason"], by=by, on=on)
