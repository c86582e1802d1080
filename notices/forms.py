"""Adding and naming a channel, what comes where, and when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm
from notices.actions import channels as actions
from notices.actions.channels import Hours, Wishes, wishes_of
from notices.events import Event
from notices.models import Channel, NoticePreference
from notices.queries.channels import choice_value, choosable
from notices.rules import ROBOTS, ChannelKind, Level
from notices.senders import takes_secret, where_to_find

WEEKDAYS = [(number, f"周{name}") for number, name in enumerate("一二三四五六日")]
_UNSEEN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


def _owner(by: User | None) -> User:
    """Channels are people's: the system has none."""
    if by is None:
        raise TypeError
    return by


class LabelField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(label="名称", max_length=40, help_text="给自己看的，例如“我的邮箱”。", **options)


class ChannelAddForm(ActionForm):
    """One field for the address; a secret only where messages of the kind are signed."""

    submit_label = "添加"
    refusal_field = "address"

    address = forms.CharField(label="Webhook 地址", max_length=600, widget=forms.TextInput(attrs=_UNSEEN))
    secret = forms.CharField(
        label="签名密钥",
        max_length=300,
        required=False,
        strip=True,
        widget=forms.TextInput(attrs=_UNSEEN),
        help_text="机器人没有开启签名的，不用填。",
    )
    label = LabelField()

    def __init__(self, data: Any = None, *, kind: ChannelKind) -> None:
        super().__init__(data, initial={"label": kind.label})
        self.kind = kind
        address = self.fields["address"]
        address.help_text = where_to_find(kind)
        if kind not in ROBOTS:
            address.label = "电子邮件地址" if kind == ChannelKind.EMAIL else "接口地址"
        if kind == ChannelKind.EMAIL:
            address.widget.input_type = "email"
        if not takes_secret(kind):
            del self.fields["secret"]

    def act(self, *, by: User | None, on: date) -> Channel:
        given = self.cleaned_data
        wishes = Wishes(label=given["label"], levels=list(Level))
        address, secret = given["address"], given.get("secret", "")
        return actions.add_channel(_owner(by), kind=self.kind, address=address, secret=secret, wishes=wishes)


class ChannelLabelForm(ActionForm):
    label = LabelField()

    def __init__(self, data: Any = None, *, channel: Channel) -> None:
        super().__init__(data, initial={"label": channel.label})
        self.channel = channel

    def act(self, *, by: User | None, on: date) -> Channel:
        wishes = replace(wishes_of(self.channel), label=self.cleaned_data["label"])
        return actions.change_channel(self.channel, wishes=wishes, by=_owner(by))


class ChoiceForm(ActionForm):
    """The table of boxes. `shown` names the channels the page knew: a newer one keeps its choices."""

    shown = forms.TypedMultipleChoiceField(coerce=int, required=False)
    take = forms.MultipleChoiceField(required=False)

    def __init__(self, data: Any = None, *, channels: Sequence[Channel], events: Collection[Event]) -> None:
        super().__init__(data)
        self.events = choosable(events)
        self.offer("shown", [(str(channel.pk), "") for channel in channels])
        pairs = [choice_value(channel, event) for channel in channels for event in self.events]
        self.offer("take", [(pair, "") for pair in pairs])

    def wanted(self) -> Mapping[int, set[str]]:
        found: dict[int, set[str]] = {pk: set() for pk in self.cleaned_data["shown"]}
        for pair in self.cleaned_data["take"]:
            pk, _, code = pair.partition(":")
            found.setdefault(int(pk), set()).add(code)
        return found

    def act(self, *, by: User | None, on: date) -> list[Channel]:
        return actions.choose_events(_owner(by), offered=self.events, wanted=self.wanted())


class ClockField(forms.TimeField):
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")

    def __init__(self, **options: Any) -> None:
        super().__init__(error_messages={"invalid": "没有认出时间，请写成“20:00”这样的形式。"}, **options)


class HoursForm(ActionForm):
    submit_label = "保存时间"

    quiet_from = ClockField(label="免打扰开始")
    quiet_until = ClockField(label="免打扰结束", help_text="与开始相同，就是不设免打扰。")
    digest_weekday = forms.TypedChoiceField(label="每周汇总在", choices=WEEKDAYS, coerce=int)
    digest_at = ClockField(label="汇总时间")
    spare_busy_season = forms.BooleanField(
        label="农忙时段不发每周汇总",
        required=False,
        help_text="汇总仍在站内消息里；到期提醒和及时通知照常发送。",
    )

    def __init__(self, data: Any = None, *, saved: NoticePreference) -> None:
        super().__init__(data, initial={name: getattr(saved, name) for name in self.base_fields})

    def act(self, *, by: User | None, on: date) -> NoticePreference:
        return actions.save_hours(_owner(by), hours=Hours(**self.cleaned_data))
