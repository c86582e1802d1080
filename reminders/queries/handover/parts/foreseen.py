"""What the catalogue will ask for in the next weeks and no list shows yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from branches.models import Post
from branches.rules import Role
from periods import occurrences as periodic
from periods.labels import day_label, period_label
from periods.months import Month, month_range
from periods.occurrences import Occurrence
from periods.rule_parts import Kind, read_kind
from reminders.handover_rules import AHEAD_DAYS, Part
from reminders.models import ActionVersion, ReminderItem
from reminders.queries.effective import effective_catalogue
from reminders.queries.handover.parts.lines import Bundle, PackLine, joined
from reminders.rules import ConditionCode

# A condition that was met within a year will be met again, as far as anybody can foresee.
LOOKED_BACK = timedelta(days=400)


def subject_of(action: int, period: str, subject: str) -> str:
    """The identity of a duty before and after it stands on the list."""
    return f"{action}:{period}:{subject}"


@dataclass(frozen=True)
class Known:
    """What the branch's list knows already: turns by action and period, and every action of late."""

    turns: frozenset[tuple[int, str]]
    actions: frozenset[int]


def foreseen(bundle: Bundle) -> list[tuple[ActionVersion, Occurrence]]:
    """Turns of duties of the whole branch that open within AHEAD_DAYS; six statements."""
    if not _answers(bundle):
        return []
    known = _known(bundle)
    adopted = [row for row in effective_catalogue(bundle.place, bundle.on) if row.is_adopted]
    return [
        (row.version, turn)
        for row in adopted
        if _concerns(row.version, known)
        for turn in _turns(row.version, bundle)
        if (row.version.action_id, turn.key) not in known.turns
    ]


def foreseen_lines(bundle: Bundle) -> Iterator[PackLine]:
    for version, turn in sorted(bundle.foreseen, key=lambda one: (one[1].due_on, one[0].action_id)):
        yield PackLine(
            Part.AHEAD,
            subject_of(version.action_id, turn.key, ""),
            version.name,
            joined([period_label(turn.key), f"{day_label(turn.opens_on)}起办理"]),
            turn.due_on,
            reverse("reminders:action_detail", args=[version.action.code]),
        )


def _answers(bundle: Bundle) -> bool:
    """New items go to the worker, else to the secretary."""
    role = bundle.handover.role
    if role != Role.SECRETARY:
        return role == Role.WORKER
    workers = Post.objects.at(bundle.on).filter(organisation=bundle.place, role=Role.WORKER)
    return not workers.exists()


def _known(bundle: Bundle) -> Known:
    items = ReminderItem.objects.filter(
        organisation=bundle.place, subject="", due_on__gte=bundle.on - LOOKED_BACK
    )
    turns = frozenset(items.values_list("action", "period"))
    return Known(turns, frozenset(action for action, _ in turns))


def _concerns(version: ActionVersion, known: Known) -> bool:
    """Whether the branch as a whole will be asked: everybody is, or it was within the year."""
    rule = version.due_rule
    if rule.get("per_person") or read_kind(rule) is Kind.EVENT_OFFSET:
        return False
    return ConditionCode.ALL in version.applies_when or version.action_id in known.actions


def _turns(version: ActionVersion, bundle: Bundle) -> list[Occurrence]:
    last = bundle.on + timedelta(days=AHEAD_DAYS)
    found = {
        turn.key: turn
        for month in month_range(Month.of(bundle.on), Month.of(last))
        for turn in periodic.occurrences(
            version.due_rule,
            month=month,
            calendar=bundle.calendar,
            fixed_day=bundle.place.party_day,
            busy=[periodic.BusySeason(row.starts, row.ends) for row in bundle.seasons],
        )
    }
    return [turn for turn in found.values() if bundle.on < turn.opens_on <= last]
