"""What one has to know of the branch: people, offices, term, groups, dated events, days off, busy weeks."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Count, Q
from django.urls import reverse

from branches.models import Member, MemberEvent, Organisation, PartyGroup
from branches.queries.facts import branch_facts
from branches.rules import COMMITTEE_ROLES, PLANNABLE_EVENTS, EventKind, Role
from periods.calendars import WorkCalendar
from periods.labels import day_label
from reminders.handover_rules import AHEAD_DAYS, DAY, Part
from reminders.queries.handover.parts.lines import Bundle, PackLine

_WEEKEND = 5


def branch_lines(bundle: Bundle) -> Iterator[PackLine]:
    """Twelve statements at most, whatever the size of the branch."""
    for subject, title, detail, due_on in _facts(bundle):
        url = reverse("branches:organisation_detail", args=[bundle.place.pk])
        yield PackLine(Part.BRANCH, subject, title, detail, due_on, url)
    yield from _events(bundle)
    yield from _days_off(bundle)


Fact = tuple[str, str, str, date | None]


def _facts(bundle: Bundle) -> Iterator[Fact]:
    facts = branch_facts(bundle.place, on=bundle.on)
    people = f"正式党员 {facts.full} 名，预备党员 {facts.probationary} 名"
    more = [f"抽调党员 {facts.assigned} 名"] if facts.assigned else []
    more += [f"发展中的同志 {facts.applicants} 名"] if facts.applicants else []
    yield "people", people, "，".join(more), None
    held = [
        f"{r.label}{'、'.join(facts.holders[r])}" for r in Role if r in COMMITTEE_ROLES & set(facts.holders)
    ]
    yield "committee", "；".join(held) or "尚未登记书记和委员", "", None
    if facts.term is not None:
        ends = facts.term.runs_until
        yield "term", f"本届任期到 {day_label(ends)}", f"{ends.year} 年", ends
    yield from _groups(bundle.place, bundle.on)
    party_day = bundle.place.party_day
    words = f"每月 {party_day} 日" if party_day else "没有固定日期，当月最后一个工作日前完成"
    yield "party_day", f"主题党日：{words}", "", None
    for season in bundle.seasons:
        yield f"season:{season.pk}", f"{season.name}：{_span(season.starts, season.ends)}", "", None


def _span(starts: str, ends: str) -> str:
    """“8 月 1 日至 11 月 15 日” from “08-01” and “11-15”."""
    first, last = (text.split("-") for text in (starts, ends))
    return f"{int(first[0])} 月 {int(first[1])} 日至 {int(last[0])} 月 {int(last[1])} 日"


def _groups(place: Organisation, on: date) -> Iterator[Fact]:
    groups = PartyGroup.objects.filter(Q(until=None) | Q(until__gt=on), organisation=place, since__lte=on)
    seated = Q(seats__since__lte=on) & (Q(seats__until=None) | Q(seats__until__gt=on))
    sized = groups.annotate(size=Count("seats", filter=seated)).order_by("pk")
    names = [f"{group.name} {group.size} 人" for group in sized]
    if names:
        yield "groups", f"党小组 {len(names)} 个", "、".join(names), None


def _events(bundle: Bundle) -> Iterator[PackLine]:
    """Departures and arrivals that are known ahead."""
    here = Organisation.objects.filter(pk=bundle.place.pk)
    people = Member.objects.of_organisations(here, on=bundle.on)
    events = MemberEvent.objects.standing().filter(
        Q(member__in=people) | Q(organisation=bundle.place),
        on__gt=bundle.on,
        kind__in=sorted(PLANNABLE_EVENTS),
    )
    for event in events.select_related("member").order_by("on", "pk"):
        yield PackLine(
            Part.BRANCH,
            f"event:{event.pk}",
            f"{event.member.name}：{EventKind(event.kind).label}",
            f"{event.on.year} 年 {day_label(event.on)}",
            event.on,
            reverse("branches:member_detail", args=[event.member_id]),
        )


def _days_off(bundle: Bundle) -> Iterator[PackLine]:
    """Public holidays within the next weeks, each as one line; without a known calendar none."""
    calendar = bundle.calendar
    for first, last in _holidays(calendar, bundle.on, bundle.on + timedelta(days=AHEAD_DAYS)):
        title = f"放假 {(last - first).days + 1} 天：{day_label(first)}至{day_label(last)}"
        words = [day_label(day) for day in _made_up(calendar, first, last)]
        detail = f"{'、'.join(words)}调休上班" if words else ""
        yield PackLine(Part.BRANCH, f"holiday:{first}", title, detail, first)


def _holidays(calendar: WorkCalendar, since: date, until: date) -> Iterator[tuple[date, date]]:
    """Runs of days off around a holiday on a weekday, weekends beside it included."""
    seen = since
    for day in sorted(calendar.special):
        if not seen < day <= until or calendar.special[day] or day.weekday() >= _WEEKEND:
            continue
        first = last = day
        while not calendar.is_workday(first - DAY):
            first -= DAY
        while not calendar.is_workday(last + DAY):
            last += DAY
        seen = last
        yield first, last


def _made_up(calendar: WorkCalendar, first: date, last: date) -> list[date]:
    """Weekend days worked within two weeks of the holiday."""
    near = timedelta(days=14)
    days = (first - near + DAY * n for n in range((last - first).days + 2 * near.days + 1))
    return [day for day in days if day.weekday() >= _WEEKEND and calendar.special.get(day)]
