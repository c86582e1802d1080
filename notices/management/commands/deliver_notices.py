"""Send what waits at once, what was tried in vain too; safe beside running workers.

For an administrator who has mended the mail server and does not want to wait up to half a day.
"""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notices.actions.delivery import deliver_due, hurry


class Command(BaseCommand):
    help = "Send the messages that wait, those tried in vain too, and say what became of them."

    def handle(self, *args: Any, **options: Any) -> None:
        hurry(now=timezone.now())
        done = deliver_due()
        self.stdout.write(
            f"已送达 {done.sent} 条，稍后再试 {done.later} 条，未能送达 {done.dead} 条，"
            f"不必再发 {done.cancelled} 条，免打扰时段内暂缓 {done.held} 条。"
        )
