"""Prove that the counted months are those of a recount; exit 1 where they are not."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from reminders.actions.summaries_check import Checked, Difference, check_summaries

SHOWN = 20


class Command(BaseCommand):
    help = "Compare the counted months with a recount; exit 1 on a difference, mended or not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mend", action="store_true", help="count anew where there is a difference")
        parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        checked = check_summaries(mend=options["mend"])
        self.stdout.write(_told(checked) if options["json"] else _sentence(checked))
        if checked.differences:
            end = "已按事项重新统计。" if checked.mended else "加 --mend 可以重新统计。"
            raise CommandError(f"有 {len(checked.differences)} 个组织的月度汇总与事项不一致，{end}")


def _told(checked: Checked) -> str:
    told = {
        "organisations": checked.organisations,
        "waiting": checked.waiting,
        "mended": checked.mended,
        "differences": [
            {"code": one.code, "first": str(one.first), "last": str(one.last), "months": one.months}
            for one in checked.differences
        ],
    }
    return json.dumps(told)


def _sentence(checked: Checked) -> str:
    lines = [f"核对 {checked.organisations} 个组织，待重新统计 {checked.waiting} 个。"]
    lines += [_line(one) for one in checked.differences[:SHOWN]]
    if not checked.differences:
        lines.append("月度汇总与事项一致。")
    return "\n".join(lines)


def _line(one: Difference) -> str:
    span = one.first.label if one.first == one.last else f"{one.first.label}至 {one.last.label}"
    return f"{one.code} {one.name}：{span}，{one.months} 个月不一致"
