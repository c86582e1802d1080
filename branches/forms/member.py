"""People and their dated events."""

from datetime import date
from typing import Any

from django import forms

from accounts.models import User
from branches.actions import members as actions
from branches.actions.members import EventData
from branches.actions.personal_data import Personal
from branches.forms.base import ActionForm, CodedField, DayField
from branches.forms.edit import EditForm
from branches.models import Member, MemberEvent, Organisation, Post
from branches.models.organisation import OrganisationQuerySet
from branches.queries.roster import masked_number_of
from branches.rules import EventKind, MemberStatus

ENTERABLE = [
    ("", "请选择"),
    *((kind.value, kind.label) for kind in EventKind if kind is not EventKind.REGISTERED),
]
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


class EventFields(ActionForm):
    """One dated event of a person; once saved, `ended` holds the posts that ended with it."""

    kind = forms.ChoiceField(label="事项", choices=ENTERABLE)
    on = DayField(label="日期", help_text="事项生效的日期，例如党员大会通过之日、调离之日。")
    announced_on = DayField(
        label="决定日期", required=False, help_text="提前知道的调动、退休，填作出决定的日期。"
    )
    organisation = CodedField(
        label="党支部",
        empty_label="不涉及",
        queryset=Organisation.objects.none(),
        required=False,
        help_text="组织关系转入时必填；退休后由另一支部接续的，填接续的支部；其他事项不填。",
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
        self.offer_rows("organisation", places.branches().active(on=on).in_tree_order())

    def event_data(self) -> EventData:
        names = ("kind", "on", "organisation", "announced_on", "months", "note")
        return EventData(**{name: self.cleaned_data[name] for name in names})

    def save(self, *, by: User | None, on: date) -> bool:
        before = dict(self.person.posts.values_list("pk", "until"))
        saved = super().save(by=by, on=on)
        after = self.person.posts.select_related("organisation").order_by("pk")
        self.ended = [post for post in after if post.pk in before and post.until != before[post.pk]]
        return saved

    @property
    def person(self) -> Member:
        """Whose posts may end; each form that enters an event says it (a test holds it)."""
        raise NotImplementedError


class EventAddForm(EventFields):
    submit_label = "登记事项"

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
