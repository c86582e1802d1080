"""Correction of a dated fact of an organisation."""

from datetime import date
from typing import Any

from django import forms

from accounts.models import User
from branches.actions.events_correct import FactData, correct_organisation_event
from branches.forms.base import ActionForm, DayField
from branches.models import OrganisationEvent
from branches.models.organisation import OrganisationQuerySet
from branches.rules import OrganisationEventKind

DAY_LABELS = {
    OrganisationEventKind.ELECTED: "选举日期",
    OrganisationEventKind.TERM_EXTENDED: "批复日期",
    OrganisationEventKind.DISSOLVED: "撤销日期",
    OrganisationEventKind.SET_UP: "成立日期",
    OrganisationEventKind.RENAMED: "更名日期",
}
UNTIL_LABELS = {
    OrganisationEventKind.ELECTED: "届满日期",
    OrganisationEventKind.TERM_EXTENDED: "延期至",
}


class OrganisationEventCorrectForm(ActionForm):
    """The wrong fact is marked; the fields say what is right, or that it never happened."""

    submit_label = "更正"

    on = DayField(label="日期")
    name = forms.CharField(label="更名后的名称", max_length=80)
    until = DayField(label="届满日期")
    document = forms.CharField(label="依据文件", max_length=120, required=False, help_text="文号或日期。")
    void = forms.BooleanField(
        label="这一条不该登记，直接作废", required=False, help_text="勾选后，其他各项不必改。"
    )
    reason = forms.CharField(label="更正原因", max_length=200, help_text="原来的一条会保留并划去，写明原因。")

    def __init__(self, data: Any = None, *, event: OrganisationEvent, places: OrganisationQuerySet) -> None:
        super().__init__(data, initial=_current(event))
        self.event, self.places = event, places
        kind = OrganisationEventKind(event.kind)
        self.fields["on"].label = DAY_LABELS.get(kind, "日期")
        if kind != OrganisationEventKind.RENAMED:
            del self.fields["name"]
        if kind in UNTIL_LABELS:
            self.fields["until"].label = UNTIL_LABELS[kind]
        else:
            del self.fields["until"]

    def clean(self) -> dict[str, Any]:
        """Taking a move back hangs the branch under its former superior: that needs the right there too."""
        data, before = self.cleaned_data, self.event.parent_before
        moved = data.get("void") and self.event.kind == OrganisationEventKind.MOVED
        if moved and not self.places.filter(pk=before.pk if before else 0).exists():
            name = before.name if before else "原来的上级"
            self.add_error("void", f"撤回后将回到“{name}”之下，不在您的权限范围内，请由上级党委办理。")
        return data

    def act(self, *, by: User | None, on: date) -> OrganisationEvent | None:
        data = self.cleaned_data
        right = FactData(data["on"], data.get("name", ""), data.get("until"), data["document"])
        return correct_organisation_event(
            self.event,
            reason=data["reason"],
            by=by,
            replacement=None if data["void"] else right,
            today=on,
        )


def _current(event: OrganisationEvent) -> dict[str, Any]:
    until = None
    if event.term:
        extended = event.kind == OrganisationEventKind.TERM_EXTENDED
        until = event.term.extended_to if extended else event.term.ends_on
    return {"on": event.on, "name": event.after, "until": until, "document": event.document}
