"""What is asked on the pages of exports."""

from typing import Any

from django import forms

from ledgers.models import PREFIX, ExportQuerySet


class ExportFilterForm(forms.Form):
    """Which of the own exports are listed."""

    ledger = forms.ChoiceField(label="台账", required=False)

    def __init__(self, data: Any, *, exports: ExportQuerySet) -> None:
        super().__init__(data)
        titles = dict(exports.order_by("made_at").values_list("ledger", "title").distinct())
        choices = sorted(titles.items(), key=lambda pair: pair[1])
        self.fields["ledger"] = forms.ChoiceField(
            label="台账", required=False, choices=[("", "全部"), *choices]
        )

    def narrowed(self, exports: ExportQuerySet) -> ExportQuerySet:
        """An unknown ledger narrows nothing: the address may be an old one."""
        chosen = self.cleaned_data["ledger"] if self.is_valid() else ""
        return exports.filter(ledger=chosen) if chosen else exports


class CheckForm(forms.Form):
    """What is typed from paper."""

    words = forms.CharField(
        label="导出编号或校验值前 8 位",
        max_length=64,
        min_length=PREFIX,
        help_text="都印在纸面或表格的最后几行，例如 2026-0412。",
        error_messages={
            "required": "请填写导出编号，或校验值的前 8 位。",
            "min_length": "导出编号形如 2026-0412；校验值请至少填写前 8 位。",
        },
    )

    def clean_words(self) -> str:
        return str(self.cleaned_data["words"]).replace(" ", "").lower()
