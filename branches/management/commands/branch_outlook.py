"""Print the outlook of branches: who has too few full members, and who will."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from branches.management.days import day_of
from branches.models import Organisation
from branches.queries.outlook import outlook_of
from branches.rules.outlook import FEWEST_MONTHS, MOST_MONTHS, USUAL_MONTHS, BranchOutlook


class Command(BaseCommand):
    help = "Print full members per branch for the coming months, with level and alerts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--organisation", metavar="CODE", help="this organisation and everything below it"
        )
        parser.add_argument(
            "--as-of", metavar="DATE", help="the day to look from, 2026-11-22; today without it"
        )
        parser.add_argument("--months", default=str(USUAL_MONTHS))
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        on, months = day_of(options["as_of"], today=timezone.localdate()), _months(options["months"])
        branches = list(_branches(options["organisation"], on))
        found = list(outlook_of(branches, on=on, months=months).values())
        self.stdout.write(_json(found, on) if options["json"] else _table(found, on))


def _months(text: str | int) -> int:
    """Called from Python the number may be one."""
    given = str(text)
    if not (given.isascii() and given.isdigit() and FEWEST_MONTHS <= int(given) <= MOST_MONTHS):
        raise CommandError(f"月数请填 {FEWEST_MONTHS} 至 {MOST_MONTHS} 之间的整数。")
    return int(given)


def _branches(code: str | None, on: date) -> list[Organisation]:
    found = Organisation.objects.branches().active(on=on).order_by("code")
    if code is None:
        return list(found)
    top = Organisation.objects.filter(code=code).first()
    if top is None:
        raise CommandError(f"没有编号为“{code[:40]}”的组织，请核对编号。")
    return list(found.within(top))


def _json(found: list[BranchOutlook], on: date) -> str:
    content = {"as_of": on.isoformat(), "branches": [_entry(one) for one in found]}
    return json.dumps(content, ensure_ascii=False, indent=2)


def _entry(one: BranchOutlook) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "full_now": one.full_now,
        "own_department": one.own_department,
        "level": one.level.value,
        "alerts": [
            {
                "code": alert.code.value,
                "level": alert.level.value,
                "month": str(alert.month),
                "text": alert.text,
                "basis": alert.basis,
            }
            for alert in one.alerts
        ],
        "months": [
            {"month": str(figure.month), "full": figure.full, "probationary": figure.probationary}
            for figure in one.months
        ],
    }


def _table(found: list[BranchOutlook], on: date) -> str:
    lines = [f"人数预测，截至 {on:%Y-%m-%d}，共 {len(found)} 个支部"]
    for one in found:
        course = " ".join(str(figure.full) for figure in one.months)
        lines += [
            "",
            f"{one.code} {one.name}：{one.level.label}。正式党员 {one.full_now} 人，"
            f"其中本部门 {one.own_department} 人",
            f"  各月末正式党员：{course}",
            *(f"  · {alert.text}{f'（{alert.basis}）' if alert.basis else ''}" for alert in one.alerts),
        ]
    return "\n".join(lines)
