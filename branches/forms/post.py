"""Posts, terms and Party groups."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from branches.actions import groups, posts, terms
from branches.forms.base import ActionForm, DayField, SeveralField
from branches.forms.edit import EditForm
from branches.models import Member, Organisation, PartyGroup, Post, Term
from branches.queries.reach import Candidate
from branches.rules import Refusal, Role, latest_extension, usual_term_end


class PostAddForm(ActionForm):
    submit_label = "登记任职"

    role = forms.ChoiceField(label="职务")
    holder = forms.ChoiceField(label="人选")
    since = DayField(label="任职日期")
    until = DayField(label="离任日期", required=False, help_text="最后一天；仍在任不填。")

    def __init__(
        self,
        data: Any = None,
        *,
        organisation: Organisation,
        roles: Sequence[Role],
        candidates: Sequence[Candidate],
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self.organisation = organisation
        self.candidates = {candidate.key: candidate for candidate in candidates}
        self.offer("role", [(r.value, r.label) for r in roles])
        self.offer("holder", [("", "请选择"), *((c.key, c.label) for c in candidates)])

    def act(self, *, by: User | None, on: date) -> Post:
        data, chosen = self.cleaned_data, self.candidates[self.cleaned_data["holder"]]
        return posts.give_post(
            self.organisation,
            role=Role(data["role"]),
            since=data["since"],
            until=data["until"],
            member=chosen.member,
            user=chosen.user,
            by=by,
        )


class PostEndForm(ActionForm):
    refusal_field = "day"

    day = DayField(label="离任日期", help_text="在任的最后一天；次日起不再有这个职务的权限。")

    def __init__(self, data: Any = None, *, post: Post, **options: Any) -> None:
        super().__init__(data, **options)
        self.post = post

    def act(self, *, by: User | None, on: date) -> Post:
        return posts.end_post(self.post, on=self.cleaned_data["day"], by=by, today=on)


class TermAddForm(ActionForm):
    submit_label = "登记选举"

    elected_on = DayField(label="选举日期")
    ends_on = DayField(
        label="届满日期", required=False, help_text="不填则按规定的任期推算：党支部、党总支 3 年，党委 5 年。"
    )

    document = forms.CharField(
        label="换届批复",
        max_length=120,
        required=False,
        help_text="上级批复的文号或日期；比上届届满提前一个月以上的必填。",
    )

    def __init__(self, data: Any = None, *, organisation: Organisation, **options: Any) -> None:
        super().__init__(data, **options)
        self.organisation = organisation

    def act(self, *, by: User | None, on: date) -> Term:
        data, elected_on = self.cleaned_data, self.cleaned_data["elected_on"]
        if elected_on > on:
            raise Refusal("选举日期还没有到，请在选举之后登记。")
        ends_on = data["ends_on"] or usual_term_end(elected_on, self.organisation.kind)
        return terms.add_term(
            self.organisation, elected_on=elected_on, ends_on=ends_on, document=data["document"], by=by
        )


class TermExtendForm(ActionForm):
    submit_label = "登记延期"

    to = DayField(label="延期至")
    basis = forms.CharField(label="上级批复", max_length=120, help_text="批复文号。")
    approved_on = DayField(label="批复日期")

    def __init__(self, data: Any = None, *, term: Term, **options: Any) -> None:
        super().__init__(data, **options)
        self.term = term
        self.fields["to"].help_text = f"最晚 {latest_extension(term.ends_on):%Y-%m-%d}。"

    def act(self, *, by: User | None, on: date) -> Term:
        data = self.cleaned_data
        if data["approved_on"] > on:
            raise Refusal("批复日期还没有到，请在收到批复之后登记。")
        return terms.extend_term(self.term, to=data["to"], basis=data["basis"], on=data["approved_on"], by=by)


class GroupFields(ActionForm):
    """Name, leader and members of a Party group."""

    name = forms.CharField(label="名称", max_length=40)
    leader = forms.ModelChoiceField(
        label="组长", queryset=Member.objects.none(), required=False, empty_label="暂未确定"
    )
    members = SeveralField(
        label="组员", queryset=Member.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, people: QuerySet[Member], **options: Any) -> None:
        super().__init__(data, **options)
        for name in ("leader", "members"):
            self.offer_rows(name, people.order_by("code"))


class GroupAddForm(GroupFields):
    submit_label = "成立党小组"

    since = DayField(label="成立日期")

    field_order = ("name", "since", "leader", "members")

    def __init__(self, data: Any = None, *, organisation: Organisation, **options: Any) -> None:
        super().__init__(data, **options)
        self.organisation = organisation

    def act(self, *, by: User | None, on: date) -> PartyGroup:
        return groups.add_party_group(self.organisation, by=by, **self.cleaned_data)


class GroupEditForm(EditForm, GroupFields):
    def __init__(self, data: Any = None, *, group: PartyGroup, on: date, **options: Any) -> None:
        self.group, self.on = group, on
        super().__init__(data, **options)

    def current_values(self, *, lock: bool) -> dict[str, Any]:
        row = PartyGroup.objects.select_for_update().get(pk=self.group.pk) if lock else self.group
        seats = row.seats.at(self.on).order_by("member")
        leader = next((seat.member_id for seat in seats if seat.leads), None)
        return {"name": row.name, "leader": leader, "members": [seat.member_id for seat in seats]}

    def act_on(self, values: dict[str, Any], *, by: User | None, on: date) -> PartyGroup:
        return groups.change_party_group(self.group, on=on, by=by, **values)


class GroupEndForm(ActionForm):
    refusal_field = "day"

    day = DayField(label="撤销日期")

    def __init__(self, data: Any = None, *, group: PartyGroup, **options: Any) -> None:
        super().__init__(data, **options)
        self.group = group

    def act(self, *, by: User | None, on: date) -> PartyGroup:
        return groups.end_party_group(self.group, on=self.cleaned_data["day"], by=by)
