"""Leave and who stands in."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, DayField
from branches.models import Post
from reminders.actions.stand_ins import arrange_stand_in, change_stand_in
from reminders.models import StandIn
from reminders.queries.stand_ins import Candidate
from reminders.stand_in_rules import LONGEST_DAYS


class StandInAddForm(ActionForm):
    submit_label = "安排代办"

    since = DayField(label="请假自")
    until = DayField(label="请假至", help_text=f"最后一天；到期自动结束，一次最多 {LONGEST_DAYS} 天。")
    deputy = forms.ChoiceField(
        label="由谁代办", help_text="只列有账号的人。这些天里可以查看和登记这个支部的清单。"
    )

    def __init__(
        self, data: Any = None, *, post: Post, people: Sequence[Candidate], now: datetime, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.now = now
        self.post, self.people = post, {str(person.user.pk): person.user for person in people}
        self.offer("deputy", [("", "请选择"), *((str(p.user.pk), p.label) for p in people)])

    def act(self, *, by: User | None, on: date) -> StandIn:
        assert by is not None  # noqa: S101 - a signed-in person sends this form
        data = self.cleaned_data
        return arrange_stand_in(
            self.post,
            deputy=self.people[data["deputy"]],
            since=data["since"],
            until=data["until"],
            by=by,
            on=on,
            now=self.now,
        )


class StandInEditForm(ActionForm):
    submit_label = "保存结束日期"
    refusal_field = "until"

    until = DayField(label="请假至", help_text="最后一天，可以提前，也可以延后。")

    def __init__(self, data: Any = None, *, stand_in: StandIn, now: datetime, **options: Any) -> None:
        super().__init__(data, **options)
        self.stand_in, self.now = stand_in, now

    def act(self, *, by: User | None, on: date) -> StandIn:
        assert by is not None  # noqa: S101 - a signed-in person sends this form
        until = self.cleaned_data["until"]
        return change_stand_in(self.stand_in, until=until, by=by, on=on, now=self.now)
