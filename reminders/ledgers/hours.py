"""Training hours of a year (学时台账): what the catalogue asks of each person, and what the records say.

How many hours and which checkpoints, the catalogue says (its `min_hours` and `checkpoints`); of whom, its
`applies_when` and whether the organisation has adopted the action. Here stands no number.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet, Sum

from accounts.models import User
from branches.ledger_scope import ANY, PeriodFilterForm, asked_days, known_by, names_on_day
from branches.models import Membership, Post
from branches.rules import COMMITTEE_ROLES, PARTY_MEMBER_STATUSES, Role
from ledgers.ledger import Cell, Cleaned, Column, ColumnKind, Heading, Ledger, LedgerGroup, Row, Tone
from ledgers.registry import register
from periods.labels import period_label
from periods.rule_parts import MonthDay
from records.models import Attendance
from records.rules import HOUR_KINDS, RecordKind
from reminders.models import ActionVersion
from reminders.queries.effective import Catalogue, read_catalogue
from reminders.rules import OFFICE_CONDITIONS

VIEW = "records.view_record"
ENOUGH, IN_TIME, BEHIND, SHORT = "enough", "in_time", "behind", "short"
STATES = {ENOUGH: "已达标", IN_TIME: "进度正常", BEHIND: "低于进度", SHORT: "年度未达标"}
_TONES = {ENOUGH: Tone.OK, BEHIND: Tone.SOON, SHORT: Tone.SOON}
NONE_ASKED = "没有学时要求"

COLUMNS = (
    Column("organisation", "党支部", width=44),
    Column("name", "姓名", width=18),
    Column("office", "职务", width=28),
    Column("target", "应达学时", ColumnKind.HOURS, width=20),
    Column("hours", "已有学时", ColumnKind.HOURS, width=20),
    Column("times", "参加次数", ColumnKind.INTEGER, width=20),
    Column("checkpoints", "进度检查（实有／应达）", width=46),
    Column("missing", "还差学时", ColumnKind.HOURS, width=20),
    Column("state", "状态", ColumnKind.STATE, width=42),
)


class HoursLedgerForm(PeriodFilterForm):
    """Organisation, the year (or a part of it: hours from 1 January until its end), and the state."""

    permission = VIEW
    state = forms.ChoiceField(label="状态", required=False, choices=[*ANY, *STATES.items()])

    @classmethod
    def usual_period(cls, on: date) -> str:
        return str(on.year)

    @classmethod
    def heading(cls, user: User | None, cleaned: Cleaned, on: date) -> Heading:
        days, period = asked_days(cleaned, on), cleaned["period"]
        words = f"{period_label(period)}，1 月 1 日至 {days.day.month} 月 {days.day.day} 日"
        return Heading(cls.place_name(user, cleaned, on), words, period)


@dataclass(frozen=True)
class Demand:
    """Hours of one year asked of a person: the whole, and what should be there on certain days."""

    target: Decimal | None
    checkpoints: Mapping[date, Decimal]


@dataclass(frozen=True)
class Progress:
    """Hours and times until the day, and hours until each checkpoint."""

    hours: Decimal = Decimal(0)
    times: int = 0
    by_day: Mapping[date, Decimal] | None = None

    def until(self, day: date) -> Decimal:
        return (self.by_day or {}).get(day, Decimal(0))


def hours_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Rows in tree order, then by number in the roster. Six statements, whatever the number."""
    day = asked_days(cleaned, on).day
    spans = Membership.objects.at(day).filter(
        HoursLedgerForm.rows_of(user, cleaned, on), status__in=sorted(PARTY_MEMBER_STATUSES)
    )
    offices, asking = _offices(spans, day), Asking(read_catalogue(), day)
    progress = _progress(spans, asking.checkpoint_days, day, on)
    names = names_on_day(day)
    ordered = spans.order_by("organisation__level", "organisation__code", "member__code", "pk")
    for span in ordered.select_related("member", "organisation").iterator(chunk_size=2000):
        place, held = span.organisation, offices[span.organisation_id, span.member_id]
        demand = asking.of(place.path, on_committee=bool(held))
        made = progress.get(span.member_id, Progress())
        state = _state(demand, made.hours, day)
        if cleaned["state"] and state != cleaned["state"]:
            continue
        yield (
            names.get(place.pk, place.name),
            span.member.name,
            "、".join(role.label for role in Role if role in held),
            demand.target,
            made.hours,
            made.times,
            _checkpoint_words(demand, made, day),
            max(demand.target - made.hours, Decimal(0)) if demand.target is not None else None,
            state_cell(state, demand, made.hours, day),
        )


