"""What a row says of a person's way: the branch, the status and their days, as dated events."""

from dataclasses import dataclass
from datetime import date

from branches.rules.people import PARTY_MEMBER_STATUSES, Event, EventKind, MemberStatus
from branches.rules.roster.changes import Change, RowRefused, words
from branches.rules.roster.columns import TITLES, Key
from branches.rules.roster.people import KnownEvent, Person, Place, Places, Standing
from branches.rules.roster.rows import RosterRow, same_day

# The way into the Party, step by step; a roster goes up it and never down.
STEPS = (
    MemberStatus.APPLICANT,
    MemberStatus.ACTIVIST,
    MemberStatus.DEVELOPMENT_TARGET,
    MemberStatus.PROBATIONARY,
    MemberStatus.FULL,
)
# Who left so may be back in the roster; every other end is a decision to be entered by hand.
RETURNING = frozenset({EventKind.MOVED_OUT, EventKind.RETIRED})
BY_HAND = "请在党员页面登记或更正"


@dataclass(frozen=True)
class History:
    """Events to enter, and keys of standing events that are corrected by them."""

    events: tuple[Event, ...] = ()
    corrected: frozenset[int] = frozenset()

    def __add__(self, other: "History") -> "History":
        return History(self.events + other.events, self.corrected | other.corrected)


Told = tuple[History, tuple[Change, ...]]
NOTHING: Told = (History(), ())


def first_events(row: RosterRow, place: Place, day: date) -> History:
    """How a new person is registered. A conversion after the arrival is an event of its own."""
    since, status = row.day(Key.SINCE), row.status
    joined, converted = row.day(Key.JOINED_ON), row.day(Key.CONVERTED_ON)
    if since and joined and since < joined and not same_day(since, joined, rough=bool(row.rough)):
        raise RowRefused(Key.SINCE, "早于入党日期", "入党以前就在本支部的，请填入党日期")
    arrived = since or day
    if status is MemberStatus.FULL and converted and converted > arrived:
        registered = Event(EventKind.REGISTERED, arrived, place.pk, MemberStatus.PROBATIONARY)
        return History((registered, Event(EventKind.CONVERTED, converted)))
    return History((Event(EventKind.REGISTERED, arrived, place.pk, status),))


def later_events(row: RosterRow, place: Place, person: Person, places: Places, day: date) -> Told:
    """What is new about the branch and the status of a known person. Raises RowRefused."""
    standing = person.standing(day)
    if standing is None:
        return _return(row, place, person, day)
    if standing.place == place.pk:
        moved = _since(row, standing, person)
    else:
        moved = _move(row, place, standing, places, day)
    risen = _rise(row, standing, person, day)
    return moved[0] + risen[0], moved[1] + risen[1]


def _return(row: RosterRow, place: Place, person: Person, day: date) -> Told:
    """Back in the roster after having left."""
    last = person.last_kind(day)
    if last is None:
        begins = min((span.since for span in person.spans), default=day)
        raise RowRefused(Key.NAME, f"此人 {begins} 才登记入册，晚于名册日期", "请核对名册日期")
    if last not in RETURNING:
        raise RowRefused(Key.NAME, f"此人已登记“{last.label}”", BY_HAND)
    arrived = row.day(Key.SINCE) or day
    event = Event(EventKind.MOVED_IN, arrived, place.pk, row.status)
    return History((event,)), (Change(TITLES[Key.ORGANISATION], "已转出", f"{place.name}（{arrived} 转入）"),)


def _move(row: RosterRow, place: Place, standing: Standing, places: Places, day: date) -> Told:
    arrived = row.day(Key.SINCE) or day
    if arrived <= standing.since:
        _refuse_arrival(arrived, standing, day)
    events = (Event(EventKind.MOVED_OUT, arrived), Event(EventKind.MOVED_IN, arrived, place.pk))
    known = places.by_pk.get(standing.place)
    before = known.name if known else "其他党支部"
    return History(events), (Change(TITLES[Key.ORGANISATION], before, f"{place.name}（{arrived} 转入）"),)


