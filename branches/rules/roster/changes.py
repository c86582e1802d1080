"""Plain facts of a person that a row says differently."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from branches.rules.id_numbers import is_masked, masked
from branches.rules.roster.columns import TITLES, Key
from branches.rules.roster.match import number_differs
from branches.rules.roster.people import Person
from branches.rules.roster.rows import RosterRow, one_line, same_day, tidy_name

TEXTS = (Key.CODE, Key.NAME, Key.HOME_DEPARTMENT)
DATES = (Key.BIRTH_ON, Key.JOINED_ON)


class RowRefused(Exception):
    """The row cannot be taken: which column, why, and what to do."""

    def __init__(self, key: Key, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.key, self.reason, self.advice = key, reason, advice


@dataclass(frozen=True)
class Change:
    """One difference as it is shown; id numbers are masked."""

    title: str
    before: str
    after: str


def changed_fields(row: RosterRow, person: Person) -> tuple[dict[str, Any], tuple[Change, ...]]:
    """What differs, as values and as words. An empty cell says nothing and changes nothing."""
    fields = {**_texts(row, person), **_days(row, person), **_assigned(row, person), **_number(row, person)}
    _refuse_joined(fields, person)
    before = vars(person)
    return fields, tuple(_change(name, before[name], value) for name, value in fields.items())


def new_fields(row: RosterRow) -> dict[str, Any]:
    """Every value of a new person; `id_number` in full or empty."""
    if is_masked(row.text(Key.ID_NUMBER)):
        advice = "新登记的人员请填写完整的 18 位号码，或不填"
        raise RowRefused(Key.ID_NUMBER, "只有隐去中间数字的号码", advice)
    return {
        "code": row.text(Key.CODE),
        "name": row.text(Key.NAME),
        "id_number": row.id_number,
        "birth_on": row.day(Key.BIRTH_ON),
        "joined_on": row.day(Key.JOINED_ON),
        "home_department": row.text(Key.HOME_DEPARTMENT),
        "assigned": bool(row.values.get(Key.ASSIGNED)),
    }


def words(value: Any) -> str:
    """A value as the list of changes shows it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value or "空")


def _change(name: str, before: Any, after: Any) -> Change:
    if name == "id_number":
        before, after = (masked(text) if text else "" for text in (before, after))
    return Change(TITLES[Key(name)], words(before), words(after))


def _texts(row: RosterRow, person: Person) -> Mapping[str, str]:
    given = {key: row.text(key) for key in TEXTS}
    now = {
        Key.CODE: one_line(person.code),
        Key.NAME: tidy_name(person.name),
        Key.HOME_DEPARTMENT: one_line(person.home_department),
    }
    return {key.value: text for key, text in given.items() if text and text != now[key]}


def _days(row: RosterRow, person: Person) -> Mapping[str, date]:
    now = {Key.BIRTH_ON: person.birth_on, Key.JOINED_ON: person.joined_on}
    return {key.value: day for key in DATES if (day := row.day(key)) and _differs(row, key, now[key])}


def _differs(row: RosterRow, key: Key, now: date | None) -> bool:
    given = row.day(key)
    return given is not None and (now is None or not same_day(now, given, rough=key in row.rough))


def _assigned(row: RosterRow, person: Person) -> Mapping[str, bool]:
    given = row.values.get(Key.ASSIGNED)
    return {} if given in (None, person.assigned) else {Key.ASSIGNED.value: bool(given)}


def _number(row: RosterRow, person: Person) -> Mapping[str, str]:
    """A masked number that is the known one's mask is the known one; any other mask is an error."""
    given = row.text(Key.ID_NUMBER)
    if is_masked(given):
        if not person.id_number or number_differs(row, person):
            raise RowRefused(
                Key.ID_NUMBER, "隐去中间数字的号码与登记的不一致", "请填写完整的 18 位号码，或不填"
            )
        return {}
    return {} if given in ("", person.id_number) else {Key.ID_NUMBER.value: given}


def _refuse_joined(fields: Mapping[str, Any], person: Person) -> None:
    """A birth date that is known bounds the day of joining, and the other way round."""
    born = fields.get(Key.BIRTH_ON, person.birth_on)
    joined = fields.get(Key.JOINED_ON, person.joined_on)
    if fields and born and joined and joined <= born:
        key = Key.JOINED_ON if Key.JOINED_ON in fields else Key.BIRTH_ON
        raise RowRefused(key, f"出生日期 {born} 不早于入党日期 {joined}", "请核对这两个日期")
    inside = _birth_in(fields.get(Key.ID_NUMBER) or person.id_number)
    if inside and born and inside != born and Key.BIRTH_ON in fields:
        raise RowRefused(Key.BIRTH_ON, f"与身份证号中的 {inside} 不一致", "请对照证件核对这两列")


def _birth_in(number: str) -> date | None:
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14])) if number else None
