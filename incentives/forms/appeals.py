"""Contesting, and answering."""

from datetime import date, datetime
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm
from branches.models import Organisation
from incentives.actions.appeals import answer_appeal, appeal
from incentives.models import Appeal, ContributionEntry
from incentives.rules.appeals import AppealState


def _text(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=500, help_text=help_text, widget=forms.Textarea(attrs={"rows": 4})
    )


class AppealForm(ActionForm):
    submit_label = "提出申诉"
    refusal_field = "words"

    words = _text("哪里不对", "写哪个数或哪一条不对，应当是怎样，在哪里能看到。")

    def __init__(
        self,
        data: Any = None,
        *,
        place: Organisation,
        year: int,
        entry: ContributionEntry | None,
        now: datetime,
    ) -> None:
        super().__init__(data)
        self.place, self.year, self.entry, self.now = place, year, entry, now

    def act(self, *, by: User | None, on: date) -> Appeal:
        return appeal(
            self.place,
            year=self.year,
            entry=self.entry,
            words=self.cleaned_data["words"],
            by=cast(User, by),
            on=on,
            now=self.now,
        )


class AnswerForm(ActionForm):
    submit_label = "答复"
    refusal_field = "answer"

    state = forms.ChoiceField(
        label="核对结果",
        choices=[(AppealState.CORRECTED, "确实不对，已更正"), (AppealState.EXPLAINED, "没有记错，说明理由")],
        widget=forms.RadioSelect,
    )
    cancel_entry = forms.BooleanField(
        label="冲销这一条",
        required=False,
        help_text="原来的一条保留，另记一条相反的；应当另记的，由本人或支部提名。",
    )
    answer = _text("答复", "写核对了什么、结果如何，本人看得到。")

    def __init__(self, data: Any = None, *, row: Appeal, may_cancel: bool, now: datetime) -> None:
        super().__init__(data)
        self.row, self.now = row, now
        if not may_cancel:
            del self.fields["cancel_entry"]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("cancel_entry") and said.get("state") == AppealState.EXPLAINED:
            self.add_error("cancel_entry", "没有记错的不用冲销：请取消勾选，或改选“确实不对，已更正”。")
        return said

    def act(self, *, by: User | None, on: date) -> Appeal:
        said = self.cleaned_data
        return answer_appeal(
            self.row,
            corrected=said["state"] == AppealState.CORRECTED,
            cancel_entry=said.get("cancel_entry", False),
            answer=said["answer"],
            by=cast(User, by),
            on=on,
            now=self.now,
        )
