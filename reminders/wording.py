"""Leaf: how a basis, a load and a condition are said. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

Basis = Mapping[str, Any]

# What staff ask for on their own authority; it needs no verification.
LOCAL_BASIS = "本单位要求"


def local_basis(why: str) -> list[dict[str, Any]]:
    """The legal_basis of an action that a local organisation added."""
    return [{"source": "local", "document": LOCAL_BASIS, "article": None, "note": why, "verified": True}]


def basis_label(basis: Basis) -> str:
    """“《中国共产党支部工作条例（试行）》第十四条”; what is no document carries no title marks."""
    document, article = str(basis.get("document") or ""), str(basis.get("article") or "")
    title = document if basis.get("source") in ("local", "seed") or "《" in document else f"《{document}》"
    note = str(basis.get("note") or "") if basis.get("source") == "local" else ""
    return title + article + (f"：{note}" if note else "")


def basis_line(entries: Iterable[Basis]) -> str:
    """The first basis in words, with the further articles of the same document."""
    found = list(entries)
    if not found:
        return ""
    same = [b for b in found[1:] if b.get("document") == found[0].get("document") and b.get("article")]
    articles = [article for b in same if (article := str(b["article"])) != found[0].get("article")]
    return "、".join([basis_label(found[0]), *dict.fromkeys(articles)])


def hours_label(minutes: int) -> str:
    """“26 小时”, “1.5 小时”, “40 分钟”."""
    if minutes < 60:
        return f"{minutes} 分钟"
    return f"{minutes / 60:.1f}".removesuffix(".0") + " 小时"
