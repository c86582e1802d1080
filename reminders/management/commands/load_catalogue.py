"""Load the shipped catalogue of statutory actions."""

from typing import Any

from django.core.management import BaseCommand
from django.utils import timezone

from reminders.actions.catalogue_load import load_catalogue


class Command(BaseCommand):
    help = "Load the shipped catalogue; safe to run again, a changed file makes new versions."

    def handle(self, *args: Any, **options: Any) -> None:
        result = load_catalogue(on=timezone.localdate())
        self.stdout.write(
            f"规定动作库：新增 {result.added} 项，更新 {result.updated} 项，未变 {result.unchanged} 项。"
        )
