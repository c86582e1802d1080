"""Load the shipped rules on branches."""

from typing import Any

from django.core.management import BaseCommand
from django.utils import timezone

from branches.actions.policy import load_rules


class Command(BaseCommand):
    help = "Load the shipped rules; safe to run again, a changed rule gets a new version."

    def handle(self, *args: Any, **options: Any) -> None:
        result = load_rules(on=timezone.localdate())
        self.stdout.write(
            f"支部规则：新增 {result.added} 条，更新 {result.updated} 条，未变 {result.unchanged} 条。"
        )
