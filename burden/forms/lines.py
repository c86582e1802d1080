"""Several short lines edited on one page: what was typed comes back with every error and every added row."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict

from branches.forms.base import ActionForm

PREFIX = "items"
MOST, FREE, MORE = 80, 3, "more"


class LinesForm(ActionForm):
    """A form above a list of lines; `lines` is the formset. A blank line is no line."""

    line_form: type[forms.Form]

    def __init__(
        self, data: QueryDict | None = None, *, shown: Sequence[Mapping[str, Any]], **options: Any
    ) -> None:
        """`shown`: the lines as they stand. With the button for more rows nothing is judged yet."""
        if data is not None and MORE in data:
            typed = {name: data.get(name) for name in self.base_fields}
            super().__init__(None, **{**options, "initial": typed})
            self.lines = self._rows(None, _typed(data, list(self.line_form.base_fields)), free=FREE + 2)
            return
        super().__init__(data, **options)
        self.lines = self._rows(data, shown, free=FREE)

    def _rows(self, data: QueryDict | None, shown: Sequence[Mapping[str, Any]], *, free: int) -> Any:
        made: type[BaseFormSet[Any]] = formset_factory(
            self.line_form, extra=free, max_num=MOST, absolute_max=MOST, validate_max=True
        )
        return made(data, initial=None if data is not None else shown, prefix=PREFIX)

    def is_valid(self) -> bool:
        """Both are judged, so that all errors are told at once."""
        whole, lines = super().is_valid(), self.lines.is_valid()
        if whole and lines and not self.said():
            self.add_error(None, "请至少填一行。")
            return False
        return whole and lines

    def said(self) -> list[dict[str, Any]]:
        """The clean values of the lines that say something and are kept, in order."""
        kept = [form.cleaned_data for form in self.lines if form.cleaned_data.get("text")]
        kept.sort(key=lambda row: row["place"] or MOST + 1)
        return [{name: row[name] for name in row if name not in ("place", "drop")} for row in kept]


class LineForm(forms.Form):
    """One line: `text` is its heart; without it the line is blank."""

    place = forms.IntegerField(label="顺序", min_value=1, max_value=MOST, required=False)
    drop = forms.BooleanField(label="去掉", required=False)
    # What a line that says something must say besides.
    needed: tuple[tuple[str, str], ...] = ()

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("drop"):
            self.errors.clear()
            return {"text": "", "drop": True}
        if said.get("text"):
            for name, words in self.needed:
                if name not in self.errors and said.get(name) in (None, ""):
                    self.add_error(name, words)
        elif "text" not in self.errors and any(said.get(name) for name, _ in self.needed):
            self.add_error("text", "请填写内容；不要这一行的，勾“去掉”。")
        return said


def _typed(data: QueryDict, names: Sequence[str]) -> list[dict[str, Any]]:
    """The lines as they were typed, unjudged."""
    rows = []
    for n in range(MOST):
        row = {name: data.get(f"{PREFIX}-{n}-{name}", "") for name in names}
        if any(row[name] for name in row if name not in ("place", "kind")):
            rows.append(row)
    return rows
