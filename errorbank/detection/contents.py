"""What records themselves say: counts, votes, dates of entry, titles, attendance, talks, hours."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import takewhile

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from branches.models import Membership, Organisation, PartyGroup
from branches.rules import PARTY_MEMBER_STATUSES
from errorbank.detection.meetings import first_days, held_days, was_there
from errorbank.detection.registry import Detector, Find, Hit
from records.models import Attendance, Record, Talk
from records.rules import COMMITTEE_MEETING, HOUR_KINDS, PARTY_DAY, RecordKind

GROUP_MEETING, ANNUAL_REPORT = "party_group_meeting", "annual_report_to_members"
# Typed a month later it was not written when it was held (EB018).
LATE_DAYS = 30
ABSENCES = 3
TALKS_WORTH_A_LOOK, CLUSTER_SHARE, CLUSTER_DAYS = 5, Decimal("0.7"), 7
LECTURES_WORTH_A_LOOK = 3
# Month and day → hours of the year by then, as the catalogue's action asks (member_training_hours).
CHECKPOINTS = {(6, 30): 16, (9, 30): 24, (12, 31): 32}
_COUNTED = (RecordKind.MEETING, RecordKind.VOTE, RecordKind.ELECTION)


def records_of(places: Sequence[Organisation], since: date, on: date) -> QuerySet[Record]:
    keys = [place.pk for place in places]
    rows = Record.objects.standing().filter(organisation__in=keys, held_on__range=(since, on))
    return rows.order_by("held_on", "pk")


def by_record(condition: Q, words: str, *codes: str) -> Find:
    """Records for which the condition holds, of these actions where some are named. One statement."""

    def find(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
        rows = records_of(places, since, on).filter(condition)
        if codes:
            rows = rows.filter(actions__action_code__in=codes)
        for pk, place, day in rows.values_list("pk", "organisation", "held_on"):
            yield Hit(place, f"record:{pk}", day, f"{day:%Y-%m-%d} {words}")

    return find


def _late(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    rows = records_of(places, since, on).filter(kind__in=_COUNTED)
    late = rows.filter(entered_at__date__gt=F("held_on") + timedelta(days=LATE_DAYS))
    for pk, place, day, entered in late.values_list("pk", "organisation", "held_on", "entered_at__date"):
        words = f"{day:%Y-%m-%d} 的记录 {entered:%Y-%m-%d} 才登记"
        yield Hit(place, f"record:{pk}", day, words)


def _same_lecture(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """A year with several lectures, all by one person, or one title twice; on the day of the last of them."""
    year = on.year
    lectures = records_of(places, date(year, 1, 1), on).filter(kind=RecordKind.LECTURE)
    found: dict[int, list[tuple[str, str, date]]] = defaultdict(list)
    for place, host, title, day in lectures.values_list("organisation", "host", "title", "held_on"):
        found[place].append((host.strip(), title.strip(), day))
    for place, given in found.items():
        hosts, titles = {host for host, _, _ in given}, Counter(title for _, title, _ in given if title)
        if len(given) >= LECTURES_WORTH_A_LOOK and len(hosts) == 1 and "" not in hosts:
            yield Hit(place, f"{year}", given[-1][2], f"{year} 年 {len(given)} 次党课都由同一人主讲")
        elif again := [day for _, title, day in given if titles[title] > 1]:
            title = next(title for _, title, day in given if day == again[-1] and titles[title] > 1)
            yield Hit(place, f"{year}", again[-1], f"党课题目重复：{title}")


def _group_meetings_without_groups(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    held = held_days(places, GROUP_MEETING, since=since, on=on)
    spans: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    groups = PartyGroup.objects.filter(organisation__in=list(held))
    for place, start, end in groups.values_list("organisation", "since", "until"):
        spans[place].append((start, end))
    for place, found in held.items():
        for day in found:
            if not any(start <= day and (end is None or end > day) for start, end in spans[place]):
                yield Hit(place, f"{day}", day, f"{day:%Y-%m-%d} 登记了党小组会，当时没有党小组")


def _absent(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """Members who missed their last three meetings or more. No name: a count is enough here."""
    rows = Attendance.objects.filter(record__in=records_of(places, on.replace(month=1, day=1), on))
    rows = rows.order_by("member", "-record__held_on", "-record")
    seen: dict[tuple[int, int], list[tuple[bool, date]]] = defaultdict(list)
    for place, member, present, day in rows.values_list(
        "record__organisation", "member", "present", "record__held_on"
    ):
        seen[place, member].append((present, day))
    for (place, member), found in seen.items():
        run = list(takewhile(lambda seen_: not seen_[0], found))
        if len(run) >= ABSENCES:
            # Named by its first day: one more absence is the same run.
            words = f"一名党员已连续 {len(run)} 次没有参加"
            yield Hit(place, f"member:{member}:{run[-1][1]}", run[0][1], words)


def _clustered_talks(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """Most talks of a year within one week; only a finished year is looked at."""
    for year in range(since.year, on.year):
        first, last = date(year, 1, 1), date(year, 12, 31)
        talks = Talk.objects.standing().filter(organisation__in=places, held_on__range=(first, last))
        found: dict[int, list[date]] = defaultdict(list)
        for place, day in talks.order_by("held_on").values_list("organisation", "held_on"):
            found[place].append(day)
        for place, days in found.items():
            most = max(
                sum(day <= other < day + timedelta(days=CLUSTER_DAYS) for other in days) for day in days
            )
            if len(days) >= TALKS_WORTH_A_LOOK and most > CLUSTER_SHARE * len(days):
                yield Hit(place, f"{year}", last, f"{year} 年 {len(days)} 次谈话中 {most} 次集中在一周内")


def _no_annual_report(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    known = first_days(places)
    for year in range(since.year, on.year):
        first, last = date(year, 1, 1), date(year, 12, 31)
        held = held_days(places, ANNUAL_REPORT, since=first, on=last)
        for place in places:
            if was_there(place, known, first, last) and not held[place.pk]:
                yield Hit(place.pk, f"{year}", last, f"{year} 年没有向党员大会报告工作的记录")


def _short_of_hours(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """People who belonged to the branch from New Year on and have fewer hours on a day that asks for them."""
    known = first_days(places)
    for first, last, hours in _checkpoints(since, on):
        begun = [place for place in places if was_there(place, known, first, last)]
        for place, count in _members_short(begun, first, last, hours).items():
            words = f"截至 {last:%Y-%m-%d}，{count} 名党员集中学习不足 {hours} 学时"
            yield Hit(place, f"{last:%Y-%m}", last, words)


def _checkpoints(since: date, on: date) -> Iterator[tuple[date, date, int]]:
    """New Year, the day and the hours of each checkpoint that is over."""
    for year in range(since.year, on.year + 1):
        for (month, day), hours in CHECKPOINTS.items():
            if since <= date(year, month, day) < on:
                yield date(year, 1, 1), date(year, month, day), hours


def _members_short(places: Sequence[Organisation], first: date, last: date, least: int) -> Counter[int]:
    """As hours stand in the record forms: those attended in another branch go with the person."""
    party = Membership.objects.filter(status__in=sorted(PARTY_MEMBER_STATUSES))
    here = party.at(first).filter(organisation=OuterRef("organisation"), member=OuterRef("member"))
    spans = party.at(last).filter(Exists(here), organisation__in=[place.pk for place in places])
    ticks = Attendance.objects.filter(
        member__in=spans.values("member"),
        present=True,
        record__cancelled_at=None,
        record__kind__in=sorted(HOUR_KINDS),
        record__held_on__range=(first, last),
    )
    hours = dict(ticks.values_list("member").annotate(total=Sum("record__hours")))
    people = spans.values_list("organisation", "member").distinct()
    return Counter(place for place, member in people if (hours.get(member) or 0) < least)


CONTENT_DETECTORS = (
    Detector(
        "EB016",
        "支委会实到人数与应到人数",
        by_record(Q(present_count__lt=F("eligible_count") / 2.0), "到会不足半数", COMMITTEE_MEETING),
    ),
    Detector(
        "EB017",
        "会议记录的应到、实到人数",
        by_record(
            Q(kind__in=_COUNTED) & ~Q(resolutions="") & (Q(eligible_count=None) | Q(present_count=None)),
            "有决议，没有应到或实到人数",
        ),
    ),
    Detector("EB018", "会议日期与登记日期的间隔", _late),
    Detector("EB019", "党课的主讲人和题目", _same_lecture),
    Detector("EB021", "党小组会记录与党小组", _group_meetings_without_groups),
    Detector("EB023", "连续缺席的次数", _absent),
    Detector(
        "EB024",
        "主题党日的主题和议定事项",
        by_record(Q(title="", topics="", resolutions=""), "没有主题和议定事项", PARTY_DAY),
    ),
    Detector("EB032", "谈话日期的分布", _clustered_talks),
    Detector("EB063", "半年、三季度和全年的累计学时", _short_of_hours),
    Detector("EB076", "向党员大会报告工作的记录", _no_annual_report),
)
