"""The daily work on rechecks, missed days made up.

What is due is settled as of its own day, never as of the day of the run: it may be late or come twice, and
the end is the same. Each matter commits by itself, so a run that breaks off has lost nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import partial

from django.db.models import F, Q, QuerySet

from branches.models import Organisation
from branches.queries.policy import rules_of
from errorbank.actions.announcing import announce
from errorbank.actions.findings_write import end_acceptance
from errorbank.actions.rechecks_settle import RecheckDone, give_up, hand_over, leave_out, settle_by_data
from errorbank.detection import Detector, Hit, detector_of, hits_of
from errorbank.models import Finding, Recheck
from errorbank.rules import FindingState, RecheckMode
from errorbank.rules.lifecycle import WrongState
from errorbank.rules.limits import Limits, limits_of
from errorbank.rules.rechecks import is_drawn
from jobs.actions import run_once
from jobs.models import JobRun, RunState

JOB = "errorbank.rechecks"
LONGEST_GAP_DAYS = 400
# No policy announces earlier.
LONGEST_ANNOUNCE_DAYS = 60
_WHOLE = (
    "finding__organisation",
    "finding__entry__published",
    "finding__responsible_post__member",
    "verifier",
)


@dataclass
class Scheduled:
    """What one run, or several, did."""

    days: int = 0
    decided: int = 0
    failed: int = 0
    left_out: int = 0
    announced: int = 0
    resumed: int = 0
    given_up: int = 0


def schedule_rechecks(*, on: date) -> Scheduled:
    """Settle what is due up to `on` and mark every day that was not done; a second run changes nothing.

    Each matter is settled as of its own day, so missed days need no run of their own; people are told once.
    """
    total = Scheduled()
    days = list(_days(on))
    if days:
        total = settle_due(day=on)
        total.announced = announce([*_to_announce(on), *_announced()], day=on)
    for day in days:
        detail = asdict(total) if day == on else {}
        _, was_us = run_once(JOB, day.isoformat(), partial(dict, detail))
        total.days += was_us
    return total


def _days(on: date) -> Iterator[date]:
    """From the day after the last one done; the very first run begins with its own day.

    Days to come are those of a clock that ran ahead, and say nothing.
    """
    done = JobRun.objects.filter(job=JOB, state=RunState.DONE, period__lte=on.isoformat())
    newest = done.order_by("-period").values_list("period", flat=True).first()
    day = date.fromisoformat(newest) + timedelta(days=1) if newest else on
    day = max(day, on - timedelta(days=LONGEST_GAP_DAYS))
    while day <= on:
        yield day
        day += timedelta(days=1)


def settle_due(*, day: date, places: Collection[int] | None = None) -> Scheduled:
    """What needs no person and was due by that day, in these branches or in all."""
    done = Scheduled()
    put_off = Finding.objects.filter(state=FindingState.ACCEPTED, accepted_until__lt=day)
    waiting = Recheck.objects.waiting()
    if places is not None:
        put_off = put_off.filter(organisation__in=places)
        waiting = waiting.filter(finding__organisation__in=places)
    for finding in put_off.order_by("accepted_until", "pk"):
        done.resumed += _resume(finding)
    # A passed one makes the next of its series, which may be due as well.
    while _settle(waiting, day, done):
        pass
    for recheck in waiting.filter(finding__organisation__dissolved_on__lte=day).select_related(*_WHOLE):
        done.given_up += _is_done(partial(give_up, recheck))
    return done


def _resume(finding: Finding) -> bool:
    """What was put off goes on, as from the day after the last."""
    assert finding.accepted_until is not None  # noqa: S101 - a constraint of the table
    return _is_done(partial(end_acceptance, finding, by=None, on=finding.accepted_until + timedelta(days=1)))


def _is_done(step: Callable[[], object]) -> bool:
    """False when somebody else was there between the question and the lock."""
    try:
        step()
    except (RecheckDone, WrongState):
        return False
    return True


def _settle(waiting: QuerySet[Recheck], day: date, done: Scheduled) -> int:
    """Answer what stored data or the sample answers; how many were."""
    there = Q(finding__organisation__dissolved_on=None) | Q(
        due_on__lt=F("finding__organisation__dissolved_on")
    )
    # Who was told of it answers it, whatever a policy says later.
    due = waiting.filter(there, due_on__lte=day, announced_at=None).exclude(mode=RecheckMode.VERIFIER)
    rows = list(due.select_related(*_WHOLE).order_by("due_on", "pk"))
    drawn = _drawn(rows)
    open_ones = [row for row in rows if row.pk not in drawn]
    return sum(_is_done(partial(_decide, row, done)) for row in open_ones)


def _decide(recheck: Recheck, done: Scheduled) -> None:
    if recheck.mode == RecheckMode.SAMPLE:
        leave_out(recheck, on=recheck.due_on)
        done.left_out += 1
        return
    detector = _detector(recheck)
    if detector is None:
        hand_over(recheck)
        return
    hits = _seen(recheck, detector)
    happened_on = hits[-1].happened_on if hits else recheck.due_on
    settle_by_data(recheck, hits=[hit.words for hit in hits], happened_on=happened_on, on=recheck.due_on)
    done.decided += 1
    done.failed += bool(hits)


def _detector(recheck: Recheck) -> Detector | None:
    """None once the entry is reworded to something stored data does not tell."""
    entry = recheck.finding.entry
    return detector_of(entry.published.detection) if entry and entry.published else None


def _seen(recheck: Recheck, detector: Detector) -> list[Hit]:
    """What shows between closing and the recheck's day."""
    finding = recheck.finding
    assert finding.closed_on is not None  # noqa: S101 - only closed findings have a series
    since = finding.closed_on + timedelta(days=1)
    return hits_of(detector, [finding.organisation], since=since, on=recheck.due_on)


