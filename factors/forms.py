"""The code alone, the code with the password, and the reason of a reset."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from accounts.forms import PasswordConfirmForm
from accounts.models import User
from branches.forms.base import ActionForm
from branches.rules import Refusal
from factors import actions
from factors.actions import LONGEST_REASON, Proof

LONGEST_TYPED = 32


class CodeInput(forms.TextInput):
    """Digits first on phones; the code that a phone proposes itself is taken."""

    def __init__(self, *, digits_only: bool) -> None:
        attrs = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__({**attrs, "inputmode": "numeric"} if digits_only else attrs)


def code_field(label: str, *, help_text: str = "", digits_only: bool = False) -> forms.CharField:
    field = forms.CharField(
        label=label,
        max_length=LONGEST_TYPED,
        help_text=help_text,
        widget=CodeInput(digits_only=digits_only),
    )
    field.error_messages["required"] = f"请填写{label}。"
    return field


class Proving(forms.Form):
    """Base: a form whose code is used up once everything else is right."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.proof = Proof()
        self.code_refused = False

    def prove(self, user: User) -> bool:
        """Use the code up; False with a form error when it is refused."""
        try:
            self.proof = actions.prove(user, typed=self.cleaned_data["code"], at=timezone.now())
        except Refusal as refusal:
            self.code_refused = True
            self.add_error("code", str(refusal))
        return not self.code_refused


class CodeForm(Proving):
    """After the password: six digits, or a recovery code."""

    code = code_field("动态码", help_text="手机不在身边，可以输入一个备用码。")


class ProofForm(Proving, PasswordConfirmForm):
    """Password and code, before the second factor itself is touched."""

    code = code_field(
        "动态码或备用码", help_text="验证器 App 里正在显示的 6 位数字，或一个还没有用过的备用码。"
    )


class FirstCodeForm(forms.Form):
    code = code_field("动态码", help_text="扫码后，输入验证器 App 里显示的 6 位数字。", digits_only=True)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.codes: list[str] = []

    def set_up(self, user: User, secret: bytes) -> bool:
        try:
            self.codes = actions.set_up(
                user, secret=secret, typed=self.cleaned_data["code"], at=timezone.now()
            )
        except Refusal as refusal:
            self.add_error("code", str(refusal))
        return bool(self.codes)


class ResetForm(ActionForm):
    submit_label = "重置"

    reason = forms.CharField(
        label="事由",
        max_length=LONGEST_REASON,
        help_text="例如“手机丢失，本人已当面核实”，会记入操作记录并告知本人。",
    )

    def __init__(self, data: Any = None, *, account: User) -> None:
        super().__init__(data)
        self.account = account

    def act(self, *, by: User | None, on: date) -> None:
        reason = self.cleaned_data["reason"]
        actions.reset(self.account, by=by, reason=reason, on=on, at=timezone.now())
