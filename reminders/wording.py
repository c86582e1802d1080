"""Leaf: how a basis, a load and a condition are said. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

Basis = Mapping[str, Any]

_ASIDE = re.compile("（[^（）]*）")
_FORMAL_START = re.compile("^《(?:关于)?(?:中国共产党)?")
# What staff ask for on their own authority; it needs no verification.
LOCAL_BASIS = "本单位要求"
# A working mechanism that a paper describes, where there is no room for the paper.
MECHANISM = "案例做法"


def local_basis(why: str) -> list[dict[str, Any]]:
    """The legal_basis of an action that a local organisation added."""
    return [{"source": "local", "document": LOCAL_BASIS, "article": None, "note": why, "verified": True}]


def basis_label(basis: Basis) -> str:
    """“《中国共产党支部工作条例（试行）》第十四条”; what is no document carries no title marks."""
    title = str(basis.get("document") or "")
    if basis.get("source") == "seed":
        # A paper is named by its title; its authors are nobody's basis.
        title = title.rpartition("：")[2]
    note = ""
    if basis.get("source") == "local":
        note = str(basis.get("note") or "")
    elif "《" not in title:
        title = f"《{title}》"
    return title + str(basis.get("article") or "") + (f"：{note}" if note else "")


def short_basis(entries: Iterable[Basis]) -> str:
    """The first basis as a ledger has room for it: “《支部工作条例》第十四条”."""
    first = next(iter(entries), None)
    if first is None:
        return ""
    if first.get("source") == "seed":
        return MECHANISM
    title = _ASIDE.sub("", basis_label(first))
    return _FORMAL_START.sub("《", title) if title.startswith("《") else title


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
