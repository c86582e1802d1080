"""The form of a scenario card: its steps are typed as plain text."""

from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm
from branches.models import Organisation
from errorbank.rules import ErrorCategory
from training.actions.cards import TITLE_LENGTH, CardData, change_card, make_card
from training.models import Card, CardVersion
from training.rules.cards import CardTextRefused, Step, parse_steps


class CardForm(ActionForm):
    """A card to be written, or written anew."""

    submit_label = "保存草稿"

    title = forms.CharField(label="名称", max_length=TITLE_LENGTH, help_text="例如“会议记录里的一致通过”。")
    category = forms.ChoiceField(label="专题", choices=ErrorCategory.choices)
    steps = forms.CharField(
        label="步骤",
        max_length=12000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="每步第一行写情境和问题，后面一行一个做法：正确的用“+”开头，其余用“-”，"
        "做法和结果之间用“|”隔开；两步之间空一行。正确的不必总排在第一个。",
    )
    debrief = forms.CharField(
        label="复盘",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="练完以后看到的话：要点是什么，回到支部可以先做哪一件事。不写真实姓名。",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, *, place: Organisation | None = None, card: Card | None = None,
        version: CardVersion | None = None,
    ) -> None:  # fmt: skip
        super().__init__(data, initial=_initial(version) if version else {})
        self.place, self.card = place, card

    def clean_steps(self) -> tuple[Step, ...]:
        try:
            return parse_steps(self.cleaned_data["steps"])
        except CardTextRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def act(self, *, by: User | None, on: date) -> Card:
        said, person = self.cleaned_data, cast(User, by)
        data = CardData(said["category"], said["title"], said["steps"], said["debrief"].strip())
        if self.card is None:
            return make_card(cast(Organisation, self.place), data=data, by=person)
        change_card(self.card, data=data, by=person, seen=said["seen"] or 0)
        return self.card


def _initial(version: CardVersion) -> dict[str, Any]:
    return {
        "title": version.title,
        "category": version.category,
        "steps": version.steps_text,
        "debrief": version.debrief,
        "seen": 0 if version.published_on else version.revision,
    }
