"""The ledgers of the error bank: its entries (错题库台账), and what was found and mended (问题整改台账)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django import forms
from django.http import QueryDict

from accounts.models import User
from branches.access import may
from branches.ledger_scope import ScopedFilterForm
from branches.models import Organisation
from errorbank.models import ErrorEntry, Finding, Recheck
from errorbank.queries.findings import ALL, OVERDUE, FindingFilter
from errorbank.rules import (
    UNFIXED_STATES,
    ErrorCategory,
    FindingState,
    RecheckState,
    Severity,
    Source,
)
from ledgers.forms import FilterForm
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Heading, Ledger, Row, Tone
from ledgers.registry import register

ENTRY_SLUG, FINDING_SLUG = "errors", "rectification"
VIEW_ENTRY, VIEW_FINDING = "errorbank.view_entry", "errorbank.view_finding"
ANY = [("", "全部")]

# --- entries -------------------------------------------------------------------------------------------

ENTRY_COLUMNS = (
    Column("code", "编号", width=15),
    Column("category", "类别", width=25),
    Column("problem", "问题表现", width=45),
    Column("why_wrong", "错在哪里", width=45),
    Column("severity", "程度", ColumnKind.STATE, width=14),
    Column("measure", "整改措施", width=43),
    Column("recheck_method", "复查办法", width=36),
    Column("basis", "依据", width=35),
)


class EntryLedgerForm(FilterForm):
    category = forms.ChoiceField(label="类别", required=False, choices=[*ANY, *ErrorCategory.choices])
    severity = forms.ChoiceField(label="程度", required=False, choices=[*ANY, *Severity.choices])
    source = forms.ChoiceField(label="来源", required=False, choices=[*ANY, *Source.choices])


def entry_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Published entries in use that reach the reader, by code. One statement."""
    entries = ErrorEntry.objects.in_use()
    if user is not None:
        entries = entries.reaching(user, VIEW_ENTRY, on=on)
    wanted = {f"published__{name}": cleaned[name] for name in ("category", "severity", "source")}
    narrowed = entries.filter(**{name: value for name, value in wanted.items() if value})
    for entry in narrowed.select_related("published").order_by("code"):
        if (wording := entry.published) is not None:
            yield (
                entry.code,
                wording.get_category_display(),
                wording.problem,
                wording.why_wrong,
                severity_cell(wording.severity),
                wording.measure,
                wording.recheck_method,
                _basis(wording.basis),
            )


def severity_cell(severity: str) -> Cell:
    return Cell(Severity(severity).label, Tone.SOON if severity == Severity.SERIOUS else Tone.NONE)


def _basis(rows: list[dict[str, object]]) -> str:
    """Document and article; what nobody saw in its source is said to be unverified."""
    return "；".join(
        f"《{row['document']}》{row.get('article', '')}{'' if row.get('verified') else '（待核实）'}"
        for row in rows
    )


def entry_heading(user: User | None, cleaned: Cleaned, on: date) -> Heading:
    category = cleaned["category"]
    name = str(ErrorCategory(category).label) if category else "全部类别"
    return Heading(name, f"{on.year} 年 {on.month} 月 {on.day} 日", f"{on:%Y-%m-%d}")


# --- findings ------------------------------------------------------------------------------------------

