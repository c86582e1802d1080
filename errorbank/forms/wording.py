"""What every form of findings says and asks about words that do not belong into the error bank."""

from collections.abc import Mapping
from typing import Any

from django import forms

TOUCHY = ("处分", "立案", "违纪", "违法", "案件", "线索", "举报", "留置", "谈话函询")
DEIDENTIFIED = "只写问题本身，不写当事人姓名，不写纪律处分、案件线索等内容。"


def checked_field() -> forms.BooleanField:
    return forms.BooleanField(
        label="已核对：不含当事人姓名，不含纪律处分、案件线索等内容",
        required=False,
        widget=forms.CheckboxInput,
    )


def hide_unasked(form: forms.Form, fields: tuple[str, ...]) -> None:
    """The second look is asked for where a word calls for it; nobody else has a box to puzzle over."""
    said: Mapping[str, Any] = form.data
    if not said.get("checked") and not any(_touchy(said.get(form.add_prefix(name))) for name in fields):
        form.fields["checked"].widget = forms.HiddenInput()


def _touchy(text: Any) -> str:
    return next((word for word in TOUCHY if word in str(text or "")), "")


def refuse_touchy(form: forms.Form, fields: tuple[str, ...], cleaned: dict[str, Any]) -> None:
    """A word of discipline matters stays only after somebody looked at it and says so."""
    if cleaned.get("checked"):
        return
    for name in fields:
        if found := _touchy(cleaned.get(name)):
            form.add_error(
                name, f"文字中有“{found}”。错题库不登记这类内容，请改写；确与此无关的，请勾选下面的“已核对”。"
            )
