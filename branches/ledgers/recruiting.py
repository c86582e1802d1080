"""The recruiting ledger (发展党员台账): everybody on the way into the Party, and what is due."""

from collections.abc import Iterator
from datetime import date

from django import forms

from accounts.models import User
from branches.calendar import work_calendar
from branches.ledger_scope import DayFilterForm, Days, asked_days
from branches.models import DevelopmentCase, Member, Organisation
from branches.queries.development import (
    PAST_ADVICE,
    VIEW,
    is_late,
    is_past_advice,
    is_soon,
    stage_of_case,
)
from branches.queries.development_ahead import as_it_stood
from branches.queries.development_facts import CasePicture, pictures_of
from branches.rules import CaseState, EventKind
from branches.rules.development import (
    STAGES,
    STEPS,
    StepFact,
    missing_steps,
    probation_end_of,
    version_on,
)
from branches.rules.development_events import kind_of
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register
from periods.labels import days_left_label

SLUG = "recruiting"
MISSING = "未登记"
# Column key → the step whose day it shows.
KEY_DAYS = {"activist_on": 3, "target_on": 7, "admitted_on": 15, "converted_on": 23}

COLUMNS = (
    Column("person", "姓名", width=14),
    Column("organisation", "党支部", width=24),
    Column("stage", "阶段", width=19),
    Column("applied_on", "申请入党", ColumnKind.DATE, width=21),
    Column("activist_on", "确定积极分子", ColumnKind.DATE, width=21),
    Column("target_on", "确定发展对象", ColumnKind.DATE, width=21),
    Column("admitted_on", "接收为预备党员", ColumnKind.DATE, width=21),
    Column("probation_end", "预备期满", ColumnKind.DATE, width=21),
    Column("converted_on", "讨论转正", ColumnKind.DATE, width=21),
    Column("next_step", "下一步", width=18),
    Column("due_on", "截止日期", ColumnKind.DATE, width=21),
    Column("state", "状态", ColumnKind.STATE, width=18),
    Column("remarks", "备注", width=18),
)
LATE, BLOCKED = "late", "blocked"
STATES = [
    (CaseState.ONGOING.value, CaseState.ONGOING.label),
    (LATE, "其中已逾期"),
    (BLOCKED, "其中需要先处理"),
    *((s.value, s.label) for s in CaseState if s is not CaseState.ONGOING),
]


class RecruitingLedgerForm(DayFilterForm):
    """Organisation, the day, stage and state; the choices reach no further than the reader's own."""

    permission = VIEW
    stage = forms.ChoiceField(
        label="阶段", required=False, choices=[("", "全部"), *((s.code, s.name) for s in STAGES)]
    )
    state = forms.MultipleChoiceField(
        label="状态",
        required=False,
        choices=STATES,
        help_text="不选则列出正在办理的；截至写月、季、半年或年的，加上期间内办结的。",
    )


def _cases(user: User | None, cleaned: Cleaned, on: date, day: date) -> list[DevelopmentCase]:
    found = DevelopmentCase.objects.all() if user is None else DevelopmentCase.objects.visible_to(user, on=on)
    if cleaned["organisation"]:
        within = Organisation.objects.within(cleaned["organisation"])
        found = found.filter(member__in=Member.objects.of_organisations(within, on=day))
    return list(found.filter(opened_on__lte=day).select_related("member"))


def _is_wanted(case: DevelopmentCase, cleaned: Cleaned, days: Days) -> bool:
    if cleaned["stage"] and stage_of_case(case).code != cleaned["stage"]:
        return False
    states = cleaned["state"]
    if not states:
        # A whole month or year shows who came to an end in it too.
        ended = case.closed_on is not None and days.first < days.last and days.first <= case.closed_on
        return case.state == CaseState.ONGOING or ended
    late = LATE in states and is_late(case, days.day)
    blocked = BLOCKED in states and bool(case.blocked)
    return case.state in states or late or blocked