FINDING_COLUMNS = (
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
STATES = [(ALL, "全部"), ("unsettled", "未了结"), (OVERDUE, "已逾期"), *FindingState.choices]


class RectificationLedgerForm(ScopedFilterForm):
    """Organisation, state, category and the days on which it was found."""

    permission = VIEW_FINDING
    state = forms.ChoiceField(label="情况", required=False, choices=STATES)
    category = forms.ChoiceField(label="类别", required=False, choices=[*ANY, *ErrorCategory.choices])
    year = forms.IntegerField(
        label="发现年份", required=False, min_value=2000, max_value=2199, help_text="不填则列出各年的。"
    )

    def __init__(self, data: QueryDict | None = None, *, user: User | None, on: date) -> None:
        super().__init__(data, user=user, on=on)
        self.fields["state"].initial = ALL


def _findings(user: User | None, cleaned: Cleaned, on: date) -> list[Finding]:
    rows = Finding.objects.all() if user is None else Finding.objects.visible_to(user, on=on)
    if cleaned["organisation"]:
        rows = rows.filter(organisation__in=Organisation.objects.within(cleaned["organisation"]))
    if cleaned["year"]:
        rows = rows.filter(found_on__year=cleaned["year"])
    state = "" if cleaned["state"] == "unsettled" else cleaned["state"] or ALL
    asked = FindingFilter(state=state, category=cleaned["category"])
    narrowed = asked.of_state(asked.narrow(rows), on=on).select_related("organisation")
    return list(narrowed.order_by("organisation__level", "organisation__code", "found_on", "pk"))


def finding_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Rows in tree order, then by the day they were found. Two statements, whatever the number."""
    findings = _findings(user, cleaned, on)
    said = _rechecks([finding.pk for finding in findings])
    for finding in findings:
        problem = f"{finding.problem}（自查）" if finding.self_reported else finding.problem
        yield (
            finding.organisation.name,
            finding.get_category_display(),
            problem,
            finding.get_source_display(),
            finding.found_on,
            severity_cell(finding.severity),
            finding.measure,
            finding.responsible_name,
            finding.deadline_on,
            finding_cell(finding, on),
            finding.closed_on,
            "；".join(said[finding.pk]),
        )


def finding_cell(finding: Finding, on: date) -> Cell:
    state = FindingState(finding.state)
    if state in UNFIXED_STATES and finding.deadline_on < on:
        return Cell("已逾期", Tone.LATE)
    if state in (FindingState.RECHECKING, FindingState.CLOSED):
        return Cell(state.label, Tone.OK)
    return Cell(state.label, Tone.SOON if state == FindingState.SUBMITTED else Tone.NONE)


def _rechecks(findings: list[int]) -> dict[int, list[str]]:
    """What came of each recheck, in the order of the series."""
    said: dict[int, list[str]] = defaultdict(list)
    rows = Recheck.objects.filter(finding__in=findings).order_by("finding", "stage")
    for recheck in rows:
        day, state = recheck.done_on or recheck.due_on, RecheckState(recheck.state).label
        said[recheck.finding_id].append(f"{day:%Y-%m-%d} {state}")
    return said


def finding_heading(user: User | None, cleaned: Cleaned, on: date) -> Heading:
    name = RectificationLedgerForm.place_name(user, cleaned, on)
    if cleaned["year"]:
        return Heading(name, f"{cleaned['year']} 年发现的问题", str(cleaned["year"]))
    return Heading(name, f"{on.year} 年 {on.month} 月 {on.day} 日", f"{on:%Y-%m-%d}")


ERRORS = register(
    Ledger(
        slug=ENTRY_SLUG,
        title="错题库台账",
        description="常见问题：表现、错在哪里、怎样整改、怎样复查和依据。",
        columns=ENTRY_COLUMNS,
        filter_form=EntryLedgerForm,
        rows=entry_rows,
        heading=entry_heading,
        permission=VIEW_ENTRY,
        may_open=lambda user, on: may(user, VIEW_ENTRY, on=on),
        order_note="按编号排列",
    )
)
RECTIFICATION = register(
    Ledger(
        slug=FINDING_SLUG,
        title="问题整改台账",
        description="检查和自查发现的每个问题：责任人、期限、整改情况和历次复查；支部自查发现的注明“自查”。",
        columns=FINDING_COLUMNS,
        filter_form=RectificationLedgerForm,
        rows=finding_rows,
        heading=finding_heading,
        permission=VIEW_FINDING,
        may_open=lambda user, on: may(user, VIEW_FINDING, on=on),
        order_note="按组织顺序、发现日期先后排列",
    )
)
