"""What must not be missed, as data: each entry of schedule.py stands in one of the two tables below.

PERIODIC: work with a period. That a period was done says one row of JobRun, made together with the effects.
CONTINUOUS: work that comes again within the hour and finds by rows what is due; a missed run is nothing, so
only the last run is kept, in one row each.

Pure: moments are given in the portal's zone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from partyaffairs.schedule import BEAT_SCHEDULE

# A period not done so long after it was due is late: /healthz/jobs says so.
ALLOWED_DELAY = timedelta(hours=6)
# So long the worker itself has before somebody makes up for it.
GRACE = timedelta(minutes=10)
# Period of the one row of continuous work.
LAST = "last"
RECONCILE = "reconcile"
RUN_ENTRY = "partyaffairs.tasks.run_entry"


class Every(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


# How many periods are kept, and so how many are made up at most: two weeks, and more than 13 months.
KEPT = {Every.HOUR: 14 * 24, Every.DAY: 400, Every.WEEK: 60, Every.MONTH: 15}
_LENGTH = {Every.HOUR: timedelta(hours=1), Every.DAY: timedelta(days=1), Every.WEEK: timedelta(days=7)}
_SPELLED = {Every.HOUR: "%Y-%m-%dT%H", Every.DAY: "%Y-%m-%d", Every.WEEK: "%G-W%V", Every.MONTH: "%Y-%m"}


@dataclass(frozen=True)
class Period:
    """key: as JobRun spells it; the order of the keys is the order of the periods."""

    key: str
    due: datetime


@dataclass(frozen=True)
class Periodic:
    """Work with a period, due at this minute (and hour, weekday 1–7 or day of the month) of it.

    whole: effects and mark commit together. Otherwise the work commits piece by piece, so that nobody waits
    for all of it, and the mark follows the last piece; it may come twice then, and changes nothing.
    proof: the job whose rows the work writes by itself; else they carry the name of the entry.
    later_counts: one run stands for all earlier periods, and writes no rows for them.
    forgets_future: marks of periods to come, left by a clock that ran ahead, are let go of by themselves.
    """

    label: str
    every: Every
    minute: int
    hour: int = 0
    day: int = 1
    whole: bool = True
    proof: str = ""
    later_counts: bool = False
    forgets_future: bool = True

    def recent(self, now: datetime) -> list[Period]:
        """The last periods that are due, oldest first; at most KEPT."""
        return list(self._back_from(now))[::-1]

    def newest(self, now: datetime) -> Period:
        """The last period that is due."""
        return next(self._back_from(now))

    def _back_from(self, now: datetime) -> Iterator[Period]:
        start = self._start(now)
        if start + self._offset > now:
            start = self._before(start)
        for _ in range(KEPT[self.every]):
            yield Period(start.strftime(_SPELLED[self.every]), start + self._offset)
            start = self._before(start)

    def _start(self, at: datetime) -> datetime:
        hour = at.replace(minute=0, second=0, microsecond=0)
        midnight = hour.replace(hour=0)
        return {
            Every.HOUR: hour,
            Every.DAY: midnight,
            Every.WEEK: midnight - timedelta(days=at.weekday()),
            Every.MONTH: midnight.replace(day=1),
        }[self.every]

    def _before(self, start: datetime) -> datetime:
        if self.every is Every.MONTH:
            return (start - timedelta(days=1)).replace(day=1)
        return start - _LENGTH[self.every]

    @property
    def _offset(self) -> timedelta:
        return timedelta(days=self.day - 1, hours=self.hour, minutes=self.minute)


PERIODIC: dict[str, Periodic] = {
    "refresh-month": Periodic("更新每月清单", Every.DAY, 30, whole=False),
    "open-handovers": Periodic("发起工作交接", Every.HOUR, 2, whole=False),
    "end-stand-ins": Periodic("结束到期的代办", Every.HOUR, 4),
    "end-sessions": Periodic("离任人员退出登录", Every.HOUR, 5),
    "forget-rosters": Periodic("清理未确认的名册", Every.HOUR, 25),
    "settle-public-notices": Periodic("公示期满处理", Every.DAY, 10),
    "notice-proposals": Periodic("查找系统提示", Every.DAY, 10, 2, whole=False),
    # What the wrong day did to letters somebody has to look at: docs/box.md.
    "box-tick": Periodic(
        "匿名直通车每日整理",
        Every.DAY,
        40,
        2,
        proof="burden.box_tick",
        later_counts=True,
        forgets_future=False,
    ),
    "pull-contributions": Periodic("汇集贡献记录", Every.DAY, 10, 3),
    "forget-sign-ins": Periodic("清理到期的登录记录", Every.DAY, 20, 3),
    "forget-exports": Periodic("清理到期的导出内容", Every.DAY, 40, 3),
    "forget-messages": Periodic("清理到期的站内消息", Every.DAY, 50, 3, whole=False),
    "settle-past-sessions": Periodic("结清已过的培训", Every.DAY, 3),
    "close-rotation-doors": Periodic("收回离任人员的轮训权限", Every.DAY, 6),
    "forget-closed-helps": Periodic("清理已了结的求助", Every.DAY, 55, 3),
    "forget-tries": Periodic("清理登录尝试", Every.DAY, 5, 4),
    "forget-leavers": Periodic("清理离任人员的资料", Every.DAY, 15, 4, whole=False),
    "prepare-briefs": Periodic("整理月度通报", Every.DAY, 20, 6, whole=False),
    "schedule-rechecks": Periodic("安排复查", Every.DAY, 50, 6, proof="errorbank.rechecks"),
    "remind-level-terms": Periodic("提醒等级到期", Every.DAY, 20, 7),
}


@dataclass(frozen=True)
class Continuous:
    """why: what makes a missed run harmless. leaves: what has to be there after each period."""

    label: str
    why: str
    leaves: Periodic | None = None


CONTINUOUS: dict[str, Continuous] = {
    RECONCILE: Continuous("补办错过的任务", "finds every missing period by rows; its own mark is a claim"),
    "refresh-stale": Continuous("随事实更新清单", "organisations carry a flag until it is done"),
    "recount-summaries": Continuous("更新统计", "months to be counted carry a mark until it is done"),
    "tell-digests": Continuous(
        "写每周汇总和到期提醒", "who has no message of the week or day is found by rows"
    ),
    "seal-audit": Continuous("封存审计记录", "every event without a seal is sealed by the next run"),
    "sweep-jobs": Continuous("照看较长的任务", "looks at rows only, and sends again what was lost"),
    "deliver-notices": Continuous("发送通知", "the outbox holds a row until it is settled"),
    "survey-beat": Continuous("问卷收件箱重写", "a rewrite without change"),
    "make-backup": Continuous(
        "每夜备份",
        "each hour looks whether the backup of the night is there, else makes it",
        leaves=Periodic("每夜备份", Every.DAY, 15, 4, proof="backups.nightly", later_counts=True),
    ),
    "box-beat": Continuous("直通车收件箱重写", "a rewrite without change; makes up the daily tick"),
}


def marked(schedule: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The timetable as beat gets it: what stands in a table runs by the one task that keeps the marks."""
    known = (PERIODIC.keys() | CONTINUOUS.keys()) - {RECONCILE}
    return {
        name: {**entry, "task": RUN_ENTRY, "args": [name]} if name in known else entry
        for name, entry in schedule.items()
    }


MARKED_SCHEDULE = marked(BEAT_SCHEDULE)
