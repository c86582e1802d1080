"""Leaf: which columns hold what is sealed, collected from every app's sealed_rows.py.

An app that seals something lists it there, as it lists its permissions in permissions.py. So the one
rotation of keys reaches the floors above this one without knowing them, and nothing stays behind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import apps
from django.db import models


@dataclass(frozen=True)
class SealedColumn:
    """digest: the column that finds the same text again, where there is one."""

    name: str
    purpose: str
    digest: str = ""


@dataclass(frozen=True)
class SealedRows:
    """code: in the audit log. label and unit: how the command counts them ("身份证号" 3 "个").

    counted: whether anybody may hear how many there are.
    """

    code: str
    label: str
    unit: str
    model: type[models.Model]
    columns: tuple[SealedColumn, ...]
    counted: bool = True

    @property
    def fields(self) -> list[str]:
        return [name for column in self.columns for name in (column.name, column.digest) if name]


def all_sealed_rows() -> Iterator[SealedRows]:
    """In the order of the floors, from the ground up."""
    for module in _modules():
        yield from module.ROWS


def seal_files_anew() -> None:
    """What apps keep sealed beside the database: their `seal_files_anew()`. Raises SealRefused."""
    for module in _modules():
        getattr(module, "seal_files_anew", _nothing)()


def reasons_to_keep() -> list[str]:
    """Sentences of apps that still need older keys: their `reason_to_keep()`, empty without one."""
    reasons = (getattr(module, "reason_to_keep", str)() for module in _modules())
    return [reason for reason in reasons if reason]


def _nothing() -> None:
    return None


def _modules() -> Iterator[ModuleType]:
    for config in reversed(list(apps.get_app_configs())):
        name = f"{config.name}.sealed_rows"
        if find_spec(name) is not None:
            yield import_module(name)
