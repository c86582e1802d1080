"""What the demo's branches did that no list asked for: two trainings, and talks through the autumn.

Every day counts back from the case's as-of day; the same day gives the same history.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from branches.calendar import work_calendar
from branches.demo import DemoTree
from branches.models import Member, Organisation
from branches.rules import Role
from records.actions import AttendanceData, RecordData, TalkData, make_record
from records.models import Record
from records.rules import RecordKind, TalkCategory

# Days before the as-of day, the title, and the hours of a training for every branch.
TRAININGS = ((95, "党员集中轮训（第一期）", Decimal(12)), (52, "党员集中轮训（第二期）", Decimal(10)))
TALKS_SINCE, TALK_EVERY, TALKING_BRANCHES = 80, 9, 7
ENTERED_AFTER = timedelta(days=1)


def load(tree: DemoTree) -> None:
    calendar = work_calendar()
    for number, (code, branch) in enumerate(tree.branches.items()):
        for days, title, hours in TRAININGS:
            on = calendar.on_or_before(tree.as_of - timedelta(days=days + number % 3))
            people = list(Member.objects.in_branch(branch, on=on).order_by("code"))
            _keep(branch, _training(people, title, hours, on, missing=number), by=tree.workers[code])
        if number < TALKING_BRANCHES:
            _talks(tree, code, branch, first=tree.as_of - timedelta(days=TALKS_SINCE - number))


def _training(people: Sequence[Member], title: str, hours: Decimal, on: date, *, missing: int) -> RecordData:
    """One person of every third branch was away."""
    away = people[-1] if people and missing % 3 == 0 else None
    ticked = (
        AttendanceData(person, present=person is not away, reason="出差" if person is away else "")
        for person in people
    )
    return RecordData(
        kind=RecordKind.ACTIVITY,
        held_on=on,
        title=title,
        place="党总支会议室",
        host="党总支",
        hours=hours,
        topics="党章党规和支部工作条例",
        attendance=tuple(ticked),
    )


def _talks(tree: DemoTree, code: str, branch: Organisation, *, first: date) -> None:
    """The secretary with one member after the other, a few weeks apart."""
    calendar = work_calendar()
    holder = branch.posts.at(tree.as_of).filter(role=Role.SECRETARY).exclude(member=None).first()
    if holder is None or holder.member is None:
        return
    others = Member.objects.in_branch(branch, on=tree.as_of).exclude(pk=holder.member.pk).order_by("code")
    for n, partner in enumerate(others[:4]):
        on = calendar.on_or_before(first + timedelta(days=n * TALK_EVERY))
        category = TalkCategory.HARDSHIP if n == 2 else TalkCategory.THINKING
        talk = TalkData(holder.member, partner, category=category)
        data = RecordData(kind=RecordKind.TALK_COVERAGE, held_on=on, title="谈心谈话", talks=(talk,))
        _keep(branch, data, by=tree.workers[code])


def _keep(branch: Organisation, data: RecordData, *, by: User) -> None:
    """Typed in its own time, not when the demo is loaded."""
    entered = data.held_on + ENTERED_AFTER
    record = make_record(branch, data=data, by=by, on=entered)
    moment = timezone.make_aware(datetime.combine(entered, time(16, 40)))
    Record.objects.filter(pk=record.pk).update(entered_at=moment)
    record.talks.update(entered_at=moment)
