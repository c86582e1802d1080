"""Adjusting a local rule from a day on."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import User
from branches.actions.policy import Adjustment, adjust_rule
from branches.forms.base import ActionForm, DayField
from branches.models import Organisation, PolicyRule
from branches.rules.policy import METRICS, Operator, Rule, plain


class PolicyEditForm(ActionForm):
    """Shows the bounds the rule has; a rule that says one exact number has one field for it."""

    submit_label = "保存调整"

    enabled = forms.BooleanField(label="启用这项规则", required=False)
    low = forms.IntegerField(min_value=1)
    high = forms.IntegerField(min_value=1)
    since = DayField(label="自哪天起", help_text="从这一天起按新的数值；之前的日期仍按原来的版本。")
    reason = forms.CharField(
        label="调整原因", max_length=200, help_text="例如会议纪要或上级文件的名称，会与版本一起保留。"
    )

    def __init__(self, data: Any = None, *, organisation: Organisation, rule: Rule, on: date) -> None:
        initial = {"enabled": rule.enabled, "low": plain(rule.low), "high": plain(rule.high), "since": on}
        super().__init__(data, initial=initial)
        self.organisation, self.rule = organisation, rule
        self._fit_bounds()
        if not rule.switchable:
            del self.fields["enabled"]

    def _fit_bounds(self) -> None:
        unit = METRICS[self.rule.metric].unit
        words = {Operator.AT_LEAST: "不少于", Operator.AT_MOST: "不超过", Operator.EXACTLY: "数值"}
        single = words.get(Operator(self.rule.operator))
        exact = self.rule.operator == Operator.EXACTLY
        for name, bound, word in (("low", self.rule.low, "最少"), ("high", self.rule.high, "最多")):
            if bound is None or (exact and name == "high"):
                del self.fields[name]
                continue
            field = forms.IntegerField(
                label=f"{single or word}（{unit}）", min_value=1, max_value=self.rule.largest
            )
            self.fields[name] = field

    def act(self, *, by: User | None, on: date) -> PolicyRule:
        data = self.cleaned_data
        low, high = _decimal(data.get("low")), _decimal(data.get("high"))
        if self.rule.operator == Operator.EXACTLY:
            high = low
        return adjust_rule(
            self.organisation,
            code=self.rule.code,
            adjustment=Adjustment(data.get("enabled", True), low, high),
            since=data["since"],
            reason=data["reason"],
            by=by,
        )


def _decimal(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)
