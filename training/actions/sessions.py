"""Planning sessions, changing, cancelling and holding them; holding makes the branches' records."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.calendar import work_calendar
from branches.models import Member, Organisation
from branches.rules import Refusal
from records.actions import AttendanceData, RecordData, RecordRefused, cancel_record, make_record
from records.rules import RecordKind
from training.actions.duties import DutyData, ask, settle, take_back
from training.actions.sessions_telling import tell_cancelled, tell_changed, tell_planned
from training.models import Session, SessionBranch
from training.queries.sessions import Person, invited_branches, people_of
from training.rules.duties import DutyKind
from training.rules.sessions import Audience, SessionKind, SessionState

# A session answers the yearly hours, so that no branch seems to have started it by itself.
HOURS_ACTION = "member_training_hours"
ATTENDANCE_WITHIN = timedelta(days=3)


class SessionRefused(Refusal):
    """The session cannot be planned, changed or held so; str() says what to do."""


NOT_PLANNED = "这次培训已经开展或取消，请重新打开页面查看。"
CHANGED_MEANWHILE = "这次培训刚被他人改过，请重新打开，核对后再改。"


@dataclass(frozen=True)
class SessionData:
    """What a session says; `branches` are invited."""

    kind: SessionKind
    title: str
    held_on: date
    minutes: int
    hours: Decimal
    place: str
    leader_name: str
    branches: Sequence[Organisation]
    audience: Audience = Audience.WORKERS
    starts_at: time | None = None
    leader: User | None = None
    categories: Sequence[str] = ()
    outline: str = ""

    def fill(self, session: Session) -> Session:
        for name in ("kind", "title", "held_on", "minutes", "hours", "place", "leader_name", "leader"):
            setattr(session, name, getattr(self, name))
        session.audience, session.starts_at, session.outline = self.audience, self.starts_at, self.outline
        session.categories = list(self.categories)
        return session


@transaction.atomic
def plan_session(place: Organisation, *, data: SessionData, by: User, on: date) -> Session:
    """Plan a session and invite. A day of the past may be entered late. Raises SessionRefused."""
    # Locked, so that of two clicks at once the second sees the first.
    Organisation.objects.select_for_update().get(pk=place.pk)
    _refuse_unfit(place, data)
    same = Session.objects.exclude(state=SessionState.CANCELLED).filter(
        organisation=place, held_on=data.held_on, title=data.title
    )
    if same.exists():
        raise SessionRefused("同一天同一主题的培训已经安排，没有重复安排。")
    session = data.fill(Session(organisation=place, made_by=by))
    session.save()
    keys = _invite(session, data.branches, on=on)
    tell_planned(session, keys, by=by, on=on)
    audit.record("training.session_planned", by=by, target=session, detail={"branches": len(keys)})
    return session


@transaction.atomic
def change_session(session: Session, *, data: SessionData, by: User, on: date, seen: int) -> Session:
    """Change what is planned; `seen`: the revision that was open on the screen. Raises SessionRefused."""
    row = _planned(session)
    if row.revision != seen:
        raise SessionRefused(CHANGED_MEANWHILE)
    _refuse_unfit(row.organisation, data)
    before = set(row.branches.values_list("organisation", flat=True))
    data.fill(row).revision += 1
    row.save()
    keys = _invite(row, data.branches, on=on)
    tell_changed(row, before & keys, by=by, on=on)
    tell_planned(row, keys - before, by=by, on=on)
    audit.record("training.session_changed", by=by, target=row, detail={"revision": row.revision})
    return row


@transaction.atomic
def cancel_session(session: Session, *, reason: str, by: User, on: date) -> Session:
    """It will not be; everybody invited is told why. Raises SessionRefused."""
    row = _planned(session)
    if not reason.strip():
        raise SessionRefused("请写明为什么取消，受邀支部会看到。")
    row.state, row.reason = SessionState.CANCELLED, reason.strip()
    row.revision += 1
    row.save(update_fields=["state", "reason", "revision"])
    for kind in (DutyKind.SESSION, DutyKind.ATTENDANCE):
        take_back(kind, row.pk, on=on)
    tell_cancelled(row, set(row.branches.values_list("organisation", flat=True)), by=by, on=on)
    audit.record("training.session_cancelled", by=by, target=row, detail={})
    return row


@transaction.atomic
def hold_session(session: Session, *, present: Collection[int], by: User, on: date) -> Session:
    """It was held, and these members were there: each branch gets its record with the class hours.

    A branch of which nobody came gets none. Raises SessionRefused before its day, for nobody present and
    for who is not invited.
    """
    row = _planned(session)
    if row.held_on > on:
        raise SessionRefused("培训的日期还没有到；已经提前开展的，请先改日期。")
    invited = list(invited_branches(row))
    people = people_of([branch.organisation_id for branch in invited], row.audience, on=row.held_on)
    known = {person.pk for some in people.values() for person in some}
    if unknown := set(present) - known:
        raise SessionRefused(f"有 {len(unknown)} 人不在这次培训的名单里，请按名单重新勾选。")
    if not present:
        raise SessionRefused("一个人也没有勾选；没有办成的，请改期或取消。")
    for branch in invited:
        _keep(row, branch, people.get(branch.organisation_id, []), present, by=by, on=on)
    row.state = SessionState.HELD
    row.revision += 1
    row.save(update_fields=["state", "revision"])
    for kind in (DutyKind.SESSION, DutyKind.ATTENDANCE):
        settle(kind, row.pk, by=by, on=on)
    audit.record("training.session_held", by=by, target=row, detail={"present": len(set(present))})
    return row


@transaction.atomic
def reopen_session(session: Session, *, by: User, on: date) -> Session:
    """Take the attendance back, to tick it anew; the records are kept and marked. Raises SessionRefused."""
    row = Session.objects.select_for_update().get(pk=session.pk)
    if not row.is_held:
        raise SessionRefused("这次培训没有登记出勤，不用改。")
    for branch in row.branches.exclude(record=None).select_related("record"):
        record, branch.record = branch.record, None
        branch.save(update_fields=["record"])
        if record:
            cancel_record(record, by=by, on=on)
    row.state = SessionState.PLANNED
    row.revision += 1
    row.save(update_fields=["state", "revision"])
    _ask(row, [branch.organisation for branch in invited_branches(row)], on)
    audit.record("training.session_reopened", by=by, target=row, detail={})
    return row


def _planned(session: Session) -> Session:
    row = Session.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=session.pk)
    if not row.is_planned:
        raise SessionRefused(NOT_PLANNED)
    return row


def _refuse_unfit(place: Organisation, data: SessionData) -> None:
    if not data.branches:
        raise SessionRefused("请选择请哪些支部参加。")
    outside = [branch for branch in data.branches if not branch.path.startswith(place.path)]
    if outside:
        raise SessionRefused(f"“{outside[0].name}”不在“{place.name}”之下，请重新选择。")


def _invite(session: Session, places: Sequence[Organisation], *, on: date) -> set[int]:
    keys = {place.pk for place in places}
    session.branches.exclude(organisation__in=keys).delete()
    rows = [SessionBranch(session=session, organisation=place) for place in places]
    SessionBranch.objects.bulk_create(rows, ignore_conflicts=True)
    _ask(session, places, on)
    return keys


def _ask(session: Session, places: Sequence[Organisation], on: date) -> None:
    clock = f"{session.starts_at:%H:%M}，" if session.starts_at else ""
    note = f"{clock}{session.place}；{session.get_audience_display()}参加"
    ask(places, data=DutyData(DutyKind.SESSION, session.pk, session.title, session.held_on, note), on=on)
    _ask_host(session, on)


def _ask_host(session: Session, on: date) -> None:
    """Who was there is ticked within a few days; no branch is late because the organiser is."""
    day = session.held_on
    due = work_calendar().on_or_after(day + ATTENDANCE_WITHIN)
    data = DutyData(DutyKind.ATTENDANCE, session.pk, f"登记出勤：{session.title}", due, asked_on=day)
    ask([session.organisation], data=data, on=on)


def _keep(
    session: Session,
    branch: SessionBranch,
    people: Sequence[Person],
    present: Collection[int],
    *,
    by: User,
    on: date,
) -> None:
    if not any(person.pk in present for person in people):
        return
    members: Mapping[int, Member] = Member.objects.in_bulk([person.pk for person in people])
    data = RecordData(
        kind=RecordKind.ACTIVITY,
        held_on=session.held_on,
        title=session.title,
        place=session.place,
        host=session.leader_name,
        hours=session.hours,
        topics="、".join([str(session.get_kind_display()), *session.category_names]),
        attendance=tuple(AttendanceData(members[p.pk], present=p.pk in present) for p in people),
        actions=(HOURS_ACTION,),
    )
    try:
        branch.record = make_record(branch.organisation, data=data, by=by, on=on)
    except RecordRefused as refusal:
        raise SessionRefused(str(refusal)) from refusal
    branch.save(update_fields=["record"])
