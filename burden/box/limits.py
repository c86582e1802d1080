"""The limits and the words of the channel: how much, how many, how long, which level, which outcome."""

from functools import cache
from pathlib import Path

import yaml
from django.db import models

from burden.box.sizes import (
    KEEP_MONTHS,
    LEAST_RECIPIENTS,
    RECIPIENT_PLACES,
    REPLY_LIMIT,
    REPLY_SIZE,
    SEALED_SIZE,
    SLOTS_A_WEEK,
    TEXT_LIMIT,
)

__all__ = [
    "KEEP_MONTHS",
    "LEAST_RECIPIENTS",
    "OTHER",
    "RECIPIENT_PLACES",
    "REPLY_LIMIT",
    "REPLY_SIZE",
    "SEALED_SIZE",
    "SLOTS_A_WEEK",
    "TEXT_LIMIT",
    "Level",
    "Outcome",
    "categories",
]

TYPES_FILE = Path(__file__).resolve().parent.parent / "data" / "burden_types.yaml"
OTHER = "other"


class Level(models.TextChoices):
    """Whose recipients open a letter."""

    OWN = "own", "本级"
    SUPERIOR = "superior", "上级"


class Outcome(models.TextChoices):
    ADOPTED = "adopted", "已采纳"
    EXPLAINED = "explained", "已解释"
    REFERRED = "referred", "已转办"


@cache
def categories() -> dict[str, str]:
    """Code → name of every kind of burden, 其他 last."""
    kinds = yaml.safe_load(TYPES_FILE.read_text("utf-8"))["burden_types"]
    return {kind["code"]: kind["name"] for kind in kinds} | {OTHER: "其他"}
