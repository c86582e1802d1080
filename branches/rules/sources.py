"""The texts and figures of the rules, kept as data beside the code."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parent.parent / "data"


@cache
def source(name: str) -> dict[str, Any]:
    """One shipped file of rules, read once: “dues” is branches/data/dues.yaml."""
    found: dict[str, Any] = yaml.safe_load((DATA / f"{name}.yaml").read_text("utf-8"))
    return found
