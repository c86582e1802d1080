"""Steps of an election."""

from datetime import date
from typing import Any

from django import forms

from accounts.models import User
from branches.actions import elections as actions
from branches.forms.base import ActionForm, DayField
from branches.models import ElectionStep, Term
from branches.rules import ElectionStepKind

DOCUMENT_HELP = {
    ElectionStepKind.NOTICE: "函件文号，或电话通知的时间和经办人。",
    ElectionStepKind.REQUEST: "请示和批复的文号。",
    ElectionStepKind.CANDIDATES: "批复文号。",
    ElectionStepKind.REPORT: "报批、备案的文号。",
}


class ElectionStepForm(ActionForm):
    submit_label = "登记"

    done_on = DayField(label="办理日期")
    document = forms.CharField(label="文号或说明", max_length=120, required=False)

    def __init__(
        self, data: Any = None, *, term: Term, kind: ElectionStepKind, known: ElectionStep | None, on: date
    ) -> None:
        initial = {"done_on": known.done_on if known else on, "document": known.document if known else ""}
        super().__init__(data, initial=initial, auto_id=f"id_{kind.value}_%s")
        self.term, self.kind = term, kind
        self.fields["document"].help_text = DOCUMENT_HELP.get(kind, "")

    def act(self, *, by: User | None, on: date) -> ElectionStep:
        return actions.record_step(self.term, kind=self.kind, by=by, today=on, **self.cleaned_data)
