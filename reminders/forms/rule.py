"""The part of a form that says when something is due; one set of fields per kind of rule."""

import re
from collections.abc import Mapping
from typing import Any, cast

from django import forms

from periods.rule_parts import PER_BRANCH, Due, InvalidDueRule, Kind, Period, Rule, read_kind
from periods.rules import MAX_REMIND_DAYS, check_rule

_SEPARATORS = re.compile(r"[、，,;；\s]+")
_LINE = re.compile(r"(\d{2}-\d{2})\s*(?:至|到|-|—|~|～)\s*(\d{2}-\d{2})")
DAYS, MONTHS = "days", "months"
# One period makes one item, so nobody is asked for another number.
ONE_ITEM = 1

KIND_LABELS = {
    Kind.PERIODIC: "按周期",
    Kind.YEARLY_WINDOW: "每年一个时间段",
    Kind.FIXED_DATE: "每年固定日期",
    Kind.FIXED_WINDOW: "每年几个时间段",
}
_FIELDS = {
    Kind.PERIODIC: ("period", "due", "fixed_day"),
    Kind.YEARLY_WINDOW: ("start", "end"),
    Kind.FIXED_DATE: ("dates",),
    Kind.FIXED_WINDOW: ("windows",),
    Kind.EVENT_OFFSET: ("limit", "limit_unit"),
}
# Where a rule of one field cannot be read, that field is at fault.
_FIELD_AT_FAULT = {Kind.FIXED_DATE: "dates", Kind.FIXED_WINDOW: "windows", Kind.YEARLY_WINDOW: "start"}
_ALL_FIELDS = sorted({name for names in _FIELDS.values() for name in names})
# Keys that belong to one kind of rule; the others (notes, hours, per_person) outlive a change of kind.
_KIND_KEYS = frozenset(
    {"kind", "period", "due", "fixed_day", "start", "end", "dates", "windows", "min_count"}
)

PERIODS = [
    (Period.MONTH.value, "每月"),
    (Period.QUARTER.value, "每季度"),
    (Period.HALF_YEAR.value, "每半年"),
    (Period.YEAR.value, "每年"),
]
DUES = [(Due.LAST_WORKDAY.value, "周期内最后一个工作日"), (Due.FIRST_WORKDAY.value, "周期内第一个工作日")]


