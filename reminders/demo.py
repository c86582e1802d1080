"""A year of lived history for the demo: most items done in time, some late, a few left open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from accounts.models import User
from branches.calendar import work_calendar
from branches.demo import DemoTree
from branches.models import Member, Organisation
from notices.models import Message
from periods.calendars import WorkCalendar
from periods.labels import week_bounds
from periods.months import Month
from records.actions import AttendanceData, RecordData, TalkData
from records.models import Record
from records.rules import ATTENDED_KINDS, RecordKind
from reminders import demo_handover
from reminders.actions.catalogue_load import load_catalogue
from reminders.actions.digests import compose_digests
from reminders.actions.items import close_items
from reminders.actions.refresh import refresh
from reminders.models import ReminderItem
from reminders.notice_events import WEEKLY_DIGEST
from reminders.queries.direct import is_direct
from reminders.rules import RefreshTrigger

# A year with the current month: so far back the dashboards look.
HISTORY_MONTHS = 11
DONE_IN_TIME = 0.88
DONE_LATE = 0.95
LEFT_OPEN_DAYS = 45
DIGEST_AT = time(9)
# Titles a branch of such a company might give; invented, one is drawn for each record.
TITLES = {
    "branch_general_meeting": (
        "讨论本季度工作安排",
        "通报党费收缴情况，讨论下季度重点工作",
        "讨论党员发展计划",
    ),
    "branch_committee_meeting": ("研究当月主题党日安排", "研究困难党员帮扶", "研究整改事项落实"),
    "party_lecture": ("在岗位上守初心", "从一片烟叶讲责任", "规矩意识从小事养成"),
    "themed_party_day": ("烟叶收购一线服务", "学习党章党规", "送技术到田间", "清洁家园志愿服务"),
}
DEFAULT_TITLES = ("按计划完成", "如期办理")
HOURS = {RecordKind.LECTURE: Decimal("1.5"), RecordKind.ACTIVITY: Decimal("2")}
ABSENCE_REASONS = ("出差", "年休假", "病假")


@dataclass(frozen=True)
class Doing:
    """When something was done, and by whom it was entered."""

    on: date
    entered_on: date
    by: User


def load(tree: DemoTree) -> None:
    """Refresh the last months one after another and live them; the caller opens the transaction."""
    load_catalogue(on=tree.as_of)
    calendar = work_calendar()
    current = Month.of(tree.as_of)
    for month in (current.plus(n) for n in range(-HISTORY_MONTHS, 1)):
        refresh(month, on=min(month.first, tree.as_of), trigger=RefreshTrigger.SCHEDULE)
        _live(tree, month, calendar)
    demo_handover.load(tree)
    refresh(current, on=tree.as_of, trigger=RefreshTrigger.SCHEDULE)


def tell(tree: DemoTree) -> None:
    """This week's digest as it came on Monday; staff and the first worker have not read it yet."""
    came = timezone.make_aware(datetime.combine(week_bounds(tree.as_of)[0], DIGEST_AT))
    if came > timezone.now():
        return
    compose_digests(now=came)
    unread = [tree.staff, *list(tree.workers.values())[:1]]
    told = Message.objects.filter(event=WEEKLY_DIGEST).exclude(recipient__in=unread)
    told.update(read_at=came + timedelta(hours=1))


def _live(tree: DemoTree, month: Month, calendar: WorkCalendar) -> None:
    keepers = [(branch, tree.workers[code]) for code, branch in tree.branches.items()]
    for branch, keeper in [(tree.general, tree.staff), *keepers]:
        items = ReminderItem.objects.for_list().filter(organisation=branch).unsettled()
        due = items.filter(due_on__range=(month.first, month.last)).order_by("due_on", "pk")
        # What a registered fact closes is closed by the facts of the case.
        for group in _activities(item for item in due if not is_direct(item)):
            doing = _doing(group[0], keeper, calendar, tree.as_of)
            if doing is not None and doing.entered_on <= tree.as_of:
                _close(branch, group, doing)


def _activities(items: Iterable[ReminderItem]) -> list[list[ReminderItem]]:
    """Items done one by one; a lecture is held on the themed Party day of its month."""
    groups = {item.pk: [item] for item in items}
    by_code = {group[0].action.code: pk for pk, group in groups.items()}
    if {"themed_party_day", "party_lecture"} <= by_code.keys():
        groups[by_code["themed_party_day"]] += groups.pop(by_code["party_lecture"])
    return list(groups.values())


def _doing(item: ReminderItem, worker: User, calendar: WorkCalendar, as_of: date) -> Doing | None:
    """Draw when an item was done, always the same for the same item; None when it was not.

    Only a branch's recent items are left open: nobody leaves a meeting out for half a year.
    """
    draw = Random(f"{item.organisation.code} {item.action.code} {item.period} {item.subject}")  # noqa: S311 - a demo
    chance = draw.random()
    recent = item.due_on > as_of - timedelta(days=LEFT_OPEN_DAYS)
    if chance >= DONE_LATE and recent and item.organisation.is_branch:
        return None
    if chance >= DONE_IN_TIME:
        on = calendar.on_or_after(item.due_on + timedelta(days=draw.randint(1, 5)))
    else:
        first = max(item.opens_on, item.due_on - timedelta(days=18))
        span = max((item.due_on - first).days, 0)
        on = calendar.on_or_before(item.due_on - timedelta(days=draw.randint(0, span)))
        on = max(on, item.opens_on)
    return Doing(on, on + timedelta(days=draw.choice((0, 0, 0, 1, 2))), worker)


def _close(branch: Organisation, items: list[ReminderItem], doing: Doing) -> None:
    data = _data(branch, items, doing.on)
    close_items(items, data=data, by=doing.by, on=doing.entered_on)
    # The history was typed in its own time, not when the demo is loaded.
    moment = timezone.make_aware(datetime.combine(doing.entered_on, time(17, 5)))
    ReminderItem.objects.filter(pk__in=[item.pk for item in items]).update(done_at=moment)
    Record.objects.filter(items__in=items).update(entered_at=moment)


def _data(branch: Organisation, items: list[ReminderItem], on: date) -> RecordData:
    item = items[0]
    draw = Random(f"{branch.code} {item.pk}")  # noqa: S311 - a demo
    kind = RecordKind(item.version.record_kind)
    people = list(Member.objects.in_branch(branch, on=on).order_by("code"))
    sensitive = item.version.sensitive
    attended = kind in ATTENDED_KINDS and not sensitive
    return RecordData(
        kind=kind,
        held_on=on,
        title="" if sensitive else draw.choice(TITLES.get(item.action.code, DEFAULT_TITLES)),
        place="支部活动室" if attended else "",
        host=people[0].name if attended else "",
        hours=HOURS.get(kind) if attended else None,
        topics=draw.choice(TITLES.get(item.action.code, DEFAULT_TITLES)) if attended else "",
        resolutions="按会议商定的分工落实，下月通报进展。" if attended else "",
        attendance=_attendance(people, draw) if attended else (),
        talks=_talks(people) if kind is RecordKind.TALK_COVERAGE else (),
    )


def _attendance(people: list[Member], draw: Random) -> tuple[AttendanceData, ...]:
    absent = draw.choice(people[1:]) if len(people) > 2 and draw.random() < 0.3 else None
    return tuple(
        AttendanceData(
            person,
            present=person is not absent,
            reason="" if person is not absent else draw.choice(ABSENCE_REASONS),
        )
        for person in people
    )


def _talks(people: list[Member]) -> tuple[TalkData, ...]:
    return tuple(TalkData(talker=people[0], partner=other) for other in people[1:])
