"""Forms of monthly briefs; views hand in the moment, for what is written carries it."""

from datetime import date, datetime
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField
from branches.forms.edit import EditForm
from branches.models import Organisation
from dashboards.actions.briefs import correct_brief, prepare_brief, release_brief, word_section
from dashboards.models import Brief, Section
from dashboards.queries.briefs import preparable
from dashboards.rules.asked import MONTHS
from dashboards.rules.brief_words import BriefSection
from periods.months import Month

LONGEST = 4000


class PrepareForm(ActionForm):
    """One month that is over."""

    submit_label = "整理"
    refusal_field = "month"

    organisation = CodedField(label="组织", queryset=Organisation.objects.none())
    month = forms.ChoiceField(label="月份", help_text="过完的月份才能整理。")

    def __init__(self, data: Any = None, *, user: User, on: date, now: datetime) -> None:
        super().__init__(data)
        self.now = now
        places = preparable(user, on=on)
        self.offer_rows("organisation", places)
        months = [Month.of(on).plus(-n) for n in range(1, MONTHS + 1)]
        self.offer("month", [(str(month), month.label) for month in months])
        if len(found := list(places[:2])) == 1:
            self.initial["organisation"] = found[0].pk
            self.fields["organisation"].widget = forms.HiddenInput()

    def act(self, *, by: User | None, on: date) -> Brief:
        said = self.cleaned_data
        return prepare_brief(said["organisation"], Month.parse(said["month"]), by=by, on=on, now=self.now)


class SectionForm(EditForm):
    """The words of one section, the generated ones to begin with."""

    text = forms.CharField(
        label="文字",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="一行一段。只写事实，不点名哪个支部落后，不排名次，不写涉密和敏感内容。",
    )

    def __init__(self, data: Any = None, *, brief: Brief, section: Section, now: datetime) -> None:
        self.brief, self.key, self.now = brief, BriefSection(section.key), now
        super().__init__(data)

    def current_values(self, *, lock: bool) -> dict[str, Any]:
        brief = Brief.objects.select_for_update().get(pk=self.brief.pk) if lock else self.brief
        return {"text": next(part.text for part in brief.sections if part.key == self.key)}

    def act_on(self, values: dict[str, Any], *, by: User | None, on: date) -> Brief:
        return word_section(self.brief, self.key, text=values["text"], by=cast(User, by), now=self.now)


class ReleaseForm(ActionForm):
    submit_label = "发布"

    # What the draft said when this page was opened.
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    def __init__(self, data: Any = None, *, brief: Brief, now: datetime) -> None:
        super().__init__(data, initial={"seen": brief.stamp})
        self.brief, self.now = brief, now

    def act(self, *, by: User | None, on: date) -> Brief:
        seen = self.cleaned_data["seen"]
        return release_brief(self.brief, by=cast(User, by), on=on, now=self.now, seen=seen)


class CorrectForm(ActionForm):
    submit_label = "另出一版"
    refusal_field = "reason"

    reason = forms.CharField(
        label="更正原因",
        max_length=200,
        help_text="读者会看到，例如“10 月第二次支委会按时办结，原统计有误”。",
    )

    def __init__(self, data: Any = None, *, brief: Brief, now: datetime) -> None:
        super().__init__(data)
        self.brief, self.now = brief, now

    def act(self, *, by: User | None, on: date) -> Brief:
        reason = self.cleaned_data["reason"]
        return correct_brief(self.brief, reason=reason, by=cast(User, by), now=self.now)
