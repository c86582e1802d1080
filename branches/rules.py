"""Vocabulary and pure rules of organisations, members and posts; no ORM, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices


class OrganisationKind(TextChoices):
    COMMITTEE = "committee", "党委"
    GENERAL_BRANCH = "general_branch", "党总支"
    BRANCH = "branch", "党支部"
    JOINT_BRANCH = "joint_branch", "联合党支部"
    TEMPORARY_BRANCH = "temporary_branch", "临时党支部"


BRANCH_KINDS = frozenset(
    {OrganisationKind.BRANCH, OrganisationKind.JOINT_BRANCH, OrganisationKind.TEMPORARY_BRANCH}
)

# Which kind may stand directly below which; a root is a committee or a general branch.
CHILD_KINDS: dict[str, frozenset[str]] = {
    OrganisationKind.COMMITTEE: frozenset(
        {OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH, *BRANCH_KINDS}
    ),
    OrganisationKind.GENERAL_BRANCH: BRANCH_KINDS,
    OrganisationKind.BRANCH: frozenset(),
    OrganisationKind.JOINT_BRANCH: frozenset(),
    OrganisationKind.TEMPORARY_BRANCH: frozenset(),
}
ROOT_KINDS = frozenset({OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH})


class Role(TextChoices):
    WORKER = "worker", "党务工作者"
    SECRETARY = "secretary", "书记"
    DEPUTY_SECRETARY = "deputy_secretary", "副书记"
    ORGANISATION_COMMISSIONER = "organisation_commissioner", "组织委员"
    PUBLICITY_COMMISSIONER = "publicity_commissioner", "宣传委员"
    DISCIPLINE_COMMISSIONER = "discipline_commissioner", "纪检委员"
    GENERAL_BRANCH_STAFF = "general_branch_staff", "党总支党务干部"
    COMMITTEE_STAFF = "committee_staff", "党委党务干部"
    ADMINISTRATOR = "administrator", "系统管理员"


COMMITTEE_ROLES = frozenset(
    {
        Role.SECRETARY,
        Role.DEPUTY_SECRETARY,
        Role.ORGANISATION_COMMISSIONER,
        Role.PUBLICITY_COMMISSIONER,
        Role.DISCIPLINE_COMMISSIONER,
    }
)
# One holder at a time in one organisation.
SINGLE_ROLES = frozenset(COMMITTEE_ROLES)
# Party offices are held by Party members; the others may be held by an account alone.
MEMBER_ROLES = frozenset(COMMITTEE_ROLES)
OFFICE_ROLES = frozenset({Role.GENERAL_BRANCH_STAFF, Role.COMMITTEE_STAFF, Role.ADMINISTRATOR})


class GrantKind(TextChoices):
    ROTATION = "rotation", "轮训检查"
    STAND_IN = "stand_in", "临时代办"
    HANDOVER = "handover", "交接查阅"


class MemberStatus(TextChoices):
    APPLICANT = "applicant", "入党申请人"
    ACTIVIST = "activist", "入党积极分子"
    DEVELOPMENT_TARGET = "development_target", "发展对象"
    PROBATIONARY = "probationary", "预备党员"
    FULL = "full", "正式党员"


PARTY_MEMBER_STATUSES = frozenset({MemberStatus.PROBATIONARY, MemberStatus.FULL})


class EventKind(TextChoices):
    REGISTERED = "registered", "登记入册"
    APPLIED = "applied", "递交入党申请书"
    TALKED = "talked", "入党申请人谈话"
    ACTIVIST = "activist", "确定为入党积极分子"
    DEVELOPMENT_TARGET = "development_target", "确定为发展对象"
    TRAINED = "trained", "短期集中培训结业"
    PRE_REVIEWED = "pre_reviewed", "党委预审合格"
    ADMITTED = "admitted", "接收为预备党员"
    APPROVED = "approved", "党委批准接收"
    OATH_TAKEN = "oath_taken", "入党宣誓"
    PROBATION_EXTENDED = "probation_extended", "延长预备期"
    CONVERTED = "converted", "转为正式党员"
    CONVERSION_APPROVED = "conversion_approved", "党委批准转正"
    MOVED_IN = "moved_in", "组织关系转入"
    MOVED_OUT = "moved_out", "组织关系转出"
    SECONDED = "seconded", "挂职借调外出"
    RETURNED = "returned", "挂职借调返回"
    RETIRED = "retired", "退休"
    SUSPENDED = "suspended", "停止党籍"
    LEFT = "left", "出党"
    DECEASED = "deceased", "去世"
    REMINDER_NEEDED = "reminder_needed", "需要提醒谈话"


class EventError(ValueError):
    """A member's events do not fit each other; the message says in Chinese what to correct."""


