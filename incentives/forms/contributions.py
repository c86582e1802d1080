"""Naming a contribution, deciding on it, taking an entry back, and how remote a branch lies."""

from datetime import date, datetime
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, DayField
from branches.models import Organisation
from incentives.actions.contributions import NominationData, decide_nomination, nominate, take_back
from incentives.actions.records import add_condition
from incentives.models import BranchCondition, ContributionEntry, Nomination
from incentives.models.contributions import EDIT_RECORD
from incentives.queries.nominations import nominees_for
from incentives.queries.records import Worker
from incentives.rules.contributions import NOMINATED_KINDS, EntryKind


class NominationForm(ActionForm):
    submit_label = "提名"

    nominee = forms.ChoiceField(label="提名谁", help_text="本支部或本总支的党务工作者；也可以提名自己。")
    kind = forms.ChoiceField(label="类别", choices=[(kind.value, kind.label) for kind in NOMINATED_KINDS])
    happened_on = DayField(label="哪一天", help_text="延续一段时间的，填做成的那一天。")
    words = forms.CharField(label="做了什么", max_length=200, help_text="写结果；签到、照片、在线时长不计。")
    evidence = forms.CharField(label="佐证", max_length=200, help_text="在哪里能看到，如文件号、成果名称。")

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data, initial={"happened_on": on})
        self.workers: dict[str, Worker] = {str(w.user.pk): w for w in nominees_for(user, on=on)}
        names = [(key, f"{w.user.name}（{w.organisation.name}）") for key, w in self.workers.items()]
        self.offer("nominee", [("", "请选择"), *names])

    def act(self, *, by: User | None, on: date) -> Nomination:
        said = self.cleaned_data
        worker = self.workers[said["nominee"]]
        kind = EntryKind(said["kind"])
        data = NominationData(worker.user, kind, said["happened_on"], said["words"], said["evidence"])
        return nominate(worker.organisation, data=data, by=cast(User, by), on=on)


class DecisionForm(ActionForm):
    submit_label = "保存"
    refusal_field = "answer"

    approve = forms.ChoiceField(
        label="审核", choices=[("yes", "通过，记一条贡献"), ("no", "不通过")], widget=forms.RadioSelect
    )
    answer = forms.CharField(
        label="意见", max_length=200, required=False, help_text="不通过的必须写明原因，双方都能看到。"
    )

    def __init__(self, data: Any = None, *, nomination: Nomination, now: datetime) -> None:
        super().__init__(data)
        self.nomination, self.now = nomination, now

    def act(self, *, by: User | None, on: date) -> Nomination:
        said, user = self.cleaned_data, cast(User, by)
        approve = said["approve"] == "yes"
        return decide_nomination(
            self.nomination, approve=approve, answer=said["answer"], by=user, on=on, now=self.now
        )


class TakeBackForm(ActionForm):
    submit_label = "冲销这一条"
    refusal_field = "reason"

    reason = forms.CharField(label="为什么冲销", max_length=200, help_text="本人看得到。原来的一条会保留。")

    def __init__(self, data: Any = None, *, entry: ContributionEntry, now: datetime) -> None:
        super().__init__(data)
        self.entry, self.now = entry, now

    def act(self, *, by: User | None, on: date) -> ContributionEntry:
        return take_back(self.entry, reason=self.cleaned_data["reason"], by=cast(User, by), now=self.now)


class ConditionForm(ActionForm):
    submit_label = "登记"

    organisation = CodedField(label="支部", queryset=Organisation.objects.none())
    since = DayField(label="自哪天起")
    drive_minutes = forms.IntegerField(
        label="距县城车程（分钟）", min_value=0, max_value=1440, required=False
    )
    altitude = forms.IntegerField(label="海拔（米）", min_value=0, max_value=6000, required=False)
    evidence = forms.CharField(label="数据来源", max_length=120, help_text="如导航实测、地图标注、文件名称。")

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data, initial={"since": on})
        places = Organisation.objects.permitted_to(user, EDIT_RECORD, on=on).branches().active(on=on)
        self.offer_rows("organisation", places.in_tree_order())

    def act(self, *, by: User | None, on: date) -> BranchCondition:
        return add_condition(by=cast(User, by), **self.cleaned_data)
