"""Hostile and broken files, each built by code, with the exact words a person reads."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Hostile:
    name: str
    build: Callable[[], bytes]
    sentence: str
    file: str = "花名册.xlsx"
