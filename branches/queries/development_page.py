"""The page of one case: what comes next, the 25 steps by stage, and the checks with their basis."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from branches.calendar import work_calendar
from branches.models import DevelopmentCase, DevelopmentStep, Membership, Organisation
from branches.queries.development_facts import CasePicture, picture_of
from branches.rules import (
    COMMITTEE_FROM,
    CaseState,
    Event,
    EventKind,
    MemberStatus,
    OrganisationKind,
    StepOutcome,
)
from branches.rules.basis import Basis, sentence_of
from branches.rules.development import (
    STAGES,
    STEPS,
    Check,
    CheckState,
    NextStep,
    StepFact,
    check_case,
    crossing_note,
    missing_steps,
    next_step,
    person_state,
    small_branch_notes,
    version_on,
)
from branches.rules.development.windows import Window, window_of
from branches.rules.development_events import is_told, kind_of
from branches.rules.development_order import APPROVED_STEPS, PAPERS, SUPERIOR_STEPS, out_of_order
from periods.calendars import WorkCalendar
from periods.labels import day_label, days_left_label

SOON_DAYS = 14
LAST_EARLIER = 21


@dataclass(frozen=True)
class DoneStep:
    """One row that was entered, in words; struck out when it was corrected."""

    pk: int
    day: str
    details: tuple[str, ...]
    note: str
    reason: str = ""
    entered: str = ""

    @property
    def is_struck(self) -> bool:
        return bool(self.reason)


@dataclass(frozen=True)
class StepRow:
    number: int
    name: str
    actor: str
    record: str
    done: tuple[DoneStep, ...]
    is_next: bool
    is_missing: bool
    by_superior: bool
    may_record: bool
    when: str

    @property
    def is_done(self) -> bool:
        return any(not row.is_struck for row in self.done)

    @property
    def tone(self) -> str:
        return "done" if self.is_done and not self.is_next else "soon" if self.is_missing else ""

    @property
    def icon(self) -> str:
        if self.is_next:
            return "circle-arrow-right"
        return "circle-check" if self.is_done else "circle-dashed" if self.is_missing else "circle"


@dataclass(frozen=True)
class StageBlock:
    number: int
    name: str
    rows: tuple[StepRow, ...]
    is_open: bool

    @property
    def count(self) -> int:
        return sum(row.is_done for row in self.rows)


@dataclass(frozen=True)
class CheckLine:
    name: str
    text: str
    advice: str
    basis: str
    step: str
    # A day of birth is missing: the card of the person is the place to enter it.
    lacks_birthday: bool = False


@dataclass
class CasePage:
    """`headline` says in one sentence what comes next and by when; `why` says where that comes from."""

    case: DevelopmentCase
    place: Organisation | None
    status: str
    state: str
    coming: NextStep | None
    headline: str
    why: str
    due_tag: str
    due_tone: str
    stages: list[StageBlock] = field(default_factory=list)
    to_mend: list[CheckLine] = field(default_factory=list)
    to_watch: list[CheckLine] = field(default_factory=list)
    fine: list[CheckLine] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def blocked(self) -> list[CheckLine]:
        return [line_of(check) for check in self.coming.blocked_by] if self.coming else []

    @property
    def coming_basis(self) -> str:
        return basis_words(self.coming.basis) if self.coming else ""

    @property
    def coming_by_superior(self) -> bool:
        return bool(self.coming and self.coming.number in SUPERIOR_STEPS)


def case_page(case: DevelopmentCase, *, on: date) -> CasePage:
    """Nine statements, whatever the number of steps. `case` comes with its member."""
    picture, calendar = picture_of(case, on=on), work_calendar()
    full = full_members(picture.place, on=on) if picture.place else 0
    ongoing = case.state == CaseState.ONGOING
    committee = full >= COMMITTEE_FROM
    coming = next_step(picture.facts, on=on, calendar=calendar, has_committee=committee) if ongoing else None
    page = CasePage(
        case=case,
        place=picture.place,
        status=MemberStatus(picture.span.status).label if picture.span else "",
        state=person_state(picture.facts).label if ongoing else case.get_state_display(),
        coming=coming,
        headline=_headline(case, coming, on),
        why=coming.why if coming else case.closing_note,
        due_tag=days_left_label(coming.due_on, on) if coming and coming.due_on else "",
        due_tone=_due_tone(coming, on),
    )
    page.stages = _stages(case, picture, coming, committee=committee, on=on, calendar=calendar)
    _sort_checks(page, check_case(picture.facts, on=on, calendar=calendar))
    page.missing = [f"第 {n} 步 {STEPS[n].name}" for n in missing_steps(picture.facts)] if ongoing else []
    page.to_watch += _not_in_the_events(case, picture)
    crossing = crossing_note(picture.facts, on=on)
    page.notes = [*([crossing] if crossing else []), *(small_branch_notes(full) if ongoing and full else [])]
    return page


def full_members(place: Organisation, *, on: date) -> int:
    return Membership.objects.at(on).filter(organisation=place, status=MemberStatus.FULL).count()


def _headline(case: DevelopmentCase, coming: NextStep | None, on: date) -> str:
    if case.state != CaseState.ONGOING:
        return f"{case.get_state_display()}（{case.closed_on:%Y-%m-%d}）。"
    if coming is None:
        return "各步都已登记，没有待办的步骤。"
    what = f"由{coming.actor}办理“{coming.name}”"
    if coming.actor == "本人":
        what = f"由本人完成“{coming.name}”"
    if coming.not_before and coming.waiting(on=on):
        until = f"，{day_label(coming.due_on, on)}前完成" if coming.due_on else ""
        return f"{day_label(coming.not_before, on)}起，{what}{until}。"
    if coming.due_on:
        advised = "建议 " if coming.due_is_advice else ""
        return f"{advised}{day_label(coming.due_on, on)}前，{what}。"
    return f"下一步{what}。"


def _due_tone(coming: NextStep | None, on: date) -> str:
    if coming is None or coming.due_on is None:
        return ""
    return "late" if coming.late(on=on) else "soon" if (coming.due_on - on).days <= SOON_DAYS else ""


def _stages(
    case: DevelopmentCase,
    picture: CasePicture,
    coming: NextStep | None,
    *,
    committee: bool,
    on: date,
    calendar: WorkCalendar,
) -> list[StageBlock]:
    done = _rows_by_number(case)
    missing, ongoing = set(missing_steps(picture.facts)), case.state == CaseState.ONGOING

    def row(number: int) -> StepRow:
        step = STEPS[number]
        is_next = coming is not None and coming.number == number
        window = window_of(picture.facts, number, on=on, calendar=calendar)
        entered = any(step.number == number for step in picture.steps)
        return StepRow(
            number=number,
            name=step.name_on(version_on(on), has_committee=committee),
            actor=step.actor_label(has_committee=committee),
            record=PAPERS[number],
            done=tuple(done.get(number, ())),
            is_next=is_next,
            is_missing=number in missing,
            by_superior=number in SUPERIOR_STEPS,
            may_record=ongoing and not is_next and _may_record(picture, number, entered, window, on),
            when="" if not ongoing or done.get(number) else _window_words(window, on),
        )

    here = coming.stage.code if coming else STAGES[-1].code
    return [
        StageBlock(stage.number, stage.name, tuple(row(s.number) for s in stage.steps), stage.code == here)
        for stage in STAGES
    ]


def _may_record(picture: CasePicture, number: int, entered: bool, window: Window, on: date) -> bool:
    """Whether this step, beside the next one, could be recorded today."""
    if entered and not STEPS[number].recurs:
        return False
    if not picture.steps or (window.not_before and window.not_before > on):
        return False
    return not out_of_order(picture.facts, StepFact(number, on))


def _window_words(window: Window, on: date) -> str:
    parts = []
    if window.not_before:
        parts.append(f"最早 {day_label(window.not_before, on)}")
    if window.due_on:
        parts.append(f"{'建议' if window.advice else '最迟'} {day_label(window.due_on, on)}")
    if window.hard_limit:
        parts.append(f"特殊情况 {day_label(window.hard_limit, on)}")
    return "，".join(parts)


def _rows_by_number(case: DevelopmentCase) -> dict[int, list[DoneStep]]:
    """Everything entered, the corrected rows among it; two statements."""
    rows = case.steps.select_related("decided_by", "corrected_by", "entered_by").prefetch_related("people")
    found: dict[int, list[DoneStep]] = {}
    for step in rows.order_by("done_on", "pk"):
        found.setdefault(step.number, []).append(done_step(step))
    return found


def done_step(step: DevelopmentStep) -> DoneStep:
    struck = ""
    if step.corrected_at:
        who = step.corrected_by.name if step.corrected_by else "系统"
        struck = f"{step.correction_reason}（{who}，{step.corrected_at:%Y-%m-%d}）"
    until = f" 至 {step.until_on:%Y-%m-%d}" if step.until_on else ""
    return DoneStep(
        pk=step.pk,
        day=f"{step.done_on:%Y-%m-%d}{until}",
        details=tuple(filter(None, _details(step))),
        note=step.note,
        reason=struck,
        entered=f"{step.entered_by.name if step.entered_by else '系统'}登记",
    )


def _details(step: DevelopmentStep) -> Iterable[str]:
    if step.outcome != StepOutcome.PASSED:
        months = f" {step.months} 个月" if step.months else ""
        yield f"结果：{step.get_outcome_display()}{months}"
    if step.decided_by:
        yield step.decided_by.name
    yield "、".join(person.name for person in step.people.all())
    if step.eligible is not None:
        secret = {True: "，无记名逐个表决", False: "，不是无记名逐个表决", None: ""}[step.secret_ballot]
        yield f"应到 {step.eligible}，实到 {step.present}，赞成 {step.approving}{secret}"
    if step.days is not None or step.hours is not None:
        days = f"{step.days} 天" if step.days is not None else ""
        hours = f"{step.hours.normalize():f} 学时" if step.hours is not None else ""
        yield f"培训 {'、'.join(filter(None, (days, hours)))}"
    yield step.document


def _sort_checks(page: CasePage, checks: Sequence[Check]) -> None:
    for check in checks:
        if not check.applies:
            continue
        if check.state is CheckState.VIOLATED:
            page.to_mend.append(line_of(check))
        elif check.state is CheckState.CAUTION:
            page.to_watch.append(line_of(check))
        elif check.state is CheckState.MET:
            page.fine.append(line_of(check))


def _not_in_the_events(case: DevelopmentCase, picture: CasePicture) -> list[CheckLine]:
    """Steps of which the person's dated events do not tell: somebody corrected one side alone."""
    events = [
        Event(EventKind(kind), on, None, MemberStatus(status) if status else None)
        for kind, on, status in case.member.events.standing().values_list("kind", "on", "status")
    ]
    found = []
    for fact in picture.facts.steps:
        kind = kind_of(fact.number, fact.outcome, fact.on)
        if kind and not is_told(kind, fact.on, events, since=case.opened_on):
            text = f"第 {fact.number} 步登记的是 {fact.on:%Y-%m-%d}，人员事项里这一天没有“{kind.label}”。"
            advice = "请核对哪一处写错了，再更正步骤或人员事项。"
            found.append(CheckLine("步骤与人员事项不一致", text, advice, "", f"第 {fact.number} 步"))
    return found