class Asking:
    """The hours that the catalogue asks for in the year of a day, by place and office."""

    def __init__(self, catalogue: Catalogue, day: date) -> None:
        self._catalogue, self._day = catalogue, day
        self._known: dict[tuple[str, bool], Demand] = {}

    @property
    def checkpoint_days(self) -> list[date]:
        """Every day on which any version asks how far it has come; more than a place may need."""
        versions = (version for version in self._catalogue.versions() if _asks_hours(version))
        return sorted({day for version in versions for day in _checkpoints(version, self._day.year)})

    def of(self, path: str, *, on_committee: bool) -> Demand:
        key = (path, on_committee)
        if key not in self._known:
            self._known[key] = self._demand(path, on_committee)
        return self._known[key]

    def _demand(self, path: str, on_committee: bool) -> Demand:
        found = (self._catalogue.decide(action, path, self._day) for action in self._catalogue.actions)
        versions = [each.version for each in found if each and each.is_adopted and _asks_hours(each.version)]
        mine = [v for v in versions if on_committee or OFFICE_CONDITIONS.isdisjoint(v.applies_when)]
        checkpoints: dict[date, Decimal] = {}
        for version in mine:
            for day, hours in _checkpoints(version, self._day.year).items():
                checkpoints[day] = max(hours, checkpoints.get(day, hours))
        targets = [Decimal(str(version.due_rule["min_hours"])) for version in mine]
        return Demand(max(targets, default=None), dict(sorted(checkpoints.items())))


def _asks_hours(version: ActionVersion) -> bool:
    return version.record_kind == RecordKind.HOURS and bool(version.due_rule.get("min_hours"))


def _checkpoints(version: ActionVersion, year: int) -> dict[date, Decimal]:
    asked: Mapping[str, Any] = version.due_rule.get("checkpoints") or {}
    return {MonthDay.parse(day).on(year): Decimal(str(hours)) for day, hours in asked.items()}


def _offices(spans: QuerySet[Membership], day: date) -> dict[tuple[int, int], set[Role]]:
    held = Post.objects.at(day).filter(member__in=spans.values("member"), role__in=sorted(COMMITTEE_ROLES))
    found: dict[tuple[int, int], set[Role]] = defaultdict(set)
    for place, member, role in held.values_list("organisation", "member", "role"):
        found[place, member].add(Role(role))
    return found


def _progress(
    spans: QuerySet[Membership], checkpoints: Sequence[date], day: date, on: date
) -> dict[int, Progress]:
    """By member; hours attended in an earlier branch go with the person."""
    first = date(day.year, 1, 1)
    attended = Attendance.objects.filter(
        known_by(on, entered="record__entered_at", cancelled="record__cancelled_at"),
        member__in=spans.values("member"),
        present=True,
        record__kind__in=sorted(HOUR_KINDS),
        record__held_on__range=(first, day),
    )
    past = [each for each in checkpoints if each <= day]
    sums = {
        f"by_{n}": Sum("record__hours", filter=Q(record__held_on__lte=each)) for n, each in enumerate(past)
    }
    counted: Any = attended.values("member").annotate(
        total=Sum("record__hours"), times=Count("pk", filter=Q(record__hours__gt=0)), **sums
    )
    return {
        row["member"]: Progress(
            row["total"] or Decimal(0),
            row["times"],
            {each: row[f"by_{n}"] or Decimal(0) for n, each in enumerate(past)},
        )
        for row in counted
    }


def _state(demand: Demand, hours: Decimal, day: date) -> str:
    if demand.target is None:
        return ""
    if hours >= demand.target:
        return ENOUGH
    if day >= date(day.year, 12, 31):
        return SHORT
    return BEHIND if hours < _asked_by(demand, day) else IN_TIME


def _asked_by(demand: Demand, day: date) -> Decimal:
    """What the last checkpoint that has passed asks for."""
    return max((hours for each, hours in demand.checkpoints.items() if each <= day), default=Decimal(0))


def state_cell(state: str, demand: Demand, hours: Decimal, day: date) -> Cell:
    if not state:
        return Cell(NONE_ASKED)
    words = STATES[state]
    if state == BEHIND:
        words = f"{words}，差 {_plain(_asked_by(demand, day) - hours)} 学时"
    return Cell(words, _TONES.get(state, Tone.NONE))


def _checkpoint_words(demand: Demand, made: Progress, day: date) -> str:
    """One line a checkpoint; nothing is said about the hours of a day that is still to come."""
    return "\n".join(
        f"{each:%m-%d}：{_plain(made.until(each)) if each <= day else '—'}／{_plain(hours)}"
        for each, hours in demand.checkpoints.items()
    )


def _plain(hours: Decimal) -> str:
    return f"{hours.normalize():f}"


HOURS = register(
    Ledger(
        slug="hours",
        title="学时台账",
        description="每名党员一年的集中学习学时，由已登记的党课、主题党日和会议按到会人员累加；应达学时和进度检查按事项目录。年老体弱、失能的党员不作硬性要求，学时不作为考评依据。",
        columns=COLUMNS,
        filter_form=HoursLedgerForm,
        rows=hours_rows,
        heading=HoursLedgerForm.heading,
        permission=VIEW,
        may_open=HoursLedgerForm.may_open,
        order_note="按组织顺序、名册编号排列",
        group=LedgerGroup.LIFE,
    )
)
