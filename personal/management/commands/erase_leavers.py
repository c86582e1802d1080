"""Erase the personal data of those who left long ago, as every night; with --dry-run only say whose.

People are named by their roster code. It may be stopped and run again at any time.
"""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from personal.actions.leavers import erase_leavers, plan_leavers
from personal.rules import Fate


class Command(BaseCommand):
    help = "Erase personal data of those who left long ago; ledgers keep what they must."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        planned = plan_leavers(on=today)
        for one in planned:
            kept = f"（{'、'.join(one.ledgers)}）" if one.ledgers else ""
            self.stdout.write(f"{one.code}　{one.left_on:%Y-%m-%d} 离开　{one.fate.label}{kept}")
        if options["dry_run"]:
            self.stdout.write(f"试运行，没有改动：到期 {_said([one.fate for one in planned])}。")
            return
        done = erase_leavers(on=today, most=len(planned))
        fates = [Fate.NAME_KEPT if one.name_kept else Fate.ANONYMOUS for one in done]
        self.stdout.write(f"已清除 {_said(fates)}。")


def _said(fates: Iterable[Fate]) -> str:
    found = list(fates)
    kept = found.count(Fate.NAME_KEPT)
    return f"{len(found)} 人，其中台账保留姓名 {kept} 人，匿名 {found.count(Fate.ANONYMOUS)} 人"
