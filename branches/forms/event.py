"""Dated events of one person."""

from datetime import date
from typing import Any

from django import forms

from accounts.models import User
from branches.actions import members as actions
from branches.actions.members import EventData
from branches.forms.base import ActionForm, CodedField, DayField
from branches.forms.member import STATUSES
from branches.models import Member, MemberEvent, Organisation, PartyGroup, Post
from branches.models.organisation import OrganisationQuerySet
from branches.rules import EventKind, MemberStatus

# The choices as people look for them; who is on the roster already is not registered again.
_MOVES = (EventKind.MOVED_IN, EventKind.MOVED_OUT, EventKind.SECONDED, EventKind.RETURNED)
_LEAVING = (EventKind.RETIRED, EventKind.SUSPENDED, EventKind.LEFT, EventKind.DECEASED)
_OTHER = (EventKind.REMINDER_NEEDED,)
_RECRUITING = tuple(
    kind for kind in EventKind if kind not in {EventKind.REGISTERED, *_MOVES, *_LEAVING, *_OTHER}
)
GROUPS = (
    ("组织关系和借调", _MOVES),
    ("退休、离开", _LEAVING),
    ("发展党员", _RECRUITING),
    ("其他", _OTHER),
)
ENTERABLE = [
    ("", "请选择"),
    *((name, [(kind.value, kind.label) for kind in kinds]) for name, kinds in GROUPS),
]


class EventFields(ActionForm):
    """One dated event of a person; once saved, `ended` and `left` hold the posts and groups that end."""

    kind = forms.ChoiceField(label="变动", choices=ENTERABLE)
    on = DayField(
        label="日期",
        help_text="变动生效的日期，例如党员大会通过之日、组织关系离开之日。"
        "退休请填批准文件写明的确切日期，不要按年龄推算（退休年龄正在逐步延迟，每个人不同）。",
    )
    announced_on = DayField(
        label="决定日期",
        required=False,
        help_text="已经决定、还没有到日期的调动和退休，填作出决定的日期；到日期之前仍算在原支部。",
    )
    organisation = CodedField(
        label="党支部",
        empty_label="不涉及",
        queryset=Organisation.objects.none(),
        required=False,
        help_text="组织关系转入时必填；退休后由另一支部接续的，填接续的支部；其他变动不填。",
    )
    months = forms.IntegerField(
        error_messages=dict.fromkeys(("min_value", "max_value", "invalid"), "请填 6 至 12 的整数。"),
        label="延长月数",
        min_value=6,
        max_value=12,
        required=False,
        help_text="只有延长预备期才填，6 至 12 个月。",
    )
    note = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, data: Any = None, *, places: OrganisationQuerySet, on: date, **options: Any) -> None:
        super().__init__(data, **options)
        self.ended: list[Post] = []
        self.left: list[PartyGroup] = []
        self.offer_rows("organisation", places.branches().active(on=on).in_tree_order())

    def event_data(self) -> EventData:
        names = ("kind", "on", "organisation", "announced_on", "months", "note")
        return EventData(**{name: self.cleaned_data[name] for name in names})

    def save(self, *, by: User | None, on: date) -> bool:
        before = dict(self.person.posts.values_list("pk", "until"))
        seats = dict(self.person.group_seats.values_list("pk", "until"))
        saved = super().save(by=by, on=on)
        sat = self.person.group_seats.filter(pk__in=seats).select_related("group").order_by("pk")
        self.left = [seat.group for seat in sat if seat.until != seats[seat.pk]]
        after = self.person.posts.select_related("organisation").order_by("pk")
        self.ended = [post for post in after if post.pk in before and post.until != before[post.pk]]
        return saved

    @property
    def person(self) -> Member:
        """Whose posts may end; each form that enters an event says it (a test holds it)."""
        raise NotImplementedError


class EventAddForm(EventFields):
    submit_label = "登记变动"

    def __init__(self, data: Any = None, *, member: Member, **options: Any) -> None:
        super().__init__(data, **options)
        self.member = member

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("kind") == EventKind.MOVED_IN and not data.get("organisation") and "organisation" in data:
            self.add_error("organisation", "组织关系转入请选择转入的党支部。")
        return data

    @property
    def person(self) -> Member:
        return self.member

    def act(self, *, by: User | None, on: date) -> MemberEvent:
        return actions.add_event(self.member, by=by, today=on, **vars(self.event_data()))


class EventCorrectForm(EventFields):
    """The wrong event is marked; the fields say what is right, or that there is nothing to enter."""

    submit_label = "更正"

    status = forms.ChoiceField(label="当时身份", choices=STATUSES, required=False)
    void = forms.BooleanField(
        label="这一条不该登记，直接作废", required=False, help_text="勾选后，其他各项不必改。"
    )
    reason = forms.CharField(label="更正原因", max_length=200, help_text="原来的一条会保留并划去，写明原因。")

    def __init__(self, data: Any = None, *, event: MemberEvent, **options: Any) -> None:
        names = ("kind", "on", "announced_on", "organisation", "months", "note", "status")
        super().__init__(data, initial={name: getattr(event, name) for name in names}, **options)
        self.event = event
        if event.kind == EventKind.REGISTERED:
            self.offer("kind", [(EventKind.REGISTERED.value, EventKind.REGISTERED.label)])
            self.fields["status"].required = True
        else:
            del self.fields["status"]

    @property
    def person(self) -> Member:
        return self.event.member

    def act(self, *, by: User | None, on: date) -> MemberEvent | None:
        data = None if self.cleaned_data["void"] else self.replacement()
        return actions.correct_event(
            self.event, reason=self.cleaned_data["reason"], by=by, replacement=data, today=on
        )

    def replacement(self) -> EventData:
        status = self.cleaned_data.get("status") or self.event.status
        given = vars(self.event_data()) | {"status": MemberStatus(status) if status else None}
        return EventData(**given)
