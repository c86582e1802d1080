"""What a template may ask for: {{ 名称 }} for one value, {{ 列表.栏目 }} in a table row for one row each.

Nothing else is understood, so a template is a form and never a program. No Django: the child imports it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

# A value as JSON has it; days and decimals arrive as {"date": "2026-11-18"} and {"number": "1.5"}.
Plain = Any
PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)?")
_FULL_WIDTH = re.compile(r"[｛｝]{2}")
_TAG = re.compile(r"\{[%#].*?[%#]\}", re.DOTALL)
_NOT_IN_XML = re.compile("[^\\t\\n\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
EMPTY_LINE = "＿＿＿＿＿＿"


class TemplateRefused(Exception):
    """The template cannot be used; str() is the sentence for the person."""


def names_in(text: str) -> list[str]:
    """The names a text asks for, in its order. Raises TemplateRefused for what is not understood."""
    if _FULL_WIDTH.search(text):
        raise TemplateRefused(
            f"“{_short(text)}”用了全角的花括号“｛｛ ｝｝”。请改成半角的“{{{{ }}}}”后再上传。"
        )
    if tag := _TAG.search(text):
        raise TemplateRefused(
            f"“{_short(tag.group())}”不能用在模板里。"
            "请只写“{{ 名称 }}”，需要逐行重复的写“{{ 列表.栏目 }}”。"
        )
    found = [match.group(1) for match in PLACEHOLDER.finditer(text)]
    for name in found:
        if not _NAME.fullmatch(name):
            raise TemplateRefused(
                f"“{{{{ {_short(name)} }}}}”看不懂。花括号里请只写一个名称，例如“{{{{ 会议日期 }}}}”。"
            )
    if left := [part for part in PLACEHOLDER.split(text)[::2] if "{{" in part or "}}" in part]:
        raise TemplateRefused(f"“{_short(left[0])}”里的花括号没有成对，请改好后再上传。")
    return found


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 24 else f"{text[:24]}…"


def list_of(names: Iterable[str]) -> str:
    """The one list whose columns stand in a row of a table; empty when there is none.

    Raises TemplateRefused when two lists want the same row.
    """
    lists = sorted({name.partition(".")[0] for name in names if "." in name})
    if len(lists) > 1:
        raise TemplateRefused(
            f"同一行里用了两个列表（{'、'.join(f'“{name}”' for name in lists)}），请分成两行。"
        )
    return lists[0] if lists else ""


@dataclass(frozen=True)
class Filling:
    """What a template is filled with: single values by name, rows of a list by its name.

    `blank`: names that may stay empty; on paper a line stands in their place. A name that is neither given
    nor blank is collected and refused as a whole.
    """

    values: dict[str, Plain]
    lists: dict[str, list[dict[str, Plain]]]
    blank: frozenset[str]

    def rows(self, name: str) -> list[dict[str, Plain]]:
        """The rows of a list by full names (列表.栏目); one empty row when there are none."""
        return [{f"{name}.{k}": v for k, v in row.items()} for row in self.lists.get(name) or [{}]]

    def missing(self, names: Sequence[str]) -> tuple[str, ...]:
        """Of the names a template asks for, those for which nothing is there."""
        return tuple(name for name in dict.fromkeys(names) if name not in self.blank and self._lacks(name))

    def _lacks(self, name: str) -> bool:
        first, dot, column = name.partition(".")
        if not dot:
            return is_empty(self.values.get(name))
        rows = self.lists.get(first, [])
        return not rows or any(is_empty(row.get(column)) for row in rows)


def is_empty(value: Plain) -> bool:
    return value is None or value == ""


def words(value: Plain) -> str:
    """A value as it stands in a sentence; nothing is a line to write on. Ready for XML."""
    if is_empty(value):
        return EMPTY_LINE
    if isinstance(value, dict) and "date" in value:
        year, month, day = value["date"].split("-")
        return f"{int(year)}年{int(month)}月{int(day)}日"
    text = str(value["number"] if isinstance(value, dict) else value)
    return _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
