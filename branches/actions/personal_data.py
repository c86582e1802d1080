"""Writes on sealed personal data: setting an id number, showing it in full, rotating the keys."""

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from accounts.models import User
from audit import actions as audit
from branches.actions.once import refused_when_taken
from branches.models import Member
from branches.rules import Refusal
from branches.rules.id_numbers import masked, normalised, parse_id_number
from branches.sealed import (
    digest,
    digests,
    is_current,
    open_bytes,
    open_sealed,
    seal,
    seal_bytes,
)
from branches.sealed_columns import SealedColumn, SealedRows

BATCH = 500


class IdNumberTaken(Refusal):
    """Another person has this number."""

    def __init__(self) -> None:
        super().__init__("这个身份证号已登记在另一人名下，请核对。")


class BirthDayDiffers(Refusal):
    """The birth date given is not the one in the number."""

    def __init__(self, inside: date) -> None:
        super().__init__(f"出生日期与身份证号中的 {inside:%Y-%m-%d} 不一致，请核对。")


class BirthAfterJoining(Refusal):
    """A birth date no member of the Party can have."""

    def __init__(self) -> None:
        super().__init__("出生日期应早于入党日期，也不晚于今天，请核对。")


class NoIdNumber(Refusal):
    """There is no number to show."""

    def __init__(self) -> None:
        super().__init__("这位同志没有登记身份证号。")


@dataclass(frozen=True)
class Personal:
    """Birth date and id number as they are typed; the number in full, masked or empty."""

    birth_on: date | None = None
    id_number: str = ""


@dataclass(frozen=True)
class Rotated:
    """What one batch did; `last` is the primary key to go on from, None at the end."""

    changed: int
    kept: int
    last: Any


def personal_columns(personal: Personal, member: Member | None, *, on: date) -> dict[str, Any]:
    """The columns of a person for what was typed; of the number only where it is another one.

    The mask of the known number stands for that number. Raises IdNumberError, BirthDayDiffers,
    IdNumberTaken, SealRefused.
    """
    known, typed = (id_number_of(member) if member else ""), normalised(personal.id_number)
    if known and typed == masked(known):
        typed = known
    number = parse_id_number(typed, on=on) if typed else None
    born = personal.birth_on
    if number and born not in (None, number.birth_on):
        raise BirthDayDiffers(number.birth_on)
    columns: dict[str, Any] = {"birth_on": number.birth_on if number else born}
    if typed != known:
        columns |= number_columns(typed)
        _refuse_taken(typed, member)
    return columns


def keep_personal(member: Member, personal: Personal, *, on: date) -> list[str]:
    """Write what differs; returns the names of the facts, never the values.

    Raises IdNumberError, BirthDayDiffers, BirthAfterJoining, IdNumberTaken, SealRefused.
    """
    columns = personal_columns(personal, member, on=on)
    born = columns["birth_on"]
    if born and (born > on or (member.joined_on and member.joined_on <= born)):
        raise BirthAfterJoining
    differing = {name: value for name, value in columns.items() if getattr(member, name) != value}
    if differing:
        with refused_when_taken(IdNumberTaken()):
            Member.objects.filter(pk=member.pk).update(**differing)
    return sorted(name.removesuffix("_sealed") for name in differing if not name.endswith("_digest"))


def number_columns(number: str) -> dict[str, Any]:
    """How a valid number stands in the table; an empty one leaves nothing behind."""
    return {
        "id_number_sealed": seal(number) if number else None,
        "id_number_digest": digest(number) if number else None,
    }


def _refuse_taken(number: str, member: Member | None) -> None:
    others = Member.objects.filter(id_number_digest__in=digests(number))
    if number and others.exclude(pk=member.pk if member else 0).exists():
        raise IdNumberTaken


def id_number_of(member: Member) -> str:
    """The number in full, or nothing. Raises SealRefused. Never for a log, a list or a file."""
    return open_sealed(member.id_number_sealed) if member.id_number_sealed else ""


@transaction.atomic
def reveal_id_number(member: Member, *, by: User) -> str:
    """The number in full; who saw it, and when, is written down. Raises NoIdNumber, SealRefused."""
    number = id_number_of(member)
    if not number:
        raise NoIdNumber
    audit.record("branches.id_number_revealed", by=by, target=member)
    return number


@transaction.atomic
def rotate_batch(rows: SealedRows, *, after: Any = None) -> Rotated:
    """Seal one batch of rows with today's key, with their digests; one transaction. Raises SealRefused.

    `after`: the primary key of the last row before it; None begins.
    """
    manager = rows.model._default_manager
    sealed = reduce(or_, (Q(**{f"{column.name}__isnull": False}) for column in rows.columns))
    waiting: models.QuerySet[Any] = manager.filter(sealed)
    if after is not None:
        waiting = waiting.filter(pk__gt=after)
    batch = list(waiting.select_for_update().order_by("pk")[:BATCH])
    old = [row for row in batch if any(_is_old(row, column) for column in rows.columns)]
    for row in old:
        for column in rows.columns:
            _seal_anew(row, column)
    manager.bulk_update(old, rows.fields)
    return Rotated(len(old), len(batch) - len(old), batch[-1].pk if len(batch) == BATCH else None)


def _is_old(row: models.Model, column: SealedColumn) -> bool:
    token = getattr(row, column.name)
    return token is not None and not is_current(token)


def _seal_anew(row: models.Model, column: SealedColumn) -> None:
    token = getattr(row, column.name)
    if token is None:
        return
    content = open_bytes(token, purpose=column.purpose)
    setattr(row, column.name, seal_bytes(content, purpose=column.purpose))
    if column.digest:
        setattr(row, column.digest, digest(content.decode(), purpose=column.purpose))


def write_down_rotation(counts: dict[str, int], *, by: User | None) -> None:
    audit.record("branches.personal_data_rotated", by=by, detail=counts)
