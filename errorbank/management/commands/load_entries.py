"""Load the shipped entries of the error bank."""

from typing import Any

from django.core.management import BaseCommand

from errorbank.actions.entries_load import load_entries


class Command(BaseCommand):
    help = "Load the shipped entries; safe to run again, what people have reworded stays theirs."

    def handle(self, *args: Any, **options: Any) -> None:
        result = load_entries()
        self.stdout.write(
            f"错题库：新增 {result.added} 条，更新 {result.updated} 条，未变 {result.unchanged} 条，"
            f"本单位已修改、保持不动 {result.left_alone} 条。"
        )
