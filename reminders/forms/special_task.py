"""Forms of special tasks."""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, cast

from crispy_forms.helper import FormHelper
from django import forms

from accounts.models import User
from branches.models import Organisation
from reminders.actions.tasks_special import NoTargets, TaskData, send_task
from reminders.forms.catalogue import (
    SIMPLE_RECORD_CHOICES,
    date_field,
    minutes_field,
    steps_field,
    submit_helper,
)
from reminders.forms.rule import lines_of
from reminders.models import SpecialTask, StudyPack
from reminders.queries.special_tasks import packs_for, sendable_targets

USUAL_DAYS = 7


class TaskForm(forms.Form):
    """What a special task asks, of whom, until when. The token makes sending it twice impossible."""

    token = forms.RegexField(r"^[0-9a-f]{16}$", widget=forms.HiddenInput)
    name = forms.CharField(label="标题", max_length=80)
    why = forms.CharField(
        label="为什么、依据", max_length=200, help_text="例如上级文件名称；不得录入涉密和敏感内容。"
    )
    start = date_field("开始日期")
    end = date_field("截止日期")
    minutes = minutes_field(initial=30)
    record_kind = forms.ChoiceField(label="完成时登记", choices=SIMPLE_RECORD_CHOICES)
    steps = steps_field()
    pack = forms.ModelChoiceField(
        label="学习资料包", queryset=StudyPack.objects.none(), required=False, empty_label="不附"
    )
    everybody = forms.BooleanField(label="全部支部", required=False)
    targets = forms.MultipleChoiceField(
        label="发送给",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="选了“全部支部”就不用再勾。",
    )

    def __init__(self, data: Any = None, *, organisation: Organisation, on: date) -> None:
        initial = {"token": secrets.token_hex(8), "start": on, "end": on + timedelta(days=USUAL_DAYS)}
        super().__init__(data, initial=initial)
        self.organisation, self.on = organisation, on
        self.reachable = {str(place.pk): place for place in sendable_targets(organisation, on=on)}
        choices = [(key, place.name) for key, place in self.reachable.items()]
        cast(forms.MultipleChoiceField, self.fields["targets"]).choices = choices
        cast("forms.ModelChoiceField[StudyPack]", self.fields["pack"]).queryset = packs_for(organisation)

    @property
    def helper(self) -> FormHelper:
        return submit_helper("下一步：核对负担")

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end < start:
            self.add_error("end", "截止日期早于开始日期，请调整其中一个。")
        elif end and end < self.on:
            self.add_error("end", "截止日期已经过去，请选今天或以后的日期。")
        if "targets" in cleaned and not self.chosen:
            self.add_error("targets", str(NoTargets()))
        return cleaned

    @property
    def chosen(self) -> Sequence[Organisation]:
        if self.cleaned_data.get("everybody"):
            return list(self.reachable.values())
        return [self.reachable[key] for key in self.cleaned_data.get("targets", [])]

    @property
    def load_minutes(self) -> int:
        minutes: int = self.cleaned_data["minutes"]
        return minutes * len(self.chosen)

    def save(self, *, by: User) -> SpecialTask:
        """Raises TaskRefusal."""
        cleaned = self.cleaned_data
        names = ("token", "name", "why", "start", "end", "minutes", "record_kind", "pack")
        data = TaskData(**{name: cleaned[name] for name in names}, steps=lines_of(cleaned["steps"]))
        return send_task(self.organisation, data=data, targets=self.chosen, by=by, on=self.on)


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="撤回原因", max_length=200)
