"""Running what the timetable says, with its marks, and making up what was missed."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from branches.models import Post
from branches.queries.reach import holds
from branches.rules import Role
from jobs.actions import (
    add_detail,
    claim_last,
    close_claim,
    end_by,
    forget_later_runs,
    forget_runs,
    keep_claim,
    mark_done,
    mark_failed,
    note_last,
    run_in_pieces,
    run_once,
)
from jobs.models import JobRun, RunState
from notices.actions.outbox import Letter, LineData, tell_all
from partyaffairs.notice_events import MADE_UP
from partyaffairs.periodic import ALLOWED_DELAY, CONTINUOUS, GRACE, LAST, PERIODIC, RECONCILE, Period
from partyaffairs.runs import PROVEN, Missing, done_periods, failures, missing, newest_key, proof_of
from partyaffairs.schedule import BEAT_SCHEDULE

# So long without a sign of life, one for each entry, and another run takes the claim: its worker died, or is
# at something long, which may come twice without harm.
BUSY_FOR = timedelta(minutes=10)
# In the detail of the claim: the entry that was begun and has not come to its end.
BEGUN = "begun"
LONG_AGO = datetime.min.replace(tzinfo=UTC)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reconciled:
    """made_up: periods; failed: entries whose work broke, to be tried again by the next run."""

    made_up: int = 0
    failed: int = 0


def run_entry(name: str, *, now: datetime) -> None:
    """One run of an entry: the period that is due with its mark, or the mark of the last run."""
    _forget_future([name], now=now)
    if name in PERIODIC:
        last = PERIODIC[name].newest(timezone.localtime(now))
        _do(name, [last], extra={}, now=now)
        return
    state = RunState.FAILED
    try:
        _work_of(name)()
        state = RunState.DONE
    finally:
        note_last(name, LAST, state=state, now=now)


def reconcile(*, now: datetime) -> Reconciled:
    """Make up whatever is due and not done, the oldest first; one run at a time, a second one does nothing.

    The work of an entry runs once, for the newest period: it finds what is due by rows. Every missing period
    gets its own mark. What breaks or takes too long holds up nothing else.
    """
    claim = claim_last(RECONCILE, LAST, now=now, busy_for=BUSY_FOR)
    if claim is None:
        return Reconciled()
    try:
        return _make_up(claim, now=now)
    except (
        BaseException
    ):  # the soft limit and a stopped worker too: nobody shall wait for a claim without work
        close_claim(claim, finished=None)
        raise


def _make_up(claim: JobRun, *, now: datetime) -> Reconciled:
    began = monotonic()
    gap = claim.finished if claim.finished and now - claim.finished >= ALLOWED_DELAY else None
    extra = {"made_up": True, **({"since": gap.isoformat()} if gap else {})}
    _forget_future(PROVEN, now=now)
    end_by(CONTINUOUS, LAST, now=now, ahead=GRACE)
    made_up = failed = 0
    done = done_periods()
    for name, periods in _in_turn(missing(now=now - GRACE, done=done), claim.detail.get(BEGUN)):
        if not keep_claim(claim, detail={BEGUN: name}, now=now + timedelta(seconds=monotonic() - began)):
            return Reconciled(made_up, failed)
        # What runs for the first time was not missed.
        if _try(name, periods, extra=extra if proof_of(name) in done else {}, now=now):
            made_up += len(periods)
        else:
            failed += 1
    _forget(now)
    _close(claim, gap, now=now)
    return Reconciled(made_up, failed)


def _in_turn(found: Iterable[Missing], last_begun: str | None) -> list[Missing]:
    """What failed goes behind the others, the longest untried first; at the end what the last run died of."""
    tried = failures()

    def turn(one: Missing) -> tuple[bool, datetime]:
        name, periods = one
        times = [at for period in periods if (at := tried.get((proof_of(name), period.key)))]
        return name == last_begun, max(times, default=LONG_AGO)

    return sorted(found, key=turn)


def _try(name: str, periods: Sequence[Period], *, extra: Mapping[str, Any], now: datetime) -> bool:
    try:
        _do(name, periods, extra=extra, now=now)
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # whatever is wrong with one kind of work, the others are made up
        logger.exception("%s was not made up", name)
        return False
    return True


def _do(name: str, periods: Sequence[Period], *, extra: Mapping[str, Any], now: datetime) -> None:
    job, work = PERIODIC[name], _work_of(name)
    if job.proof:
        _do_proven(job.proof, [period.key for period in periods], work, extra)
        return
    earlier, newest = [period.key for period in periods[:-1]], periods[-1].key

    def marks(result: Any) -> dict[str, Any]:
        mark_done(name, earlier, detail=extra, now=now)
        return {**extra, **({"count": result} if isinstance(result, int) else {})}

    if job.whole:
        run_once(name, newest, lambda: marks(work()))
    else:
        run_in_pieces(name, newest, work, marks)


def _do_proven(proof: str, keys: Sequence[str], work: Callable[[], Any], extra: Mapping[str, Any]) -> None:
    """Work that marks its periods by itself; what it does not know of is added."""
    try:
        work()
    except BaseException:  # the soft limit too
        mark_failed(proof, keys[-1])
        raise
    if extra:
        add_detail(proof, keys, extra)


def _work_of(name: str) -> Callable[[], Any]:
    task: Callable[[], Any] = import_string(BEAT_SCHEDULE[name]["task"])
    return task


def _forget(now: datetime) -> None:
    """Marks of periods that nobody would make up any more; the rows other work keeps are not ours."""
    for name, job in PERIODIC.items():
        if not job.proof:
            forget_runs(name, before=job.recent(timezone.localtime(now))[0].key)


def _forget_future(names: Iterable[str], *, now: datetime) -> None:
    """Marks that a clock left which ran ahead: those periods come yet, and their work with them."""
    for name in names:
        job = PROVEN.get(name)
        if job and job.forgets_future:
            number = forget_later_runs(job.proof or name, after=newest_key(job, now=now))
            if number:
                logger.warning("%s: %s marks of periods to come were let go of", name, number)


@transaction.atomic
def _close(claim: JobRun, gap: datetime | None, *, now: datetime) -> None:
    if close_claim(claim, finished=now) and gap:
        _tell(gap, now=now)


def _tell(gap: datetime, *, now: datetime) -> None:
    """One message per gap, however often making up for it was interrupted."""
    count = JobRun.objects.filter(detail__since=gap.isoformat()).count()
    if not count:
        return
    on = timezone.localdate(now)
    posts = Post.objects.at(on).filter(role=Role.ADMINISTRATOR)
    people = User.objects.filter(holds(posts), is_active=True).order_by("pk")
    tell_all((_letter(person, gap, count, now) for person in people), now=now)


def _letter(person: User, gap: datetime, count: int, now: datetime) -> Letter:
    begin, end = timezone.localtime(gap), timezone.localtime(now)
    span = f"{_said(begin)}至{_said(end)}"
    text = f"{span}后台任务没有运行，期间应做的 {count} 次已经补办，请在运行状态页核对。"
    url = reverse("operations_page")
    return Letter(
        recipient=person,
        event=MADE_UP,
        key=f"made_up:{gap.isoformat()}",
        title="后台任务中断后已补办",
        outside_title="后台任务中断后已补办",
        lines=(LineData(text, f"中断期间应做的 {count} 次后台任务已经补办。", url=url),),
        url=url,
    )


def _said(at: datetime) -> str:
    return f"{at.year} 年 {at.month} 月 {at.day} 日 {at:%H:%M}"
