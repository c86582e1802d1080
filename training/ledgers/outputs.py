"""Outputs (成果台账): one row for each output in the library."""

from collections.abc import Iterator
from datetime import date

from django import forms
from django.db.models import Count

from accounts.models import User
from branches.ledger_scope import ANY, PeriodFilterForm, asked_days, names_on_day
from errorbank.rules import ErrorCategory
from ledgers.ledger import Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row
from ledgers.registry import register
from training.models import Output
from training.models.outputs import VIEW_OUTPUT
from training.rules.outputs import OutputKind

COLUMNS = (
    Column("organisation", "报送单位", width=40),
    Column("published_on", "入库日期", ColumnKind.DATE, width=21),
    Column("kind", "类别", width=20),
    Column("topic", "专题", width=40),
    Column("title", "名称", width=66),
    Column("authors", "作者", width=41),
    Column("version", "版次", ColumnKind.INTEGER, width=14),
    Column("uses", "在用支部", ColumnKind.INTEGER, width=16),
)


class OutputLedgerForm(PeriodFilterForm):
    """Organisation, the period, the kind and the topic."""

    permission = VIEW_OUTPUT
    kind = forms.ChoiceField(label="类别", required=False, choices=[*ANY, *OutputKind.choices])
    topic = forms.ChoiceField(label="专题", required=False, choices=[*ANY, *ErrorCategory.choices])

    @classmethod
    def usual_period(cls, on: date) -> str:
        return str(on.year)


def output_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """In tree order, then by day; three statements."""
    days = asked_days(cleaned, on)
    wanted = Output.objects.filter(
        OutputLedgerForm.rows_of(user, cleaned, on), first_published_on__range=(days.first, days.last)
    )
    for name in ("kind", "topic"):
        wanted = wanted.filter(**{name: cleaned[name]}) if cleaned[name] else wanted
    names = names_on_day(on)
    listed = wanted.select_related("organisation", "published").prefetch_related("published__authors__user")
    ordered = listed.annotate(use_count=Count("uses")).order_by(
        "organisation__level", "organisation__code", "first_published_on", "pk"
    )
    for row in ordered:
        yield names.get(row.organisation_id, row.organisation.name), *_cells(row)


def _cells(row: Output) -> Row:
    return (
        row.first_published_on,
        str(row.get_kind_display()),
        str(row.get_topic_display()),
        row.title,
        "、".join(author.user.name for author in row.published.authors.all()) if row.published else "",
        row.published.number if row.published else None,
        int(getattr(row, "use_count", 0)),
    )


OUTPUTS = register(
    Ledger(
        slug="outputs",
        title="成果台账",
        description="入库的工作法、案例和研究成果：谁报送、作者是谁、第几版、几个支部在用；期间按入库日期计算，“在用”只数写明变化的支部。",
        columns=COLUMNS,
        filter_form=OutputLedgerForm,
        rows=output_rows,
        heading=OutputLedgerForm.heading,
        permission=VIEW_OUTPUT,
        may_open=OutputLedgerForm.may_open,
        order_note="按组织顺序、入库先后排列",
        group=LedgerGroup.LIFE,
    )
)