@dataclass(frozen=True)
class Event:
    """One dated fact of a person, as the rules need it."""

    kind: EventKind
    on: date
    organisation: int | None = None
    status: MemberStatus | None = None


@dataclass(frozen=True)
class Span:
    """Status and organisation of one person over [since, until)."""

    organisation: int
    status: MemberStatus
    since: date
    until: date | None = None


_STATUS_AFTER = {
    EventKind.APPLIED: MemberStatus.APPLICANT,
    EventKind.ACTIVIST: MemberStatus.ACTIVIST,
    EventKind.DEVELOPMENT_TARGET: MemberStatus.DEVELOPMENT_TARGET,
    EventKind.ADMITTED: MemberStatus.PROBATIONARY,
    EventKind.CONVERTED: MemberStatus.FULL,
}
_STATUS_BEFORE: dict[EventKind, frozenset[MemberStatus | None]] = {
    EventKind.APPLIED: frozenset({None}),
    EventKind.ACTIVIST: frozenset({None, MemberStatus.APPLICANT}),
    EventKind.DEVELOPMENT_TARGET: frozenset({None, MemberStatus.ACTIVIST}),
    EventKind.ADMITTED: frozenset({None, MemberStatus.DEVELOPMENT_TARGET}),
    EventKind.CONVERTED: frozenset({MemberStatus.PROBATIONARY}),
}
_ENDING = frozenset(
    {EventKind.MOVED_OUT, EventKind.RETIRED, EventKind.SUSPENDED, EventKind.LEFT, EventKind.DECEASED}
)
_ARRIVING = frozenset({EventKind.REGISTERED, EventKind.MOVED_IN})
# Several facts of one day are read in the order in which they can follow each other.
_SAME_DAY = {kind: number for number, kind in enumerate(EventKind)}


def ordered(events: Iterable[Event]) -> list[Event]:
    """Sort events by day, and within a day by the order in which they can happen."""
    return sorted(events, key=lambda e: (e.on, _SAME_DAY[e.kind]))


def membership_spans(events: Sequence[Event]) -> list[Span]:
    """Turn the events of one person into spans of status and organisation.

    Raises EventError when an event cannot follow the ones before it, for example a
    conversion before the admission (发展党员工作细则 第三十一条).
    """
    spans: list[Span] = []
    status: MemberStatus | None = None
    place: int | None = None
    since: date | None = None

    def close(on: date) -> None:
        if status and place and since and since < on:
            spans.append(Span(place, status, since, on))

    for event in ordered(events):
        _refuse_impossible(event, status, place)
        if event.kind in _ENDING:
            close(event.on)
            # A retired member may be taken over by another branch on the same day.
            place, since = event.organisation, event.on
            if event.organisation is None:
                since = None
        elif event.kind in _ARRIVING or event.kind in _STATUS_AFTER:
            close(event.on)
            status = _STATUS_AFTER.get(event.kind) or event.status or status
            place, since = event.organisation or place, event.on
    if status and place and since:
        spans.append(Span(place, status, since))
    return spans


def _refuse_impossible(event: Event, status: MemberStatus | None, place: int | None) -> None:
    allowed = _STATUS_BEFORE.get(event.kind)
    if allowed is not None and status not in allowed:
        now = status.label if status else "尚无身份"
        raise EventError(f"{event.on:%Y-%m-%d}“{event.kind.label}”与此前身份“{now}”不符，请核对日期和先后顺序。")
    if event.kind is EventKind.REGISTERED and status is not None:
        raise EventError("此人已经登记入册，不能再次登记。")
    if event.kind in _ENDING and place is None:
        raise EventError(f"{event.on:%Y-%m-%d}“{event.kind.label}”之前，此人不在任何支部，请核对日期。")
    arriving = event.kind in _ARRIVING or event.kind in _STATUS_AFTER
    if arriving and event.organisation is None and place is None:
        raise EventError(f"“{event.kind.label}”需要填写所在支部。")
    if event.kind in _ARRIVING and event.status is None and status is None:
        raise EventError(f"“{event.kind.label}”需要填写当时的身份（正式党员、预备党员等）。")


def probation_end(admitted_on: date, extended_months: int = 0) -> date:
    """The day the probation period ends: one year, extended once by 6 to 12 months.

    Source: 中国共产党发展党员工作细则 第三十一条 (one year from the general meeting), 第三十二条.
    """
    months = admitted_on.month - 1 + extended_months
    year = admitted_on.year + 1 + months // 12
    month = months % 12 + 1
    day = admitted_on.day
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def overlaps(since: date, until: date | None, other_since: date, other_until: date | None) -> bool:
    """Whether two inclusive day ranges share a day; None is open-ended."""
    return (until is None or other_since <= until) and (other_until is None or since <= other_until)
