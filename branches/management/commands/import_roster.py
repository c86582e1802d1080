"""Read a roster from a file and write it, with the same rules as the page.

Without `--user` it may touch the whole portal, because whoever may run it on the host may read the
database as well; with it, what that person may. `--json` prints one object, also when the file cannot
be read: then `errors` holds one entry without a row. Exit code 1 when anything is wrong.
"""

import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from branches.actions.roster.imports import hold_people, write_down
from branches.actions.roster.notices import notices_of
from branches.actions.roster.reading import RosterFile, plan_for, read_roster
from branches.actions.roster.writing import write_plan
from branches.management.days import day_of
from branches.models import Organisation
from branches.models.organisation import OrganisationQuerySet
from branches.queries.roster import IMPORT
from branches.rules import Refusal
from branches.rules.roster.plan import Outcome, Plan
from ledgers.sheets.cells import SheetRefused

SHOWN = 20


class Command(BaseCommand):
    help = "Import a roster of people from an .xlsx file; all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--organisation", required=True, metavar="CODE")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--roster-day", metavar="YYYY-MM-DD", help="default: today")
        parser.add_argument("--user", metavar="NAME", help="whose rights count, and who is written down")

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        organisation, user = _organisation(options["organisation"]), _user(options["user"])
        told = _told(options, organisation)
        try:
            told |= _import(options, organisation, user, today=today)
        except (SheetRefused, Refusal) as refusal:
            told["errors"] = [_whole_file(refusal)]
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) if options["json"] else _words(told))
        if told["errors"]:
            sys.exit(1)


def _import(
    options: dict[str, Any], organisation: Organisation, user: User | None, *, today: date
) -> dict[str, Any]:
    day = day_of(options["roster_day"], today=today)
    if day > today:
        raise Refusal("名册日期还没有到，请填写今天或以前的日期。")
    reach = _reach(organisation, user, on=today)
    content, name = _content(options["file"]), options["file"].name
    read = read_roster(content, name, organisation=organisation, day=day)
    with transaction.atomic():
        hold_people(reach, on=today)
        plan, known = plan_for(read.rows, organisation, reach=reach, day=day, today=today)
        notices = [*read.notices, *notices_of(plan, known, day=day)]
        write = not options["dry_run"] and not plan.problems
        if write and any(plan.of(outcome) for outcome in (Outcome.NEW, Outcome.CHANGED)):
            write_plan(plan, known, by=user, today=today)
            write_down(organisation, plan, day=day, by=user, file_name=name)
    return _result(plan, read, notices, committed=write)


def _result(plan: Plan, read: RosterFile, notices: list[str], *, committed: bool) -> dict[str, Any]:
    return {
        "counts": plan.counts,
        "dropped_columns": list(read.dropped),
        "notices": notices,
        "missing": [{"code": m.code, "name": m.name, "organisation": m.place} for m in plan.missing],
        "errors": [asdict(problem) for problem in plan.problems],
        "committed": committed,
    }


def _told(options: dict[str, Any], organisation: Organisation) -> dict[str, Any]:
    return {
        "file": options["file"].name,
        "organisation": organisation.code,
        "dry_run": options["dry_run"],
        "counts": {outcome.value: 0 for outcome in Outcome},
        "dropped_columns": [],
        "notices": [],
        "missing": [],
        "errors": [],
        "committed": False,
    }


def _whole_file(refusal: Exception) -> dict[str, Any]:
    return {"sheet": "", "row": None, "column": "", "value": "", "reason": str(refusal), "advice": ""}


def _words(told: dict[str, Any]) -> str:
    counts = told["counts"]
    lines = [
        f"{told['file']} → {told['organisation']}：新登记 {counts['new']}，有变化 {counts['changed']}，"
        f"没有变化 {counts['unchanged']}，需要修改 {counts['error']}。"
    ]
    if told["dropped_columns"]:
        lines.append(f"没有导入的列：{'、'.join(told['dropped_columns'])}。")
    lines += told["notices"]
    if told["missing"]:
        lines.append(f"名册里没有、原样保留的 {len(told['missing'])} 人：{_names(told['missing'])}。")
    lines += [_error(error) for error in told["errors"][:SHOWN]]
    if len(told["errors"]) > SHOWN:
        lines.append(f"……共 {len(told['errors'])} 处，用 --json 可以看到全部。")
    lines.append(_ending(told))
    return "\n".join(lines)


def _ending(told: dict[str, Any]) -> str:
    if not told["committed"]:
        return "没有写入任何内容。"
    written = told["counts"]["new"] + told["counts"]["changed"]
    return f"已写入 {written} 人。" if written else "与系统里的完全一致，没有需要写入的。"


def _names(missing: list[dict[str, Any]]) -> str:
    named = "、".join(f"{each['name']}（{each['code']}）" for each in missing[:SHOWN])
    return named if len(missing) <= SHOWN else f"{named} 等"


def _error(error: dict[str, Any]) -> str:
    if error["row"] is None:
        return str(error["reason"])
    value = f"“{error['value']}”" if error["value"] else ""
    place = f"“{error['sheet']}”第 {error['row']} 行 {error['column']}{value}"
    return f"{place}：{error['reason']}。{error['advice']}。"


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise CommandError(f"无法读取 {path}，请核对路径和权限。") from None


def _organisation(code: str) -> Organisation:
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise CommandError(f"没有编号为“{code}”的组织，请核对编号。")
    return found


def _user(name: str | None) -> User | None:
    if name is None:
        return None
    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise CommandError(f"没有登录名为“{name}”的账号，或已停用。")
    return found


def _reach(organisation: Organisation, user: User | None, *, on: date) -> OrganisationQuerySet | None:
    if user is None:
        return None
    reach = Organisation.objects.permitted_to(user, IMPORT, on=on)
    if not reach.filter(pk=organisation.pk).exists():
        raise Refusal(f"{user.name}不能向“{organisation.name}”导入名册。")
    return reach
