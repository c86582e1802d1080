"""One row of a roster: cells into values, and what the row alone already shows to be wrong."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, TypeVar

from branches.rules.id_numbers import (
    IdNumber,
    IdNumberError,
    is_masked,
    masked_text,
    normalised,
    parse_id_number,
)
from branches.rules.people import PARTY_MEMBER_STATUSES, MemberStatus
from branches.rules.roster.columns import STATUS_LABELS, STATUS_WORDS, TITLES, Key
from ledgers.sheets.cells import CellKind, CellProblem, FoundTable, RawCell, TableRow, ValueProblem
from ledgers.sheets.dates import parse_date
from ledgers.sheets.values import parse_choice, parse_text, parse_yes_no

T = TypeVar("T")

LENGTHS = {Key.CODE: 32, Key.NAME: 40, Key.ORGANISATION: 80, Key.HOME_DEPARTMENT: 60}
DATES = (Key.BIRTH_ON, Key.JOINED_ON, Key.CONVERTED_ON, Key.SINCE)
REQUIRED = (Key.NAME, Key.STATUS)
# A number in a cell keeps fifteen digits; the last three of an id number are gone.
_NUMBER_DIGITS = 15
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_LONG_NUMBER = re.compile(r"\d{14,17}[\dXx]", re.ASCII)


@dataclass(frozen=True)
class RosterRow:
    """What one row says. `values` holds filled cells that could be read; `written` every filled cell as
    it may be repeated (id numbers masked); `rough` the dates given without a day."""

    sheet: str
    number: int
    values: Mapping[Key, Any] = field(default_factory=dict)
    written: Mapping[Key, str] = field(default_factory=dict)
    rough: frozenset[Key] = frozenset()
    problems: tuple[CellProblem, ...] = ()

    def text(self, key: Key) -> str:
        found: str = self.values.get(key, "")
        return found

    def day(self, key: Key) -> date | None:
        found: date | None = self.values.get(key)
        return found

    @property
    def status(self) -> MemberStatus | None:
        found: MemberStatus | None = self.values.get(Key.STATUS)
        return found

    @property
    def id_number(self) -> str:
        """The full number, empty where there is none or a masked one."""
        text = self.text(Key.ID_NUMBER)
        return "" if is_masked(text) else text

    def problem(self, key: Key, reason: str, advice: str) -> CellProblem:
        title, value = TITLES[key], self.written.get(key, "")
        return CellProblem(self.sheet, self.number, title, value, reason, advice)


def read_rows(table: FoundTable, *, day: date, one_branch: bool) -> list[RosterRow]:
    """Every record of the table, right or wrong; `day` is the day the roster describes."""
    return [_Reading(table, row, day, one_branch).result() for row in table.rows]


class _Reading:
    """Reads one row and collects what is wrong with it."""

    def __init__(self, table: FoundTable, row: TableRow, day: date, one_branch: bool) -> None:
        self.table, self.row, self.day = table, row, day
        self.required = REQUIRED if one_branch else (*REQUIRED, Key.ORGANISATION)
        self.values: dict[Key, Any] = {}
        self.refused: dict[Key, CellProblem] = {}
        self.rough: set[Key] = set()

    def result(self) -> RosterRow:
        for key, most in LENGTHS.items():
            self._take(key, partial(parse_text, most=most))
        self._take(Key.STATUS, _status)
        self._take(Key.ASSIGNED, parse_yes_no)
        self._take(Key.ID_NUMBER, self._id_number)
        for key in DATES:
            self._take(key, self._date(key))
        self._tidy_name()
        self._check_required()
        self._check_dates()
        return RosterRow(
            self.table.sheet,
            self.row.number,
            self.values,
            {Key(key): shown(Key(key), cell) for key, cell in self.row.cells.items()},
            frozenset(self.rough),
            tuple(self.refused.values()),
        )

    def _take(self, key: Key, parse: Callable[[RawCell | None], T | None]) -> None:
        try:
            value = parse(self.row.cell(key))
        except ValueProblem as problem:
            self._refuse(key, problem.reason, problem.advice)
            return
        if value not in (None, ""):
            self.values[key] = value

    def _refuse(self, key: Key, reason: str, advice: str) -> None:
        cell = self.row.cell(key)
        value = shown(key, cell) if cell else ""
        problem = CellProblem(self.table.sheet, self.row.number, TITLES[key], value, reason, advice)
        self.refused.setdefault(key, problem)

    def _date(self, key: Key) -> Callable[[RawCell | None], date | None]:
        def parse(cell: RawCell | None) -> date | None:
            found = parse_date(cell, date_1904=self.table.date_1904)
            if found and not found.precise:
                self.rough.add(key)
            return found.day if found else None

        return parse

    def _id_number(self, cell: RawCell | None) -> str | None:
        if cell is None or not normalised(cell.written):
            return None
        if cell.kind in (CellKind.FORMULA, CellKind.ERROR, CellKind.DATE, CellKind.BOOLEAN):
            raise ValueProblem("", "这里不是身份证号", "请把这一列设为文本格式，重新填写 18 位号码")
        if cell.kind is CellKind.NUMBER and len(normalised(cell.written)) > _NUMBER_DIGITS:
            raise ValueProblem(
                "", "号码按数字保存，末几位已经丢失", "请把这一列设为文本格式，对照证件重新填写"
            )
        if is_masked(cell.written):
            return normalised(cell.written)
        try:
            return parse_id_number(cell.written, on=self.day).text
        except IdNumberError as refusal:
            reason, _, advice = str(refusal).rstrip("。").rpartition("，")
            raise ValueProblem("", reason, advice) from None

    def _tidy_name(self) -> None:
        if Key.NAME in self.values:
            self.values[Key.NAME] = tidy_name(self.values[Key.NAME])

    def _check_required(self) -> None:
        for key in self.required:
            if key not in self.values and key not in self.refused:
                self._refuse(key, "没有填写", f"请填写{TITLES[key]}")

    def _check_dates(self) -> None:
        values = self.values
        for key in DATES:
            if key in values and values[key] > self.day:
                self._refuse(key, f"晚于名册日期 {self.day:%Y-%m-%d}", "请核对日期，或改用较晚的名册日期")
        self._check_birth()
        joined, converted = values.get(Key.JOINED_ON), values.get(Key.CONVERTED_ON)
        if joined and converted and converted <= joined:
            self._refuse(Key.CONVERTED_ON, "不晚于入党日期", "请核对入党日期和转正日期")
        self._check_status()

    def _check_birth(self) -> None:
        born, number = self.values.get(Key.BIRTH_ON), self.values.get(Key.ID_NUMBER, "")
        if number and not is_masked(number):
            inside = IdNumber(number).birth_on
            if born and not same_day(born, inside, rough=Key.BIRTH_ON in self.rough):
                self._refuse(Key.BIRTH_ON, f"与身份证号中的 {inside:%Y-%m-%d} 不一致", "请对照证件核对这两列")
            self.values[Key.BIRTH_ON] = born = inside
            self.rough.discard(Key.BIRTH_ON)
        joined = self.values.get(Key.JOINED_ON)
        if born and joined and joined <= born:
            self._refuse(Key.JOINED_ON, "不晚于出生日期", "请核对出生日期和入党日期")

    def _check_status(self) -> None:
        status: MemberStatus | None = self.values.get(Key.STATUS)
        if status is None:
            return
        if status not in PARTY_MEMBER_STATUSES and Key.JOINED_ON in self.values:
            self._refuse(Key.JOINED_ON, f"{status.label}尚未入党", "请删去入党日期，或核对人员类别")
        if status is not MemberStatus.FULL and Key.CONVERTED_ON in self.values:
            self._refuse(Key.CONVERTED_ON, f"{status.label}没有转正日期", "请删去转正日期，或核对人员类别")


def _status(cell: RawCell | None) -> MemberStatus | None:
    """Many words are understood; the advice names those of the template."""
    try:
        return parse_choice(cell, STATUS_WORDS)
    except ValueProblem as problem:
        advice = f"请填：{'、'.join(STATUS_LABELS)}"
        raise ValueProblem(problem.value, problem.reason, advice) from None


def tidy_name(text: str) -> str:
    """A name as it is compared: “张 三” is 张三, while a name in Latin letters keeps its blanks."""
    return _HAN_GAP.sub("", one_line(text))


def one_line(text: str) -> str:
    """Text as a cell gives it back: single blanks, none outside."""
    return " ".join(text.split())


def same_day(one: date, other: date, *, rough: bool) -> bool:
    """Whether two dates agree; a rough one names its month alone."""
    return one == other if not rough else (one.year, one.month) == (other.year, other.month)


def shown(key: Key, cell: RawCell) -> str:
    """A cell as lists and files may repeat it; a number that strayed into another column is masked too."""
    if key is Key.ID_NUMBER:
        return masked_text(cell.written)
    return _LONG_NUMBER.sub(lambda found: masked_text(found[0]), cell.shown)
