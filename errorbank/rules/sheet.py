"""Columns of the entries' sheet, the same out and in; no ORM."""

from collections.abc import Mapping
from dataclasses import dataclass

from errorbank.rules.vocabulary import ErrorCategory, Severity, Source

SHEET = "错题库"
BETWEEN = "；"


@dataclass(frozen=True)
class EntryColumn:
    """`most`: characters of a cell. `width` in millimetres on paper."""

    key: str
    title: str
    most: int = 200
    width: int = 40
    required: bool = False


COLUMNS = (
    EntryColumn("code", "编号", 20, 18),
    EntryColumn("category", "类别", 40, 26, required=True),
    EntryColumn("source", "来源", 40, 22, required=True),
    EntryColumn("severity", "程度", 10, 14, required=True),
    EntryColumn("problem", "问题表现", 200, 50, required=True),
    EntryColumn("why_wrong", "错在哪里", 300, 50, required=True),
    EntryColumn("wrong_example", "错误示例", 600, 60),
    EntryColumn("right_example", "正确示例", 600, 60),
    EntryColumn("measure", "整改措施", 400, 50, required=True),
    EntryColumn("recheck_method", "复查办法", 300, 40, required=True),
    EntryColumn("basis", "依据", 1000, 60),
    EntryColumn("actions", "关联事项", 300, 30),
    EntryColumn("place", "范围", 200, 30),
    EntryColumn("note", "修改说明", 200, 30),
)
BY_KEY = {column.key: column for column in COLUMNS}
LABELS: Mapping[str, Mapping[str, str]] = {
    "category": {str(label): value for value, label in ErrorCategory.choices},
    "source": {str(label): value for value, label in Source.choices},
    "severity": {str(label): value for value, label in Severity.choices},
}
