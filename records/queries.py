"""Reads of what a branch did: who could attend, class hours so far, who talked with whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Sum

from branches.models import Member, Membership, Organisation, Post
from branches.rules import COMMITTEE_ROLES, PARTY_MEMBER_STATUSES, MemberStatus, Role
from records.models import Attendance, Talk
from records.rules import HOUR_KINDS


@dataclass(frozen=True)
class AttendanceOption:
    """One Party member of a branch on a day, as the tick list needs it."""

    member: Member
    may_vote: bool
    on_committee: bool
    is_secretary: bool

    @property
    def pk(self) -> int:
        return self.member.pk

    @property
    def name(self) -> str:
        return self.member.name


@dataclass(frozen=True)
class MemberHours:
    member: int
    name: str
    on_committee: bool
    hours: Decimal


@dataclass(frozen=True)
class TalkRow:
    """One member, whom the member should have talked with this year, and the last such talk."""

    member: int
    name: str
    wanted: str
    partners: tuple[int, ...]
    last_on: date | None = None
    last_with: str = ""

    @property
    def is_missing(self) -> bool:
        return self.last_on is None


@dataclass(frozen=True)
class TalkCoverage:
    year: int
    rows: tuple[TalkRow, ...]

    @property
    def missing(self) -> tuple[TalkRow, ...]:
        return tuple(row for row in self.rows if row.is_missing)

    @property
    def missing_names(self) -> tuple[str, ...]:
        return tuple(row.name for row in self.missing)


def attendance_options(organisation: Organisation, *, on: date) -> list[AttendanceOption]:
    """The Party members of this branch on that day in the order of the roster: one query."""
    offices = Post.objects.at(on).filter(organisation=organisation, member=OuterRef("member"))
    spans: Iterable[Any] = (
        Membership.objects.at(on)
        .filter(organisation=organisation, status__in=PARTY_MEMBER_STATUSES)
        .annotate(
            on_committee=Exists(offices.filter(role__in=sorted(COMMITTEE_ROLES))),
            is_secretary=Exists(offices.filter(role=Role.SECRETARY)),
        )
        .select_related("member")
        .order_by("member__code")
    )
    return [
        AttendanceOption(s.member, s.status == MemberStatus.FULL, s.on_committee, s.is_secretary)
        for s in spans
    ]


def hours_of(organisation: Organisation, *, year: int, on: date) -> list[MemberHours]:
    """Class hours of each present-day member from standing records of the year up to `on`.

    Hours attended in an earlier branch go with the person.
    """
    people = attendance_options(organisation, on=on)
    sums = hours_by_member((p.pk for p in people), year=year, on=on)
    return [MemberHours(p.pk, p.name, p.on_committee, sums.get(p.pk, Decimal(0))) for p in people]


def hours_by_member(members: Iterable[int], *, year: int, on: date) -> dict[int, Decimal]:
    attended = Attendance.objects.filter(
        member__in=list(members),
        present=True,
        record__cancelled_at=None,
        record__kind__in=sorted(HOUR_KINDS),
        record__held_on__range=(date(year, 1, 1), min(on, date(year, 12, 31))),
    )
    sums = attended.values("member").annotate(total=Sum("record__hours"))
    return {row["member"]: row["total"] or Decimal(0) for row in sums}


def member_name(pk: int) -> str:
    return Member.objects.filter(pk=pk).values_list("name", flat=True).first() or ""


def talk_coverage(organisation: Organisation, *, year: int, on: date) -> TalkCoverage:
    """Who still has to be talked with, from 1 January of `year` to `on`: two queries.

    A talk held late, in the next year, makes up for the one that was missed: `on` is not cut off.

    Each committee member with the secretary; every other member with the secretary or a committee
    member (中国共产党支部工作条例（试行） 第十九条: at least once a year). A branch without any office
    holder has no required partner: any talk counts.
    """
    people = attendance_options(organisation, on=on)
    rows = _rows_wanted(people)
    talks = _talks_of(people, year, on)
    names = {p.pk: p.name for p in people}
    return TalkCoverage(year, tuple(_covered(row, talks, names) for row in rows))


def _rows_wanted(people: list[AttendanceOption]) -> list[TalkRow]:
    secretaries = [p.pk for p in people if p.is_secretary]
    leaders = [p.pk for p in people if p.on_committee]
    everybody = [p.pk for p in people]
    rows = []
    for person in people:
        if person.is_secretary and len(people) > 1:
            continue
        wanted, partners = "与任意党员", everybody
        if person.on_committee and secretaries:
            wanted, partners = "与书记", secretaries
        elif leaders:
            wanted, partners = ("与书记", leaders) if leaders == secretaries else ("与书记或委员", leaders)
        others = tuple(pk for pk in partners if pk != person.pk)
        if others:
            rows.append(TalkRow(person.pk, person.name, wanted, others))
    return rows


def _talks_of(people: list[AttendanceOption], year: int, on: date) -> dict[frozenset[int], date]:
    """Last talk of each pair, whoever began it."""
    inside = [p.pk for p in people]
    held = Talk.objects.standing().filter(
        talker__in=inside, partner__in=inside, held_on__range=(date(year, 1, 1), on)
    )
    found = held.order_by("held_on").values_list("talker", "partner", "held_on")
    return {frozenset((talker, partner)): day for talker, partner, day in found}


def _covered(row: TalkRow, talks: dict[frozenset[int], date], names: dict[int, str]) -> TalkRow:
    found = [(day, pk) for pk in row.partners if (day := talks.get(frozenset((row.member, pk))))]
    if not found:
        return row
    last_on, partner = max(found)
    return TalkRow(row.member, row.name, row.wanted, row.partners, last_on, names[partner])
