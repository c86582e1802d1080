"""Do the daily work on rechecks by hand."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from branches.management.days import day_of
from errorbank.actions.schedule import schedule_rechecks


class Command(BaseCommand):
    help = "Create, decide and announce rechecks; missed days are made up, a second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="up to this day; today when left out")
        parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        on = day_of(options["on"], today=today)
        if on > today:
            raise CommandError(f"{on} 还没有到，请填今天（{today}）或以前的日期。")
        told = {"on": on.isoformat(), **asdict(schedule_rechecks(on=on))}
        self.stdout.write(json.dumps(told) if options["json"] else _SENTENCE.format(**told))


_SENTENCE = (
    "截至 {on}：补做 {days} 天，系统核对 {decided} 项（其中 {failed} 项再次出现），未抽中 {left_out} 项，"
    "告知复查人 {announced} 项，暂缓到期 {resumed} 项，支部撤销不再复查 {given_up} 项。"
)