def ledger_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Rows in tree order, within a branch by what is due first. Six or seven statements, whatever the number.

    What comes next is kept for today; for an earlier day it is derived again from the steps taken by then.
    """
    days = asked_days(cleaned, on)
    cases = _cases(user, cleaned, on, days.day)
    pictures = pictures_of(cases, on=days.day)
    if days.day < on:
        calendar = work_calendar()
        pictures = {case.pk: as_it_stood(case, pictures[case.pk], calendar, days.day) for case in cases}
    kept = [case for case in cases if _is_wanted(case, cleaned, days)]
    for case in sorted(kept, key=lambda c: _order(c, pictures[c.pk])):
        yield _row(case, pictures[case.pk], days.day)


def _order(case: DevelopmentCase, picture: CasePicture) -> tuple[int, str, date, str]:
    place = picture.place
    level, code = (place.level, place.code) if place else (99, "")
    return level, code, case.next_due_on or date.max, case.member.code


def _row(case: DevelopmentCase, picture: CasePicture, on: date) -> Row:
    days = {key: _day(picture, number) for key, number in KEY_DAYS.items()}
    name = STEPS[case.next_step].name_on(version_on(on)) if case.next_step else ""
    return (
        case.member.name,
        picture.place.name if picture.place else "不在党支部",
        stage_of_case(case).name if case.state == CaseState.ONGOING else "已办结",
        case.opened_on,
        days["activist_on"],
        _target_day(picture),
        days["admitted_on"],
        probation_end_of(picture.facts),
        days["converted_on"],
        name,
        case.next_due_on,
        state_cell(case, on),
        _remarks(case, picture, on),
    )


def _day(picture: CasePicture, number: int) -> date | None:
    done = picture.facts.passed(number)
    return done.on if done else None


def _target_day(picture: CasePicture) -> date | None:
    """The day on which the text of that time named the person: the branch, later the consent."""
    named = (step for n in (7, 8) if (step := picture.facts.passed(n)) and _names_target(step))
    return next((step.on for step in named), None)


def _names_target(step: StepFact) -> bool:
    return kind_of(step.number, step.outcome, step.on) is EventKind.DEVELOPMENT_TARGET


def state_cell(case: DevelopmentCase, on: date) -> Cell:
    """The state in words."""
    if case.state != CaseState.ONGOING:
        return Cell(case.get_state_display(), Tone.OK if case.state == CaseState.COMPLETED else Tone.NONE)
    if case.next_due_on and is_late(case, on):
        return Cell(days_left_label(case.next_due_on, on), Tone.LATE)
    if case.blocked:
        return Cell("需要先处理", Tone.SOON)
    if case.next_from and case.next_from > on:
        return Cell("未到时间", Tone.NONE)
    if is_past_advice(case, on):
        return Cell(PAST_ADVICE, Tone.SOON)
    if case.next_due_on and is_soon(case, on):
        return Cell(days_left_label(case.next_due_on, on), Tone.SOON)
    return Cell("正常办理", Tone.OK)


def _remarks(case: DevelopmentCase, picture: CasePicture, on: date) -> str:
    parts = [case.blocked, case.closing_note]
    if case.state == CaseState.ONGOING:
        if case.next_from and case.next_from > on:
            parts.append(f"{case.next_from:%Y-%m-%d} 起可以办理")
        if case.next_due_on and case.due_is_advice:
            parts.append("截止日期为建议")
        parts.append(_missing(picture))
    return "；".join(part for part in parts if part)


def _missing(picture: CasePicture) -> str:
    """Steps that must have been taken and that nobody entered, the paper before the first one included."""
    first = min((step.number for step in picture.steps), default=1)
    absent = [n for n in KEY_DAYS.values() if n < first] + missing_steps(picture.facts)
    return f"{MISSING}：{'、'.join(STEPS[number].name for number in sorted(absent))}" if absent else ""


RECRUITING = register(
    Ledger(
        slug=SLUG,
        title="发展党员台账",
        description="入党申请人到转正归档的每个人：所处阶段、关键日期、下一步和截止日期。没有日期的，是还没有办到；已经办过而没有登记的，写在备注里。",
        columns=COLUMNS,
        filter_form=RecruitingLedgerForm,
        rows=ledger_rows,
        heading=RecruitingLedgerForm.heading,
        permission=VIEW,
        may_open=RecruitingLedgerForm.may_open,
        order_note="按组织顺序、截止日期先后排列",
        group=LedgerGroup.PEOPLE,
    )
)
