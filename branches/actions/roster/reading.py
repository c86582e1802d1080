"""From the bytes of an uploaded file to a plan; nothing is written."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from branches.models import Organisation
from branches.models.organisation import OrganisationQuerySet
from branches.queries.roster import known_for, places_of
from branches.rules.roster.columns import HELP_SHEET, columns
from branches.rules.roster.plan import Known, Plan, plan_roster
from branches.rules.roster.rows import RosterRow, read_rows
from branches.sealed import digest
from ledgers.sheets.cells import FoundTable, RawSheet, TableRefused
from ledgers.sheets.gate import check_workbook
from ledgers.sheets.limits import DEFAULT
from ledgers.sheets.reading import read_sheets
from ledgers.sheets.tables import find_table

Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class RosterFile:
    """What was read: the rows, and what was left aside. `heading_rows` is sheet → row of its heading."""

    rows: tuple[RosterRow, ...]
    heading_rows: dict[str, int]
    dropped: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def read_roster(
    content: bytes, name: str, *, organisation: Organisation, day: date, tick: Tick = lambda done, total: None
) -> RosterFile:
    """Raises SheetRefused when there is no usable roster in it."""
    check_workbook(content, name)
    sheets = read_sheets(content, tick=lambda rows: tick(rows, 0))
    one_branch = len(places_of(organisation)) == 1
    tables, refused = _tables(sheets, one_branch=one_branch)
    total = sum(len(table.rows) for table in tables)
    if total > DEFAULT.rows:
        raise TableRefused((f"名册共 {total} 行，一次最多 {DEFAULT.rows} 行，请分成几个文件导入。",))
    if not total:
        raise TableRefused(("表头下面没有人员，请填好后再上传。",))
    rows = [row for table in tables for row in read_rows(table, day=day, one_branch=one_branch)]
    return RosterFile(
        tuple(rows),
        {table.sheet: table.heading_row for table in tables},
        tuple(dict.fromkeys(word for table in tables for word in table.dropped)),
        tuple(refused),
    )


def _tables(sheets: Sequence[RawSheet], *, one_branch: bool) -> tuple[list[FoundTable], list[str]]:
    """Every sheet that is a roster, and a sentence for each that is none."""
    tables, notices, first = [], [], None
    for sheet in sheets:
        if sheet.skipped:
            notices.append(f"“{sheet.name}”是{sheet.skipped}，没有读取。")
            continue
        if not sheet.rows or sheet.name == HELP_SHEET:
            continue
        try:
            tables.append(find_table(sheet, columns(one_branch=one_branch)))
        except TableRefused as refused:
            first = first or refused
            notices.append(f"“{sheet.name}”没有导入：{refused}")
    if first and not tables:
        raise first
    return tables, notices


def plan_for(
    rows: Sequence[RosterRow],
    organisation: Organisation,
    *,
    reach: OrganisationQuerySet | None,
    day: date,
    today: date,
    tick: Tick = lambda done, total: None,
) -> tuple[Plan, Known]:
    """What the rows would change today, and what they were compared with. Raises SealRefused."""
    known = known_for(rows, organisation, reach=reach, day=day, today=today)
    plan = plan_roster(rows, known, day=day, tick=lambda done: tick(done, len(rows)))
    return plan, known


def digest_of(plan: Plan) -> str:
    """One word for all that the plan would write, and over what: equal plans, equal digest.

    Keyed, because the words behind it hold id numbers.
    """
    spelled = [
        [
            row.outcome,
            row.person,
            row.place,
            row.fields,
            [[change.title, change.before, change.after] for change in row.changes],
            [[event.kind, event.on, event.organisation, event.status] for event in row.history.events],
            sorted(row.history.corrected),
        ]
        for row in plan.rows
    ]
    return digest(json.dumps(spelled, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
