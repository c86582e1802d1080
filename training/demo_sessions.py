"""Sessions of the demo: a year of them, one whose attendance waits, one to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from branches.calendar import work_calendar
from branches.demo import DemoTree
from branches.models import Organisation
from errorbank.rules import ErrorCategory
from records.models import Record
from training.actions.duties import settle_past
from training.actions.sessions import SessionData, hold_session, plan_session
from training.models import Session
from training.queries.sessions import session_page
from training.rules.duties import DutyKind
from training.rules.sessions import Audience, SessionKind, class_hours

PLANNED_BEFORE = timedelta(days=14)


@dataclass(frozen=True)
class Told:
    """A session so many days from the as-of day, led by whoever works for a branch of the case."""

    days: int
    kind: SessionKind
    title: str
    categories: Sequence[ErrorCategory]
    leader: str
    place: str = "党总支会议室"
    minutes: int = 90
    audience: Audience = Audience.WORKERS
    outline: str = ""


YEAR = (
    Told(-262, SessionKind.LECTURE, "新手上路：一个月的党务怎么排", (ErrorCategory.MEETINGS,), "BR01",
         minutes=135, outline="带上本支部上一年的会议记录。"),
    Told(-212, SessionKind.CASE, "会议记录里的常见错题", (ErrorCategory.MEETINGS,), "BR02"),
    Told(-151, SessionKind.ON_SITE, "到示范支部看主题党日", (ErrorCategory.ORGANIZATIONAL_LIFE,), "BR03",
         place="第三党支部活动室", minutes=180),
    Told(-96, SessionKind.DRILL, "换届选举全流程演练", (ErrorCategory.ORGANIZATION_SETUP,), "BR01",
         audience=Audience.COMMITTEE, minutes=120),
    Told(-47, SessionKind.CASE, "发展党员的二十五步，错在哪几步", (ErrorCategory.RECRUITMENT,), "BR04"),
    Told(-3, SessionKind.VISIT, "到先进单位看减负", (), "BR05", place="兄弟单位党群服务中心", minutes=240),
)  # fmt: skip
COMING = Told(
    6, SessionKind.LECTURE, "年终台账一次过", (ErrorCategory.MEETINGS,), "BR02",
    outline="带一份本支部的学时台账，当场核对。",
)  # fmt: skip
# Its attendance still has to be ticked.
UNTICKED = YEAR[-1]


def load(tree: DemoTree) -> None:
    for told in YEAR:
        session = _planned(tree, told)
        if told is not UNTICKED:
            _held(tree, session)
    _planned(tree, COMING)
    settle_past(DutyKind.SESSION, on=tree.as_of)


def _planned(tree: DemoTree, told: Told) -> Session:
    calendar = work_calendar()
    held_on = calendar.on_or_before(tree.as_of + timedelta(days=told.days))
    leader = tree.secretaries.get(told.leader) or tree.workers[told.leader]
    data = SessionData(
        kind=told.kind,
        title=told.title,
        held_on=held_on,
        starts_at=time(14, 30),
        minutes=told.minutes,
        hours=class_hours(told.minutes),
        place=told.place,
        leader=leader,
        leader_name=leader.name,
        audience=told.audience,
        branches=_standing(tree),
        categories=[str(category) for category in told.categories],
        outline=told.outline,
    )
    asked = min(held_on - PLANNED_BEFORE, tree.as_of)
    return plan_session(tree.general, data=data, by=tree.staff, on=asked)


def _standing(tree: DemoTree) -> list[Organisation]:
    return list(tree.branches.values())


def _held(tree: DemoTree, session: Session) -> None:
    """Every seventh was away; typed in on the day itself."""
    page = session_page(session, tree.staff, on=session.held_on)
    people = [person.pk for branch in page.branches for person in branch.people]
    there = [pk for number, pk in enumerate(people, 1) if number % 7]
    hold_session(session, present=there, by=tree.staff, on=session.held_on)
    moment = timezone.make_aware(datetime.combine(session.held_on, time(17, 10)))
    Record.objects.filter(session_branch__session=session).update(entered_at=moment)
