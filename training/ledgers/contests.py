"""Contests (竞赛台账): one row for each awarded work; nothing before the result is published."""

from collections.abc import Iterator
from datetime import date

from django import forms

from accounts.models import User
from branches.ledger_scope import ANY, PeriodFilterForm, asked_days, names_on_day
from ledgers.ledger import Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row
from ledgers.registry import register
from training.models import Work
from training.models.contests import VIEW_CONTEST
from training.rules.contests import ContestKind

COLUMNS = (
    Column("organisation", "报送支部", width=44),
    Column("published_on", "公布日期", ColumnKind.DATE, width=21),
    Column("kind", "类别", width=34),
    Column("contest", "竞赛", width=48),
    Column("place", "名次", ColumnKind.INTEGER, width=12),
    Column("title", "作品", width=45),
    Column("authors", "作者", width=28),
    Column("score", "得分", ColumnKind.DECIMAL, width=14),
    Column("applause", "掌声", ColumnKind.INTEGER, width=12),
)


class ContestLedgerForm(PeriodFilterForm):
    """Organisation, the period and the kind."""

    permission = VIEW_CONTEST
    kind = forms.ChoiceField(label="类别", required=False, choices=[*ANY, *ContestKind.choices])

    @classmethod
    def usual_period(cls, on: date) -> str:
        return str(on.year)


def contest_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """In tree order, then by day and place; three statements."""
    days = asked_days(cleaned, on)
    wanted = Work.objects.awarded().filter(
        ContestLedgerForm.rows_of(user, cleaned, on), contest__published_on__range=(days.first, days.last)
    )
    wanted = wanted.filter(contest__kind=cleaned["kind"]) if cleaned["kind"] else wanted
    names = names_on_day(on)
    listed = wanted.select_related("organisation", "contest").prefetch_related("authors__user")
    ordered = listed.order_by(
        "organisation__level", "organisation__code", "contest__published_on", "place", "key"
    )
    for row in ordered:
        yield names.get(row.organisation_id, row.organisation.name), *_cells(row)


def _cells(row: Work) -> Row:
    return (
        row.contest.published_on,
        str(row.contest.get_kind_display()),
        row.contest.title,
        row.place,
        row.title,
        "、".join(author.user.name for author in row.authors.all()),
        row.score,
        row.applause,
    )


CONTESTS = register(
    Ledger(
        slug="contests",
        title="竞赛台账",
        description="已公布竞赛的获奖作品：报送支部、名次、作者、得分和掌声；期间按公布日期计算，没有公布的竞赛不列。",
        columns=COLUMNS,
        filter_form=ContestLedgerForm,
        rows=contest_rows,
        heading=ContestLedgerForm.heading,
        permission=VIEW_CONTEST,
        may_open=ContestLedgerForm.may_open,
        order_note="按组织顺序、公布先后和名次排列",
        group=LedgerGroup.LIFE,
    )
)
