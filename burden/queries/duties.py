"""What a part-time worker must do and may decline: settled by the organisation, or the shipped suggestion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from django.db.models import QuerySet

from accounts.models import User
from branches.models import Organisation
from burden.models import DutyVersion
from burden.rules.duties import DutyLine, by_kind
from burden.rules.measures_vocabulary import DutyKind

FILE = Path(__file__).parent.parent / "data" / "duties.yaml"


@dataclass(frozen=True)
class DutyPage:
    """The lines shown; `version` is None for the suggestion, `others` are the other versions in sight."""

    version: DutyVersion | None
    lines: Sequence[DutyLine]
    others: Sequence[DutyVersion]

    @property
    def grouped(self) -> list[tuple[DutyKind, Sequence[DutyLine]]]:
        return by_kind(self.lines)


@cache
def suggested_duties() -> Sequence[DutyLine]:
    rows = yaml.safe_load(FILE.read_text("utf-8"))["duties"]
    return tuple(
        DutyLine(
            DutyKind(row["kind"]),
            row["text"],
            row.get("decides", ""),
            row.get("basis", ""),
            bool(row.get("verified", False)),
        )
        for row in rows
    )


def versions_for(user: User, *, on: date) -> list[DutyVersion]:
    """Every standing version in sight: the nearest organisation first, its latest before the earlier ones."""
    rows = DutyVersion.objects.visible_to(user, on=on).standing().select_related("organisation", "made_by")
    return list(rows.order_by("-organisation__level", "organisation__code", "-since"))


def duty_page(user: User, *, asked: int | None, on: date) -> DutyPage | None:
    """The version asked for, else the nearest that holds today, else the suggestion.

    None: no such version. Two statements.
    """
    versions = versions_for(user, on=on)
    if asked is not None:
        chosen = next((version for version in versions if version.pk == asked), None)
        if chosen is None:
            return None
    else:
        chosen = next((version for version in versions if version.since <= on), None)
    others = [version for version in versions if version is not chosen]
    return DutyPage(chosen, lines_of(chosen) if chosen else suggested_duties(), others)


def lines_of(version: DutyVersion) -> list[DutyLine]:
    return [
        DutyLine(DutyKind(item.kind), item.text, item.decides, item.basis, item.verified)
        for item in version.items.order_by("position")
    ]


def duties_for(place: Organisation, *, on: date) -> tuple[Sequence[DutyLine], bool]:
    """What holds for an organisation, its own list or the nearest above; whether it is settled."""
    version = _holding(place).filter(since__lte=on).order_by("-organisation__level", "-since").first()
    return (lines_of(version), True) if version else (suggested_duties(), False)


def latest_of(place: Organisation) -> DutyVersion | None:
    """The latest version of exactly this organisation, also one that is still to come."""
    return DutyVersion.objects.standing().filter(organisation=place).order_by("-since").first()


def _holding(place: Organisation) -> QuerySet[DutyVersion]:
    above = [place.path[: n + 1] for n, letter in enumerate(place.path) if letter == "/"]
    return DutyVersion.objects.standing().filter(organisation__path__in=above)
