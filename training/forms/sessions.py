"""Forms of sessions: planning, cancelling, ticking who was there."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.db.models import Q

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, DayField, SeveralField
from branches.models import Organisation, Post
from errorbank.rules import ErrorCategory
from training.actions.sessions import (
    SessionData,
    cancel_session,
    change_session,
    hold_session,
    plan_session,
)
from training.models import Session
from training.models.sessions import RUN_SESSION
from training.queries.sessions import BranchPeople
from training.rules.sessions import MOST_HOURS, Audience, SessionKind, class_hours

USUAL_MINUTES = 90


class BranchesField(SeveralField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class LeaderField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no subscript at run time
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class SessionForm(ActionForm):
    """A session to be planned or changed."""

    submit_label = "保存并通知"

    organisation = CodedField(label="组织者", queryset=Organisation.objects.none())
    kind = forms.ChoiceField(label="形式", choices=SessionKind.choices)
    title = forms.CharField(label="主题", max_length=60, help_text="例如“换届选举流程案例研讨”。")
    held_on = DayField(label="日期")
    starts_at = forms.TimeField(
        label="开始时间",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "没有认出时间，请写成“9:00”这样的形式。"},
    )
    minutes = forms.IntegerField(label="时长（分钟）", min_value=10, max_value=4800, initial=USUAL_MINUTES)
    hours = forms.DecimalField(
        label="学时",
        max_digits=4,
        decimal_places=1,
        min_value=0,
        max_value=MOST_HOURS,
        required=False,
        help_text="不填时按 45 分钟 1 学时计算，到半学时。",
    )
    place = forms.CharField(label="地点", max_length=80)
    leader = LeaderField(
        label="本单位主讲人（带队人）",
        queryset=User.objects.none(),
        required=False,
        empty_label="不是本单位的人",
    )
    leader_name = forms.CharField(
        label="外请主讲人（带队人）", max_length=40, required=False, help_text="不是本单位的人时填写。"
    )
    audience = forms.ChoiceField(label="参加人员", choices=Audience.choices, initial=Audience.WORKERS)
    everywhere = forms.BooleanField(label="请全部党支部", required=False)
    branches = BranchesField(label="请哪些党支部", queryset=Organisation.objects.none(), required=False)
    categories = forms.MultipleChoiceField(
        label="训练内容",
        choices=ErrorCategory.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="按错题库的类别选；参加的人的能力图会记上这一次。",
    )
    outline = forms.CharField(
        label="要点和准备",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="讲什么，来之前准备什么。",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, user: User, on: date, session: Session | None = None) -> None:
        super().__init__(data, initial=_initial(session) if session else {"held_on": on})
        self.session = session
        offices = Organisation.objects.permitted_to(user, RUN_SESSION, on=on).active(on=on)
        self.places = offices.branches().in_tree_order()
        if session:
            del self.fields["organisation"]
            self.places = self.places.within(session.organisation)
        else:
            self._offer_offices(offices)
        self.offer_rows("branches", self.places)
        self.offer_rows("leader", _leaders(offices, on))

    def _offer_offices(self, offices: Any) -> None:
        hosts = offices.exclude(pk__in=offices.branches()).in_tree_order()
        self.offer_rows("organisation", hosts)
        if len(found := list(hosts[:2])) == 1:
            self.initial["organisation"] = found[0].pk
            self.fields["organisation"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if not (said.get("leader") or said.get("leader_name")) and "leader" not in self.errors:
            self.add_error("leader_name", "请选择本单位的主讲人，或填写外请的主讲人。")
        if not (said.get("everywhere") or said.get("branches")) and "branches" not in self.errors:
            self.add_error("branches", "请选择请哪些支部参加，或勾选“请全部党支部”。")
        return said

    @property
    def session_data(self) -> SessionData:
        said = self.cleaned_data
        place = self.session.organisation if self.session else said["organisation"]
        below = self.places.filter(path__startswith=place.path)
        leader = said["leader"]
        return SessionData(
            kind=SessionKind(said["kind"]),
            title=said["title"].strip(),
            held_on=said["held_on"],
            starts_at=said["starts_at"],
            minutes=said["minutes"],
            hours=said["hours"] or class_hours(said["minutes"]),
            place=said["place"].strip(),
            leader=leader,
            leader_name=leader.name if leader else said["leader_name"].strip(),
            audience=Audience(said["audience"]),
            branches=list(below if said["everywhere"] else said["branches"]),
            categories=said["categories"],
            outline=said["outline"].strip(),
        )

    def act(self, *, by: User | None, on: date) -> Session:
        person, data = cast(User, by), self.session_data
        if self.session is None:
            return plan_session(self.cleaned_data["organisation"], data=data, by=person, on=on)
        return change_session(self.session, data=data, by=person, on=on, seen=self.cleaned_data["seen"] or 0)


def _initial(session: Session) -> dict[str, Any]:
    names = ("kind", "title", "held_on", "starts_at", "minutes", "hours", "place", "audience", "categories")
    found = {name: getattr(session, name) for name in (*names, "outline")}
    invited = list(session.branches.values_list("organisation", flat=True))
    leader = {"leader": session.leader_id} if session.leader_id else {"leader_name": session.leader_name}
    return {**found, **leader, "branches": invited, "seen": session.revision}


def _leaders(offices: Any, on: date) -> Any:
    """Everybody who holds a post in these organisations, by name."""
    held = Post.objects.at(on).filter(organisation__in=offices)
    mine = Q(pk__in=held.values("user")) | Q(member__pk__in=held.values("member"))
    return User.objects.filter(mine, is_active=True).order_by("name", "pk")


class CancelForm(ActionForm):
    submit_label = "取消培训并通知"
    refusal_field = "reason"

    reason = forms.CharField(label="取消原因", max_length=200, help_text="受邀支部会看到。")

    def __init__(self, data: Any = None, *, session: Session) -> None:
        super().__init__(data)
        self.session = session

    def act(self, *, by: User | None, on: date) -> Session:
        return cancel_session(self.session, reason=self.cleaned_data["reason"], by=cast(User, by), on=on)


class AttendanceForm(ActionForm):
    """Ticks by name; everybody is ticked at first, who was away is unticked."""

    submit_label = "登记出勤"

    def __init__(self, data: Any = None, *, session: Session, branches: list[BranchPeople]) -> None:
        super().__init__(data)
        self.session, self.branches = session, branches
        self.ticked = set(data.getlist("present")) if data is not None else None

    @property
    def rows(self) -> list[tuple[Organisation, list[Mapping[str, Any]]]]:
        """Each branch with its people and whether each is ticked."""
        return [
            (
                branch.organisation,
                [
                    {"pk": p.pk, "name": p.name, "ticked": self.ticked is None or str(p.pk) in self.ticked}
                    for p in branch.people
                ],
            )
            for branch in self.branches
        ]

    @property
    def people(self) -> int:
        return sum(len(branch.people) for branch in self.branches)

    def act(self, *, by: User | None, on: date) -> Session:
        keys = {str(p.pk): p.pk for branch in self.branches for p in branch.people}
        present = {keys.get(text, 0) for text in self.ticked or ()}
        return hold_session(self.session, present=present, by=cast(User, by), on=on)
