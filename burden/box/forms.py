"""What a visitor types: a letter, the receipt typed back, a receipt to look up. Nothing is saved here."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms

from burden.box.limits import TEXT_LIMIT, Level, categories
from burden.box.receipts import Receipt, read_receipt
from burden.box.words import normalise

# Nothing is offered to remember, and no browser sends it to a spelling service.
UNREMEMBERED = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off", "autocorrect": "off"}


class Typed(forms.CharField):
    """Words as they will be used; a NUL or a control sign pasted by mistake is taken out, not refused."""

    def to_python(self, value: Any) -> str:
        return normalise(super().to_python(value) or "")


class LetterText(Typed):
    widget = forms.Textarea(attrs={**UNREMEMBERED, "rows": 8})

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > TEXT_LIMIT:
            over = len(value) - TEXT_LIMIT
            raise forms.ValidationError(
                f"现在是 {len(value)} 字，最多 {TEXT_LIMIT} 字。请删去 {over} 字，或者分两次写。"
            )


class LetterForm(forms.Form):
    category = forms.ChoiceField(
        label="哪一类",
        help_text="说不清就选“其他”。",
        error_messages={"required": "请选一类。", "invalid_choice": "请重新选一类。"},
    )
    text = LetterText(
        label="写什么",
        help_text=f"最多 {TEXT_LIMIT} 字。不写姓名、支部、单位和电话。",
        error_messages={"required": "请写下您的意见。"},
    )
    level = forms.ChoiceField(
        label="给谁看",
        widget=forms.RadioSelect,
        error_messages={"required": "请选给谁看。", "invalid_choice": "这一级现在不能收，请换一级。"},
    )

    def __init__(
        self, data: Any = None, *, levels: Iterable[Level], initial: dict[str, Any] | None = None
    ) -> None:
        """`levels`: those that have recipients enough; without any there is nothing to choose."""
        self.levels = [level for level in Level if level in set(levels)]
        super().__init__(data, initial=initial or {"level": next(iter(self.levels), "")})
        self._offer("category", [("", "请选择"), *categories().items()])
        self._offer("level", [(level.value, LEVEL_WORDS[level]) for level in self.levels])

    def _offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)


LEVEL_WORDS = {
    Level.OWN: "本级受理人",
    Level.SUPERIOR: "上级受理人（不给本级看）",
}


class ReceiptField(Typed):
    """Read leniently: small letters, spaces, O for 0. Its own check sign tells a slip from an unknown one."""

    widget = forms.TextInput(attrs={**UNREMEMBERED, "class": "receipt-input"})

    def clean(self, value: Any) -> Receipt:
        typed: str = super().clean(value)
        receipt = read_receipt(typed)
        if receipt is None:
            raise forms.ValidationError("有一处抄错了。请对照纸上的号码，一组一组再看一遍。")
        return receipt


class ReceiptForm(forms.Form):
    receipt = ReceiptField(
        label="查询号",
        max_length=200,
        help_text="大小写都行，空格可以不输。",
        error_messages={"required": "请输入查询号。", "max_length": "太长了。请只输入查询号。"},
    )


class CopyForm(forms.Form):
    """The receipt typed back; it is compared with the one that rides in the page."""

    typed = Typed(
        label="再输一遍查询号",
        max_length=200,
        widget=forms.TextInput(attrs={**UNREMEMBERED, "class": "receipt-input"}),
        help_text="看着您抄的纸输，不看屏幕。大小写都行，空格可以不输。",
        error_messages={"required": "请照着抄的号码输一遍。", "max_length": "太长了。请只输入查询号。"},
    )

    def __init__(self, data: Any = None, *, receipt: Receipt | None = None) -> None:
        super().__init__(data)
        self.receipt = receipt

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if read_receipt(typed) != self.receipt:
            raise forms.ValidationError("和上面的查询号不一样。请一组一组对照，改好抄的纸，再输一遍。")
        return typed
