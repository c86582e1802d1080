"""Accounts: one, several at once, and the first of all."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import USERNAME_PATTERN, User
from branches.actions import accounts, installation
from branches.actions.accounts import AccountRow, Slip
from branches.forms.base import ActionForm, CodedField, lines_of
from branches.models import Member, Organisation
from branches.models.organisation import OrganisationQuerySet
from branches.rules import Role

MANY = 60
ALL, OPEN, CLOSED, NEW = "", "open", "closed", "new"
STATES = [(ALL, "全部"), (OPEN, "启用"), (CLOSED, "已停用"), (NEW, "还没有登录过")]


class UsernameField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            label="登录名",
            max_length=64,
            validators=[USERNAME_PATTERN],
            help_text="文字、数字、点、横线或下划线，不分大小写。",
            widget=forms.TextInput(
                attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
            ),
            **options,
        )


class AccountFilterForm(forms.Form):
    q = forms.CharField(label="姓名或登录名", max_length=64, required=False)
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)


class AccountAddForm(ActionForm):
    """An account for a member, or for a person with a post; otherwise nobody could manage it."""

    submit_label = "开通账号"

    username = UsernameField()
    member = CodedField(
        label="名册中的人",
        queryset=Member.objects.none(),
        required=False,
        empty_label="不在名册中，填下面的姓名",
    )
    name = forms.CharField(
        label="姓名", max_length=40, required=False, help_text="选了名册中的人，不必填写。"
    )
    organisation = CodedField(
        label="任职组织", queryset=Organisation.objects.none(), required=False, empty_label="暂不登记任职"
    )
    role = forms.ChoiceField(
        label="职务", required=False, help_text="自今天起任职；以后可在组织页面登记其他职务。"
    )

    def __init__(
        self,
        data: Any = None,
        *,
        members: QuerySet[Member],
        places: OrganisationQuerySet,
        roles: Sequence[Role],
        roles_at: Callable[[Organisation], Sequence[Role]],
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self.roles_at = roles_at
        self.offer_rows("member", members.order_by("code"))
        self.offer_rows("organisation", places.in_tree_order())
        self.offer("role", [("", "请选择"), *((r.value, r.label) for r in roles)])

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        member, place, role = data.get("member"), data.get("organisation"), data.get("role")
        if not member and not data.get("name", "").strip():
            self.add_error("name", "请选择名册中的人，或填写姓名。")
        if bool(place) != bool(role):
            self.add_error("role" if place else "organisation", "任职组织和职务请一起填写。")
        if place and role and Role(role) not in self.roles_at(place):
            self.add_error("role", f"“{place.name}”不能由您登记这个职务，请另选职务或组织。")
        if not member and not place:
            self.add_error("organisation", "不在名册中的人，请登记任职组织和职务。")
        return data

    def act(self, *, by: User | None, on: date) -> list[Slip]:
        data = self.cleaned_data
        row = AccountRow(
            username=data["username"],
            name=data["member"].name if data["member"] else data["name"],
            member=data["member"],
            organisation=data["organisation"],
            role=Role(data["role"]) if data["role"] else None,
        )
        return accounts.open_accounts([row], by=by, on=on)


class AccountsAddForm(ActionForm):
    """Workers' accounts of several branches, one line each: code, name, and a sign-in name if wanted."""

    submit_label = "全部开通"

    people = forms.CharField(
        label="党务工作者，每行一人",
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 10, "placeholder": "BR01 张三\nBR02 李四 lisi"}),
        help_text="写成“支部编号 姓名 登录名”；登录名可以不写，默认用支部编号。"
        "本支部名册中有同名的一人时，账号归此人。",
    )

    def __init__(
        self, data: Any = None, *, places: OrganisationQuerySet, members: QuerySet[Member], on: date
    ) -> None:
        super().__init__(data)
        self.places, self.members, self.on = places, members, on

    def clean_people(self) -> list[AccountRow]:
        lines = lines_of(self.cleaned_data["people"])
        if len(lines) > MANY:
            raise ValidationError(f"一次最多 {MANY} 行，请分几次。")
        parts = [re.split(r"[\s,，]+", line, maxsplit=2) for line in lines]
        found = {o.code.lower(): o for o in self.places.branches().active(on=self.on)}
        return [self._row(line, found) for line in parts]

    def _row(self, parts: list[str], found: dict[str, Organisation]) -> AccountRow:
        branch = found.get(parts[0].lower())
        if branch is None:
            raise ValidationError(f"没有找到编号为“{parts[0][:32]}”的党支部，请核对。")
        if len(parts) < 2 or len(parts[1]) > 40:
            raise ValidationError(f"“{parts[0]}”一行请写上姓名（最长 40 字）。")
        username = parts[2] if len(parts) > 2 else branch.code.lower()
        here = Member.objects.in_branch(branch, on=self.on).filter(name=parts[1])
        same = list(self.members.filter(pk__in=here)[:2])
        member = same[0] if len(same) == 1 else None
        return AccountRow(username, parts[1], member, branch, Role.WORKER)

    def act(self, *, by: User | None, on: date) -> list[Slip]:
        return accounts.open_accounts(self.cleaned_data["people"], by=by, on=on)


class StartForm(ActionForm):
    """The first organisation of an empty installation."""

    submit_label = "建立组织"

    code = forms.CharField(
        label="开通码",
        max_length=64,
        help_text="在服务器上运行 ./dev manage start_organisation --code 得到。",
    )
    committee_name = forms.CharField(
        label="党委名称", max_length=80, required=False, help_text="没有上级党委的不填。"
    )
    general_branch_name = forms.CharField(label="党总支名称", max_length=80)
    branches = forms.CharField(
        label="党支部名称，每行一个",
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    staff_name = forms.CharField(label="党务干部姓名", max_length=40)
    staff_username = UsernameField()

    def __init__(self, data: Any = None, *, expected_code: str) -> None:
        super().__init__(data)
        self.expected_code = expected_code

    def clean_code(self) -> str:
        typed: str = self.cleaned_data["code"].strip().upper()
        if not installation.same_code(typed, self.expected_code):
            raise ValidationError("开通码不对，请在服务器上重新查看。")
        return typed

    def act(self, *, by: User | None, on: date) -> installation.Started:
        data = dict(self.cleaned_data)
        data.pop("code")
        branches = lines_of(data.pop("branches"))
        return installation.start_organisation(branches=branches, on=on, by=by, **data)
