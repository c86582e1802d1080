"""Load the shipped scenario cards."""

from typing import Any

from django.core.management import BaseCommand
from django.utils import timezone

from training.actions.cards_load import load_cards


class Command(BaseCommand):
    help = "Load the shipped scenario cards; safe to run again, cards of the organisations stay theirs."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = load_cards(on=timezone.localdate())
        self.stdout.write(
            f"情景卡：新增 {counts['added']} 张，更新 {counts['updated']} 张，未变 {counts['unchanged']} 张。"
        )
