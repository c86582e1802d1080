"""Base of every ledger's filter form."""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

from crispy_forms.bootstrap import InlineCheckboxes
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, LayoutObject
from django import forms
from django.http import QueryDict
from django.utils.functional import Promise

from accounts.models import User


class FilterForm(forms.Form):
    """Filter of one ledger, sent by GET. The same names serve the page and the command line.

    A subclass narrows its choices in `__init__` after calling this one: `self.user` is None for
    the command line (whole portal), `self.on` is today. Name the fields `organisation`
    (to_field_name="code") and `period` (YYYY-MM) where the ledger has them: they make the
    heading and are left out of the sentence.
    """

    heading_fields: tuple[str, ...] = ("organisation", "period")

    def __init__(self, data: QueryDict | None = None, *, user: User | None, on: date) -> None:
        self.user, self.on = user, on
        self.query = QueryDict() if data is None else data
        super().__init__(data)
        for field in self.fields.values():
            # Several choices are ticked: a list that wants Ctrl held down is lost on a phone.
            if isinstance(field, forms.MultipleChoiceField):
                field.widget = forms.CheckboxSelectMultiple()
                field.choices = field.choices  # hands them to the new widget

    @classmethod
    def filled(cls, query: QueryDict, *, user: User | None, on: date) -> "FilterForm":
        """Return a bound form: what `query` leaves out takes the field's initial value.

        An empty value in `query` is a choice (everything), not an omission.
        """
        blank = cls(user=user, on=on)
        data = QueryDict(mutable=True)
        for name, field in blank.fields.items():
            initial = blank.get_initial_for_field(field, name)
            data.setlist(name, query.getlist(name) if name in query else _spelled(field, initial))
        return cls(data, user=user, on=on)

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(*(_laid_out(name, field) for name, field in self.fields.items()))
        return helper

    def reach(self) -> str:
        """A digest of the organisations this reader may choose from; it changes when rights do."""
        return reach_of(self.codes())

    def codes(self) -> list[str]:
        """Codes of the organisations this reader may choose from."""
        choices = getattr(self.fields.get("organisation"), "choices", ())
        return [str(code) for code, _ in choices]

    def asks(self) -> str:
        """What decides which organisations may be chosen: two forms that say the same offer the same."""
        return " ".join(self.codes())

    def below(self, code: str) -> list[tuple[str, str]]:
        """Code and name of the branches below an organisation, each of which has papers of its own.

        Only a form that knows a tree of organisations has any.
        """
        return []

    def shortcuts(self) -> list[tuple[str, str]]:
        """Periods that are asked for most, each one tap away: its word and how it is written."""
        return []

    def sentence(self) -> str:
        """Say the filter in words, such as “状态：逾期；类别：三会一课”."""
        parts = [
            f"{field.label or name}：{words}"
            for name, field in self.fields.items()
            if name not in self.heading_fields and (words := _words(field, self.cleaned_data.get(name)))
        ]
        return "；".join(parts) or "全部记录"


def reach_of(codes: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(codes)).encode()).hexdigest()


def _laid_out(name: str, field: forms.Field) -> LayoutObject:
    several = isinstance(field, forms.MultipleChoiceField)
    return InlineCheckboxes(name, wrapper_class="filter-row") if several else Field(name)


def _spelled(field: forms.Field, value: Any) -> list[str]:
    prepared = field.prepare_value(value)
    values = prepared if isinstance(prepared, list | tuple) else [prepared]
    return [str(item) for item in values if item is not None]


def _words(field: forms.Field, value: Any) -> str:
    if value is None or value == "" or value is False:
        return ""
    if value is True:
        return "是"
    if isinstance(value, str):
        return str(_choices(field).get(value, value))
    if hasattr(value, "__iter__"):
        return "、".join(_words(field, item) for item in value)
    return str(value)


def _choices(field: forms.Field) -> dict[str, Any]:
    """Words of a plain choice field by key; a model's choices speak for themselves."""
    if isinstance(field, forms.ModelChoiceField) or not hasattr(field, "choices"):
        return {}
    return {str(key): label for key, label in field.choices if isinstance(label, str | Promise)}
