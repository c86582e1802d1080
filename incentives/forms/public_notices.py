"""Objecting to a notice, writing down what was said in person, and answering."""

from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm
from incentives.actions.public_notices import answer_objection, raise_objection, record_objection
from incentives.models import Objection, PublicNotice

AREA = forms.Textarea(attrs={"rows": 5})


class ObjectionForm(ActionForm):
    submit_label = "实名提交异议"
    refusal_field = "words"

    words = forms.CharField(
        label="对什么有异议，依据是什么",
        max_length=500,
        widget=AREA,
        help_text="只有核查的人看得到是您提的；不要写涉密和敏感内容。",
    )

    def __init__(self, data: Any = None, *, notice: PublicNotice) -> None:
        super().__init__(data)
        self.notice = notice

    def act(self, *, by: User | None, on: date) -> Objection:
        return raise_objection(self.notice, words=self.cleaned_data["words"], by=cast(User, by), on=on)


class RecordedObjectionForm(ObjectionForm):
    submit_label = "登记"

    name = forms.CharField(label="反映人", max_length=40, required=False, help_text="本人不愿留名的，不填。")
    field_order = ("name", "words")

    def act(self, *, by: User | None, on: date) -> Objection:
        said = self.cleaned_data
        return record_objection(self.notice, words=said["words"], name=said["name"], by=cast(User, by), on=on)


class AnswerForm(ActionForm):
    submit_label = "保存答复"

    uphold = forms.ChoiceField(
        label="核查结论",
        choices=[("no", "异议不成立，公示继续"), ("yes", "异议成立，公示中止")],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label="答复",
        max_length=500,
        widget=AREA,
        help_text="写明查了什么、为什么这样认定。提出异议的人和被公示的人都能看到，请不要写出异议人。",
    )

    def __init__(self, data: Any = None, *, objection: Objection) -> None:
        super().__init__(data)
        self.objection = objection

    def act(self, *, by: User | None, on: date) -> Objection:
        said = self.cleaned_data
        uphold = said["uphold"] == "yes"
        return answer_objection(
            self.objection, uphold=uphold, answer=said["answer"], by=cast(User, by), on=on
        )
