"""The entries of the error bank (错题库台账)."""

from collections.abc import Iterator
from datetime import date

from django import forms

from accounts.models import User
from branches.access import may
from branches.ledger_scope import ANY, day_heading
from errorbank.models import ErrorEntry
from errorbank.rules import ErrorCategory, Severity, Source
from ledgers.forms import FilterForm
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Heading, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register

ENTRY_SLUG = "errors"
VIEW_ENTRY = "errorbank.view_entry"

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
    return day_heading(name, on)


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
        group=LedgerGroup.MATTERS,
    )
)
