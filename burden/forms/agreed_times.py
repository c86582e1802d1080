"""Forms of protected hours."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, DayField
from branches.models import Organisation, Post
from branches.rules import Role
from burden.queries.demand_scope import AGREE
from reminders.actions.agreed_times import AgreementData, agree_time, end_agreement
from reminders.models import AgreedTime

LEAST, MOST = Decimal("0.5"), Decimal("40")


class WorkerField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no subscript at run time
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.organisation.name}　{obj.holder_name}"


class AgreeForm(ActionForm):
    """Hours a week that the line manager leaves for Party affairs."""

    submit_label = "登记商定"
    refusal_field = "since"

    post = WorkerField(label="党务工作者", queryset=Post.objects.none(), empty_label="请选择")
    hours_a_week = forms.DecimalField(
        label="每周几小时", min_value=LEAST, max_value=MOST, max_digits=4, decimal_places=1
    )
    usual_time = forms.CharField(
        label="一般安排在",
        max_length=60,
        required=False,
        help_text="例如“每周五下午”；没有固定时间可以不填。",
    )
    agreed_with = forms.CharField(label="和谁商定的", max_length=60, help_text="直属主管，写部门和职务即可。")
    since = DayField(label="从哪天起")

    def __init__(self, data: Any = None, *, user: User, on: date, post: str = "") -> None:
        super().__init__(data, initial={"since": on, "post": post})
        mine = Organisation.objects.permitted_to(user, AGREE, on=on).branches().active(on=on)
        posts = Post.objects.at(on).filter(role=Role.WORKER, organisation__in=mine)
        named = posts.select_related("organisation", "member", "user")
        self.offer_rows("post", named.order_by("organisation__level", "organisation__code", "pk"))

    def act(self, *, by: User | None, on: date) -> AgreedTime:
        said = {**self.cleaned_data}
        return agree_time(said.pop("post"), data=AgreementData(**said), by=cast(User, by))


class EndAgreementForm(ActionForm):
    submit_label = "结束"
    refusal_field = "until"

    until = DayField(label="最后一天")

    def __init__(self, data: Any = None, *, agreed: AgreedTime, on: date) -> None:
        super().__init__(data, initial={"until": on})
        self.held = agreed

    def act(self, *, by: User | None, on: date) -> AgreedTime:
        return end_agreement(self.held, until=self.cleaned_data["until"], by=cast(User, by))
