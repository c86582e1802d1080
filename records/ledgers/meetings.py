"""Meetings and lectures (三会一课台账): when, where, who led it, how many came, what was decided and how."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from branches.ledger_scope import ANY, PeriodFilterForm, names_on_day
from ledgers.ledger import Cleaned, Column, ColumnKind, Ledger, LedgerGroup, Row
from ledgers.registry import register
from records.ledgers.held import VIEW, in_ledger_order, records_held, subject_of
from records.models import Record, RecordAction, Vote
from records.rules import MEETING_KINDS

COLUMNS = (
    Column("organisation", "党支部", width=28),
    Column("kind", "类别", width=19),
    Column("held_on", "日期", ColumnKind.DATE, width=21),
    Column("place", "地点", width=19),
    Column("host", "主持（主讲）", width=19),
    Column("eligible", "应到", ColumnKind.INTEGER, width=12),
    Column("present", "实到", ColumnKind.INTEGER, width=12),
    Column("topics", "议题", width=31),
    Column("resolutions", "决议", width=45),
    Column("votes", "表决", width=31),
    Column("entered_on", "登记日期", ColumnKind.DATE, width=21),
)
KINDS = list(dict.fromkeys(MEETING_KINDS.values()))


class MeetingLedgerForm(PeriodFilterForm):
    """Organisation, the period in which it was held, and which of the four it was."""

    permission = VIEW
    kind = forms.ChoiceField(label="类别", required=False, choices=[*ANY, *((kind, kind) for kind in KINDS)])


def meeting_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Rows in tree order, then by day. Four statements, whatever the number."""
    wanted = cleaned["kind"]
    codes = [code for code, kind in MEETING_KINDS.items() if wanted in ("", kind)]
    records = records_held(MeetingLedgerForm, user, cleaned, on, codes=codes)
    kinds, votes, names = _kinds(records), _votes(records), names_on_day(on)
    for record in in_ledger_order(records).iterator(chunk_size=2000):
        yield (
            names.get(record.organisation_id, record.organisation.name),
            "、".join(kinds[record.pk]),
            record.held_on,
            record.place,
            record.host,
            record.eligible_count,
            record.present_count,
            subject_of(record),
            record.resolutions,
            "\n".join(votes[record.pk]),
            record.entered_on,
        )


def _kinds(records: QuerySet[Record]) -> dict[int, Sequence[str]]:
    """What each was, in the order of 三会一课; a lecture given in a meeting is both."""
    found: dict[int, set[str]] = defaultdict(set)
    answered = RecordAction.objects.filter(record__in=records.values("pk"), action_code__in=MEETING_KINDS)
    for record, code in answered.values_list("record", "action_code"):
        found[record].add(MEETING_KINDS[code])
    return {record: [kind for kind in KINDS if kind in kinds] for record, kinds in found.items()}


def _votes(records: QuerySet[Record]) -> dict[int, list[str]]:
    said: dict[int, list[str]] = defaultdict(list)
    for vote in Vote.objects.filter(record__in=records.values("pk")).order_by("pk"):
        said[vote.record_id].append(vote_words(vote))
    return said


def vote_words(vote: Vote) -> str:
    counts = (
        f"应到 {vote.eligible}，实到 {vote.present}，赞成 {vote.yes}，反对 {vote.no}，弃权 {vote.abstain}"
    )
    return f"{vote.matter}：{counts}，{'通过' if vote.passed else '未通过'}"


MEETINGS = register(
    Ledger(
        slug="meetings",
        title="三会一课台账",
        description="支部党员大会、支部委员会会议、党小组会和党课：日期、地点、主持、人数、议题、决议和表决。期间按召开日期；补登的写明登记日期。",
        columns=COLUMNS,
        filter_form=MeetingLedgerForm,
        rows=meeting_rows,
        heading=MeetingLedgerForm.heading,
        permission=VIEW,
        may_open=MeetingLedgerForm.may_open,
        order_note="按组织顺序、召开日期先后排列",
        group=LedgerGroup.LIFE,
    )
)