class RuleForm(forms.Form):
    """Base of forms that edit a due rule; `cleaned_data["due_rule"]` is whole and checked."""

    period = forms.ChoiceField(label="周期", choices=PERIODS)
    due = forms.ChoiceField(label="截止日", choices=DUES)
    fixed_day = forms.BooleanField(
        label="以各支部的固定党日为截止日", required=False, help_text="没有固定党日的支部仍按上面的截止日。"
    )
    start = forms.CharField(label="开始（月-日）", max_length=5, help_text="例如 10-01。")
    end = forms.CharField(label="结束（月-日）", max_length=5, help_text="早于开始的，算到次年。")
    dates = forms.CharField(label="日期（月-日）", max_length=200, help_text="例如 06-30、12-31。")
    windows = forms.CharField(
        label="时间段",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="每行一个，例如 01-01 至 02-20。",
    )
    limit = forms.IntegerField(
        label="时限",
        min_value=0,
        max_value=999,
        required=False,
        help_text="从事情发生那天起算，0 为当天；不填表示及时办理。",
    )
    limit_unit = forms.ChoiceField(label="时限单位", choices=[(DAYS, "天"), (MONTHS, "个月")], required=False)
    remind = forms.CharField(
        label="提前几天提醒", max_length=40, required=False, help_text="可填几个数，例如 10、3。"
    )

    def __init__(self, data: Any = None, *, rule: Rule, kind: Kind, **kwargs: Any) -> None:
        self.rule, self.kind = rule, kind
        initial = {**_initial(rule), **kwargs.pop("initial", {})}
        super().__init__(data, initial=initial, **kwargs)
        for name in _ALL_FIELDS:
            if name not in _FIELDS.get(kind, ()):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not self.errors:
            try:
                cleaned["due_rule"] = self._built(cleaned)
                check_rule(cleaned["due_rule"])
            except InvalidDueRule as wrong:
                self.add_error(_FIELD_AT_FAULT.get(self.kind), str(wrong))
        return cleaned

    def clean_remind(self) -> list[int]:
        """The days before, the earliest reminder first."""
        days = _SEPARATORS.split(self.cleaned_data["remind"].strip())
        try:
            return sorted({_days_before(part) for part in days if part}, reverse=True)
        except InvalidDueRule as wrong:
            raise forms.ValidationError(str(wrong)) from None

    def _built(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        kept = {key: value for key, value in self.rule.items() if key not in _KIND_KEYS}
        if read_kind(self.rule) is Kind.EVENT_OFFSET:
            kept = dict(self.rule)
        parts = {"kind": self.kind.value, **_BUILDERS[self.kind](cleaned, self.rule)}
        remind: list[int] = cleaned["remind"]
        kept.pop("remind_days_before", None)
        return {**kept, **parts} | ({"remind_days_before": remind} if remind else {})


def _initial(rule: Rule) -> dict[str, Any]:
    found = {key: rule[key] for key in ("period", "due", "start", "end") if key in rule}
    found["fixed_day"] = rule.get("fixed_day") == PER_BRANCH
    found["dates"] = "、".join(rule.get("dates", ()))
    found["windows"] = "\n".join(f"{start} 至 {end}" for start, end in rule.get("windows", ()))
    found["remind"] = "、".join(str(n) for n in rule.get("remind_days_before", ()))
    offset = rule.get(_limit_key(rule)) or {}
    if offset.get("years"):
        return {**found, "limit": offset["years"] * 12, "limit_unit": MONTHS}
    unit = MONTHS if MONTHS in offset else DAYS
    return {**found, "limit": offset.get(unit), "limit_unit": unit}


def _limit_key(rule: Rule) -> str:
    return next((key for key in ("every", "not_before") if rule.get(key)), "due_offset")


def _periodic(cleaned: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    parts = {"period": cleaned["period"], "min_count": ONE_ITEM, "due": cleaned["due"]}
    return parts | ({"fixed_day": PER_BRANCH} if cleaned["fixed_day"] else {})


def _yearly(cleaned: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    return {"start": cleaned["start"], "end": cleaned["end"], "min_count": ONE_ITEM}


def _dates(cleaned: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    return {"dates": _split(cleaned["dates"])}


def _windows(cleaned: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    found = [_LINE.fullmatch(line.strip()) for line in cleaned["windows"].splitlines() if line.strip()]
    if not all(found):
        raise InvalidDueRule("每个时间段请写成“01-01 至 02-20”，一行一个。")
    return {"windows": [list(cast("re.Match[str]", match).groups()) for match in found]}


def _event(cleaned: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    limit, unit = cleaned.get("limit"), cleaned.get("limit_unit") or DAYS
    return {_limit_key(rule): None if limit is None else {unit: limit}}


_BUILDERS = {
    Kind.PERIODIC: _periodic,
    Kind.YEARLY_WINDOW: _yearly,
    Kind.FIXED_DATE: _dates,
    Kind.FIXED_WINDOW: _windows,
    Kind.EVENT_OFFSET: _event,
}


def _split(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(text.strip()) if part]


def _days_before(part: str) -> int:
    if not (part.isascii() and part.isdigit() and len(part) < 4 and int(part) <= MAX_REMIND_DAYS):
        raise InvalidDueRule(f"提前提醒的天数请填 0 至 {MAX_REMIND_DAYS} 之间的整数，例如 10、3。")
    return int(part)


def lines_of(text: str) -> list[str]:
    """The filled lines of a text area."""
    return [line.strip() for line in text.splitlines() if line.strip()]
