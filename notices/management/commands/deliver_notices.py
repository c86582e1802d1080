"""Send what waits, once, as the worker does every minute; safe beside running workers.

For an administrator who has mended the mail server or a robot and does not want to wait.
"""

from typing import Any

from django.core.management.base import BaseCommand

from notices.actions.delivery import deliver_due


class Command(BaseCommand):
    help = "Send the messages that are due now and say what became of them."

    def handle(self, *args: Any, **options: Any) -> None:
        done = deliver_due()
        self.stdout.write(
            f"已送达 {done.sent} 条，稍后再试 {done.later} 条，未能送达 {done.dead} 条，"
            f"不必再发 {done.cancelled} 条，免打扰时段内暂缓 {done.held} 条。"
        )
