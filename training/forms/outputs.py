"""Forms of outputs: writing, reviewing, saying that a branch uses one, picking, the booklet."""

from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, DayField, SeveralField
from branches.models import Organisation
from errorbank.rules import ErrorCategory
from periods.months import FIRST_YEAR, LAST_YEAR, Month
from training.actions.output_documents import export_booklet, export_output_brief
from training.actions.outputs import (
    OutputData,
    add_output,
    change_output,
    pick_output,
    review_output,
    use_output,
)
from training.models import Output, OutputPick, OutputUse, OutputVersion
from training.models.outputs import SUBMIT_OUTPUT
from training.queries.outputs import libraries_of, possible_authors, users_places
from training.rules.outputs import OutputKind


class AuthorsField(SeveralField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


def offer_one(form: ActionForm, name: str, rows: Any) -> None:
    """Offer organisations; where there is one only, nobody is asked."""
    form.offer_rows(name, rows)
    if len(found := list(rows[:2])) == 1:
        form.initial[name] = found[0].pk
        form.fields[name].widget = forms.HiddenInput()


class OutputForm(ActionForm):
    """An output to be written or written anew."""

    submit_label = "保存草稿"

    organisation = CodedField(label="报送单位", queryset=Organisation.objects.none())
    kind = forms.ChoiceField(label="类别", choices=OutputKind.choices)
    topic = forms.ChoiceField(label="专题", choices=ErrorCategory.choices)
    title = forms.CharField(label="名称", max_length=60, help_text="例如“主题党日四步法”。")
    summary = forms.CharField(
        label="一句话说明", max_length=160, help_text="解决什么问题，别的支部为什么值得一看。"
    )
    body = forms.CharField(
        label="正文",
        max_length=12000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="怎么做、分几步、要注意什么。空一行分段。不写涉密和敏感内容，不点名个人的问题。",
    )
    authors = AuthorsField(
        label="其他作者",
        queryset=User.objects.none(),
        required=False,
        help_text="您自己已经是作者。提交后由每位作者确认署名。",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, *, user: User, on: date, output: Output | None = None,
        version: OutputVersion | None = None,
    ) -> None:  # fmt: skip
        super().__init__(data, initial=_initial(output, version) if output and version else {})
        self.output = output
        mine = Organisation.objects.permitted_to(user, SUBMIT_OUTPUT, on=on).active(on=on)
        if output:
            del self.fields["organisation"]
            tree = Organisation.objects.within(output.library)
        else:
            offer_one(self, "organisation", mine.in_tree_order())
            first = mine.in_tree_order().select_related("parent").first()
            top = first.parent if first and first.is_branch and first.parent else first
            tree = Organisation.objects.within(top) if top else mine
        self.offer_rows("authors", possible_authors(tree, on=on).exclude(pk=user.pk))
        if output and output.published_id:
            for name in ("kind", "topic", "title"):
                self.fields[name].disabled = True

    @property
    def output_data(self) -> OutputData:
        said = self.cleaned_data
        return OutputData(
            kind=OutputKind(said["kind"]),
            topic=said["topic"],
            title=said["title"].strip(),
            summary=said["summary"].strip(),
            body=said["body"].strip(),
            authors=list(said["authors"]),
        )

    def act(self, *, by: User | None, on: date) -> Output:
        person, data = cast(User, by), self.output_data
        if self.output is None:
            return add_output(self.cleaned_data["organisation"], data=data, by=person)
        change_output(self.output, data=data, by=person, seen=self.cleaned_data["seen"] or 0)
        return self.output


def _initial(output: Output, version: OutputVersion) -> dict[str, Any]:
    return {
        "kind": output.kind,
        "topic": output.topic,
        "title": output.title,
        "summary": version.summary,
        "body": version.body,
        "authors": list(version.authors.values_list("user", flat=True)),
        "seen": version.revision if version.is_writable else 0,
    }


class ReviewForm(ActionForm):
    submit_label = "提交审核结果"
    refusal_field = "answer"

    verdict = forms.ChoiceField(
        label="审核结果",
        choices=[("accept", "通过，放进成果库"), ("return", "退回修改")],
        widget=forms.RadioSelect,
        initial="accept",
    )
    answer = forms.CharField(
        label="给作者的话",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="退回时请写明改什么。",
    )

    def __init__(self, data: Any = None, *, version: OutputVersion) -> None:
        super().__init__(data)
        self.version = version

    def act(self, *, by: User | None, on: date) -> OutputVersion:
        accept = self.cleaned_data["verdict"] == "accept"
        answer = self.cleaned_data["answer"]
        return review_output(self.version, accept=accept, answer=answer, by=cast(User, by), on=on)


class UseForm(ActionForm):
    submit_label = "登记在用"
    refusal_field = "changed"

    organisation = CodedField(label="哪个支部", queryset=Organisation.objects.none())
    since = DayField(label="从哪天开始用")
    changed = forms.CharField(
        label="用了以后有什么变化",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如“准备一次主题党日从两天减到半天”。作者和各支部都能看到。",
    )

    def __init__(self, data: Any = None, *, output: Output, user: User, on: date) -> None:
        super().__init__(data, initial={"since": on})
        self.output = output
        offer_one(self, "organisation", users_places(output, user, on=on))
        if kept := output.uses.filter(organisation=self.initial.get("organisation")).first():
            self.initial.update(since=kept.since, changed=kept.changed)

    def act(self, *, by: User | None, on: date) -> OutputUse:
        said = self.cleaned_data
        return use_output(
            self.output,
            said["organisation"],
            changed=said["changed"],
            since=said["since"],
            by=cast(User, by),
            on=on,
        )


class PickForm(ActionForm):
    submit_label = "设为本月推荐"
    refusal_field = "reason"

    reason = forms.CharField(
        label="推荐理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}), help_text="各支部会看到。"
    )

    def __init__(self, data: Any = None, *, output: Output) -> None:
        super().__init__(data)
        self.output = output

    def act(self, *, by: User | None, on: date) -> OutputPick:
        return pick_output(self.output, reason=self.cleaned_data["reason"], by=cast(User, by), on=on)


class BookletForm(ActionForm):
    """What goes into the booklet."""

    submit_label = "生成汇编"

    organisation = CodedField(label="哪个成果库", queryset=Organisation.objects.none())
    year = forms.IntegerField(
        label="年度",
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        required=False,
        help_text="不填时包括各年度。",
    )
    topic = forms.ChoiceField(
        label="专题", choices=[("", "全部专题"), *ErrorCategory.choices], required=False
    )

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data, initial={"year": on.year})
        offer_one(self, "organisation", libraries_of(user, on=on))

    def act(self, *, by: User | None, on: date) -> bytes:
        said = self.cleaned_data
        return export_booklet(
            said["organisation"], year=said["year"], topic=said["topic"], by=cast(User, by), on=on
        )


class BriefForm(ActionForm):
    """The month of the internal brief."""

    submit_label = "生成简报"

    organisation = CodedField(label="哪个成果库", queryset=Organisation.objects.none())
    month = forms.RegexField(
        regex=r"^20\d{2}-(0[1-9]|1[0-2])$",
        label="月份",
        widget=forms.TextInput(attrs={"type": "month"}),
        error_messages={"invalid": "没有认出月份，请写成“2026-11”这样的形式。"},
    )

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data, initial={"month": f"{on:%Y-%m}"})
        offer_one(self, "organisation", libraries_of(user, on=on))

    def act(self, *, by: User | None, on: date) -> bytes:
        said = self.cleaned_data
        month = Month.parse(said["month"])
        return export_output_brief(said["organisation"], month, by=cast(User, by), on=on)
