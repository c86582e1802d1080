"""People and their plain facts."""

from datetime import date
from typing import Any

from django import forms

from accounts.models import User
from branches.actions import members as actions
from branches.actions.personal_data import Personal
from branches.forms.base import ActionForm, DayField
from branches.forms.edit import EditForm
from branches.models import Member, Organisation
from branches.queries.roster import masked_number_of
from branches.rules import MemberStatus

STATUSES = [(status.value, status.label) for status in reversed(MemberStatus)]


class MemberFields(ActionForm):
    """The plain facts of one person."""

    code = forms.CharField(label="名册编号", max_length=32)
    name = forms.CharField(label="姓名", max_length=40)
    joined_on = DayField(
        label="入党日期", required=False, help_text="预备党员请填支部党员大会接收的日期；不是党员的不填。"
    )
    birth_on = DayField(label="出生日期", required=False, help_text="填了身份证号的，可以不填。")
    id_number = forms.CharField(
        label="身份证号",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="可以不填。18 位；加密保存，页面和导出只显示首尾各 4 位。",
    )
    home_department = forms.CharField(label="所在部门", max_length=60, required=False)
    assigned = forms.BooleanField(label="抽调", required=False, help_text="由其他部门调配到本支部。")

    def facts(self, values: dict[str, Any]) -> dict[str, Any]:
        """The clean values as the actions take them: birth date and id number as one."""
        plain = {name: value for name, value in values.items() if name not in ("birth_on", "id_number")}
        return {**plain, "personal": Personal(values["birth_on"], values["id_number"])}


class MemberAddForm(MemberFields):
    submit_label = "登记入册"

    status = forms.ChoiceField(label="身份", choices=STATUSES)
    since = DayField(label="自何日起在本支部", help_text="不清楚具体日期的，填大致日期，以后可以更正。")

    field_order = (
        "code",
        "name",
        "status",
        "since",
        "joined_on",
        "birth_on",
        "id_number",
        "home_department",
        "assigned",
    )

    def __init__(self, data: Any = None, *, organisation: Organisation, **options: Any) -> None:
        super().__init__(data, **options)
        self.organisation = organisation

    def act(self, *, by: User | None, on: date) -> Member:
        given = self.facts(self.cleaned_data)
        return actions.add_member(organisation=self.organisation, by=by, today=on, **given)


class MemberEditForm(EditForm, MemberFields):
    def __init__(self, data: Any = None, *, member: Member) -> None:
        self.member = member
        super().__init__(data)

    def current_values(self, *, lock: bool) -> dict[str, Any]:
        row = Member.objects.select_for_update().get(pk=self.member.pk) if lock else self.member
        values = {name: getattr(row, name, None) for name in MemberFields.base_fields}
        return values | {"id_number": masked_number_of(row)}

    def act_on(self, values: dict[str, Any], *, by: User | None, on: date) -> Member:
        return actions.update_member(self.member, by=by, today=on, **self.facts(values))
