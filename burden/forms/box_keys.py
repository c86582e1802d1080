"""Making a key and confirming that of a new recipient."""

from datetime import date
from typing import Any

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm
from branches.rules import Refusal
from burden.actions.box_recipients import confirm, make_key
from burden.box.desk import Desk, open_desk
from burden.box.files import BoxUnusable
from burden.models import BoxRecipient
from burden.rules.box_passphrase import LEAST_LENGTH, MOST_LENGTH


class BoxClosed(Refusal):
    """The sealed files cannot be read just now."""

    def __str__(self) -> str:
        return "暂时打不开，请过一会儿再试。一直打不开，请告诉系统管理员运行自检。"


def passphrase_field(label: str, **options: Any) -> forms.CharField:
    """Never put back into a page."""
    known = {"autocomplete": options.pop("autocomplete", "off"), "spellcheck": "false"}
    return forms.CharField(
        label=label,
        strip=False,
        max_length=4 * MOST_LENGTH,
        widget=forms.PasswordInput(attrs=known),
        error_messages={"required": f"请输入{label}。"},
        **options,
    )


class KeyForm(ActionForm):
    submit_label = "生成我的钥匙"
    refusal_field = "passphrase"

    passphrase = passphrase_field(
        "受理口令",
        autocomplete="new-password",
        help_text=f"至少 {LEAST_LENGTH} 个字符，用一句只有您知道的话最好记。不要用登录密码。",
    )
    again = passphrase_field("再输一遍", autocomplete="new-password")
    sure = forms.BooleanField(
        label="我明白：忘了口令谁也找不回来，只能换一把新钥匙",
        error_messages={"required": "请勾选，表示您知道口令找不回来。"},
    )

    def clean_again(self) -> str:
        typed: str = self.cleaned_data["again"]
        if typed != self.cleaned_data.get("passphrase", typed):
            raise forms.ValidationError("两遍不一样，请重新输入。")
        return typed

    def act(self, *, by: User | None, on: date) -> BoxRecipient:
        if by is None:
            raise Refusal("请先登录。")
        return make_key(by, self.cleaned_data["passphrase"], on=on)


class PassphraseForm(ActionForm):
    refusal_field = "passphrase"

    passphrase = passphrase_field("受理口令")

    def __init__(self, data: Any = None, *, recipient: BoxRecipient, **options: Any) -> None:
        super().__init__(data, **options)
        self.recipient = recipient


class OpenForm(PassphraseForm):
    submit_label = "打开受理台"

    def act(self, *, by: User | None, on: date) -> Desk:
        try:
            return open_desk(self.recipient, self.cleaned_data["passphrase"], on=on)
        except BoxUnusable:
            raise BoxClosed from None


class ConfirmForm(PassphraseForm):
    submit_label = "核对无误，确认"

    def __init__(self, data: Any = None, *, newcomer: BoxRecipient, **options: Any) -> None:
        super().__init__(data, **options)
        self.newcomer = newcomer

    def act(self, *, by: User | None, on: date) -> BoxRecipient:
        try:
            return confirm(self.newcomer, by=self.recipient, passphrase=self.cleaned_data["passphrase"])
        except BoxUnusable:
            raise BoxClosed from None
