"""A ledger that only the tests know: every kind of column, rows from memory."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import User
from ledgers.document import LedgerDocument, build_document
from ledgers.forms import FilterForm
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Heading, Ledger, Row, Tone
from ledgers.registry import register, unregister

ON = date(2026, 11, 13)
AS_OF = datetime(2026, 11, 13, 1, 30, tzinfo=UTC)
PERMISSION = "sample.view"

COLUMNS = (
    Column("branch", "党支部", width=44),
    Column("held", "日期", ColumnKind.DATE, width=25),
    Column("topic", "内容摘要", width=76),
    Column("present", "出席人数", ColumnKind.INTEGER, width=20),
    Column("hours", "学时", ColumnKind.HOURS, width=18),
    Column("dues", "金额", ColumnKind.DECIMAL, width=22),
    Column("state", "状态", ColumnKind.STATE, width=26),
    Column("entered", "登记时间", ColumnKind.DATETIME, width=36),
)

ROWS: list[Row] = [
    (
        "红土坡烟站党支部",
        date(2026, 11, 5),
        "专题学习",
        12,
        Decimal("1.5"),
        Decimal("20.00"),
        Cell("按时完成", Tone.OK),
        datetime(2026, 11, 5, 16, 5, tzinfo=UTC),
    ),
    ("城关党支部", None, "=1+1", 0, Decimal(2), None, Cell("已逾期", Tone.LATE), None),
    (
        "",
        date(2024, 2, 29),
        "a < b & <b>粗</b>",
        None,
        None,
        Decimal("0.10"),
        Cell("即将到期", Tone.SOON),
        None,
    ),
]


ORGANISATIONS = {"HTP": "红土坡烟站党支部", "CG": "城关党支部"}


class SampleForm(FilterForm):
    organisation = forms.ChoiceField(
        label="党支部",
        required=False,
        choices=[("", "全部"), *ORGANISATIONS.items()],
    )
    period = forms.RegexField(r"^\d{4}-(0[1-9]|1[0-2])$", label="月份", initial="2026-11")
    state = forms.MultipleChoiceField(
        label="状态", required=False, choices=[("ok", "按时完成"), ("late", "已逾期"), ("soon", "即将到期")]
    )


def sample_heading(user: User | None, cleaned: Cleaned, on: date) -> Heading:
    year, month = cleaned["period"].split("-")
    name = ORGANISATIONS.get(cleaned["organisation"], "县局党总支")
    return Heading(name, f"{year} 年 {int(month)} 月", cleaned["period"])


def make_ledger(rows: Iterable[Row] = tuple(ROWS), **changes: Any) -> Ledger:
    """Return the sample ledger over `rows`; a user sees only rows of branches in their name."""
    kept = list(rows)

    def visible(user: User | None, cleaned: Cleaned, on: date) -> list[Row]:
        mine = [row for row in kept if user is None or user.name in ("全部", row[0])]
        wanted = cleaned["state"]
        return [
            row for row in mine if not wanted or (isinstance(row[6], Cell) and row[6].tone.value in wanted)
        ]

    ledger = Ledger(
        slug="sample",
        title="支部活动台账",
        description="各支部当月开展的活动。",
        columns=COLUMNS,
        filter_form=SampleForm,
        rows=visible,
        heading=sample_heading,
        permission=PERMISSION,
        may_open=lambda user, on: user.name != "无权",
        order_note="按日期先后",
    )
    return replace(ledger, **changes)


def document_of(
    ledger: Ledger, query: str = "", *, user: User | None = None, sort: str = ""
) -> LedgerDocument:
    form = ledger.filter_form.filled(QueryDict(query), user=user, on=ON)
    assert form.is_valid(), form.errors
    return build_document(ledger, form, user=user, on=ON, as_of=AS_OF, sort=sort)


@contextmanager
def registered(ledger: Ledger) -> Iterator[Ledger]:
    """Put a ledger into the registry for a while."""
    try:
        yield register(ledger)
    finally:
        unregister(ledger.slug)


def topic_row(topic: str, branch: str = "城关党支部") -> Row:
    return (branch, ON, topic, 1, Decimal(1), Decimal(1), Cell("按时完成", Tone.OK), AS_OF)