def _drawn(rechecks: Iterable[Recheck]) -> set[int]:
    """Those the sample takes, by the percentage that held when the finding was closed."""
    sampled = [row for row in rechecks if row.mode == RecheckMode.SAMPLE]
    by_day: dict[date, list[Recheck]] = {}
    for row in sampled:
        by_day.setdefault(row.finding.closed_on or row.due_on, []).append(row)
    return {row.pk for day, rows in by_day.items() for row in _drawn_of_day(rows, day)}


def _drawn_of_day(rechecks: list[Recheck], closed_on: date) -> Iterator[Recheck]:
    limits = _limits({row.finding.organisation for row in rechecks}, closed_on)
    for row in rechecks:
        finding = row.finding
        what = finding.entry.code if finding.entry else finding.problem
        key = f"{finding.organisation.code}/{what}/{closed_on}"
        if is_drawn(key, row.stage, limits[finding.organisation_id]):
            yield row


def _to_announce(day: date) -> list[Recheck]:
    """What a person answers, from the policy's days before it is due."""
    rows = Recheck.objects.waiting().exclude(mode=RecheckMode.AUTOMATIC).filter(announced_at=None)
    soon = list(
        rows.filter(due_on__lte=day + timedelta(days=LONGEST_ANNOUNCE_DAYS))
        .select_related(*_WHOLE)
        .order_by("due_on", "pk")
    )
    limits = _limits({row.finding.organisation for row in soon}, day)
    near = [
        row
        for row in soon
        if row.due_on - timedelta(days=limits[row.finding.organisation_id].announce_days) <= day
    ]
    drawn = _drawn(near)
    return [row for row in near if row.mode == RecheckMode.VERIFIER or row.pk in drawn]


def _announced() -> list[Recheck]:
    """What waits for somebody who was told of it, and may have lost the post since."""
    rows = Recheck.objects.waiting().exclude(announced_at=None)
    return list(rows.select_related(*_WHOLE).order_by("due_on", "pk"))


def _limits(places: Collection[Organisation], day: date) -> dict[int, Limits]:
    if not places:
        return {}
    return {pk: limits_of(rules) for pk, rules in rules_of(places, on=day).items()}
