"""What counts of votes say: who was entitled, whether enough came, whether it was carried."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.db.models import F, Q

from branches.models import Membership, Organisation
from branches.rules import MemberStatus
from errorbank.detection.registry import Detector, Hit
from records.models import Attendance, Record, Vote
from records.rules import RecordKind

_NOT_PASSED = ("未通过", "没有通过", "不通过", "未获通过")


class Quorum(NamedTuple):
    """Of those who may vote: how many there are, how many came."""

    eligible: int
    present: int

    @property
    def is_enough(self) -> bool:
        """Four fifths. Source: 中国共产党基层组织选举工作条例, the article on the number present."""
        return self.present * 5 >= self.eligible * 4


def claims_passed(resolutions: str) -> bool:
    """Whether the words say that everything was carried."""
    return "通过" in resolutions and not any(words in resolutions for words in _NOT_PASSED)


def voters_on(places: Sequence[int], days: Sequence[date]) -> dict[tuple[int, date], set[int]]:
    """Full members of each branch on each of these days; one statement, none without a day."""
    found: dict[tuple[int, date], set[int]] = defaultdict(set)
    if not days:
        return found
    spans = Membership.objects.filter(
        Q(until=None) | Q(until__gt=min(days)),
        organisation__in=places,
        status=MemberStatus.FULL,
        since__lte=max(days),
    )
    rows = list(spans.values_list("organisation", "member", "since", "until"))
    for day in set(days):
        for place, member, start, end in rows:
            if start <= day and (end is None or end > day):
                found[place, day].add(member)
    return found


def _votes(places: Sequence[Organisation], since: date, on: date) -> list[tuple[int, int, date, int]]:
    held = Vote.objects.filter(
        record__organisation__in=[place.pk for place in places],
        record__held_on__range=(since, on),
        record__cancelled_at=None,
    )
    fields = ("record", "record__organisation", "record__held_on", "eligible")
    return list(held.order_by("record", "-eligible").values_list(*fields))


def _too_many_voters(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """More entitled than there were full members; where no full member is registered nothing is known."""
    votes = _votes(places, since, on)
    voters = voters_on([place for _, place, _, _ in votes], [day for _, _, day, _ in votes])
    said: set[int] = set()
    for pk, place, day, eligible in votes:
        full = len(voters[place, day])
        if full and eligible > full and pk not in said:
            said.add(pk)
            words = f"{day:%Y-%m-%d} 的表决按应到 {eligible} 人计算，当天有表决权的正式党员 {full} 人"
            yield Hit(place, f"record:{pk}", day, words)


def passed_without_majority(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """A record that says it was carried, though at most half of those entitled came or said yes."""
    short = Q(present__lte=F("eligible") / 2.0) | Q(yes__lte=F("eligible") / 2.0)
    held = Record.objects.standing().filter(
        organisation__in=[place.pk for place in places],
        held_on__range=(since, on),
        votes__in=Vote.objects.filter(short),
    )
    fields = ("pk", "organisation", "held_on", "resolutions", "votes__eligible", "votes__yes")
    said: set[int] = set()
    for pk, place, day, resolutions, eligible, yes in held.order_by("pk", "votes").values_list(*fields):
        if claims_passed(resolutions) and pk not in said:
            said.add(pk)
            words = f"{day:%Y-%m-%d} 的表决应到 {eligible} 人、赞成 {yes} 票，没有超过半数，记录为通过"
            yield Hit(place, f"record:{pk}", day, words)


def _too_few_at_an_election(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """By the ticks of those who might vote on that day; probationary members do not count."""
    ticks = Attendance.objects.filter(
        record__organisation__in=[place.pk for place in places],
        record__held_on__range=(since, on),
        record__cancelled_at=None,
        record__kind=RecordKind.ELECTION,
    )
    fields = ("record", "record__organisation", "record__held_on", "member", "present")
    rows = list(ticks.order_by("record").values_list(*fields))
    voters = voters_on([place for _, place, *_ in rows], [day for _, _, day, *_ in rows])
    came: dict[tuple[int, int, date], list[bool]] = defaultdict(list)
    for pk, place, day, member, present in rows:
        if member in voters[place, day]:
            came[pk, place, day].append(present)
    for (pk, place, day), found in came.items():
        quorum = Quorum(len(found), sum(found))
        if not quorum.is_enough:
            words = f"选举应到 {quorum.eligible} 人、实到 {quorum.present} 人，不足五分之四"
            yield Hit(place, f"record:{pk}", day, f"{day:%Y-%m-%d} {words}")


VOTE_DETECTORS = (
    Detector("EB008", "选举时有选举权的应到、实到人数", _too_few_at_an_election),
    Detector("EB022", "表决的应到人数与当天正式党员人数", _too_many_voters),
)
