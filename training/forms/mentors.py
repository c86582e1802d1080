"""Forms of mentors: what one helps with, a pair, going on or ending, the day of a talk."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, DayField
from branches.models import Organisation
from training.actions.mentors import PairData, end_pair, make_pair, note_talk, offer_topics, prolong_pair
from training.forms.outputs import offer_one
from training.forms.sessions import LeaderField
from training.models import Pair, PairTalk
from training.models.mentors import KEEP_MENTOR
from training.queries.outputs import possible_authors
from training.rules.mentors import MOST_AT_ONCE, TOPICS, USUAL_AT_ONCE

USUAL_PAIR = timedelta(days=180)
LATER, END = "later", "end"


class OfferForm(ActionForm):
    """Nothing ticked: one helps with nothing at present."""

    topics = forms.MultipleChoiceField(
        label="我能帮什么",
        choices=TOPICS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="全部不勾选，就不再列在帮手名单里；已经请您帮忙的不受影响。",
    )
    most = forms.IntegerField(
        label="每项同时最多帮几人",
        min_value=1,
        max_value=MOST_AT_ONCE,
        help_text="满了以后，别人看到“暂时满了”，不会再来问。",
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        rows = list(user.mentor_topics.order_by("pk"))
        most = max((row.most for row in rows), default=USUAL_AT_ONCE)
        super().__init__(data, initial={"topics": [row.topic for row in rows], "most": most})

    def act(self, *, by: User | None, on: date) -> int:
        said = self.cleaned_data
        return offer_topics(cast(User, by), topics=said["topics"], most=said["most"])


class PairForm(ActionForm):
    submit_label = "结对并通知两人"

    organisation = CodedField(label="组织者", queryset=Organisation.objects.none())
    mentor = LeaderField(label="帮带人", queryset=User.objects.none(), empty_label="请选择")
    pupil = LeaderField(label="被帮带人", queryset=User.objects.none(), empty_label="请选择")
    goals = forms.MultipleChoiceField(label="帮带内容", choices=TOPICS, widget=forms.CheckboxSelectMultiple)
    since = DayField(label="开始日期")
    until = DayField(label="结束日期", help_text="到期前两周，本月清单里会提醒定下续还是结束。")

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data, initial={"since": on, "until": on + USUAL_PAIR})
        offices = Organisation.objects.permitted_to(user, KEEP_MENTOR, on=on).active(on=on)
        self.offices = offices
        offer_one(self, "organisation", offices.exclude(pk__in=offices.branches()).in_tree_order())
        for name in ("mentor", "pupil"):
            self.offer_rows(name, possible_authors(offices, on=on))

    def act(self, *, by: User | None, on: date) -> Pair:
        said = self.cleaned_data
        data = PairData(said["mentor"], said["pupil"], said["goals"], said["since"], said["until"])
        return make_pair(said["organisation"], data=data, by=cast(User, by), on=on)


class DecideForm(ActionForm):
    """Go on until another day, or end today."""

    submit_label = "定下"

    choice = forms.ChoiceField(
        label="这对结对怎么办",
        choices=[(LATER, "继续，改结束日期"), (END, "今天结束")],
        widget=forms.RadioSelect,
    )
    until = DayField(label="继续到哪一天", required=False, help_text="选择“今天结束”时不用填。")

    def __init__(self, data: Any = None, *, pair: Pair, on: date) -> None:
        super().__init__(data, initial={"choice": LATER, "until": max(pair.until, on) + USUAL_PAIR})
        self.pair = pair

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("choice") == LATER and not said.get("until") and "until" not in self.errors:
            self.add_error("until", "请填写继续到哪一天。")
        return said

    def act(self, *, by: User | None, on: date) -> Pair:
        person, said = cast(User, by), self.cleaned_data
        if said["choice"] == END:
            return end_pair(self.pair, by=person, on=on)
        return prolong_pair(self.pair, until=said["until"], by=person, on=on)


class TalkForm(ActionForm):
    submit_label = "记下"
    refusal_field = "held_on"

    held_on = DayField(label="交流日期", help_text="只记日期，谈了什么不用写，也没有地方写。")

    def __init__(self, data: Any = None, *, pair: Pair, on: date) -> None:
        super().__init__(data, initial={"held_on": on})
        self.pair = pair

    def act(self, *, by: User | None, on: date) -> PairTalk:
        return note_talk(self.pair, held_on=self.cleaned_data["held_on"], by=cast(User, by), on=on)
