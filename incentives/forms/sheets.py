"""Issuing a bonus sheet."""

from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField
from branches.models import Organisation
from branches.rules import OrganisationKind
from incentives.actions.sheets import SheetData, issue_sheet
from incentives.models import BonusSheet
from incentives.models.records import VIEW_BONUS
from incentives.queries.record_page import years_until


class SheetForm(ActionForm):
    submit_label = "出表"

    organisation = CodedField(label="党总支", queryset=Organisation.objects.none())
    year = forms.ChoiceField(label="年度")
    budget = forms.DecimalField(
        label="工资总额内的可用额度（元）",
        min_value=0,
        max_digits=12,
        decimal_places=2,
        help_text="由人力资源部门核定；不得以党费列支。合计超过额度的不能出表。",
    )
    note = forms.CharField(label="说明", max_length=200, help_text="如批准文件；更正的，写明改了什么。")

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data)
        places = Organisation.objects.permitted_to(user, VIEW_BONUS, on=on)
        self.offer_rows("organisation", places.filter(kind=OrganisationKind.GENERAL_BRANCH).in_tree_order())
        self.offer("year", [(str(year), f"{year} 年") for year in years_until(on)])

    def act(self, *, by: User | None, on: date) -> BonusSheet:
        said = self.cleaned_data
        data = SheetData(int(said["year"]), said["budget"], said["note"])
        return issue_sheet(said["organisation"], data=data, by=cast(User, by), on=on)