def basis_words(bases: Sequence[Basis]) -> str:
    """“《…》第三十条、第三十一条”: a document is named once."""
    first = bases[0] if bases else None
    same = [b for b in bases if first and (b.document, b.verified) == (first.document, first.verified)]
    if first is None or len(same) < len(bases):
        return sentence_of(bases)
    return replace(first, article="、".join(b.article for b in bases)).sentence


def line_of(check: Check) -> CheckLine:
    return CheckLine(
        name=check.name,
        text=check.text,
        advice=check.advice,
        basis=basis_words(check.basis),
        step=f"第 {check.step} 步",
        lacks_birthday=check.code == "age_18" and check.state is CheckState.CAUTION,
    )


def earlier_steps(case: DevelopmentCase) -> list[int]:
    """Steps that may be made up from the paper file: those before the conversion that nobody entered."""
    entered = set(case.steps.standing().values_list("number", flat=True))
    return [number for number in range(1, LAST_EARLIER + 1) if number not in entered]


def approvers_above(place: Organisation, *, number: int, on: date) -> list[Organisation]:
    """Who may decide this step for a branch: committees above it, with the power where it is asked."""
    keys = [key for key in place.path.split("/") if key][:-1]
    paths = ["/".join(keys[: n + 1]) + "/" for n in range(len(keys))]
    above = Organisation.objects.filter(path__in=paths).active(on=on).order_by("-level")
    if number in APPROVED_STEPS:
        return list(above.filter(approves_members=True))
    return list(above.filter(kind=OrganisationKind.COMMITTEE))
