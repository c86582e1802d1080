"""What a person of the Party can be, the dated events of a person, and the spans derived from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

from branches.rules.organisations import Refusal
from periods.months import add_months


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
    REVOKED = "revoked", "取消预备党员资格"
    DISCONTINUED = "discontinued", "终止发展程序"
    LEFT = "left", "出党"
    DECEASED = "deceased", "去世"
    REMINDER_NEEDED = "reminder_needed", "需要提醒谈话"


class EventError(Refusal):
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
    EventKind.APPROVED: frozenset({MemberStatus.PROBATIONARY, MemberStatus.FULL}),
    EventKind.PROBATION_EXTENDED: frozenset({MemberStatus.PROBATIONARY}),
    EventKind.CONVERTED: frozenset({MemberStatus.PROBATIONARY}),
    EventKind.CONVERSION_APPROVED: frozenset({MemberStatus.FULL}),
    EventKind.REVOKED: frozenset({MemberStatus.PROBATIONARY}),
    EventKind.DISCONTINUED: frozenset(
        {MemberStatus.APPLICANT, MemberStatus.ACTIVIST, MemberStatus.DEVELOPMENT_TARGET}
    ),
}
_ENDING = frozenset(
    {
        EventKind.MOVED_OUT,
        EventKind.RETIRED,
        EventKind.SUSPENDED,
        EventKind.REVOKED,
        EventKind.DISCONTINUED,
        EventKind.LEFT,
        EventKind.DECEASED,
    }
)
# After these a person has no status any more; who applies again begins anew.
_STATUS_ENDING = frozenset({EventKind.REVOKED, EventKind.DISCONTINUED, EventKind.LEFT})
_ARRIVING = frozenset({EventKind.REGISTERED, EventKind.MOVED_IN})
# Several facts of one day are read in the order in which they can follow each other.
# A move between two branches on one day leaves the first before it enters the second.
_BEFORE_ARRIVAL = list(EventKind).index(EventKind.MOVED_IN) - 0.5
_SAME_DAY = {kind: float(n) for n, kind in enumerate(EventKind)} | {EventKind.MOVED_OUT: _BEFORE_ARRIVAL}
# Leaving a branch may be known ahead of its day; everything else is entered once it has happened.
PLANNABLE_EVENTS = frozenset(
    {EventKind.MOVED_IN, EventKind.MOVED_OUT, EventKind.SECONDED, EventKind.RETURNED, EventKind.RETIRED}
)


def ordered(events: Iterable[Event]) -> list[Event]:
    """Sort events by day, and within a day by the order in which they can happen."""
    return sorted(events, key=lambda e: (e.on, _SAME_DAY[e.kind]))


@dataclass
class _Standing:
    """Where a person stands after the events read so far."""

    status: MemberStatus | None = None
    place: int | None = None
    since: date | None = None
    last: EventKind | None = None

    def span_until(self, on: date) -> list[Span]:
        if self.status and self.place and self.since and self.since < on:
            return [Span(self.place, self.status, self.since, on)]
        return []

    def follow(self, event: Event) -> None:
        if event.kind in _ENDING:
            # A retired member may be taken over by another branch on the same day.
            self.place = event.organisation if event.kind is EventKind.RETIRED else None
            self.status = None if event.kind in _STATUS_ENDING else self.status
        else:
            self.place = event.organisation or self.place
            self.status = _STATUS_AFTER.get(event.kind) or event.status or self.status
        self.since = event.on if self.place else None


def membership_spans(events: Sequence[Event]) -> list[Span]:
    """Turn the events of one person into spans of status and organisation.

    Raises EventError when an event cannot follow the ones before it, for example a
    conversion before the admission (发展党员工作细则 第三十一条).
    """
    spans: list[Span] = []
    now = _Standing()
    for event in ordered(events):
        _refuse_impossible(event, now)
        if event.kind in _ENDING or event.kind in _ARRIVING or event.kind in _STATUS_AFTER:
            spans += now.span_until(event.on)
            now.follow(event)
        now.last = event.kind
    if now.status and now.place and now.since:
        spans.append(Span(now.place, now.status, now.since))
    return spans


def gone_from(spans: Iterable[Span], *, since: date) -> date | None:
    """The first day, from `since` on, that no span covers; None while no such day is known.

    `since` itself for who was gone before it; who arrives later counts from the arrival.
    """
    until: date | None = None
    for span in sorted(spans, key=lambda s: s.since):
        if span.until is not None and span.until <= since:
            continue
        if until is not None and span.since > until:
            break
        until = span.until
        if until is None:
            return None
    return until or since


def _refuse_impossible(event: Event, now: _Standing) -> None:
    day, label = f"{event.on:%Y-%m-%d}", event.kind.label
    if now.last is EventKind.DECEASED:
        raise EventError(f"此人已登记去世，不能再有 {day} 的“{label}”，请核对日期。")
    allowed = _STATUS_BEFORE.get(event.kind)
    if allowed is not None and now.status not in allowed:
        status = now.status.label if now.status else "尚无身份"
        raise EventError(f"{day}“{label}”与此前身份“{status}”不符，请核对日期和先后顺序。")
    if event.kind is EventKind.REGISTERED and now.status is not None:
        raise EventError("此人已经登记入册，不能再次登记。")
    _refuse_without_place(event, now)


def _refuse_without_place(event: Event, now: _Standing) -> None:
    day, label = f"{event.on:%Y-%m-%d}", event.kind.label
    if event.kind in _ENDING and now.place is None:
        raise EventError(f"{day}“{label}”之前，此人不在任何支部，请核对日期。")
    arriving = event.kind in _ARRIVING or event.kind in _STATUS_AFTER
    if arriving and event.organisation is None and now.place is None:
        raise EventError(f"“{label}”需要填写所在支部。")
    if event.kind in _ARRIVING and event.status is None and now.status is None:
        raise EventError(f"“{label}”需要填写当时的身份（正式党员、预备党员等）。")
    if not arriving and event.kind not in _ENDING and now.status is None:
        raise EventError(f"{day}“{label}”早于登记入册，请核对日期。")


def refuse_future(event: Event, *, today: date) -> None:
    """Raises EventError when something is entered as a fact that has not happened yet."""
    if event.on > today and event.kind not in PLANNABLE_EVENTS:
        raise EventError(f"“{event.kind.label}”的日期 {event.on:%Y-%m-%d} 还没有到，请在办理之后登记。")


def probation_end(admitted_on: date, extended_months: int = 0) -> date:
    """The day the probation period ends: one year, extended once by 6 to 12 months.

    Source: 中国共产党发展党员工作细则 第三十一条 (one year from the general meeting), 第三十二条.
    """
    return add_months(admitted_on, 12 + extended_months)
