"""The daily work on rechecks: one step a day, missed days made up one after the other.

A step looks at what is due by then, never at what is due that very day, and reads stored data as of the
recheck's own day. So it may be late or come twice, and the end is the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from branches.models import Organisation, Post
from branches.queries.policy import rules_of
from branches.rules import Role
from errorbank.actions.findings import end_acceptance
from errorbank.actions.rechecks import leave_out, may_verify, settle_by_data
from errorbank.detection import detector_of, hits_of
from errorbank.models import Finding, Recheck
from errorbank.notice_events import RECHECK_DUE, recheck_subject
from errorbank.rules import FindingState, RecheckMode, RecheckState
from errorbank.rules.limits import Limits, limits_of
from errorbank.rules.rechecks import is_drawn
from jobs.actions import run_once
from jobs.models import JobRun, RunState
from notices.actions.outbox import Letter, LineData, tell_all

JOB = "errorbank.rechecks"
LONGEST_GAP_DAYS = 400


@dataclass
class Scheduled:
    """What one run, or several, did."""

    days: int = 0
    decided: int = 0
    failed: int = 0
    left_out: int = 0
    announced: int = 0
    resumed: int = 0

    def add(self, other: "Scheduled") -> None:
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)


def schedule_rechecks(*, on: date) -> Scheduled:
    """Do every day that was not done yet up to `on`, the oldest first; a second run changes nothing."""
    total = Scheduled()
    for day in _days(on):
        done = Scheduled(days=1)
        _, was_us = run_once(JOB, day.isoformat(), partial(_did, day, done))
        if was_us:
            total.add(done)
    return total


def _days(on: date) -> Iterator[date]:
    """From the day after the last one done; the very first run begins with its own day."""
    last = JobRun.objects.filter(job=JOB, state=RunState.DONE, period__lte=on.isoformat())
    newest = last.order_by("-period").values_list("period", flat=True).first()
    day = date.fromisoformat(newest) + timedelta(days=1) if newest else on
    day = max(day, on - timedelta(days=LONGEST_GAP_DAYS))
    while day <= on:
        yield day
        day += timedelta(days=1)


def _did(day: date, done: Scheduled) -> dict[str, int]:
    _step(day, done)
    return asdict(done)


def _step(day: date, done: Scheduled) -> None:
    _resume(day, done)
    waiting = _waiting(day)
    limits = _limits({recheck.finding.organisation for recheck in waiting}, day)
    to_tell = []
    for recheck in waiting:
        mine = limits[recheck.finding.organisation_id]
        if recheck.mode != RecheckMode.AUTOMATIC and not _left_out(recheck, mine):
            if recheck.announced_at is None and recheck.due_on - timedelta(days=mine.announce_days) <= day:
                to_tell.append(recheck)
        elif recheck.due_on <= day:
            _decide(recheck, day, done)
    done.announced = _announce(to_tell, day)


def _resume(day: date, done: Scheduled) -> None:
    """What was put off until a day that is over goes on."""
    over = Finding.objects.filter(state=FindingState.ACCEPTED, accepted_until__lt=day)
    for finding in over.order_by("pk"):
        end_acceptance(finding, by=None, on=day)
        done.resumed += 1


def _waiting(day: date) -> list[Recheck]:
    rows = Recheck.objects.waiting().select_related(
        "finding__organisation", "finding__entry__published", "finding__responsible_post__member", "verifier"
    )
    # Nothing is announced earlier than a policy can say.
    return list(rows.filter(due_on__lte=day + timedelta(days=LONGEST_GAP_DAYS)).order_by("due_on", "pk"))


def _limits(places: Iterable[Organisation], day: date) -> dict[int, Limits]:
    return {pk: limits_of(rules) for pk, rules in rules_of(places, on=day).items()}


def _left_out(recheck: Recheck, limits: Limits) -> bool:
    sampled = recheck.mode == RecheckMode.SAMPLE
    return sampled and not is_drawn(recheck.finding_id, recheck.stage, limits)


def _decide(recheck: Recheck, day: date, done: Scheduled) -> None:
    if recheck.mode != RecheckMode.AUTOMATIC:
        leave_out(recheck, on=day)
        done.left_out += 1
        return
    words, happened_on = _seen(recheck)
    settle_by_data(recheck, hits=words, happened_on=happened_on, on=day)
    done.decided += 1
    done.failed += bool(words)


def _seen(recheck: Recheck) -> tuple[list[str], date]:
    """What the entry's detector sees between closing and the recheck's day."""
    finding = recheck.finding
    wording = finding.entry.published if finding.entry else None
    detector = detector_of(wording.detection) if wording else None
    if detector is None or finding.closed_on is None:
        return [], recheck.due_on
    since = finding.closed_on + timedelta(days=1)
    hits = hits_of(detector, [finding.organisation], since=since, on=recheck.due_on)
    return [hit.words for hit in hits], hits[-1].happened_on if hits else recheck.due_on


def _announce(rechecks: list[Recheck], day: date) -> int:
    """Give each a verifier who may and has the fewest waiting, and tell each verifier once."""
    mine: dict[int, list[Recheck]] = {}
    for recheck in rechecks:
        verifier = recheck.verifier or _verifier(recheck, day)
        if verifier is None:
            continue  # nobody may: the staff's page shows it as having no verifier
        recheck.verifier, recheck.verifier_name = verifier, verifier.name
        recheck.announced_at = timezone.now()
        recheck.save(update_fields=["verifier", "verifier_name", "announced_at"])
        mine.setdefault(verifier.pk, []).append(recheck)
    moment = timezone.make_aware(datetime.combine(day, time(8, 0)))
    tell_all([_letter(found, day) for found in mine.values()], now=moment)
    return sum(len(found) for found in mine.values())


def _verifier(recheck: Recheck, day: date) -> User | None:
    """Staff above the branch; rechecks are no new burden for branches unless staff ask for it."""
    path = recheck.finding.organisation.path
    posts = Post.objects.at(day).filter(role=Role.GENERAL_BRANCH_STAFF)
    above = [p for p in posts.select_related("organisation") if path.startswith(p.organisation.path)]
    users = User.objects.filter(Q(posts__in=above) | Q(member__posts__in=above), is_active=True).distinct()
    waiting = Count("rechecks", filter=Q(rechecks__state=RecheckState.WAITING), distinct=True)
    ranked = users.annotate(waiting=waiting).order_by("waiting", "pk")
    return next((user for user in ranked if not may_verify(recheck, user, on=day)), None)


def _letter(rechecks: list[Recheck], day: date) -> Letter:
    verifier = rechecks[0].verifier
    assert verifier is not None  # noqa: S101 - only assigned ones are told
    count = len(rechecks)
    return Letter(
        recipient=verifier,
        event=RECHECK_DUE,
        key=f"rechecks:{day.isoformat()}",
        title=f"有 {count} 项复查请您安排",
        outside_title=f"有 {count} 项复查请您安排",
        lines=tuple(_line(recheck) for recheck in rechecks),
        url="/w/errors/rechecks/",
    )


def _line(recheck: Recheck) -> LineData:
    by = f"{recheck.due_on.month} 月 {recheck.due_on.day} 日前"
    place = recheck.finding.organisation.name
    return LineData(
        text=f"{place}：{recheck.finding.problem}（{by}）",
        outside_text=f"{place}：问题复查（{by}）",
        subject=recheck_subject(recheck.pk),
        url=f"/w/errors/rechecks/{recheck.pk}/",
    )
