"""Forms of one finding: reported by the branch itself, and every step after that."""

from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, DayField
from branches.models import Organisation, Post
from errorbank.actions import findings as actions
from errorbank.actions.inspections import report_own
from errorbank.forms.wording import DEIDENTIFIED, checked_field, hide_unasked, refuse_touchy
from errorbank.models import Finding
from errorbank.queries.findings import posts_of
from errorbank.rules import CauseLevel, ErrorCategory


def long_text(label: str, *, length: int, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=length, widget=forms.Textarea(attrs={"rows": 3}), **options
    )


class OwnForm(ActionForm):
    """What a branch found itself: as short as can be."""

    submit_label = "登记自查问题"

    organisation = CodedField(label="党支部", queryset=Organisation.objects.none())
    problem = forms.CharField(label="什么问题", max_length=200, help_text=DEIDENTIFIED)
    category = forms.ChoiceField(label="类别", choices=[("", "请选择"), *ErrorCategory.choices])
    happened_on = DayField(label="发生日期")
    measure = forms.CharField(label="打算怎么改", max_length=400, required=False)
    checked = checked_field()

    def __init__(self, data: Any = None, *, user: User, on: date, initial: dict[str, Any]) -> None:
        super().__init__(data, initial={"happened_on": on, **initial})
        hide_unasked(self, ("problem", "measure"))
        places = Organisation.objects.permitted_to(user, "errorbank.report_own", on=on)
        self.places = places.branches().active(on=on).in_tree_order()
        self.offer_rows("organisation", self.places)
        if len(found := list(self.places[:2])) == 1:
            self.initial.setdefault("organisation", found[0].pk)
            self.fields["organisation"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        refuse_touchy(self, ("problem", "measure"), self.cleaned_data)
        return self.cleaned_data

    def act(self, *, by: User | None, on: date) -> Finding:
        said = self.cleaned_data
        return report_own(
            said["organisation"],
            problem=said["problem"],
            category=ErrorCategory(said["category"]),
            happened_on=said["happened_on"],
            measure=said["measure"],
            by=cast(User, by),
            on=on,
        )


class StepForm(ActionForm):
    """One step of one finding."""

    def __init__(self, data: Any = None, *, finding: Finding, on: date) -> None:
        super().__init__(data)
        self.finding, self.on = finding, on
        self.prepare()

    def prepare(self) -> None:
        """What the form offers for this finding."""


class SubmitForm(StepForm):
    submit_label = "提交整改结果"
    refusal_field = "text"

    text = long_text("整改结果", length=600, help_text=f"做了什么、什么时候办完、材料在哪里。{DEIDENTIFIED}")
    checked = checked_field()

    def prepare(self) -> None:
        hide_unasked(self, ("text",))

    def clean(self) -> dict[str, Any]:
        refuse_touchy(self, ("text",), self.cleaned_data)
        return self.cleaned_data

    def act(self, *, by: User | None, on: date) -> Finding:
        return actions.submit_finding(self.finding, text=self.cleaned_data["text"], by=by, on=on)


class ReturnForm(StepForm):
    submit_label = "退回补充"

    reason = long_text("退回原因", length=600, help_text="写清还差什么，支部照着补就行。")
    deadline_on = DayField(label="新的整改期限", required=False, help_text="不填则仍按原来的期限。")

    def prepare(self) -> None:
        if self.finding.deadline_on < self.on:
            self.fields["deadline_on"].help_text = "原来的期限已过，建议给一个新的期限。"

    def act(self, *, by: User | None, on: date) -> Finding:
        return actions.return_finding(self.finding, by=by, on=on, **self.cleaned_data)


class CloseForm(StepForm):
    submit_label = "审核通过，销号"

    cause = forms.ChoiceField(
        label="原因在哪一级",
        choices=CauseLevel.choices,
        widget=forms.RadioSelect,
        help_text="后两种不是支部的责任，用来改进布置工作的方式。",
    )
    text = forms.CharField(label="审核意见", max_length=300, required=False)

    def prepare(self) -> None:
        self.initial["cause"] = self.finding.cause

    def act(self, *, by: User | None, on: date) -> Finding:
        cause = CauseLevel(self.cleaned_data["cause"])
        return actions.close_finding(self.finding, by=by, on=on, text=self.cleaned_data["text"], cause=cause)


class AcceptForm(StepForm):
    submit_label = "同意暂缓"

    owner = CodedField(label="由谁解决", queryset=Organisation.objects.none())
    until = DayField(label="暂缓到哪一天", help_text="到这一天仍没有解决的，第二天起恢复整改并重新计算期限。")
    reason = long_text("为什么目前条件不具备", length=300)

    def prepare(self) -> None:
        above = self.finding.organisation.path.split("/")
        paths = ["/".join(above[:n]) + "/" for n in range(1, len(above))]
        rows = Organisation.objects.filter(path__in=paths)
        self.offer_rows("owner", rows.in_tree_order())

    def act(self, *, by: User | None, on: date) -> Finding:
        return actions.accept_finding(self.finding, by=by, on=on, **self.cleaned_data)


class PostField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no subscript at run time
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.holder_name}（{obj.get_role_display()}）"


class ReassignForm(StepForm):
    submit_label = "保存调整"

    post = PostField(label="责任人", queryset=Post.objects.none(), required=False, empty_label="不指定")
    deadline_on = DayField(label="整改期限")
    reason = forms.CharField(label="调整原因", max_length=200)

    def prepare(self) -> None:
        self.offer_rows("post", posts_of(self.finding.organisation, on=self.on))
        self.initial.update(
            {
                "post": self.finding.responsible_post_id,
                "deadline_on": max(self.finding.deadline_on, self.on),
            }
        )

    def act(self, *, by: User | None, on: date) -> Finding:
        return actions.reassign_finding(self.finding, by=by, on=on, **self.cleaned_data)
