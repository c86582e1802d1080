"""Making a calendar link."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import User
from branches.forms.base import ActionForm
from reminders.actions.feeds import Made, make_feed


class FeedForm(ActionForm):
    """Where the link is used, so that a lost phone's link is found again."""

    submit_label = "新建链接"
    label = forms.CharField(
        label="用在哪里",
        max_length=40,
        error_messages={"max_length": "请写短一些，40 个字以内。"},
        help_text="例如“我的手机”“办公室电脑”，方便以后辨认和停用。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, user: User, **options: Any) -> None:
        super().__init__(data, **options)
        self.user = user

    def act(self, *, by: User | None, on: date) -> Made:
        return make_feed(self.user, label=self.cleaned_data["label"], now=timezone.now())
