"""What a rule rests on: a document, an article, and whether the text was seen."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices

TO_VERIFY = "（待核实）"
# Bases that are no document have no title marks.
PRACTICES = frozenset({"行业、上级党委或本单位惯例", "本单位设置"})


class Verification(TextChoices):
    FULL = "full", "已核对原文和条号"
    TEXT_ONLY = "text_only", "已见条文，条号待核实"
    SECONDARY = "secondary", "见于转引，待核实"
    NONE = "none", "未见原文，待核实"
    SET = "set", "本单位自行设置"


VERIFIED = frozenset({Verification.FULL, Verification.SET})


@dataclass(frozen=True)
class Basis:
    """One document with its article; `verified` only when text and article were both seen."""

    document: str
    article: str = ""
    verified: bool = False
    note: str = ""
    verification: str = ""

    @property
    def place(self) -> str:
        """“《…》第四条”, without a word on verification; numbered parts without 条 are named as parts."""
        if self.document in PRACTICES:
            return self.document
        article = (
            self.article if not self.article or self.article.startswith("第") else f"第{self.article}部分"
        )
        return f"《{self.document}》{article}"

    @property
    def sentence(self) -> str:
        return self.place + ("" if self.verified else TO_VERIFY)


def merged_sentence(bases: Iterable[Basis]) -> str:
    """As sentence_of, but articles of one document that follow each other share its name."""
    said: list[str] = []
    before: Basis | None = None
    for basis in bases:
        same = before is not None and before.verified and basis.verified and basis.article != ""
        joins = same and before is not None and before.document == basis.document
        said.append(basis.article if joins else basis.sentence)
        before = basis
    return "、".join(said)


def sentence_of(bases: Iterable[Basis]) -> str:
    """All documents of one rule in a row."""
    return "、".join(basis.sentence for basis in bases)
