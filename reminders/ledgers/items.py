"""The reminder ledger (提醒事项台账): what was asked of whom, until when, and what became of it."""

from collections.abc import Iterator
from datetime import date
from typing import Any, cast

from django import forms
from django.db.models import F, Q
from django.db.models.functions import TruncDate
from django.http import QueryDict

from accounts.models import User
from branches.ledger_scope import PeriodFilterForm
from branches.models import Organisation
from branches.models.organisation import OrganisationQuerySet
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register
from periods.labels import period_label
from periods.spans import days_of
from reminders.buckets import COUNTED, Bucket, bucket_of, in_bucket
from reminders.models import Action, ActionVersion, ReminderItem
from reminders.queries.overview import LISTED_KINDS
from reminders.rules import ItemState
from reminders.wording import short_basis

SLUG = "reminders"
PERMISSION = "reminders.view_item"
SOON_DAYS = 3

COLUMNS = (
    Column("organisation", "组织", width=34),
    Column("action", "事项", width=35),
    Column("subject", "对象", width=32),
    Column("period", "所属期", width=24),
    Column("due_on", "截止日期", ColumnKind.DATE, width=21),
    Column("state", "状态", ColumnKind.STATE, width=22),
    Column("done_on", "完成日期", ColumnKind.DATE, width=21),
    Column("entered_on", "登记日期", ColumnKind.DATE, width=21),
    Column("responsible", "负责人", width=17),
    Column("basis", "依据/备注", width=31),
)


class ReminderLedgerForm(PeriodFilterForm):
    """Organisation, period, action and state; the choices reach no further than the reader's own."""

    permission = PERMISSION
    action = forms.ChoiceField(label="事项", required=False)
    state = forms.MultipleChoiceField(
        label="状态", required=False, choices=Bucket.choices, help_text="不选则列出已撤下以外的全部。"
    )

    def __init__(self, data: QueryDict | None = None, *, user: User | None, on: date) -> None:
        super().__init__(data, user=user, on=on)
        names = _action_names(user, on)
        cast(forms.ChoiceField, self.fields["action"]).choices = [("", "全部"), *names.items()]

    @classmethod
    def all_places(cls) -> OrganisationQuerySet:
        """Organisations with a list; dissolved ones keep their history."""
        return Organisation.objects.filter(kind__in=sorted(LISTED_KINDS))


def _action_names(user: User | None, on: date) -> dict[str, str]:
    """Code → the name each action bears last. One query."""
    versions = ActionVersion.objects.order_by("valid_from", "pk")
    if user is not None:
        versions = versions.filter(action__in=Action.objects.reaching(user, PERMISSION, on=on))
    names = {code: str(name) for code, name in versions.values_list("action__code", "name")}
    return dict(sorted(names.items(), key=lambda pair: pair[1]))


def _items(user: User | None, cleaned: Cleaned, on: date) -> Any:
    first, last = days_of(cleaned["period"])
    places = ReminderLedgerForm.chosen(user, cleaned, on)
    items = ReminderItem.objects.filter(
        Q(due_on__range=(first, last)) | Q(done_on__range=(first, last)), organisation__in=places
    )
    if cleaned["action"]:
        items = items.filter(action__code=cleaned["action"])
    return items.filter(_state_condition(cleaned["state"], on))


def _state_condition(states: list[str], on: date) -> Q:
    condition = Q()
    for state in states or COUNTED:
        condition |= in_bucket(Bucket(state), on=on)
    return condition


_FIELDS = (
    "version",
    "done_on",
    "due_on",
    "state",
    "organisation__name",
    "subject_name",
    "period",
    "entered_on",
    "responsible_name",
    "reason",
)


def ledger_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Rows in tree order, then by due date. Two queries, whatever the number of rows."""
    items = _items(user, cleaned, on)
    ordered = items.annotate(entered_on=TruncDate("done_at")).order_by(
        F("organisation__level"), "organisation__code", "due_on", "version__name", "subject", "pk"
    )
    versions = ActionVersion.objects.filter(pk__in=items.values("version"))
    texts = {
        pk: (name, short_basis(basis))
        for pk, name, basis in versions.values_list("pk", "name", "legal_basis")
    }
    for found in ordered.values_list(*_FIELDS).iterator(chunk_size=2000):
        version, done_on, due_on, state, place, subject, period, entered_on, responsible, reason = found
        name, basis = texts[version]
        cell = state_cell(state, due_on=due_on, done_on=done_on, on=on)
        words = period_label(period)
        yield place, name, subject, words, due_on, cell, done_on, entered_on, responsible, reason or basis


def state_cell(state: str, *, due_on: date, done_on: date | None, on: date) -> Cell:
    """The state in words: done late and overdue are said as such."""
    if state == ItemState.DONE:
        late = done_on is not None and done_on > due_on
        return Cell("逾期完成", Tone.SOON) if late else Cell("按时完成", Tone.OK)
    bucket = bucket_of(state, due_on, on=on)
    if bucket is Bucket.OVERDUE:
        return Cell(bucket.label, Tone.LATE)
    if bucket is Bucket.RETURNED:
        return Cell("退回，已逾期", Tone.LATE) if due_on < on else Cell(bucket.label, Tone.SOON)
    if bucket is Bucket.TODO and (due_on - on).days <= SOON_DAYS:
        return Cell("即将到期", Tone.SOON)
    return Cell(bucket.label, Tone.NONE)


REMINDERS = register(
    Ledger(
        slug=SLUG,
        title="提醒事项台账",
        description="各支部每个期间要办的事项、截止日期和完成情况；期间按截止日期或完成日期计算。",
        columns=COLUMNS,
        filter_form=ReminderLedgerForm,
        rows=ledger_rows,
        heading=ReminderLedgerForm.heading,
        permission=PERMISSION,
        may_open=ReminderLedgerForm.may_open,
        order_note="按组织顺序、截止日期先后排列",
        group=LedgerGroup.MATTERS,
    )
)
