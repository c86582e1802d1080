"""Forms of the catalogue: adopt, switch off, adjust, add."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from accounts.models import User
from branches.models import Organisation
from periods.months import Month
from periods.rule_parts import Kind, read_kind
from records.rules import RecordKind
from reminders.actions.catalogue import (
    Adjustment,
    NewAction,
    add_action,
    adjust_action,
    adopt_action,
    switch_off_action,
)
from reminders.forms.rule import RuleForm, lines_of
from reminders.models import Action, ActionVersion, Adoption
from reminders.queries.effective import Standing
from reminders.rules import Category, ConditionCode

MAX_MINUTES = 2400
# Kinds of record whose form needs no workflow of its own.
SIMPLE_RECORDS = (
    RecordKind.DATE_ONLY,
    RecordKind.MEETING,
    RecordKind.LECTURE,
    RecordKind.ACTIVITY,
    RecordKind.DOCUMENT,
)
SIMPLE_RECORD_CHOICES = [(kind.value, kind.label) for kind in SIMPLE_RECORDS]
_CONDITIONS = (
    ConditionCode.ALL,
    ConditionCode.HAS_COMMITTEE,
    ConditionCode.HAS_GROUPS,
    ConditionCode.HAS_ACTIVIST,
    ConditionCode.HAS_PROBATIONARY,
    ConditionCode.GENERAL_BRANCH,
)


def date_field(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options
    )


def steps_field() -> forms.CharField:
    return forms.CharField(
        label="步骤",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="每行一步。",
    )


def minutes_field(**options: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label="每次预计分钟",
        min_value=1,
        max_value=MAX_MINUTES,
        help_text="按一个支部办理一次估计。",
        **options,
    )


def submit_helper(label: str, name: str = "submit") -> FormHelper:
    helper = FormHelper()
    helper.add_input(Submit(name, label, css_id="submit", css_class="btn-wide"))
    return helper


class CatalogueSearchForm(forms.Form):
    q = forms.CharField(label="名称", max_length=40, required=False)
    standing = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), *[(s.value, s.label) for s in Standing]]
    )

    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True


class AdoptForm(forms.Form):
    """From which day an action is adopted."""

    valid_from = date_field("从哪天起")
    reason = forms.CharField(label="说明", max_length=200, required=False)

    helper = submit_helper("采纳")

    def save(self, action: Action, *, organisation: Organisation, by: User, on: date) -> Adoption:
        """Raises CatalogueRefusal."""
        return adopt_action(action, organisation=organisation, by=by, on=on, **self.cleaned_data)


class SwitchOffForm(forms.Form):
    """From which day an action is switched off, and why."""

    valid_from = date_field("从哪天起")
    reason = forms.CharField(label="原因", max_length=200)

    def save(self, action: Action, *, organisation: Organisation, by: User, on: date) -> Adoption:
        """Raises CatalogueRefusal."""
        return switch_off_action(action, organisation=organisation, by=by, on=on, **self.cleaned_data)


class AdjustForm(RuleForm):
    """When an action is due here, how long it takes and how it is done; makes a new version."""

    minutes = minutes_field()
    steps = steps_field()
    valid_from = date_field("从哪天起", help_text="一般从下月 1 日起；当天以前的清单保持原样。")
    note = forms.CharField(label="变更说明", max_length=200, required=False)

    helper = submit_helper("保存为新版本")

    def __init__(self, data: Any = None, *, version: ActionVersion, kind: Kind | None, on: date) -> None:
        initial = {
            "minutes": version.minutes,
            "steps": "\n".join(version.steps),
            "valid_from": Month.of(on).next().first,
        }
        chosen = kind or read_kind(version.due_rule)
        super().__init__(data, rule=version.due_rule, kind=chosen, initial=initial)

    def save(self, action: Action, *, organisation: Organisation, by: User, on: date) -> ActionVersion:
        """Raises CatalogueRefusal."""
        cleaned = self.cleaned_data
        changes = Adjustment(
            due_rule=cleaned["due_rule"],
            minutes=cleaned["minutes"],
            steps=lines_of(cleaned["steps"]),
            note=cleaned["note"],
        )
        return adjust_action(
            action,
            organisation=organisation,
            valid_from=cleaned["valid_from"],
            changes=changes,
            by=by,
            on=on,
        )


class AddForm(RuleForm):
    """An action of the organisation's own."""

    name = forms.CharField(label="名称", max_length=80)
    why = forms.CharField(label="为什么需要", max_length=200, help_text="作为依据显示在“本单位要求”之后。")
    category = forms.ChoiceField(
        label="分类", choices=[c for c in Category.choices if c[0] != Category.SPECIAL.value]
    )
    applies_when = forms.ChoiceField(
        label="适用于", choices=[(code.value, code.label) for code in _CONDITIONS]
    )
    record_kind = forms.ChoiceField(label="完成时登记", choices=SIMPLE_RECORD_CHOICES)
    minutes = minutes_field(initial=30)
    steps = steps_field()
    minimal_record = forms.CharField(label="最低记录", max_length=400, required=False)
    valid_from = date_field("从哪天起")

    helper = submit_helper("加入事项库")
    field_order = ("name", "why", "category", "applies_when")

    def __init__(self, data: Any = None, *, kind: Kind, on: date) -> None:
        super().__init__(data, rule={"kind": kind.value}, kind=kind, initial={"valid_from": on})

    def save(self, *, organisation: Organisation, by: User, on: date) -> Action:
        """Raises CatalogueRefusal."""
        cleaned = self.cleaned_data
        data = NewAction(
            name=cleaned["name"],
            category=cleaned["category"],
            due_rule=cleaned["due_rule"],
            minutes=cleaned["minutes"],
            record_kind=cleaned["record_kind"],
            why=cleaned["why"],
            applies_when=[cleaned["applies_when"]],
            minimal_record=cleaned["minimal_record"],
            steps=lines_of(cleaned["steps"]),
        )
        return add_action(organisation, data=data, valid_from=cleaned["valid_from"], by=by, on=on)
