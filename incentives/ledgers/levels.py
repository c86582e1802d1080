"""Levels held at the end of a period (等级台账), and the reserve pool (后备干部台账)."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Q

from accounts.models import User
from branches.ledger_scope import PeriodFilterForm, asked_days
from incentives.models import LevelTerm, ReservePlace
from incentives.models.contributions import VIEW_RECORD
from incentives.models.development import KEEP_RESERVE
from incentives.rules.levels import RUNNING_RESERVE
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register

LEVEL_COLUMNS = (
    Column("organisation", "支部", width=60),
    Column("name", "姓名", width=28),
    Column("level", "等级", width=34),
    Column("origin", "由来", width=34),
    Column("since", "自", ColumnKind.DATE, width=24),
    Column("until", "有效期至", ColumnKind.DATE, width=24),
    Column("ended_on", "不再有效自", ColumnKind.DATE, width=24),
    Column("state", "情况", ColumnKind.STATE, width=30),
)
RESERVE_COLUMNS = (
    Column("organisation", "支部", width=46),
    Column("name", "姓名", width=24),
    Column("reason", "理由", width=80),
    Column("state", "状态", ColumnKind.STATE, width=36),
    Column("proposed_on", "提出日期", ColumnKind.DATE, width=24),
    Column("since", "入库日期", ColumnKind.DATE, width=24),
    Column("ended_on", "结束日期", ColumnKind.DATE, width=24),
)


class YearForm(PeriodFilterForm):
    """Organisation and a period, this year unless another is asked for."""

    permission = VIEW_RECORD

    @classmethod
    def usual_period(cls, on: date) -> str:
        return str(on.year)


class ReserveForm(YearForm):
    permission = KEEP_RESERVE


def level_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Terms that held on some day of the period, by organisation, name and day; two statements."""
    days = asked_days(cleaned, on)
    found = LevelTerm.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=days.first),
        YearForm.rows_of(user, cleaned, on),
        since__lte=days.last,
    )
    order = ("organisation__level", "organisation__code", "user__name", "since", "pk")
    for term in found.select_related("organisation", "user").order_by(*order):
        yield (
            term.organisation.name,
            term.user.name,
            term.get_level_display(),
            term.get_origin_display(),
            term.since,
            term.until,
            term.ended_on,
            _state(term, min(days.last, on)),
        )


def _state(term: LevelTerm, on: date) -> Cell:
    if term.ended_on is not None and term.ended_on <= on:
        return Cell("已结束")
    return Cell("待续期", Tone.SOON) if term.until < on else Cell("有效", Tone.OK)


def reserve_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """What was proposed by the end of the period and had not ended before it; two statements."""
    days = asked_days(cleaned, on)
    found = ReservePlace.objects.filter(
        Q(ended_on=None) | Q(ended_on__gte=days.first),
        ReserveForm.rows_of(user, cleaned, on),
        proposed_on__lte=days.last,
    )
    order = ("organisation__level", "organisation__code", "user__name", "pk")
    for place in found.select_related("organisation", "user").order_by(*order):
        tone = Tone.OK if place.state in RUNNING_RESERVE else Tone.NONE
        yield (
            place.organisation.name,
            place.user.name,
            place.reason,
            Cell(place.get_state_display(), tone),
            place.proposed_on,
            place.since,
            place.ended_on,
        )


LEVELS = register(
    Ledger(
        slug="levels",
        title="等级台账",
        description="党务专员、主管、专家的认定、续期和变动；按组织和姓名排列，不排名。",
        columns=LEVEL_COLUMNS,
        filter_form=YearForm,
        rows=level_rows,
        heading=YearForm.heading,
        permission=VIEW_RECORD,
        may_open=YearForm.may_open,
        order_note="按组织顺序、姓名、日期排列",
        group=LedgerGroup.OTHER,
    )
)
RESERVE = register(
    Ledger(
        slug="reserve",
        title="后备干部台账",
        description="后备干部的提出、本人同意、入库和结束；只有负责的人能看。",
        columns=RESERVE_COLUMNS,
        filter_form=ReserveForm,
        rows=reserve_rows,
        heading=ReserveForm.heading,
        permission=KEEP_RESERVE,
        may_open=ReserveForm.may_open,
        order_note="按组织顺序、姓名排列",
        group=LedgerGroup.OTHER,
    )
)
