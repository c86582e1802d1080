"""Forms of recruiting: each step asks only what it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import OuterRef, Q, QuerySet

from accounts.models import User
from branches.actions import development_steps as steps
from branches.actions.development_steps import StepData
from branches.forms.base import ActionForm, CodedField, DayField, SeveralField
from branches.models import DevelopmentCase, DevelopmentStep, Member, Membership, Organisation
from branches.rules import MemberStatus, StepOutcome
from branches.rules.development_order import APPROVED_STEPS, PAPERS
from branches.rules.votes import VoteKind, least_approving, least_present

ADMISSION, CONVERSION = 15, 23
VOTES = ("eligible", "present", "approving", "secret_ballot")
USUAL = ("done_on", "document", "note")
# What each step asks; of a political review nothing but its day.
ASKED: Mapping[int, tuple[str, ...]] = {
    4: ("decided_by", *USUAL),
    5: ("done_on", "people", "assigned_1", "assigned_2", "document", "note"),
    8: ("decided_by", "done_on", "until_on", "outcome", "document", "note"),
    9: ("done_on", "people", "assigned_1", "assigned_2", "introducers_confirmed", "document", "note"),
    10: ("done_on",),
    11: ("done_on", "until_on", "days", "hours", "document", "note"),
    13: ("decided_by", "done_on", "outcome", "document", "note"),
    ADMISSION: ("done_on", *VOTES, "document", "note"),
    17: ("decided_by", "done_on", "outcome", "document", "note"),
    CONVERSION: ("done_on", "outcome", "months", *VOTES, "document", "note"),
    24: ("decided_by", "done_on", "outcome", "document", "note"),
}
DECIDED = [(StepOutcome.PASSED.value, "同意"), (StepOutcome.NOT_PASSED.value, "不同意")]
PROPOSED = [
    (StepOutcome.PASSED.value, "按期转正"),
    (StepOutcome.EXTENDED.value, "延长预备期"),
    (StepOutcome.REVOKED.value, "取消预备党员资格"),
]
DAY_LABELS = {
    1: ("申请日期", "收到书面申请的日期。"),
    8: ("公示开始日期", "上级党委同意之后开始公示；按 2014 年细则备案的，填备案日期。"),
    11: ("培训开始日期", ""),
    ADMISSION: ("大会日期", "预备期从支部党员大会通过之日算起。"),
    17: ("批复日期", ""),
    CONVERSION: ("大会日期", "预备期满才能讨论转正，不能提前。"),
    24: ("批复日期", ""),
}
UNTIL_LABELS = {8: ("公示截止日期", "不少于 5 个工作日；备案的不填。"), 11: ("结业日期", "一天结束的不填。")}
NO_DECIDER = (
    "上级组织中还没有标明“有审批预备党员权限”的党委，这一步暂时不能登记。"
    "党总支只能审议，不能审批；请系统管理员在上级党委的资料中勾选这一项。"
)
WHOLE = {"invalid": "请填整数。", "min_value": "请填 0 或更大的整数。", "max_value": "数字太大，请核对。"}


class PeopleField(SeveralField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no subscript at run time
    """Somebody of another branch, shown with the branch."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（{obj.branch_name}）"


def _count(label: str, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=9999, error_messages=WHOLE, **options)


