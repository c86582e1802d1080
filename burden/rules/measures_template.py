"""The shipped template of the measure list, as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from burden.rules.measures_vocabulary import Cadence, Direction, Origin

FILE = Path(__file__).parent.parent / "data" / "measures.yaml"
_TEXTS = ("code", "name", "doing", "owner", "indicator", "formula", "unit")


@dataclass(frozen=True)
class TemplateMeasure:
    """One of the twenty; the names are those of MeasureEntry."""

    code: str
    name: str
    doing: str
    owner: str
    indicator: str
    formula: str
    unit: str
    direction: Direction
    baseline: Decimal
    target: Decimal
    month_day: str
    cadence: Cadence
    origin: Origin
    basis: tuple[dict[str, Any], ...]

    @property
    def adopted(self) -> bool:
        """A proposal waits until somebody takes it up."""
        return self.origin == Origin.CASE

    def columns(self, year: int) -> dict[str, Any]:
        """As columns of MeasureEntry for the list of a year."""
        texts = {name: getattr(self, name) for name in _TEXTS if name != "code"}
        return {
            **texts,
            "direction": self.direction,
            "baseline": self.baseline,
            "target": self.target,
            "deadline": date.fromisoformat(f"{year}-{self.month_day}"),
            "cadence": self.cadence,
            "origin": self.origin,
            "adopted": self.adopted,
            "basis": list(self.basis),
        }


@cache
def template_measures() -> Sequence[TemplateMeasure]:
    """In the order of the file."""
    content = yaml.safe_load(FILE.read_text("utf-8"))
    return tuple(_read(row, content["bases"]) for row in content["measures"])


def _read(row: dict[str, Any], bases: dict[str, dict[str, Any]]) -> TemplateMeasure:
    return TemplateMeasure(
        **{name: row[name] for name in _TEXTS},
        direction=Direction(row["direction"]),
        baseline=Decimal(str(row["baseline"])),
        target=Decimal(str(row["target"])),
        month_day=row["deadline"],
        cadence=Cadence(row["cadence"]),
        origin=Origin(row["origin"]),
        basis=tuple(bases[name] for name in row["basis"]),
    )