def _refuse_arrival(arrived: date, standing: Standing, day: date) -> None:
    """Above all the date of the former branch, left in a row whose branch was changed."""
    if arrived == standing.since and arrived < day:
        reason = "换了支部，日期却还是编入原支部的日期"
        advice = f"请改填转入新支部的日期，或清空这一格（按名册日期 {day} 登记）"
    else:
        reason = f"此人 {standing.since} 才编入现在的支部"
        advice = "转入另一支部的日期应在这之后，请核对日期，或改用较晚的名册日期"
    raise RowRefused(Key.SINCE, reason, advice)


def _since(row: RosterRow, standing: Standing, person: Person) -> Told:
    """Another day of arrival in the same branch corrects the registration or the move behind it."""
    given = row.day(Key.SINCE)
    if given is None or same_day(standing.since, given, rough=Key.SINCE in row.rough):
        return NOTHING
    arrival = person.known(EventKind.REGISTERED, EventKind.MOVED_IN, on=standing.since)
    if arrival is None:
        raise RowRefused(Key.SINCE, f"与登记的 {standing.since} 不一致，那一天另有变动", BY_HAND)
    left = person.known(EventKind.MOVED_OUT, on=standing.since)
    told = [known for known in (left, arrival) if known]
    change = Change(TITLES[Key.SINCE], words(standing.since), words(given))
    return _corrected(told, given), (change,)


def _corrected(told: list[KnownEvent], day: date) -> History:
    events = tuple(Event(k.event.kind, day, k.event.organisation, k.event.status) for k in told)
    return History(events, frozenset(known.pk for known in told))


def _rise(row: RosterRow, standing: Standing, person: Person, day: date) -> Told:
    before, after = standing.status, row.status or standing.status
    if STEPS.index(after) < STEPS.index(before):
        reason = f"名册中已是{before.label}"
        raise RowRefused(Key.STATUS, reason, f"人员类别不能由名册改低，{BY_HAND}")
    if after is before:
        return _conversion_day(row, person) if after is MemberStatus.FULL else NOTHING
    events = [_step(status, row, day) for status in STEPS if _passes(status, before, after)]
    shown = f"{after.label}（{events[-1].on}）"
    return History(tuple(events)), (Change(TITLES[Key.STATUS], before.label, shown),)


def _passes(status: MemberStatus, before: MemberStatus, after: MemberStatus) -> bool:
    """Whether a rise must be dated at this step: the last one, and admission and conversion always."""
    passed = STEPS.index(before) < STEPS.index(status) <= STEPS.index(after)
    return passed and (status is after or status in PARTY_MEMBER_STATUSES)


def _step(status: MemberStatus, row: RosterRow, day: date) -> Event:
    if status is MemberStatus.FULL:
        return Event(EventKind.CONVERTED, _required(row, Key.CONVERTED_ON))
    if status is MemberStatus.PROBATIONARY:
        return Event(EventKind.ADMITTED, _required(row, Key.JOINED_ON))
    kinds = {
        MemberStatus.ACTIVIST: EventKind.ACTIVIST,
        MemberStatus.DEVELOPMENT_TARGET: EventKind.DEVELOPMENT_TARGET,
    }
    return Event(kinds[status], day)


def _required(row: RosterRow, key: Key) -> date:
    found = row.day(key)
    if found is None:
        raise RowRefused(key, "人员类别有变化，缺少变化的日期", f"请填写{TITLES[key]}")
    return found


def _conversion_day(row: RosterRow, person: Person) -> Told:
    """A conversion before the registration is no event here: there was no branch of ours yet."""
    given, known = row.day(Key.CONVERTED_ON), person.known(EventKind.CONVERTED)
    if given is None:
        return NOTHING
    if known is None:
        return _check_registered(given, row, person)
    if same_day(known.event.on, given, rough=Key.CONVERTED_ON in row.rough):
        return NOTHING
    change = Change(TITLES[Key.CONVERTED_ON], words(known.event.on), words(given))
    return _corrected([known], given), (change,)


def _check_registered(given: date, row: RosterRow, person: Person) -> Told:
    full = min(span.since for span in person.spans if span.status is MemberStatus.FULL)
    if given > full and not same_day(full, given, rough=Key.CONVERTED_ON in row.rough):
        raise RowRefused(Key.CONVERTED_ON, f"此人 {full} 起已按正式党员登记", BY_HAND)
    return NOTHING
