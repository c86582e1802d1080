"""A basis as one line of text and back, for forms and sheets."""

from collections.abc import Mapping
from typing import Any

_PARTS = ("document", "article", "note")


def basis_line(basis: Mapping[str, Any]) -> str:
    """“文件 | 条款 | 说明”, without what is empty behind."""
    parts = [str(basis.get(name, "")).replace("|", "｜") for name in _PARTS]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return " ".join(" | ".join(parts).split())


def read_basis(line: str) -> dict[str, Any]:
    """Nobody has seen what is typed here in its source yet."""
    parts = [part.strip() for part in line.replace("｜", "|").split("|", 2)]
    found = {name: part for name, part in zip(_PARTS, parts, strict=False) if part}
    return {"document": "", **found, "verified": False}
