"""Answering a recheck, and asking somebody else to."""

from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm
from errorbank.actions.rechecks import assign_verifier, fail_recheck, pass_recheck
from errorbank.forms.wording import DEIDENTIFIED, checked_field, hide_unasked, refuse_touchy
from errorbank.models import Finding, Recheck
from errorbank.queries.rechecks import verifiers_for

PASS, FAIL = "pass", "fail"


class RecheckForm(ActionForm):
    """One line, and two buttons named `answer`."""

    refusal_field = "result"

    result = forms.CharField(
        label="复查看到的结果",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=f"看了哪几次、哪些材料，是否符合要求。{DEIDENTIFIED}",
    )
    answer = forms.ChoiceField(
        label="复查结论", choices=[(PASS, "通过"), (FAIL, "未通过")], widget=forms.HiddenInput()
    )
    checked = checked_field()

    def __init__(self, data: Any = None, *, recheck: Recheck) -> None:
        super().__init__(data)
        self.recheck = recheck
        hide_unasked(self, ("result",))

    def clean(self) -> dict[str, Any]:
        refuse_touchy(self, ("result",), self.cleaned_data)
        return self.cleaned_data

    def act(self, *, by: User | None, on: date) -> Recheck | Finding:
        answer = pass_recheck if self.cleaned_data["answer"] == PASS else fail_recheck
        return answer(self.recheck, result=self.cleaned_data["result"], by=cast(User, by), on=on)


class VerifierForm(ActionForm):
    submit_label = "交给这位同志复查"
    refusal_field = "verifier"

    verifier = forms.ChoiceField(
        label="复查人",
        help_text="整改人不在其中；严重问题由其他支部或党总支的同志复查。",
        error_messages={"invalid_choice": "请在列出的人员中选择。"},
    )

    def __init__(self, data: Any = None, *, recheck: Recheck, on: date) -> None:
        super().__init__(data)
        self.recheck = recheck
        self.offer("verifier", [("", "请选择"), *verifiers_for(recheck, on=on)])

    def act(self, *, by: User | None, on: date) -> Recheck:
        user = User.objects.get(pk=self.cleaned_data["verifier"])
        return assign_verifier(self.recheck, user=user, by=by, on=on)
