"""Making and taking back records: the only place where what a branch did is written."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.models import Member, Organisation
from records.models import Attendance, Record, RecordAction, Talk, Vote
from records.queries import AttendanceOption, attendance_options
from records.rules import ATTENDED_KINDS, FACT_KINDS, RecordKind, TalkCategory, VoteCount, vote_errors


class RecordRefused(ValueError):
    """The record cannot be kept as it is; str() says in Chinese what to correct."""


@dataclass(frozen=True)
class AttendanceData:
    """One ticked name."""

    member: Member
    present: bool = True
    reason: str = ""


@dataclass(frozen=True)
class TalkData:
    """One talk; without a day of its own it was held on the record's."""

    talker: Member
    partner: Member
    held_on: date | None = None
    category: TalkCategory = TalkCategory.THINKING


@dataclass(frozen=True)
class RecordData:
    """What somebody typed about one activity; counts are taken from the ticks."""

    kind: RecordKind
    held_on: date
    title: str = ""
    place: str = ""
    host: str = ""
    eligible_count: int | None = None
    present_count: int | None = None
    hours: Decimal | None = None
    topics: str = ""
    resolutions: str = ""
    checked: tuple[str, ...] = ()
    attendance: tuple[AttendanceData, ...] = ()
    votes: tuple[VoteCount, ...] = ()
    talks: tuple[TalkData, ...] = ()
    # Codes of the catalogue actions this answers.
    actions: tuple[str, ...] = ()

    def date_only(self) -> "RecordData":
        """What may be kept of a sensitive matter."""
        return RecordData(kind=RecordKind.DATE_ONLY, held_on=self.held_on, actions=self.actions)


@transaction.atomic
def make_record(organisation: Organisation, *, data: RecordData, by: User | None, on: date) -> Record:
    """Keep one activity. `on` is today; `data.held_on` may lie before it (late entry), never after it.

    Raises RecordRefused for a date in the future, for people who were not in the branch that day,
    for impossible votes and for talks that were entered before.
    """
    _refuse_future(data, on)
    options = attendance_options(organisation, on=data.held_on)
    counted = _with_counts(data, options)
    _refuse_impossible(counted)
    record = _create(organisation, counted, by)
    _add_parts(record, counted)
    if data.kind in FACT_KINDS:
        mark_changed([organisation])
    audit.record(
        "records.record_made", by=by, target=record, detail={"kind": data.kind, "held_on": data.held_on}
    )
    return record


@transaction.atomic
def carry_talks(record: Record, *, into: Record) -> int:
    """Let another record of the same branch hold this one's standing talks; returns how many."""
    return Talk.objects.standing().filter(record=record).update(record=into)


@transaction.atomic
def cancel_record(record: Record, *, by: User | None, on: date) -> Record:
    """Take a record back: it is kept and marked, its talks may be entered again. Twice is once.

    `on` is part of the contract of every action; the mark itself carries the exact time.
    """
    marked = Record.objects.standing().filter(pk=record.pk)
    now = timezone.now()
    if marked.update(cancelled_at=now, cancelled_by=by):
        record.talks.update(cancelled_at=now)
        if record.kind in FACT_KINDS:
            mark_changed([record.organisation_id])
        audit.record("records.record_cancelled", by=by, target=record, detail={"on": on})
    record.refresh_from_db()
    return record


def _refuse_future(data: RecordData, on: date) -> None:
    if data.held_on > on or any(day > on for talk in data.talks if (day := talk.held_on)):
        raise RecordRefused("日期不能晚于今天，请改为实际开展的日期。")


def _with_counts(data: RecordData, options: list[AttendanceOption]) -> RecordData:
    """Take the counts from the ticks: of voters for a vote, of all Party members otherwise."""
    if data.kind not in ATTENDED_KINDS or not options:
        return data
    known = {option.pk: option for option in options}
    if unknown := [p for p in data.attendance if p.member.pk not in known]:
        raise RecordRefused(f"有 {len(unknown)} 名到会人员当天不在本支部，请按名单重新勾选。")
    counted = [p for p in data.attendance if data.kind != RecordKind.VOTE or known[p.member.pk].may_vote]
    if not counted:
        entitled = sum(o.may_vote or data.kind != RecordKind.VOTE for o in options)
        return replace(data, eligible_count=_or(data.eligible_count, entitled))
    present = sum(p.present for p in counted)
    return replace(
        data,
        eligible_count=_or(data.eligible_count, len(counted)),
        present_count=_or(data.present_count, present),
    )


def _or(given: int | None, default: int) -> int:
    return default if given is None else given


def _refuse_impossible(data: RecordData) -> None:
    if data.eligible_count is not None and (data.present_count or 0) > data.eligible_count:
        raise RecordRefused("实到人数多于应到人数，请核对。")
    for vote in data.votes:
        if found := vote_errors(vote):
            raise RecordRefused(f"“{vote.matter}”：{found[0]}")
    if any(talk.talker.pk == talk.partner.pk for talk in data.talks):
        raise RecordRefused("谈话人和谈话对象不能是同一人，请重新选择。")


def _create(organisation: Organisation, data: RecordData, by: User | None) -> Record:
    return Record.objects.create(
        organisation=organisation,
        kind=data.kind,
        held_on=data.held_on,
        title=data.title,
        place=data.place,
        host=data.host,
        eligible_count=data.eligible_count,
        present_count=data.present_count,
        hours=data.hours,
        topics=data.topics,
        resolutions=data.resolutions,
        checked=list(data.checked),
        self_started=not data.actions,
        entered_by=by,
    )


def _add_parts(record: Record, data: RecordData) -> None:
    codes = dict.fromkeys(data.actions)
    RecordAction.objects.bulk_create(RecordAction(record=record, action_code=code) for code in codes)
    Attendance.objects.bulk_create(
        Attendance(record=record, member=p.member, present=p.present, reason="" if p.present else p.reason)
        for p in data.attendance
    )
    Vote.objects.bulk_create(
        Vote(
            record=record,
            matter=vote.matter,
            eligible=vote.eligible,
            present=vote.present,
            yes=vote.yes,
            no=vote.no,
            abstain=vote.abstain,
        )
        for vote in data.votes
    )
    _add_talks(record, data.talks)


def _add_talks(record: Record, talks: Iterable[TalkData]) -> None:
    """Only people of this branch; the same pair once a day."""
    made = [
        Talk(
            organisation=record.organisation,
            record=record,
            talker=talk.talker,
            partner=talk.partner,
            held_on=talk.held_on or record.held_on,
            category=talk.category,
            entered_by=record.entered_by,
        )
        for talk in talks
    ]
    for day in {talk.held_on for talk in made}:
        _refuse_outsiders(record.organisation, [t for t in made if t.held_on == day], day)
    if made:
        _refuse_repeated(made)
    Talk.objects.bulk_create(made)


def _refuse_outsiders(organisation: Organisation, talks: list[Talk], day: date) -> None:
    inside = {option.pk for option in attendance_options(organisation, on=day)}
    if any({talk.talker_id, talk.partner_id} - inside for talk in talks):
        raise RecordRefused("有谈话双方当天不在本支部，请核对姓名和日期。")


def _refuse_repeated(talks: list[Talk]) -> None:
    keys = {(talk.talker_id, talk.partner_id, talk.held_on) for talk in talks}
    known = Talk.objects.standing().filter(talker__in=[key[0] for key in keys])
    before = set(known.values_list("talker", "partner", "held_on"))
    if len(keys) < len(talks) or keys & before:
        raise RecordRefused("同一天的同一次谈话已经登记过，不必重复登记。")
