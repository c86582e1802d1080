"""Forms of an item that are no record of an activity: talks, not applicable, sending back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.models import Member
from records.actions import RecordData, RecordRefused, TalkData
from records.queries import TalkCoverage, TalkRow, attendance_options, talk_coverage
from records.rules import RecordKind, TalkCategory
from reminders.actions.items import (
    ItemNotOpen,
    ItemRefusal,
    add_talks,
    close_item,
    mark_not_applicable,
    return_item,
)
from reminders.forms.record_kinds import DATE
from reminders.forms.records import date_field
from reminders.models import ReminderItem
from reminders.queries.item_rows import mistakes_of

LINE_LENGTH = 200
NOT_APPLICABLE_REASONS = ("本期没有此类情况", "上级已统一安排", "人员情况有变化")


@dataclass(frozen=True)
class TalkLine:
    """One member who is still missing, with the fields of the form."""

    row: TalkRow
    tick: forms.BoundField
    talker: forms.BoundField
    category: forms.BoundField


class TalkForm(forms.Form):
    """Tick with whom a talk was held, by whom and of what kind; nothing of what was said."""

    def __init__(self, data: Any = None, *, item: ReminderItem, on: date) -> None:
        super().__init__(data, initial={DATE: on}, auto_id=f"id_{item.pk}_%s")
        self.item, self.on = item, on
        self.coverage: TalkCoverage = talk_coverage(item.organisation, year=item.opens_on.year, on=on)
        self.people: dict[int, Member] = {
            o.pk: o.member for o in attendance_options(item.organisation, on=on)
        }
        self.fields[DATE] = date_field(on, "谈话日期" if self.coverage.missing else "日期")
        for row in self.coverage.missing:
            self._add_line(row)

    def _add_line(self, row: TalkRow) -> None:
        partners = [(str(pk), self.people[pk].name) for pk in row.partners]
        tick = forms.CheckboxInput(attrs={"class": "form-check-input"})
        self.fields[f"talk_{row.member}"] = forms.BooleanField(label=row.name, required=False, widget=tick)
        for name, choices in (("talker", partners), ("category", TalkCategory.choices)):
            self.fields[f"{name}_{row.member}"] = forms.ChoiceField(
                choices=choices, required=False, widget=forms.Select(attrs={"class": "form-select"})
            )

    @property
    def lines(self) -> list[TalkLine]:
        names = ("talk", "talker", "category")
        return [
            TalkLine(row, *(self[f"{name}_{row.member}"] for name in names)) for row in self.coverage.missing
        ]

    def _talks(self) -> list[TalkData]:
        cleaned = self.cleaned_data
        return [
            TalkData(
                talker=self.people[int(cleaned[f"talker_{row.member}"] or row.partners[0])],
                partner=self.people[row.member],
                category=TalkCategory(cleaned[f"category_{row.member}"] or TalkCategory.THINKING),
            )
            for row in self.coverage.missing
            if cleaned.get(f"talk_{row.member}")
        ]

    def clean_held_on(self) -> date:
        held_on = cast(date, self.cleaned_data[DATE])
        if held_on > self.on:
            raise forms.ValidationError("日期不能晚于今天，请改为实际谈话的日期。")
        return held_on

    def clean(self) -> dict[str, Any]:
        missing = self.coverage.missing
        if missing and not any(self.cleaned_data.get(f"talk_{row.member}") for row in missing):
            self.add_error(None, "请勾选已经谈过话的党员。")
        return self.cleaned_data

    def save(self, *, by: User) -> list[ReminderItem]:
        """Keep the talks; the item is done when nobody is missing. Empty, with an error, when refused.

        Raises ItemNotOpen.
        """
        held_on = self.cleaned_data[DATE]
        data = RecordData(kind=RecordKind.TALK_COVERAGE, held_on=held_on, talks=tuple(self._talks()))
        keep = add_talks if self.coverage.missing else close_item
        try:
            return [keep(self.item, data=data, by=by, on=self.on)]
        except ItemNotOpen:
            raise
        except (ItemRefusal, RecordRefused) as refusal:
            self.add_error(None, str(refusal))
            return []


class NotApplicableForm(forms.Form):
    reason = forms.CharField(
        label="不适用的原因",
        max_length=LINE_LENGTH,
        widget=forms.TextInput(attrs={"list": "reasons", "autocomplete": "off"}),
        help_text="一句话即可，例如“本期没有此类情况”。",
    )
    suggestions = NOT_APPLICABLE_REASONS

    def save(self, item: ReminderItem, *, by: User, on: date) -> ReminderItem:
        """Raises ItemNotOpen."""
        return mark_not_applicable(item, reason=self.cleaned_data["reason"], by=by, on=on)


class ReturnForm(forms.Form):
    """Sending back names the line that is not met, so that the branch knows what to mend."""

    checklist_line = forms.ChoiceField(label="对照哪一项", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="需要怎样补正", max_length=LINE_LENGTH, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, item: ReminderItem) -> None:
        super().__init__(data)
        self.item = item
        choices = cast(forms.ChoiceField, self.fields["checklist_line"])
        choices.choices = [(line, line) for line in checklist_of(item)]

    def save(self, *, by: User) -> ReminderItem:
        """Raises ItemNotDone."""
        cleaned = self.cleaned_data
        return return_item(
            self.item, checklist_line=cleaned["checklist_line"], reason=cleaned["reason"], by=by
        )


def checklist_of(item: ReminderItem) -> list[str]:
    """What a finished item is held against: its minimal record, its steps, its common mistakes."""
    version = item.version
    lines: Iterable[str] = (
        version.minimal_record,
        *(str(step) for step in version.steps),
        *(f"不应出现：{mistake}" for mistake in mistakes_of(item)),
    )
    found = [line[:LINE_LENGTH] for line in lines if line]
    return list(dict.fromkeys(found)) or ["记录内容"]
