"""Load the demo: a general branch of 13 branches with its people and some months of lived history."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

import branches.demo
import burden.demo
import burden.demo_box
import dashboards.demo
import errorbank.demo
import incentives.demo
import ledgers.demo
import papers.demo
import records.demo
import reminders.demo
import training.demo
from accounts.models import User
from branches.models import Organisation
from errorbank.actions.entries_load import load_entries
from periods.months import Month
from reminders.actions.refresh import refresh
from reminders.rules import RefreshTrigger

# The earliest day for which the case tells a history.
EARLIEST = date(2024, 1, 1)
ACCOUNTS = "admin、committee、staff、secretary01…secretary13、worker01…worker13、box1…box4"


class Command(BaseCommand):
    help = "向空数据库装入演示数据（13 个支部、70 名党员、几个月的工作记录）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-of",
            metavar="YYYY-MM-DD",
            help="案例所处的日期；不填时把案例中的计划日期整月平移到当前月份。",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("生产模式不装演示数据。")
        if User.objects.exists() or Organisation.objects.exists():
            raise CommandError("数据库里已有数据，演示数据只装入空数据库，没有改动任何内容。")
        case = branches.demo.read_case()
        today = timezone.localdate()
        as_of = _day(options["as_of"], today) if options["as_of"] else today
        months = 0 if options["as_of"] else branches.demo.months_to_shift(case, as_of)
        with transaction.atomic():
            admin = User.objects.create_superuser("admin", branches.demo.PASSWORD, name="系统管理员")
            tree = branches.demo.load(case, as_of=as_of, shift=branches.demo.Shift(months), by=admin)
            load_entries()
            papers.demo.load(tree)
            records.demo.load(tree)
            reminders.demo.load(tree)
            errorbank.demo.load(tree)
            # What was found stands in this month's lists.
            refresh(Month.of(as_of), on=as_of, trigger=RefreshTrigger.SCHEDULE)
            training.demo.load(tree)
            burden.demo.load(tree)
            incentives.demo.load(tree)
            dashboards.demo.load(tree)
            ledgers.demo.load(tree.staff, on=as_of)
            reminders.demo.tell(tree)
        self.stdout.write(f"演示数据已装入。账号：{ACCOUNTS}；密码均为 {branches.demo.PASSWORD}")
        self.stdout.write(
            f"受理人 box1、box2（本级）和 box3、box4（上级）的受理口令均为 {burden.demo_box.PASSPHRASE}"
        )


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"日期“{text}”无法识别，请写成 2026-11-22 的样子。") from None
    if not EARLIEST <= day <= today:
        raise CommandError(f"案例日期请填 {EARLIEST} 至今天（{today}）之间的一天，没有装入任何内容。")
    return day
