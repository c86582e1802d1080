"""Writes on people: their registration, their dated events, and the spans derived from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.actions.groups import end_groups_of_who_left
from branches.actions.once import refused_when_taken
from branches.actions.personal_data import Personal, keep_personal
from branches.actions.posts import end_posts_of_who_left
from branches.models import Member, MemberEvent, Membership, Organisation
from branches.rules import (
    Event,
    EventError,
    EventKind,
    MemberStatus,
    Refusal,
    membership_spans,
    refuse_future,
)


class MemberCodeTaken(Refusal):
    """Another person has this code in the roster."""


@dataclass(frozen=True)
class EventData:
    """One event as it is entered; `organisation` where the person goes, `months` of an extension."""

    kind: EventKind
    on: date
    organisation: Organisation | None = None
    status: MemberStatus | None = None
    announced_on: date | None = None
    months: int | None = None
    note: str = ""

    def as_event(self) -> Event:
        place = self.organisation.pk if self.organisation else None
        return Event(EventKind(self.kind), self.on, place, MemberStatus(self.status) if self.status else None)


@dataclass(frozen=True)
class MemberRow:
    """One person of a roster, for register_members."""

    code: str
    name: str
    organisation: Organisation
    status: MemberStatus
    since: date
    joined_on: date | None = None
    home_department: str = ""
    assigned: bool = False


@transaction.atomic
def add_member(
    *,
    code: str,
    name: str,
    organisation: Organisation,
    status: MemberStatus,
    since: date,
    by: User | None,
    joined_on: date | None = None,
    home_department: str = "",
    assigned: bool = False,
    personal: Personal | None = None,
    today: date | None = None,
) -> Member:
    """Register one person. Raises MemberCodeTaken, EventError, and what keep_personal raises."""
    row = MemberRow(code, name, organisation, status, since, joined_on, home_department, assigned)
    if today:
        refuse_future(Event(EventKind.REGISTERED, since), today=today)
    member = register_members([row], by=by)[0]
    if personal:
        keep_personal(member, personal, on=today or since)
    audit.record("branches.member_added", by=by, target=member, detail={"organisation": organisation.pk})
    return member


@transaction.atomic
def register_members(rows: Iterable[MemberRow], *, by: User | None) -> list[Member]:
    """Register many people at once, with a constant number of statements.

    Raises MemberCodeTaken, EventError; then nothing is written.
    """
    entered = list(rows)
    _refuse_rows(entered)
    with refused_when_taken(_code_taken(row.code for row in entered)):
        members = Member.objects.bulk_create(
            Member(
                code=row.code,
                name=row.name,
                home_department=row.home_department,
                assigned=row.assigned,
                joined_on=row.joined_on,
            )
            for row in entered
        )
    _register(list(zip(members, entered, strict=True)), by)
    mark_changed(row.organisation for row in entered)
    if len(members) > 1:
        audit.record("branches.members_registered", by=by, detail={"codes": [row.code for row in entered]})
    return members


def _register(pairs: list[tuple[Member, MemberRow]], by: User | None) -> None:
    MemberEvent.objects.bulk_create(
        MemberEvent(
            member=member,
            kind=EventKind.REGISTERED,
            on=row.since,
            organisation=row.organisation,
            status=row.status,
            entered_by=by,
        )
        for member, row in pairs
    )
    Membership.objects.bulk_create(
        Membership(member=member, organisation=row.organisation, status=row.status, since=row.since)
        for member, row in pairs
    )


def _code_taken(codes: Iterable[str]) -> MemberCodeTaken:
    return MemberCodeTaken(f"名册编号“{'、'.join(codes)}”已有人使用，请换一个编号。")


def _refuse_rows(rows: list[MemberRow]) -> None:
    codes = [row.code for row in rows]
    taken = set(Member.objects.filter(code__in=codes).values_list("code", flat=True))
    taken |= {code for code in codes if codes.count(code) > 1} if len(set(codes)) < len(codes) else set()
    if taken:
        raise _code_taken(sorted(taken))
    for row in rows:
        if not row.organisation.is_branch:
            raise EventError(f"党员编入党支部，不直接编入“{row.organisation.name}”，请选择党支部。")
        if row.organisation.dissolved_on and row.organisation.dissolved_on <= row.since:
            raise EventError(f"“{row.organisation.name}”已撤销，请另选党支部。")
        if row.joined_on and row.status == MemberStatus.FULL and row.joined_on > row.since:
            raise EventError(f"{row.name}的入党日期晚于登记为正式党员的日期，请核对。")


@transaction.atomic
def update_member(
    member: Member,
    *,
    by: User | None,
    name: str,
    code: str,
    home_department: str,
    assigned: bool,
    joined_on: date | None,
    personal: Personal | None = None,
    today: date | None = None,
) -> Member:
    """Change plain facts of one person; nothing is written when nothing differs.

    Without `personal`, birth date and id number stay as they are; with it, `today` is the day on which
    nobody can be born later. Raises MemberCodeTaken, and what keep_personal raises.
    """
    row = Member.objects.select_for_update().get(pk=member.pk)
    given = {
        "name": name,
        "code": code,
        "home_department": home_department,
        "assigned": assigned,
        "joined_on": joined_on,
    }
    changed = {field: value for field, value in given.items() if getattr(row, field) != value}
    kept = keep_personal(row, personal, on=today or date.max) if personal else []
    if "code" in changed and Member.objects.filter(code=code).exists():
        raise _code_taken([code])
    if changed:
        with refused_when_taken(_code_taken([code])):
            Member.objects.filter(pk=row.pk).update(**changed)
    if changed or kept:
        mark_changed(_places(row))
        detail = {"fields": sorted([*changed, *kept])}
        audit.record("branches.member_changed", by=by, target=row, detail=detail)
    member.refresh_from_db()
    return member


@transaction.atomic
def add_event(
    member: Member,
    *,
    kind: EventKind,
    on: date,
    by: User | None,
    organisation: Organisation | None = None,
    status: MemberStatus | None = None,
    announced_on: date | None = None,
    months: int | None = None,
    note: str = "",
    today: date | None = None,
) -> MemberEvent:
    """Enter one dated fact and rebuild the person's spans. Raises EventError.

    Posts end with the last day on which the person belonged where they are held, places in Party groups
    on the day of leaving the branch. With `today`, facts
    that have not happened yet are refused (a planned departure is not).
    """
    row = Member.objects.select_for_update().get(pk=member.pk)
    data = EventData(kind, on, organisation, status, announced_on, months, note)
    event = _enter(row, data, by=by, today=today)
    _rebuild(row)
    ended = end_posts_of_who_left(row, by=by, because=str(event.kind), today=today)
    end_groups_of_who_left(row, by=by, because=str(event.kind))
    detail = {"kind": str(event.kind), "on": on, "posts_ended": [post.pk for post in ended]}
    audit.record("branches.event_added", by=by, target=row, detail=detail)
    return event


@transaction.atomic
def correct_event(
    event: MemberEvent,
    *,
    reason: str,
    by: User | None,
    replacement: EventData | None,
    today: date | None = None,
) -> MemberEvent | None:
    """Mark an event as entered wrongly, and enter what is right instead of it (None: nothing).

    The old row stays, with reason, person and time. Posts and places in Party groups that ended with it
    stay ended: whether somebody holds one again is a decision of its own. Raises EventError.
    """
    member = Member.objects.select_for_update().get(pk=event.member_id)
    if not reason.strip():
        raise EventError("请填写更正原因。")
    marked = MemberEvent.objects.standing().filter(pk=event.pk)
    if not marked.update(corrected_at=Now(), corrected_by=by, correction_reason=reason.strip()):
        raise EventError("这条变动已经更正过，请刷新页面查看。")
    entered = _enter(member, replacement, by=by, today=today) if replacement else None
    _rebuild(member)
    if not member.memberships.exists() and member.posts.filter(until=None).exists():
        raise EventError(f"{member.name}还有任职，更正后将不在任何支部，请先登记离任。")
    ended = end_posts_of_who_left(member, by=by, because="correction", today=today)
    end_groups_of_who_left(member, by=by, because="correction")
    detail = {
        "kind": event.kind,
        "on": event.on,
        "reason": reason,
        "replacement": entered.pk if entered else None,
        "posts_ended": [post.pk for post in ended],
    }
    audit.record("branches.event_corrected", by=by, target=member, detail=detail)
    event.refresh_from_db()
    return entered


def _enter(member: Member, data: EventData, *, by: User | None, today: date | None) -> MemberEvent:
    if today:
        refuse_future(data.as_event(), today=today)
    if member.events.standing().filter(kind=data.kind, on=data.on).exists():
        raise EventError(f"{data.on:%Y-%m-%d} 的“{EventKind(data.kind).label}”已经登记过。")
    if (data.kind == EventKind.PROBATION_EXTENDED) != (data.months is not None):
        raise EventError("延长预备期须填写延长的月数（6 至 12 个月），其他变动不填。")
    if data.months is not None and not 6 <= data.months <= 12:
        raise EventError("延长预备期不能少于 6 个月、不能超过 12 个月。")
    return MemberEvent.objects.create(
        member=member,
        kind=data.kind,
        on=data.on,
        organisation=data.organisation,
        status=data.status or "",
        announced_on=data.announced_on,
        months=data.months,
        note=data.note,
        entered_by=by,
    )


def _rebuild(member: Member) -> None:
    """Derive the spans anew and mark every organisation concerned, before and after."""
    concerned = _places(member)
    events = [
        Event(EventKind(e.kind), e.on, e.organisation_id, MemberStatus(e.status) if e.status else None)
        for e in member.events.standing()
    ]
    spans = membership_spans(events)
    member.memberships.all().delete()
    Membership.objects.bulk_create(
        Membership(
            member=member, organisation_id=s.organisation, status=s.status, since=s.since, until=s.until
        )
        for s in spans
    )
    mark_changed(concerned | _places(member))


def _places(member: Member) -> set[int | None]:
    return set(member.memberships.values_list("organisation", flat=True))
