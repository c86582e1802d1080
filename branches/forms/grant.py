"""Dated grants."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from branches.actions import grants
from branches.forms.base import ActionForm, DayField
from branches.models import AccessGrant, Organisation
from branches.rules import GIVABLE_GRANTS, GrantKind


class AccountField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no subscript at run time
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（账号 {obj.username}）"


class GrantAddForm(ActionForm):
    submit_label = "登记授权"

    account = AccountField(label="授权给", queryset=User.objects.none(), empty_label="请选择")
    kind = forms.ChoiceField(
        label="类别",
        choices=[(kind.value, kind.label) for kind in GIVABLE_GRANTS],
        help_text="轮训检查只能查看；临时代办可以代为办理和登记；绩效奖金可以测算、出表和查看奖金。",
    )
    since = DayField(label="自")
    until = DayField(label="至", help_text="最后一天；到期自动失效。")
    reason = forms.CharField(label="事由", max_length=120)

    def __init__(
        self, data: Any = None, *, organisation: Organisation, accounts: QuerySet[User], **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.organisation = organisation
        self.offer_rows("account", accounts.order_by("name", "pk"))

    def act(self, *, by: User | None, on: date) -> AccessGrant:
        assert by is not None  # noqa: S101 - a signed-in person sends this form
        data = dict(self.cleaned_data)
        user, kind = data.pop("account"), GrantKind(data.pop("kind"))
        return grants.grant_access(user, self.organisation, kind=kind, by=by, **data)


class GrantEndForm(ActionForm):
    refusal_field = "day"

    day = DayField(label="结束日期", help_text="有效的最后一天；还没有开始的授权将整项收回。")

    def __init__(self, data: Any = None, *, grant: AccessGrant, **options: Any) -> None:
        super().__init__(data, **options)
        self.grant = grant

    def act(self, *, by: User | None, on: date) -> None:
        grants.end_grant(self.grant, on=self.cleaned_data["day"], by=by)
