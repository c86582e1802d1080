"""Propose joint branches for the branches in trouble, as text or as JSON."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from branches.management.days import day_of
from branches.models import Organisation
from branches.planning.report import Report
from branches.queries.joint import Scene, planning_organisation, report_of, scene_of


class Command(BaseCommand):
    help = "Propose joint branches for the branches that are or will be too small."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", metavar="CODE", default="", help="default: the whole tree")
        parser.add_argument("--as-of", metavar="DATE", default=None)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        on = day_of(options["as_of"], today=timezone.localdate())
        scene = scene_of(_organisation(options["organisation"], on), on=on)
        report = report_of(scene)
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(_lines(scene, report)))


def _organisation(code: str, on: date) -> Organisation:
    found = Organisation.objects.filter(code=code).first() if code else planning_organisation(on=on)
    if found is None:
        raise CommandError(
            f"没有编号为“{code[:40]}”的组织，请核对编号。" if code else "还没有党总支，请先建立组织。"
        )
    return found


def _lines(scene: Scene, report: Report) -> list[str]:
    lines = [
        f"{scene.organisation.name}，截至 {report['as_of']}：{len(report['in_trouble'])} 个支部需要处理。"
    ]
    for one in report["in_trouble"]:
        lines.append(f"  {one['code']} {one['name']}（{one['level_text']}）：{'；'.join(one['reasons'])}")
    for alternative in report["alternatives"]:
        lines.append(f"方案 {alternative['rank']}（综合分值 {alternative['objective']['points']:g}）")
        for group in alternative["groups"]:
            lines.append(f"  {group['name']}：{'、'.join(group['branches'])}，集中地点 {group['seat_name']}")
            lines += [f"    {reason}" for reason in group["reasons"]]
    for one in report["unplaced"]:
        lines.append(f"未能安排 {one['code']} {one['name']}：{one['why']}{''.join(one['helps'])}")
    return [*lines, report["status_text"]]
