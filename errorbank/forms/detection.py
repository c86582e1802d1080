"""Deciding on what stored data points at."""

from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, DayField
from branches.models import Post
from errorbank.actions.findings_write import FindingData
from errorbank.actions.proposals import confirm_proposal, dismiss_proposal
from errorbank.forms.wording import DEIDENTIFIED, checked_field, hide_unasked, refuse_touchy
from errorbank.models import Finding, Proposal
from errorbank.queries.findings import posts_of
from errorbank.rules import Source


class ConfirmForm(ActionForm):
    submit_label = "确认，列为问题整改"

    detail = forms.CharField(
        label="具体情况", max_length=600, widget=forms.Textarea(attrs={"rows": 3}), help_text=DEIDENTIFIED
    )
    responsible = forms.ModelChoiceField(
        label="责任人", queryset=Post.objects.none(), required=False, empty_label="暂不指定"
    )
    deadline_on = DayField(label="整改期限", required=False, help_text="不填的，按上面的规定期限。")
    checked = checked_field()

    def __init__(self, data: Any = None, *, proposal: Proposal, on: date) -> None:
        super().__init__(data, initial={"detail": proposal.words})
        hide_unasked(self, ("detail",))
        self.proposal = proposal
        self.offer_rows("responsible", posts_of(proposal.organisation, on=on))

    def clean(self) -> dict[str, Any]:
        refuse_touchy(self, ("detail",), self.cleaned_data)
        return self.cleaned_data

    def act(self, *, by: User | None, on: date) -> Finding:
        said = self.cleaned_data
        data = FindingData(
            source=Source.DETECTION,
            happened_on=self.proposal.happened_on,
            detail=said["detail"],
            responsible=said["responsible"],
            deadline_on=said["deadline_on"],
        )
        return confirm_proposal(self.proposal, data=data, by=cast(User, by), on=on)


class DismissForm(ActionForm):
    submit_label = "登记为不是问题"
    refusal_field = "reason"

    reason = forms.CharField(
        label="为什么不是问题",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="写一句依据，同样的情况以后不再提示。",
    )

    def __init__(self, data: Any = None, *, proposal: Proposal, on: date) -> None:
        super().__init__(data)
        self.proposal = proposal

    def act(self, *, by: User | None, on: date) -> Proposal:
        return dismiss_proposal(self.proposal, reason=self.cleaned_data["reason"], by=cast(User, by), on=on)
