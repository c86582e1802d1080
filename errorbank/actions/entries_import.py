"""Entries out of a sheet: what its rows would change, and doing all of it or nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from errorbank.action_titles import offered_titles, titles_of
from errorbank.actions.entries import (
    EntryRefused,
    Wording,
    propose_change,
    propose_entry,
    publish_version,
)
from errorbank.actions.entries_telling import tell_proposed
from errorbank.models import EntryVersion, ErrorEntry
from errorbank.queries.entries import PUBLISH
from errorbank.rules import ErrorCategory, Severity, Source, VersionState
from errorbank.rules.sheet import BETWEEN, BY_KEY, COLUMNS, LABELS, SHEET
from errorbank.rules.wording import basis_line, read_basis
from errorbank.sheets import SheetRow
from ledgers.sheets.cells import CellProblem

BECAUSE = "由 Excel 导入"
_TEXTS = ("problem", "why_wrong", "wrong_example", "right_example", "measure", "recheck_method")


@dataclass(frozen=True)
class PlannedRow:
    """`entry` is None for a new one; `changed` is false where the row says what is published."""

    number: int
    wording: Wording
    note: str
    entry: ErrorEntry | None = None
    changed: bool = True


@dataclass(frozen=True)
class EntryPlan:
    rows: tuple[PlannedRow, ...]
    problems: tuple[CellProblem, ...]

    @property
    def added(self) -> int:
        return sum(row.entry is None for row in self.rows)

    @property
    def changed(self) -> int:
        return sum(row.entry is not None and row.changed for row in self.rows)

    @property
    def unchanged(self) -> int:
        return sum(not row.changed for row in self.rows)


@dataclass(frozen=True)
class Known:
    """What rows are compared with, read once for all of them."""

    entries: Mapping[str, ErrorEntry]
    waiting: frozenset[int]
    problems: Mapping[str, str]
    titles: Mapping[str, str]
    sheet: str


def plan_import(rows: Sequence[SheetRow], *, by: User, on: date, sheet: str = SHEET) -> EntryPlan:
    """Nothing is written. A bounded number of statements, whatever the number of rows."""
    known = _known(by, on=on, sheet=sheet)
    twice = Counter(row.cells.get("code") or row.cells.get("problem", "") for row in rows)
    planned: list[PlannedRow] = []
    problems: list[CellProblem] = []
    for row in rows:
        found = list(_problems(row, known, twice))
        problems += found
        if not found:
            planned.append(_planned(row, known))
    return EntryPlan(tuple(planned), tuple(problems))


@transaction.atomic
def import_entries(
    rows: Sequence[SheetRow], place: Organisation, *, publish: bool, by: User, on: date
) -> EntryPlan:
    """All rows or none; planned again, because others may have written meanwhile. Raises EntryRefused."""
    plan = plan_import(rows, by=by, on=on)
    if plan.problems:
        first = plan.problems[0]
        raise EntryRefused(f"第 {first.row} 行 {first.sentence}没有导入任何内容，请重新核对。")
    if publish:
        _refuse_shipped(plan, by=by, on=on)
    made = [_write(row, place, publish=publish, by=by, on=on) for row in plan.rows if row.changed]
    if not publish:
        tell_proposed(made, by=by, on=on)
    counts = {"added": plan.added, "changed": plan.changed, "unchanged": plan.unchanged, "published": publish}
    audit.record("errorbank.entries_imported", by=by, target=place, detail=counts)
    return plan


def _refuse_shipped(plan: EntryPlan, *, by: User, on: date) -> None:
    """What somebody else decides on may be proposed here and not published. Raises EntryRefused."""
    changed = [row for row in plan.rows if row.entry is not None and row.changed]
    keys = {row.entry.pk for row in changed if row.entry}
    decided = ErrorEntry.objects.decided_by(by, on=on).filter(pk__in=keys)
    mine = set(decided.values_list("pk", flat=True))
    for row in changed:
        if row.entry and row.entry.pk not in mine:
            raise EntryRefused(
                f"第 {row.number} 行的 {row.entry.code} 由{row.entry.decider}审核：请不要勾选“直接发布”，"
                "提交后等待审核；或删去这一行。没有导入任何内容。"
            )


def _write(row: PlannedRow, place: Organisation, *, publish: bool, by: User, on: date) -> EntryVersion:
    wording, note = row.wording, row.note
    if row.entry is None:
        made = propose_entry(place, wording=wording, by=by, on=on, note=note, quiet=True)
    else:
        made = propose_change(row.entry, wording=wording, by=by, on=on, note=note, quiet=True)
    return publish_version(made, by=by) if publish else made


def _known(by: User, *, on: date, sheet: str) -> Known:
    reached = ErrorEntry.objects.reaching(by, PUBLISH, on=on).in_use().select_related("published")
    entries = {entry.code: entry for entry in reached}
    waiting = EntryVersion.objects.filter(
        state=VersionState.PROPOSED, entry__in=ErrorEntry.objects.reaching(by, PUBLISH, on=on).values("pk")
    ).select_related("entry")
    said = {entry.published.problem: code for code, entry in entries.items() if entry.published}
    said |= {version.problem: version.entry.code for version in waiting}
    used = {code for entry in entries.values() if entry.published for code in entry.published.action_codes}
    titles = {**titles_of(used), **offered_titles()}
    return Known(entries, frozenset(version.entry_id for version in waiting), said, titles, sheet)


def _problems(row: SheetRow, known: Known, twice: Mapping[str, int]) -> Iterator[CellProblem]:
    cells = row.cells
    for column in COLUMNS:
        if column.required and column.key not in cells:
            yield _problem(row, known, column.key, "没有填写", "请填写后再导入")
    for key, labels in LABELS.items():
        if key in cells and cells[key] not in labels:
            yield _problem(row, known, key, "不在可选的范围里", f"请填：{'；'.join(labels)}")
    names = set(known.titles.values()) | set(known.titles)
    if unknown := [name for name in _parts(cells.get("actions", "")) if name not in names]:
        yield _problem(
            row, known, "actions", f"事项库里没有“{unknown[0]}”", "请填事项库里的名称，几项之间用分号隔开"
        )
    yield from _identity(row, known, twice)


def _identity(row: SheetRow, known: Known, twice: Mapping[str, int]) -> Iterator[CellProblem]:
    code, problem = row.cells.get("code", ""), row.cells.get("problem", "")
    key = "code" if code else "problem"
    if (code or problem) and twice[code or problem] > 1:
        yield _problem(row, known, key, "在文件里出现了两次", "请只保留一行")
    elif code and code not in known.entries:
        yield _problem(row, known, key, "没有这个编号，或不由您审核", "新条目请把编号留空")
    elif not code and problem in known.problems:
        yield _problem(
            row, known, key, f"已有同样的条目 {known.problems[problem]}", "请填上编号，或删去这一行"
        )
    elif code and known.entries[code].pk in known.waiting:
        yield _problem(row, known, key, "已有一份修改在等待审核", "请先审核那一份")


def _problem(row: SheetRow, known: Known, key: str, reason: str, advice: str) -> CellProblem:
    return CellProblem(
        known.sheet, row.number, BY_KEY[key].title, row.cells.get(key, "")[:40], reason, advice
    )


def _planned(row: SheetRow, known: Known) -> PlannedRow:
    entry = known.entries.get(row.cells.get("code", ""))
    before = entry.published if entry else None
    wording = _wording(row.cells, before, known.titles)
    changed = before is None or Wording.of(before) != wording
    return PlannedRow(row.number, wording, row.cells.get("note", BECAUSE), entry, changed)


def _wording(cells: Mapping[str, str], before: EntryVersion | None, titles: Mapping[str, str]) -> Wording:
    codes = {title: code for code, title in titles.items()}
    actions = tuple(dict.fromkeys(codes.get(name, name) for name in _parts(cells.get("actions", ""))))
    return Wording(
        category=ErrorCategory(LABELS["category"][cells["category"]]),
        source=Source(LABELS["source"][cells["source"]]),
        severity=Severity(LABELS["severity"][cells["severity"]]),
        basis=_basis(cells.get("basis", ""), before),
        action_codes=actions,
        detection=before.detection if before else "",
        **{name: cells.get(name, "") for name in _TEXTS},
    )


def _basis(text: str, before: EntryVersion | None) -> tuple[dict[str, Any], ...]:
    """What stood there before keeps whether it was verified."""
    old = list(before.basis) if before else []
    if text == BETWEEN.join(basis_line(basis) for basis in old):
        return tuple(old)
    known = {basis_line(basis): basis for basis in old}
    return tuple(known.get(line) or read_basis(line) for line in _parts(text))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace(";", BETWEEN).split(BETWEEN) if part.strip()]
