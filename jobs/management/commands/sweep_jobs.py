"""Mark interrupted jobs as stale and delete results older than a day."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from jobs.actions import expire_results, sweep_stale


class Command(BaseCommand):
    help = "Mark interrupted jobs as stale and delete results older than a day; run at start."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        stale, expired = sweep_stale(now=now), expire_results(now=now)
        self.stdout.write(f"已收回中断的任务 {stale} 个，已清理过期结果 {expired} 个。")
