"""三会一课: what records say about meetings held and not held."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from django.db.models import Min

from branches.models import Organisation
from branches.queries.facts import facts_of
from errorbank.detection.registry import Detector, Hit, once
from periods.labels import period_label
from periods.months import Month
from records.models import Record
from records.rules import COMMITTEE_MEETING, GENERAL_MEETING, PARTY_DAY

# First and last day of the periods that ended in a span, with the key that names them.
Periods = Iterator[tuple[str, date, date]]


def held_days(places: Sequence[Organisation], code: str, *, since: date, on: date) -> dict[int, list[date]]:
    """Days on which each branch did what a catalogue action asks, by standing records. One statement."""
    records = Record.objects.standing().filter(
        organisation__in=[place.pk for place in places],
        actions__action_code=code,
        held_on__range=(since, on),
    )
    found: dict[int, list[date]] = defaultdict(list)
    for place, day in records.order_by("held_on").values_list("organisation", "held_on"):
        found[place].append(day)
    return found


def months_ended(since: date, on: date) -> Periods:
    month = Month.of(since)
    while month.last < on:
        if month.last >= since:
            yield str(month), month.first, month.last
        month = month.plus(1)


def quarters_ended(since: date, on: date) -> Periods:
    month = Month.of(since)
    first = Month(month.year, month.number - (month.number - 1) % 3)
    while (last := first.plus(2).last) < on:
        if last >= since:
            yield f"{first.year}Q{(first.number + 2) // 3}", first.first, last
        first = first.plus(3)


def first_days(places: Sequence[Organisation]) -> dict[int, date]:
    """Since when each branch keeps records here; what lies before is unknown, not missing. One statement."""
    records = Record.objects.standing().filter(organisation__in=[place.pk for place in places])
    first = records.values_list("organisation").annotate(first=Min("held_on"))
    return once(places, "first days", lambda: dict(first))


def was_there(place: Organisation, known: Mapping[int, date], first: date, last: date) -> bool:
    """Whether the branch existed and kept records here all through a period."""
    established = place.established_on is None or place.established_on <= first
    dissolved = place.dissolved_on is not None and place.dissolved_on <= last
    return established and not dissolved and place.pk in known and known[place.pk] <= first


def _missing(
    code: str, periods: Callable[[date, date], Periods], words: str
) -> Callable[[Sequence[Organisation], date, date], Iterable[Hit]]:
    """A finder of ended periods in which nothing was held."""

    def find(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
        known = first_days(places)
        spans = list(periods(since, on))
        if not spans or not known:
            return
        held = held_days(places, code, since=spans[0][1], on=on)
        for place in places:
            for key, first, last in spans:
                there = was_there(place, known, first, last)
                if there and not any(first <= day <= last for day in held[place.pk]):
                    yield Hit(place.pk, key, last, words.format(period=period_label(key)))

    return find


_committee_months = _missing(COMMITTEE_MEETING, months_ended, "{period}没有支委会会议记录")


def _without_committee_meeting(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """Only for branches that had a committee when the month ended."""
    hits = list(_committee_months(places, since, on))
    by_day = {hit.happened_on for hit in hits}
    facts = {day: facts_of(places, on=day) for day in by_day}
    yield from (hit for hit in hits if facts[hit.happened_on][hit.organisation].has_committee)


MEETING_DETECTORS = (
    Detector(
        "EB014",
        "一个季度内没有党员大会记录",
        _missing(GENERAL_MEETING, quarters_ended, "{period}没有党员大会记录"),
    ),
    Detector("EB015", "设支委会的支部一个月内没有支委会记录", _without_committee_meeting),
    Detector(
        "EB025",
        "一个月内没有主题党日记录",
        _missing(PARTY_DAY, months_ended, "{period}没有主题党日记录"),
    ),
)
