"""Long work and once-only work as rows: the rows are the truth, the queue is only a hint."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

STALE_AFTER = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(minutes=2)
KEEP_RESULTS = timedelta(hours=24)
RESULTS = "jobs"  # the folder of result files, one below it for each job


class RunState(models.TextChoices):
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "未成功"


class JobRun(models.Model):
    """Mark that one job was done for one period and scope; made with the effects, or not at all."""

    job = models.CharField("任务", max_length=80)
    period = models.CharField("周期", max_length=40)
    # Empty text, never NULL: NULL would defeat the constraint.
    scope = models.CharField("范围", max_length=120, default="", blank=True)
    state = models.CharField("状态", max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    started = models.DateTimeField("开始", auto_now_add=True)
    finished = models.DateTimeField("结束", null=True, blank=True)
    detail = models.JSONField("详情", default=dict, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = verbose_name_plural = "周期任务"
        constraints = [
            models.UniqueConstraint(fields=["job", "period", "scope"], name="job_run_once"),
            models.CheckConstraint(
                name="job_run_done_has_end",
                condition=~models.Q(state=RunState.DONE) | models.Q(finished__isnull=False),
            ),
        ]


class JobState(models.TextChoices):
    QUEUED = "queued", "等待中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "未成功"
    CANCELLED = "cancelled", "已取消"
    STALE = "stale", "已中断"


OPEN_STATES = frozenset({JobState.QUEUED, JobState.RUNNING})
RESTARTABLE_STATES = frozenset({JobState.FAILED, JobState.STALE, JobState.CANCELLED})


def result_path(job: "Job", name: str) -> str:
    return f"{RESULTS}/{job.pk}/{name}"


class JobQuerySet(models.QuerySet["Job"]):
    def owned_by(self, user: models.Model) -> Self:
        return self.filter(owner_id=user.pk)

    def open(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def running(self) -> Self:
        return self.filter(state=JobState.RUNNING)

    def gone_quiet(self, *, now: datetime) -> Self:
        """Running jobs whose worker has not been heard of for a while."""
        return self.running().filter(heartbeat__lt=now - STALE_AFTER)

    def forgotten(self, *, now: datetime) -> Self:
        """Queued jobs nobody took: the message may be lost."""
        return self.filter(state=JobState.QUEUED, created__lt=now - FORGOTTEN_AFTER)

    def with_old_result(self, *, now: datetime) -> Self:
        return self.filter(finished__lt=now - KEEP_RESULTS).exclude(result="")


class Job(models.Model):
    """One piece of long work that its owner watches, cancels and whose file they fetch."""

    State = JobState  # templates name states by it

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("类别", max_length=80, help_text="Name of the Celery task that does the work.")
    parameters = models.JSONField("参数", default=dict, blank=True, encoder=DjangoJSONEncoder)
    state = models.CharField("状态", max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    done = models.PositiveIntegerField("已做", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    # Counts the claims: a worker that was given up must not write into a later attempt.
    attempt = models.PositiveSmallIntegerField("第几次", default=0)
    cancel_requested = models.BooleanField("要求取消", default=False)
    result = models.FileField("结果", upload_to=result_path, max_length=200, blank=True)
    file_name = models.CharField("文件名", max_length=200, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="发起人", on_delete=models.PROTECT, related_name="jobs"
    )
    created = models.DateTimeField("提交", auto_now_add=True)
    started = models.DateTimeField("开始", null=True, blank=True)
    finished = models.DateTimeField("结束", null=True, blank=True)
    heartbeat = models.DateTimeField("心跳", null=True, blank=True)
    error = models.TextField("未成功原因", blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务"
        indexes = [
            models.Index(fields=["state", "heartbeat"], name="job_state_heartbeat"),
            models.Index(fields=["owner", "created"], name="job_owner_created"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES
