"""The cards of the operations page. A further one is a function, of any app, and one line in PANELS.

A panel asks at most one statement of the database, and answers also when what it asks about is broken.
"""

import platform
import shutil
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import celery
import django
import redis
from django.conf import settings
from django.core.checks import ERROR, CheckMessage, run_checks
from django.db import connection
from django.db.models import Count, Min, Q
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from audit.models import ChainHead
from backups.queries import Latest, latest
from backups.rules import size_label
from jobs.models import Job, JobState
from notices.models import Delivery
from notices.rules import DeliveryState
from periods.labels import day_label

FULL_FROM = 0.9  # of the disk
BROKER_PATIENCE = 2  # seconds
NOT_USED, UNKNOWN = "不适用", "暂时查不到"


@dataclass(frozen=True)
class Panel:
    """trouble: what to do about it, in a sentence; empty when all is well. link: (URL name, words)."""

    code: str
    title: str
    icon: str
    lines: tuple[tuple[str, str], ...]
    trouble: str = ""
    link: tuple[str, str] | None = None


def outbox_panel(now: datetime) -> Panel:
    """How many could not be delivered and since when; to whom and what stands on its own page."""
    dead, waits = Q(state=DeliveryState.DEAD), Q(state=DeliveryState.WAITING)
    found = Delivery.objects.filter(dead | waits).aggregate(
        dead=Count("pk", filter=dead),
        oldest=Min("settled_at", filter=dead),
        waiting=Count("pk", filter=waits & Q(next_try_at__lte=now)),
    )
    oldest = _age(found["oldest"], now) if found["oldest"] else "无"
    lines = (
        ("未送达", f"{found['dead']} 条"),
        ("最早的一条", oldest),
        ("到时间待发送", f"{found['waiting']} 条"),
    )
    trouble = "有通知没有送达，请核对收件地址后再发。" if found["dead"] else ""
    return Panel("outbox", "发出的通知", "mail", lines, trouble, ("notices:failed_list", "查看未送达"))


def _age(since: datetime, now: datetime) -> str:
    days = (now - since).days
    return f"{days} 天前" if days else "不到 1 天"


def queue_panel(now: datetime) -> Panel:
    """What waits in the broker, and the long work that people have asked for."""
    counts = Job.objects.aggregate(
        queued=Count("pk", filter=Q(state=JobState.QUEUED)),
        running=Count("pk", filter=Q(state=JobState.RUNNING)),
        failed=Count("pk", filter=Q(state__in=[JobState.FAILED, JobState.STALE])),
    )
    waiting = queue_length()
    lines = (
        ("消息队列", waiting),
        ("较长的任务", f"等待 {counts['queued']}，进行中 {counts['running']}，未成功 {counts['failed']}"),
    )
    trouble = "连不上消息队列，请检查 Redis 是否在运行。" if waiting == UNKNOWN else ""
    return Panel("queue", "队列", "list-checks", lines, trouble)


def queue_length() -> str:
    """Of the broker; without one, tasks wait as files and the number says nothing."""
    if not settings.CELERY_BROKER_URL.startswith(("redis:", "rediss:")):
        return NOT_USED
    try:
        with redis.Redis.from_url(
            settings.CELERY_BROKER_URL, socket_timeout=BROKER_PATIENCE, socket_connect_timeout=BROKER_PATIENCE
        ) as broker:
            return f"{broker.llen('celery')} 条"
    except redis.RedisError:
        return UNKNOWN


def storage_panel(now: datetime) -> Panel:
    disk = shutil.disk_usage(settings.VAR_DIR)
    lines = (
        ("磁盘剩余", f"{filesizeformat(disk.free)}（共 {filesizeformat(disk.total)}）"),
        ("数据库", filesizeformat(database_size())),
    )
    is_full = disk.total - disk.free > FULL_FROM * disk.total
    trouble = "磁盘快满了，请清理或扩容；写满后不能保存。" if is_full else ""
    return Panel("storage", "存储", "database", lines, trouble)


def database_size() -> int:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    base = str(settings.DATABASES["default"]["NAME"])
    files = [Path(base), Path(f"{base}-wal")]
    return sum(file.stat().st_size for file in files if file.is_file())


def backup_panel(now: datetime) -> Panel:
    """The newest file in the backup folder, and whether the keys of the channel are kept beside it."""
    found = latest(now=now)
    made = found.backup
    lines = [("保存在", str(found.folder)), ("份数", f"{found.number} 份，共 {size_label(found.total)}")]
    if made:
        day = day_label(timezone.localdate(made.made_at), timezone.localdate(now))
        lines = [("最近一份", f"{day}（{_age(made.made_at, now)}），{made.size_label}"), *lines]
    if found.ahead:
        lines.append(("日期在将来", f"{found.ahead} 份，不算在最近一份里"))
    if found.free is not None:
        lines.append(("所在磁盘剩余", size_label(found.free)))
    return Panel("backup", "备份", "archive", tuple(lines), _backup_trouble(found))


def _backup_trouble(found: Latest) -> str:
    if found.failed_at:
        return "最近一次备份没有成功，原因在后台任务的日志里，请处理后执行 ./dev manage backup。"
    if not found.backup:
        return "还没有备份，请确认后台任务在运行，或执行 ./dev manage backup。"
    if found.age and found.age.days >= 2:
        return "最近两天没有备份，请检查后台任务。"
    if found.ahead:
        return (
            "有备份文件的日期在将来，服务器的时间可能走快过，请先核对时间；时间没错，请把这些文件移到别处。"
        )
    if not settings.BACKUP_BOX_DIR:
        return "还没有指定直通车钥匙的备份目录（BACKUP_BOX_DIR），恢复时收件箱里的信会丢失。"
    return ""


def check_panel(now: datetime) -> Panel:
    """The self-check of the settings, and how far the audit log is sealed."""
    found = sorted(message.id or "" for message in _checked())
    sealed = ChainHead.objects.filter(pk=1).values_list("position", flat=True).first() or 0
    result = f"{len(found)} 项：{'、'.join(found)}" if found else "没有发现问题"
    lines = (("设置检查", result), ("审计记录", f"已封存 {sealed} 条"))
    trouble = "请运维人员按编号执行 ./dev manage check --deploy 查看说明。" if found else ""
    return Panel("checks", "自检", "shield-check", lines, trouble)


def _checked() -> Iterator[CheckMessage]:
    """In production everything the deployment check says; else what would keep the portal from working."""
    for message in run_checks(include_deployment_checks=settings.PRODUCTION):
        if settings.PRODUCTION or message.level >= ERROR:
            yield message


def version_panel(now: datetime) -> Panel:
    lines = (
        ("党务工作台", product_version()),
        ("数据库", _database_version()),
        ("运行环境", f"Python {platform.python_version()}"),
        ("主要组件", f"Django {django.__version__}，Celery {celery.__version__}"),
    )
    return Panel("versions", "版本", "layers", lines)


@cache
def product_version() -> str:
    return str(tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def _database_version() -> str:
    if connection.vendor == "postgresql":
        number = connection.pg_version  # type: ignore[attr-defined]  # of this backend alone
        return f"PostgreSQL {number // 10000}.{number % 10000}"
    return f"SQLite {sqlite3.sqlite_version}"


# In the order of the page.
PANELS: tuple[Callable[[datetime], Panel], ...] = (
    outbox_panel,
    queue_panel,
    storage_panel,
    backup_panel,
    check_panel,
    version_panel,
)
