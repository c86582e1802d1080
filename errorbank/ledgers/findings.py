"""What was found and mended (问题整改台账), each finding as it stood on the day that is asked about."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from branches.ledger_scope import ANY, PeriodField, PeriodFilterForm, asked_days, names_on_day
from errorbank.ledgers.entries import severity_cell
from errorbank.models import Finding, FindingStep, Recheck
from errorbank.queries.findings import ALL, OVERDUE
from errorbank.rules import UNFIXED_STATES, ErrorCategory, FindingState, RecheckState, StepKind
from errorbank.rules.figures import state_by
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register

VIEW = "errorbank.view_finding"
UNSETTLED = "unsettled"
DONE_STATES = frozenset({FindingState.RECHECKING, FindingState.CLOSED})

COLUMNS = (
    Column("organisation", "党组织", width=23),
    Column("category", "类别", width=19),
    Column("problem", "问题", width=31),
    Column("source", "来源", width=16),
    Column("found_on", "发现日期", ColumnKind.DATE, width=23),
    Column("severity", "程度", ColumnKind.STATE, width=17),
    Column("measure", "整改措施", width=25),
    Column("responsible", "责任人", width=14),
    Column("deadline_on", "整改期限", ColumnKind.DATE, width=23),
    Column("state", "状态", ColumnKind.STATE, width=18),
    Column("closed_on", "销号日期", ColumnKind.DATE, width=23),
    Column("rechecks", "复查", width=26),
)
STATES = [(ALL, "全部"), (UNSETTLED, "未了结"), (OVERDUE, "已逾期"), *FindingState.choices]


class RectificationLedgerForm(PeriodFilterForm):
    """Organisation, the period in which it was found, state and category."""

    permission = VIEW
    period = PeriodField(
        required=False,
        label="发现期间",
        help_text="2026-11（月）、2026Q4（季）、2026H2（半年）或 2026（年）；不填则列出全部。",
    )
    state = forms.ChoiceField(label="情况", required=False, choices=STATES, initial=ALL)
    category = forms.ChoiceField(label="类别", required=False, choices=[*ANY, *ErrorCategory.choices])

    @classmethod
    def usual_period(cls, on: date) -> str:
        return ""


def _findings(user: User | None, cleaned: Cleaned, on: date) -> QuerySet[Finding]:
    rows = Finding.objects.filter(RectificationLedgerForm.rows_of(user, cleaned, on), found_on__lte=on)
    if cleaned["period"]:
        days = asked_days(cleaned, on)
        rows = rows.filter(found_on__range=(days.first, days.last))
    if cleaned["category"]:
        rows = rows.filter(category=cleaned["category"])
    return rows


def finding_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Rows in tree order, then by the day they were found. Four statements, whatever the number."""
    findings = _findings(user, cleaned, on)
    kinds, said, names = _steps(findings, on), _rechecks(findings, on), names_on_day(on)
    ordered = findings.order_by("organisation__level", "organisation__code", "found_on", "pk")
    for finding in ordered.select_related("organisation").iterator(chunk_size=2000):
        state = state_by(kinds[finding.pk])
        if not _is_wanted(finding, state, cleaned["state"], on):
            continue
        yield (
            names.get(finding.organisation_id, finding.organisation.name),
            finding.get_category_display(),
            f"{finding.problem}（自查）" if finding.self_reported else finding.problem,
            finding.get_source_display(),
            finding.found_on,
            severity_cell(finding.severity),
            finding.measure,
            finding.responsible_name,
            finding.deadline_on,
            finding_cell(state, finding.deadline_on, on),
            finding.closed_on if finding.closed_on and finding.closed_on <= on else None,
            "；".join(said[finding.pk]),
        )


def _is_wanted(finding: Finding, state: FindingState, wanted: str, on: date) -> bool:
    if wanted == OVERDUE:
        return state in UNFIXED_STATES and finding.deadline_on < on
    if wanted == UNSETTLED:
        return state not in DONE_STATES
    return wanted in ("", ALL, state)


def _steps(findings: QuerySet[Finding], on: date) -> dict[int, list[StepKind]]:
    """What happened to each until that day, the oldest first."""
    kinds: dict[int, list[StepKind]] = defaultdict(list)
    steps = FindingStep.objects.filter(finding__in=findings, on__lte=on).order_by("on", "pk")
    for finding, kind in steps.values_list("finding", "kind"):
        kinds[finding].append(StepKind(kind))
    return kinds


def finding_cell(state: FindingState, deadline_on: date, on: date) -> Cell:
    if state in UNFIXED_STATES and deadline_on < on:
        return Cell("已逾期", Tone.LATE)
    if state in DONE_STATES:
        return Cell(state.label, Tone.OK)
    return Cell(state.label, Tone.SOON if state == FindingState.SUBMITTED else Tone.NONE)


def _rechecks(findings: QuerySet[Finding], on: date) -> dict[int, list[str]]:
    """What came of each recheck by that day, in the order of the series."""
    said: dict[int, list[str]] = defaultdict(list)
    rows = Recheck.objects.filter(finding__in=findings).order_by("finding", "stage")
    for recheck in rows:
        answered = recheck.done_on is None or recheck.done_on <= on
        state = RecheckState(recheck.state) if answered else RecheckState.WAITING
        day = recheck.done_on if recheck.done_on and answered else recheck.due_on
        said[recheck.finding_id].append(f"{day:%Y-%m-%d} {state.label}")
    return said


RECTIFICATION = register(
    Ledger(
        slug="rectification",
        title="问题整改台账",
        description="检查和自查发现的每个问题：责任人、期限、整改情况和历次复查；支部自查发现的注明“自查”。",
        columns=COLUMNS,
        filter_form=RectificationLedgerForm,
        rows=finding_rows,
        heading=RectificationLedgerForm.heading,
        permission=VIEW,
        may_open=RectificationLedgerForm.may_open,
        order_note="按组织顺序、发现日期先后排列",
        group=LedgerGroup.MATTERS,
    )
)
