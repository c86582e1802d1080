"""The roster of a day (党员名册): who belonged to which branch, as what, with which post. No id numbers."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from branches.ledger_scope import DayFilterForm, asked_days, names_on_day
from branches.ledgers.posts import SHOWN_ROLES
from branches.models import GroupSeat, Member, Membership, Post
from branches.queries.outlook import full_since
from branches.queries.people import STATUS_ORDER
from branches.rules import PARTY_MEMBER_STATUSES, MemberStatus, Role
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register
from periods.months import whole_years

VIEW = "branches.view_member"
MOVED_ON = "现不在本支部"

COLUMNS = (
    Column("organisation", "党组织", width=40),
    Column("name", "姓名", width=18),
    Column("code", "名册编号", width=18),
    Column("status", "身份", ColumnKind.STATE, width=22),
    Column("joined_on", "入党日期", ColumnKind.DATE, width=22),
    Column("party_years", "党龄", ColumnKind.INTEGER, width=14),
    Column("age", "年龄", ColumnKind.INTEGER, width=14),
    Column("group", "党小组", width=30),
    Column("posts", "职务", width=31),
    Column("department", "所在部门", width=30),
    Column("remarks", "备注", width=19),
)


class MemberLedgerForm(DayFilterForm):
    """Organisation, the day, and what people were on it."""

    permission = VIEW
    status = forms.MultipleChoiceField(
        label="身份",
        required=False,
        choices=[(status.value, status.label) for status in STATUS_ORDER],
        help_text="不选则列出正式党员和预备党员。",
    )


def member_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Rows in tree order, Party members first, then by number in the roster. Six statements."""
    day = asked_days(cleaned, on).day
    spans = _spans(user, cleaned, on, day)
    people = spans.values("member")
    own = _of_today(user, people, on)
    groups, posts, names = _groups(people, day), _posts(spans, day), names_on_day(day)
    full = full_since(people)
    shown = spans.select_related("member", "organisation")
    for span in sorted(shown, key=_order):
        row = _row(span, full.get(span.member_id), day)
        place = names.get(span.organisation_id, span.organisation.name)
        group, held = groups.get(span.member_id, ""), posts[span.organisation_id, span.member_id]
        offices = "、".join(role.label for role in SHOWN_ROLES if role in held)
        if span.member_id in own:
            yield place, *row, group, offices, span.member.home_department, _remarks(span.member)
        else:
            # Who belongs to others today is theirs: an old roster opens no more than the name.
            yield place, row[0], None, row[2], None, None, None, group, offices, None, MOVED_ON


def _spans(user: User | None, cleaned: Cleaned, on: date, day: date) -> QuerySet[Membership]:
    spans = Membership.objects.at(day).filter(MemberLedgerForm.rows_of(user, cleaned, on))
    return spans.filter(status__in=cleaned["status"] or sorted(PARTY_MEMBER_STATUSES))


def _of_today(user: User | None, people: QuerySet[Any], on: date) -> set[int]:
    """Whose page the reader may open."""
    found = Member.objects.all() if user is None else Member.objects.visible_to(user, on=on)
    return set(found.filter(pk__in=people).values_list("pk", flat=True))


def _order(span: Membership) -> tuple[int, str, int, str]:
    place = span.organisation
    return place.level, place.code, STATUS_ORDER.index(MemberStatus(span.status)), span.member.code


def _row(
    span: Membership, full_on: date | None, day: date
) -> tuple[str, str, Cell, date | None, int | None, int | None]:
    member, status = span.member, MemberStatus(span.status)
    is_full = status is MemberStatus.FULL
    joined_on = member.joined_on if status in PARTY_MEMBER_STATUSES else None
    return (
        member.name,
        member.code,
        Cell(status.label, Tone.OK if is_full else Tone.NONE),
        joined_on,
        whole_years(full_on, day) if full_on and is_full else None,
        whole_years(member.birth_on, day) if member.birth_on else None,
    )


def _groups(people: QuerySet[Any], day: date) -> dict[int, str]:
    seats = GroupSeat.objects.at(day).filter(member__in=people).order_by("pk")
    found = seats.values_list("member", "group__name", "leads")
    return {member: f"{name}（组长）" if leads else name for member, name, leads in found}


def _posts(spans: QuerySet[Membership], day: date) -> dict[tuple[int, int], set[Role]]:
    held = Post.objects.at(day).filter(member__in=spans.values("member"))
    found: dict[tuple[int, int], set[Role]] = defaultdict(set)
    for place, member, role in held.values_list("organisation", "member", "role"):
        found[place, member].add(Role(role))
    return found


def _remarks(member: Member) -> str:
    return "抽调" if member.assigned else ""


MEMBERS = register(
    Ledger(
        slug="members",
        title="党员名册",
        description="某一天各支部的党员：身份、党龄、年龄、党小组和职务，不含证件号码。党龄从转为正式党员之日起算，没有登记转正日期的，按入党满一年起算。",
        columns=COLUMNS,
        filter_form=MemberLedgerForm,
        rows=member_rows,
        heading=MemberLedgerForm.heading,
        permission=VIEW,
        may_open=MemberLedgerForm.may_open,
        order_note="按组织顺序、身份、名册编号排列",
        group=LedgerGroup.PEOPLE,
    )
)
