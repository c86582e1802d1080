"""Refresh the month lists by hand."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from branches.models import Organisation
from periods.months import Month, UnknownMonth, months_between
from reminders.actions.refresh import MADE_UP_MONTHS, MonthTooFar, refresh


class Command(BaseCommand):
    help = "Bring the month lists up to date; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--month", help="YYYY-MM; the current month when left out")
        parser.add_argument("--organisation", metavar="CODE", help="this organisation and those below it")
        parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        try:
            month = Month.parse(options["month"]) if options["month"] else Month.of(today)
            _refuse_long_past(month, Month.of(today))
            result = refresh(month, organisation=_organisation(options["organisation"]), on=today)
        except (UnknownMonth, MonthTooFar) as error:
            raise CommandError(str(error)) from None
        told = {**asdict(result), "month": str(result.month)}
        self.stdout.write(json.dumps(told) if options["json"] else _sentence(told))


def _refuse_long_past(month: Month, current: Month) -> None:
    """A mistyped year would fill the lists with what nobody will ever settle."""
    if months_between(month, current) > MADE_UP_MONTHS:
        earliest = current.plus(-MADE_UP_MONTHS)
        raise CommandError(f"{month.label}太早，清单最早补到 {earliest.label}，请核对月份。")


def _organisation(code: str | None) -> Organisation | None:
    if code is None:
        return None
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise CommandError(f"没有编号为“{code[:40]}”的组织。")
    return found


def _sentence(told: dict[str, Any]) -> str:
    return (
        "{month}：{branches} 个支部，新增 {created} 项，改期 {moved} 项，办结 {done} 项，"
        "取消 {withdrawn} 项，恢复 {restored} 项，结转 {carried_over} 项，未变 {unchanged} 项，"
        "用时 {seconds} 秒。"
    ).format(**told)
