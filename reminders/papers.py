"""What a form about a handover can be filled with; and where what a meeting lacks is registered."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from branches.access import may
from ledgers.ledger import Value
from papers.queries import FILL, every_word
from papers.source import (
    CHOICES,
    Choice,
    Field,
    ListField,
    PaperSource,
    PaperValues,
    register,
    register_place,
)
from records.rules import ATTENDED_KINDS
from reminders.handover_rules import LINE_BY_LINE_PARTS, Capacity, HandoverState, LineState, Part
from reminders.models import Handover, HandoverLine, ReminderItem
from reminders.queries.handover import handover_url

NOTHING = "—"
SEARCHED = ("organisation__name", "leaver_name", "newcomer_name", "last_day")
FIELDS = (
    Field("组织名称", "第一党支部"),
    Field("职务", "党务工作者"),
    Field("移交人", "王小梅"),
    Field("接收人", "赵强"),
    Field("监交人", "段晓红", "签字的监交人"),
    Field("结对帮带", "冯立群", "没有安排时填“无”"),
    Field("交接原因", "退休"),
    Field("最后在任日", date(2026, 11, 30), "移交人最后在任的一天"),
    Field("核对日期", date(2026, 11, 20), "移交人核对清单"),
    Field("确认日期", date(2026, 11, 24), "接收人确认清单"),
    Field("移交人签字日期", date(2026, 11, 26)),
    Field("接收人签字日期", date(2026, 11, 26)),
    Field("监交人签字日期", date(2026, 11, 27)),
    Field("事项数", 24, "清单的条数"),
)
LISTS = (
    ListField(
        "交接事项",
        (
            Field("部分", "未办结事项"),
            Field("事项", "党费收缴情况公示"),
            Field("截止", date(2026, 12, 5), "没有期限的填“—”"),
            Field("说明", "公示栏钥匙在值班室", "清单上的说明和移交人的说明"),
        ),
        "接收人要继续办理的，按清单的顺序；交接期间已经了结的不列，没有的填一行“无”",
    ),
    ListField(
        "交接资料",
        (
            Field("部分", "联系人"),
            Field("事项", "书记：刘建国"),
            Field("说明", "第一党支部"),
        ),
        "支部情况、易错提醒、学习资料、联系人和文件台账，没有的填一行“无”",
    ),
)
_SIGNED = {
    Capacity.LEAVER: "移交人签字日期",
    Capacity.NEWCOMER: "接收人签字日期",
    Capacity.WITNESS: "监交人签字日期",
}


def handover_choices(user: User, search: str, on: date) -> Sequence[Choice]:
    """The last handovers; one statement."""
    mine = Handover.objects.visible_to(user, on=on).exclude(state=HandoverState.CANCELLED)
    found = (
        mine.filter(every_word(search, *SEARCHED)).select_related("organisation").order_by("-last_day", "-pk")
    )
    return [Choice(row.pk, _title(row), row.organisation.name) for row in found[:CHOICES]]


def _title(handover: Handover) -> str:
    names = " → ".join(name for name in (handover.leaver_name, handover.newcomer_name) if name)
    return f"{handover.last_day:%Y-%m-%d}　{names}（{handover.get_role_display()}）"


def handover_values(user: User, pk: int, on: date) -> PaperValues | None:
    """Three statements, whatever the number of lines."""
    mine = Handover.objects.visible_to(user, on=on).exclude(state=HandoverState.CANCELLED)
    handover = mine.select_related("organisation").prefetch_related("signatures").filter(pk=pk).first()
    if handover is None:
        return None
    lines = list(handover.lines.filter(state=LineState.CURRENT).order_by("position", "pk"))
    in_order = sorted(lines, key=lambda line: list(Part).index(Part(line.part)))
    return PaperValues(
        title=_title(handover),
        organisation=handover.organisation.name,
        day=handover.last_day,
        values={**_values(handover, len(lines)), **_signatures(handover)},
        lists={
            "交接事项": _rows(line for line in in_order if line.part in LINE_BY_LINE_PARTS),
            "交接资料": _rows(line for line in in_order if line.part not in LINE_BY_LINE_PARTS),
        },
    )


def _values(handover: Handover, lines: int) -> dict[str, Value]:
    return {
        "组织名称": handover.organisation.name,
        "职务": handover.get_role_display(),
        "移交人": handover.leaver_name,
        "接收人": handover.newcomer_name,
        "结对帮带": handover.mentor_name or "无",
        "交接原因": handover.get_cause_display(),
        "最后在任日": handover.last_day,
        "核对日期": _day(handover.checked_at),
        "确认日期": _day(handover.confirmed_at),
        "事项数": lines,
    }


def _signatures(handover: Handover) -> dict[str, Value]:
    signed = {signature.capacity: signature for signature in handover.signatures.all()}
    witness = signed.get(Capacity.WITNESS)
    days: dict[str, Value] = {
        name: _day(signed[capacity].signed_at) if capacity in signed else None
        for capacity, name in _SIGNED.items()
    }
    return {**days, "监交人": witness.name if witness else ""}


def _day(moment: datetime | None) -> date | None:
    return timezone.localtime(moment).date() if moment else None


def _rows(lines: Iterable[HandoverLine]) -> list[dict[str, Value]]:
    nothing: dict[str, Value] = {"部分": NOTHING, "事项": "无", "截止": NOTHING, "说明": NOTHING}
    return [_line(line) for line in lines] or [nothing]


def _line(line: HandoverLine) -> dict[str, Value]:
    remark = "；".join(part for part in (line.detail, line.note) if part)
    return {
        "部分": line.get_part_display(),
        "事项": line.title,
        "截止": line.due_on or NOTHING,
        "说明": remark or NOTHING,
    }


def may_fill_meeting(item: ReminderItem, user: User, *, on: date) -> bool:
    """Whether the record of this item can be put into a form by this person; no statement of its own."""
    attended = item.record is not None and item.record.kind in ATTENDED_KINDS
    return attended and may(user, FILL, on=on)


def meeting_place(record: int) -> str:
    """The page of an item that this meeting settled."""
    items = ReminderItem.objects.filter(record=record).order_by("pk")
    item = items.values_list("pk", flat=True).first()
    return reverse("reminders:item_detail", args=[item]) if item else ""


HANDOVER = register(
    PaperSource(
        code="handover",
        title="工作交接",
        description="从您能查看的工作交接中选一份，把双方、日期和交接事项填进表格。",
        permission="reminders.view_handover",
        fields=FIELDS,
        lists=LISTS,
        choices=handover_choices,
        values=handover_values,
        measure="份交接",
    )
)
register_place("meeting", meeting_place)
register_place(HANDOVER.code, handover_url)
