"""Forms of the pulse survey: opening, printing codes, closing, the baseline, and the answers."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, DayField
from branches.models import Organisation
from burden.actions.survey_answers import submit_answers
from burden.actions.surveys import (
    MOST_CODES,
    BaselineData,
    close_round,
    enter_baseline,
    open_round,
    print_codes,
)
from burden.models.surveys import SurveyBaseline, SurveyRound
from burden.rules.questionnaire import Questionnaire, SurveyKind
from burden.rules.suppression import LEAST
from burden.rules.survey_results import least_codes

USUAL_ROUND = timedelta(days=14)
USUAL_INVITED = 30


class OpenRoundForm(ActionForm):
    submit_label = "开始这一轮"
    refusal_field = "closes_on"

    kind = forms.ChoiceField(
        label="问卷",
        choices=[
            (SurveyKind.PULSE, "减负问卷：问全体党务工作者"),
            (SurveyKind.MEMBERS, "党员满意度问卷：问全体党员"),
        ],
        required=False,
    )
    closes_on = DayField(label="计划截止日期", help_text="会写在纸条和答题页上；到时由您结束，不会自动结束。")

    def __init__(self, data: Any = None, *, place: Organisation, on: date) -> None:
        super().__init__(data, initial={"closes_on": on + USUAL_ROUND})
        self.place = place

    def act(self, *, by: User | None, on: date) -> SurveyRound:
        said = self.cleaned_data
        kind = SurveyKind(said["kind"] or SurveyKind.PULSE)
        return open_round(self.place, closes_on=said["closes_on"], by=cast(User, by), on=on, kind=kind)


class PrintCodesForm(ActionForm):
    submit_label = "印码（下载 PDF）"

    invited = forms.IntegerField(label="邀请多少人", min_value=LEAST, max_value=MOST_CODES)
    codes = forms.IntegerField(
        label="印多少个码",
        min_value=1,
        max_value=MOST_CODES,
        help_text="比人数至少多 10 个，人多时多两成：碗里剩下的，才看不出谁没有答。",
    )
    again = forms.BooleanField(label="重新印：没用过的旧码全部作废", required=False)

    def __init__(self, data: Any = None, *, one: SurveyRound, address: str) -> None:
        invited = one.invited or USUAL_INVITED
        super().__init__(data, initial={"invited": invited, "codes": least_codes(invited)})
        self.one, self.address = one, address
        if not one.codes_printed:
            self.fields["again"].widget = forms.HiddenInput()

    def act(self, *, by: User | None, on: date) -> bytes:
        return print_codes(self.one, address=self.address, by=cast(User, by), on=on, **self.cleaned_data)


class CloseRoundForm(ActionForm):
    submit_label = "结束这一轮"

    def __init__(self, data: Any = None, *, one: SurveyRound) -> None:
        super().__init__(data)
        self.one = one

    def act(self, *, by: User | None, on: date) -> SurveyRound:
        return close_round(self.one, by=cast(User, by), on=on)


class BaselineForm(ActionForm):
    """One number for each question and option; a question the source does not give stays empty."""

    submit_label = "保存基线"

    # It stands below the first point of the drawing.
    label = forms.CharField(
        label="名称", max_length=8, help_text="图上第一个点的名字，最多 8 个字，例如“2025 年调查”。"
    )
    source = forms.CharField(
        label="出处", max_length=120, help_text="文章或报告的题目，和数据在哪一页、哪张表。"
    )
    people = forms.IntegerField(label="调查人数", min_value=LEAST, max_value=10000)

    def __init__(
        self, data: Any = None, *, place: Organisation, asked: Questionnaire, held: SurveyBaseline | None
    ) -> None:
        super().__init__(data)
        self.place, self.asked = place, asked
        for question in asked.questions:
            for option, words in question.options.items():
                field = forms.IntegerField(label=words, min_value=0, max_value=10000, required=False)
                self.fields[f"{question.code}_{option}"] = field
        if held:
            self.initial = {"label": held.label, "source": held.source, "people": held.people}
            for code, options in held.counts.items():
                self.initial.update({f"{code}_{option}": number for option, number in options.items()})

    @property
    def head(self) -> list[forms.BoundField]:
        return [self[name] for name in ("label", "source", "people")]

    @property
    def rows(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Each question with a field for every option."""
        return [
            (one, [self[f"{one.code}_{option}"] for option in one.options]) for one in self.asked.questions
        ]

    def clean(self) -> dict[str, Any]:
        said, people = self.cleaned_data, self.cleaned_data.get("people") or 0
        given = {question.code: self._counts(question.code) for question in self.asked.questions}
        self.counts = {code: counts for code, counts in given.items() if counts}
        if not self.counts and not self.errors:
            self.add_error(None, "请至少录入一道题各选项的人数。")
        for question in self.asked.questions:
            total = sum(given[question.code].values())
            if given[question.code] and not LEAST <= total <= people:
                words = f"这道题合计 {total} 人，应当不少于 {LEAST} 人，也不超过调查人数。请核对。"
                self.add_error(f"{question.code}_1", words)
        return said

    def _counts(self, code: str) -> dict[str, int]:
        """Empty where nothing was entered; an option left empty beside others counts as nobody."""
        options = next(one.options for one in self.asked.questions if one.code == code)
        typed = {option: self.cleaned_data.get(f"{code}_{option}") for option in options}
        if all(number is None for number in typed.values()):
            return {}
        return {option: number or 0 for option, number in typed.items()}

    def act(self, *, by: User | None, on: date) -> SurveyBaseline:
        said = self.cleaned_data
        data = BaselineData(said["label"], said["source"], said["people"], self.counts)
        return enter_baseline(self.place, data=data, by=cast(User, by), on=on)


class AnswerForm(ActionForm):
    """The code, and one choice for each question; a refusal keeps all of them."""

    submit_label = "交答卷"
    refusal_field = "code"

    code = forms.CharField(
        label="纸条上的码",
        max_length=40,
        help_text="3 组、每组 4 个字符；大小写、短横和空格都不要紧。",
        error_messages={"required": "请填写纸条上的码。", "max_length": "这个码太长，请对照纸条再抄一遍。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def __init__(self, data: Any = None, *, asked: Questionnaire) -> None:
        super().__init__(data)
        self.asked = asked
        for question in asked.questions:
            self.fields[question.code] = forms.ChoiceField(
                label=question.ask,
                choices=list(question.options.items()),
                widget=forms.RadioSelect,
                error_messages={
                    "required": "这道题还没有选，请选一项。",
                    "invalid_choice": "请在这些选项中选一项。",
                },
            )

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[question.code] for question in self.asked.questions]

    def act(self, *, by: User | None, on: date) -> None:
        answers = {question.code: self.cleaned_data[question.code] for question in self.asked.questions}
        submit_answers(self.cleaned_data["code"], answers, version=self.asked.version)
