"""What the operations page says of the periodic work; one statement for all of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery.schedules import crontab
from django.db.models import JSONField
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from jobs.models import JobRun, RunState
from partyaffairs.periodic import ALLOWED_DELAY, CONTINUOUS, GRACE, LAST, PERIODIC, Every, Periodic
from partyaffairs.runs import LEFT_BEHIND, missing_of, proof_of, without_future
from partyaffairs.schedule import BEAT_SCHEDULE

# Made-up and failed periods are listed so long.
SHOWN_FOR = timedelta(days=30)
_OFTEN = {Every.HOUR: "每小时", Every.DAY: "每天", Every.WEEK: "每周", Every.MONTH: "每月"}
_TONES = ("late", "soon", "off", "ok")
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Mark:
    period: str
    state: str
    started: datetime
    finished: datetime | None
    made_up: bool


@dataclass(frozen=True)
class JobLine:
    """tone and word: how it stands. last: the last period done."""

    label: str
    often: str
    last: str
    finished: datetime | None
    tone: str
    word: str


@dataclass(frozen=True)
class Span:
    """Periods of one job that were made up, or that failed."""

    label: str
    first: str
    last: str
    count: int
    at: datetime | None

    @property
    def words(self) -> str:
        return self.first if self.count == 1 else f"{self.first}至 {self.last}，共 {self.count} 次"


@dataclass(frozen=True)
class Work:
    periodic: list[JobLine]
    continuous: list[JobLine]
    made_up: list[Span]
    failed: list[Span]

    @property
    def made_up_count(self) -> int:
        return sum(span.count for span in self.made_up)

    @property
    def late(self) -> int:
        return sum(line.tone == "late" for line in [*self.periodic, *self.continuous])


def work_of(*, now: datetime) -> Work:
    marks = _marks()
    return Work(
        _worst_first(_periodic_line(name, marks[proof_of(name)], now) for name in PERIODIC),
        _worst_first(_continuous_line(name, marks, now) for name in CONTINUOUS),
        list(_spans(marks, now, made_up=True)),
        list(_spans(marks, now, made_up=False)),
    )


def _worst_first(lines: Iterable[JobLine]) -> list[JobLine]:
    return sorted(lines, key=lambda line: _TONES.index(line.tone))


def _marks() -> dict[str, list[Mark]]:
    jobs = [
        *CONTINUOUS,
        *(proof_of(name) for name in PERIODIC),
        *(job.proof for job in LEFT_BEHIND.values()),
    ]
    found: dict[str, list[Mark]] = defaultdict(list)
    rows = JobRun.objects.filter(job__in=jobs, scope="").annotate(
        by_reconciler=KeyTransform("made_up", "detail", output_field=JSONField())
    )
    fields = ("job", "period", "state", "started", "finished", "by_reconciler")
    for job, period, state, started, finished, made_up in rows.order_by("period").values_list(*fields):
        found[job].append(Mark(period, state, started, finished, made_up is True))
    return found


def _periodic_line(name: str, marks: Sequence[Mark], now: datetime) -> JobLine:
    job = PERIODIC[name]
    known = {mark.period: mark for mark in marks if mark.state == RunState.DONE}
    done = {key: known[key] for key in without_future(job, set(known), now=now)}
    last = done[max(done)] if done else None
    broken = any(mark.state == RunState.FAILED and mark.period > max(done, default="") for mark in marks)
    # Nothing but marks of days to come: a clock ran ahead, and the work waits for those days.
    waits = bool(known) and not done
    tone, word = ("late", "超时未完成") if waits else _standing(name, set(done), broken, now)
    return JobLine(
        job.label,
        _often(name),
        period_words(last.period, now) if last else "还没有",
        last.finished if last else None,
        tone,
        word,
    )


def _standing(name: str, done: set[str], broken: bool, now: datetime) -> tuple[str, str]:
    job = PERIODIC[name]
    if not done:
        return ("late", "未成功") if broken else ("off", "等待第一次")
    if missing_of(job, done, now=now - ALLOWED_DELAY):
        return "late", "超时未完成"
    if broken:
        return "late", "未成功"
    if missing_of(job, done, now=now - GRACE):
        return "soon", "等待补办"
    return "ok", "正常"


def _often(name: str) -> str:
    job = PERIODIC[name]
    clock = f"{job.hour:02}:{job.minute:02}"
    at = {
        Every.HOUR: f"第 {job.minute} 分",
        Every.DAY: clock,
        Every.WEEK: f"周{_WEEKDAYS[job.day - 1]} {clock}",
        Every.MONTH: f"{job.day} 日 {clock}",
    }
    return f"{_OFTEN[job.every]} {at[job.every]}"


def _continuous_line(name: str, marks: Mapping[str, list[Mark]], now: datetime) -> JobLine:
    found = next((mark for mark in marks[name] if mark.period == LAST), None)
    at = found.finished if found else None
    if found is None:
        tone, word = "off", "等待第一次"
    elif found.state == RunState.FAILED:
        tone, word = "late", "未成功"
    elif at is None or not now - ALLOWED_DELAY <= at <= now + GRACE:
        tone, word = "late", "长时间没有运行"
    elif _left_nothing(name, marks, now):
        tone, word = "late", "超时未完成"
    else:
        tone, word = "ok", "正常"
    return JobLine(CONTINUOUS[name].label, _pace(name), "", at, tone, word)


def _left_nothing(name: str, marks: Mapping[str, list[Mark]], now: datetime) -> bool:
    """It ran, and yet the last period has no result: so for the nightly backup."""
    job = LEFT_BEHIND.get(name)
    if job is None:
        return False
    done = {mark.period for mark in marks[job.proof] if mark.state == RunState.DONE}
    return bool(missing_of(job, without_future(job, done, now=now), now=now - ALLOWED_DELAY))


def _pace(name: str) -> str:
    """As the timetable says: seconds, or minutes of the hour."""
    value = BEAT_SCHEDULE[name]["schedule"]
    # The stubs leave the attribute out.
    minutes = sorted(value.minute) if isinstance(value, crontab) else []  # type: ignore[attr-defined]  # not in the stubs
    if len(minutes) == 1:
        return f"{_OFTEN[Every.HOUR]} 第 {minutes[0]} 分"
    every = 60 // len(minutes) if minutes else round(value / 60)
    return "每分钟" if every == 1 else f"每 {every} 分钟"


def _spans(marks: dict[str, list[Mark]], now: datetime, *, made_up: bool) -> Iterator[Span]:
    """By job, what was made up (or failed and is not done) of late."""
    for name, job in PERIODIC.items():
        known = marks[proof_of(name)]
        if not made_up:
            known = _failed(job, known)
        found = [
            mark
            for mark in known
            if (mark.made_up or not made_up) and (mark.finished or mark.started) >= now - SHOWN_FOR
        ]
        if found:
            yield _span(job.label, found, now)


def _failed(job: Periodic, marks: Sequence[Mark]) -> list[Mark]:
    """Where one run stands for all earlier periods, those before it are made good."""
    done = [mark.period for mark in marks if mark.state == RunState.DONE] if job.later_counts else []
    good_until = max(done, default="")
    return [mark for mark in marks if mark.state == RunState.FAILED and mark.period > good_until]


def _span(label: str, marks: Sequence[Mark], now: datetime) -> Span:
    first, last = marks[0].period, marks[-1].period
    at = max(mark.finished or mark.started for mark in marks)
    return Span(label, period_words(first, now), period_words(last, now), len(marks), at)


def period_words(key: str, now: datetime) -> str:
    """A period as people say it, the year only where it is another one."""
    if "W" in key:
        year, week = key.split("-W")
        return f"{year} 年第 {int(week)} 周"
    day, _, hour = key.partition("T")
    numbers = [int(part) for part in day.split("-")]
    words = [f"{number} {unit}" for number, unit in zip(numbers, "年月日", strict=False)]
    if numbers[0] == timezone.localtime(now).year:
        del words[0]
    return " ".join([*words, f"{int(hour)} 时"] if hour else words)
