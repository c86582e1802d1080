"""Forms of special tasks."""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, cast

from crispy_forms.helper import FormHelper
from django import forms

from accounts.models import User
from branches.models import Organisation
from reminders.actions.tasks_special import NoTargets, SentOver, TaskData, send_task
from reminders.demand_rules import DemandKind
from reminders.forms.catalogue import (
    SIMPLE_RECORD_CHOICES,
    date_field,
    minutes_field,
    steps_field,
    submit_helper,
)
from reminders.forms.rule import lines_of
from reminders.models import SpecialTask, StudyPack
from reminders.queries.demand_lint import DemandDraft, DemandWarning
from reminders.queries.demands import DemandLine, effect_words
from reminders.queries.special_tasks import packs_for, sendable_targets, was_sent
from reminders.queries.summaries import sender_asks

USUAL_DAYS = 7
# A special task is no duty of the catalogue.
TASK_KINDS = [(kind.value, kind.label) for kind in DemandKind if kind is not DemandKind.ACTION]


class TaskForm(forms.Form):
    """What a special task asks, of whom, until when. The token makes sending it twice impossible."""

    token = forms.RegexField(r"^[0-9a-f]{16}$", widget=forms.HiddenInput)
    name = forms.CharField(label="标题", max_length=80)
    why = forms.CharField(
        label="为什么、依据", max_length=200, help_text="例如上级文件名称；不得录入涉密和敏感内容。"
    )
    start = date_field("开始日期")
    end = date_field("截止日期")
    # Not required: what says nothing is a piece of work.
    demand_kind = forms.ChoiceField(label="属于哪一类", choices=TASK_KINDS, required=False)
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
        initial = {
            "token": secrets.token_hex(8),
            "start": on,
            "end": on + timedelta(days=USUAL_DAYS),
            "demand_kind": DemandKind.TASK,
        }
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
    def draft(self) -> DemandDraft:
        """What is held against the register, the ledgers and the limits before sending."""
        cleaned = self.cleaned_data
        names = ("name", "minutes", "start", "end")
        return DemandDraft(
            **{name: cleaned[name] for name in names},
            asker=sender_asks(self.organisation.kind),
            kind=cleaned["demand_kind"] or DemandKind.TASK,
            text=f"{cleaned['why']}\n{cleaned['steps']}",
        )

    @property
    def is_sent(self) -> bool:
        return was_sent(self.cleaned_data["token"])

    @property
    def load_minutes(self) -> int:
        minutes: int = self.cleaned_data["minutes"]
        return minutes * len(self.chosen)

    def save(self, *, by: User, over: SentOver | None = None) -> SpecialTask:
        """Raises TaskRefusal."""
        cleaned = self.cleaned_data
        names = ("token", "name", "why", "start", "end", "minutes", "record_kind", "pack")
        data = TaskData(
            **{name: cleaned[name] for name in names},
            steps=lines_of(cleaned["steps"]),
            demand_kind=self.draft.kind,
        )
        return send_task(self.organisation, data=data, targets=self.chosen, by=by, on=self.on, over=over)


class SendOverForm(forms.Form):
    """What a sender answers to what the page said: why all the same, and what ends instead.

    `seen` holds the warnings that stood on the page: what came up since is shown before anything is sent.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    replaces = forms.ChoiceField(label="由这项替代、可以停下的", required=False, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="仍然发送的理由",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="会和上面的提示一起留在这项工作的页面上。",
    )

    def __init__(
        self, data: Any = None, *, warnings: Sequence[DemandWarning], lines: Sequence[DemandLine]
    ) -> None:
        super().__init__(data)
        self.warnings, self.lines = warnings, {line.key: line for line in lines}
        choices = [(line.key, f"{line.name}（{effect_words(line)}）") for line in lines]
        if not self.must_replace:
            choices.insert(0, ("", "不替代其他事项"))
        cast(forms.ChoiceField, self.fields["replaces"]).choices = choices
        if not lines:
            del self.fields["replaces"]
        if not warnings:
            del self.fields["reason"]

    @property
    def must_replace(self) -> bool:
        """Over the time there is: something has to end, as long as the sender asks for anything else."""
        return bool(self.lines) and any(warning.blocking for warning in self.warnings)

    @property
    def codes(self) -> str:
        return "\n".join(warning.words for warning in self.warnings)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if self.warnings and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "上面有提示，如确需发送，请写明理由。")
        if self.must_replace and not cleaned.get("replaces") and "replaces" not in self.errors:
            self.add_error("replaces", "要用的时间超出了，请选一项可以停下的。")
        # A page sent twice carries the line ends of its browser.
        if cleaned.get("seen", "").splitlines() != self.codes.splitlines():
            self.add_error(None, "情况刚刚有变化，还没有发送，请再看一遍上面的提示。")
        return cleaned

    @property
    def over(self) -> SentOver:
        line = self.lines.get(self.cleaned_data.get("replaces", ""))
        return SentOver(self.warnings, self.cleaned_data.get("reason", ""), line)


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="撤回原因", max_length=200)
