"""Asking for a correction, and answering."""

from datetime import date, datetime
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm
from personal.actions.corrections import answer_correction, ask_correction
from personal.models import Correction
from personal.rules import CorrectionState, CorrectionSubject


def _text(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=500, help_text=help_text, widget=forms.Textarea(attrs={"rows": 4})
    )


class CorrectionForm(ActionForm):
    submit_label = "提交申请"
    refusal_field = "words"

    subject = forms.ChoiceField(label="哪一类信息", choices=[("", "请选择"), *CorrectionSubject.choices])
    words = _text("哪里不对", "写现在是怎样、应当是怎样。不要在这里写身份证号。")

    def __init__(self, data: Any = None, *, now: datetime) -> None:
        super().__init__(data)
        self.now = now

    def act(self, *, by: User | None, on: date) -> Correction:
        subject = CorrectionSubject(self.cleaned_data["subject"])
        words = self.cleaned_data["words"]
        return ask_correction(subject=subject, words=words, by=cast(User, by), on=on, now=self.now)


class AnswerForm(ActionForm):
    submit_label = "答复"
    refusal_field = "answer"

    state = forms.ChoiceField(
        label="核对结果",
        choices=[
            (CorrectionState.CORRECTED, "确实有误，已在登记的地方更正"),
            (CorrectionState.EXPLAINED, "没有记错，说明理由"),
        ],
        widget=forms.RadioSelect,
    )
    answer = _text("答复", "写核对了什么、结果如何，本人看得到。")

    def __init__(self, data: Any = None, *, row: Correction, now: datetime) -> None:
        super().__init__(data)
        self.row, self.now = row, now

    def act(self, *, by: User | None, on: date) -> Correction:
        said = self.cleaned_data
        corrected = said["state"] == CorrectionState.CORRECTED
        return answer_correction(
            self.row, corrected=corrected, answer=said["answer"], by=cast(User, by), now=self.now
        )
