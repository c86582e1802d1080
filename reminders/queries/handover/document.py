"""The one-page sheet of a handover (工作交接单): what stands on it, cut so that it never needs a second page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from ledgers.text import display_width, wrapped_lines
from reminders.handover_rules import HandoverState, Part
from reminders.queries.handover.page import HandoverPage, LineRow, PartRows, SignatureRow

# Latin columns that fit a line of each place at the size of the style sheet; a 汉字 takes two.
TITLE_COLUMNS, REMARK_COLUMNS, FACT_COLUMNS, WIDE_COLUMNS, SIGN_COLUMNS = 32, 22, 28, 70, 24
MOST_LINES = 2
# Lines of the table the sheet has room for, and what each row adds to its text by its rules and padding.
ROOM, ROW_EXTRA = 22.0, 0.3
DIGEST_SHOWN = 16

# The matters on the sheet, the most pressing first; the other parts are counted, and shown where noted.
_RANKS = {
    part: rank
    for rank, part in enumerate(
        (Part.OPEN_ITEMS, Part.PROMISES, Part.RECRUITING, Part.FINDINGS, Part.AHEAD), start=1
    )
}
_SHORT = {
    Part.OPEN_ITEMS: "未办结",
    Part.AHEAD: "今后60天",
    Part.FINDINGS: "问题整改",
    Part.RECRUITING: "发展党员",
    Part.PROMISES: "专项工作",
    Part.BRANCH: "支部情况",
    Part.TRAPS: "易错提醒",
    Part.MATERIALS: "学习资料",
    Part.CONTACTS: "联系人",
    Part.DOCUMENTS: "文件台账",
}
_STAMPS = {HandoverState.SIGNED: "", HandoverState.CANCELLED: "已撤销"}


@dataclass(frozen=True)
class SheetRow:
    part: str
    title: str
    due: str
    remark: str

    @property
    def lines(self) -> int:
        return max(wrapped_lines(self.title, TITLE_COLUMNS), wrapped_lines(self.remark, REMARK_COLUMNS))

    @property
    def height(self) -> float:
        """In lines of text."""
        return self.lines + ROW_EXTRA


@dataclass(frozen=True)
class SheetSignature:
    label: str
    name: str
    at: str
    remark: str


@dataclass(frozen=True)
class HandoverSheet:
    """`stamp` is empty once it is signed; `left` is how many matters did not fit."""

    stamp: str
    organisation: str
    facts: tuple[tuple[str, str], ...]
    summary: str
    rows: tuple[SheetRow, ...]
    left: int
    signatures: tuple[SheetSignature, ...]
    digest: str
    printed_at: str


def handover_sheet(page: HandoverPage, *, now: datetime) -> HandoverSheet:
    """No statement: everything is on the page already."""
    matters = list(_matters(page.parts))
    rows = _fitting(matters)
    return HandoverSheet(
        stamp=_STAMPS.get(HandoverState(page.handover.state), "草稿"),
        organisation=cut(page.handover.organisation.name, WIDE_COLUMNS),
        facts=_facts(page),
        summary=_summary(page),
        rows=rows,
        left=len(matters) - len(rows),
        signatures=tuple(_signature(row) for row in page.signatures),
        digest=page.content[:DIGEST_SHOWN],
        printed_at=_moment(now),
    )


def cut(text: str, columns: int, *, lines: int = 1) -> str:
    """`text` shortened to that many lines. Every line may lose half a 汉字 at its end."""
    room = columns * lines - (lines - 1)
    text = " ".join(text.split())
    if display_width(text) <= room:
        return text
    kept, used = [], 2
    for character in text:
        used += display_width(character)
        if used > room:
            break
        kept.append(character)
    return "".join(kept).rstrip("，。；、 ") + "…"


def _matters(parts: Iterable[PartRows]) -> Iterator[SheetRow]:
    """What is still to be done and what somebody wrote about, in the order of weight."""
    found = [(part, line) for part in parts for line in part.current if _belongs(part, line)]
    for part, line in sorted(found, key=lambda pair: _order(*pair)):
        yield _row(Part(part.code), line)


def _belongs(part: PartRows, line: LineRow) -> bool:
    return part.code in _RANKS or bool(line.note or line.question)


def _order(part: PartRows, line: LineRow) -> tuple[int, date, int]:
    rank = 0 if line.tone == "late" else _RANKS.get(Part(part.code), len(_RANKS) + 1)
    return rank, line.due_on or date.max, line.pk


def _row(part: Part, line: LineRow) -> SheetRow:
    said = [line.note, f"接收人问：{line.question}" if line.question else ""]
    remark = "；".join(filter(None, said)) or line.detail
    return SheetRow(
        part=_SHORT[part],
        title=cut(line.title, TITLE_COLUMNS, lines=MOST_LINES),
        due=f"{line.due_on:%Y-%m-%d}" if line.due_on else "—",
        remark=cut(remark, REMARK_COLUMNS, lines=MOST_LINES),
    )


def _fitting(rows: Sequence[SheetRow]) -> tuple[SheetRow, ...]:
    """The first rows for which there is room; where some stay behind, a line is kept to say how many."""
    if sum(row.height for row in rows) <= ROOM:
        return tuple(rows)
    kept, used = [], 1 + ROW_EXTRA
    for row in rows:
        used += row.height
        if used > ROOM:
            break
        kept.append(row)
    return tuple(kept)


def _facts(page: HandoverPage) -> tuple[tuple[str, str], ...]:
    handover = page.handover
    over = handover.changed_hands_at
    facts = (
        ("职务", handover.get_role_display()),
        ("交接起因", handover.get_cause_display()),
        ("移交人", handover.leaver_name),
        ("接收人", page.newcomer),
        ("最后在任日", f"{handover.last_day:%Y-%m-%d}"),
        ("开始交接", f"{handover.opened_on:%Y-%m-%d}"),
        ("结对帮带", handover.mentor_name or "—"),
        ("完成交接", _moment(over) if over else "—"),
    )
    return tuple((label, cut(value, FACT_COLUMNS)) for label, value in facts)


def _summary(page: HandoverPage) -> str:
    parts = "、".join(f"{_SHORT[Part(p.code)]} {len(p.current)} 条" for p in page.parts if p.current)
    notes = sum(bool(line.note) for line in page.lines if not line.settled)
    settled = len(page.lines) - page.current
    said = [
        f"清单共 {page.current} 条" + (f"（{parts}）" if parts else ""),
        f"接收人已确认 {page.confirmed} 条",
        f"移交人说明 {notes} 条" if notes else "",
        f"接收人提出疑问 {page.questions} 条" if page.questions else "",
        f"交接期间了结 {settled} 条" if settled else "",
    ]
    return "，".join(filter(None, said)) + "。" + _outcome(page)


def _outcome(page: HandoverPage) -> str:
    if page.handover.state != HandoverState.SIGNED:
        return ""
    return f"未办结事项由{cut(page.newcomer, FACT_COLUMNS)}继续办理，已办结的仍记原办理人。"


def _signature(row: SignatureRow) -> SheetSignature:
    remark = f"代签，原因：{row.reason}" if row.in_absence else ""
    return SheetSignature(
        label=row.label,
        name=cut(row.name, SIGN_COLUMNS) if row.at else "",
        at=_moment(row.at) if row.at else "",
        remark=cut(remark, SIGN_COLUMNS, lines=MOST_LINES),
    )


def _moment(moment: datetime) -> str:
    return f"{timezone.make_naive(moment):%Y-%m-%d %H:%M}"
