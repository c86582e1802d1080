"""Forms of handing over: opening, checking for somebody absent, confirming a part, signing, cancelling."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from typing import Any, cast

from django import forms
from django.http import HttpRequest

from accounts.forms import PasswordConfirmForm
from accounts.models import User
from branches.forms.base import ActionForm, DayField
from branches.models import Post
from branches.rules import Refusal
from reminders.actions.handover import (
    cancel_handover,
    check_handover,
    confirm_lines,
    note_line,
    open_handover,
    sign_handover,
)
from reminders.handover_rules import Capacity
from reminders.models import Handover, HandoverLine
from reminders.queries.handover import PartRows

NOTE_LENGTH, REASON_LENGTH = 300, 200


def reason_field(label: str, help_text: str = "") -> forms.CharField:
    required = {"required": f"请填写{label}。"}
    return forms.CharField(
        label=label, max_length=REASON_LENGTH, help_text=help_text, error_messages=required
    )


class OpenForm(ActionForm):
    """Whose post, and the last day in it."""

    submit_label = "发起交接"

    post = forms.ChoiceField(label="移交人")
    last_day = DayField(label="最后在任日", help_text="在这个职务上的最后一天，可以是以后的日期。")

    def __init__(self, data: Any = None, *, posts: Iterable[Post], **options: Any) -> None:
        super().__init__(data, **options)
        self.posts = {str(post.pk): post for post in posts}
        groups = groupby(self.posts.values(), key=lambda post: post.organisation.name)
        choices = [("", "请选择"), *((name, [_choice(post) for post in held]) for name, held in groups)]
        cast(forms.ChoiceField, self.fields["post"]).choices = choices

    def act(self, *, by: User | None, on: date) -> Handover:
        post = self.posts[self.cleaned_data["post"]]
        return open_handover(post, last_day=self.cleaned_data["last_day"], by=cast(User, by), on=on)


def _choice(post: Post) -> tuple[str, str]:
    until = f"，{post.until:%Y-%m-%d} 离任" if post.until else ""
    return str(post.pk), f"{post.holder_name}　{post.get_role_display()}{until}"


class AbsentCheckForm(ActionForm):
    submit_label = "代为核对"

    reason = reason_field("代为核对的原因", "例如“移交人住院，电话里逐条问过”。")

    def __init__(self, data: Any = None, *, handover: Handover) -> None:
        super().__init__(data)
        self.handover = handover

    def act(self, *, by: User | None, on: date) -> Handover:
        reason = self.cleaned_data["reason"]
        return check_handover(self.handover, by=cast(User, by), on=on, absence_reason=reason)


class CancelForm(ActionForm):
    reason = reason_field("撤销的原因")

    def __init__(self, data: Any = None, *, handover: Handover) -> None:
        super().__init__(data)
        self.handover = handover

    def act(self, *, by: User | None, on: date) -> Handover:
        return cancel_handover(self.handover, reason=self.cleaned_data["reason"], by=cast(User, by), on=on)


class NoteForm(ActionForm):
    """The leaver's words to one line; empty takes them back."""

    note = forms.CharField(label="说明", max_length=NOTE_LENGTH, required=False)

    def __init__(self, data: Any = None, *, line: HandoverLine) -> None:
        super().__init__(data)
        self.line = line

    def act(self, *, by: User | None, on: date) -> HandoverLine:
        return note_line(self.line, note=self.cleaned_data["note"], by=cast(User, by))


class PartForm(ActionForm):
    """The lines of one part: what is confirmed, what is asked."""

    def __init__(self, data: Any = None, *, handover: Handover, part: PartRows) -> None:
        super().__init__(data)
        self.handover, self.part, self.changed = handover, part, 0
        self.fields["all"] = forms.BooleanField(required=False)
        for line in part.current:
            self.fields[f"ok_{line.pk}"] = forms.BooleanField(required=False)
            self.fields[f"seen_{line.pk}"] = forms.CharField(max_length=16, required=False)
            self.fields[f"ask_{line.pk}"] = forms.CharField(
                label=f"“{line.title[:20]}”的疑问", max_length=NOTE_LENGTH, required=False
            )

    def act(self, *, by: User | None, on: date) -> Handover:
        confirmed = [line.pk for line in self.part.current if self._is_clear(line.pk)]
        # A question that was not on the page the answer comes from stays as it is.
        asked = {
            line.pk: self.cleaned_data[f"ask_{line.pk}"]
            for line in self.part.current
            if f"ask_{line.pk}" in self.data
        }
        read = {pk: mark for pk in confirmed if (mark := self.cleaned_data[f"seen_{pk}"])}
        self.changed = sum(line.digest != read.get(line.pk, line.digest) for line in self.part.current)
        return confirm_lines(
            self.handover, confirmed=confirmed, questions=asked, by=cast(User, by), on=on, seen=read
        )

    def _is_clear(self, pk: int) -> bool:
        """Ticked; or all at once, except what is asked about."""
        at_once = self.part.at_once and self.cleaned_data["all"] and not self.cleaned_data[f"ask_{pk}"]
        return self.cleaned_data[f"ok_{pk}"] or at_once


class SignForm(PasswordConfirmForm):
    """One signature: the own password through the lockout; in absence of the leaver, why."""

    reason = reason_field("代签的原因", "会写在交接单上。")

    field_order = ("reason", "password")

    def __init__(
        self, data: Any = None, *, request: HttpRequest, handover: Handover, capacity: Capacity, absent: bool
    ) -> None:
        super().__init__(data, request=request)
        self.handover, self.capacity = handover, capacity
        if not absent:
            del self.fields["reason"]

    def save(self, *, by: User, on: date, now: datetime) -> bool:
        """Sign; False with a form error when the action refuses."""
        reason = self.cleaned_data.get("reason", "")
        try:
            sign_handover(self.handover, capacity=self.capacity, by=by, on=on, now=now, absence_reason=reason)
        except Refusal as refusal:
            self.add_error(None, str(refusal))
            return False
        return True
