"""Opening a call, proposing, the committee's vote, declining, and the words told of who was honoured."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, DayField
from branches.models import Organisation
from branches.rules import OrganisationKind
from incentives.actions.honours import (
    CallData,
    decline_case,
    enter_vote,
    open_call,
    propose,
    withdraw_case,
)
from incentives.actions.stories import draft_story, release_story, wording
from incentives.models import HonourCall, HonourCase, HonourStory
from incentives.models.honours import RUN_HONOUR
from incentives.queries.honours import Candidate, candidates_for, honours, places_for
from incentives.rules.stories import StoryKind, first_draft
from records.rules import VoteCount

USUAL_CALL = timedelta(days=14)


class CallForm(ActionForm):
    submit_label = "开始提名"

    organisation = CodedField(label="党总支", queryset=Organisation.objects.none())
    honour = forms.ChoiceField(label="荣誉")
    period = forms.CharField(label="年度或批次", max_length=20, help_text="例如“2026 年度”。")
    opens_on = DayField(label="开始提名")
    closes_on = DayField(label="截止提名")

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        days = {"opens_on": on, "closes_on": on + USUAL_CALL}
        places = Organisation.objects.permitted_to(user, RUN_HONOUR, on=on)
        generals = places.filter(kind=OrganisationKind.GENERAL_BRANCH).in_tree_order()
        given = {**days, "period": f"{on.year} 年度", "organisation": generals.first()}
        super().__init__(data, initial=given)
        self.offer_rows("organisation", generals)
        names = [(code, f"{one.group} · {one.name}") for code, one in honours().items()]
        self.offer("honour", [("", "请选择"), *names])

    def act(self, *, by: User | None, on: date) -> HonourCall:
        said = self.cleaned_data
        data = CallData(said["honour"], said["period"].strip(), said["opens_on"], said["closes_on"])
        return open_call(said["organisation"], data=data, by=cast(User, by))


class ProposalForm(ActionForm):
    submit_label = "提名"

    nominee = forms.ChoiceField(label="提名谁")
    reason = forms.CharField(
        label="提名理由",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写做成了什么、有什么效果；在线时长、点击、照片不作依据。",
    )

    def __init__(self, data: Any = None, *, call: HonourCall, user: User, on: date) -> None:
        super().__init__(data)
        self.call = call
        self.people: dict[str, Candidate] = {}
        self.places: dict[str, Organisation] = {}
        if honours()[call.honour].for_branches:
            self.places = {str(each.pk): each for each in places_for(user, call, on=on)}
            names = [(key, each.name) for key, each in self.places.items()]
            self.fields["nominee"].label = "提名哪个支部"
        else:
            self.people = {str(each.user.pk): each for each in candidates_for(user, call, on=on)}
            names = [
                (key, f"{each.user.name}（{each.organisation.name}）") for key, each in self.people.items()
            ]
        self.offer("nominee", [("", "请选择"), *names])

    def act(self, *, by: User | None, on: date) -> HonourCase:
        chosen, reason = self.cleaned_data["nominee"], self.cleaned_data["reason"]
        person = self.people.get(chosen)
        place = person.organisation if person else self.places[chosen]
        return propose(
            self.call,
            nominee=person.user if person else None,
            place=place,
            reason=reason,
            by=cast(User, by),
            on=on,
        )


class CaseForm(ActionForm):
    """A form about one case."""

    def __init__(self, data: Any = None, *, case: HonourCase) -> None:
        super().__init__(data)
        self.case = case


class VoteForm(CaseForm):
    submit_label = "登记评议结果"

    held_on = DayField(label="评议日期")
    eligible = forms.IntegerField(label="应到人数", min_value=1, max_value=500)
    present = forms.IntegerField(label="实到人数", min_value=0, max_value=500)
    yes = forms.IntegerField(label="赞成", min_value=0, max_value=500)
    no = forms.IntegerField(label="反对", min_value=0, max_value=500, initial=0)
    abstain = forms.IntegerField(label="弃权", min_value=0, max_value=500, initial=0)

    def act(self, *, by: User | None, on: date) -> HonourCase:
        said = dict(self.cleaned_data)
        held_on = said.pop("held_on")
        vote = VoteCount(matter=str(self.case.call), **said)
        return enter_vote(self.case, vote=vote, held_on=held_on, by=cast(User, by), on=on)


class DeclineForm(CaseForm):
    submit_label = "不再继续"
    refusal_field = "reason"

    reason = forms.CharField(label="原因", max_length=200, help_text="提名人和被提名人都能看到。")

    def act(self, *, by: User | None, on: date) -> HonourCase:
        return decline_case(self.case, reason=self.cleaned_data["reason"], by=cast(User, by), on=on)


class WithdrawForm(CaseForm):
    submit_label = "退出这次评选"

    def act(self, *, by: User | None, on: date) -> HonourCase:
        return withdraw_case(self.case, by=cast(User, by), on=on)


class StoryForm(CaseForm):
    """Begins with what the evidence file says."""

    submit_label = "保存，送本人看"

    title = forms.CharField(label="标题", max_length=60)
    body = forms.CharField(
        label="正文",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="本人同意以后才发布；改了以后要本人再同意。不写家庭、健康等个人情况。",
    )

    def __init__(self, data: Any = None, *, case: HonourCase, kind: StoryKind) -> None:
        super().__init__(data, case=case)
        self.kind = kind
        held = HonourStory.objects.filter(case=case, kind=kind).first()
        title = held.title if held else f"{case.subject_name}：{case.call.name}{kind.label}"
        self.initial = {"title": title, "body": held.body if held else first_draft(case.evidence)}

    def act(self, *, by: User | None, on: date) -> HonourStory:
        said = self.cleaned_data
        return draft_story(
            self.case, kind=self.kind, title=said["title"], body=said["body"], by=cast(User, by), on=on
        )


class ReleaseForm(ActionForm):
    submit_label = "同意发布"

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, story: HonourStory) -> None:
        super().__init__(data, initial={"seen": wording(story)})
        self.story = story

    def act(self, *, by: User | None, on: date) -> HonourStory:
        return release_story(self.story, seen=self.cleaned_data["seen"], by=cast(User, by), on=on)