class StepForm(ActionForm):
    """One step of a case; fields that this step does not ask for are taken out."""

    submit_label = "登记"

    decided_by = CodedField(label="审批的党组织", queryset=Organisation.objects.none())
    done_on = DayField(label="办理日期")
    until_on = DayField(label="截止日期", required=False)
    people = PeopleField(label="本支部正式党员", queryset=Member.objects.none(), required=False)
    assigned_1 = PersonField(
        label="上级指定的其他支部正式党员",
        queryset=Member.objects.none(),
        required=False,
        empty_label="没有",
        help_text="本支部人手不足时，可以由上级党组织指定。",
    )
    assigned_2 = PersonField(
        label="上级指定的另一名", queryset=Member.objects.none(), required=False, empty_label="没有"
    )
    introducers_confirmed = forms.BooleanField(
        label="已核对，介绍人都不在处分影响期内",
        required=False,
        help_text="警告、严重警告、撤销党内职务处分影响期内的，一般不宜担任，请更换；这里不登记任何人的处分情况。",
    )
    outcome = forms.ChoiceField(label="结果", choices=DECIDED)
    months = forms.IntegerField(
        label="延长几个月",
        min_value=6,
        max_value=12,
        required=False,
        help_text="只有延长预备期才填，6 至 12 个月，只能延长一次。",
        error_messages=dict.fromkeys(("min_value", "max_value", "invalid"), "请填 6 至 12 的整数。"),
    )
    days = _count("培训天数", required=False, help_text="一般不少于 3 天或 24 学时，填一项即可。")
    hours = forms.DecimalField(
        label="培训学时",
        min_value=0,
        max_digits=5,
        decimal_places=1,
        required=False,
        error_messages={"invalid": "请填数字，可以有一位小数。"},
    )
    eligible = _count("应到会有表决权的党员")
    present = _count("实到会有表决权的党员")
    approving = _count("赞成票", help_text="会前交来书面意见表示赞成的一并计入。")
    secret_ballot = forms.BooleanField(
        label="无记名投票，逐个讨论和表决",
        required=False,
        initial=True,
        help_text="不是这样进行的，请取消勾选。",
    )
    document = forms.CharField(label="材料或文号", max_length=120, required=False)
    note = forms.CharField(
        label="说明", max_length=200, required=False, help_text="超过期限等情况请写明原因；没有的不填。"
    )

    def __init__(
        self, data: Any = None, *, case: DevelopmentCase, number: int, offer: "StepOffer", **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.case, self.number, self.no_decider = case, number, ""
        for name in set(StepForm.base_fields) - set(ASKED.get(number, USUAL)):
            del self.fields[name]
        self.order_fields(ASKED.get(number, USUAL))
        self._word(offer)

    def _word(self, offer: "StepOffer") -> None:
        """Labels, choices and first values of this step."""
        day = self.fields["done_on"]
        day.label, day.help_text = DAY_LABELS.get(self.number, ("办理日期", ""))
        day.initial = offer.on
        if "until_on" in self.fields:
            self.fields["until_on"].label, self.fields["until_on"].help_text = UNTIL_LABELS[self.number]
        if "document" in self.fields:
            self.fields["document"].initial = PAPERS[self.number]
            self.fields["document"].help_text = "写文件名称或文号；材料还没有归齐的请清空，清单上会列为“缺”。"
        if "decided_by" in self.fields:
            self._offer_deciders(offer)
        if "people" in self.fields:
            self._offer_people(offer)
        if self.number == CONVERSION:
            self.offer("outcome", PROPOSED)
            self.fields["outcome"].label = "提请大会表决的意见"
        if "eligible" in self.fields and offer.full:
            self.fields["eligible"].initial = offer.full
            self.fields["eligible"].help_text = vote_hint(offer.full)

    def _offer_deciders(self, offer: "StepOffer") -> None:
        field = self.fields["decided_by"]
        self.offer_rows("decided_by", Organisation.objects.filter(pk__in=[o.pk for o in offer.deciders]))
        if not offer.deciders:
            self.no_decider = NO_DECIDER
        if len(offer.deciders) == 1:
            field.initial = offer.deciders[0].pk
        if self.number in APPROVED_STEPS:
            field.help_text = "须是有审批权限的党委；党总支可以审议，不能审批。"
            field.error_messages["invalid_choice"] = "请选择有审批权限的上级党委，党总支不能审批。"
        else:
            field.label = "备案的党委"

    def _offer_people(self, offer: "StepOffer") -> None:
        own, others = offer.people()
        self.offer_rows("people", own)
        named = others.exists()
        for name in ("assigned_1", "assigned_2"):
            self.offer_rows(name, others)
            if not named:
                del self.fields[name]
        wanted = "选一至两名。" if self.number == 5 else "选两名，一般由培养联系人担任。"
        self.fields["people"].label = "培养联系人" if self.number == 5 else "入党介绍人"
        assigned = "" if named else "由上级指定其他支部党员的，请联系上级党组织登记。"
        self.fields["people"].help_text = f"本支部正式党员中{wanted}{assigned}"
        if self.number == 9:
            self.fields["people"].initial = self._mentors(offer)

    def _mentors(self, offer: "StepOffer") -> list[int]:
        """Who accompanies the person now usually introduces them too (发展党员工作细则 on introducers)."""
        last = self.case.steps.standing().filter(number=5).order_by("-done_on", "-pk").first()
        here = Member.objects.in_branch(offer.place, on=offer.on)
        return list(here.filter(pk__in=last.people.values("pk")).values_list("pk", flat=True)) if last else []

    def step_data(self) -> StepData:
        data = dict(self.cleaned_data)
        assigned = [data.pop(name, None) for name in ("assigned_1", "assigned_2")]
        people = {person.pk: person for person in [*data.pop("people", ()), *filter(None, assigned)]}
        given = {name: value for name, value in data.items() if name in StepData.__dataclass_fields__}
        if "outcome" in given:
            given["outcome"] = StepOutcome(given["outcome"])
        return StepData(**given, people=tuple(people.values()))

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("outcome") == StepOutcome.EXTENDED and not data.get("months") and "months" in data:
            self.add_error("months", "延长预备期请填延长几个月（6 至 12 个月）。")
        chosen = any(data.get(name) for name in ("people", "assigned_1", "assigned_2"))
        if "people" in self.fields and not chosen and not data.get("void"):
            self.add_error("people", f"请选择{self.fields['people'].label}。")
        return data

    def act(self, *, by: User | None, on: date) -> DevelopmentStep | None:
        return steps.record_step(self.case, self.number, self.step_data(), by=by, on=on)


def vote_hint(eligible: int) -> str:
    present = least_present(VoteKind.ADMISSION, eligible)
    approving = least_approving(VoteKind.ADMISSION, eligible=eligible, present=eligible)
    return (
        f"今天名册上有正式党员 {eligible} 名：到会至少 {present} 人，赞成至少 {approving} 票。"
        "预备党员和受留党察看处分的没有表决权。"
    )


@dataclass(frozen=True)
class StepOffer:
    """What a step form may choose from: deciding organisations, people, and the voters of the branch.

    Who was a full member here at any time since the case was opened may have accompanied the person.
    `visible`: the people whom the one who fills the form may look at.
    """

    case: DevelopmentCase
    place: Organisation
    on: date
    visible: QuerySet[Member]
    deciders: Sequence[Organisation] = ()
    full: int = 0

    def people(self) -> tuple[Any, Any]:
        """Full members of the branch, and those of the organisations beside it.

        A branch learns no names of its neighbours: whom the superior assigns is entered by who works there,
        and stands here from then on.
        """
        known = Q(pk__in=self.visible.values("pk")) | Q(pk__in=self.case.steps.standing().values("people"))
        full = Membership.objects.filter(status=MemberStatus.FULL, since__lte=self.on)
        here = full.filter(Q(until=None) | Q(until__gt=self.case.opened_on), organisation=self.place)
        beside = full.at(self.on).filter(organisation__parent=self.place.parent_id)
        own = Member.objects.filter(pk__in=here.values("member"))
        others = Member.objects.filter(known, pk__in=beside.values("member")).exclude(
            pk__in=here.values("member")
        )
        named = beside.filter(member=OuterRef("pk")).values("organisation__name")[:1]
        return own.order_by("code"), others.annotate(branch_name=named).order_by("code")


class StepCorrectForm(StepForm):
    """The wrong row is struck out; the fields say what is right, or that there is nothing to enter."""

    submit_label = "更正"

    void = forms.BooleanField(
        label="这一步没有办，直接作废", required=False, help_text="勾选后，其他各项不必改。"
    )
    reason = forms.CharField(label="更正原因", max_length=200, help_text="原来的一条会保留并划去，写明原因。")

    def __init__(self, data: Any = None, *, step: DevelopmentStep, offer: StepOffer) -> None:
        super().__init__(
            data, case=step.case, number=step.number, offer=offer, initial=_values_of(step, offer)
        )
        self.step = step
        if step.number == steps.APPLICATION:
            del self.fields["void"]

    def act(self, *, by: User | None, on: date) -> DevelopmentStep | None:
        void = self.cleaned_data.get("void")
        replacement = None if void else self.step_data()
        reason = self.cleaned_data["reason"]
        return steps.correct_step(self.step, reason=reason, replacement=replacement, by=by, on=on)


def _values_of(step: DevelopmentStep, offer: StepOffer) -> dict[str, Any]:
    names = set(StepData.__dataclass_fields__) - {"people"}
    values = {name: getattr(step, name) for name in names}
    values["decided_by"] = step.decided_by_id
    people = list(step.people.order_by("code"))
    own = set(offer.people()[0].filter(pk__in=[p.pk for p in people]).values_list("pk", flat=True))
    values["people"] = sorted(own)
    others = [person.pk for person in people if person.pk not in own]
    return values | dict(zip(("assigned_1", "assigned_2"), others, strict=False))
