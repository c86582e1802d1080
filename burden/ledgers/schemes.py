"""Assessment schemes and how much of each only counts traces (考核办法台账), as they stood on a day."""

from collections.abc import Iterator
from datetime import date

from accounts.models import User
from branches.ledger_scope import DayFilterForm, asked_days
from branches.rules.policy import plain
from burden.ledgers.measures import holding_for
from burden.models import AssessmentScheme
from burden.models.schemes import VIEW_SCHEME
from burden.queries.schemes import SchemeLine, lines_of
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register

COLUMNS = (
    Column("issuer", "考核单位", width=30),
    Column("name", "考核办法", width=40),
    Column("about", "考核什么、由谁考核", width=55),
    Column("since", "执行日期", ColumnKind.DATE, width=23),
    Column("points", "总分", ColumnKind.DECIMAL, width=18),
    Column("trace_points", "留痕分值", ColumnKind.DECIMAL, width=20),
    Column("of_points", "占比 %", ColumnKind.DECIMAL, width=18),
    Column("of_items", "项目占比 %", ColumnKind.DECIMAL, width=22),
    Column("state", "情况", ColumnKind.STATE, width=32),
)


class SchemeLedgerForm(DayFilterForm):
    """Organisation, and the day as of which the rows hold."""

    permission = VIEW_SCHEME


def scheme_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Schemes of the organisation, of those above it and below it; five statements."""
    day = asked_days(cleaned, on).day
    places = list(SchemeLedgerForm.chosen(user, cleaned, on))
    schemes = AssessmentScheme.objects.filter(holding_for(places)).exclude(retired_on__lte=day)
    ordered = schemes.order_by("organisation__level", "organisation__code", "name")
    for line in lines_of(ordered, on=day):
        if (current := line.current) is not None:
            share = current.share
            yield (
                line.scheme.organisation.name,
                line.scheme.name,
                line.scheme.about,
                current.since,
                share.points,
                share.trace_points,
                share.of_points,
                share.of_items,
                _state(line),
            )


def _state(line: SchemeLine) -> Cell:
    if line.is_above:
        return Cell(f"超过提醒线 {plain(line.limit)}%", Tone.SOON)
    return Cell("没有超过提醒线", Tone.OK)


SCHEMES = register(
    Ledger(
        slug="schemes",
        title="考核办法台账",
        description="各考核办法的总分、只看留痕的分值和占比；支部看到的是对本支部有效的考核办法。",
        columns=COLUMNS,
        filter_form=SchemeLedgerForm,
        rows=scheme_rows,
        heading=SchemeLedgerForm.heading,
        permission=VIEW_SCHEME,
        may_open=SchemeLedgerForm.may_open,
        order_note="按组织顺序、名称排列",
        group=LedgerGroup.OTHER,
    )
)
