"""Cases of recruiting: opened, closed, and what comes next kept beside them."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.actions.members import MemberCodeTaken, add_event
from branches.actions.once import refused_when_taken
from branches.calendar import work_calendar
from branches.models import DevelopmentCase, Member, Membership, Organisation
from branches.queries.development_ahead import DERIVED, derive
from branches.queries.development_facts import pictures_of
from branches.rules import CaseState, EventError, EventKind, MemberStatus, Refusal

END_EVENTS = {CaseState.DISCONTINUED: EventKind.DISCONTINUED, CaseState.REVOKED: EventKind.REVOKED}
_ENDED_BY = {
    EventKind.DISCONTINUED: [MemberStatus.APPLICANT, MemberStatus.ACTIVIST, MemberStatus.DEVELOPMENT_TARGET],
    EventKind.REVOKED: [MemberStatus.PROBATIONARY],
}


class CaseRefused(Refusal):
    """A case cannot be opened, closed or changed that way; the message says what to do."""


@dataclass(frozen=True)
class ApplicantData:
    """A person who is not in the roster yet."""

    code: str
    name: str
    organisation: Organisation
    birth_on: date | None = None
    home_department: str = ""


@transaction.atomic
def add_applicant(data: ApplicantData) -> Member:
    """Put a new applicant into the roster, without any event yet. Raises MemberCodeTaken, EventError."""
    if not data.organisation.is_branch:
        raise EventError(f"入党申请人编入党支部，不直接编入“{data.organisation.name}”，请选择党支部。")
    with refused_when_taken(MemberCodeTaken(f"名册编号“{data.code}”已有人使用，请换一个编号。")):
        return Member.objects.create(
            code=data.code, name=data.name, birth_on=data.birth_on, home_department=data.home_department
        )


@transaction.atomic
def start_case(member: Member, *, applied_on: date, by: User | None) -> DevelopmentCase:
    """An empty case of this person; its first step is recorded with it. Raises CaseRefused."""
    row = Member.objects.select_for_update().get(pk=member.pk)
    taken = CaseRefused(f"{row.name}已经有一份正在办理的发展党员档案，请在原档案里继续登记。")
    if row.development_cases.ongoing().exists():
        raise taken
    if Membership.objects.decisive(applied_on).filter(member=row, status=MemberStatus.FULL).exists():
        raise CaseRefused(f"{row.name}已是正式党员，不需要再办理发展手续。")
    with refused_when_taken(taken):
        case = DevelopmentCase.objects.create(member=row, opened_on=applied_on)
    audit.record("branches.development_opened", by=by, target=row, detail={"applied_on": applied_on})
    return case


@transaction.atomic
def close_case(
    case: DevelopmentCase,
    *,
    state: CaseState,
    on: date,
    note: str,
    by: User | None,
    today: date | None = None,
) -> DevelopmentCase:
    """End a case before its 25th step, with the dated event that says so. Raises CaseRefused, EventError."""
    row = locked(case)
    if not note.strip():
        raise CaseRefused("请写明办结的原因，以后查阅档案时要看。")
    if today and on > today:
        raise CaseRefused(f"办结日期 {on:%Y-%m-%d} 还没有到，请在决定之后登记。")
    if on < row.opened_on:
        raise CaseRefused(f"办结日期早于申请日期 {row.opened_on:%Y-%m-%d}，请核对。")
    _enter_end(row.member, state, on=on, note=note.strip(), by=by, today=today)
    finish(row, state=state, on=on, note=note.strip())
    detail = {"state": str(state), "on": on, "note": note.strip()}
    audit.record("branches.development_closed", by=by, target=row.member, detail=detail)
    case.refresh_from_db()
    return case


def locked(case: DevelopmentCase) -> DevelopmentCase:
    """The case held until the end of the transaction. Raises CaseRefused when it is closed."""
    row = DevelopmentCase.objects.select_for_update(of=("self",)).select_related("member").get(pk=case.pk)
    if row.state != CaseState.ONGOING:
        raise CaseRefused(f"{row.member.name}的档案已经办结（{row.get_state_display()}），不能再改动。")
    return row


def _enter_end(
    member: Member, state: CaseState, *, on: date, note: str, by: User | None, today: date | None
) -> None:
    """Who belongs to no branch on that day, or is a full member, has no process to end."""
    kind = END_EVENTS.get(state)
    here = Membership.objects.at(on).filter(member=member)
    if kind is None or not here.filter(status__in=_ENDED_BY[kind]).exists():
        return
    if not member.events.standing().filter(kind=kind, on=on).exists():
        add_event(member, kind=kind, on=on, note=note, by=by, today=today)


def finish(row: DevelopmentCase, *, state: CaseState, on: date, note: str) -> None:
    """Close a case that is held; a closed case waits for nothing."""
    row.state, row.closed_on, row.closing_note = state, on, note
    row.next_step = row.next_from = row.next_due_on = row.blocked_since = None
    row.blocked, row.due_is_advice = "", False
    row.save()
    mark_changed(row.member.memberships.values_list("organisation", flat=True))


def refresh_case(case: DevelopmentCase, *, on: date) -> bool:
    """Derive what comes next for one case; True when it differs from what was kept."""
    return bool(_refresh([case], on=on))


def refresh_cases(organisation: Organisation, *, on: date) -> int:
    """Derive what comes next for every open case of this organisation and those below it.

    A constant number of statements; returns how many cases changed. Waiting and lateness come with
    the calendar and with facts elsewhere (moves, departures), so the monthly refresh calls it.
    """
    places = Organisation.objects.within(organisation)
    members = Member.objects.of_organisations(places, on=on)
    cases = DevelopmentCase.objects.ongoing().filter(member__in=members).select_related("member")
    return len(_refresh(list(cases), on=on))


def _refresh(cases: list[DevelopmentCase], *, on: date) -> list[DevelopmentCase]:
    pictures, calendar = pictures_of(cases, on=on), work_calendar()
    changed = [case for case in cases if derive(case, pictures[case.pk], calendar, on)]
    if changed:
        DevelopmentCase.objects.bulk_update(changed, DERIVED)
    return changed
