"""The demo's recruiting cases: what the seed case's people have behind them, as papers would tell it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from branches.actions.development import refresh_cases
from branches.actions.members import add_event
from branches.calendar import work_calendar
from branches.models import DevelopmentCase, DevelopmentStep, Member, MemberEvent, Membership, Organisation
from branches.rules import PARTY_MEMBER_STATUSES, EventKind, MemberStatus
from branches.rules.development import DEV2026_SINCE
from branches.rules.development_order import APPROVED_STEPS, PAPERS
from periods.calendars import WorkCalendar
from periods.months import add_months

FILING, MENTORS, REVIEW, CONSENT, INTRODUCERS, TRAINING, ADMISSION = 4, 5, 6, 8, 9, 11, 15
POLITICAL_REVIEW = 10
# Step → months and days from the admission; the half-yearly reviews of an activist among them.
WAY: tuple[tuple[int, int, int], ...] = (
    (1, -29, 3),
    (2, -29, 20),
    (3, -23, 5),
    (4, -23, 13),
    (5, -23, 17),
    (6, -18, 0),
    (6, -13, 2),
    (7, -10, 4),
    (8, -10, 15),
    (9, -9, 10),
    (10, -8, 6),
    (11, -6, 11),
    (12, -2, 8),
    (13, -1, 6),
    (14, -1, 16),
    (15, 0, 0),
    (16, 0, 24),
    (17, 1, 2),
    (18, 1, 9),
    (19, 1, 11),
    (20, 1, 19),
    (21, 6, -4),
)
_EVENTS = {17: EventKind.APPROVED, 20: EventKind.OATH_TAKEN}
_STEP_OF = {
    EventKind.APPLIED: 1,
    EventKind.TALKED: 2,
    EventKind.ACTIVIST: 3,
    EventKind.DEVELOPMENT_TARGET: 7,
    EventKind.TRAINED: 11,
    EventKind.PRE_REVIEWED: 13,
}
REVIEW_EVERY, NOTICE_WORKDAYS, NOT_ENTERED_DAYS = 5, 7, 60


@dataclass(frozen=True)
class Desk:
    """What every row needs: the deciding committee, the calendar of notices, who entered it."""

    committee: Organisation
    calendar: WorkCalendar
    as_of: date
    by: User


def load_cases(*, committee: Organisation, general: Organisation, as_of: date, by: User) -> None:
    """A case for every probationary member, and for everybody whose events tell of an application."""
    desk = Desk(committee, work_calendar(), as_of, by)
    spans = Membership.objects.at(as_of).select_related("member", "organisation")
    for span in spans.filter(status=MemberStatus.PROBATIONARY).order_by("member__code"):
        _probationary(span, desk)
    recruits = spans.exclude(status__in=sorted(PARTY_MEMBER_STATUSES)).order_by("member__code")
    for span in recruits.filter(member__events__kind=EventKind.APPLIED).distinct():
        _recruit(span, desk)
    refresh_cases(general, on=as_of)


def _probationary(span: Membership, desk: Desk) -> None:
    member = span.member
    admitted = member.joined_on or span.since
    days = [(n, add_months(admitted, months) + timedelta(days=more)) for n, months, more in WAY]
    done = [(number, on) for number, on in days if on <= desk.as_of]
    _write(span, done, desk)
    for number, on in done:
        kind = _EVENTS.get(number)
        if kind and not member.events.standing().filter(kind=kind).exists():
            add_event(member, kind=kind, on=on, by=desk.by)


def _recruit(span: Membership, desk: Desk) -> None:
    """The steps that the person's events tell of, and those that go with them."""
    events = list(span.member.events.standing().filter(kind__in=_STEP_OF, on__lte=desk.as_of).order_by("on"))
    days = [(number, on) for event in events for number, on in _told_by(event, events, desk)]
    _write(span, sorted(days, key=lambda pair: (pair[1], pair[0])), desk)


def _told_by(event: MemberEvent, events: Sequence[MemberEvent], desk: Desk) -> Iterator[tuple[int, date]]:
    number, on = _STEP_OF[EventKind(event.kind)], event.on
    if number == 7 and on >= DEV2026_SINCE:
        # Under the revised text the event is the consent; the branch had discussed it before.
        yield 7, on - timedelta(days=9)
        number = CONSENT
    elif number == 7:
        yield from _until(desk, [(CONSENT, on + timedelta(days=11))])
    yield number, on
    if number == 3:
        target = next((e.on for e in events if e.kind == EventKind.DEVELOPMENT_TARGET), desk.as_of)
        yield from _until(desk, [(FILING, on + timedelta(days=8)), (MENTORS, on + timedelta(days=12))])
        # The review of the last weeks is still to be entered: the board shows what that looks like.
        yield from _reviews(on, min(target, desk.as_of - timedelta(days=NOT_ENTERED_DAYS)))


def _reviews(activist_on: date, end: date) -> Iterator[tuple[int, date]]:
    for n in range(1, 13):
        on = add_months(activist_on, n * REVIEW_EVERY)
        if on < end:
            yield REVIEW, on


def _until(desk: Desk, days: Iterable[tuple[int, date]]) -> Iterator[tuple[int, date]]:
    return (pair for pair in days if pair[1] <= desk.as_of)


def _write(span: Membership, days: Sequence[tuple[int, date]], desk: Desk) -> None:
    """One case with its rows, written at once: it is history, and the rules speak of it on the page."""
    opened_on = days[0][1]
    case = DevelopmentCase.objects.create(member=span.member, opened_on=opened_on)
    rows = [
        DevelopmentStep(
            case=case, number=number, done_on=on, entered_by=desk.by, **_details(number, on, span, desk)
        )
        for number, on in days
    ]
    DevelopmentStep.objects.bulk_create(rows)
    companions = _companions(span, opened_on)
    for row in rows:
        if row.number in (MENTORS, INTRODUCERS):
            row.people.set(companions)


def _details(number: int, on: date, span: Membership, desk: Desk) -> dict[str, Any]:
    given: dict[str, Any] = {} if number == POLITICAL_REVIEW else {"document": PAPERS[number]}
    if number in APPROVED_STEPS or number == FILING:
        given["decided_by"] = desk.committee
    if number == CONSENT and on >= DEV2026_SINCE:
        given["until_on"] = min(desk.calendar.add_workdays(on, NOTICE_WORKDAYS), desk.as_of)
    elif number == INTRODUCERS:
        given["introducers_confirmed"] = True
    elif number == TRAINING:
        given |= {"until_on": on + timedelta(days=2), "days": 3, "hours": Decimal(24)}
    elif number == ADMISSION:
        full = _full_members(span.organisation, on)
        given |= {"eligible": full, "present": full, "approving": full, "secret_ballot": True}
    return given


def _full_members(place: Organisation, on: date) -> int:
    return Membership.objects.at(on).filter(organisation=place, status=MemberStatus.FULL).count()


def _companions(span: Membership, on: date) -> list[Member]:
    """Two full members of the branch, the longest there first."""
    full = Membership.objects.filter(
        organisation=span.organisation, status=MemberStatus.FULL, since__lte=on, until=None
    )
    return [row.member for row in full.select_related("member").order_by("since", "member__code")[:2]]
