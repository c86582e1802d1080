"""Applying for a level, the votes of the panel, what staff enter, yearly checks, written notifications."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, DayField
from branches.models import Organisation
from branches.rules import OrganisationKind
from incentives.actions.level_facts import FactData, add_fact, adopt_levels, take_fact_back
from incentives.actions.level_years import assess_year, deliver_warning, lower_level, warn_level
from incentives.actions.levels import Votes, apply_level, decide_level, withdraw_level
from incentives.models import LevelCase, LevelFact, LevelPolicy, LevelTerm, LevelWarning, LevelYear
from incentives.models.levels import DECIDE_LEVEL
from incentives.queries.level_page import Person, panel_for
from incentives.rules.levels import ENTERED, PANEL_LEAST, LevelCheck, LevelCode, PanelChoice, plain, shipped

SEATS = 7
AREA = forms.Textarea(attrs={"rows": 4})


class ApplyForm(ActionForm):
    submit_label = "提交申请"

    statement = forms.CharField(
        label="本人说明，可不填",
        max_length=600,
        required=False,
        widget=AREA,
        help_text="佐证由系统整理，不用再交材料。",
    )

    def __init__(self, data: Any = None, *, person: Person, level: LevelCode) -> None:
        super().__init__(data)
        self.person, self.level = person, level

    def act(self, *, by: User | None, on: date) -> LevelCase:
        place, statement = self.person.organisation, self.cleaned_data["statement"]
        return apply_level(place, level=self.level, statement=statement, by=cast(User, by), on=on)


class CaseForm(ActionForm):
    def __init__(self, data: Any = None, *, case: LevelCase) -> None:
        super().__init__(data)
        self.case = case


class WithdrawForm(CaseForm):
    submit_label = "撤回申请"

    def act(self, *, by: User | None, on: date) -> LevelCase:
        return withdraw_level(self.case, by=cast(User, by), on=on)


class PanelForm(CaseForm):
    """One pair of fields for every seat; the first three must be taken."""

    submit_label = "登记评审结果"

    held_on = DayField(label="评审日期")

    def __init__(self, data: Any = None, *, case: LevelCase, on: date) -> None:
        super().__init__(data, case=case)
        self.people = {str(one.user.pk): one.user for one in panel_for(case, on=on)}
        names = [("", "请选择"), *((key, user.name) for key, user in self.people.items())]
        choices = [("", "请选择"), *PanelChoice.choices]
        for seat in range(1, SEATS + 1):
            must = seat <= PANEL_LEAST
            self.fields[f"member_{seat}"] = forms.ChoiceField(
                label=f"评审人 {seat}", choices=names, required=must
            )
            self.fields[f"choice_{seat}"] = forms.ChoiceField(
                label=f"评审人 {seat} 的意见", choices=choices, required=must
            )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for seat in range(1, SEATS + 1):
            member, choice = said.get(f"member_{seat}"), said.get(f"choice_{seat}")
            if bool(member) != bool(choice):
                self.add_error(f"choice_{seat}", "评审人和意见要一起填。")
        return said

    def act(self, *, by: User | None, on: date) -> LevelCase:
        said = self.cleaned_data
        votes: Votes = [
            (self.people[said[f"member_{seat}"]], PanelChoice(said[f"choice_{seat}"]))
            for seat in range(1, SEATS + 1)
            if said.get(f"member_{seat}")
        ]
        return decide_level(self.case, votes=votes, held_on=said["held_on"], by=cast(User, by), on=on)


class FactForm(ActionForm):
    submit_label = "登记"

    check = forms.ChoiceField(label="条件", choices=[("", "请选择"), *((c.value, c.label) for c in ENTERED)])
    happened_on = DayField(label="日期")
    amount = forms.DecimalField(
        label="数量",
        min_value=Decimal("0.1"),
        max_value=1000,
        decimal_places=1,
        help_text="学时、分数、人次或项数。",
    )
    words = forms.CharField(label="内容", max_length=120)
    source = forms.CharField(label="出处", max_length=120, help_text="文件名、证书编号或会议记录。")

    def __init__(self, data: Any = None, *, person: Person) -> None:
        super().__init__(data)
        self.person = person

    def act(self, *, by: User | None, on: date) -> LevelFact:
        said = dict(self.cleaned_data)
        data = FactData(user=self.person.user, **{**said, "check": LevelCheck(said["check"])})
        return add_fact(self.person.organisation, data=data, by=cast(User, by), on=on)


class FactBackForm(ActionForm):
    submit_label = "撤销"
    refusal_field = "reason"

    reason = forms.CharField(label="原因", max_length=200)

    def __init__(self, data: Any = None, *, fact: LevelFact) -> None:
        super().__init__(data)
        self.fact = fact

    def act(self, *, by: User | None, on: date) -> LevelFact:
        return take_fact_back(self.fact, reason=self.cleaned_data["reason"], by=cast(User, by))


class TermForm(ActionForm):
    def __init__(self, data: Any = None, *, term: LevelTerm) -> None:
        super().__init__(data)
        self.term = term


class YearForm(TermForm):
    submit_label = "核对并存证"

    year = forms.TypedChoiceField(label="年度", coerce=int)

    def __init__(self, data: Any = None, *, term: LevelTerm, on: date) -> None:
        super().__init__(data, term=term)
        years = range(on.year - 1, max(term.since.year, on.year - 3) - 1, -1)
        self.offer("year", [("", "请选择"), *((str(y), f"{y} 年") for y in years)])

    def act(self, *, by: User | None, on: date) -> LevelYear:
        return assess_year(self.term, year=self.cleaned_data["year"], by=cast(User, by), on=on)


class WarnForm(TermForm):
    submit_label = "书面告知"
    refusal_field = "words"

    words = forms.CharField(
        label="告知内容",
        max_length=600,
        widget=AREA,
        help_text="写明哪两年、哪些条件没有达到，本人可以向谁说明。",
    )

    def __init__(self, data: Any = None, *, term: LevelTerm, now: datetime) -> None:
        super().__init__(data, term=term)
        self.now = now

    def act(self, *, by: User | None, on: date) -> LevelWarning:
        words = self.cleaned_data["words"]
        return warn_level(self.term, words=words, by=cast(User, by), on=on, now=self.now)


class WarningForm(ActionForm):
    def __init__(self, data: Any = None, *, warning: LevelWarning) -> None:
        super().__init__(data)
        self.warning = warning


class DeliverForm(WarningForm):
    submit_label = "登记送达"

    delivered_on = DayField(label="送达日期")
    words = forms.CharField(label="怎样送达", max_length=200, help_text="例如：当面送交，谁在场。")

    def act(self, *, by: User | None, on: date) -> LevelWarning:
        said = self.cleaned_data
        return deliver_warning(
            self.warning, words=said["words"], delivered_on=said["delivered_on"], by=cast(User, by), on=on
        )


class LowerForm(WarningForm):
    submit_label = "降级"

    def act(self, *, by: User | None, on: date) -> LevelTerm | None:
        return lower_level(self.warning, by=cast(User, by), on=on)


class StandardForm(ActionForm):
    """Every threshold of every level, from the version that holds."""

    submit_label = "采用新标准"

    organisation = CodedField(label="党总支", queryset=Organisation.objects.none())
    since = DayField(label="自哪天起执行")
    document = forms.CharField(label="依据文件", max_length=120)
    note = forms.CharField(label="说明", max_length=200)

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data, initial={"since": on})
        places = Organisation.objects.permitted_to(user, DECIDE_LEVEL, on=on)
        self.offer_rows("organisation", places.filter(kind=OrganisationKind.GENERAL_BRANCH).in_tree_order())
        latest = LevelPolicy.objects.filter(organisation__in=places).order_by("-since", "-pk").first()
        self.levels: list[dict[str, Any]] = latest.levels if latest else shipped()["levels"]
        for level in self.levels:
            for n, criterion in enumerate(level["criteria"]):
                check = LevelCheck(criterion["check"])
                self.fields[f"{level['code']}_{n}"] = forms.DecimalField(
                    label=f"{LevelCode(level['code']).label}：{check.label}不少于",
                    min_value=0,
                    max_value=1000,
                    decimal_places=1,
                    initial=criterion["at_least"],
                )

    def act(self, *, by: User | None, on: date) -> LevelPolicy:
        said = self.cleaned_data
        levels = [
            {
                **level,
                "criteria": [
                    {**one, "at_least": plain(said[f"{level['code']}_{n}"])}
                    for n, one in enumerate(level["criteria"])
                ],
            }
            for level in self.levels
        ]
        given = {name: said[name] for name in ("since", "document", "note")}
        return adopt_levels(said["organisation"], levels=levels, by=cast(User, by), on=on, **given)
