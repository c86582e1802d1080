"""Forms of contests: what is asked for, handing in, screening, judges, judging, applause."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, DayField, lines_of
from branches.models import Organisation
from training.actions.contest_judging import judge_work, name_judges
from training.actions.contest_works import (
    WorkData,
    change_work,
    count_applause,
    screen_work,
    submit_work,
)
from training.actions.contests import (
    ContestData,
    cancel_contest,
    change_contest,
    make_contest,
    open_call_again,
)
from training.forms.outputs import AuthorsField, offer_one
from training.models import Contest, Criterion, Judgement, Work
from training.models.contests import RUN_CONTEST
from training.queries.contests import authors_of_place, handing_places
from training.queries.judging import possible_judges
from training.rules.contests import ContestKind

USUAL = "主题鲜明 30\n做法具体 40\n成效真实 30"
MOST_CRITERIA, LONGEST_CRITERION, WEIGHT_DIGITS = 10, 30, 3


class CriteriaField(forms.CharField):
    """A criterion a line, its weight at the end."""

    widget = forms.Textarea(attrs={"rows": 5})

    def clean(self, value: Any) -> list[tuple[str, int]]:
        lines = lines_of(str(super().clean(value)))
        if len(lines) > MOST_CRITERIA:
            raise forms.ValidationError(f"评分项最多 {MOST_CRITERIA} 项，请合并几项。")
        return [_criterion(line) for line in lines]


def _criterion(line: str) -> tuple[str, int]:
    name, _, weight = line.replace("　", " ").rpartition(" ")
    name = name.strip()
    if not name or not (weight.isascii() and weight.isdigit()) or len(weight) > WEIGHT_DIGITS:
        raise forms.ValidationError(f"没有认出“{line[:LONGEST_CRITERION]}”，请写成“做法具体 40”这样的形式。")
    if len(name) > LONGEST_CRITERION:
        raise forms.ValidationError(f"评分项的名称最多 {LONGEST_CRITERION} 个字，请写短一些。")
    return name, int(weight)


class ContestForm(ActionForm):
    """A contest to be prepared, or its draft to be changed."""

    submit_label = "保存"

    organisation = CodedField(label="组织者", queryset=Organisation.objects.none())
    kind = forms.ChoiceField(label="类别", choices=ContestKind.choices)
    title = forms.CharField(label="名称", max_length=60, help_text="例如“2026 年微党课竞赛”。")
    brief = forms.CharField(
        label="要求",
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写什么、多长、看重什么。评审时看不到作者和支部，请提醒作者不在正文里写姓名和支部名称。",
    )
    criteria = CriteriaField(
        label="评分项和权重",
        initial=USUAL,
        help_text="一行一项，名称和权重之间空一格；权重相加为 100。每项由评委打 0 至 100 分。",
    )
    call_until = DayField(label="征集截止")
    judge_until = DayField(label="评审截止")
    awards = forms.IntegerField(
        label="获奖名额", min_value=1, max_value=100, help_text="前几名获奖；并列时都算。"
    )

    def __init__(self, data: Any = None, *, user: User, on: date, contest: Contest | None = None) -> None:
        super().__init__(data, initial=_initial(contest) if contest else {})
        self.contest = contest
        if contest:
            del self.fields["organisation"]
        else:
            mine = Organisation.objects.permitted_to(user, RUN_CONTEST, on=on).active(on=on)
            offer_one(self, "organisation", mine.exclude(children=None).distinct().in_tree_order())

    @property
    def contest_data(self) -> ContestData:
        said = self.cleaned_data
        return ContestData(
            kind=ContestKind(said["kind"]),
            title=said["title"].strip(),
            brief=said["brief"].strip(),
            call_until=said["call_until"],
            judge_until=said["judge_until"],
            awards=said["awards"],
            criteria=said["criteria"],
        )

    def act(self, *, by: User | None, on: date) -> Contest:
        person, data = cast(User, by), self.contest_data
        if self.contest:
            return change_contest(self.contest, data=data, by=person, on=on)
        return make_contest(self.cleaned_data["organisation"], data=data, by=person, on=on)


def _initial(contest: Contest) -> dict[str, Any]:
    names = ("kind", "title", "brief", "call_until", "judge_until", "awards")
    rows = contest.criteria.order_by("position").values_list("name", "weight")
    criteria = "\n".join(f"{name} {weight}" for name, weight in rows)
    return {**{name: getattr(contest, name) for name in names}, "criteria": criteria}


class ReopenForm(ActionForm):
    submit_label = "继续征集"

    call_until = DayField(label="征集截止")
    judge_until = DayField(label="评审截止")

    def __init__(self, data: Any = None, *, contest: Contest) -> None:
        super().__init__(data, initial={"judge_until": contest.judge_until})
        self.contest = contest

    def act(self, *, by: User | None, on: date) -> Contest:
        said = self.cleaned_data
        days = {"call_until": said["call_until"], "judge_until": said["judge_until"]}
        return open_call_again(self.contest, **days, by=cast(User, by), on=on)


class CancelForm(ActionForm):
    submit_label = "取消竞赛"
    refusal_field = "reason"

    reason = forms.CharField(label="取消的原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, contest: Contest) -> None:
        super().__init__(data)
        self.contest = contest

    def act(self, *, by: User | None, on: date) -> Contest:
        return cancel_contest(self.contest, reason=self.cleaned_data["reason"], by=cast(User, by), on=on)


class WorkForm(ActionForm):
    """A work to be handed in, or handed in again."""

    submit_label = "报送"

    organisation = CodedField(label="报送支部", queryset=Organisation.objects.none())
    title = forms.CharField(label="作品名称", max_length=60)
    body = forms.CharField(
        label="正文",
        max_length=12000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="空一行分段。不写作者姓名和支部名称，可写“本支部”“某同志”；不写涉密和敏感内容。",
    )
    authors = AuthorsField(
        label="作者", queryset=User.objects.none(), help_text="可以选几位，都在报送支部任职。"
    )

    def __init__(
        self, data: Any = None, *, contest: Contest, user: User, on: date, work: Work | None = None
    ) -> None:
        super().__init__(data, initial=_work_initial(work) if work else {"authors": [user.pk]})
        self.contest, self.work = contest, work
        if work:
            del self.fields["organisation"]
            places = Organisation.objects.filter(pk=work.organisation_id)
        else:
            places = handing_places(contest, user, on=on)
            offer_one(self, "organisation", places)
        people = authors_of_place(places, on=on)
        if work:
            people |= User.objects.filter(pk__in=work.authors.values("user"))
        self.offer_rows("authors", people.distinct())

    def act(self, *, by: User | None, on: date) -> Work:
        said, person = self.cleaned_data, cast(User, by)
        data = WorkData(said["title"].strip(), said["body"].strip(), list(said["authors"]))
        if self.work:
            return change_work(self.work, data=data, by=person, on=on)
        return submit_work(self.contest, said["organisation"], data=data, by=person, on=on)


def _work_initial(work: Work) -> dict[str, Any]:
    authors = list(work.authors.values_list("user", flat=True))
    return {"title": work.title, "body": work.body, "authors": authors}


class ScreenForm(ActionForm):
    submit_label = "提交初审结果"
    refusal_field = "note"

    verdict = forms.ChoiceField(
        label="初审结果",
        choices=[("accept", "通过，交评委评审"), ("return", "请作者修改")],
        widget=forms.RadioSelect,
        initial="accept",
    )
    note = forms.CharField(
        label="给作者的话",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="请作者修改时，写明改什么。",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, work: Work) -> None:
        super().__init__(data, initial={"seen": work.revision})
        self.work = work

    def act(self, *, by: User | None, on: date) -> Work:
        said = self.cleaned_data
        accept = said["verdict"] == "accept"
        return screen_work(self.work, accept=accept, note=said["note"], seen=said["seen"], by=cast(User, by))


class JudgesForm(ActionForm):
    submit_label = "请他们评审"
    refusal_field = "judges"

    judges = AuthorsField(
        label="请谁评审",
        queryset=User.objects.none(),
        help_text="至少三位。组织竞赛的人员能看到作者，不列在这里；需要回避的作品自动不分给评委。",
    )

    def __init__(self, data: Any = None, *, contest: Contest, on: date) -> None:
        super().__init__(data)
        self.contest = contest
        known = contest.judges.values("user")
        self.offer_rows("judges", possible_judges(contest, on=on).exclude(pk__in=known))

    def act(self, *, by: User | None, on: date) -> int:
        return name_judges(self.contest, users=list(self.cleaned_data["judges"]), by=cast(User, by), on=on)


class JudgeForm(ActionForm):
    """One number for each criterion and a word to the authors."""

    submit_label = "提交评分"

    comment = forms.CharField(
        label="给作者的话",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="公布以后作者能看到，不署您的姓名。写一处好的、一处可以更好的。",
    )

    def __init__(self, data: Any = None, *, work: Work, criteria: list[Criterion]) -> None:
        super().__init__(data)
        self.work, self.criteria = work, criteria
        for criterion in criteria:
            self.fields[f"points_{criterion.pk}"] = forms.DecimalField(
                label=f"{criterion.name}，权重 {criterion.weight}",
                min_value=0,
                max_value=100,
                max_digits=5,
                decimal_places=2,
                widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
            )
        self.order_fields([*(f"points_{criterion.pk}" for criterion in criteria), "comment"])

    def act(self, *, by: User | None, on: date) -> Judgement:
        said = self.cleaned_data
        points: dict[int, Decimal] = {row.pk: said[f"points_{row.pk}"] for row in self.criteria}
        return judge_work(self.work, points=points, comment=said["comment"], by=cast(User, by), on=on)


class ApplauseForm(ActionForm):
    submit_label = "保存"

    def __init__(self, data: Any = None, *, contest: Contest, works: list[Work]) -> None:
        super().__init__(data)
        self.contest, self.works = contest, works
        for work in works:
            self.fields[work.key] = forms.IntegerField(
                label=f"《{work.title}》",
                min_value=0,
                max_value=100000,
                required=False,
                initial=work.applause,
            )

    def act(self, *, by: User | None, on: date) -> int:
        counts = {work.key: self.cleaned_data[work.key] for work in self.works}
        return count_applause(self.contest, counts=counts, by=cast(User, by))
