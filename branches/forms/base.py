"""What every form of this app does: show itself, and turn a refusal into an error beside the field."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from accounts.actions import AccountRefusal
from accounts.models import User
from branches.rules import Refusal
from periods.months import FIRST_YEAR, LAST_YEAR


class DayField(forms.DateField):
    """A day between the years the portal reckons with."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **options: Any) -> None:
        super().__init__(
            error_messages={"invalid": "没有认出日期，请写成“2026-11-13”这样的形式。"}, **options
        )

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(f"请填 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间的日期。")
        return day


# Digits of the largest key.
LONGEST_KEY = 18


class CodedField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no subscript at run time
    """Choose an organisation or a member, shown with its code."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"empty_label": "请选择", **options})

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.code}　{obj.name}"


class SeveralField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # takes no subscript at run time
    """Choose several rows. A number no key can have is no choice, and no database is asked for it."""

    def clean(self, value: Any) -> Any:
        for found in value or ():
            if len(str(found)) > LONGEST_KEY:
                raise forms.ValidationError(self.error_messages["invalid_choice"], params={"value": "？"})
        return super().clean(value)


class ActionForm(forms.Form):
    """A form whose `act` calls one action; a refusal becomes an error and nothing typed is lost."""

    submit_label = "保存"
    # The field a refusal is shown beside; without one it stands on top.
    refusal_field: str | None = None

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.result: Any = None

    def full_clean(self) -> None:
        """What was left empty is asked for by its name."""
        for field in self.fields.values():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                verb = "选择" if isinstance(field, forms.ChoiceField) else "填写"
                field.error_messages["required"] = f"请{verb}{str(field.label).partition('，')[0]}。"
        super().full_clean()

    def offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        """Narrow the choices of one field."""
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)

    def offer_rows(self, name: str, rows: QuerySet[Any]) -> None:
        """Narrow the rows of one field."""
        cast("forms.ModelChoiceField[Any]", self.fields[name]).queryset = rows

    def act(self, *, by: User | None, on: date) -> Any:
        """The action behind the form: every form that is used says its own (a test holds it)."""
        raise NotImplementedError

    def save(self, *, by: User | None, on: date) -> bool:
        """Call the action; False with a form error when it refuses."""
        try:
            self.result = self.act(by=by, on=on)
        except (Refusal, AccountRefusal) as refusal:
            self.add_error(self.refusal_field, str(refusal))
            return False
        return True


def lines_of(text: str) -> list[str]:
    """The lines that say something, trimmed."""
    return [line.strip() for line in text.splitlines() if line.strip()]
