"""Sessions (培训台账): one row for each branch that took part or is invited."""

from collections.abc import Iterator
from datetime import date

from django import forms

from accounts.models import User
from branches.ledger_scope import ANY, PeriodFilterForm, asked_days, names_on_day
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register
from training.models import SessionBranch
from training.models.sessions import VIEW_SESSION
from training.rules.sessions import SessionKind, SessionState

COLUMNS = (
    Column("organisation", "党支部", width=39),
    Column("held_on", "日期", ColumnKind.DATE, width=21),
    Column("kind", "形式", width=17),
    Column("title", "主题", width=60),
    Column("leader", "主讲人（带队人）", width=28),
    Column("place", "地点", width=36),
    Column("invited", "应到", ColumnKind.INTEGER, width=13),
    Column("present", "实到", ColumnKind.INTEGER, width=13),
    Column("hours", "学时", ColumnKind.HOURS, width=13),
    Column("state", "状态", ColumnKind.STATE, width=18),
)
_TONES = {SessionState.HELD: Tone.OK}


class SessionLedgerForm(PeriodFilterForm):
    """Organisation, the period, the form and what became of it."""

    permission = VIEW_SESSION
    kind = forms.ChoiceField(label="形式", required=False, choices=[*ANY, *SessionKind.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=[*ANY, *SessionState.choices])

    @classmethod
    def usual_period(cls, on: date) -> str:
        return str(on.year)


def session_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """In tree order, then by day; two statements."""
    days = asked_days(cleaned, on)
    wanted = SessionBranch.objects.filter(
        SessionLedgerForm.rows_of(user, cleaned, on), session__held_on__range=(days.first, days.last)
    )
    for name in ("kind", "state"):
        wanted = wanted.filter(**{f"session__{name}": cleaned[name]}) if cleaned[name] else wanted
    names = names_on_day(on)
    ordered = wanted.select_related("session", "organisation", "record").order_by(
        "organisation__level", "organisation__code", "session__held_on", "session_id"
    )
    for row in ordered.iterator():
        yield names.get(row.organisation_id, row.organisation.name), *_cells(row)


def _cells(row: SessionBranch) -> Row:
    session, record, state = row.session, row.record, SessionState(row.session.state)
    return (
        session.held_on,
        str(session.get_kind_display()),
        session.title,
        session.leader_name,
        session.place,
        record.eligible_count if record else None,
        record.present_count if record else None,
        session.hours if record else None,
        Cell(str(state.label), _TONES.get(state, Tone.NONE)),
    )


SESSIONS = register(
    Ledger(
        slug="sessions",
        title="培训台账",
        description="党总支组织的授课、研讨、演练、现场教学和参观：哪个支部、哪一天、谁主讲、应到和实到多少人、计多少学时；期间按培训日期计算。",
        columns=COLUMNS,
        filter_form=SessionLedgerForm,
        rows=session_rows,
        heading=SessionLedgerForm.heading,
        permission=VIEW_SESSION,
        may_open=SessionLedgerForm.may_open,
        order_note="按组织顺序、日期先后排列；没有人参加的支部，应到、实到和学时为空",
        group=LedgerGroup.LIFE,
    )
)
